#include "common/listing/filter.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>

#include "common/clock/clock.h"
#include "common/flow/flow.h"
#include "common/ids/ids.h"
#include "common/listing/words.h"
#include "common/status/status.h"
#include "google/protobuf/util/time_util.h"

namespace idea::listing {
namespace {

using status::Error;
using status::Reason;

constexpr size_t kMaxComparisons = 20;
constexpr std::string_view kSpace = " \t\n";
constexpr std::string_view kNotInWords = " \t\n\"'()=!<>:,";

absl::Status Invalid(const std::string& message) {
  return Error(Reason::ERROR_REASON_FILTER_INVALID, message).Field("filter", message);
}

// Reads a filter from left to right.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) { SkipSpace(); }

  bool AtEnd() const { return rest_.empty(); }

  std::string_view Word() { return Consume(rest_.find_first_of(kNotInWords)); }

  std::string_view Operator() {
    for (std::string_view op : {"!=", "<=", ">=", "=", "<", ">", ":"}) {
      if (rest_.starts_with(op)) return Consume(op.size());
    }
    return "";
  }

  // Consumes the word or sign if it comes next.
  bool Skip(std::string_view next) {
    const bool is_word = kNotInWords.find(next[0]) == std::string_view::npos;
    if (is_word ? rest_.substr(0, rest_.find_first_of(kNotInWords)) != next : !rest_.starts_with(next))
      return false;
    Consume(next.size());
    return true;
  }

  // Reads a bare word or a quoted text. nullopt if neither comes next.
  struct Value {
    std::string text;
    // It begins or ends with an unescaped *: a wildcard in AIP-160.
    bool wildcard = false;
  };
  std::optional<Value> TakeValue() {
    if (!rest_.starts_with('"')) {
      const std::string_view word = Word();
      if (word.empty() || word == "AND" || word == "OR") return std::nullopt;
      return Value{std::string(word), word.starts_with('*') || word.ends_with('*')};
    }
    Value value;
    for (size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        Consume(i + 1);
        return value;
      }
      const bool ends = i + 1 < rest_.size() && rest_[i + 1] == '"';
      value.wildcard |= rest_[i] == '*' && (i == 1 || ends);
      if (rest_[i] == '\\' && ++i == rest_.size()) break;
      value.text += rest_[i];
    }
    return std::nullopt;
  }

 private:
  std::string_view Consume(size_t size) {
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

// The text, escaped for LIKE.
std::string Containing(const std::string& text) {
  std::string pattern = "%";
  for (char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + '%';
}

// The value of a comparison as the column stores it; nullopt if it is not valid.
std::optional<storage::Value> ValueOf(const Field& field, const std::string& value) {
  const bool is_text = field.kind == Kind::kText || field.kind == Kind::kName ||
                       (field.kind == Kind::kTest && field.values == nullptr);
  // Names are stored in lower case, whatever the case of a UUID in the request.
  if (is_text) return storage::Value(value.find('/') == std::string::npos ? value : ids::LowerUuids(value));
  const auto number = field.values != nullptr       ? EnumNumber(*field.values, value)
                      : field.kind == Kind::kNumber ? Number(value)
                      : field.kind == Kind::kTime   ? Time(value)
                                                    : Flag(value);
  return number ? std::optional<storage::Value>(*number) : std::nullopt;
}

// A field compared with one value, or by = with several alternatives.
struct Comparison {
  const Field* field;
  std::string_view op;
  std::vector<std::string> values;
};

// The effect of a comparison on the plan. `before`: the conditions to its left.
void Classify(const Comparison& comparison, const Page& page, const std::vector<Condition>& before,
              Condition& condition) {
  const Field& field = *comparison.field;
  const auto is_there = [&](bool Condition::*kind) {
    return std::any_of(before.begin(), before.end(), [&](const Condition& c) { return c.*kind; });
  };
  const bool equals = comparison.op == "=";
  condition.looks_up = field.kind == Kind::kTest && field.values == nullptr;
  condition.rare = equals && field.rare;
  // Rows with one of several values are not in the order of an index, and are not the list of one party.
  if (comparison.values.size() > 1) return;
  condition.narrows = equals && !field.narrow.empty() && !is_there(&Condition::narrows);
  const bool in_order = field.column == page.order_column && comparison.op != "!=";
  const bool before_order = equals && field.leads == page.order_column && !is_there(&Condition::leads);
  condition.leads = in_order || before_order;
}

// "column = ?", "column IN (?, ?)", or the condition of a kTest, repeated with OR if necessary.
std::string SqlOf(const Comparison& comparison) {
  const std::string column(comparison.field->column);
  const size_t count = comparison.values.size();
  const bool is_test = comparison.field->kind == Kind::kTest;
  if (count == 1 && is_test) return comparison.op == "!=" ? "NOT (" + column + ")" : column;
  if (count == 1) return column + " " + (comparison.op == "!=" ? "<>" : std::string(comparison.op)) + " ?";
  std::string sql = is_test ? "(" : column + " IN (";
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) sql += is_test ? " OR " : ", ";
    sql += is_test ? column : "?";
  }
  return sql + ")";
}

absl::Status AddWordsOf(const Comparison& comparison, Page* page) {
  std::set<std::string> words;
  AddWords(comparison.values.front(), 1, words);
  if (words.empty()) {
    return Invalid("the value of " + std::string(comparison.field->name) +
                   " has to have at least one letter or digit");
  }
  page->words.push_back(comparison.values.front());
  return absl::OkStatus();
}

absl::Status AddComparison(const Comparison& comparison, Page* page, std::vector<Condition>& conditions) {
  const Field& field = *comparison.field;
  if (field.kind == Kind::kWords) return AddWordsOf(comparison, page);
  if (comparison.op == ":") {
    conditions.push_back({"lower(" + std::string(field.column) + ") LIKE lower(?) ESCAPE '\\'",
                          {Containing(comparison.values.front())}});
    return absl::OkStatus();
  }
  Condition condition{SqlOf(comparison), {}};
  for (const std::string& value : comparison.values) {
    auto stored = ValueOf(field, value);
    if (!stored) return Invalid("the value of " + std::string(field.name) + " has to be " + WantedOf(field));
    condition.values.push_back(*std::move(stored));
  }
  Classify(comparison, *page, conditions, condition);
  if (condition.narrows) {
    condition.sql = field.narrow;
    condition.looks_up = false;
    if (!field.narrow_rest.empty()) conditions.push_back({std::string(field.narrow_rest), {}});
  }
  conditions.push_back(std::move(condition));
  return absl::OkStatus();
}

absl::StatusOr<Comparison> ReadComparison(const Spec& spec, Reader& reader) {
  const std::string_view name = reader.Word();
  const auto field =
      std::find_if(spec.fields.begin(), spec.fields.end(), [&](const Field& f) { return f.name == name; });
  if (field == spec.fields.end()) {
    return Invalid("a comparison begins with a field that can be filtered: " + NamesOf(spec.fields));
  }
  const std::string_view op = reader.Operator();
  if (op.empty() || !IsOneOf(op, OperatorsOf(field->kind))) {
    return Invalid("after " + std::string(name) +
                   ", one of these is expected: " + std::string(OperatorsOf(field->kind)));
  }
  auto value = reader.TakeValue();
  if (!value) return Invalid("the value of " + std::string(name) + " must be a word or a quoted text");
  if (value->wildcard && field->kind != Kind::kWords) {
    return Invalid("the value of " + std::string(name) +
                   " cannot have wildcards; in quotation marks, \\* is the character");
  }
  return Comparison{&*field, op, {std::move(value->text)}};
}

// Comparisons of one field joined by OR, with or without parentheses; or one comparison.
absl::StatusOr<Comparison> ReadTerm(const Spec& spec, Reader& reader) {
  const bool in_parentheses = reader.Skip("(");
  ASSIGN_OR_RETURN(Comparison term, ReadComparison(spec, reader));
  while (reader.Skip("OR")) {
    ASSIGN_OR_RETURN(Comparison next, ReadComparison(spec, reader));
    if (next.field != term.field || term.op != "=" || next.op != "=")
      return Invalid("OR joins comparisons of one field by =");
    term.values.push_back(std::move(next.values.front()));
  }
  if (in_parentheses && !reader.Skip(")"))
    return Invalid("a parenthesis must be closed after its comparisons");
  return term;
}

}  // namespace

std::string Bind(std::string sql, const std::vector<storage::Value>& values, storage::Args& args) {
  size_t at = 0;
  for (const storage::Value& value : values) {
    args.push_back(value);
    const std::string number = "$" + std::to_string(args.size());
    at = sql.find('?', at);
    sql.replace(at, 1, number);
    at += number.size();
  }
  return sql;
}

void AddCondition(const Condition& condition, Page* page) {
  page->where += " AND " + Bind(condition.sql, condition.values, page->args);
}

absl::StatusOr<std::vector<Condition>> ReadFilter(const Spec& spec, std::string_view filter, Page* page) {
  Reader reader(filter);
  std::vector<Condition> conditions;
  size_t comparisons = 0;
  while (!reader.AtEnd()) {
    if (comparisons > 0 && !reader.Skip("AND"))
      return Invalid("comparisons are joined by AND, those of one field by = also by OR");
    ASSIGN_OR_RETURN(const Comparison term, ReadTerm(spec, reader));
    comparisons += term.values.size();
    if (comparisons > kMaxComparisons)
      return Invalid("at most " + std::to_string(kMaxComparisons) + " comparisons");
    RETURN_IF_ERROR(AddComparison(term, page, conditions));
  }
  return conditions;
}

}  // namespace idea::listing
