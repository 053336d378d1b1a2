#include "services/dispute/opening_facts.h"

#include <algorithm>
#include <set>
#include <vector>

#include "common/server/registry_client.h"
#include "common/status/status.h"

namespace idea::dispute {
namespace {

using registry::v1::Entity;
using status::Error;
using status::Reason;

// Whether the BUCP is a draft that was neither sent nor shared, which only its recipients see.
bool IsUnsharedDraft(const drafting::v1::Bucp& bucp) {
  const bool unsent = bucp.state() == drafting::v1::STATE_DRAFT ||
                      bucp.state() == drafting::v1::STATE_WITHDRAWN ||
                      bucp.state() == drafting::v1::STATE_NOT_APPROVED;
  return unsent && !bucp.has_send_time() && bucp.first_shown_revision() == 0;
}

}  // namespace

absl::StatusOr<drafting::v1::Bucp> FetchBucp(const rpc::PeerClient& peers, const rpc::Context& context,
                                             const std::string& bucp, const std::string& entity) {
  drafting::v1::GetBucpRequest request;
  request.set_name(bucp);
  drafting::v1::GetBucpResponse found;
  const absl::Status answer = peers.Send(context, request, &found);
  const bool there = status::ReasonOf(answer) != Reason::ERROR_REASON_NOT_FOUND;
  if (there) RETURN_IF_ERROR(answer);
  const drafting::v1::Content& content = found.bucp().content();
  const std::vector<std::string> parties =
      IsUnsharedDraft(found.bucp())
          ? std::vector<std::string>(content.recipients().begin(), content.recipients().end())
          : PartiesOf(content);
  const bool theirs = entity.empty() || std::find(parties.begin(), parties.end(), entity) != parties.end();
  if (there && theirs) return found.bucp();
  return Error(Reason::ERROR_REASON_NOT_FOUND, "the BUCP does not exist, or the caller is not a party to it")
      .With("name", bucp);
}

absl::StatusOr<OpeningFacts> GatherOpeningFacts(const rpc::PeerClient& peers, const rpc::Context& context,
                                                const Offices& offices, const std::string& bucp,
                                                const std::string& entity, clock::Micros now) {
  OpeningFacts facts;
  const server::RegistryClient registry(peers, context);
  ASSIGN_OR_RETURN(facts.bucp, FetchBucp(peers, context, bucp, entity));
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
