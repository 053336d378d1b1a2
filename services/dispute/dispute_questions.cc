#include "services/dispute/dispute_questions.h"

#include <algorithm>
#include <vector>

#include "common/status/status.h"
#include "services/dispute/dispute_parts.h"

namespace idea::dispute {
namespace {

using status::Error;
using status::Reason;

std::vector<std::string> PartiesOf(const drafting::v1::Bucp& bucp) {
  std::vector<std::string> parties(bucp.content().recipients().begin(), bucp.content().recipients().end());
  for (const std::string& provider : bucp.content().providers()) {
    if (std::find(parties.begin(), parties.end(), provider) == parties.end()) parties.push_back(provider);
  }
  return parties;
}

// An entity as the registry knows it; only its name if it does not.
absl::StatusOr<registry::v1::Entity> AskEntity(const Ask& ask, const rpc::Context& context,
                                               const std::string& name) {
  registry::v1::GetEntityRequest request;
  request.set_name(name);
  registry::v1::GetEntityResponse response;
  const absl::Status answer = ask("registry", context, request, &response);
  if (status::ReasonOf(answer) != Reason::ERROR_REASON_NOT_FOUND) RETURN_IF_ERROR(answer);
  response.mutable_entity()->set_name(name);
  return response.entity();
}

}  // namespace

absl::StatusOr<OpeningFacts> AskOpeningFacts(const Ask& ask, const rpc::Context& context,
                                             const std::string& bucp, const std::string& entity) {
  OpeningFacts facts;
  drafting::v1::GetBucpRequest ask_bucp;
  ask_bucp.set_name(bucp);
  drafting::v1::GetBucpResponse found;
  const absl::Status answer = ask("drafting", context, ask_bucp, &found);
  if (status::ReasonOf(answer) != Reason::ERROR_REASON_NOT_FOUND) RETURN_IF_ERROR(answer);
  if (answer.ok()) facts.bucp = std::move(*found.mutable_bucp());
  const std::vector<std::string> parties = PartiesOf(facts.bucp);
  if (std::find(parties.begin(), parties.end(), entity) == parties.end()) {
    return Error(Reason::ERROR_REASON_NOT_FOUND, "there is no such BUCP of the caller's").With("name", bucp);
  }
  for (const std::string& party : parties) {
    ASSIGN_OR_RETURN(facts.parties[party], AskEntity(ask, context, party));
  }
  return facts;
}

bool CanBeHeld(const drafting::v1::Bucp& bucp) {
  const bool held = bucp.state() == drafting::v1::STATE_DISPUTED;
  const drafting::v1::State state = held ? bucp.held_from() : bucp.state();
  return state == drafting::v1::STATE_SENT || state == drafting::v1::STATE_IN_REVIEW ||
         state == drafting::v1::STATE_SIGNING;
}

absl::StatusOr<v1::Track> TrackOf(const OpeningFacts& facts) {
  std::string unknown;
  for (const std::string& party : PartiesOf(facts.bucp)) {
    const registry::v1::GovernorAuthority authority = facts.parties.at(party).governor_authority();
    if (authority == registry::v1::GOVERNOR_AUTHORITY_OUTSIDE) return v1::TRACK_OUTSIDE_GOVERNOR;
    if (authority != registry::v1::GOVERNOR_AUTHORITY_UNDER && unknown.empty()) unknown = party;
  }
  if (unknown.empty()) return v1::TRACK_ALL_UNDER_GOVERNOR;
  return Error(Reason::ERROR_REASON_GOVERNOR_AUTHORITY_UNKNOWN,
               "ask the registry to set whether " + unknown + " is under the Governor's authority")
      .With("entity", unknown);
}

std::vector<std::string> AgenciesOf(const OpeningFacts& facts) {
  std::vector<std::string> agencies;
  for (const std::string& party : PartiesOf(facts.bucp)) {
    const std::string& parent = facts.parties.at(party).parent();
    const std::string& agency = parent.empty() ? party : parent;
    if (std::find(agencies.begin(), agencies.end(), agency) == agencies.end()) agencies.push_back(agency);
  }
  return agencies;
}

}  // namespace idea::dispute
