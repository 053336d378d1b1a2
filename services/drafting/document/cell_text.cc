#include "services/drafting/document/cell_text.h"

#include <algorithm>
#include <cctype>
#include <regex>
#include <utility>

#include "services/drafting/document/date_phrases.h"

namespace idea::drafting::document {
namespace {

bool IsAlnum(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }
char Lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

bool BeginsWith(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) return false;
  return std::equal(word.begin(), word.end(), text.begin(),
                    [](char a, char b) { return Lower(a) == Lower(b); });
}

// Returns the text after an answer of `answer` bytes: "to counties" for "Yes, to counties". Returns all of
// "No contractors have access", because without its first word the text would mean the opposite.
std::string TextAfter(std::string_view text, size_t answer) {
  constexpr std::string_view kDashes[] = {"\u2013", "\u2014"};
  std::string_view rest = text.substr(answer);
  bool parted = false;
  while (!rest.empty()) {
    const auto* dash = std::find_if(std::begin(kDashes), std::end(kDashes),
                                    [&](std::string_view each) { return rest.starts_with(each); });
    const bool separator =
        dash != std::end(kDashes) || std::string_view(".,:;-").find(rest[0]) != std::string_view::npos;
    if (!separator && rest[0] != ' ') break;
    parted = parted || separator;
    rest.remove_prefix(dash == std::end(kDashes) ? 1 : dash->size());
  }
  return std::string(parted || rest.empty() ? rest : text);
}

struct Box {
  // In bytes; 0 without a box.
  size_t size = 0;
  bool checked = false;
};

// The check box that begins at a place of the line. A line of underscores is an empty one, with an X in it,
// or an X alone before "Yes" or "No", a checked one.
Box BoxAt(std::string_view line, size_t at) {
  constexpr std::pair<std::string_view, bool> kBoxes[] = {
      {"\u2612", true},   {"\u2611", true},   {"\u25a0", true}, {"\u2714", true}, {"\u2713", true},
      {"[x]", true},      {"[X]", true},      {"(x)", true},    {"(X)", true},    {"[\u2713]", true},
      {"[\u2714]", true}, {"[\u221a]", true}, {"[ x ]", true},  {"[ X ]", true},  {"[*]", true},
      {"\u2610", false},  {"\u25a1", false},  {"[ ]", false},   {"[]", false},    {"( )", false},
      {"[_]", false},     {"[  ]", false}};
  const std::string_view here = line.substr(at);
  for (const auto& [box, checked] : kBoxes) {
    if (here.starts_with(box)) return {box.size(), checked};
  }
  if (at > 0 && line[at - 1] != ' ') return {};
  size_t end = 0;
  while (end < here.size() && here[end] == '_') ++end;
  const size_t before = end;
  const bool marked = end < here.size() && (here[end] == 'x' || here[end] == 'X');
  if (marked) ++end;
  while (end < here.size() && here[end] == '_') ++end;
  const bool ends = end == here.size() || here[end] == ' ';
  if (!ends || (marked ? false : before < 2)) return {};
  if (marked && end == 1) {
    const std::string_view next = here.substr(std::min(end + 1, here.size()));
    if (!BeginsWith(next, "yes") && !BeginsWith(next, "no")) return {};
  }
  return {end, marked};
}

// Returns the text after "Yes / No:" and "Answer:", which repeat the question.
std::string_view WithoutQuestion(std::string_view text) {
  static const std::regex& kQuestion = *new std::regex(R"(^(answer *:|(yes|y) ?/ ?(no|n)\b)[ :?.-]*)",
                                                       std::regex::icase | std::regex::optimize);
  constexpr size_t kQuestionBytes = 40;
  const std::string begin(text.substr(0, kQuestionBytes));
  std::smatch found;
  return std::regex_search(begin, found, kQuestion) ? text.substr(static_cast<size_t>(found.length())) : text;
}

}  // namespace

std::string Cut(std::string_view text, size_t most) {
  if (text.size() <= most) return std::string(text);
  // A continuation byte of a UTF-8 character is 10xxxxxx.
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

std::string WithoutBullet(std::string_view item) {
  constexpr std::string_view kBullets[] = {"\u2022", "\u00b7", "\u2013", "\u2014", "\u25aa", "\u25cf",
                                           "\u25cb", "\u25e6", "\u2023", "\uf0b7", "-",      "*"};
  std::string tidy = Tidy(item);
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view bullet : kBullets) {
      if (!tidy.starts_with(bullet)) continue;
      tidy = Tidy(std::string_view(tidy).substr(bullet.size()));
      again = true;
    }
  }
  // "o Name": Word writes second-level bullets into plain text like this. Also "1. Name", "a) Name".
  const size_t space = tidy.find(' ');
  if (space == std::string::npos || space == 0 || space > 3) return tidy;
  const std::string_view mark = std::string_view(tidy).substr(0, space);
  const bool numbered = mark.size() > 1 && (mark.back() == '.' || mark.back() == ')') &&
                        std::all_of(mark.begin(), mark.end() - 1, IsAlnum);
  return mark == "o" || numbered ? Tidy(std::string_view(tidy).substr(space)) : tidy;
}

std::vector<std::string> SplitList(std::string_view line, std::string_view marks) {
  std::vector<std::string> items(1);
  int depth = 0;
  for (const char c : line) {
    if (c == '(' || c == '[') ++depth;
    if ((c == ')' || c == ']') && depth > 0) --depth;
    if (depth == 0 && marks.find(c) != std::string_view::npos) {
      items.emplace_back();
    } else {
      items.back() += c;
    }
  }
  // An unclosed bracket does not protect separators.
  if (depth > 0 && items.size() == 1 && line.find_first_of(marks) != std::string_view::npos) {
    items.clear();
    for (size_t begin = 0; begin <= line.size();) {
      const size_t end = std::min(line.find_first_of(marks, begin), line.size());
      items.emplace_back(line.substr(begin, end - begin));
      begin = end + 1;
    }
  }
  for (std::string& item : items) item = Tidy(item);
  items.erase(std::remove(items.begin(), items.end(), ""), items.end());
  return items;
}

std::vector<Option> OptionsOf(std::string_view line) {
  // The text before the first box, and each box with the text after it.
  std::string before;
  std::vector<Option> options;
  for (size_t i = 0; i < line.size();) {
    if (const Box box = BoxAt(line, i); box.size > 0) {
      options.push_back({box.checked, ""});
      i += box.size;
      continue;
    }
    (options.empty() ? before : options.back().text) += line[i++];
  }
  for (Option& option : options) option.text = Tidy(option.text);
  before = Tidy(before);
  if (options.empty() || before.empty()) return options;
  // "Yes [ ] No [X] - no funds": each box stands after its answer. The text after the last box explains what
  // is checked; an answer there would make it uncertain to which one a box belongs.
  for (Option& option : options) {
    std::swap(option.text, before);
    while (!option.text.empty() && std::string_view("/,;|").find(option.text[0]) != std::string_view::npos)
      option.text = Tidy(std::string_view(option.text).substr(1));
    std::string more;
    if (LeadingAnswer(option.text, more) == 0 || !more.empty()) return {};
  }
  std::string more;
  if (LeadingAnswer(before, more) != 0) return {};
  for (Option& option : options) {
    if (option.checked && !before.empty()) option.text += " " + std::exchange(before, "");
  }
  return options;
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
  text = WithoutQuestion(text);
  constexpr std::pair<std::string_view, int> kWords[] = {{"Yes", 1},         {"None", 2},
                                                         {"No", 2},          {"Not permitted", 2},
                                                         {"Not allowed", 2}, {"Not authorized", 2},
                                                         {"Not planned", 2}, {"Prohibited", 2},
                                                         {"Never", 2},       {"Y", 1},
                                                         {"N", 2},           {"Permitted", 1},
                                                         {"Allowed", 1}};
  for (const auto& [word, answer] : kWords) {
    const bool ends =
        text.size() == word.size() || (text.size() > word.size() && !IsAlnum(text[word.size()]));
    // "N/A" is not an answer, and "Y/N" is the question.
    if (!BeginsWith(text, word) || !ends || text.substr(word.size()).starts_with('/')) continue;
    // The first of several answers with boxes is not the one that was given.
    for (size_t i = word.size(); i < text.size(); ++i) {
      if (BoxAt(text, i).size > 0) return 0;
    }
    rest = TextAfter(text, word.size());
    return answer;
  }
  return 0;
}

std::optional<google::type::Date> FindDate(std::string_view text) {
  // Dates after a page of text are not searched.
  for (const WrittenDate& written : FindDates(text.substr(0, 200))) {
    if (!written.uncertain) return written.date;
  }
  return std::nullopt;
}

std::vector<std::string> LinesOf(std::string_view text) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    lines.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

}  // namespace idea::drafting::document
