#ifndef IDEA_SERVICES_DRAFTING_CONTENT_CONTENT_PATH_H_
#define IDEA_SERVICES_DRAFTING_CONTENT_CONTENT_PATH_H_

#include <array>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "idea/drafting/v1/content.pb.h"

// Reads and writes the fields of Content that the template's table names. A `name` may go deeper:
// "study.scope".
namespace idea::drafting::document {

// Names of Answer, Recurrence and EducationUse, by number from 1.
inline constexpr std::array<std::string_view, 2> kAnswers = {"Yes", "No"};
inline constexpr std::array<std::string_view, 2> kRecurrences = {"One-time", "Ongoing"};
inline constexpr std::array<std::string_view, 3> kUses = {"Audit or evaluation", "Study",
                                                          "Another exception"};

// The message at "technical.data_users"; the default one where it is not set.
const google::protobuf::Message* FindMessage(const v1::Content& content, std::string_view path);
google::protobuf::Message* MakeMessage(v1::Content& content, std::string_view path);

std::string TextOf(const google::protobuf::Message& holder, std::string_view name);
std::string ChoiceOf(const google::protobuf::Message& holder, std::string_view name,
                     std::span<const std::string_view> names);
std::string DateOf(const google::protobuf::Message& holder, std::string_view name);
std::vector<std::string> ItemsOf(const google::protobuf::Message& holder, std::string_view name);
std::vector<v1::DepartmentText> DepartmentsOf(const google::protobuf::Message& holder, std::string_view name);

void SetText(google::protobuf::Message& holder, std::string_view name, const std::string& text);
void SetChoice(google::protobuf::Message& holder, std::string_view name, int number);
google::type::Date& MakeDate(google::protobuf::Message& holder, std::string_view name);
void AddItem(google::protobuf::Message& holder, std::string_view name, const std::string& item);
v1::DepartmentText& AddDepartment(google::protobuf::Message& holder, std::string_view name);

// Visits all in the content that names a department, with the field: the parties, and whose a text or a
// contact is. Makes the messages on the way.
using VisitDepartment = std::function<void(std::string& name, std::string_view field)>;
void ForEachDepartment(v1::Content& content, const VisitDepartment& visit);

// Takes out every message that holds nothing.
void DropEmptyParts(google::protobuf::Message& message);

}  // namespace idea::drafting::document

#endif  // IDEA_SERVICES_DRAFTING_CONTENT_CONTENT_PATH_H_
