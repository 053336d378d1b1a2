// A message that names the person who acted also names for whom, where a delegate can act.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "absl/strings/str_split.h"
#include "google/protobuf/descriptor.h"
#include "idea/common/v1/event.pb.h"
#include "idea/common/v1/options.pb.h"
#include "tests/support/services.h"

namespace idea::shape {
namespace {

using google::protobuf::Descriptor;

// Messages in answers with a `person` that needs no `on_behalf`, and why.
const std::map<std::string, std::string>& Exempt() {
  static const std::map<std::string, std::string> exempt = {
      {"idea.registry.v1.Contact", "names the contact, not an act"},
      {"idea.registry.v1.ContactRevision", "recorded in a role that is not delegated"},
      {"idea.registry.v1.Delegation", "recorded in a role that is not delegated"},
      {"idea.review.v1.Task", "names who is to act"}};
  return exempt;
}

void Collect(const Descriptor& type, std::set<const Descriptor*>& seen) {
  if (!seen.insert(&type).second) return;
  for (int i = 0; i < type.field_count(); ++i)
    if (const auto* part = type.field(i)->message_type()) Collect(*part, seen);
}

TEST(OnBehalf, IsSaidWhereverAPersonIs) {
  std::set<const Descriptor*> answered;
  for (const auto* service : testing::Services())
    for (int i = 0; i < service->method_count(); ++i) Collect(*service->method(i)->output_type(), answered);
  std::set<std::string> exempt;
  int found = 0;
  for (const Descriptor* type : answered) {
    if (!type->full_name().starts_with("idea.") || type->FindFieldByName("person") == nullptr) continue;
    if (Exempt().contains(type->full_name())) {
      exempt.insert(type->full_name());
      EXPECT_EQ(type->FindFieldByName("on_behalf"), nullptr) << type->full_name();
      continue;
    }
    const auto* field = type->FindFieldByName("on_behalf");
    ASSERT_NE(field, nullptr) << type->full_name() << " says who acted and not for whom";
    EXPECT_EQ(field->message_type(), common::v1::OnBehalf::descriptor()) << type->full_name();
    ++found;
  }
  EXPECT_EQ(exempt.size(), Exempt().size()) << "an exemption without a message";
  EXPECT_GE(found, 14);
}

// Fields "..._by" of answers that name an entity and need no person beside them, and why.
const std::map<std::string, std::string>& ExemptActs() {
  static const std::map<std::string, std::string> exempt = {
      {"idea.dispute.v1.Dispute.opened_by", "the first act of its history has the person"},
      {"idea.dispute.v1.Deidentification.submitted_by", "the first act of its history has the person"},
      {"idea.drafting.v1.Bucp.superseded_by", "an agreement, not a person"},
      {"idea.inventory.v1.Filing.superseded_by", "an agreement, not a person"},
      {"idea.inventory.v1.PublicFiling.superseded_by", "an agreement, not a person"},
      {"idea.drafting.v1.TemplateSection.completed_by", "names who is to act"},
      {"idea.drafting.v1.TemplateField.completed_by", "names who is to act"},
      {"idea.drafting.v1.Gap.completed_by", "names who is to act"},
      {"idea.registry.v1.Accession.signed_by", "the person who signed on paper"},
      {"idea.registry.v1.Certification.certified_by", "the person who certified on paper"}};
  return exempt;
}

TEST(OnBehalf, IsSaidWhereAnActIsNamedByItsEntity) {
  std::set<const Descriptor*> answered;
  for (const auto* service : testing::Services())
    for (int i = 0; i < service->method_count(); ++i) Collect(*service->method(i)->output_type(), answered);
  std::set<std::string> exempt, wanting;
  for (const Descriptor* type : answered) {
    if (!type->full_name().starts_with("idea.")) continue;
    for (int i = 0; i < type->field_count(); ++i) {
      const auto& field = *type->field(i);
      if (!field.name().ends_with("_by")) continue;
      if (ExemptActs().contains(field.full_name())) {
        exempt.insert(field.full_name());
        continue;
      }
      const auto* person = type->FindFieldByName(field.name() + "_person");
      const auto* on_behalf = type->FindFieldByName(field.name() + "_on_behalf");
      if (person == nullptr || on_behalf == nullptr ||
          on_behalf->message_type() != common::v1::OnBehalf::descriptor())
        wanting.insert(field.full_name());
    }
  }
  EXPECT_EQ(wanting, std::set<std::string>()) << "an act that says neither the person nor for whom";
  EXPECT_EQ(exempt.size(), ExemptActs().size()) << "an exemption without a field";
}

// A table that shows the person shows for whom.
TEST(OnBehalf, IsAColumnBesideThePerson) {
  for (const auto* service : testing::Services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const auto& cli = service->method(i)->options().GetExtension(common::v1::cli);
      std::set<std::string> columns;
      for (const std::string& value : cli.columns()) {
        for (const auto column : absl::StrSplit(value, ',')) columns.emplace(column);
      }
      std::set<const Descriptor*> shown;
      Collect(*service->method(i)->output_type(), shown);
      for (const std::string prefix : {"", "event.actor."}) {
        if (!columns.contains(prefix + "person")) continue;
        bool exempt = prefix.empty();
        for (const Descriptor* type : shown)
          if (type->FindFieldByName("on_behalf") != nullptr && !Exempt().contains(type->full_name()))
            exempt = false;
        EXPECT_TRUE(exempt || columns.contains(prefix + "on_behalf.principal_name"))
            << service->method(i)->full_name();
      }
    }
  }
}

}  // namespace
}  // namespace idea::shape
