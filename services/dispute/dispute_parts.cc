#include "services/dispute/dispute_parts.h"

#include <algorithm>
#include <set>

namespace idea::dispute {

using common::v1::CallerKind;

bool IsOneOf(const std::string& entity, const google::protobuf::RepeatedPtrField<std::string>& entities) {
  return std::find(entities.begin(), entities.end(), entity) != entities.end();
}

flow::Parts PartsOf(const auth::Caller& caller, const v1::Dispute& dispute) {
  flow::Parts parts = 0;
  const std::string& entity = caller.entity;
  if (entity.empty()) return parts;
  if (IsOneOf(entity, dispute.recipients())) parts |= flow::kRecipient;
  if (IsOneOf(entity, dispute.providers())) parts |= flow::kProvider;
  if (entity == dispute.opened_by()) parts |= flow::kOpener;
  const bool officer = caller.Has(common::v1::CONTACT_ROLE_AGENCY_CDO) ||
                       caller.Has(common::v1::CONTACT_ROLE_AGENCY_INFORMATION_OFFICER);
  if (officer && ((parts & flow::kParty) != 0 || IsOneOf(entity, dispute.agencies())))
    parts |= flow::kAgencyOfficer;
  if (caller.kind == CallerKind::CALLER_KIND_CDO && caller.Has(common::v1::CONTACT_ROLE_STATEWIDE_CDO)) {
    parts |= flow::kCdo;
  }
  if (caller.kind == CallerKind::CALLER_KIND_GOVERNOR &&
      caller.Has(common::v1::CONTACT_ROLE_GOVERNORS_OFFICE)) {
    parts |= flow::kGovernor;
  }
  return parts;
}

bool SeesAll(const auth::Caller& caller) {
  return caller.kind == CallerKind::CALLER_KIND_CDO || caller.kind == CallerKind::CALLER_KIND_GOVERNOR;
}

bool Sees(const auth::Caller& caller, const v1::Dispute& dispute) {
  return SeesAll(caller) || IsOneOf(caller.entity, dispute.recipients()) ||
         IsOneOf(caller.entity, dispute.providers()) || IsOneOf(caller.entity, dispute.agencies());
}

std::vector<std::string> ViewersOf(const v1::Dispute& dispute) {
  std::vector<std::string> viewers;
  std::set<std::string> seen;
  for (const auto* side : {&dispute.recipients(), &dispute.providers(), &dispute.agencies()}) {
    for (const std::string& entity : *side) {
      if (seen.insert(entity).second) viewers.push_back(entity);
    }
  }
  return viewers;
}

std::vector<std::string> AudienceOf(const v1::Dispute& dispute, const Offices& offices, v1::State from) {
  std::vector<std::string> audience = ViewersOf(dispute);
  const auto add = [&](const std::string& office) {
    if (std::find(audience.begin(), audience.end(), office) == audience.end()) audience.push_back(office);
  };
  add(offices.cdo);
  if (from == STATE_GOVERNOR_DECIDES || dispute.state() == STATE_GOVERNOR_DECIDES) add(offices.governor);
  return audience;
}

Facts FactsOf(const v1::Dispute& dispute) {
  Facts facts;
  facts.all_under_governor = dispute.track() == v1::TRACK_ALL_UNDER_GOVERNOR;
  for (const v1::Statement& statement : dispute.statements()) {
    facts.recipient_stated |= IsOneOf(statement.entity(), dispute.recipients());
    facts.provider_stated |= IsOneOf(statement.entity(), dispute.providers());
  }
  return facts;
}

}  // namespace idea::dispute
