#include "services/drafting/document/content_path.h"

#include "google/protobuf/reflection.h"
#include "services/drafting/document/form.h"

namespace idea::drafting::document {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

namespace {

const FieldDescriptor* FieldOf(const Message& message, std::string_view name) {
  return message.GetDescriptor()->FindFieldByName(std::string(name));
}

}  // namespace

const Message* FindMessage(const v1::Content& content, std::string_view path) {
  const size_t dot = path.find('.');
  const Message& section =
      content.GetReflection()->GetMessage(content, FieldOf(content, path.substr(0, dot)));
  return &section.GetReflection()->GetMessage(section, FieldOf(section, path.substr(dot + 1)));
}

Message* MakeMessage(v1::Content& content, std::string_view path) {
  const size_t dot = path.find('.');
  Message& section =
      *content.GetReflection()->MutableMessage(&content, FieldOf(content, path.substr(0, dot)));
  return section.GetReflection()->MutableMessage(&section, FieldOf(section, path.substr(dot + 1)));
}

std::string TextOf(const Message& holder, std::string_view name) {
  return holder.GetReflection()->GetString(holder, FieldOf(holder, name));
}

std::string ChoiceOf(const Message& holder, std::string_view name,
                     const std::array<std::string_view, 2>& names) {
  const int number = holder.GetReflection()->GetEnumValue(holder, FieldOf(holder, name));
  return number < 1 || number > 2 ? "" : std::string(names.at(number - 1));
}

std::string DateOf(const Message& holder, std::string_view name) {
  google::type::Date date;
  date.CopyFrom(holder.GetReflection()->GetMessage(holder, FieldOf(holder, name)));
  return DateText(date);
}

std::vector<std::string> ItemsOf(const Message& holder, std::string_view name) {
  const auto items = holder.GetReflection()->GetRepeatedFieldRef<std::string>(holder, FieldOf(holder, name));
  return {items.begin(), items.end()};
}

std::vector<v1::DepartmentText> DepartmentsOf(const Message& holder, std::string_view name) {
  const auto texts =
      holder.GetReflection()->GetRepeatedFieldRef<v1::DepartmentText>(holder, FieldOf(holder, name));
  return {texts.begin(), texts.end()};
}

void SetText(Message& holder, std::string_view name, const std::string& text) {
  holder.GetReflection()->SetString(&holder, FieldOf(holder, name), text);
}

void SetChoice(Message& holder, std::string_view name, int number) {
  holder.GetReflection()->SetEnumValue(&holder, FieldOf(holder, name), number);
}

google::type::Date& MakeDate(Message& holder, std::string_view name) {
  return static_cast<google::type::Date&>(
      *holder.GetReflection()->MutableMessage(&holder, FieldOf(holder, name)));
}

void AddItem(Message& holder, std::string_view name, const std::string& item) {
  holder.GetReflection()->AddString(&holder, FieldOf(holder, name), item);
}

v1::DepartmentText& AddDepartment(Message& holder, std::string_view name) {
  return static_cast<v1::DepartmentText&>(
      *holder.GetReflection()->AddMessage(&holder, FieldOf(holder, name)));
}

void ForEachDepartment(v1::Content& content, const std::function<void(std::string&)>& visit) {
  for (auto& name : *content.mutable_recipients()) visit(name);
  for (auto& name : *content.mutable_providers()) visit(name);
  for (auto& entry : *content.mutable_business_case()->mutable_contact_information()->mutable_departments()) {
    visit(*entry.mutable_entity());
  }
  auto& administrative = *content.mutable_administrative();
  for (auto* list : {content.mutable_business_case()->mutable_output_use()->mutable_release_approvals(),
                     administrative.mutable_legal_authority()->mutable_departments(),
                     administrative.mutable_privacy_requirements()->mutable_departments(),
                     administrative.mutable_security_requirements()->mutable_departments(),
                     administrative.mutable_department_positions()->mutable_departments()}) {
    for (auto& entry : *list) visit(*entry.mutable_entity());
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

}  // namespace idea::drafting::document
