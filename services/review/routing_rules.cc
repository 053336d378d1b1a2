#include "services/review/routing_rules.h"

#include <google/protobuf/util/field_mask_util.h>

#include <algorithm>

#include "common/digest/digest.h"
#include "common/ids/ids.h"

namespace idea::review {
namespace {

using common::v1::ContactRole;
using drafting::v1::Content;

std::string DigestOf(const Content& content, v1::Discipline discipline) {
  google::protobuf::FieldMask mask;
  for (const ReviewedField& look : kReviewedFields) {
    if (look.discipline == discipline) mask.add_paths(std::string(look.field));
  }
  Content fields;
  google::protobuf::util::FieldMaskUtil::MergeMessageTo(content, mask, {}, &fields);
  // The names are part of the digest, so that another table makes other digests.
  return ids::Sha256Hex(google::protobuf::util::FieldMaskUtil::ToString(mask) + "\n" +
                        digest::CanonicalJson(fields));
}

void AddOnce(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

std::vector<std::string> AssigneesOf(const Rule& rule, const v1::Routing& routing) {
  switch (rule.assignees) {
    case Assignees::kEachDepartment:
      return DepartmentsOf(routing);
    case Assignees::kLeadRecipient:
      return {routing.recipients(0)};
    case Assignees::kEducationAgency:
      return {routing.facts().education_agency()};
  }
  return {};
}

}  // namespace

v1::RevisionFacts FactsOf(const Content& content, bool technology) {
  const auto& administrative = content.administrative();
  v1::RevisionFacts facts;
  const drafting::v1::Answer education = content.business_case().data_categories().education_records();
  facts.set_education_records(
      education == drafting::v1::ANSWER_YES ||
      (education != drafting::v1::ANSWER_NO && administrative.has_education_records()));
  facts.set_education_agency(administrative.education_records().source_agency());
  facts.set_research(administrative.research().research() == drafting::v1::ANSWER_YES);
  facts.set_research_approved(!administrative.research().approval_statement().empty());
  facts.set_funds(administrative.transfer_of_funds().transfers() == drafting::v1::ANSWER_YES);
  facts.set_separate_agreement(administrative.transfer_of_funds().separate_agreement());
  facts.set_technology(technology);
  if (administrative.critical_dates().has_start_date())
    *facts.mutable_start_date() = administrative.critical_dates().start_date();
  if (administrative.critical_dates().has_end_date())
    *facts.mutable_end_date() = administrative.critical_dates().end_date();
  for (const v1::Discipline discipline :
       {v1::DISCIPLINE_LEGAL, v1::DISCIPLINE_PRIVACY, v1::DISCIPLINE_SECURITY, v1::DISCIPLINE_TECHNOLOGY}) {
    v1::FieldsDigest& fields = *facts.add_fields();
    fields.set_discipline(discipline);
    fields.set_digest(DigestOf(content, discipline));
  }
  return facts;
}

std::vector<std::string> DepartmentsOf(const v1::Routing& routing) {
  std::vector<std::string> departments;
  for (const std::string& entity : routing.recipients()) AddOnce(departments, entity);
  for (const std::string& entity : routing.providers()) AddOnce(departments, entity);
  return departments;
}

std::vector<std::string> AudienceOf(const v1::Routing& routing) {
  std::vector<std::string> audience = DepartmentsOf(routing);
  for (const v1::RoutingStep& step : routing.steps()) AddOnce(audience, step.entity());
  return audience;
}

bool Asks(const Rule& rule, const v1::Routing& routing) {
  if (rule.applies != nullptr && !rule.applies(routing.facts())) return false;
  if (rule.assignees != Assignees::kEducationAgency) return true;
  const std::vector<std::string> parties = DepartmentsOf(routing);
  return std::find(parties.begin(), parties.end(), routing.facts().education_agency()) == parties.end();
}

void AddSteps(v1::Routing& routing) {
  for (const Rule& rule : kRoutingRules) {
    if (!Asks(rule, routing)) continue;
    for (const std::string& entity : AssigneesOf(rule, routing)) {
      v1::RoutingStep& step = *routing.add_steps();
      step.set_kind(rule.kind);
      step.set_entity(entity);
      step.set_discipline(rule.discipline);
      step.set_capacity(rule.capacity);
      step.set_citation(std::string(rule.citation));
      step.set_rule(std::string(rule.name));
      step.set_summary(std::string(rule.asks));
      step.set_done(rule.kind == v1::STEP_KIND_STATEMENT && routing.facts().research_approved());
      if (step.done()) step.set_record(routing.revision());
    }
  }
}

const Rule& RuleOf(const v1::RoutingStep& step) {
  return *std::find_if(kRoutingRules.begin(), kRoutingRules.end() - 1,
                       [&](const Rule& rule) { return rule.name == step.rule(); });
}

bool SameFields(v1::Discipline discipline, const v1::RevisionFacts& a, const v1::RevisionFacts& b) {
  const auto digest = [&](const v1::RevisionFacts& facts) -> std::string {
    for (const v1::FieldsDigest& fields : facts.fields()) {
      if (fields.discipline() == discipline) return fields.digest();
    }
    return "";
  };
  return !digest(a).empty() && digest(a) == digest(b);
}

bool HasSeveralDepartments(const v1::Routing& routing) {
  return routing.recipients_size() > 1 || routing.providers_size() > 1;
}

ContactRole RoleOf(v1::Discipline discipline) {
  switch (discipline) {
    case v1::DISCIPLINE_LEGAL:
      return common::v1::CONTACT_ROLE_LEGAL;
    case v1::DISCIPLINE_PRIVACY:
      return common::v1::CONTACT_ROLE_PRIVACY;
    case v1::DISCIPLINE_SECURITY:
      return common::v1::CONTACT_ROLE_SECURITY;
    case v1::DISCIPLINE_TECHNOLOGY:
      return common::v1::CONTACT_ROLE_TECHNOLOGY;
    default:
      return common::v1::CONTACT_ROLE_UNSPECIFIED;
  }
}

ContactRole RoleOf(v1::Capacity capacity) {
  return capacity == v1::CAPACITY_DATA_COORDINATOR ? common::v1::CONTACT_ROLE_DATA_COORDINATOR
                                                   : common::v1::CONTACT_ROLE_EXECUTIVE_SPONSOR;
}

ContactRole RoleOf(const v1::RoutingStep& step) {
  if (step.kind() == v1::STEP_KIND_OPINION) return RoleOf(step.discipline());
  if (step.kind() == v1::STEP_KIND_SIGNATURE) return RoleOf(step.capacity());
  return common::v1::CONTACT_ROLE_DATA_COORDINATOR;
}

v1::RoutingState StageOf(const v1::RoutingStep& step) {
  switch (step.kind()) {
    case v1::STEP_KIND_OPINION:
    case v1::STEP_KIND_STATEMENT:
      return v1::ROUTING_STATE_OPINIONS;
    case v1::STEP_KIND_SIGNATURE:
      return step.capacity() == v1::CAPACITY_DATA_COORDINATOR ? v1::ROUTING_STATE_COORDINATORS
                                                              : v1::ROUTING_STATE_SPONSORS;
    default:
      return v1::ROUTING_STATE_UNSPECIFIED;
  }
}

}  // namespace idea::review
