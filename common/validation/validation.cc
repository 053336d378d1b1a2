#include "common/validation/validation.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/ids/ids.h"
#include "common/status/status.h"
#include "common/status/trailer_limit.h"
#include "common/validation/field_mask.h"
#include "common/validation/plan.h"
#include "common/validation/text.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"

namespace idea::validation {
namespace {

using common::v1::FieldRule;
using google::protobuf::DynamicCastToGenerated;
using google::protobuf::FieldDescriptor;
using google::protobuf::FieldMask;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr size_t kMaxViolations = 50;
constexpr int kMaxMaskPaths = 100;
constexpr size_t kMaxShownPath = 200;
constexpr int64_t kFirstSecond = -62135596800;  // 0001-01-01
constexpr int64_t kLastSecond = 253402300799;   // 9999-12-31T23:59:59

// A message with its reflection, because GetReflection() costs more than reading a field.
struct Reading {
  explicit Reading(const Message& of) : message(of), reflection(*of.GetReflection()) {}
  const Message& message;
  const Reflection& reflection;
};

// The path to the current place in the request. Formatted only for faults.
struct Path {
  const Path* parent = nullptr;
  const FieldDescriptor* field = nullptr;
  int index = -1;

  std::string ToString() const {
    if (field == nullptr) return "";
    std::string text = parent->ToString();
    text += (text.empty() ? "" : ".") + field->name();
    return index < 0 ? text : text + '[' + std::to_string(index) + ']';
  }

  // The path below the top-level field, without indexes, as in a mask.
  std::string InResource() const {
    if (parent->field == nullptr) return "";
    const std::string text = parent->InResource();
    return text.empty() ? field->name() : text + "." + field->name();
  }
};

class Violations {
 public:
  void Add(const Path& path, std::string wanted) {
    ++count_;
    if (list_.size() < kMaxViolations) list_.emplace_back(path.ToString(), std::move(wanted));
  }
  absl::Status ToStatus() const {
    if (list_.empty()) return absl::OkStatus();
    const auto& [first, wanted] = list_.front();
    const std::string more = count_ == 1 ? "" : " (and " + std::to_string(count_ - 1) + " more)";
    status::Error error(status::Reason::ERROR_REASON_INVALID_FIELD, first + ": " + wanted + more);
    for (const auto& [path, description] : list_) error.Field(path, description);
    if (count_ > list_.size()) error.Field("", status::AndMore(count_ - list_.size()));
    return error;
  }

 private:
  // The number of all faults; the list has the first ones.
  size_t count_ = 0;
  std::vector<std::pair<std::string, std::string>> list_;
};

std::string AtMost(uint64_t most, std::string_view things) {
  return "at most " + std::to_string(most) + " " + std::string(things);
}

// --- texts ---

std::string WantedForm(const std::string& text, const FieldRule& rule) {
  if (!rule.resource().empty() && !ids::MatchesPattern(text, rule.resource())) {
    return "a resource name of the form " + rule.resource();
  }
  switch (rule.format()) {
    case common::v1::TEXT_FORMAT_EMAIL:
      return IsEmail(text) ? "" : "an e-mail address";
    case common::v1::TEXT_FORMAT_UUID4:
      return ids::IsUuid4(text) ? "" : "a random (version 4) UUID in lower case";
    case common::v1::TEXT_FORMAT_SHA256:
      return IsSha256(text) ? "" : "a SHA-256 digest as 64 lower-case hexadecimal digits";
    case common::v1::TEXT_FORMAT_NAME:
      if (IsBlank(text)) return "a text that shows something";
      if (HasInvisible(text)) return "a text without invisible characters";
      return HasMarkRun(text) ? "a text without long runs of combining marks" : "";
    default:
      return "";
  }
}

std::string WantedText(const std::string& text, const FieldRule& rule) {
  const bool one_line = rule.format() != common::v1::TEXT_FORMAT_UNSPECIFIED || !rule.resource().empty();
  const TextFacts facts = CheckText(text, one_line);
  if (!facts.wanted.empty()) return std::string(facts.wanted);
  if (facts.code_points > rule.max_length()) return AtMost(rule.max_length(), "characters");
  if (facts.code_points < rule.min_length())
    return "at least " + std::to_string(rule.min_length()) + " characters";
  return WantedForm(text, rule);
}

std::string WantedBytes(const std::string& bytes, const FieldRule& rule) {
  if (bytes.size() > rule.max_length()) return AtMost(rule.max_length(), "bytes");
  if (bytes.size() < rule.min_length()) return "at least " + std::to_string(rule.min_length()) + " bytes";
  return "";
}

// --- numbers and enums ---

// The value as int64. An uint64 above its range becomes the maximum.
int64_t NumberAt(const Reading& from, const FieldDescriptor* field, int index) {
  const auto& [message, r] = from;
  const bool one = index < 0;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return one ? r.GetInt32(message, field) : r.GetRepeatedInt32(message, field, index);
    case FieldDescriptor::CPPTYPE_UINT32:
      return one ? r.GetUInt32(message, field) : r.GetRepeatedUInt32(message, field, index);
    case FieldDescriptor::CPPTYPE_INT64:
      return one ? r.GetInt64(message, field) : r.GetRepeatedInt64(message, field, index);
    case FieldDescriptor::CPPTYPE_UINT64: {
      const uint64_t number = one ? r.GetUInt64(message, field) : r.GetRepeatedUInt64(message, field, index);
      return number > INT64_MAX ? INT64_MAX : static_cast<int64_t>(number);
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      return one ? r.GetEnumValue(message, field) : r.GetRepeatedEnumValue(message, field, index);
    default:
      return 0;
  }
}

std::string WantedNumber(int64_t number, const FieldRule& rule) {
  if (rule.min() == 0 && rule.max() == 0) return "";
  if (number >= rule.min() && number <= rule.max()) return "";
  return "a number from " + std::to_string(rule.min()) + " to " + std::to_string(rule.max());
}

std::string WantedEnum(int64_t number, const FieldDescriptor* field) {
  if (field->enum_type()->FindValueByNumber(static_cast<int>(number)) != nullptr) return "";
  return "a value of " + field->enum_type()->name();
}

// --- message types with special rules ---

int DaysOf(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

bool IsRealDay(const google::type::Date& date) {
  if (date.year() < 1 || date.year() > 9999 || date.month() < 1 || date.month() > 12) return false;
  return date.day() >= 1 && date.day() <= DaysOf(date.year(), date.month());
}

bool IsInRange(const google::protobuf::Timestamp& time) {
  return time.seconds() >= kFirstSecond && time.seconds() <= kLastSecond && time.nanos() >= 0 &&
         time.nanos() < 1'000'000'000;
}

// A path for a refusal: an index instead if it is too long or has invalid characters.
std::string ShownPath(const FieldMask& mask, int index) {
  const std::string& path = mask.paths(index);
  const bool shows =
      path.size() <= kMaxShownPath &&
      path.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.*[]") ==
          std::string::npos;
  return shows ? '"' + path + '"' : "paths[" + std::to_string(index) + "]";
}

std::string WantedMask(const FieldMask& mask, const FieldPlan& plan) {
  if (plan.required && mask.paths().empty()) return "at least one path";
  if (mask.paths_size() > kMaxMaskPaths) return AtMost(kMaxMaskPaths, "paths");
  for (int i = 0; i < mask.paths_size(); ++i) {
    if (mask.paths(i) == "*") {
      if (mask.paths_size() == 1) return "";
      return "\"*\" alone, or paths of fields without it";
    }
    if (!IsFieldPath(*plan.masked, mask.paths(i))) {
      return "exact paths of fields of " + plan.masked->name() + "; " + ShownPath(mask, i) + " is not one";
    }
  }
  return "";
}

std::string WantedWellKnown(const Message& message, const FieldPlan& plan) {
  if (const auto* date = DynamicCastToGenerated<google::type::Date>(&message)) {
    return IsRealDay(*date) ? "" : "a real date with year, month and day";
  }
  if (const auto* time = DynamicCastToGenerated<google::protobuf::Timestamp>(&message)) {
    return IsInRange(*time) ? "" : "a time of the years 1 to 9999";
  }
  if (const auto* mask = DynamicCastToGenerated<FieldMask>(&message)) {
    return WantedMask(*mask, plan);
  }
  return plan.nested->well_known == WellKnown::kAny ? "" : "a message that is known here";
}

// --- the walk ---

const std::string& TextAt(const Reading& from, const FieldDescriptor* field, int index,
                          std::string* scratch) {
  const auto& [message, reflection] = from;
  return index < 0 ? reflection.GetStringReference(message, field, scratch)
                   : reflection.GetRepeatedStringReference(message, field, index, scratch);
}

bool IsUnset(const Reading& from, const FieldDescriptor* field, int index) {
  const bool item = index >= 0;
  if (!item && field->has_presence()) return !from.reflection.HasField(from.message, field);
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
    case FieldDescriptor::CPPTYPE_BOOL:
      return false;
    case FieldDescriptor::CPPTYPE_ENUM:
      return NumberAt(from, field, index) == 0;
    default:
      return !item && NumberAt(from, field, index) == 0;
  }
}

std::string WantedString(const std::string& text, const FieldPlan& plan) {
  const bool bytes = plan.field->type() == FieldDescriptor::TYPE_BYTES;
  return bytes ? WantedBytes(text, plan.rule) : WantedText(text, plan.rule);
}

std::string WantedValue(const Reading& from, const FieldPlan& plan, int index) {
  switch (plan.field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string scratch;
      return WantedString(TextAt(from, plan.field, index, &scratch), plan);
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      return WantedEnum(NumberAt(from, plan.field, index), plan.field);
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT64:
      return WantedNumber(NumberAt(from, plan.field, index), plan.rule);
    default:
      return "";
  }
}

// The mask of an update (AIP-134); null if the request has none.
const FieldMask* MaskOf(const Message& request, const Plan& plan) {
  if (plan.update_mask == nullptr) return nullptr;
  const auto* mask =
      DynamicCastToGenerated<FieldMask>(&request.GetReflection()->GetMessage(request, plan.update_mask));
  return mask == nullptr || mask->paths().empty() ? nullptr : mask;
}

class Walk {
 public:
  explicit Walk(const FieldMask* mask) : mask_(mask) {}

  void Check(const Message& message, const Plan& plan, const Path& path) {
    const Reading from(message);
    for (const FieldPlan& field : plan.fields) {
      if (field.field->is_repeated()) {
        CheckList(from, field, path);
      } else {
        CheckValue(from, field, {&path, field.field});
      }
    }
  }
  absl::Status ToStatus() const { return violations_.ToStatus(); }

 private:
  void Want(const Path& path, std::string wanted) {
    if (!wanted.empty()) violations_.Add(path, std::move(wanted));
  }

  // In an update, fields that the mask does not name are not missing.
  bool IsMissed(const FieldPlan& plan, const Path& path) const {
    if (!plan.required || mask_ == nullptr || path.parent->field == nullptr) return plan.required;
    const std::string inside = path.InResource() + ".";
    return std::any_of(mask_->paths().begin(), mask_->paths().end(), [&](const std::string& masked) {
      return masked == "*" || inside.starts_with(masked + ".") || (masked + ".").starts_with(inside);
    });
  }

  void CheckList(const Reading& from, const FieldPlan& plan, const Path& parent) {
    const int size = from.reflection.FieldSize(from.message, plan.field);
    const Path path{&parent, plan.field};
    if (size == 0 && IsMissed(plan, path)) Want(path, "at least one item");
    if (static_cast<uint32_t>(size) > plan.rule.max_items()) {
      return Want(path, AtMost(plan.rule.max_items(), "items"));
    }
    if (plan.rule.one_by_one()) return;
    for (int i = 0; i < size; ++i) CheckValue(from, plan, {&parent, plan.field, i});
  }

  void CheckString(const std::string& text, const FieldPlan& plan, const Path& path) {
    // A text of spaces counts as empty.
    const bool says_nothing =
        text.empty() || (plan.field->type() == FieldDescriptor::TYPE_STRING && IsBlank(text));
    if (says_nothing && path.index < 0 && IsMissed(plan, path)) return Want(path, "required");
    if (!text.empty()) return Want(path, WantedString(text, plan));
    if (path.index >= 0) Want(path, "no empty items");
  }

  void CheckValue(const Reading& from, const FieldPlan& plan, const Path& path) {
    const bool item = path.index >= 0;
    if (plan.field->cpp_type() == FieldDescriptor::CPPTYPE_STRING && !plan.field->has_presence()) {
      std::string scratch;
      return CheckString(TextAt(from, plan.field, path.index, &scratch), plan, path);
    }
    if (IsUnset(from, plan.field, path.index)) {
      if (item) return Want(path, "no empty items");
      if (IsMissed(plan, path)) Want(path, "required");
      return;
    }
    if (plan.nested == nullptr) return Want(path, WantedValue(from, plan, path.index));
    const auto& [message, reflection] = from;
    const Message& nested = item ? reflection.GetRepeatedMessage(message, plan.field, path.index)
                                 : reflection.GetMessage(message, plan.field);
    if (plan.nested->well_known == WellKnown::kNone) return Check(nested, *plan.nested, path);
    Want(path, WantedWellKnown(nested, plan));
  }

  const FieldMask* mask_;
  Violations violations_;
};

}  // namespace

absl::Status Validate(const Message& request) {
  const Plan& plan = PlanOf(request.GetDescriptor());
  Walk walk(MaskOf(request, plan));
  walk.Check(request, plan, Path());
  return walk.ToStatus();
}

}  // namespace idea::validation
