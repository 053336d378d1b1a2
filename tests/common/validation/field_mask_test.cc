#include "common/validation/field_mask.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <stdexcept>

#include "common/validation/plan.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/text_format.h"
#include "idea/drafting/v1/content.pb.h"
#include "idea/registry/v1/registry.pb.h"
#include "tests/support/matchers.h"

namespace idea::validation {
namespace {

using drafting::v1::Content;
using google::protobuf::FieldDescriptor;
using google::protobuf::FieldMask;
using google::protobuf::Message;
using idea::testing::FailsWith;
using idea::testing::IsOk;
using Leaves = std::map<std::string, std::string>;

FieldMask MaskOf(const std::vector<std::string>& paths) {
  FieldMask mask;
  for (const std::string& path : paths) mask.add_paths(path);
  return mask;
}

Content ContentOf(const std::string& text) {
  Content content;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &content)) << text;
  return content;
}

TEST(FieldPaths, AreExact) {
  const auto& type = *Content::descriptor();
  for (const char* path :
       {"recipients", "technical", "technical.data_users", "technical.data_users.description",
        "technical.data_elements.elements", "administrative.critical_dates.start_date"}) {
    EXPECT_TRUE(IsFieldPath(type, path)) << path;
  }
  for (const char* path : {"",
                           ".",
                           "..",
                           "*",
                           ".recipients",
                           "recipients.",
                           "..technical",
                           "technical.",
                           "technical..data_users",
                           "Technical",
                           "dataUsers",
                           "technical .data_users",
                           "technical.*",
                           "technical.nonsense",
                           "nonsense",
                           "recipients.x",
                           "recipients[0]",
                           "technical.data_elements.elements.field_name",
                           "technical.data_elements.elements[0]",
                           "administrative.critical_dates.start_date.year",
                           "technical.data_users.description.x",
                           "3"}) {
    EXPECT_FALSE(IsFieldPath(type, path)) << path;
  }
  EXPECT_FALSE(IsFieldPath(type, std::string("technical\0", 10)));
  EXPECT_FALSE(IsFieldPath(*registry::v1::Contact::descriptor(), "end_time.seconds"));
}

TEST(Masks, FollowTheMessageThatTheyMask) {
  google::protobuf::FileDescriptorProto file;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"(name: "masks.proto" package: "masks" syntax: "proto3" dependency: "google/protobuf/field_mask.proto"
         dependency: "idea/drafting/v1/content.proto"
         message_type { name: "Good" field { name: "content" number: 1 type: TYPE_MESSAGE type_name: ".idea.drafting.v1.Content" }
                        field { name: "update_mask" number: 2 type: TYPE_MESSAGE type_name: ".google.protobuf.FieldMask" } }
         message_type { name: "Alone" field { name: "update_mask" number: 1 type: TYPE_MESSAGE type_name: ".google.protobuf.FieldMask" } }
         message_type { name: "AfterAText" field { name: "name" number: 1 type: TYPE_STRING }
                        field { name: "update_mask" number: 2 type: TYPE_MESSAGE type_name: ".google.protobuf.FieldMask" } })",
      &file));
  // Plans are never destroyed, and neither are their types.
  auto& pool = *new google::protobuf::DescriptorPool(google::protobuf::DescriptorPool::generated_pool());
  ASSERT_NE(pool.BuildFile(file), nullptr);
  EXPECT_NO_THROW(PlanOf(pool.FindMessageTypeByName("masks.Good")));
  EXPECT_THROW(PlanOf(pool.FindMessageTypeByName("masks.Alone")), std::logic_error);
  EXPECT_THROW(PlanOf(pool.FindMessageTypeByName("masks.AfterAText")), std::logic_error);
}

TEST(ReplaceFields, MakesNoMessageToClearAFieldOfIt) {
  Content to;
  ReplaceFields(Content(), MaskOf({"technical.data_users.description", "administrative.research"}), &to);
  EXPECT_EQ(to.SerializeAsString(), "");
  ReplaceFields(ContentOf("technical { data_users {} }"), MaskOf({"technical.data_users.description"}), &to);
  EXPECT_EQ(to.SerializeAsString(), "");
  ReplaceFields(ContentOf("technical { data_users {} }"), MaskOf({"technical.data_users"}), &to);
  EXPECT_TRUE(to.technical().has_data_users());
}

TEST(ReplaceFields, TakesAStarForEveryField) {
  Content to = ContentOf("recipients: 'entities/a' technical { data_users { contractors: ANSWER_YES } }");
  const Content from = ContentOf("providers: 'entities/b' business_case {}");
  ReplaceFields(from, MaskOf({"*"}), &to);
  EXPECT_EQ(to.SerializeAsString(), from.SerializeAsString());
}

TEST(ChangeableFields, NamesThePathThatCannotBeChanged) {
  const std::string_view some[] = {"title", "roles"};
  ASSERT_THAT(ChangeableFields(MaskOf({"*"}), some), IsOk());
  EXPECT_EQ(ChangeableFields(MaskOf({"*"}), some)->paths_size(), 2);
  EXPECT_EQ(ChangeableFields(MaskOf({"roles"}), some)->paths_size(), 1);
  const auto refused = ChangeableFields(MaskOf({"roles", "person"}), some);
  EXPECT_THAT(refused, FailsWith(status::Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_NE(refused.status().message().find("person"), std::string::npos);
}

// --- a naive model: a content is the set of its values at leaf paths ---

bool LeadsFurther(const FieldDescriptor* field) {
  return !field->is_repeated() && field->message_type() != nullptr &&
         field->message_type()->full_name() != "google.type.Date";
}

void AddLeaves(const Message& message, const std::string& prefix, Leaves& leaves) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const std::string path = prefix + field->name();
    if (LeadsFurther(field)) {
      AddLeaves(message.GetReflection()->GetMessage(message, field), path + ".", leaves);
      continue;
    }
    google::protobuf::TextFormat::Printer printer;
    const int count = field->is_repeated() ? message.GetReflection()->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      std::string value;
      printer.PrintFieldValueToString(message, field, field->is_repeated() ? i : -1, &value);
      leaves[path] += value + ";";
    }
  }
}

Leaves LeavesOf(const Content& content) {
  Leaves leaves;
  AddLeaves(content, "", leaves);
  return leaves;
}

void AddPaths(const google::protobuf::Descriptor* type, const std::string& prefix,
              std::vector<std::string>& paths) {
  for (int i = 0; i < type->field_count(); ++i) {
    paths.push_back(prefix + type->field(i)->name());
    if (LeadsFurther(type->field(i))) AddPaths(type->field(i)->message_type(), paths.back() + ".", paths);
  }
}

// The content with about a third of its fields filled in.
void Fill(Message& message, std::mt19937& random) {
  const auto* type = message.GetDescriptor();
  const auto& set = *message.GetReflection();
  for (int i = 0; i < type->field_count(); ++i) {
    if (random() % 3 != 0) continue;
    const FieldDescriptor* field = type->field(i);
    const std::string text = "text " + std::to_string(random() % 5);
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        field->is_repeated() ? set.AddString(&message, field, text) : set.SetString(&message, field, text);
        break;
      case FieldDescriptor::CPPTYPE_ENUM: {
        const int value = static_cast<int>(1 + random() % 2);
        field->is_repeated() ? set.AddEnumValue(&message, field, value)
                             : set.SetEnumValue(&message, field, value);
        break;
      }
      case FieldDescriptor::CPPTYPE_BOOL:
        set.SetBool(&message, field, true);
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        Fill(field->is_repeated() ? *set.AddMessage(&message, field) : *set.MutableMessage(&message, field),
             random);
        break;
      default:
        set.SetInt32(&message, field, static_cast<int>(1 + random() % 28));
    }
  }
}

bool IsNamed(const std::vector<std::string>& mask, const std::string& leaf) {
  return std::any_of(mask.begin(), mask.end(), [&](const std::string& path) {
    return path == "*" || leaf == path || leaf.starts_with(path + ".");
  });
}

TEST(ReplaceFields, EqualsANaiveModelForRandomMasks) {
  std::vector<std::string> every;
  AddPaths(Content::descriptor(), "", every);
  every.emplace_back("*");
  std::mt19937 random(20261130);
  for (int run = 0; run < 3000; ++run) {
    Content from, before;
    Fill(from, random);
    Fill(before, random);
    std::vector<std::string> mask;
    for (int i = 0; i <= run % 7; ++i) mask.push_back(every[random() % every.size()]);
    Leaves expected;
    for (const auto& [path, value] : LeavesOf(before)) {
      if (!IsNamed(mask, path)) expected[path] = value;
    }
    for (const auto& [path, value] : LeavesOf(from)) {
      if (IsNamed(mask, path)) expected[path] = value;
    }
    Content after = before;
    ReplaceFields(from, MaskOf(mask), &after);
    ASSERT_EQ(LeavesOf(after), expected) << MaskOf(mask).ShortDebugString();
    // Another order and repeated paths have the same result.
    std::vector<std::string> shuffled = mask;
    shuffled.insert(shuffled.end(), mask.begin(), mask.end());
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    Content again = before;
    ReplaceFields(from, MaskOf(shuffled), &again);
    ASSERT_EQ(again.SerializeAsString(), after.SerializeAsString()) << MaskOf(shuffled).ShortDebugString();
  }
}

}  // namespace
}  // namespace idea::validation
