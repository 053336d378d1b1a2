#include "services/dispute/settlement_rules.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/algorithm/container.h"
#include "common/status/status.h"
#include "services/dispute/dispute_access.h"

namespace idea::dispute {
namespace {

using status::Error;

// The parties for which the office mediates: those of its agency, or the department itself.
std::set<std::string> PartiesOfOffice(const v1::Office& office, const v1::Dispute& dispute) {
  std::set<std::string> parties;
  for (const v1::Standing& standing : dispute.explanation().standings()) {
    const bool under = standing.authority() == registry::v1::GOVERNOR_AUTHORITY_UNDER;
    if (under && (standing.agency() == office.entity() || standing.entity() == office.entity()))
      parties.insert(standing.entity());
  }
  return parties;
}

bool IsOfOneSide(const std::set<std::string>& parties, const v1::Dispute& dispute) {
  const auto all_in = [&](const auto& side) {
    return std::all_of(parties.begin(), parties.end(),
                       [&](const std::string& party) { return absl::c_linear_search(side, party); });
  };
  const auto any_in = [&](const auto& side) {
    return std::any_of(parties.begin(), parties.end(),
                       [&](const std::string& party) { return absl::c_linear_search(side, party); });
  };
  return (all_in(dispute.recipients()) && !any_in(dispute.providers())) ||
         (all_in(dispute.providers()) && !any_in(dispute.recipients()));
}

// The parties for which the caller's confirmation counts.
std::set<std::string> SpeaksFor(const auth::Caller& caller, const v1::Dispute& dispute) {
  std::set<std::string> parties;
  const bool is_party = absl::c_linear_search(dispute.recipients(), caller.entity) ||
                        absl::c_linear_search(dispute.providers(), caller.entity);
  if (is_party && (caller.Has(common::v1::CONTACT_ROLE_DATA_COORDINATOR) ||
                   caller.Has(common::v1::CONTACT_ROLE_EXECUTIVE_SPONSOR))) {
    parties.insert(caller.entity);
  }
  for (const v1::Office& office : dispute.explanation().offices()) {
    if (office.entity() != caller.entity || !IsMediator(office) || !caller.Has(office.role())) continue;
    const std::set<std::string> mediated = PartiesOfOffice(office, dispute);
    if (IsOfOneSide(mediated, dispute)) parties.insert(mediated.begin(), mediated.end());
  }
  return parties;
}

// Adds the confirmation. Returns false if it counts for no further party.
bool AddConfirmation(const auth::Caller& caller, const std::set<std::string>& parties, clock::Micros now,
                     v1::Settlement& settlement) {
  v1::Confirmation confirmation;
  auto& awaits = *settlement.mutable_awaits();
  for (const std::string& party : parties) {
    const auto awaited = std::find(awaits.begin(), awaits.end(), party);
    if (awaited == awaits.end()) continue;
    awaits.erase(awaited);
    confirmation.add_parties(party);
  }
  if (confirmation.parties().empty()) return false;
  confirmation.set_entity(caller.entity);
  confirmation.set_person(caller.person);
  if (caller.on_behalf) *confirmation.mutable_on_behalf() = *caller.on_behalf;
  *confirmation.mutable_time() = clock::ToProto(now);
  *settlement.add_confirmations() = std::move(confirmation);
  return true;
}

}  // namespace

void ProposeSettlement(const auth::Caller& caller, const v1::SettleDisputeRequest& request, clock::Micros now,
                       v1::Dispute& dispute) {
  const auto earlier =
      std::count_if(dispute.history().begin(), dispute.history().end(),
                    [](const v1::DisputeStep& step) { return step.on() == "SettleDispute"; });
  v1::Settlement settlement;
  settlement.set_number(static_cast<int32_t>(earlier) + 1);
  settlement.set_text(request.outcome());
  settlement.set_interagency_agreement(request.interagency_agreement());
  for (const std::string& party : PartiesOf(dispute)) settlement.add_awaits(party);
  AddConfirmation(caller, SpeaksFor(caller, dispute), now, settlement);
  *dispute.mutable_settlement() = std::move(settlement);
}

absl::Status ConfirmSettlement(const auth::Caller& caller, int number, clock::Micros now,
                               v1::Dispute& dispute) {
  if (!dispute.has_settlement()) {
    return Error(Reason::ERROR_REASON_STEP_NOT_ALLOWED, "no settlement is proposed in this state")
        .With("state", flow::NameOf(dispute.state()));
  }
  if (dispute.settlement().number() != number) {
    return Error(Reason::ERROR_REASON_STALE_ETAG,
                 "the settlement was replaced: read the dispute and confirm the number it shows")
        .With("etag", dispute.etag());
  }
  const std::set<std::string> parties = SpeaksFor(caller, dispute);
  if (parties.empty() && (RolesOf(caller, dispute) & flow::kParty) != 0) {
    return Error(Reason::ERROR_REASON_ROLE_REQUIRED,
                 "a party agrees by its data coordinator or executive sponsor")
        .With("roles", "CONTACT_ROLE_DATA_COORDINATOR,CONTACT_ROLE_EXECUTIVE_SPONSOR");
  }
  if (parties.empty()) {
    const std::string by = flow::NamesOf(flow::kParty);
    return Error(Reason::ERROR_REASON_NOT_YOUR_STEP,
                 "an officer who mediates for both sides confirms for neither; ConfirmSettlement is a step "
                 "of: " +
                     by)
        .With("by", by);
  }
  if (AddConfirmation(caller, parties, now, *dispute.mutable_settlement())) return absl::OkStatus();
  return Error(Reason::ERROR_REASON_ALREADY_DONE, "the caller has agreed to this settlement");
}

void ApplySettlement(v1::Dispute& dispute) {
  const v1::Settlement& settlement = dispute.settlement();
  dispute.set_outcome(settlement.text());
  if (settlement.interagency_agreement().empty()) return;
  dispute.mutable_costs()->set_interagency_agreement(settlement.interagency_agreement());
}

}  // namespace idea::dispute
