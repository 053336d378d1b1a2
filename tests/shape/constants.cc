#include "tests/shape/constants.h"

#include <cstdint>
#include <optional>
#include <regex>
#include <sstream>

namespace idea::shape {
namespace {

constexpr char kMarker[] = "Limit: ";

bool IsBound(const std::string& name) {
  static const std::regex kNames(
      "k(Max|Min|Smallest)([A-Z].*)?|"
      "k([A-Z].*)?(Timeout|Interval|Limit|Limits|Poll|Lifetime|Grace|Lease|Retries|Batch|Pause|"
      "Keepalive|"
      "Heartbeat|Connections|Callers|Readers|Kept|Remembered|Skew|Margin|After|Group)([A-Z].*)?");
  return std::regex_match(name, kNames);
}

// A product, shift or sum of numbers, from left to right; nullopt for anything else.
std::optional<int64_t> Evaluate(std::string text) {
  text = std::regex_replace(
      text, std::regex(R"re((?:std::)?u?int\d+_t\{(\d[\d']*)\}|size_t\{(\d[\d']*)\})re"), "$1$2");
  text = std::regex_replace(text, std::regex("[uUlL']+|\\s+"), "");
  static const std::regex kExpression(R"(\d+((\*|<<|/|\+|-)\d+)*)");
  if (!std::regex_match(text, kExpression)) return std::nullopt;
  static const std::regex kStep(R"((\*|<<|/|\+|-)?(\d+))");
  int64_t value = 0;
  for (std::sregex_iterator step(text.begin(), text.end(), kStep), end; step != end; ++step) {
    const std::string op = (*step)[1];
    const int64_t operand = std::stoll((*step)[2]);
    if (op.empty() || op == "+") value = op.empty() ? operand : value + operand;
    if (op == "-") value -= operand;
    if (op == "*") value *= operand;
    if (op == "/") value /= operand;
    if (op == "<<") value <<= operand;
  }
  return value;
}

std::string Grouped(int64_t number) {
  std::string digits = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<size_t>(at), ",");
  return digits;
}

std::string UnitOf(const std::string& type, std::string& value) {
  if (type.find("milliseconds") != std::string::npos) return " ms";
  if (type.find("seconds") != std::string::npos) return " s";
  if (type.find("minutes") != std::string::npos) return " min";
  if (type.find("hours") != std::string::npos) return " h";
  static const std::regex kMicros(R"(\s*\*\s*(?:clock::)?kSecond)");
  if (!std::regex_search(value, kMicros)) return "";
  value = std::regex_replace(value, kMicros, "");
  return " s";
}

std::string ValueOf(const std::string& type, std::string value) {
  const std::string unit = UnitOf(type, value);
  const std::optional<int64_t> number = Evaluate(value);
  if (!number) return "`" + std::regex_replace(value, std::regex(R"(\s+)"), " ") + "`" + unit;
  constexpr int64_t kKibi = 1024;
  // Sizes are written as products and shifts.
  if (unit.empty() && *number >= kKibi && value.find_first_of("*<") != std::string::npos) {
    if (*number % (kKibi * kKibi) == 0) return Grouped(*number / kKibi / kKibi) + " Mi";
    if (*number % kKibi == 0) return Grouped(*number / kKibi) + " Ki";
  }
  return Grouped(*number) + unit;
}

std::string Trimmed(const std::string& line) {
  const size_t begin = line.find_first_not_of(' ');
  return begin == std::string::npos ? "" : line.substr(begin);
}

}  // namespace

std::vector<Constant> BoundsIn(const std::string& text) {
  static const std::regex kConstant(
      R"((?:inline |static )*constexpr ([\w:<>]+) (k\w+)\s*(?:\{|=|\()\s*([^;]*);.*)");
  std::vector<Constant> bounds;
  std::string comment;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    line = Trimmed(line);
    if (line.starts_with("//")) {
      comment += (comment.empty() ? "" : " ") + Trimmed(line.substr(2));
      continue;
    }
    // A definition may take several lines.
    if (line.find("constexpr ") != std::string::npos) {
      for (std::string more; line.find(';') == std::string::npos && std::getline(lines, more);)
        line += " " + Trimmed(more);
    }
    std::smatch found;
    const bool marked = comment.starts_with(kMarker);
    if (std::regex_match(line, found, kConstant) && (marked || IsBound(found[2]))) {
      std::string value = found[3];
      const std::string whole = found[0];
      const bool braced = whole.find(found[2].str() + "{") != std::string::npos ||
                          whole.find(found[2].str() + "(") != std::string::npos;
      if (braced && !value.empty()) value.pop_back();
      bounds.push_back(
          {found[2], ValueOf(found[1], value), marked ? comment.substr(sizeof(kMarker) - 1) : comment});
    }
    comment.clear();
  }
  return bounds;
}

}  // namespace idea::shape
