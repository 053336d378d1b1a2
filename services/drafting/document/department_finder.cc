#include "services/drafting/document/department_finder.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "services/drafting/document/cell_text.h"

namespace idea::drafting::document {
namespace {

// The maximum number of bytes that are searched for a department, and of a heading.
constexpr size_t kMaxSearched = 400;
constexpr size_t kMaxHeading = 150;
constexpr size_t kShownOfAName = 200;
constexpr size_t kMaxCandidates = 5;

bool IsWordByte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) != 0 || byte >= 0x80 || c == '$' || c == '&';
}

// The words for which an abbreviation stands.
std::string Expanded(const std::string& word) {
  static const std::map<std::string, std::string> kShort = {
      {"dept", "department"}, {"depts", "department"},     {"calif", "california"},
      {"cal", "california"},  {"ca", "california"},        {"svcs", "services"},
      {"svc", "services"},    {"service", "services"},     {"ofc", "office"},
      {"srvcs", "services"},  {"srvs", "services"},        {"dep", "department"},
      {"bd", "board"},        {"comm", "commission"},      {"govt", "government"},
      {"mgmt", "management"}, {"admin", "administration"}, {"rehab", "rehabilitation"}};
  const auto found = kShort.find(word);
  return found == kShort.end() ? word : found->second;
}

// Words that people often leave out or add, and the end of "Dep't".
bool IsFiller(const std::string& word) {
  static const std::set<std::string> kFillers = {"of", "the", "and", "for", "&", "on", "t"};
  return kFillers.contains(word);
}
bool IsState(const std::string& word) { return word == "california" || word == "state" || word == "s"; }

bool IsBody(const std::string& word) {
  static const std::set<std::string> kBodies = {"department", "office", "board",     "commission",
                                                "agency",     "bureau", "secretary", "council"};
  return kBodies.contains(word);
}

// Whether a word is rather a word than an acronym in small letters: "post", unlike "cdss" and "CalFire".
bool IsOrdinary(const std::string& word) {
  constexpr size_t kLetters = 5;
  const bool has_capital =
      std::any_of(word.begin() + 1, word.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  return word.size() <= kLetters && !has_capital && word.find_first_of("aeiouAEIOU") != std::string::npos;
}

// A part of a department, or its representative.
bool IsUnit(const std::string& word) {
  static const std::set<std::string> kUnits = {
      "legal",   "counsel", "office",  "division", "branch",   "section",
      "unit",    "program", "bureau",  "privacy",  "security", "information",
      "general", "chief",   "officer", "opinion",  "position", "representative"};
  return kUnits.contains(word);
}

}  // namespace

struct DepartmentFinder::Word {
  std::string raw;
  std::string word;
  size_t begin, end;
};

std::vector<DepartmentFinder::Word> DepartmentFinder::WordsOf(std::string_view text) {
  std::vector<Word> words;
  for (size_t i = 0; i < text.size();) {
    if (!IsWordByte(text[i])) {
      ++i;
      continue;
    }
    size_t end = i;
    // A no-break space has two bytes that are not letters.
    while (end < text.size() && IsWordByte(text[end]) && text.substr(end, 2) != "\u00a0" &&
           text.substr(end, 3) != "\u2013" && text.substr(end, 3) != "\u2014" &&
           text.substr(end, 3) != "\u2019") {
      ++end;
    }
    if (end == i) {
      i += text.substr(i, 2) == "\u00a0" ? 2 : 3;
      continue;
    }
    const std::string raw(text.substr(i, end - i)), lower = absl::AsciiStrToLower(raw);
    if (lower == "healthcare") {
      words.push_back({raw, "health", i, end});
      words.push_back({raw, "care", i, end});
    } else {
      words.push_back({raw, Expanded(lower), i, end});
    }
    i = end;
  }
  return words;
}

DepartmentFinder::DepartmentFinder(std::vector<KnownDepartment> departments)
    : departments_(std::move(departments)) {
  for (size_t i = 0; i < departments_.size(); ++i) {
    AddName(i, departments_[i].name, Call::Kind::kName);
    AddAcronym(i, departments_[i].acronym);
    for (const std::string& former : departments_[i].former) AddName(i, former, Call::Kind::kFormer);
  }
}

void DepartmentFinder::AddAcronym(size_t department, const std::string& acronym) {
  // Shorter ones are words, or parts of words, of other texts.
  constexpr size_t kShortestSpelling = 4;
  std::vector<std::string> raw;
  std::string joined;
  for (const Word& word : WordsOf(acronym)) {
    raw.push_back(word.raw);
    joined += absl::AsciiStrToLower(word.raw);
  }
  if (raw.empty()) return;
  calls_.push_back({department, std::move(raw), Call::Kind::kAcronym});
  if (joined.size() >= kShortestSpelling)
    calls_.push_back({department, {std::move(joined)}, Call::Kind::kSpelling});
}

void DepartmentFinder::AddName(size_t department, const std::string& name, Call::Kind kind) {
  std::vector<std::string> words, all;
  for (const Word& word : WordsOf(name)) {
    if (IsFiller(word.word)) continue;
    all.push_back(word.word);
    if (!IsState(word.word)) words.push_back(word.word);
  }
  // "California Volunteers" differs from any other volunteers.
  if (words.size() < 2) words = all;
  if (words.empty()) return;
  const auto add = [&](std::vector<std::string> call, Call::Kind as) {
    calls_.push_back({department, std::move(call), as});
  };
  add(words, kind);
  if (words.size() > 1 && IsBody(words.front())) {
    std::vector<std::string> inverted(words.begin() + 1, words.end());
    inverted.push_back(words.front());
    add(inverted, kind);
    inverted.pop_back();
    // "Social Services" is not certain for any department.
    if (inverted.size() > 1) add(inverted, Call::Kind::kPart);
  }
}

bool DepartmentFinder::IsAbove(size_t agency, size_t department) const {
  std::string at = departments_[department].parent;
  // The maximum length of a chain of parents; ends a cycle.
  for (int steps = 0; steps < 10 && !at.empty(); ++steps) {
    if (at == departments_[agency].entity) return true;
    const auto above = std::find_if(departments_.begin(), departments_.end(),
                                    [&](const KnownDepartment& each) { return each.entity == at; });
    at = above == departments_.end() ? "" : above->parent;
  }
  return false;
}

// The acronym in its own spelling, "CDSS" or "CAL FIRE"; of a text that is nothing else in any case.
void DepartmentFinder::MatchAcronym(const Call& call, const std::vector<Word>& words,
                                    std::vector<Match>& matches) {
  for (size_t i = 0; i + call.words.size() <= words.size(); ++i) {
    size_t same = 0, alike = 0;
    for (size_t k = 0; k < call.words.size(); ++k) {
      same += words[i + k].raw == call.words[k] ? 1 : 0;
      alike += absl::EqualsIgnoreCase(words[i + k].raw, call.words[k]) ? 1 : 0;
    }
    const bool alone = words.size() == call.words.size() && alike == call.words.size();
    if (same == call.words.size() || alone) matches.push_back({&call, i, i + call.words.size()});
  }
}

// The acronym in other spellings: "CalOES" for "Cal OES", "Cal-HR" for "CalHR", "C.D.S.S.", "cdss".
void DepartmentFinder::MatchSpelling(const Call& call, const std::vector<Word>& words,
                                     std::vector<Match>& matches) {
  const std::string& wanted = call.words[0];
  for (size_t i = 0; i < words.size(); ++i) {
    std::string joined;
    for (size_t end = i; end < words.size() && joined.size() < wanted.size(); ++end) {
      joined += absl::AsciiStrToLower(words[end].raw);
      if (joined == wanted && !(end == i && IsOrdinary(words[i].raw))) matches.push_back({&call, i, end + 1});
    }
  }
}

std::vector<DepartmentFinder::Match> DepartmentFinder::MatchesIn(const std::vector<Word>& words) const {
  std::vector<size_t> kept, kept_with_state;
  for (size_t i = 0; i < words.size(); ++i) {
    if (IsFiller(words[i].word)) continue;
    kept_with_state.push_back(i);
    if (!IsState(words[i].word)) kept.push_back(i);
  }
  std::vector<Match> matches;
  for (const Call& call : calls_) {
    if (call.kind == Call::Kind::kAcronym) {
      MatchAcronym(call, words, matches);
      continue;
    }
    if (call.kind == Call::Kind::kSpelling) {
      MatchSpelling(call, words, matches);
      continue;
    }
    const bool with_state = std::any_of(call.words.begin(), call.words.end(), IsState);
    const std::vector<size_t>& in = with_state ? kept_with_state : kept;
    for (size_t i = 0; i + call.words.size() <= in.size(); ++i) {
      size_t same = 0;
      while (same < call.words.size() && words[in[i + same]].word == call.words[same]) ++same;
      if (same == call.words.size()) matches.push_back({&call, in[i], in[i + same - 1] + 1});
    }
  }
  // A name within a longer name does not count.
  std::vector<Match> longest;
  for (const Match& match : matches) {
    const bool within = std::any_of(matches.begin(), matches.end(), [&](const Match& other) {
      return other.begin <= match.begin && match.end <= other.end &&
             other.end - other.begin > match.end - match.begin;
    });
    if (!within) longest.push_back(match);
  }
  return longest;
}

DepartmentMatch DepartmentFinder::Find(std::string_view text) const {
  const std::string tidy = Tidy(text);
  const std::string quoted = "\"" + Cut(tidy, kShownOfAName) + "\"";
  for (const KnownDepartment& known : departments_) {
    if (known.name == tidy || (known.acronym == tidy && !tidy.empty())) {
      DepartmentMatch found = known.name == tidy ? DepartmentMatch{known.entity, ""} : Find("(" + tidy + ")");
      found.exact = !found.entity.empty();
      return found;
    }
  }
  const std::vector<Match> matches = MatchesIn(WordsOf(std::string_view(tidy).substr(0, kMaxSearched)));
  using Kinds = std::set<Call::Kind>;
  for (const auto& [kinds, certain] : {std::pair(Kinds{Call::Kind::kName, Call::Kind::kAcronym}, true),
                                       {Kinds{Call::Kind::kFormer}, false},
                                       {Kinds{Call::Kind::kSpelling}, false},
                                       {Kinds{Call::Kind::kPart}, false}}) {
    std::set<size_t> found;
    for (const Match& match : matches) {
      if (kinds.contains(match.call->kind)) found.insert(match.call->department);
    }
    // The agency of a department that is also named only says where the department belongs.
    std::set<size_t> meant;
    for (const size_t each : found) {
      const bool above = std::any_of(found.begin(), found.end(),
                                     [&](size_t other) { return other != each && IsAbove(each, other); });
      if (!above) meant.insert(each);
    }
    if (meant.empty()) continue;
    DepartmentMatch out;
    for (const size_t each : meant) {
      if (out.candidates.size() < kMaxCandidates) {
        out.candidates.push_back({departments_[each].entity, departments_[each].name});
      }
    }
    if (meant.size() > 1) {
      out.certainly_several = true;
      out.doubt = quoted + " may be one of several departments";
      for (size_t i = 0; i < out.candidates.size(); ++i) {
        out.doubt += (i == 0 ? ": " : "; ") + out.candidates[i].name + " (" + out.candidates[i].entity + ")";
      }
      return out;
    }
    out.entity = departments_[*meant.begin()].entity;
    if (certain) {
      out.candidates.clear();
    } else {
      out.doubt = quoted + " was taken as " + departments_[*meant.begin()].name + " (" + out.entity + ")";
    }
    return out;
  }
  return {"", "the registry has no department " + quoted, Similar(tidy)};
}

std::vector<DepartmentMatch::Candidate> DepartmentFinder::Similar(const std::string& text) const {
  constexpr size_t kShortestWord = 5;
  std::set<std::string> words;
  for (const Word& word : WordsOf(std::string_view(text).substr(0, kMaxSearched))) {
    if (word.word.size() >= kShortestWord && !IsBody(word.word) && !IsState(word.word))
      words.insert(word.word);
  }
  std::vector<std::pair<int, size_t>> scores;
  for (size_t i = 0; i < departments_.size(); ++i) {
    int shared = 0;
    for (const Word& word : WordsOf(departments_[i].name)) shared += words.contains(word.word) ? 1 : 0;
    if (shared > 0) scores.emplace_back(-shared, i);
  }
  std::sort(scores.begin(), scores.end());
  std::vector<DepartmentMatch::Candidate> candidates;
  for (size_t i = 0; i < std::min(scores.size(), kMaxCandidates); ++i) {
    candidates.push_back({departments_[scores[i].second].entity, departments_[scores[i].second].name});
  }
  return candidates;
}

std::optional<DepartmentHeading> DepartmentFinder::HeadingOf(std::string_view line) const {
  size_t end = line.size(), text_at = line.size();
  bool colon = false;
  for (const std::string_view mark : {":", " - ", " \u2013 ", " \u2014 "}) {
    const size_t at = line.find(mark);
    if (at == std::string_view::npos || at >= end) continue;
    end = at;
    text_at = at + mark.size();
    colon = mark == ":";
  }
  if (end > kMaxHeading) return std::nullopt;
  const std::vector<Word> words = WordsOf(line.substr(0, end));
  std::set<size_t> covered, named;
  for (const Match& match : MatchesIn(words)) {
    if (match.call->kind == Call::Kind::kPart || match.call->kind == Call::Kind::kSpelling) continue;
    named.insert(match.call->department);
    for (size_t i = match.begin; i < match.end; ++i) covered.insert(i);
  }
  if (named.size() != 1) return std::nullopt;
  size_t left = 0;
  size_t units = 0;
  bool begins = false;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i].word;
    const bool side = word == "data" || word == "recipient" || word == "provider";
    if (covered.contains(i)) begins = begins || left == 0;
    if (covered.contains(i) || IsFiller(word) || IsState(word) || side) continue;
    ++left;
    if (IsUnit(word)) ++units;
  }
  const std::string& entity = departments_[*named.begin()].entity;
  if (left == 0) return DepartmentHeading{entity, text_at};
  // "CDSS Legal Division: ...": the words before the colon remain part of the text.
  if (colon && begins && units == left) return DepartmentHeading{entity, 0};
  return std::nullopt;
}

}  // namespace idea::drafting::document
