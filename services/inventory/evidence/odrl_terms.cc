#include "services/inventory/evidence/odrl_terms.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "absl/strings/str_format.h"
#include "nlohmann/json.hpp"

namespace idea::inventory {
namespace {

using Json = nlohmann::json;

constexpr char kNamespace[] = "urn:idea:";

std::string DayOf(const google::type::Date& date) {
  return absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
}

// A name as a part of a URN (RFC 8141): all characters except letters, digits and - . _ are percent-encoded.
std::string Encoded(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_';
    out += plain ? std::string(1, c) : absl::StrFormat("%%%02X", static_cast<unsigned char>(c));
  }
  return out;
}

std::string UrnOf(const std::string& resource) { return kNamespace + resource; }

Json Constraint(std::string_view left, std::string_view op, Json right) {
  return {{"leftOperand", left}, {"operator", op}, {"rightOperand", std::move(right)}};
}

Json Typed(const std::string& value, std::string_view type) { return {{"@value", value}, {"@type", type}}; }

// "programOperation" of PURPOSE_KIND_PROGRAM_OPERATION.
std::string PurposeTerm(drafting::v1::PurposeKind kind) {
  constexpr std::string_view kPrefix = "PURPOSE_KIND_";
  std::string term;
  bool upper = false;
  for (const char c : drafting::v1::PurposeKind_Name(kind).substr(kPrefix.size())) {
    if (c != '_') term += static_cast<char>(upper ? c : std::tolower(static_cast<unsigned char>(c)));
    upper = c == '_';
  }
  return "idea:" + term;
}

Json ConstraintsOf(const drafting::v1::Content& content) {
  Json constraints = Json::array();
  const auto& dates = content.administrative().critical_dates();
  if (dates.has_start_date())
    constraints.push_back(Constraint("dateTime", "gteq", Typed(DayOf(dates.start_date()), "xsd:date")));
  if (dates.has_end_date())
    constraints.push_back(Constraint("dateTime", "lteq", Typed(DayOf(dates.end_date()), "xsd:date")));
  const auto& purpose = content.business_case().use_case_description().purpose_class();
  Json kinds = Json::array();
  for (const int kind : purpose.kinds()) {
    const auto known = static_cast<drafting::v1::PurposeKind>(kind);
    if (drafting::v1::PurposeKind_IsValid(kind) && kind != 0) kinds.push_back(PurposeTerm(known));
  }
  if (!kinds.empty()) constraints.push_back(Constraint("purpose", "isAnyOf", std::move(kinds)));
  return constraints;
}

Json DutiesOf(const drafting::v1::Content& content) {
  const auto& purpose = content.business_case().use_case_description().purpose_class();
  Json erase = {{"action", "delete"}};
  if (purpose.retention_days() > 0) {
    erase["constraint"] = Json::array({Constraint(
        "elapsedTime", "lteq", Typed("P" + std::to_string(purpose.retention_days()) + "D", "xsd:duration"))});
  }
  const std::string& how = content.technical().destruction().description();
  if (!how.empty()) erase["idea:destruction"] = how;
  Json duties = Json::array({std::move(erase)});
  if (purpose.deidentified_only() == drafting::v1::ANSWER_YES) duties.push_back({{"action", "anonymize"}});
  return duties;
}

Json AssetsOf(const v1::Filing& filing, const drafting::v1::Content& content, const std::string& provider) {
  Json assets = Json::array();
  for (const auto& element : content.technical().data_elements().elements()) {
    const auto& providers = element.providers();
    if (!providers.empty() && std::find(providers.begin(), providers.end(), provider) == providers.end())
      continue;
    Json asset = {{"@type", "Asset"},
                  {"uid", UrnOf(filing.name() + "/elements/" + Encoded(element.field_name()))},
                  {"dct:title", element.field_name()}};
    if (!element.definition().empty()) asset["dct:description"] = element.definition();
    assets.push_back(std::move(asset));
  }
  return assets;
}

}  // namespace

std::string ToOdrl(const v1::Filing& filing, const drafting::v1::Content& content) {
  Json recipients = Json::array();
  for (const std::string& recipient : content.recipients()) recipients.push_back(UrnOf(recipient));
  Json permissions = Json::array(), providers = Json::array(), everything = Json::array();
  const Json constraints = ConstraintsOf(content);
  for (const std::string& provider : content.providers()) {
    providers.push_back(UrnOf(provider));
    Json assets = AssetsOf(filing, content, provider);
    if (assets.empty()) continue;
    for (const Json& asset : assets) {
      if (std::find(everything.begin(), everything.end(), asset["uid"]) == everything.end())
        everything.push_back(asset["uid"]);
    }
    Json permission = {{"assigner", UrnOf(provider)},
                       {"assignee", recipients},
                       {"target", std::move(assets)},
                       {"action", "use"},
                       {"duty", DutiesOf(content)}};
    if (!constraints.empty()) permission["constraint"] = constraints;
    permissions.push_back(std::move(permission));
  }
  Json prohibitions = Json::array();
  const auto& purpose = content.business_case().use_case_description().purpose_class();
  const auto& further = content.administrative().redisclosure();
  const auto forbid = [&](std::string_view action) {
    prohibitions.push_back({{"assignee", recipients}, {"target", everything}, {"action", action}});
  };
  if (further.allowed() == drafting::v1::ANSWER_NO || purpose.redisclosure() == drafting::v1::ANSWER_NO)
    forbid("distribute");
  if (purpose.commercial_use() == drafting::v1::ANSWER_NO) forbid("commercialize");
  Json agreement = {
      {"@context", Json::array({"http://www.w3.org/ns/odrl.jsonld",
                                {{"idea", kNamespace},
                                 {"dct", "http://purl.org/dc/terms/"},
                                 {"xsd", "http://www.w3.org/2001/XMLSchema#"}}})},
      {"@type", "Agreement"},
      {"uid", UrnOf(filing.name())},
      {"assigner", std::move(providers)},
      {"assignee", std::move(recipients)},
      {"permission", std::move(permissions)},
      {"dct:title", filing.title()},
      {"idea:bucp", filing.bucp()},
      {"idea:documentDigest", filing.digest()},
      {"idea:purpose", content.business_case().use_case_description().purpose()},
  };
  if (!prohibitions.empty()) agreement["prohibition"] = std::move(prohibitions);
  if (!further.terms().empty()) agreement["idea:redisclosureTerms"] = further.terms();
  return agreement.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace idea::inventory
