#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_DATE_PHRASES_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_DATE_PHRASES_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "google/type/date.pb.h"

namespace idea::drafting::document {

// A date as it stands in a text.
struct WrittenDate {
  google::type::Date date;
  size_t begin = 0;
  size_t end = 0;
  // It may be another day: "04.01.2027" is January or April.
  bool uncertain = false;
};

// Every date of the text: 01/31/2027, 1/31/27, 01-31-2027, 2027-01-31, 31.12.2027, Jan. 31, 2027, 31 January
// 2027. Days that do not exist are left out.
std::vector<WrittenDate> FindDates(std::string_view text);

// What people write into the field of critical dates.
struct DatePhrases {
  std::optional<google::type::Date> start;
  std::optional<google::type::Date> end;
  // 0 not said, 1 one-time, 2 ongoing.
  int recurrence = 0;
  // "monthly"
  std::string frequency;
  // What remains to be kept as text: whole sentences that say anything else.
  std::vector<std::string> rest;
  // What was read by a guess or not read as a date, each a sentence for people, with the text that it is
  // about.
  struct Doubt {
    std::string problem;
    std::string text;
    // It is not in start, end, recurrence or frequency.
    bool only_text = false;
  };
  std::vector<Doubt> doubts;
};

// Reads sentences such as "Start date: January 4, 2027. End date: 12/31/2029. Ongoing, monthly." or
// "1/4/27 - 12/31/29, monthly". A sentence that says more than this is kept as text, too.
DatePhrases ReadDatePhrases(std::string_view text);

}  // namespace idea::drafting::document

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_DATE_PHRASES_H_
