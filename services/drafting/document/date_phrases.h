#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_DATE_PHRASES_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_DATE_PHRASES_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "google/type/date.pb.h"

namespace idea::drafting::document {

// A date in a text.
struct WrittenDate {
  google::type::Date date;
  size_t begin = 0;
  size_t end = 0;
  // Whether the date is ambiguous: "04.01.2027" may be January or April.
  bool uncertain = false;
};

// All dates of the text: 01/31/2027, 1/31/27, 01-31-2027, 2027-01-31, 31.12.2027, Jan. 31, 2027, 31 January
// 2027. Days that do not exist are left out.
std::vector<WrittenDate> FindDates(std::string_view text);

// The content of the field of critical dates.
struct DatePhrases {
  std::optional<google::type::Date> start;
  std::optional<google::type::Date> end;
  // 0: not stated, 1: one-time, 2: ongoing.
  int recurrence = 0;
  // "monthly"
  std::string frequency;
  // The remaining text: whole sentences that contain anything else.
  std::vector<std::string> rest;
  // Dates that were guessed or could not be read, each with a sentence for people and its text.
  struct Doubt {
    std::string problem;
    std::string text;
    // The text is not in start, end, recurrence or frequency.
    bool only_text = false;
  };
  std::vector<Doubt> doubts;
};

// Reads sentences such as "Start date: January 4, 2027. End date: 12/31/2029. Ongoing, monthly." or "1/4/27 -
// 12/31/29, monthly". A sentence with more information is also kept as text.
DatePhrases ReadDatePhrases(std::string_view text);

}  // namespace idea::drafting::document

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_DATE_PHRASES_H_
