#include "services/registry/signatory_list/signatory_list.h"

#include "services/registry/signatory_list/published_list.h"
#include "tests/support/golden.h"
#include "tests/support/matchers.h"

namespace idea::registry {
namespace {

using ::idea::testing::FailsWith;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kHeader[] = "name,acronym,parent_agency,kind,source\n";

std::string OfficialList() {
  return testing::ReadText(testing::SourcePath("services/registry/data/signatories.csv"));
}

TEST(SignatoryList, PlacesEveryRowOfTheOfficialList) {
  auto list = ReadSignatories(OfficialList());
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(list->rows_read, 154);
  const auto placed = PlaceSignatories(*list, {});
  EXPECT_THAT(list->problems, IsEmpty());
  EXPECT_EQ(placed.size(), 154u);
  int official = 0, agreement = 0;
  for (const PlacedRow& row : placed) {
    official += InstrumentOf(row.row.source) == v1::INSTRUMENT_OFFICIAL_LIST;
    agreement += InstrumentOf(row.row.source) == v1::INSTRUMENT_AGREEMENT_2021;
  }
  EXPECT_EQ(official, 107);
  EXPECT_EQ(agreement, 4);
}

TEST(SignatoryList, RequiresItsHeader) {
  for (const char* csv : {"", "name\nx\n", "acronym,name,parent_agency,kind,source\n", "\"name,acronym\n"}) {
    EXPECT_THAT(ReadSignatories(csv), FailsWith(status::Reason::ERROR_REASON_INVALID_FIELD)) << csv;
  }
}

TEST(SignatoryList, FindsAgenciesInLaterRowsAndInTheRegistry) {
  auto list =
      ReadSignatories(std::string(kHeader) + "Department X,X,Agency A,department,s\nAgency A,A,,agency,s\n" +
                      "Office Y,,Agency K,office,s\n");
  ASSERT_TRUE(list.ok());
  const auto placed = PlaceSignatories(
      *list, {{"entities/k", "Agency K", {}}, {"entities/office-of-y", "Office of Y", {"Office Y"}}});
  ASSERT_EQ(placed.size(), 3u);
  EXPECT_EQ(placed[0].name, "entities/agency-a");
  EXPECT_EQ(placed[1].name, "entities/office-of-y");
  EXPECT_TRUE(placed[1].exists);
  EXPECT_EQ(placed[1].parent, "entities/k");
  EXPECT_EQ(placed[2].name, "entities/department-x");
  EXPECT_EQ(placed[2].parent, "entities/agency-a");
}

struct BadRow {
  const char* row;
  const char* problem;
};

class RowThatCannotBePlaced : public ::testing::TestWithParam<BadRow> {};

TEST_P(RowThatCannotBePlaced, IsReportedWithItsLine) {
  auto list =
      ReadSignatories(std::string(kHeader) + "Good,,,office,s\n" + GetParam().row + "\nLast,,,office,s\n");
  ASSERT_TRUE(list.ok());
  const auto placed = PlaceSignatories(*list, {{"entities/taken", "Known One", {}}});
  EXPECT_EQ(placed.size(), 2u);
  ASSERT_EQ(list->problems.size(), 1u);
  EXPECT_EQ(list->problems[0].line(), 3);
  EXPECT_THAT(list->problems[0].problem(), HasSubstr(GetParam().problem));
  EXPECT_EQ(list->rows_read, 3);
}

INSTANTIATE_TEST_SUITE_P(
    Each, RowThatCannotBePlaced,
    ::testing::Values(BadRow{",,,office,s", "name is missing"}, BadRow{"A,,,office", "4 columns"},
                      BadRow{"A,,,office,s,more", "6 columns"},
                      BadRow{"A,,,castle,s", "unknown kind: castle"},
                      BadRow{"A,,Nobody,office,s", "unknown parent_agency: Nobody"},
                      BadRow{"A,,A,office,s", "unknown parent_agency"},
                      BadRow{"Good,,,board,s", "line 2 already"}, BadRow{"GOOD,,,board,s", "line 2 already"},
                      BadRow{"Good.,,,board,s", "another entity has the name entities/good"},
                      BadRow{"G\u043e\u043ed Two,,,board,s", "one alphabet"},
                      BadRow{"Good\u200b Two,,,board,s", "invisible"},
                      BadRow{"Taken,,,board,s", "another entity has the name entities/taken"},
                      BadRow{"A,,,office,", "source is missing"}, BadRow{"\xff,,,office,s", "not UTF-8"},
                      BadRow{"A,D\xe9pt,,office,s,,,", "not UTF-8 in column 2: in Excel save as"},
                      BadRow{"\"A,,,office,s", "quotes"}, BadRow{"!!!,,,office,s", "no letter or digit"},
                      BadRow{"A,123456789012345678901,,office,s", "acronym"}));

TEST(PublishedList, HasNamesInNaturalOrderAndCorrectAgencies) {
  struct Row {
    const char* row;
    const char* name;
    const char* agency;
  };
  for (const Row& row :
       {Row{"| Aging, Department of | Health and Human Services Agency |", "Department of Aging",
            "Health and Human Services Agency"},
        Row{"| Personnel Board, State | Government Operations Agency |", "State Personnel Board",
            "Government Operations Agency"},
        Row{"| Environmental Protection, Secretary for | Environmental Protection Agency |",
            "Environmental Protection Agency", "Environmental Protection Agency"},
        Row{"| Natural Resources Agency, Secretary of the | Natural Resources Agency|",
            "Natural Resources Agency", "Natural Resources Agency"},
        Row{"| Finance, Department of | General Government |", "Department of Finance", ""},
        Row{"| Industrial Relations, Department of | Public Employment Relations Board |",
            "Department of Industrial Relations", "Labor and Workforce Development Agency"},
        Row{"| California Highway Patrol, Department of theCalifornia Highway Patrol, Department of the | "
            "Transportation Agency |",
            "California Highway Patrol", "Transportation Agency"},
        Row{"| Boards, Councils, and Others | |", "Boards, Councils, and Others", ""},
        Row{"| A \\| B Office | | ", "A | B Office", ""}}) {
    const auto list = ReadPublishedList("| Name | Agency/Funding source |\r\n|---|:-:|\r\n" +
                                        std::string(row.row) + "\r\n\r\nAfter.\n");
    ASSERT_TRUE(list.ok());
    ASSERT_EQ(list->rows.size(), 1u) << row.row;
    EXPECT_EQ(list->rows[0].line, 3);
    EXPECT_EQ(list->rows[0].display_name, row.name);
    EXPECT_EQ(list->rows[0].parent_agency, row.agency);
  }
}

TEST(PublishedList, ReportsMalformedRows) {
  const auto list = ReadPublishedList(
      "| Name | Agency/Funding source |\n| --- | --- |\n| A | B | C |\n| | B |\n| \xff | |\n| A | \xff |\n"
      "| Good | |\n| good | |\n| --- |\n");
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(list->rows_read, 6);
  EXPECT_EQ(list->rows.size(), 1u);
  std::vector<std::string> problems;
  for (const auto& problem : list->problems) problems.push_back(problem.problem());
  EXPECT_THAT(problems, ElementsAre("has 3 columns instead of 2", "name is missing", "is not UTF-8",
                                    "is not UTF-8", "line 7 already has this name"));
}

TEST(SignatoryList, ReportsTwoRowsThatAreEachOthersAgency) {
  auto list = ReadSignatories(std::string(kHeader) + "A,,B,office,s\nB,,A,office,s\n");
  ASSERT_TRUE(list.ok());
  EXPECT_THAT(PlaceSignatories(*list, {}), IsEmpty());
  EXPECT_EQ(list->problems.size(), 2u);
}

}  // namespace
}  // namespace idea::registry
