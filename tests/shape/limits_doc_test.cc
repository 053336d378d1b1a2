#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>

#include "common/config/config.h"
#include "idea/common/v1/options.pb.h"
#include "tests/shape/constants.h"
#include "tests/support/golden.h"
#include "tests/support/services.h"

namespace idea::shape {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr char kHead[] = R"(# Limits

Every bound of the suite: settings, what a field of a request may hold, and constants. Generated from the code; the test `shape_test` keeps it
current (`UPDATE_GOLDEN=1` writes it). A new bound appears here by its definition: a row of `config::Settings()`, a `rule` option beside a
field, or a constant in `common` or `services` whose name says that it is a bound (`kMax...`, `...Timeout`, `...Interval`) or whose
comment begins with `Limit:`. [CALLER_LIMITS.md](CALLER_LIMITS.md) has the limits of one caller and the largest memory of a server.
)";

// A cell of a table.
std::string Cell(std::string text) {
  for (size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, "\\");
  return text;
}

std::string Settings() {
  std::string doc =
      "\n## Settings\n\nNumbers that an operator can change.\n\n| Setting | Default | From | To | Meaning |\n"
      "|---|---|---|---|---|\n";
  for (const config::Setting& setting : config::Settings()) {
    if (!config::Allowed(setting).starts_with("a number")) continue;
    doc += std::string("| `") + setting.name + "` | " + setting.fallback + " | " +
           std::to_string(setting.min) + " | " + std::to_string(setting.max) + " | " + Cell(setting.help) +
           " |\n";
  }
  return doc;
}

// The rule of a field: "at most 200 characters, at most 10 items". Empty for a field without a rule.
std::string RuleOf(const FieldDescriptor& field) {
  const auto& rule = field.options().GetExtension(common::v1::rule);
  std::string text;
  const auto add = [&](const std::string& more) { text += (text.empty() ? "" : ", ") + more; };
  const bool bytes = field.type() == FieldDescriptor::TYPE_BYTES;
  if (rule.min_length() > 0) add("at least " + std::to_string(rule.min_length()) + " characters");
  if (rule.max_length() > 0)
    add("at most " + std::to_string(rule.max_length()) + (bytes ? " bytes" : " characters"));
  if (rule.max_items() > 0) add("at most " + std::to_string(rule.max_items()) + " items");
  if (rule.min() != 0 || rule.max() != 0)
    add("from " + std::to_string(rule.min()) + " to " + std::to_string(rule.max()));
  return text;
}

void AddMessage(const Descriptor& message, std::set<const Descriptor*>& seen) {
  if (!message.full_name().starts_with("idea.") || !seen.insert(&message).second) return;
  for (int i = 0; i < message.field_count(); ++i) {
    if (const Descriptor* inner = message.field(i)->message_type(); inner != nullptr)
      AddMessage(*inner, seen);
  }
}

// The rules of all messages that requests of a service are made of.
std::string Fields() {
  std::set<const Descriptor*> messages;
  for (const auto* service : idea::testing::Services()) {
    for (int i = 0; i < service->method_count(); ++i) AddMessage(*service->method(i)->input_type(), messages);
  }
  std::vector<std::string> rows;
  for (const Descriptor* message : messages) {
    for (int i = 0; i < message->field_count(); ++i) {
      const std::string rule = RuleOf(*message->field(i));
      if (!rule.empty())
        rows.push_back("| `" + message->field(i)->full_name().substr(5) + "` | " + rule + " |\n");
    }
  }
  std::sort(rows.begin(), rows.end());
  std::string doc =
      "\n## Fields of requests\n\nWhere a field is not listed: a text has at most 1,000 characters and a "
      "list at most 100 items.\n\n"
      "| Field | Bound |\n|---|---|\n";
  for (const std::string& row : rows) doc += row;
  return doc;
}

// The meaning of a constant: its comment, or the words of its name ("max token").
std::string MeaningOf(const Constant& bound) {
  if (!bound.comment.empty()) return bound.comment;
  std::string words;
  for (const char c : bound.name.substr(1)) {
    const bool upper = std::isupper(static_cast<unsigned char>(c)) != 0;
    if (upper && !words.empty()) words += ' ';
    words += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return words;
}

std::string Constants() {
  std::vector<std::string> files;
  for (const char* folder : {"common", "services"}) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(idea::testing::SourcePath(folder))) {
      const std::string extension = entry.path().extension().string();
      if (extension == ".h" || extension == ".cc")
        files.push_back(std::filesystem::relative(entry.path(), IDEA_SOURCE_DIR).string());
    }
  }
  std::sort(files.begin(), files.end());
  std::string doc =
      "\n## Constants\n\nSizes are in bytes, `Ki` and `Mi` of them, unless the meaning says otherwise.\n\n"
      "| Where | Constant | Value | Meaning |\n|---|---|---|---|\n";
  for (const std::string& file : files) {
    for (const Constant& bound : BoundsIn(idea::testing::ReadText(idea::testing::SourcePath(file))))
      doc += "| " + file + " | `" + bound.name + "` | " + Cell(bound.value) + " | " + Cell(MeaningOf(bound)) +
             " |\n";
  }
  return doc;
}

TEST(LimitsDoc, ListsEveryBound) {
  idea::testing::ExpectGolden("docs/LIMITS.md", kHead + Settings() + Fields() + Constants());
}

// --- the scanner sees what it should ---

MATCHER_P3(Is, name, value, comment, "") {
  *result_listener << arg.name << " = " << arg.value << " // " << arg.comment;
  return arg.name == name && arg.value == value && arg.comment == comment;
}

TEST(AConstant, IsABoundByItsNameOrItsComment) {
  EXPECT_THAT(BoundsIn(R"(
// Maximum length of a name,
// in characters.
constexpr size_t kMaxName = 1'000;
inline constexpr std::chrono::milliseconds kPollInterval{1'500};
  static constexpr std::chrono::seconds kTimeout(30);
constexpr size_t kMaxPart = size_t{16} << 20U;
constexpr int kMaxBytes = 4 * 1024;  // of it
constexpr clock::Micros kRereadAfter = 60 * clock::kSecond;
constexpr int kMaxBoth =
    kMaxOne + 1;
// Limit: a number that its name does not show.
constexpr int kSeven = 7;
// Not a bound.
constexpr int kEight = 8;
constexpr char kMaximal[] = "text";
)"),
              ::testing::ElementsAre(Is("kMaxName", "1,000", "Maximum length of a name, in characters."),
                                     Is("kPollInterval", "1,500 ms", ""), Is("kTimeout", "30 s", ""),
                                     Is("kMaxPart", "16 Mi", ""), Is("kMaxBytes", "4 Ki", ""),
                                     Is("kRereadAfter", "60 s", ""), Is("kMaxBoth", "`kMaxOne + 1`", ""),
                                     Is("kSeven", "7", "a number that its name does not show.")));
}

}  // namespace
}  // namespace idea::shape
