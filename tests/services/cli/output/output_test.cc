#include "services/cli/output/output.h"

#include <sstream>

#include "google/protobuf/text_format.h"
#include "services/cli/output/table.h"
#include "tests/support/matchers.h"

namespace idea::cli {
namespace {

// Prints the response of a command from its text form.
std::string Printed(const char* noun, const char* verb, const char* text, const OutputStyle& style = {}) {
  const Command* command = FindCommand(noun, verb);
  const auto response = NewMessage(command->method->output_type());
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, response.get()));
  std::ostringstream out;
  PrintResponse(*command, *response, style, out);
  return out.str();
}

TEST(Table, ShowsAResource) {
  EXPECT_EQ(Printed("filings", "get",
                    "filing { name: 'filings/1' bucp: 'bucps/1' title: 'Caf\xc3\xa9' state: "
                    "FILING_STATE_FILED digest: 'ab' "
                    "file_time { seconds: 1782907200 nanos: 5000 } receipt { receipt_id: 'r1' } }"),
            "NAME       BUCP     TITLE  STATE  DIGEST  FILE_TIME                RECEIPT_ID\n"
            "filings/1  bucps/1  Caf\xc3\xa9   FILED  ab      2026-07-01 12:00:00 UTC  r1\n");
}

TEST(Table, ShowsTheListsOfAResourceBelowIt) {
  const std::string table =
      Printed("exchange", "check",
              "decision { verdict: VERDICT_DENIED denials { reason: DENIAL_REASON_ENDED "
              "filing: 'filings/1' } denials { reason: DENIAL_REASON_ELEMENT_NOT_COVERED "
              "data_elements: 'County' data_elements: 'Age' } }");
  EXPECT_THAT(table, ::testing::StartsWith("VERDICT  FILING  END_DATE"));
  EXPECT_THAT(table, ::testing::HasSubstr("\ndenials:\nREASON "));
  EXPECT_THAT(table, ::testing::HasSubstr("County,Age"));
}

TEST(Table, HasTheColumnsThatAreNamedByTheirHeadings) {
  const char* timeline = "items { event { time { seconds: 1782907200 } summary: 'sent' } }";
  OutputStyle style;
  style.columns = {"TIME", "summary"};
  const Command& command = *FindCommand("bucps", "timeline");
  EXPECT_THAT(CheckColumns(command, style), testing::IsOk());
  EXPECT_THAT(Printed("bucps", "timeline", timeline, style), ::testing::StartsWith("TIME "));
  style.columns = {"tim"};
  EXPECT_THAT(std::string(CheckColumns(command, style).message()),
              ::testing::HasSubstr("did you mean time?"));
}

// JSON always has UTC.
TEST(Table, ShowsTimesInTheZoneThatIsSet) {
  absl::TimeZone zone;
  ASSERT_TRUE(absl::LoadTimeZone("America/Los_Angeles", &zone));
  ShowTimesIn(zone);
  const char* filing = "filing { name: 'filings/1' file_time { seconds: 1782907200 nanos: 5000 } }";
  const std::string table = Printed("filings", "get", filing);
  OutputStyle json;
  json.format = Format::kJson;
  const std::string text = Printed("filings", "get", filing, json);
  ShowTimesIn(absl::UTCTimeZone());
  EXPECT_NE(table.find("2026-07-01 05:00:00 PDT"), std::string::npos) << table;
  EXPECT_NE(text.find("2026-07-01T12:00:00.000005Z"), std::string::npos) << text;
}

TEST(Table, ShowsAListWithWhatIsNotSet) {
  EXPECT_EQ(Printed("filings", "list",
                    "filings { name: 'filings/1' title: 'a much longer title' state: FILING_STATE_UNFILED }"
                    "filings { name: 'filings/22' bucp: 'bucps/2' title: 'two\\nlines\\x1b' }"
                    "next_page_token: 'x'"),
            "NAME        BUCP     TITLE                STATE    EXECUTE_TIME  FILE_TIME\n"
            "filings/1   -        a much longer title  UNFILED  -             -\n"
            "filings/22  bucps/2  two lines?           -        -             -\n");
}

TEST(Table, OfAnEmptyListIsItsHeader) {
  EXPECT_EQ(Printed("filings", "list", ""), "NAME  BUCP  TITLE  STATE  EXECUTE_TIME  FILE_TIME\n");
}

TEST(Table, ShowsTextsOfSeveralLinesAsTheyAre) {
  EXPECT_EQ(Printed("bucps", "message", "to: 'a@b.org' subject: 's' body: 'Dear X,\\n\\nhello\\x1b\\n'"),
            "TO       SUBJECT\na@b.org  s\n\nbody:\nDear X,\n\nhello?\nattachments: -\n");
}

TEST(Table, JoinsRepeatedValuesAndReadsTheResponseItself) {
  EXPECT_EQ(Printed("contacts", "resolve",
                    "contact: 'entities/a/contacts/b' roles: CONTACT_ROLE_LEGAL roles: CONTACT_ROLE_PRIVACY "
                    "title: 'T'"),
            "CONTACT                ROLES\n"
            "entities/a/contacts/b  LEGAL,PRIVACY\n"
            "display_name: -\n"
            "title: T\n"
            "delegations: -\npublic_key: -\ncontact_revision: 0\n");
}

TEST(Table, GivesSentencesAndListedThingsALineEach) {
  EXPECT_EQ(Printed("disputes", "explain",
                    "explanation { process: PROCESS_GUIDEBOOK reasons: 'First this.' reasons: 'Then that.' "
                    "reasons: 'So.' offices { role: CONTACT_ROLE_AGENCY_CDO holders: 'Mx. A' } "
                    "offices { role: CONTACT_ROLE_STATEWIDE_CDO } }"),
            "PROCESS    TRACK  FIRST  REASONS\n"
            "GUIDEBOOK  -      -      First this.\n"
            "                         Then that.\n"
            "                         So.\n"
            "\noffices:\n"
            "ENTITY  ROLE           HOLDERS\n"
            "-       AGENCY_CDO     Mx. A\n"
            "-       STATEWIDE_CDO  -\n");
  // A missing value is an empty line, so that the other lines stay aligned.
  EXPECT_EQ(Printed("notices", "acknowledge",
                    "notice { name: 'notices/1' recipients { entity: 'entities/a' } recipients { entity: "
                    "'entities/b' acknowledge_time { seconds: 1782907200 } } text: 'To: A\\n\\nHello' }"),
            "NAME       KIND  STATE  ENTITY      ACKNOWLEDGE_TIME\n"
            "notices/1  -     -      entities/a  -\n"
            "                        entities/b  2026-07-01 12:00:00 UTC\n"
            "\ntext:\nTo: A\n\nHello\n");
}

TEST(Table, IsFollowedByTheOtherFields) {
  EXPECT_EQ(
      Printed("entities", "get",
              "entity { name: 'e' parentages { parent: 'a' } parentages { parent: 'b' start_date { year: "
              "2026 month: 7 day: 1 } } }"),
      "NAME  DISPLAY_NAME  ACRONYM  KIND  PARENT  GOVERNOR_AUTHORITY  ETAG\n"
      "e     -             -        -     -       -                   -\n"
      "\nparentages:\n"
      "PARENT  START_DATE\n"
      "a       -\n"
      "b       2026-07-01\n");
  EXPECT_EQ(Printed("bucps", "check",
                    "complete: false gaps { field: 'f' problem: 'p' completed_by: 'Data Provider' }"),
            "FIELD  PROBLEM  COMPLETED_BY   WHY\n"
            "f      p        Data Provider  -\n"
            "complete: false\n");
  EXPECT_EQ(
      Printed("entities", "import", "rows_read: 2 problems { line: 2 display_name: 'X' problem: 'no date' }"),
      "ROWS_READ  ROWS_PLACED  ENTITIES_ADDED  ENTITIES_CHANGED  ACCESSIONS_ADDED  UNCHANGED\n"
      "2          0            0               0                 0                 0\n"
      "\n"
      "problems:\n"
      "LINE  DISPLAY_NAME  PROBLEM  CANDIDATES\n"
      "2     X             no date  -\n");
}

TEST(Table, ShowsDates) {
  EXPECT_EQ(RowsOf(
                *[] {
                  auto response = NewMessage(FindCommand("accessions", "list")->method->output_type());
                  google::protobuf::TextFormat::ParseFromString(
                      "accessions { name: 'a' sign_date { year: 2026 month: 7 day: 1 } }", response.get());
                  return response;
                }(),
                {"name", "sign_date"}),
            (std::vector<Row>{{"a", "2026-07-01"}}));
}

OutputStyle Style(const std::string& format) {
  OutputStyle style;
  EXPECT_THAT(ParseFormat(format, style), testing::IsOk());
  return style;
}

constexpr char kTwo[] =
    "filings { name: 'filings/1' title: 'yes' state: FILING_STATE_FILED recipients: 'entities/a' recipients: "
    "'entities/b' receipt { receipt_id: 'r' } } filings { name: 'filings/2' title: '12: \\'a\\'' }";

TEST(Formats, OfAListForPrograms) {
  EXPECT_EQ(Printed("filings", "list", kTwo, Style("name")), "filings/1\nfilings/2\n");
  EXPECT_EQ(Printed("filings", "list", kTwo, Style("jsonl")),
            "{\"name\":\"filings/1\",\"title\":\"yes\",\"recipients\":[\"entities/a\",\"entities/b\"],"
            "\"state\":\"FILING_STATE_FILED\",\"receipt\":{\"receiptId\":\"r\"}}\n"
            "{\"name\":\"filings/2\",\"title\":\"12: 'a'\"}\n");
  EXPECT_EQ(Printed("filings", "list", kTwo, Style("yaml")),
            "filings:\n"
            "  - name: filings/1\n"
            "    title: \"yes\"\n"
            "    recipients:\n"
            "      - entities/a\n"
            "      - entities/b\n"
            "    state: FILING_STATE_FILED\n"
            "    receipt:\n"
            "      receiptId: r\n"
            "  - name: filings/2\n"
            "    title: \"12: 'a'\"\n");
  EXPECT_EQ(Printed("filings", "list", kTwo, Style("jsonpath=.filings[*].name")), "filings/1\nfilings/2\n");
  EXPECT_EQ(Printed("filings", "list", kTwo, Style("jsonpath={.filings[-1]['title']}")), "12: 'a'\n");
  EXPECT_EQ(Printed("filings", "list", kTwo, Style("jsonpath=$.filings[0].recipients")),
            "[\"entities/a\",\"entities/b\"]\n");
  EXPECT_EQ(Printed("filings", "list", kTwo, Style("jsonpath=.filings[7].name")), "");
}

TEST(Formats, AlwaysHoldTheListItself) {
  EXPECT_EQ(Printed("filings", "list", "", Style("json")), "{\n \"filings\": []\n}\n");
  EXPECT_EQ(Printed("filings", "list", "", Style("yaml")), "filings: []\n");
  EXPECT_EQ(Printed("filings", "list", "", Style("jsonl")), "");
}

TEST(Formats, KeepTextsOfSeveralLinesInYaml) {
  EXPECT_EQ(Printed("bucps", "message", "subject: 'null' body: 'Dear X,\\n\\n hello'", Style("yaml")),
            "to: []\nsubject: \"null\"\nbody: |\n  Dear X,\n\n   hello\nattachments: []\n");
}

TEST(Formats, RefuseUnknownNames) {
  for (const char* wrong :
       {"", "xml", "JSON", "jsonpath", "jsonpath=.a[", "jsonpath=.a b", "jsonpath=a..b"}) {
    OutputStyle style;
    EXPECT_FALSE(ParseFormat(wrong, style).ok()) << wrong;
  }
}

TEST(Table, ShowsTheContentOfAResource) {
  EXPECT_THAT(Printed("bucps", "get",
                      "bucp { name: 'bucps/1' content { recipients: 'entities/a' "
                      "business_case { use_case_name { title: 'Food' } use_case_description { purpose: "
                      "'one\\ntwo' } } } }"),
              ::testing::EndsWith("\ncontent:\n"
                                  "  recipients: entities/a\n"
                                  "  business_case:\n"
                                  "    use_case_name:\n"
                                  "      title: Food\n"
                                  "    use_case_description:\n"
                                  "      purpose:\n"
                                  "        one\n"
                                  "        two\n"));
}

TEST(Table, OfAWideListHasEverySingleValue) {
  const std::string wide = Printed("filings", "list", kTwo, Style("wide"));
  EXPECT_THAT(wide.substr(0, wide.find('\n')), ::testing::HasSubstr("DIGEST"));
}

TEST(Table, FitsTheTerminal) {
  OutputStyle style;
  style.table.width = 60;
  std::ostringstream out;
  PrintTable(
      {"NAME", "TITLE", "STATE"},
      {{"filings/11111111-1111-1111-1111-111111111111", "a Caf\xc3\xa9 that is very long indeed", "FILED"}},
      out, style.table);
  EXPECT_EQ(out.str(),
            "NAME                                          TITLE       STATE\n"
            "filings/11111111-1111-1111-1111-111111111111  a Caf\xc3\xa9 th…  FILED\n");
}

TEST(Json, IsProto3JsonInTheOrderOfTheProto) {
  EXPECT_EQ(
      Printed("filings", "get",
              "filing { state: FILING_STATE_FILED name: 'filings/1' file_time { seconds: 1782907200 } }",
              Format::kJson),
      "{\n"
      " \"filing\": {\n"
      "  \"name\": \"filings/1\",\n"
      "  \"state\": \"FILING_STATE_FILED\",\n"
      "  \"fileTime\": \"2026-07-01T12:00:00Z\"\n"
      " }\n"
      "}\n");
}

TEST(Stream, PrintsEachMessageAsItComes) {
  const Command* watch = FindCommand("inbox", "watch");
  const auto item = NewMessage(watch->method->output_type());
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      "item { event { type: 'BucpSent' subject: 'bucps/1' summary: 's' } resume_token: 't' }", item.get()));
  std::ostringstream table, json;
  StreamPrinter(*watch, Format::kTable, table).Print(*item);
  EXPECT_EQ(table.str(),
            "TIME  TYPE      SUBJECT  SUMMARY  CITATION\n"
            "-     BucpSent  bucps/1  s        -\n");
  StreamPrinter(*watch, Format::kJson, json).Print(*item);
  EXPECT_EQ(json.str(),
            "{\"item\":{\"event\":{\"type\":\"BucpSent\",\"subject\":\"bucps/"
            "1\",\"summary\":\"s\"},\"resumeToken\":\"t\"}}\n");
}

TEST(Columns, AreFoundInTheResponseOrInItsResource) {
  const auto* type = FindCommand("filings", "get")->method->output_type();
  EXPECT_TRUE(HasColumn(*type, "name"));
  EXPECT_TRUE(HasColumn(*type, "filing.name"));
  EXPECT_TRUE(HasColumn(*type, "receipt.receipt_id"));
  for (const char* path : {"", "nothing", "name.x", "receipt.", ".name", "receipt.nothing"})
    EXPECT_FALSE(HasColumn(*type, path)) << path;
}

}  // namespace
}  // namespace idea::cli
