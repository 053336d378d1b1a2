#include "services/drafting/content/content_path.h"

#include <algorithm>
#include <cstdio>

#include "google/protobuf/reflection.h"

namespace idea::drafting {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

namespace {

const FieldDescriptor* FieldOf(const Message& message, std::string_view name) {
  return message.GetDescriptor()->FindFieldByName(std::string(name));
}

// Removes the first name from the path and returns it.
std::string_view Next(std::string_view& path) {
  const std::string_view name = path.substr(0, path.find('.'));
  path.remove_prefix(std::min(name.size() + 1, path.size()));
  return name;
}

// A field and the message that contains it.
struct Place {
  const Message& holder;
  const FieldDescriptor* field;
};
Place Find(const Message& from, std::string_view path) {
  const Message* holder = &from;
  for (std::string_view name = Next(path);; name = Next(path)) {
    const FieldDescriptor* field = FieldOf(*holder, name);
    if (path.empty()) return {*holder, field};
    holder = &holder->GetReflection()->GetMessage(*holder, field);
  }
}

struct OwnPlace {
  Message& holder;
  const FieldDescriptor* field;
};
OwnPlace Make(Message& from, std::string_view path) {
  Message* holder = &from;
  for (std::string_view name = Next(path);; name = Next(path)) {
    const FieldDescriptor* field = FieldOf(*holder, name);
    if (path.empty()) return {*holder, field};
    holder = holder->GetReflection()->MutableMessage(holder, field);
  }
}

}  // namespace

const Descriptor* FieldTypeOf(std::string_view path) {
  const size_t dot = path.find('.');
  const auto* section = v1::Content::descriptor()->FindFieldByName(std::string(path.substr(0, dot)));
  return section->message_type()->FindFieldByName(std::string(path.substr(dot + 1)))->message_type();
}

const Message* FindMessage(const v1::Content& content, std::string_view path) {
  const auto [holder, field] = Find(content, path);
  return &holder.GetReflection()->GetMessage(holder, field);
}

Message& FieldIn(v1::Content& content, std::string_view path) {
  const auto [holder, field] = Make(content, path);
  return *holder.GetReflection()->MutableMessage(&holder, field);
}

std::vector<const FieldDescriptor*> EntriesIn(const Descriptor* type) {
  std::vector<const FieldDescriptor*> lists;
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    const bool of_messages = field->is_repeated() && field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (of_messages && field->message_type()->FindFieldByName("entity") != nullptr) lists.push_back(field);
  }
  return lists;
}

std::string EntityOf(const Message& entry) {
  return entry.GetReflection()->GetString(entry, entry.GetDescriptor()->FindFieldByName("entity"));
}

std::string TextOf(const Message& message, std::string_view name) {
  const auto [holder, field] = Find(message, name);
  return holder.GetReflection()->GetString(holder, field);
}

std::string ChoiceOf(const Message& message, std::string_view name, std::span<const std::string_view> names) {
  const auto [holder, field] = Find(message, name);
  const auto number = static_cast<size_t>(holder.GetReflection()->GetEnumValue(holder, field));
  return number < 1 || number > names.size() ? "" : std::string(names[number - 1]);
}

std::string ChoicesOf(const Message& message, std::string_view name,
                      std::span<const std::string_view> names) {
  const auto [holder, field] = Find(message, name);
  std::string text;
  for (int i = 0; i < holder.GetReflection()->FieldSize(holder, field); ++i) {
    const auto number = static_cast<size_t>(holder.GetReflection()->GetRepeatedEnumValue(holder, field, i));
    if (number < 1 || number > names.size()) continue;
    text += (text.empty() ? "" : ", ") + std::string(names[number - 1]);
  }
  return text;
}

std::string NumberOf(const Message& message, std::string_view name) {
  const auto [holder, field] = Find(message, name);
  const int number = holder.GetReflection()->GetInt32(holder, field);
  return number == 0 ? "" : std::to_string(number);
}

std::string DateOf(const Message& message, std::string_view name) {
  const auto [holder, field] = Find(message, name);
  google::type::Date date;
  date.CopyFrom(holder.GetReflection()->GetMessage(holder, field));
  return DateText(date);
}

std::vector<std::string> ItemsOf(const Message& message, std::string_view name) {
  const auto [holder, field] = Find(message, name);
  const auto items = holder.GetReflection()->GetRepeatedFieldRef<std::string>(holder, field);
  return {items.begin(), items.end()};
}

std::vector<v1::DepartmentText> DepartmentsOf(const Message& message, std::string_view name) {
  const auto [holder, field] = Find(message, name);
  const auto texts = holder.GetReflection()->GetRepeatedFieldRef<v1::DepartmentText>(holder, field);
  return {texts.begin(), texts.end()};
}

void SetText(Message& message, std::string_view name, const std::string& text) {
  // Avoids creating a message for an empty text.
  if (text.empty() && TextOf(message, name).empty()) return;
  const auto [holder, field] = Make(message, name);
  holder.GetReflection()->SetString(&holder, field, text);
}

void SetChoice(Message& message, std::string_view name, int number) {
  const auto [holder, field] = Make(message, name);
  holder.GetReflection()->SetEnumValue(&holder, field, number);
}

void AddChoice(Message& message, std::string_view name, int number) {
  const auto [holder, field] = Make(message, name);
  for (int i = 0; i < holder.GetReflection()->FieldSize(holder, field); ++i) {
    if (holder.GetReflection()->GetRepeatedEnumValue(holder, field, i) == number) return;
  }
  holder.GetReflection()->AddEnumValue(&holder, field, number);
}

void SetNumber(Message& message, std::string_view name, int number) {
  const auto [holder, field] = Make(message, name);
  holder.GetReflection()->SetInt32(&holder, field, number);
}

google::type::Date& MakeDate(Message& message, std::string_view name) {
  const auto [holder, field] = Make(message, name);
  return static_cast<google::type::Date&>(*holder.GetReflection()->MutableMessage(&holder, field));
}

void AddItem(Message& message, std::string_view name, const std::string& item) {
  const auto [holder, field] = Make(message, name);
  holder.GetReflection()->AddString(&holder, field, item);
}

v1::DepartmentText& AddDepartment(Message& message, std::string_view name) {
  const auto [holder, field] = Make(message, name);
  return static_cast<v1::DepartmentText&>(*holder.GetReflection()->AddMessage(&holder, field));
}

void ForEachDepartment(v1::Content& content, const VisitDepartment& visit) {
  for (auto& name : *content.mutable_recipients()) visit(name, "recipients");
  for (auto& name : *content.mutable_providers()) visit(name, "providers");
  const auto visit_entries = [&](auto* entries, std::string_view field) {
    for (auto& entry : *entries) visit(*entry.mutable_entity(), field);
  };
  auto& business = *content.mutable_business_case();
  visit_entries(business.mutable_contact_information()->mutable_departments(),
                "business_case.contact_information");
  visit_entries(business.mutable_output_use()->mutable_release_approvals(), "business_case.output_use");
  auto& administrative = *content.mutable_administrative();
  visit_entries(administrative.mutable_legal_authority()->mutable_departments(),
                "administrative.legal_authority");
  visit_entries(administrative.mutable_privacy_requirements()->mutable_departments(),
                "administrative.privacy_requirements");
  visit_entries(administrative.mutable_security_requirements()->mutable_departments(),
                "administrative.security_requirements");
  visit_entries(administrative.mutable_department_positions()->mutable_departments(),
                "administrative.department_positions");
  if (!administrative.education_records().source_agency().empty()) {
    visit(*administrative.mutable_education_records()->mutable_source_agency(),
          "administrative.education_records");
  }
}

void DropEmptyParts(Message& message) {
  std::vector<const FieldDescriptor*> set;
  message.GetReflection()->ListFields(message, &set);
  for (const FieldDescriptor* field : set) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_repeated()) continue;
    Message* part = message.GetReflection()->MutableMessage(&message, field);
    DropEmptyParts(*part);
    if (part->ByteSizeLong() == 0) message.GetReflection()->ClearField(&message, field);
  }
}

std::string DateText(const google::type::Date& date) {
  if (date.year() == 0 && date.month() == 0 && date.day() == 0) return "";
  char text[40];
  std::snprintf(text, sizeof text, "%02d/%02d/%04d", date.month(), date.day(), date.year());
  return text;
}

}  // namespace idea::drafting
