#include "services/cli/help/explain.h"

#include <algorithm>
#include <sstream>

#include "absl/status/statusor.h"
#include "common/status/status.h"
#include "idea/common/v1/options.pb.h"
#include "services/cli/command/commands.h"
#include "services/cli/command/proto_comments.h"
#include "services/cli/command/request_flags.h"
#include "services/cli/command/skeleton.h"
#include "services/cli/command/suggestion.h"

namespace idea::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using Json = nlohmann::ordered_json;

// A message, or a field of one.
struct Subject {
  std::string name;
  const Descriptor* message = nullptr;
  const FieldDescriptor* field = nullptr;
  // The method, if the message is a request.
  const Command* command = nullptr;
};

absl::Status NoSuch(const std::string& text) { return absl::InvalidArgumentError("explain: " + text); }

// "bucps.content", "technical" -> "bucps", "content", "technical".
std::vector<std::string> PartsOf(const std::vector<std::string>& words) {
  std::vector<std::string> parts;
  for (const std::string& word : words) {
    std::istringstream dotted(word);
    for (std::string part; std::getline(dotted, part, '.');) {
      if (!part.empty()) parts.push_back(part);
    }
  }
  return parts;
}

std::vector<std::string> Nouns() {
  std::vector<std::string> nouns;
  for (const Command& command : Commands()) {
    if (!command.hidden && std::find(nouns.begin(), nouns.end(), command.noun) == nouns.end())
      nouns.push_back(command.noun);
  }
  return nouns;
}

// Removes the noun from the start of the parts and returns it.
std::string ConsumeNoun(std::vector<std::string>& parts) {
  for (const std::string& noun : Nouns()) {
    const std::string second = SecondWord(noun);
    const std::vector<std::string> aliases = AliasesOf(noun);
    const bool is_first =
        !parts.empty() &&
        (parts[0] == FirstWord(noun) || std::find(aliases.begin(), aliases.end(), parts[0]) != aliases.end());
    if (!is_first || (!second.empty() && (parts.size() < 2 || parts[1] != second))) continue;
    parts.erase(parts.begin(), parts.begin() + (second.empty() ? 1 : 2));
    return noun;
  }
  return "";
}

// The resource of a noun: that of its get, else that of its first method with a message in its response.
const Descriptor* ResourceOf(const std::string& noun) {
  const Command* command = FindCommand(noun, "get");
  for (const Command& each : Commands()) {
    if (command == nullptr && each.noun == noun && WrappedField(*each.method->output_type()) != nullptr)
      command = &each;
  }
  const FieldDescriptor* wrapped =
      command == nullptr ? nullptr : WrappedField(*command->method->output_type());
  return wrapped == nullptr ? nullptr : wrapped->message_type();
}

absl::StatusOr<Subject> Find(const std::vector<std::string>& words) {
  std::vector<std::string> parts = PartsOf(words);
  const std::string typed = parts.empty() ? "" : parts[0];
  const std::string noun = ConsumeNoun(parts);
  if (noun.empty()) {
    return NoSuch(typed.empty() ? "expected a noun of " + Listed(Nouns())
                                : "\"" + typed + "\" is not a noun" + DidYouMean(typed, Nouns()) +
                                      "; expected one of " + Listed(Nouns()));
  }
  Subject subject{noun, ResourceOf(noun)};
  if (!parts.empty()) subject.command = FindCommand(noun, parts[0]);
  if (subject.command != nullptr) {
    subject.name += " " + parts[0];
    subject.message = subject.command->method->input_type();
    parts.erase(parts.begin());
  }
  if (subject.message == nullptr) return NoSuch(noun + ": name one of its verbs too");
  for (const std::string& part : parts) {
    std::vector<std::string> known;
    const FieldDescriptor* found = nullptr;
    for (int i = 0; subject.message != nullptr && i < subject.message->field_count(); ++i) {
      const FieldDescriptor* field = subject.message->field(i);
      known.push_back(field->name());
      if (field->name() == part || field->json_name() == part) found = field;
    }
    if (found == nullptr) {
      return NoSuch("\"" + part + "\" is not a part of " + subject.name + DidYouMean(part, known) +
                    (known.empty() ? "" : "; expected one of " + Listed(known)));
    }
    subject.name += "." + found->name();
    subject.field = found;
    subject.message = found->message_type();
  }
  return subject;
}

bool IsExplained(const Descriptor* message) {
  return message != nullptr && !message->full_name().starts_with("google.");
}

std::string BoundsOf(const FieldDescriptor& field) {
  const common::v1::FieldRule& rule = field.options().GetExtension(common::v1::rule);
  const bool is_text = field.cpp_type() == FieldDescriptor::CPPTYPE_STRING;
  std::string bounds;
  const auto add = [&](const std::string& bound) { bounds += (bounds.empty() ? "" : ", ") + bound; };
  if (is_text && rule.resource().empty()) {
    const bool is_file = field.type() == FieldDescriptor::TYPE_BYTES;
    add("at most " + std::to_string(rule.max_length() == 0 ? 1000 : rule.max_length()) +
        (is_file ? " bytes" : " characters"));
  }
  if (field.is_repeated())
    add("at most " + std::to_string(rule.max_items() == 0 ? 100 : rule.max_items()) + " items");
  if (rule.min() != 0 || rule.max() != 0)
    add("from " + std::to_string(rule.min()) + " to " + std::to_string(rule.max()));
  return bounds;
}

std::string TypeOf(const FieldDescriptor& field) {
  const std::string list = field.is_repeated() ? "list of " : "";
  if (IsExplained(field.message_type())) return list + field.message_type()->name();
  for (const RequestFlag& flag : FlagsOf(*field.containing_type())) {
    if (flag.field == &field) return list + flag.expected.substr(0, flag.expected.find(", comma list"));
  }
  return list;
}

Json ValuesOf(const EnumDescriptor& type) {
  Json values = Json::array();
  for (int i = 0; i < type.value_count(); ++i) {
    const auto* value = type.value(i);
    if (value->number() == 0) continue;
    std::string sections;
    for (int k = 0; k < value->options().ExtensionSize(common::v1::clause); ++k)
      sections += (k > 0 ? ", " : "") + value->options().GetExtension(common::v1::clause, k);
    values.push_back(
        {{"value", ShortName(*value)}, {"section", sections}, {"meaning", CommentOf(value->full_name())}});
  }
  return values;
}

// The callers of a method: "departments and the Statewide CDO's office, a person with one of LEGAL, PRIVACY".
std::string CallersOf(const Command& command) {
  const auto& policy = command.method->options().GetExtension(common::v1::policy);
  std::vector<std::string> callers, roles;
  for (const int caller : policy.callers()) {
    if (caller == common::v1::CALLER_KIND_ENTITY) callers.emplace_back("departments");
    if (caller == common::v1::CALLER_KIND_CDO) callers.emplace_back("the Statewide CDO's office");
    if (caller == common::v1::CALLER_KIND_GOVERNOR) callers.emplace_back("the Governor's Office");
    if (caller == common::v1::CALLER_KIND_SERVICE) callers.emplace_back("services of the suite");
  }
  for (const int role : policy.person())
    roles.push_back(ShortName(*common::v1::ContactRole_descriptor()->FindValueByNumber(role)));
  return Listed(callers) + (roles.empty() ? "" : "; a person with one of the roles " + Listed(roles));
}

Json DocumentOf(const Subject& subject) {
  Json document = {{"name", subject.name}};
  if (subject.field != nullptr) {
    document["type"] = TypeOf(*subject.field);
    document["meaning"] = CommentOf(subject.field->full_name());
    if (const std::string bounds = BoundsOf(*subject.field); !bounds.empty()) document["bounds"] = bounds;
  } else {
    document["type"] = subject.message->name();
    document["meaning"] = CommentOf(subject.command != nullptr ? subject.command->method->full_name()
                                                               : subject.message->full_name());
  }
  if (subject.command != nullptr) document["callers"] = "Called by " + CallersOf(*subject.command) + ".";
  if (subject.field != nullptr && subject.field->enum_type() != nullptr)
    document["values"] = ValuesOf(*subject.field->enum_type());
  if (IsExplained(subject.message)) {
    if (subject.field != nullptr) document["message"] = CommentOf(subject.message->full_name());
    document["fields"] = ExplanationOf(*subject.message);
    document["example"] = SkeletonOf(*subject.message);
  } else if (subject.field != nullptr) {
    document["example"] =
        SkeletonOf(*subject.field->containing_type()).value(subject.field->json_name(), Json());
  }
  return document;
}

std::string TextOf(const Json& document, const char* key) { return document.value(key, std::string()); }

// The values of an enum are cut, so that the meaning next to them stays visible.
std::string ShortType(const std::string& type) {
  constexpr size_t kMaxWidth = 40;
  if (type.size() <= kMaxWidth || type.find('|') == std::string::npos) return type;
  return type.substr(0, type.rfind('|', kMaxWidth)) + "|... (" +
         std::to_string(std::count(type.begin(), type.end(), '|') + 1) + " values)";
}

void PrintText(const Subject& subject, const Json& document, const OutputStyle& style, std::ostream& out) {
  out << subject.name << ": " << TextOf(document, "type") << "\n";
  for (const char* key : {"meaning", "callers", "message", "bounds"}) {
    const std::string text = TextOf(document, key);
    // The message often begins with the meaning of its field.
    const bool repeated = key == std::string_view("meaning") && TextOf(document, "message").starts_with(text);
    if (!text.empty() && !repeated) out << "\n" << text << "\n";
  }
  std::vector<Row> rows;
  if (document.contains("values")) {
    for (const Json& value : document["values"])
      rows.push_back({TextOf(value, "value"),
                      TextOf(value, "section").empty() ? "-" : TextOf(value, "section"),
                      TextOf(value, "meaning")});
    out << "\n";
    PrintTable({"VALUE", "SECTION", "MEANING"}, rows, out, style.table);
  }
  if (document.contains("fields")) {
    for (const Json& field : document["fields"])
      rows.push_back({TextOf(field, "name"), ShortType(TextOf(field, "type")), TextOf(field, "use"),
                      TextOf(field, "summary")});
    out << "\n";
    PrintTable({"FIELD", "TYPE", "USE", "MEANING"}, rows, out, style.table);
  }
  if (document.contains("example") && !document["example"].is_null())
    out << "\nexample:\n" << document["example"].dump(1) << "\n";
}

}  // namespace

Json ExplanationOf(const Descriptor& message) {
  Json fields = Json::array();
  for (const RequestFlag& flag : FlagsOf(message)) {
    if (flag.part_of != nullptr) continue;
    const std::string comment = CommentOf(flag.field->full_name());
    const std::string use = flag.required ? "required" : IsOutput(*flag.field) ? "set by the server" : "";
    fields.push_back({{"name", flag.field->name()},
                      {"type", TypeOf(*flag.field)},
                      {"use", use},
                      {"summary", SummaryOf(flag.field->full_name())},
                      {"meaning", comment},
                      {"bounds", BoundsOf(*flag.field)}});
  }
  return fields;
}

ExitCode Explain(const std::vector<std::string>& words, bool skeleton, const OutputStyle& style,
                 Environment& env) {
  const absl::StatusOr<Subject> subject = Find(words);
  if (!subject.ok()) return Complain(std::string(subject.status().message()), kUsage, env);
  const Json document = DocumentOf(*subject);
  if (skeleton) {
    OutputStyle json = style;
    if (!IsForPrograms(json.format)) json.format = Format::kJson;
    PrintDocument(document["example"], json, env.out);
  } else if (IsForPrograms(style.format)) {
    PrintDocument(document, style, env.out);
  } else {
    PrintText(*subject, document, style, env.out);
  }
  return kDone;
}

ExitCode RunExplain(const Arguments& arguments, Environment& env) {
  return Explain(arguments.words, arguments.skeleton, arguments.options.style, env);
}

}  // namespace idea::cli
