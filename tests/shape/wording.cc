#include "tests/shape/wording.h"

#include <algorithm>
#include <cctype>
#include <regex>
#include <set>
#include <sstream>
#include <string_view>

namespace idea::shape {
namespace {

// Words in a row, separated by spaces. "is/are" stands for either word, "recognis*" for each word that begins
// so.
struct Habit {
  std::string_view words, instead;
};
constexpr Habit kHabits[] = {
    {"behind", "\"after\", or the technical relation"},
    {"is/are/was/were no", "\"is not a\""},
    {"is/are/was/were there", "\"exists\" or \"is present\""},
    {"of its/their/his/her/our own", "\"its own\" or \"separate\""},
    {"tells/told", "what happens: records, publishes, receives, shows"},
    {"speak/speaks of", "\"describes\" or \"is about\""},
    {"hear/hears of", "\"receives\" or \"learns\""},
    {"whoever", "who it is: the caller, a client that ..."},
    {"by itself/themselves/himself/herself", "\"automatically\""},
    {"since when", "a complete sentence"},
    {"anew", "\"again\""},
    {"so many", "the number"},
    {"aloud", "what is printed"},
    {"forgiv*", "\"turns an error into success\" or \"tolerates\""},
    {"mischief", "\"fault hook\""},
    {"house", "\"project\" or the name of the class"},
    {"at home", "where it belongs"},
    {"the play", "\"the demo\""},
    {"colour*", "\"color\""},
    {"behaviour*", "\"behavior\""},
    {"honour*", "\"honor\""},
    {"licence*", "\"license\""},
    {"organis*", "\"organiz...\""},
    {"recognis*", "\"recogniz...\""},
    {"authoris*", "\"authoriz...\""},
    {"finalis*", "\"finaliz...\""},
    {"summaris*", "\"summariz...\""},
    {"normalis*", "\"normaliz...\""},
    {"serialis*", "\"serializ...\""},
    {"initialis*", "\"initializ...\""},
    {"minimis*", "\"minimiz...\""},
    {"maximis*", "\"maximiz...\""},
    {"synchronis*", "\"synchroniz...\""},
    {"prioritis*", "\"prioritiz...\""},
    {"utilis*", "\"use\""},
    {"favour*", "\"favor\""},
    {"neighbour*", "\"neighbor\""},
    {"labelled/labelling", "\"labeled\""},
    {"modelled/modelling", "\"modeled\""},
    {"defence", "\"defense\""},
    {"whilst/amongst", "\"while\" or \"among\""},
    {"whence/thence/thereof/herein", "what is meant"},
    {"meanwhile", "\"while\" with what happens then"},
    {"surroundings", "\"environment\""},
    {"scribe", "\"event recorder\""},
    {"standpoint", "\"snapshot\""},
    {"knocker", "\"caller\""},
    {"i.e.", "\"that is\""},
    {"e.g.", "\"for example\""},
    {"etc.", "the whole list"},
};

// Texts that keep such words, with the file (or the folder, with a slash at the end) and the reason.
struct KeptWording {
  std::string_view path, text, reason;
};
constexpr KeptWording kKept[] = {
    {"services/inventory/exchange/lapse_store.cc", "told_lapses", "a table of the schema"},
    {"services/inventory/review_date/review_date_store.cc", "told", "a column of the schema"},
    {"services/drafting/README.md", "is there a dispute?", "a question of the printed flowchart"},
    {"tests/services/drafting/bucp/bucp_flow_test.cc", "is there a dispute?",
     "a question of the printed flowchart"},
    {"tests/shape/wording", "", "lists the habits"},
};

// Names of earlier releases, each replaced by a standard term.
constexpr std::string_view kOldNames[] = {"Scribe",
                                          "Happening",
                                          "Surroundings",
                                          "Sight",
                                          "SightOf",
                                          "TakeAs",
                                          "TakeStep",
                                          "ExpiryClock",
                                          "TaskClock",
                                          "DueClock",
                                          "DeidentificationClock",
                                          "IfTaken",
                                          "IfNone",
                                          "look_back",
                                          "rehearsed",
                                          "Mention",
                                          "Asker",
                                          "AskRegistry",
                                          "Conversation",
                                          "kMost",
                                          "kLongest",
                                          "kLargest",
                                          "kPatience",
                                          "kSoon",
                                          "kGlance",
                                          "Standpoint",
                                          "Whom",
                                          "Hire",
                                          "Knocker",
                                          "Desk",
                                          "House",
                                          "MISCHIEF"};

// The same for names that are also English words: identifiers of C++ sources.
constexpr std::string_view kOldIdentifiers[] = {"Asked", "Edge",  "Hand",   "Known", "Logged", "Look",
                                                "Move",  "Parts", "Raise",  "See",   "Sees",   "Take",
                                                "Tell",  "told",  "Wanted", "Words"};

bool StartsWith(std::string_view text, std::string_view with) { return text.substr(0, with.size()) == with; }

// The text of a C++ source without its comments and the contents of its strings.
std::string CodeOf(std::string_view text) {
  std::string code;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool in_number = i > 0 && std::isalnum(static_cast<unsigned char>(text[i - 1])) != 0;
    size_t end = std::string_view::npos;
    if (text.compare(i, 2, "//") == 0) {
      end = text.find('\n', i);
    } else if (text.compare(i, 2, "R\"") == 0 && !in_number) {
      const size_t open = text.find('(', i);
      const std::string close = ")" + std::string(text.substr(i + 2, open - i - 2)) + "\"";
      end = text.find(close, open);
      if (end != std::string_view::npos) end += close.size();
    } else if (text[i] == '"' || (text[i] == '\'' && !in_number)) {
      for (end = i + 1; end < text.size() && text[end] != text[i]; ++end) end += text[end] == '\\' ? 1 : 0;
      ++end;
    } else {
      code += text[i];
      continue;
    }
    code += ' ';
    if (end >= text.size()) break;
    i = end - 1;
  }
  return code;
}

std::string ExtensionOf(const std::string& path) {
  const size_t dot = path.rfind('.');
  return dot == std::string::npos ? "" : path.substr(dot + 1);
}

// The comment and the strings of one line of C++, proto or JavaScript ("//") or of a script ("#").
std::string ProseOfLine(const std::string& line, bool hash) {
  std::string prose;
  char quote = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote != 0) {
      if (c == '\\') {
        ++i;
      } else if (c == quote) {
        quote = 0;
        prose += ' ';
      } else {
        prose += c;
      }
    } else if (!hash && (line.compare(i, 3, "'\"'") == 0 || line.compare(i, 4, "'\\\"'") == 0)) {
      i += line[i + 1] == '"' ? 2 : 3;  // a quotation mark as a character
    } else if (c == '"' || c == '`' || (c == '\'' && hash)) {
      quote = c;
    } else if (hash ? c == '#' && (i == 0 || line[i - 1] == ' ') : line.compare(i, 2, "//") == 0) {
      return prose + line.substr(i + (hash ? 1 : 2));
    }
  }
  return prose;
}

// One word, or punctuation that ends a group of words.
struct Token {
  std::string word;
  size_t line;
};

void AddWord(const std::string& word, size_t line, std::vector<Token>* tokens) {
  std::string lower;
  for (size_t i = 0; i < word.size(); ++i) {
    // WatchesTheInbox is three words, ANewOne is, too.
    const bool starts = i > 0 && std::isupper(word[i]) &&
                        (std::islower(word[i - 1]) || (i + 1 < word.size() && std::islower(word[i + 1])));
    if (starts) {
      tokens->push_back({lower, line});
      lower.clear();
    }
    lower += static_cast<char>(std::tolower(word[i]));
  }
  tokens->push_back({lower, line});
}

std::vector<Token> TokensOf(const std::string& prose) {
  std::vector<Token> tokens;
  size_t line = 1;
  for (size_t i = 0; i < prose.size(); ++i) {
    const auto is_letter = [&](size_t at) {
      return at < prose.size() && (std::isalpha(static_cast<unsigned char>(prose[at])) || prose[at] == '\'');
    };
    if (is_letter(i)) {
      size_t end = i;
      while (is_letter(end)) ++end;
      std::string word = prose.substr(i, end - i);
      // "e.g." and "etc." are words.
      if (prose.compare(i, 4, "e.g.") == 0 || prose.compare(i, 4, "i.e.") == 0) word = prose.substr(i, 4);
      if (word == "etc" && prose[end] == '.') word = "etc.";
      AddWord(word, line, &tokens);
      i += word.size() - 1;
    } else if (prose[i] == '\n') {
      ++line;
    } else if (std::string_view(".,;:()!?|{}=<>[]").find(prose[i]) != std::string_view::npos) {
      tokens.push_back({"", line});
    }
  }
  return tokens;
}

std::vector<std::string> SplitAt(std::string_view text, char separator) {
  std::vector<std::string> parts;
  std::stringstream in{std::string(text)};
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

bool IsWord(const std::string& word, const std::string& choices) {
  for (const std::string& choice : SplitAt(choices, '/')) {
    const bool prefix = choice.back() == '*';
    if (prefix ? StartsWith(word, choice.substr(0, choice.size() - 1)) : word == choice) return true;
  }
  return false;
}

bool Matches(const std::vector<Token>& tokens, size_t at, const std::vector<std::string>& words) {
  if (at + words.size() > tokens.size()) return false;
  for (size_t i = 0; i < words.size(); ++i) {
    if (!IsWord(tokens[at + i].word, words[i])) return false;
  }
  const std::string next = at + words.size() < tokens.size() ? tokens[at + words.size()].word : "";
  // "Of its own table" is good English, "a table of its own" is not.
  if (words.back() == "own") {
    return next.empty() ||
           IsWord(next, "and/as/at/but/by/for/from/has/if/in/is/of/on/or/so/that/to/when/which/with");
  }
  // "There is no X", "is no longer X" and "the answer is no" are good English.
  if (words.back() == "no") {
    const bool there_is = at > 0 && tokens[at - 1].word == "there";
    return !there_is && !next.empty() && !IsWord(next, "longer/more");
  }
  return true;
}

bool IsKept(const KeptWording& kept, const std::string& path, const std::string& prose) {
  return StartsWith(path, kept.path) && prose.find(kept.text) != std::string::npos;
}

}  // namespace

std::string ProseOf(const std::string& path, const std::string& text) {
  const std::string extension = ExtensionOf(path);
  if (extension == "md") return text;
  const bool hash = extension == "sh" || extension == "py" || extension == "txt" || extension == "cmake" ||
                    extension == "yaml" || extension == "env";
  static const std::regex kRaw(R"re((^|[^A-Za-z0-9_])R"([a-z~]*)\()re");
  std::string prose;
  // The end of the raw string that the line is in: empty outside of one.
  std::string raw_end;
  std::stringstream lines(text);
  for (std::string line; std::getline(lines, line); prose += '\n') {
    size_t from = 0;
    std::smatch open;
    const bool was_raw = !raw_end.empty();
    if (!was_raw && !hash && std::regex_search(line, open, kRaw)) {
      raw_end = ")" + open[2].str() + "\"";
      from = static_cast<size_t>(open.position() + open.length());
    }
    if (was_raw || !raw_end.empty() || StartsWith(line, "TEST")) {
      prose += line;
    } else {
      prose += ProseOfLine(line, hash);
    }
    if (!raw_end.empty() && line.find(raw_end, from) != std::string::npos) raw_end.clear();
  }
  return prose;
}

std::vector<std::string> HabitsIn(const std::string& path, const std::string& text) {
  static const auto* habits = [] {
    auto* split = new std::vector<std::pair<std::vector<std::string>, const Habit*>>;
    for (const Habit& habit : kHabits) split->push_back({SplitAt(habit.words, ' '), &habit});
    return split;
  }();
  std::string prose = ProseOf(path, text);
  for (const KeptWording& kept : kKept) {
    if (!IsKept(kept, path, prose)) continue;
    if (kept.text.empty()) return {};
    for (size_t at = 0; (at = prose.find(kept.text, at)) != std::string::npos;)
      prose.erase(at, kept.text.size());
  }
  std::vector<std::string> faults;
  const std::vector<Token> tokens = TokensOf(prose);
  for (size_t at = 0; at < tokens.size(); ++at) {
    for (const auto& [words, habit] : *habits) {
      if (!Matches(tokens, at, words)) continue;
      std::string found;
      for (size_t i = 0; i < words.size(); ++i) found += (i > 0 ? " " : "") + tokens[at + i].word;
      faults.push_back(path + ":" + std::to_string(tokens[at].line) + " has \"" + found + "\": write " +
                       std::string(habit->instead));
    }
  }
  return faults;
}

std::vector<std::string> OldNamesIn(const std::string& path, const std::string& text) {
  if (StartsWith(path, "tests/shape/wording")) return {};
  static const std::set<std::string_view> kNames(std::begin(kOldNames), std::end(kOldNames));
  static const std::regex kWord("[A-Za-z_][A-Za-z0-9_]*");
  static const std::set<std::string_view> kIdentifiers(std::begin(kOldIdentifiers),
                                                       std::end(kOldIdentifiers));
  std::vector<std::string> faults;
  const auto find = [&](const std::string& searched, const std::set<std::string_view>& names) {
    for (std::sregex_iterator it(searched.begin(), searched.end(), kWord), end; it != end; ++it) {
      if (names.count(it->str()) > 0) faults.push_back(path + " has the old name " + it->str());
    }
  };
  find(text, kNames);
  const std::string extension = ExtensionOf(path);
  if (extension == "h" || extension == "cc") find(CodeOf(text), kIdentifiers);
  return faults;
}

std::vector<std::string> StaleWordings(const std::vector<std::pair<std::string, std::string>>& files) {
  std::vector<std::string> faults;
  for (const KeptWording& kept : kKept) {
    const bool used = std::any_of(files.begin(), files.end(), [&](const auto& file) {
      return StartsWith(file.first, kept.path) &&
             ProseOf(file.first, file.second).find(kept.text) != std::string::npos;
    });
    if (!used)
      faults.push_back("kKept: no file has \"" + std::string(kept.text) + "\" in " + std::string(kept.path));
  }
  return faults;
}

}  // namespace idea::shape
