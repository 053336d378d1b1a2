#include "services/drafting/document/cell_text.h"

#include <algorithm>
#include <cctype>
#include <regex>
#include <utility>

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

// What an answer of so many letters leaves to say: "to counties" of "Yes, to counties", but all of "No
// contractors have access", which would say the opposite without its first word.
std::string Behind(std::string_view text, size_t answer) {
  constexpr std::string_view kDashes[] = {"\u2013", "\u2014"};
  std::string_view behind = text.substr(answer);
  bool parted = false;
  while (!behind.empty()) {
    const auto* dash = std::find_if(std::begin(kDashes), std::end(kDashes),
                                    [&](std::string_view each) { return behind.starts_with(each); });
    const bool mark =
        dash != std::end(kDashes) || std::string_view(".,:;-").find(behind[0]) != std::string_view::npos;
    if (!mark && behind[0] != ' ') break;
    parted = parted || mark;
    behind.remove_prefix(dash == std::end(kDashes) ? 1 : dash->size());
  }
  return std::string(parted || behind.empty() ? behind : text);
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
  constexpr std::pair<std::string_view, int> kWords[] = {
      {"Yes", 1}, {"None", 2}, {"No", 2}, {"Y", 1}, {"N", 2}};
  for (const auto& [word, answer] : kWords) {
    const bool ends =
        text.size() == word.size() || (text.size() > word.size() && !IsAlnum(text[word.size()]));
    // "N/A" is no answer, "Y/N" the question.
    if (!BeginsWith(text, word) || !ends || text.substr(word.size()).starts_with('/')) continue;
    rest = Behind(text, word.size());
    return answer;
  }
  return 0;
}

std::optional<google::type::Date> FindDate(std::string_view text) {
  // 2027-01-31, 1/31/27 and 01-31-2027, Jan. 31, 2027: the groups of each are what kParts says.
  static const std::regex& kForms = *new std::regex(
      R"((\d{4})-(\d{1,2})-(\d{1,2})(?!\d)|(\d{1,2})([/-])(\d{1,2})\5(\d{4}|\d{2})(?!\d))"
      R"(|\b(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?)"
      R"(|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.? +(\d{1,2})(?:st|nd|rd|th)?,? +(\d{4})(?!\d))",
      std::regex::icase);
  constexpr std::string_view kMonths = "janfebmaraprmayjunjulaugsepoctnovdec";
  struct Parts {
    size_t year, month, day;
  };
  constexpr Parts kParts[] = {{1, 2, 3}, {7, 4, 6}, {10, 8, 9}};
  // Nobody writes a date behind a page of text.
  const std::string head(text.substr(0, 200));
  std::smatch found;
  if (!std::regex_search(head, found, kForms)) return std::nullopt;
  const auto* parts = std::find_if(std::begin(kParts), std::end(kParts),
                                   [&](const Parts& each) { return found[each.year].matched; });
  google::type::Date date;
  date.set_year(std::stoi(found[parts->year]));
  date.set_day(std::stoi(found[parts->day]));
  if (found[parts->year].length() == 2) date.set_year(date.year() + 2000);
  std::string month = found[parts->month];
  std::transform(month.begin(), month.end(), month.begin(), Lower);
  date.set_month(parts->month == 8 ? static_cast<int>(kMonths.find(month.substr(0, 3)) / 3) + 1
                                   : std::stoi(month));
  const bool real = date.year() > 0 && date.month() >= 1 && date.month() <= 12 && date.day() >= 1 &&
                    date.day() <= DaysOf(date.year(), date.month());
  return real ? std::optional(date) : std::nullopt;
}

}  // namespace idea::drafting::document
