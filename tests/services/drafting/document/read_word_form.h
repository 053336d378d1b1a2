#ifndef IDEA_TESTS_SERVICES_DRAFTING_DOCUMENT_READ_WORD_FORM_H_
#define IDEA_TESTS_SERVICES_DRAFTING_DOCUMENT_READ_WORD_FORM_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <pugixml.hpp>
#include <set>
#include <string>
#include <vector>

#include "services/drafting/document/cell_text.h"
#include "services/drafting/document/docx_controls.h"
#include "services/drafting/document/form.h"
#include "services/drafting/document/form_reader.h"
#include "tests/services/drafting/document/word_form.h"
#include "tests/support/matchers.h"

// Reads a Word form, and checks that no word of the file is lost.
namespace idea::drafting::document {

inline constexpr char kCdss[] = "entities/cdss";
inline constexpr char kDhcs[] = "entities/dhcs";
inline constexpr char kCdph[] = "entities/cdph";
inline constexpr char kFtb[] = "entities/ftb";

inline const DepartmentFinder& Finder() {
  static const DepartmentFinder finder({
      {kCdss, "California Department of Social Services", "CDSS", {}, "entities/chhs"},
      {kDhcs, "Department of Health Care Services", "DHCS", {}, "entities/chhs"},
      {kCdph,
       "California Department of Public Health",
       "CDPH",
       {"Department of Health Services"},
       "entities/chhs"},
      {"entities/chhs", "California Health and Human Services Agency", "CalHHS"},
      {kFtb, "Franchise Tax Board", "FTB"},
      {"entities/volunteers", "California Volunteers"},
      {"entities/library", "California State Library", "CSL"},
      {"entities/aging", "Department of Aging", "CDA"},
      {"entities/post", "Commission on Peace Officer Standards and Training", "POST"},
      {"entities/oes", "Governor's Office of Emergency Services", "Cal OES"},
      {"entities/commission-on-aging", "Commission on Aging", "CCoA"},
  });
  return finder;
}

inline std::set<std::string> WordsIn(const std::string& text) {
  std::set<std::string> words;
  std::string word;
  for (const char c : text + " ") {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (!word.empty()) {
      // "04" equals "4".
      const size_t zeros = std::min(word.find_first_not_of('0'), word.size() - 1);
      words.insert(word.substr(zeros));
      word.clear();
    }
  }
  return words;
}

// The visible text of a part, including text that a pending change deletes, without prompts.
inline void AddVisible(const pugi::xml_node& node, std::string& text) {
  const std::string_view name = LocalName(node);
  if (ShowsPrompt(node) || name == "Fallback") return;
  if (name == "t" || name == "delText") text += node.child_value();
  if (name == "p" || name == "br" || name == "del") text += "\n";
  for (const pugi::xml_node child : node.children()) AddVisible(child, text);
}

inline std::string VisibleText(const std::string& docx) {
  const auto parts = UnpackDocx(docx);
  std::string text;
  if (!parts.ok()) return text;
  std::vector<std::string> xmls = {parts->document, parts->footnotes, parts->endnotes, parts->comments};
  xmls.insert(xmls.end(), parts->margins.begin(), parts->margins.end());
  for (const std::string& xml : xmls) {
    pugi::xml_document document;
    if (document.load_string(xml.c_str(), pugi::parse_default | pugi::parse_ws_pcdata))
      AddVisible(document, text);
    text += "\n";
  }
  return WithoutPrompts(text);
}

// Words of answers, options and dates that the content stores as values, and those of the template.
inline std::set<std::string> ValueWords(const ReadForm& form) {
  std::string known =
      "yes no y n a not permitted allowed none never one time ongoing on going once required disputed only "
      "optional mandatory "
      "start end starts ends date dates from through until to and the on is data of or basis frequency "
      "period "
      "recipient provider contacts contact coordinator executive sponsor name title division department "
      "email "
      "e mail phone telephone task description checklist string varchar integer number x mm dd yy "
      "text numeric all form fields " +
      std::string(kFormTitle);
  for (const Field& field : Fields()) {
    known += " " + std::string(field.title) + " " + std::string(field.help);
    for (const Part& part : field.parts) known += " " + std::string(part.label);
  }
  for (const std::string_view column : kElementColumns) known += " " + std::string(column);
  for (const std::string_view type : kElementTypes) known += " " + std::string(type);
  constexpr std::string_view kMonths[] = {"january",   "february", "march",    "april",
                                          "may",       "june",     "july",     "august",
                                          "september", "october",  "november", "december"};
  const auto& dates = form.content.administrative().critical_dates();
  for (const auto& date : {dates.start_date(), dates.end_date()}) {
    if (date.month() == 0) continue;
    const std::string month(kMonths[date.month() - 1]);
    for (const int number : {date.year(), date.year() % 100, date.month(), date.day()}) {
      known += " " + std::to_string(number) + (number < 10 ? " 0" + std::to_string(number) : "");
    }
    known += " " + month + " " + month.substr(0, 3);
  }
  return WordsIn(known);
}

inline void ExpectNothingLost(const std::string& docx, const ReadForm& form) {
  std::string kept = form.content.Utf8DebugString();
  for (const auto& unread : form.unread) kept += " " + unread.text() + " " + unread.problem();
  for (size_t at; (at = kept.find("\\n")) != std::string::npos;) kept.replace(at, 2, " ");
  std::set<std::string> words = WordsIn(kept);
  words.merge(ValueWords(form));
  for (const std::string& word : WordsIn(VisibleText(docx))) {
    // Departments are stored as resource names.
    bool department = false;
    for (const char* name :
         {"cdss", "dhcs", "cdph", "ftb", "california", "social", "services", "health", "care", "franchise",
          "tax", "board", "public", "dept", "calif", "human", "agency"}) {
      department = department || word == name;
    }
    if (!department) EXPECT_TRUE(words.contains(word)) << "lost: " << word;
  }
}

inline ReadForm MustRead(const std::string& docx, const std::vector<std::string>& recipients = {},
                         const std::vector<std::string>& providers = {}) {
  auto read = ReadDocx(docx, {}, Finder());
  EXPECT_THAT(read, testing::IsOk());
  if (!read.ok()) return {};
  Resolve([](const std::string& name) { return Finder().Find(name); },
          [](const std::string& entity, const NamedPerson& person) {
            if (person.name != "Known Person") return PersonMatch();
            return PersonMatch{entity + "/contacts/known-person",
                               {"Known Person", "known@example.org", "Chief", "Data Office", "916-555-0100"}};
          },
          recipients, providers, *read);
  ExpectNothingLost(docx, *read);
  return *read;
}

// The problems of this kind in the field: "problem | text".
inline std::vector<std::string> Reported(const ReadForm& form, const std::string& field,
                                         v1::UnreadKind kind = v1::UNREAD_KIND_UNSPECIFIED) {
  std::vector<std::string> problems;
  for (const auto& unread : form.unread) {
    if (unread.field() != field || (kind != v1::UNREAD_KIND_UNSPECIFIED && unread.kind() != kind)) continue;
    problems.push_back(unread.problem() + (unread.text().empty() ? "" : " | " + unread.text()));
  }
  return problems;
}

}  // namespace idea::drafting::document

#endif  // IDEA_TESTS_SERVICES_DRAFTING_DOCUMENT_READ_WORD_FORM_H_
