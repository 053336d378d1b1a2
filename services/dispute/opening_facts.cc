#include "services/dispute/opening_facts.h"

#include <algorithm>
#include <set>

#include "common/ids/ids.h"
#include "common/status/status.h"
#include "idea/review/v1/part.pb.h"

namespace idea::dispute {
namespace {

using registry::v1::Entity;
using status::Error;
using status::Reason;

// An entity as the registry knows it; only its name if it does not.
absl::StatusOr<Entity> AskEntity(const Ask& ask, const rpc::Context& context, const std::string& name) {
  registry::v1::GetEntityRequest request;
  request.set_name(name);
  registry::v1::GetEntityResponse response;
  const absl::Status answer = ask("registry", context, request, &response);
  if (status::ReasonOf(answer) != Reason::ERROR_REASON_NOT_FOUND) RETURN_IF_ERROR(answer);
  response.mutable_entity()->set_name(name);
  return response.entity();
}

// What a list method of the registry has of an entity, page by page; nothing if the registry does not know
// it.
template <class Response, class Item, class Request>
absl::StatusOr<std::vector<Item>> AskAll(const Ask& ask, const rpc::Context& context, Request request,
                                         const std::string& entity,
                                         const google::protobuf::RepeatedPtrField<Item>& (Response::*items)()
                                             const) {
  std::vector<Item> all;
  request.set_parent(entity);
  request.set_page_size(1000);
  do {
    Response page;
    const absl::Status answer = ask("registry", context, request, &page);
    if (status::ReasonOf(answer) == Reason::ERROR_REASON_NOT_FOUND) break;
    RETURN_IF_ERROR(answer);
    all.insert(all.end(), (page.*items)().begin(), (page.*items)().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return all;
}

// A draft that was neither sent nor shared.
bool IsRecipientsAlone(const drafting::v1::Bucp& bucp) {
  const bool unsent = bucp.state() == drafting::v1::STATE_DRAFT ||
                      bucp.state() == drafting::v1::STATE_WITHDRAWN ||
                      bucp.state() == drafting::v1::STATE_NOT_APPROVED;
  return unsent && !bucp.has_send_time() && bucp.first_shown_revision() == 0;
}

}  // namespace

std::string AgencyOf(const Entity& party) { return party.parent().empty() ? party.name() : party.parent(); }

absl::StatusOr<drafting::v1::Bucp> AskBucp(const Ask& ask, const rpc::Context& context,
                                           const std::string& bucp, const std::string& entity) {
  drafting::v1::GetBucpRequest request;
  request.set_name(bucp);
  drafting::v1::GetBucpResponse found;
  const absl::Status answer = ask("drafting", context, request, &found);
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

absl::Status ClaimPart(const Ask& ask, rpc::Call& call, const std::string& bucp, const std::string& act) {
  review::v1::ClaimPartRequest request;
  request.set_bucp(bucp);
  request.set_entity(call.caller().entity);
  request.set_person(call.caller().person);
  request.set_act(act);
  request.set_request_id(ids::NewUuid());
  review::v1::ClaimPartResponse claimed;
  RETURN_IF_ERROR(ask("review", call.context(), request, &claimed));
  review::v1::ReleasePartRequest release;
  release.set_bucp(bucp);
  release.set_person(call.caller().person);
  release.set_act(act);
  release.set_request_id(ids::NewUuid());
  // Where review does not hear of it, the claim stands until the same request is sent again.
  call.OnRefusal([ask, context = call.context(), release] {
    review::v1::ReleasePartResponse released;
    ask("review", context, release, &released).IgnoreError();
  });
  return absl::OkStatus();
}

absl::StatusOr<OpeningFacts> AskOpeningFacts(const Ask& ask, const rpc::Context& context,
                                             const Offices& offices, const std::string& bucp,
                                             const std::string& entity, clock::Micros now) {
  OpeningFacts facts;
  ASSIGN_OR_RETURN(facts.bucp, AskBucp(ask, context, bucp, entity));
  std::set<std::string> concerned = {offices.cdo, offices.governor};
  for (const std::string& party : PartiesOf(facts.bucp.content())) {
    ASSIGN_OR_RETURN(const Entity known, AskEntity(ask, context, party));
    concerned.insert({party, AgencyOf(known)});
    facts.parties[party] = known;
  }
  for (const std::string& name : concerned) {
    ASSIGN_OR_RETURN(facts.contacts[name], AskAll(ask, context, registry::v1::ListContactsRequest(), name,
                                                  &registry::v1::ListContactsResponse::contacts));
    ASSIGN_OR_RETURN(auto& delegations = facts.delegations[name],
                     AskAll(ask, context, registry::v1::ListDelegationsRequest(), name,
                            &registry::v1::ListDelegationsResponse::delegations));
    std::erase_if(delegations, [&](const registry::v1::Delegation& delegation) {
      return now < clock::FromProto(delegation.start_time()) ||
             clock::FromProto(delegation.end_time()) <= now;
    });
  }
  return facts;
}

}  // namespace idea::dispute
