#include "common/flow/flow.h"

#include <utility>

#include "google/protobuf/descriptor.h"

namespace idea::flow {
namespace {

constexpr std::pair<Roles, std::string_view> kNames[] = {
    {kRecipient, "Data Recipient"},
    {kProvider, "Data Provider"},
    {kLeadRecipient, "first Data Recipient"},
    {kSender, "the Data Recipient that it lets send"},
    {kAgencyOfficer, "Agency CDO or Agency Information Officer"},
    {kUndersecretary, "Undersecretary"},
    {kCdo, "Statewide CDO"},
    {kGovernor, "Governor's Office"},
    {kOpener, "opener of the dispute"},
    {kDrafting, "drafting service"},
    {kReview, "review service"},
    {kDispute, "dispute service"},
    {kInventory, "inventory service"},
};

// A colon, a semicolon or a number sign would end the label in Mermaid.
std::string Label(std::string_view text) {
  std::string label(text);
  for (char& c : label) {
    if (c == ':' || c == ';' || c == '#' || c == '\n') c = ',';
  }
  return label;
}

std::string Citation(std::string_view guide) {
  const bool bare = !guide.empty() && guide[0] >= '0' && guide[0] <= '9';
  return (bare ? "guidebook " : "") + std::string(guide);
}

std::string Line(const internal::Arrow& arrow) {
  std::string line = "    " + arrow.from + " --> " + arrow.to + ": " + Label(arrow.on);
  if (!arrow.question.empty()) line += " [" + Label(arrow.question) + "]";
  if (!arrow.guide.empty()) line += " (" + Label(Citation(arrow.guide)) + ")";
  return line;
}

void AddOnce(std::vector<std::string>& lines, std::string line) {
  if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(std::move(line));
}

}  // namespace

std::string NamesOf(Roles roles) {
  std::vector<std::string_view> names;
  for (const auto& [part, name] : kNames) {
    if ((roles & part) != 0) names.push_back(name);
  }
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

std::string PrefixOf(const google::protobuf::EnumDescriptor& type) {
  std::string prefix = type.value(0)->name();
  for (int i = 1; i < type.value_count(); ++i) {
    const std::string& name = type.value(i)->name();
    const auto end = std::mismatch(prefix.begin(), prefix.end(), name.begin(), name.end()).first;
    prefix.erase(end, prefix.end());
  }
  return prefix.substr(0, prefix.rfind('_') + 1);
}

std::string NameOf(const google::protobuf::EnumDescriptor& type, int number) {
  const auto* value = type.FindValueByNumber(number);
  return value == nullptr ? std::to_string(number) : value->name().substr(PrefixOf(type).size());
}

namespace internal {

absl::Status NotAllowed(const std::string& state, std::string_view on,
                        const std::vector<std::string_view>& allowed) {
  std::string list;
  for (std::string_view step : allowed) list += (list.empty() ? "" : ", ") + std::string(step);
  return status::Error(status::Reason::ERROR_REASON_STEP_NOT_ALLOWED,
                       std::string(on) + " is not possible in state " + state +
                           "; possible for you: " + (list.empty() ? "nothing" : list))
      .With("state", state)
      .With("allowed", list);
}

absl::Status NotYours(std::string_view on, Roles by) {
  const std::string names = NamesOf(by);
  return status::Error(status::Reason::ERROR_REASON_NOT_YOUR_STEP,
                       std::string(on) + " is a step of: " + names)
      .With("by", names);
}

std::string Draw(const std::vector<std::string>& starts, const std::vector<Arrow>& arrows,
                 const std::vector<std::string>& finals) {
  std::vector<std::string> lines;
  for (const auto& start : starts) AddOnce(lines, "    [*] --> " + start);
  for (const auto& arrow : arrows) AddOnce(lines, Line(arrow));
  for (const auto& state : finals) AddOnce(lines, "    " + state + " --> [*]");
  std::string text = "stateDiagram-v2\n";
  for (const auto& line : lines) text += line + "\n";
  return text;
}

}  // namespace internal
}  // namespace idea::flow
