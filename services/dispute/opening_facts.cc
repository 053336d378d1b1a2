#include "services/dispute/opening_facts.h"

#include <algorithm>
#include <set>

#include "common/ids/ids.h"
#include "common/server/registry_client.h"
#include "common/status/status.h"
#include "idea/review/v1/part.pb.h"

namespace idea::dispute {
namespace {

using registry::v1::Entity;
using status::Error;
using status::Reason;

// A draft that was neither sent nor shared.
bool IsRecipientsAlone(const drafting::v1::Bucp& bucp) {
  const bool unsent = bucp.state() == drafting::v1::STATE_DRAFT ||
                      bucp.state() == drafting::v1::STATE_WITHDRAWN ||
                      bucp.state() == drafting::v1::STATE_NOT_APPROVED;
  return unsent && !bucp.has_send_time() && bucp.first_shown_revision() == 0;
}

}  // namespace

std::string AgencyOf(const Entity& party) { return party.parent().empty() ? party.name() : party.parent(); }

absl::StatusOr<drafting::v1::Bucp> AskBucp(const rpc::PeerClient& peers, const rpc::Context& context,
                                           const std::string& bucp, const std::string& entity) {
  drafting::v1::GetBucpRequest request;
  request.set_name(bucp);
  drafting::v1::GetBucpResponse found;
  const absl::Status answer = peers.Send(context, request, &found);
  const bool there = status::ReasonOf(answer) != Reason::ERROR_REASON_NOT_FOUND;
  if (there) RETURN_IF_ERROR(answer);
  const drafting::v1::Content& content = found.bucp().content();
  const std::vector<std::string> parties =
      IsRecipientsAlone(found.bucp())
          ? std::vector<std::string>(content.recipients().begin(), content.recipients().end())
          : PartiesOf(content);
  const bool theirs = entity.empty() || std::find(parties.begin(), parties.end(), entity) != parties.end();
  if (there && theirs) return found.bucp();
  return Error(Reason::ERROR_REASON_NOT_FOUND, "there is no such BUCP of the caller's").With("name", bucp);
}

absl::Status ClaimPart(const rpc::PeerClient& peers, rpc::Call& call, const std::string& bucp,
                       const std::string& act) {
  review::v1::ClaimPartRequest request;
  request.set_bucp(bucp);
  request.set_entity(call.caller().entity);
  request.set_person(call.caller().person);
  request.set_act(act);
  request.set_request_id(ids::NewUuid());
  review::v1::ClaimPartResponse claimed;
  RETURN_IF_ERROR(peers.Send(call.context(), request, &claimed));
  review::v1::ReleasePartRequest release;
  release.set_bucp(bucp);
  release.set_person(call.caller().person);
  release.set_act(act);
  release.set_request_id(ids::NewUuid());
  // Where review does not hear of it, the claim stands until the same request is sent again.
  call.OnRefusal([peers, context = call.context(), release] {
    review::v1::ReleasePartResponse released;
    peers.Send(context, release, &released).IgnoreError();
  });
  return absl::OkStatus();
}

absl::StatusOr<OpeningFacts> AskOpeningFacts(const rpc::PeerClient& peers, const rpc::Context& context,
                                             const Offices& offices, const std::string& bucp,
                                             const std::string& entity, clock::Micros now) {
  OpeningFacts facts;
  const server::RegistryClient registry(peers, context);
  ASSIGN_OR_RETURN(facts.bucp, AskBucp(peers, context, bucp, entity));
  std::set<std::string> concerned = {offices.cdo, offices.governor};
  for (const std::string& party : PartiesOf(facts.bucp.content())) {
    ASSIGN_OR_RETURN(std::optional<Entity> found, registry.FindEntity(party));
    Entity known = std::move(found).value_or(Entity());
    known.set_name(party);
    concerned.insert({party, AgencyOf(known)});
    facts.parties[party] = known;
  }
  for (const std::string& name : concerned) {
    ASSIGN_OR_RETURN(facts.contacts[name], registry.ListContacts(name));
    ASSIGN_OR_RETURN(auto& delegations = facts.delegations[name], registry.ListDelegations(name));
    std::erase_if(delegations, [&](const registry::v1::Delegation& delegation) {
      return now < clock::FromProto(delegation.start_time()) ||
             clock::FromProto(delegation.end_time()) <= now;
    });
  }
  return facts;
}

}  // namespace idea::dispute
