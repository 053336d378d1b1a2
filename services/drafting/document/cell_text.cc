#include "services/drafting/document/cell_text.h"

#include <algorithm>
#include <cctype>
#include <regex>

namespace idea::drafting::document {
namespace {

bool IsAlnum(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }
char Lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

bool BeginsWith(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) return false;
  return std::equal(word.begin(), word.end(), text.begin(),
                    [](char a, char b) { return Lower(a) == Lower(b); });
}

int DaysOf(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

}  // namespace

std::string Cut(std::string_view text, size_t most) {
  if (text.size() <= most) return std::string(text);
  // A byte that goes on with a character is 10xxxxxx.
  while (most > 0 && (text[most] & 0xc0) == 0x80) --most;
  return std::string(text.substr(0, most));
}

std::string Tidy(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool no_break = text.substr(i, 2) == "\u00a0";
    if (no_break) ++i;
    if (no_break || text[i] == ' ' || text[i] == '\t' || text[i] == '\n') {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else {
      out += text[i];
    }
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

std::string KeyOf(std::string_view text) {
  std::string key;
  for (const char c : text.substr(0, text.find('('))) {
    if (IsAlnum(c)) key += Lower(c);
  }
  return key;
}

std::optional<std::string> AfterLabel(std::string_view line, std::string_view label) {
  if (!BeginsWith(line, label) || line.size() <= label.size() || line[label.size()] != ':')
    return std::nullopt;
  std::string_view rest = line.substr(label.size() + 1);
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  return std::string(rest);
}

int LeadingAnswer(std::string_view text, std::string& rest) {
  constexpr std::string_view kWords[] = {"Yes", "No", "Y", "N"};
  for (size_t i = 0; i < std::size(kWords); ++i) {
    const std::string_view word = kWords[i];
    const bool ends =
        text.size() == word.size() || (text.size() > word.size() && !IsAlnum(text[word.size()]));
    // "N/A" is no answer, "Y/N" the question.
    if (!BeginsWith(text, word) || !ends || text.substr(word.size()).starts_with('/')) continue;
    std::string_view behind = text.substr(word.size());
    behind.remove_prefix(std::min(behind.find_first_not_of(" .,:;-"), behind.size()));
    rest = std::string(behind);
    return static_cast<int>(i % 2) + 1;
  }
  return 0;
}

std::optional<google::type::Date> FindDate(std::string_view text) {
  static const std::regex& kForms =
      *new std::regex(R"((\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?!\d))");
  // Nobody writes a date behind a page of text.
  const std::string head(text.substr(0, 200));
  std::smatch found;
  if (!std::regex_search(head, found, kForms)) return std::nullopt;
  const bool iso = found[1].matched;
  google::type::Date date;
  date.set_year(std::stoi(found[iso ? 1 : 6]));
  date.set_month(std::stoi(found[iso ? 2 : 4]));
  date.set_day(std::stoi(found[iso ? 3 : 5]));
  if (!iso && found[6].length() == 2) date.set_year(date.year() + 2000);
  const bool real = date.year() > 0 && date.month() >= 1 && date.month() <= 12 && date.day() >= 1 &&
                    date.day() <= DaysOf(date.year(), date.month());
  return real ? std::optional(date) : std::nullopt;
}

}  // namespace idea::drafting::document
