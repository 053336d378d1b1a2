#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>

#include "google/api/annotations.pb.h"
#include "google/api/client.pb.h"
#include "google/api/field_behavior.pb.h"
#include "google/api/resource.pb.h"
#include "idea/common/v1/options.pb.h"
#include "tests/support/services.h"

// The options that generators of clients, linters and gateways read agree with the rules that the servers
// enforce.
namespace idea::shape {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;
using idea::testing::Services;

constexpr char kDomain[] = "idea-exchange.ca.gov/";

std::string FormOf(const FieldDescriptor& field) {
  return field.options().GetExtension(common::v1::rule).resource();
}

bool Has(const FieldDescriptor& field, google::api::FieldBehavior behavior) {
  for (int i = 0; i < field.options().ExtensionSize(google::api::field_behavior); ++i) {
    if (field.options().GetExtension(google::api::field_behavior, i) == behavior) return true;
  }
  return false;
}

std::vector<const MethodDescriptor*> Methods() {
  std::vector<const MethodDescriptor*> methods;
  for (const auto* service : Services()) {
    for (int i = 0; i < service->method_count(); ++i) methods.push_back(service->method(i));
  }
  return methods;
}

// Only peers call it, so that a gateway does not offer it.
bool IsForPeersOnly(const MethodDescriptor& method) {
  const auto& callers = method.options().GetExtension(common::v1::policy).callers();
  return callers.size() == 1 && callers[0] == common::v1::CALLER_KIND_SERVICE;
}

// Resources by the form of their names: those that a Get returns by its name.
std::map<std::string, const Descriptor*> Resources() {
  std::map<std::string, const Descriptor*> resources;
  for (const MethodDescriptor* method : Methods()) {
    const auto* name = method->input_type()->FindFieldByName("name");
    if (!method->name().starts_with("Get") || name == nullptr || FormOf(*name).empty()) continue;
    for (int i = 0; i < method->output_type()->field_count(); ++i) {
      const Descriptor* type = method->output_type()->field(i)->message_type();
      if (type != nullptr && type->name() == method->name().substr(3) && type->FindFieldByName("name"))
        resources[FormOf(*name)] = type;
    }
  }
  return resources;
}

// The messages that are part of a request.
void AddParts(const Descriptor& type, std::set<const Descriptor*>& parts) {
  if (!parts.insert(&type).second) return;
  for (int i = 0; i < type.field_count(); ++i) {
    if (type.field(i)->message_type() != nullptr) AddParts(*type.field(i)->message_type(), parts);
  }
}

// The field that a path of an HTTP rule names: "entity.name".
const FieldDescriptor* FieldAt(const Descriptor& request, const std::string& path) {
  const size_t dot = path.find('.');
  const auto* field = request.FindFieldByName(path.substr(0, dot));
  if (dot == std::string::npos || field == nullptr) return field;
  return field->message_type() == nullptr ? nullptr : FieldAt(*field->message_type(), path.substr(dot + 1));
}

TEST(EveryMethod, HasOneHttpPathThatNamesItsResource) {
  std::map<std::string, std::string> methods;
  for (const MethodDescriptor* method : Methods()) {
    const bool has = method->options().HasExtension(google::api::http);
    EXPECT_NE(has, IsForPeersOnly(*method)) << method->full_name();
    if (!has) continue;
    const google::api::HttpRule& rule = method->options().GetExtension(google::api::http);
    const std::string path = rule.get() + rule.post() + rule.patch() + rule.delete_();
    EXPECT_TRUE(path.starts_with("/v1/")) << method->full_name();
    EXPECT_EQ(rule.body(), rule.get().empty() && rule.delete_().empty() ? "*" : "") << method->full_name();
    // Two paths differ by the form of a name, not by the field that has it.
    const std::string key =
        std::to_string(rule.pattern_case()) + std::regex_replace(path, std::regex("\\{[a-z_.]+="), "{");
    const auto [other, is_new] = methods.emplace(key, method->full_name());
    EXPECT_TRUE(is_new) << method->full_name() << " has the path of " << other->second;
    std::smatch match;
    if (!std::regex_search(path, match, std::regex("\\{([a-z_.]+)=([^}]+)\\}"))) continue;
    const auto* field = FieldAt(*method->input_type(), match[1]);
    ASSERT_NE(field, nullptr) << method->full_name() << " has no field " << match[1];
    if (field->message_type() == nullptr && FormOf(*field) != "*/*" && !FormOf(*field).empty()) {
      EXPECT_EQ(FormOf(*field), match[2]) << method->full_name();
    }
  }
}

TEST(EveryMethod, HasASignatureOfItsRequiredFields) {
  for (const MethodDescriptor* method : Methods()) {
    std::string required;
    for (int i = 0; i < method->input_type()->field_count(); ++i) {
      const FieldDescriptor& field = *method->input_type()->field(i);
      if (!Has(field, google::api::REQUIRED) || field.name() == "request_id") continue;
      required += (required.empty() ? "" : ",") + field.name();
    }
    ASSERT_EQ(method->options().ExtensionSize(google::api::method_signature), 1) << method->full_name();
    EXPECT_EQ(method->options().GetExtension(google::api::method_signature, 0), required)
        << method->full_name();
  }
}

TEST(EveryResource, HasItsTypeAndPattern) {
  for (const auto& [form, type] : Resources()) {
    const auto& resource = type->options().GetExtension(google::api::resource);
    EXPECT_EQ(resource.type(), kDomain + type->name());
    ASSERT_EQ(resource.pattern_size(), 1) << type->full_name();
    EXPECT_EQ(std::regex_replace(resource.pattern(0), std::regex("\\{[a-z_]+\\}"), "*"), form)
        << type->full_name();
  }
}

TEST(EveryField, OfAResourceThatNoRequestContainsIsOutputOnly) {
  std::set<const Descriptor*> parts;
  for (const MethodDescriptor* method : Methods()) AddParts(*method->input_type(), parts);
  for (const auto& [form, type] : Resources()) {
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor& field = *type->field(i);
      const bool is_set_by_server = Has(field, google::api::OUTPUT_ONLY);
      if (parts.contains(type)) {
        // The server sets the times of every resource.
        const bool is_time = field.name() == "create_time" || field.name() == "update_time";
        EXPECT_TRUE(!is_time || is_set_by_server) << field.full_name();
      } else {
        EXPECT_TRUE(field.name() == "name" || is_set_by_server) << field.full_name();
      }
    }
  }
}

TEST(EveryField, ThatNamesAResourceRefersToIt) {
  const auto resources = Resources();
  std::set<const Descriptor*> parts;
  for (const MethodDescriptor* method : Methods()) AddParts(*method->input_type(), parts);
  for (const Descriptor* type : parts) {
    for (int i = 0; i < type->field_count(); ++i) {
      const auto found = resources.find(FormOf(*type->field(i)));
      if (found == resources.end()) continue;
      EXPECT_EQ(type->field(i)->options().GetExtension(google::api::resource_reference).type(),
                kDomain + found->second->name())
          << type->field(i)->full_name();
    }
  }
}

}  // namespace
}  // namespace idea::shape
