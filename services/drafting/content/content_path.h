#ifndef IDEA_SERVICES_DRAFTING_CONTENT_CONTENT_PATH_H_
#define IDEA_SERVICES_DRAFTING_CONTENT_CONTENT_PATH_H_

#include <array>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "idea/drafting/v1/content.pb.h"

// Reads and writes fields of Content by their paths. A `path` names a field of the template:
// "technical.data_users". A `name` is a path below such a field: "study.scope".
namespace idea::drafting {

// Names of Answer, Recurrence, EducationUse and PurposeKind, by number from 1.
inline constexpr std::array<std::string_view, 2> kAnswers = {"Yes", "No"};
inline constexpr std::array<std::string_view, 2> kRecurrences = {"One-time", "Ongoing"};
inline constexpr std::array<std::string_view, 3> kUses = {"Audit or evaluation", "Study",
                                                          "Another exception"};
inline constexpr std::array<std::string_view, 5> kPurposes = {"Program operation", "Evaluation or audit",
                                                              "Research", "Enforcement", "Statistics"};

// The type of the template's field, which must exist.
const google::protobuf::Descriptor* FieldTypeOf(std::string_view path);

// The template's field; the default message if it is not set.
const google::protobuf::Message* FindMessage(const v1::Content& content, std::string_view path);
// The template's field; sets it if it is not set.
google::protobuf::Message& FieldIn(v1::Content& content, std::string_view path);

// The lists of a type in which every department has its own entry: their entries have a field `entity`.
std::vector<const google::protobuf::FieldDescriptor*> EntriesIn(const google::protobuf::Descriptor* type);
// The department of an entry of such a list.
std::string EntityOf(const google::protobuf::Message& entry);

std::string TextOf(const google::protobuf::Message& holder, std::string_view name);
std::string ChoiceOf(const google::protobuf::Message& holder, std::string_view name,
                     std::span<const std::string_view> names);
// The names of a repeated enum, separated by ", ".
std::string ChoicesOf(const google::protobuf::Message& holder, std::string_view name,
                      std::span<const std::string_view> names);
// A number other than 0 as text.
std::string NumberOf(const google::protobuf::Message& holder, std::string_view name);
std::string DateOf(const google::protobuf::Message& holder, std::string_view name);
std::vector<std::string> ItemsOf(const google::protobuf::Message& holder, std::string_view name);
std::vector<v1::DepartmentText> DepartmentsOf(const google::protobuf::Message& holder, std::string_view name);

void SetText(google::protobuf::Message& holder, std::string_view name, const std::string& text);
void SetChoice(google::protobuf::Message& holder, std::string_view name, int number);
// Adds a value of a repeated enum, unless it is present.
void AddChoice(google::protobuf::Message& holder, std::string_view name, int number);
void SetNumber(google::protobuf::Message& holder, std::string_view name, int number);
google::type::Date& MakeDate(google::protobuf::Message& holder, std::string_view name);
void AddItem(google::protobuf::Message& holder, std::string_view name, const std::string& item);
v1::DepartmentText& AddDepartment(google::protobuf::Message& holder, std::string_view name);

// Calls `visit` with every name of a department in the content and the path of its field: the parties, and
// the departments of texts and contacts. Sets the messages that contain these fields.
using VisitDepartment = std::function<void(std::string& name, std::string_view field)>;
void ForEachDepartment(v1::Content& content, const VisitDepartment& visit);

// Clears every message that is empty.
void DropEmptyParts(google::protobuf::Message& message);

// "01/31/2027"; empty if the date is not set.
std::string DateText(const google::type::Date& date);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_CONTENT_CONTENT_PATH_H_
