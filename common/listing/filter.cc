#include "common/listing/filter.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include "common/clock/clock.h"
#include "common/flow/flow.h"
#include "common/status/status.h"
#include "google/protobuf/util/time_util.h"

namespace idea::listing {
namespace {

using status::Error;
using status::Reason;

constexpr int kMostComparisons = 20;
constexpr std::string_view kSpace = " \t\n";
constexpr std::string_view kNotInWords = " \t\n\"'()=!<>:,";

absl::Status Invalid(const std::string& message) {
  return Error(Reason::ERROR_REASON_FILTER_INVALID, message).Field("filter", message);
}

// A filter, read from the left.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) { SkipSpace(); }

  bool AtEnd() const { return rest_.empty(); }

  std::string_view Word() { return Take(rest_.find_first_of(kNotInWords)); }

  std::string_view Operator() {
    for (std::string_view op : {"!=", "<=", ">=", "=", "<", ">", ":"}) {
      if (rest_.starts_with(op)) return Take(op.size());
    }
    return "";
  }

  // A bare word, or what stands in quotation marks; nothing if there is neither.
  std::optional<std::string> Value() {
    if (!rest_.starts_with('"')) {
      const std::string_view word = Word();
      return word.empty() || word == "AND" ? std::nullopt : std::optional<std::string>(word);
    }
    std::string value;
    for (size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        Take(i + 1);
        return value;
      }
      if (rest_[i] == '\\' && ++i == rest_.size()) break;
      value += rest_[i];
    }
    return std::nullopt;
  }

 private:
  std::string_view Take(size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    SkipSpace();
    return taken;
  }
  void SkipSpace() { rest_.remove_prefix(std::min(rest_.find_first_not_of(kSpace), rest_.size())); }

  std::string_view rest_;
};

std::string NamesOf(const std::vector<Field>& fields) {
  std::string names;
  for (const Field& field : fields) names += (names.empty() ? "" : ", ") + std::string(field.name);
  return names.empty() ? "none" : names;
}

std::string_view OperatorsOf(Kind kind) {
  switch (kind) {
    case Kind::kText:
      return "= != < <= > >= :";
    case Kind::kName:
    case Kind::kNumber:
    case Kind::kTime:
      return "= != < <= > >=";
    case Kind::kWords:
      return ":";
    default:
      return "= !=";
  }
}

bool IsOneOf(std::string_view op, std::string_view operators) {
  return (" " + std::string(operators) + " ").find(" " + std::string(op) + " ") != std::string::npos;
}

std::optional<int64_t> EnumNumber(const google::protobuf::EnumDescriptor& type, const std::string& name) {
  const auto* value = type.FindValueByName(name);
  if (value == nullptr) value = type.FindValueByName(flow::PrefixOf(type) + name);
  if (value == nullptr) return std::nullopt;
  return value->number();
}

std::optional<int64_t> Number(const std::string& text) {
  int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, number);
  if (failure != std::errc() || stop != end) return std::nullopt;
  return number;
}

std::optional<int64_t> Flag(const std::string& text) {
  if (text == "true") return 1;
  if (text == "false") return 0;
  return std::nullopt;
}

// "2026-11-22" or RFC 3339, as microseconds.
std::optional<int64_t> Time(const std::string& text) {
  google::protobuf::Timestamp time;
  const bool day = text.size() == 10;
  if (!google::protobuf::util::TimeUtil::FromString(day ? text + "T00:00:00Z" : text, &time)) {
    return std::nullopt;
  }
  return clock::FromProto(time);
}

std::string WantedOf(const Field& field) {
  if (field.kind == Kind::kTime) return "a day such as 2026-11-22, or a time of RFC 3339 in quotation marks";
  if (field.kind == Kind::kNumber) return "a whole number";
  if (field.kind == Kind::kFlag) return "true or false";
  std::string names;
  for (int i = 0; i < field.values->value_count(); ++i) {
    names += (i == 0 ? "" : ", ") + flow::NameOf(*field.values, field.values->value(i)->number());
  }
  return "one of " + names;
}

// A text that stands for itself in LIKE.
std::string Containing(const std::string& text) {
  std::string pattern = "%";
  for (char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + '%';
}

// The value of a comparison as the column has it; nullopt if it cannot be one.
std::optional<storage::Value> ValueOf(const Field& field, std::string value) {
  const bool is_text = field.kind == Kind::kText || field.kind == Kind::kName ||
                       (field.kind == Kind::kTest && field.values == nullptr);
  if (is_text) return storage::Value(std::move(value));
  const auto number = field.values != nullptr       ? EnumNumber(*field.values, value)
                      : field.kind == Kind::kNumber ? Number(value)
                      : field.kind == Kind::kTime   ? Time(value)
                                                    : Flag(value);
  return number ? std::optional<storage::Value>(*number) : std::nullopt;
}

// What a comparison with a value does for the plan; `before` are the conditions to its left.
void Classify(const Field& field, std::string_view op, const Page& page, const std::vector<Condition>& before,
              Condition& condition) {
  const auto is_there = [&](bool Condition::*kind) {
    return std::any_of(before.begin(), before.end(), [&](const Condition& c) { return c.*kind; });
  };
  condition.looks_up = field.kind == Kind::kTest && field.values == nullptr;
  condition.narrows = op == "=" && !field.narrow.empty() && !is_there(&Condition::narrows);
  const bool in_order = field.column == page.order_column && op != "!=";
  const bool before_order = op == "=" && field.leads == page.order_column && !is_there(&Condition::leads);
  condition.leads = in_order || before_order;
  condition.rare = op == "=" && field.rare;
}

absl::Status AddComparison(const Field& field, std::string_view op, std::string value, Page* page,
                           std::vector<Condition>& conditions) {
  const std::string column(field.column);
  if (field.kind == Kind::kWords) {
    page->words.push_back(std::move(value));
    return absl::OkStatus();
  }
  if (op == ":") {
    conditions.push_back({"lower(" + column + ") LIKE lower(?) ESCAPE '\\'", Containing(value)});
    return absl::OkStatus();
  }
  auto stored = ValueOf(field, std::move(value));
  if (!stored) return Invalid("the value of " + std::string(field.name) + " has to be " + WantedOf(field));
  Condition condition{column + " " + (op == "!=" ? "<>" : std::string(op)) + " ?", *std::move(stored)};
  Classify(field, op, *page, conditions, condition);
  if (field.kind == Kind::kTest) condition.sql = op == "!=" ? "NOT (" + column + ")" : column;
  if (condition.narrows) {
    condition.sql = field.narrow;
    condition.looks_up = false;
    if (!field.narrow_rest.empty()) conditions.push_back({std::string(field.narrow_rest), std::nullopt});
  }
  conditions.push_back(std::move(condition));
  return absl::OkStatus();
}

absl::Status ReadComparison(const Spec& spec, Reader& reader, Page* page,
                            std::vector<Condition>& conditions) {
  const std::string_view name = reader.Word();
  const auto field =
      std::find_if(spec.fields.begin(), spec.fields.end(), [&](const Field& f) { return f.name == name; });
  if (field == spec.fields.end()) {
    return Invalid("a comparison begins with a field that can be filtered: " + NamesOf(spec.fields));
  }
  const std::string_view op = reader.Operator();
  if (op.empty() || !IsOneOf(op, OperatorsOf(field->kind))) {
    return Invalid("behind " + std::string(name) + " comes one of " + std::string(OperatorsOf(field->kind)));
  }
  auto value = reader.Value();
  if (!value)
    return Invalid("the value of " + std::string(name) + " has to be a word or stand in quotation marks");
  return AddComparison(*field, op, *std::move(value), page, conditions);
}

}  // namespace

void AddCondition(const Condition& condition, Page* page) {
  std::string sql = condition.sql;
  if (condition.value) {
    page->args.push_back(*condition.value);
    sql.replace(sql.find('?'), 1, "$" + std::to_string(page->args.size()));
  }
  page->where += " AND " + sql;
}

absl::StatusOr<std::vector<Condition>> ReadFilter(const Spec& spec, std::string_view filter, Page* page) {
  Reader reader(filter);
  std::vector<Condition> conditions;
  for (int n = 0; n < kMostComparisons && !reader.AtEnd(); ++n) {
    if (n > 0 && reader.Word() != "AND") return Invalid("comparisons are joined by AND");
    RETURN_IF_ERROR(ReadComparison(spec, reader, page, conditions));
  }
  if (!reader.AtEnd()) return Invalid("at most " + std::to_string(kMostComparisons) + " comparisons");
  return conditions;
}

}  // namespace idea::listing
