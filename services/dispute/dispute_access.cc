#include "services/dispute/dispute_access.h"

#include <algorithm>
#include <map>

#include "absl/algorithm/container.h"

namespace idea::dispute {
namespace {

using common::v1::CallerKind;

void AddOnce(const std::string& entity, std::vector<std::string>& entities) {
  if (std::find(entities.begin(), entities.end(), entity) == entities.end()) entities.push_back(entity);
}

std::vector<std::string> PartiesAndAgencies(const v1::Dispute& dispute) {
  std::vector<std::string> entities = PartiesOf(dispute);
  for (const std::string& agency : dispute.agencies()) AddOnce(agency, entities);
  return entities;
}

bool HasStated(const v1::Dispute& dispute, const std::string& entity) {
  return std::any_of(dispute.statements().begin(), dispute.statements().end(),
                     [&](const v1::Statement& statement) { return statement.entity() == entity; });
}

// The last decision of each Undersecretary in STATE_UNDERSECRETARIES_DECIDE.
std::map<std::string, v1::Decision> DecisionsOf(const v1::Dispute& dispute) {
  std::map<std::string, v1::Decision> decisions;
  for (const v1::Office& office : dispute.explanation().offices()) {
    if (office.role() == common::v1::CONTACT_ROLE_UNDERSECRETARY) decisions[office.entity()];
  }
  for (const v1::DisputeStep& step : dispute.history()) {
    if (step.on() == "DecideDispute" && step.from() == STATE_UNDERSECRETARIES_DECIDE)
      decisions[step.entity()] = step.decision();
  }
  return decisions;
}

void AddDecisions(const v1::Dispute& dispute, Facts& facts) {
  const std::map<std::string, v1::Decision> decisions = DecisionsOf(dispute);
  const auto all = [&](v1::Decision expected) {
    return !decisions.empty() && std::all_of(decisions.begin(), decisions.end(),
                                             [&](const auto& made) { return made.second == expected; });
  };
  facts.all_for = all(v1::DECISION_APPROVE);
  facts.all_against = all(v1::DECISION_DENY);
}

// Adds one line for every office for which `awaited` is true.
template <class Awaited>
void WaitForOffices(v1::Dispute& dispute, const Awaited& awaited, const std::string& to_do) {
  constexpr std::string_view kPrefix = "CONTACT_ROLE_";
  for (const v1::Office& office : dispute.explanation().offices()) {
    if (!awaited(office)) continue;
    const std::string role = ContactRole_Name(office.role());
    dispute.add_waits_for(office.entity() + " (" + role.substr(kPrefix.size()) + "): " + to_do);
  }
}

// Adds one line for each entry that the registry does not have.
void WaitForRecords(v1::Dispute& dispute) {
  for (const v1::Missing& missing : dispute.explanation().missing()) {
    if (!missing.roles().empty()) {
      dispute.add_waits_for(missing.entity() + ": " + missing.fix());
      continue;
    }
    const auto is_cdo = [](const v1::Office& office) {
      return office.role() == common::v1::CONTACT_ROLE_STATEWIDE_CDO;
    };
    WaitForOffices(
        dispute, is_cdo,
        "record whether " + missing.entity() + " is under the Governor's authority (SetGovernorAuthority)");
  }
}

}  // namespace

bool IsMediator(const v1::Office& office) {
  return office.role() == common::v1::CONTACT_ROLE_AGENCY_CDO ||
         office.role() == common::v1::CONTACT_ROLE_AGENCY_INFORMATION_OFFICER;
}

flow::Roles RolesOf(const auth::Caller& caller, const v1::Dispute& dispute) {
  if (caller.service == "drafting") return flow::kDrafting;
  flow::Roles roles = 0;
  const std::string& entity = caller.entity;
  if (entity.empty()) return roles;
  if (absl::c_linear_search(dispute.recipients(), entity)) roles |= flow::kRecipient;
  if (absl::c_linear_search(dispute.providers(), entity)) roles |= flow::kProvider;
  if (entity == dispute.opened_by()) roles |= flow::kOpener;
  for (const v1::Office& office : dispute.explanation().offices()) {
    if (office.entity() != entity || !caller.Has(office.role())) continue;
    if (IsMediator(office)) roles |= flow::kAgencyOfficer;
    if (office.role() == common::v1::CONTACT_ROLE_UNDERSECRETARY) roles |= flow::kUndersecretary;
  }
  if (caller.kind == CallerKind::CALLER_KIND_CDO && caller.Has(common::v1::CONTACT_ROLE_STATEWIDE_CDO)) {
    roles |= flow::kCdo;
  }
  if (caller.kind == CallerKind::CALLER_KIND_GOVERNOR &&
      caller.Has(common::v1::CONTACT_ROLE_GOVERNORS_OFFICE)) {
    roles |= flow::kGovernor;
  }
  return roles;
}

std::vector<common::v1::ContactRole> ContactRolesIn(const auth::Caller& caller, const v1::Dispute& dispute,
                                                    flow::Roles by) {
  std::vector<common::v1::ContactRole> roles;
  for (const v1::Office& office : dispute.explanation().offices()) {
    const bool asked =
        ((by & flow::kAgencyOfficer) != 0 && IsMediator(office)) ||
        ((by & flow::kUndersecretary) != 0 && office.role() == common::v1::CONTACT_ROLE_UNDERSECRETARY) ||
        ((by & flow::kCdo) != 0 && office.role() == common::v1::CONTACT_ROLE_STATEWIDE_CDO) ||
        ((by & flow::kGovernor) != 0 && office.role() == common::v1::CONTACT_ROLE_GOVERNORS_OFFICE);
    if (asked && office.entity() == caller.entity && caller.Has(office.role()))
      roles.push_back(office.role());
  }
  return roles;
}

auth::Visibility VisibilityOf(const auth::Caller& caller) {
  if (caller.kind == CallerKind::CALLER_KIND_CDO || caller.service == "inventory")
    return auth::Visibility::All();
  return auth::Visibility::Of(caller.entity);
}

bool IsVisible(const v1::Dispute& dispute, const auth::Caller& caller) {
  if (caller.service == "drafting") return true;
  if (caller.kind == CallerKind::CALLER_KIND_GOVERNOR && dispute.track() == v1::TRACK_ALL_UNDER_GOVERNOR)
    return true;
  const auth::Visibility visibility = VisibilityOf(caller);
  return visibility.CoversAny(dispute.recipients()) || visibility.CoversAny(dispute.providers()) ||
         visibility.CoversAny(dispute.agencies());
}

std::vector<std::string> ViewersOf(const v1::Dispute& dispute, const Offices& offices) {
  std::vector<std::string> viewers = PartiesAndAgencies(dispute);
  if (dispute.track() == v1::TRACK_ALL_UNDER_GOVERNOR) AddOnce(offices.governor, viewers);
  return viewers;
}

std::vector<std::string> AudienceOf(const v1::Dispute& dispute, const Offices& offices, v1::State from) {
  std::vector<std::string> audience = PartiesAndAgencies(dispute);
  AddOnce(offices.cdo, audience);
  if (from == STATE_GOVERNOR_DECIDES || dispute.state() == STATE_GOVERNOR_DECIDES)
    AddOnce(offices.governor, audience);
  return audience;
}

Facts FactsOf(const v1::Dispute& dispute) {
  Facts facts;
  facts.under_governor = dispute.track() == v1::TRACK_ALL_UNDER_GOVERNOR;
  const auto stated = [&](const std::string& entity) { return HasStated(dispute, entity); };
  const auto& offices = dispute.explanation().offices();
  const auto& recipients = dispute.recipients();
  const auto& providers = dispute.providers();
  facts.both_sides_stated = std::any_of(recipients.begin(), recipients.end(), stated) &&
                            std::any_of(providers.begin(), providers.end(), stated);
  facts.parties_stated = std::all_of(recipients.begin(), recipients.end(), stated) &&
                         std::all_of(providers.begin(), providers.end(), stated);
  facts.offices_stated = std::all_of(offices.begin(), offices.end(), [&](const v1::Office& office) {
    return !IsMediator(office) || stated(office.entity());
  });
  facts.all_agree = dispute.has_settlement() && dispute.settlement().awaits().empty();
  facts.cdo_is_neutral = std::none_of(offices.begin(), offices.end(), [&](const v1::Office& office) {
    return office.role() == common::v1::CONTACT_ROLE_STATEWIDE_CDO &&
           (absl::c_linear_search(recipients, office.entity()) ||
            absl::c_linear_search(providers, office.entity()));
  });
  facts.mediated =
      std::any_of(dispute.meetings().begin(), dispute.meetings().end(),
                  [](const v1::Meeting& meeting) { return meeting.state() == STATE_CDO_MEDIATION; });
  AddDecisions(dispute, facts);
  return facts;
}

std::string AwaitedStatement(const v1::Dispute& dispute) {
  if (dispute.process() == v1::PROCESS_AGREEMENT) {
    for (const v1::Office& office : dispute.explanation().offices()) {
      if (IsMediator(office) && !HasStated(dispute, office.entity())) return office.entity();
    }
    return "";
  }
  const auto stated = [&](const std::string& entity) { return HasStated(dispute, entity); };
  for (const auto* side : {&dispute.recipients(), &dispute.providers()}) {
    if (!side->empty() && std::none_of(side->begin(), side->end(), stated)) return side->Get(0);
  }
  const std::vector<std::string> parties = PartiesOf(dispute);
  const auto awaited = std::find_if_not(parties.begin(), parties.end(), stated);
  return awaited == parties.end() ? "" : *awaited;
}

void UpdateWaitsFor(v1::Dispute& dispute) {
  const auto is = [](common::v1::ContactRole role) {
    return [role](const v1::Office& office) { return office.role() == role; };
  };
  dispute.clear_waits_for();
  if (!IsOpen(dispute.state())) return;
  for (const std::string& party : dispute.settlement().awaits()) {
    dispute.add_waits_for(party + ": agree to the settlement that is proposed (ConfirmSettlement)");
  }
  switch (dispute.state()) {
    case STATE_AWAITING_STANDING:
      WaitForRecords(dispute);
      break;
    case STATE_AGENCY_MEDIATION:
      WaitForOffices(dispute, IsMediator, "mediate, then settle or escalate");
      break;
    case STATE_STATEMENTS:
      if (dispute.process() == v1::PROCESS_AGREEMENT) {
        WaitForOffices(
            dispute,
            [&](const v1::Office& office) {
              return IsMediator(office) && !HasStated(dispute, office.entity());
            },
            "give written comments and recommendations");
      } else {
        for (const std::string& party : PartiesOf(dispute)) {
          if (!HasStated(dispute, party)) dispute.add_waits_for(party + ": submit a written statement");
        }
        if (FactsOf(dispute).both_sides_stated) {
          WaitForOffices(dispute, is(common::v1::CONTACT_ROLE_STATEWIDE_CDO),
                         "both sides have written: escalate if the others need not be awaited");
        }
      }
      break;
    case STATE_CDO_MEDIATION:
      WaitForOffices(dispute, is(common::v1::CONTACT_ROLE_STATEWIDE_CDO),
                     "hold mediation meetings, then settle or escalate with a recommendation");
      break;
    case STATE_UNDERSECRETARIES_DECIDE: {
      const std::map<std::string, v1::Decision> decisions = DecisionsOf(dispute);
      WaitForOffices(
          dispute,
          [&](const v1::Office& office) {
            return office.role() == common::v1::CONTACT_ROLE_UNDERSECRETARY &&
                   decisions.at(office.entity()) == v1::DECISION_UNSPECIFIED;
          },
          "decide");
      if (dispute.waits_for().empty()) {
        WaitForOffices(dispute, is(common::v1::CONTACT_ROLE_STATEWIDE_CDO),
                       "the Undersecretaries differ: settle, or escalate to the Governor's Office");
      }
      break;
    }
    case STATE_GOVERNOR_DECIDES:
      WaitForOffices(dispute, is(common::v1::CONTACT_ROLE_GOVERNORS_OFFICE),
                     "decide on the Statewide CDO's recommendation");
      break;
    default:
      break;
  }
}

bool WaitsFor(const v1::Dispute& dispute, const std::string& entity) {
  return std::any_of(dispute.waits_for().begin(), dispute.waits_for().end(), [&](const std::string& line) {
    return line.starts_with(entity + " (") || line.starts_with(entity + ": ");
  });
}

}  // namespace idea::dispute
