#include "services/drafting/document/date_phrases.h"

#include <algorithm>
#include <cctype>
#include <regex>

#include "absl/strings/ascii.h"
#include "services/drafting/document/cell_text.h"

namespace idea::drafting::document {
namespace {

// The maximum number of bytes that are searched for dates.
constexpr size_t kMaxSearched = 2000;

bool IsReal(const google::type::Date& date) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (date.year() < 1 || date.month() < 1 || date.month() > 12 || date.day() < 1) return false;
  const bool leap = (date.year() % 4 == 0 && date.year() % 100 != 0) || date.year() % 400 == 0;
  return date.day() <= (date.month() == 2 && leap ? 29 : kDays[date.month() - 1]);
}

int MonthOf(const std::string& text) {
  constexpr std::string_view kMonths = "janfebmaraprmayjunjulaugsepoctnovdec";
  if (std::isdigit(static_cast<unsigned char>(text[0])) != 0) return std::stoi(text);
  return static_cast<int>(kMonths.find(absl::AsciiStrToLower(text.substr(0, 3))) / 3) + 1;
}

#define MONTH                                                                                     \
  "(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?" \
  "|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"

struct DateForm {
  std::regex pattern;
  size_t year, month, day;
};

const std::vector<DateForm>& DateForms() {
  static const std::vector<DateForm>& forms = *new std::vector<DateForm>{
      {std::regex(R"((?:^|[^\d/.-])((\d{4})-(\d{1,2})-(\d{1,2}))(?!\d))"), 2, 3, 4},
      {std::regex(R"((?:^|[^\d/.-])((\d{4})/(\d{1,2})/(\d{1,2}))(?![\d/]))"), 2, 3, 4},
      {std::regex(R"((?:^|[^\d/.])((\d{1,2})/(\d{1,2})/(\d{4}|\d{2}))(?![\d/]))"), 4, 2, 3},
      {std::regex(R"((?:^|[^\d/.-])((\d{1,2})-(\d{1,2})-(\d{4}|\d{2}))(?![\d-]))"), 4, 2, 3},
      {std::regex(R"((?:^|[^\d/.-])((\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}))(?!\d))"), 4, 3, 2},
      {std::regex(R"((?:^|\W)()" MONTH R"(\.? +(\d{1,2})(?:st|nd|rd|th)?,? +(\d{4}))(?!\d))",
                  std::regex::icase),
       4, 2, 3},
      {std::regex(R"((?:^|[^\d/.-])((\d{1,2})(?:st|nd|rd|th)?(?: of)? +)" MONTH R"(\.?,? +(\d{4}))(?!\d))",
                  std::regex::icase),
       4, 3, 2},
      {std::regex(R"((?:^|[^\d/.-])((\d{1,2})-)" MONTH R"(-(\d{4}|\d{2}))(?![\d-]))", std::regex::icase), 4,
       3, 2}};
  return forms;
}
const std::regex& EveryForm() {
  static const std::regex& pattern = *new std::regex(
      R"(\b(real[- ]?time|hourly|nightly|daily|semi-?weekly|bi-?weekly|weekly|semi-?monthly|bi-?monthly|monthly)"
      R"(|quarterly|semi-?annual(?:ly)?|bi-?annual(?:ly)?|annual(?:ly)?|yearly|every (?:other )?(?:\w+ )?)"
      R"((?:hours?|days?|weeks?|months?|quarters?|years?)|(?:(?:once|twice|\w+ times) (?:a|per|each|every)|per|each) )"
      R"((?:hour|day|week|month|quarter|year))\b)",
      std::regex::icase);
  return pattern;
}

// The sentences of a text. A dot after a month or within a date does not end a sentence.
std::vector<std::string> SentencesOf(const std::string& text) {
  std::vector<std::string> sentences;
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dot = text[i] == '.' && i + 1 < text.size() && text[i + 1] == ' ';
    if (!dot && text[i] != ';' && text[i] != '\n') continue;
    if (dot) {
      static const std::regex& kMonth =
          *new std::regex(R"((^|\W)(jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)$)", std::regex::icase);
      const std::string before = text.substr(i < 5 ? 0 : i - 5, std::min<size_t>(i, 5));
      if (std::regex_search(before, kMonth)) continue;
    }
    sentences.push_back(Tidy(text.substr(begin, i - begin + (dot ? 1 : 0))));
    begin = i + 1;
  }
  sentences.push_back(Tidy(std::string_view(text).substr(begin)));
  sentences.erase(std::remove(sentences.begin(), sentences.end(), ""), sentences.end());
  return sentences;
}

bool Says(const std::string& text, const std::regex& pattern) { return std::regex_search(text, pattern); }

bool SaysNoEnd(const std::string& text) {
  static const std::regex& kNoEnd = *new std::regex(
      R"(\b(no|without|has no|without an) (specified |fixed |set )?(end|expiration)( date)?\b)",
      std::regex::icase);
  return Says(text, kNoEnd);
}

enum class Meaning { kNone, kStart, kEnd, kOther };

// What the words before a date say about it.
Meaning MeaningOf(const std::string& before) {
  static const std::regex& kStart = *new std::regex(
      R"(\b(start|starts|starting|begin|begins|beginning|from|effective|commenc\w*|between)\b)",
      std::regex::icase);
  static const std::regex& kEnd = *new std::regex(
      R"(\b(end|ends|ending|through|thru|until|till|expir\w*|terminat\w*)\b)", std::regex::icase);
  static const std::regex& kOther = *new std::regex(
      R"(\b(deadline\w*|due|by|before|sign\w*|approv\w*|deliver\w*|draft\w*|first|report\w*|review\w*|meeting)\b)",
      std::regex::icase);
  if (Says(before, kOther)) return Meaning::kOther;
  if (Says(before, kEnd)) return Meaning::kEnd;
  return Says(before, kStart) ? Meaning::kStart : Meaning::kNone;
}

// Words that only join dates: "to", "-", "and".
bool Joins(const std::string& between) {
  static const std::regex& kForm = *new std::regex(
      "^[ ,]*(to|through|thru|until|till|and|-|\u2013|\u2014)[ ,]*(the )?(end(s|ing)?( date)?:?)? *$",
      std::regex::icase);
  return std::regex_search(between, kForm);
}

// Whether a sentence contains nothing besides what was read from it.
bool SaysNothingMore(const std::string& left) {
  static const std::regex& kWord = *new std::regex("[A-Za-z0-9]+");
  constexpr std::string_view kEmpty[] = {
      "start", "starts", "starting",  "begin",    "begins",    "beginning", "from",    "to",        "end",
      "ends",  "ending", "date",      "dates",    "through",   "thru",      "until",   "till",      "and",
      "the",   "on",     "is",        "data",     "of",        "or",        "expires", "with",      "a",
      "an",    "basis",  "frequency", "duration", "effective", "period",    "between", "recurrence"};
  for (std::sregex_iterator at(left.begin(), left.end(), kWord), none; at != none; ++at) {
    const std::string word = absl::AsciiStrToLower(at->str());
    if (std::find(std::begin(kEmpty), std::end(kEmpty), word) == std::end(kEmpty)) return false;
  }
  return true;
}

class SentenceReader {
 public:
  explicit SentenceReader(DatePhrases& out) : out_(out) {}

  void Read(const std::string& sentence) {
    left_ = sentence;
    sentence_ = sentence;
    read_ = false;
    doubted_ = false;
    ReadDates();
    ReadRecurrence();
    ReportDateLike();
    if (doubted_ || !read_ || !SaysNothingMore(left_)) out_.rest.push_back(sentence);
  }

 private:
  void Blank(size_t begin, size_t end) { left_.replace(begin, end - begin, end - begin, ' '); }

  void Doubt(const std::string& problem, bool only_text) {
    out_.doubts.push_back({problem, sentence_, only_text});
    doubted_ = true;
  }

  void Set(std::optional<google::type::Date>& date, const WrittenDate& written, const char* which) {
    const bool other = date && (date->year() != written.date.year() ||
                                date->month() != written.date.month() || date->day() != written.date.day());
    if (other) return Doubt(std::string("another ") + which + " date was read before", true);
    date = written.date;
    read_ = true;
    Blank(written.begin, written.end);
  }

  void ReadDates() {
    const std::vector<WrittenDate> dates = FindDates(sentence_);
    // "no end date" says that there is no end, and is kept as text.
    const bool no_end = SaysNoEnd(sentence_);
    size_t from = 0;
    for (size_t i = 0; i < dates.size(); ++i) {
      const WrittenDate& written = dates[i];
      const std::string before = sentence_.substr(from, written.begin - from);
      from = written.end;
      if (written.uncertain) {
        Doubt("an ambiguous date", true);
        continue;
      }
      Meaning meaning = MeaningOf(before);
      if (i > 0 && Joins(before)) meaning = last_ == Meaning::kStart ? Meaning::kEnd : last_;
      const bool range =
          i + 1 < dates.size() && Joins(sentence_.substr(written.end, dates[i + 1].begin - written.end));
      if (meaning == Meaning::kNone && range) meaning = Meaning::kStart;
      last_ = meaning;
      if (meaning == Meaning::kStart) Set(out_.start, written, "start");
      if (meaning == Meaning::kEnd && !no_end) Set(out_.end, written, "end");
      if (meaning == Meaning::kNone) ReadLoneDate(written);
      // A deadline is understood as text.
      if (meaning == Meaning::kOther) Blank(written.begin, written.end);
    }
    last_ = Meaning::kNone;
  }

  // The date of a single transfer is its day, even without an explanation.
  void ReadLoneDate(const WrittenDate& written) {
    static const std::regex& kOnce =
        *new std::regex(R"(\bone[- ]?time\b|\bonce\b(?! (a|per|each|every)\b))", std::regex::icase);
    if (Says(sentence_, kOnce) && !out_.start) {
      Set(out_.start, written, "start");
      return Doubt("the date of a one-time transfer was taken as the start date", false);
    }
    Doubt("a date without an explanation", true);
  }

  // Reports what is left and looks like a date or stands for one, but is not a deadline.
  void ReportDateLike() {
    static const std::regex& kEvent = *new std::regex(
        R"(\b(upon|after|following) (the )?(full )?(execution|signature|signing)\b|\btb[da]\b|\bto be determined\b)",
        std::regex::icase);
    static const std::regex& kPart = *new std::regex(
        R"(\d+[/.-]\d+[/.-]\d+|\b20\d\d(\d{4})?\b|\b(fy|q[1-4]|fiscal year) ?\d+|\b)" MONTH R"(\.? +\d+)",
        std::regex::icase);
    static const std::regex& kLabel = *new std::regex(R"(^\W*(start|end)( date)?\W*:)", std::regex::icase);
    if (doubted_) return;
    const bool is_deadline = MeaningOf(left_) == Meaning::kOther;
    if (Says(left_, kEvent) || (!is_deadline && Says(left_, kPart)) || (!read_ && Says(left_, kLabel)))
      Doubt("a date that was not understood", true);
  }

  void ReadRecurrence() {
    static const std::regex& kOnce = *new std::regex(
        R"(\b(one[- ]?time(?! or)|single|once(?! (a|per|each|every)\b))\b)", std::regex::icase);
    static const std::regex& kOngoing =
        *new std::regex(R"(\b(on-?going|continuous|recurring)\b)", std::regex::icase);
    static const std::regex& kHead = *new std::regex(R"(^(on-?going)\s*[,:-]\s*(.+)$)", std::regex::icase);
    std::smatch once, ongoing, every;
    const bool is_once = std::regex_search(sentence_, once, kOnce);
    const bool is_ongoing = std::regex_search(sentence_, ongoing, kOngoing);
    const bool has_every = std::regex_search(sentence_, every, EveryForm());
    if (is_once && (is_ongoing || has_every)) return Doubt("says both one-time and ongoing", true);
    if (!is_once && !is_ongoing && !has_every) return;
    const int recurrence = is_once ? 1 : 2;
    if (out_.recurrence != 0 && out_.recurrence != recurrence)
      return Doubt("says both one-time and ongoing", true);
    out_.recurrence = recurrence;
    read_ = true;
    if (is_once) Blank(once.position(), once.position() + once.length());
    if (is_ongoing) Blank(ongoing.position(), ongoing.position() + ongoing.length());
    std::smatch head;
    std::string frequency;
    if (has_every) {
      frequency = Tidy(every.str());
      Blank(every.position(), every.position() + every.length());
    } else if (FindDates(sentence_).empty() && !SaysNoEnd(sentence_) &&
               std::regex_match(sentence_, head, kHead) && head.length(2) <= 200) {
      frequency = head[2];
      while (frequency.ends_with('.')) frequency.pop_back();
      left_.clear();
    }
    if (frequency.empty()) return;
    if (!out_.frequency.empty() && out_.frequency != frequency)
      return Doubt("another frequency was read before", true);
    out_.frequency = frequency;
  }

  DatePhrases& out_;
  std::string sentence_, left_;
  Meaning last_ = Meaning::kNone;
  bool read_ = false;
  bool doubted_ = false;
};

#undef MONTH
}  // namespace

std::vector<WrittenDate> FindDates(std::string_view text) {
  const std::string searched(text.substr(0, kMaxSearched));
  std::vector<WrittenDate> dates;
  for (size_t which = 0; which < DateForms().size(); ++which) {
    const DateForm& form = DateForms()[which];
    for (std::sregex_iterator at(searched.begin(), searched.end(), form.pattern), none; at != none; ++at) {
      const std::smatch& found = *at;
      WrittenDate written;
      written.date.set_year(std::stoi(found[form.year]));
      if (found[form.year].length() == 2) written.date.set_year(written.date.year() + 2000);
      written.date.set_month(MonthOf(found[form.month]));
      written.date.set_day(std::stoi(found[form.day]));
      written.begin = static_cast<size_t>(found.position(1));
      written.end = written.begin + static_cast<size_t>(found.length(1));
      // Dates with dots have the day first. For other dates the order is unknown.
      constexpr size_t kDots = 4;
      written.uncertain =
          which == kDots && written.date.day() <= 12 && written.date.day() != written.date.month();
      if (IsReal(written.date)) dates.push_back(written);
    }
  }
  std::sort(dates.begin(), dates.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
  dates.erase(
      std::unique(dates.begin(), dates.end(), [](const auto& a, const auto& b) { return b.begin < a.end; }),
      dates.end());
  return dates;
}

DatePhrases ReadDatePhrases(std::string_view text) {
  DatePhrases out;
  if (text.size() > kMaxSearched) {
    out.rest.emplace_back(text);
    return out;
  }
  SentenceReader reader(out);
  for (const std::string& sentence : SentencesOf(std::string(text))) reader.Read(sentence);
  return out;
}

}  // namespace idea::drafting::document
