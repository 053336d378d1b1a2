#include "services/drafting/template/template_service.h"

#include <algorithm>
#include <set>
#include <string>

#include "common/clock/clock.h"
#include "common/ids/resource_names.h"
#include "common/status/status.h"
#include "services/drafting/drafting_events.h"
#include "services/drafting/template/field_rules.h"
#include "services/drafting/template/template_store.h"

namespace idea::drafting {
namespace {

using status::Error;
using status::Reason;

bool IsTemplateId(const std::string& id) {
  return !id.starts_with('-') &&
         id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
}

// Checks the fields of a new version. It may change titles, help texts and requirements, but not which fields
// exist nor the conditions of the agreement.
absl::Status CheckFields(const v1::Template& bucp_template, const v1::Template& before) {
  std::set<std::string> seen;
  for (int i = 0; i < bucp_template.fields_size(); ++i) {
    const v1::TemplateField& change = bucp_template.fields(i);
    const std::string path = "template.fields[" + std::to_string(i) + "].";
    const auto refuse = [&](const std::string& field, const std::string& wanted) -> absl::Status {
      return Error(Reason::ERROR_REASON_INVALID_FIELD, "a field of the template is not valid")
          .Field(path + field, wanted);
    };
    const auto known = std::find_if(before.fields().begin(), before.fields().end(),
                                    [&](const auto& field) { return field.field() == change.field(); });
    if (known == before.fields().end())
      return refuse("field", "a field of the template, as GetTemplate names them");
    if (!seen.insert(change.field()).second) return refuse("field", "each field once");
    const bool conditional = known->requirement() == v1::REQUIREMENT_CONDITIONAL;
    const bool as_before =
        change.requirement() == v1::REQUIREMENT_UNSPECIFIED || change.requirement() == known->requirement();
    if (!as_before && (conditional || change.requirement() == v1::REQUIREMENT_CONDITIONAL)) {
      return refuse("requirement",
                    "REQUIRED, DISPUTED_ONLY or OPTIONAL; a condition of the agreement cannot be changed");
    }
  }
  return absl::OkStatus();
}

}  // namespace

void TemplateService::Bind(rpc::Router& router) {
  router.Bind(this, &TemplateService::GetTemplate);
  router.Bind(this, &TemplateService::ListTemplates);
  router.Bind(this, &TemplateService::CreateTemplate);
}

absl::StatusOr<v1::GetTemplateResponse> TemplateService::GetTemplate(rpc::Call& call,
                                                                     const v1::GetTemplateRequest& request) {
  v1::GetTemplateResponse response;
  ASSIGN_OR_RETURN(*response.mutable_template_(), FindTemplate(call.db(), request.name()));
  return response;
}

absl::StatusOr<v1::ListTemplatesResponse> TemplateService::ListTemplates(
    rpc::Call& call, const v1::ListTemplatesRequest& request) {
  return drafting::ListTemplates(call.db(), request);
}

absl::StatusOr<v1::CreateTemplateResponse> TemplateService::CreateTemplate(
    rpc::Call& call, const v1::CreateTemplateRequest& request) {
  if (!IsTemplateId(request.template_id())) {
    return Error(Reason::ERROR_REASON_INVALID_FIELD, "template_id is not a valid segment of a name")
        .Field("template_id", "lowercase letters, digits and hyphens, beginning with a letter or digit");
  }
  const std::string name = ids::kTemplates.Name(request.template_id());
  if (FindTemplate(call.db(), name).ok()) {
    return Error(Reason::ERROR_REASON_ALREADY_EXISTS, "a version with this name exists").With("name", name);
  }
  ASSIGN_OR_RETURN(const v1::Template before,
                   NewestTemplate(call.db(), request.template_().several_departments()));
  RETURN_IF_ERROR(CheckFields(request.template_(), before));
  v1::CreateTemplateResponse response;
  v1::Template& bucp_template = *response.mutable_template_();
  bucp_template = Complete(request.template_(), before);
  bucp_template.set_name(name);
  *bucp_template.mutable_create_time() = clock::ToProto(call.now());
  RETURN_IF_ERROR(InsertTemplate(call.db(), bucp_template));
  call.Record({.type = kTemplateCreated,
               .subject = name,
               .citation = "guidebook step 3",
               .summary = "a new version of the BUCP template: " + bucp_template.title()});
  return response;
}

}  // namespace idea::drafting
