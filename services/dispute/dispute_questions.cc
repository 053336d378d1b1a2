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

}  // namespace

absl::StatusOr<OpeningFacts> AskOpeningFacts(const PeerOf& peer, const rpc::Context& context,
                                             const std::string& bucp, const std::string& entity) {
  OpeningFacts facts;
  drafting::v1::GetBucpRequest ask_bucp;
  ask_bucp.set_name(bucp);
  const auto found = peer("drafting").Ask<drafting::v1::GetBucpResponse>(context, ask_bucp);
  const bool missing = status::ReasonOf(found.status()) == Reason::ERROR_REASON_NOT_FOUND;
  if (!missing) RETURN_IF_ERROR(found.status());
  if (!missing) facts.bucp = found->bucp();
  const std::vector<std::string> parties = PartiesOf(facts.bucp);
  if (std::find(parties.begin(), parties.end(), entity) == parties.end()) {
    return Error(Reason::ERROR_REASON_NOT_FOUND, "there is no such BUCP of the caller's").With("name", bucp);
  }
  for (const std::string& party : parties) {
    registry::v1::GetEntityRequest ask_entity;
    ask_entity.set_name(party);
    const auto known = peer("registry").Ask<registry::v1::GetEntityResponse>(context, ask_entity);
    if (status::ReasonOf(known.status()) == Reason::ERROR_REASON_NOT_FOUND) {
      facts.parties[party].set_name(party);
      continue;
    }
    RETURN_IF_ERROR(known.status());
    facts.parties[party] = known->entity();
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
