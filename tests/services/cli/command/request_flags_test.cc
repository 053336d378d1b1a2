#include "services/cli/command/request_flags.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "common/ids/ids.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/cli/command/commands.h"
#include "tests/support/matchers.h"

namespace idea::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kId[] = "4f9c7e2e-6a58-4a53-9d5b-0d8f6a2f3c11";

// A folder with the files that the cases name.
class Files {
 public:
  Files() : path_(std::filesystem::temp_directory_path() / ids::NewUuid()) {
    std::filesystem::create_directories(path_);
    Write("text.txt", "two\nlines\n");
    Write("list.txt", "entities/a\nentities/b\n");
    Write("bytes.csv", std::string("a,b\n\xff\n"));
    Write("latin1.txt", "caf\xe9");
    Write("content.json", R"({"recipients": ["entities/a"]})");
  }
  ~Files() { std::filesystem::remove_all(path_); }
  std::string In(std::string value) const {
    if (const size_t at = value.find("@DIR"); at != std::string::npos)
      value.replace(at + 1, 3, path_.string());
    return value;
  }

 private:
  void Write(const std::string& name, const std::string& content) { std::ofstream(path_ / name) << content; }
  std::filesystem::path path_;
};

struct Case {
  const char* noun;
  const char* verb;
  FlagValues given;
  // Text form of the request, or the start of the error.
  const char* expected;
};

absl::StatusOr<std::string> Fill(const Case& c, google::protobuf::Message& request) {
  const Files files;
  FlagValues given = c.given;
  for (auto& [flag, values] : given) {
    for (std::string& value : values) value = files.In(value);
  }
  std::istringstream in("from standard input\n");
  const absl::Status status = FillRequest(given, in, request);
  if (!status.ok()) return status;
  return std::string();
}

class Fills : public ::testing::TestWithParam<Case> {};

TEST_P(Fills, TheRequestFromItsFlags) {
  const Command* command = FindCommand(GetParam().noun, GetParam().verb);
  ASSERT_NE(command, nullptr);
  const auto request = NewMessage(command->method->input_type());
  EXPECT_THAT(Fill(GetParam(), *request), testing::IsOk());
  const auto expected = NewMessage(command->method->input_type());
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(GetParam().expected, expected.get()));
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*expected, *request))
      << request->DebugString();
}

INSTANTIATE_TEST_SUITE_P(
    Good, Fills,
    ::testing::Values(
        Case{"bucps", "get", {{"name", {"bucps/1"}}}, "name: 'bucps/1'"},
        Case{"bucps",
             "list",
             {{"page_size", {"5"}}, {"filter", {"state = STATE_SENT"}}},
             "page_size: 5 filter: 'state = STATE_SENT'"},
        Case{"entities",
             "set-governor-authority",
             {{"name", {"entities/a"}},
              {"governor_authority", {"GOVERNOR_AUTHORITY_UNDER"}},
              {"request_id", {kId}}},
             "name: 'entities/a' governor_authority: GOVERNOR_AUTHORITY_UNDER "
             "request_id: '4f9c7e2e-6a58-4a53-9d5b-0d8f6a2f3c11'"},
        Case{"bucps",
             "assess",
             {{"public_records", {"no"}},
              {"internal_use", {"YES"}},
              {"parties", {"entities/a, entities/b", "entities/c"}}},
             "public_records: ANSWER_NO internal_use: ANSWER_YES parties: 'entities/a' parties: 'entities/b' "
             "parties: 'entities/c'"},
        Case{"filings",
             "terminate",
             {{"grounds", {"rule-change"}}, {"request_id", {kId}}},
             "grounds: GROUNDS_RULE_CHANGE request_id: '4f9c7e2e-6a58-4a53-9d5b-0d8f6a2f3c11'"},
        Case{"entities",
             "confirm",
             {{"entities", {R"(["entities/a","entities/b"])"}}, {"on", {"2024-02-29"}}},
             "entities: 'entities/a' entities: 'entities/b' on { year: 2024 month: 2 day: 29 }"},
        Case{"entities",
             "confirm",
             {{"entities", {"@DIR/list.txt"}}},
             "entities: 'entities/a' entities: 'entities/b'"},
        Case{"entities", "confirm", {{"on", {R"({"year": 2024})"}}}, "on { year: 2024 }"},
        Case{"entities",
             "import",
             {{"csv", {"@DIR/bytes.csv"}}, {"validate_only", {"true"}}, {"request_id", {kId}}},
             "csv: 'a,b\\n\\xff\\n' validate_only: true request_id: '4f9c7e2e-6a58-4a53-9d5b-0d8f6a2f3c11'"},
        Case{"disputes",
             "state",
             {{"text", {"@DIR/text.txt"}}, {"request_id", {kId}}},
             "text: 'two\\nlines' request_id: '4f9c7e2e-6a58-4a53-9d5b-0d8f6a2f3c11'"},
        Case{"disputes",
             "state",
             {{"text", {"@-"}}, {"request_id", {kId}}},
             "text: 'from standard input' request_id: '4f9c7e2e-6a58-4a53-9d5b-0d8f6a2f3c11'"},
        Case{"disputes",
             "state",
             {{"text", {"@@all: hello"}}, {"request_id", {kId}}},
             "text: '@all: hello' request_id: '4f9c7e2e-6a58-4a53-9d5b-0d8f6a2f3c11'"},
        Case{"bucps",
             "create",
             {{"content", {"@DIR/content.json"}}, {"request_id", {kId}}},
             "content { recipients: 'entities/a' } request_id: "
             "'4f9c7e2e-6a58-4a53-9d5b-0d8f6a2f3c11'"},
        Case{"bucps",
             "update",
             {{"update_mask", {"technical,businessCase.use_case_name"}}, {"request_id", {kId}}},
             "update_mask { paths: 'technical' paths: 'business_case.use_case_name' } "
             "request_id: '4f9c7e2e-6a58-4a53-9d5b-0d8f6a2f3c11'"},
        Case{"filings",
             "expect",
             {{"execute_time", {"2026-07-01T12:00:00Z"}}, {"disputed", {"false"}}, {"request_id", {kId}}},
             "execute_time { seconds: 1782907200 } request_id: '4f9c7e2e-6a58-4a53-9d5b-0d8f6a2f3c11'"}));

class Refuses : public ::testing::TestWithParam<Case> {};

TEST_P(Refuses, WithOneLineThatNamesTheFlagAndTheExpectedValue) {
  const Command* command = FindCommand(GetParam().noun, GetParam().verb);
  ASSERT_NE(command, nullptr);
  const auto request = NewMessage(command->method->input_type());
  const absl::Status status = Fill(GetParam(), *request).status();
  const std::string message(status.message());
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(message, StartsWith(GetParam().expected));
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
}

INSTANTIATE_TEST_SUITE_P(
    Bad, Refuses,
    ::testing::Values(
        Case{"bucps", "list", {{"page_size", {"five"}}}, "--page-size: expected whole number"},
        Case{"bucps", "list", {{"page_size", {"5.5"}}}, "--page-size: expected whole number"},
        Case{"bucps", "list", {{"page_size", {"99999999999"}}}, "--page-size: expected whole number"},
        Case{"bucps", "list", {{"page_size", {""}}}, "--page-size: expected whole number"},
        Case{"bucps", "get", {{"name", {"bucps/1", "bucps/2"}}}, "--name: expected bucps/*: given 2 times"},
        Case{"bucps",
             "assess",
             {{"public_records", {"maybe"}}},
             "--public-records: expected YES|NO: \"maybe\" is none of them"},
        Case{"bucps", "assess", {{"public_records", {"1"}}}, "--public-records: expected YES|NO"},
        Case{"entities", "import", {{"validate_only", {"yes"}}}, "--validate-only: expected true or false"},
        Case{"entities", "import", {{"csv", {"@DIR/missing.csv"}}}, "--csv: expected @file: cannot read "},
        Case{"entities", "import", {{"csv", {"@DIR"}}}, "--csv: expected @file: cannot read "},
        Case{"entities",
             "import",
             {{"csv", {"list.md"}}},
             "--csv: expected @file: the file list.md does not exist"},
        Case{"entities",
             "import",
             {{"csv", {std::string(4'000'001, '\n')}}},
             "--csv: expected @file: at most 4000000 bytes, not 4000001"},
        Case{"bucps", "import", {{"document", {"DIR/filled.docx"}}}, "--document: expected @file: the file "},
        Case{"entities", "confirm", {{"on", {"2026-7-1"}}}, "--on: expected date such as 2026-07-01"},
        Case{"entities",
             "confirm",
             {{"on", {"2026-02-29"}}},
             "--on: expected date such as 2026-07-01: this day does not exist"},
        Case{"entities",
             "confirm",
             {{"on", {"2026-13-01"}}},
             "--on: expected date such as 2026-07-01: this day does not exist"},
        Case{"entities", "confirm", {{"on", {"+026-01-01"}}}, "--on: expected date such as 2026-07-01"},
        Case{"entities",
             "confirm",
             {{"entities", {"entities/a,,entities/b"}}},
             "--entities: expected entities/*, comma list or repeated: an item is empty"},
        Case{"entities",
             "confirm",
             {{"entities", {"[\"entities/a\""}}},
             "--entities: expected entities/*, comma list or repeated: expected a JSON array"},
        Case{"bucps",
             "create",
             {{"content", {""}}},
             "--content: expected JSON of Content or @file.json: got nothing"},
        Case{"bucps",
             "create",
             {{"content", {"{\"nonsense\": 1}"}}},
             "--content: expected JSON of Content or @file.json: "},
        Case{"bucps",
             "create",
             {{"content", {"{\n\"recipients\"\n"}}},
             "--content: expected JSON of Content or @file.json: "},
        Case{"bucps",
             "update",
             {{"update_mask", {"a,"}}},
             "--update-mask: expected comma list of fields: an item is empty"},
        Case{"filings",
             "expect",
             {{"execute_time", {"yesterday"}}},
             "--execute-time: expected time such as 2026-07-01T12:00:00Z"},
        Case{"disputes",
             "state",
             {{"text", {"@DIR/latin1.txt"}}},
             "--text: expected text or @file: it is not UTF-8"},
        Case{"disputes",
             "state",
             {{"text", {"\xed\xa0\x80"}}},
             "--text: expected text or @file: it is not UTF-8"},
        Case{"filings",
             "file",
             {{"bucp", {"@-"}}, {"feedback", {"@-"}}},
             "--feedback: expected text or @file: standard input can be read only once"}));

TEST(RequestFlags, GenerateARequestIdForEveryRequest) {
  const Command* send = FindCommand("bucps", "send");
  std::istringstream in;
  std::string ids[2];
  for (std::string& id : ids) {
    const auto request = NewMessage(send->method->input_type());
    ASSERT_THAT(FillRequest({}, in, *request), testing::IsOk());
    const auto* field = request->GetDescriptor()->FindFieldByName("request_id");
    id = request->GetReflection()->GetString(*request, field);
    EXPECT_TRUE(ids::IsUuid4(id));
  }
  EXPECT_NE(ids[0], ids[1]);
}

TEST(RequestFlags, OverrideAWholeRequest) {
  const Command* give = FindCommand("notices", "give");
  const auto request = NewMessage(give->method->input_type());
  std::istringstream in(
      R"({"filing": "filings/1", "kind": "8.6", "details": {"description": "a", "witnesses": ["b"]}})");
  const FlagValues given = {
      {kWholeRequest, {"@-"}}, {"kind", {"subpoena"}}, {"details.description", {"c"}}, {"request_id", {kId}}};
  ASSERT_THAT(FillRequest(given, in, *request), testing::IsOk());
  EXPECT_THAT(CheckRequired(given, *give->method->input_type()), testing::IsOk());
  const auto expected = NewMessage(give->method->input_type());
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      std::string("filing: 'filings/1' kind: NOTICE_KIND_SUBPOENA details { description: 'c' witnesses: 'b' "
                  "} request_id: '") +
          kId + "'",
      expected.get()));
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*expected, *request))
      << request->DebugString();
  std::istringstream nothing;
  EXPECT_THAT(std::string(FillRequest({{kWholeRequest, {R"({"knd": 1})"}}}, nothing, *request).message()),
              ::testing::StartsWith("--request: expected the JSON of the request, as --skeleton prints it, "
                                    "or @file: knd: not a field"));
}

TEST(RequestFlags, NameTheEditedResource) {
  const Command* update = FindCommand("contacts", "update");
  const auto request = NewMessage(update->method->input_type());
  std::istringstream in;
  const FlagValues given = {{"contact.name", {"entities/x/contacts/y"}},
                            {"contact", {R"({"title": "Counsel"})"}},
                            {"update_mask", {"title"}},
                            {"request_id", {kId}}};
  ASSERT_THAT(FillRequest(given, in, *request), testing::IsOk());
  const auto expected = NewMessage(update->method->input_type());
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      std::string("contact { name: 'entities/x/contacts/y' title: 'Counsel' } update_mask { paths: 'title' } "
                  "request_id: '") +
          kId + "'",
      expected.get()));
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*expected, *request))
      << request->DebugString();
}

TEST(RequestFlags, NameEveryRequiredFlagThatIsMissing) {
  const auto* type = FindCommand("filings", "terminate")->method->input_type();
  EXPECT_EQ(CheckRequired({{"grounds", {"VIOLATION"}}}, *type).message(),
            "<name> is missing; expected filings/*; --reason is missing; expected text or @file");
  EXPECT_THAT(CheckRequired({{"name", {""}}, {"grounds", {""}}, {"reason", {""}}}, *type), testing::IsOk());
}

TEST(RequestFlags, MayBeAPositionalResource) {
  const auto positional = [](const char* noun, const char* verb) {
    const auto* field = PositionalOf(*FindCommand(noun, verb)->method->input_type());
    return field == nullptr ? "" : field->name();
  };
  EXPECT_EQ(positional("bucps", "get"), "name");
  EXPECT_EQ(positional("opinions", "list"), "parent");
  EXPECT_EQ(positional("signatures", "sign"), "routing");
  EXPECT_EQ(positional("bucps", "timeline"), "bucp");
  EXPECT_EQ(positional("bucps", "create"), "");
  EXPECT_EQ(positional("bucps", "import"), "document");
  EXPECT_EQ(positional("entities", "import"), "csv");
  EXPECT_EQ(positional("contacts", "update"), "name");
  EXPECT_EQ(positional("entities", "update"), "name");
  EXPECT_EQ(positional("entities", "confirm"), "entities");
  EXPECT_EQ(positional("bucps", "assess"), "parties");
}

}  // namespace
}  // namespace idea::cli
