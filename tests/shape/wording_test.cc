#include "tests/shape/wording.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/support/golden.h"

namespace idea::shape {
namespace {

using ::testing::Contains;
using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::TestWithParam;
using ::testing::ValuesIn;

// Their words are those of the protos.
const std::set<std::string> kGenerated = {"docs/API.md", "docs/openapi.yaml"};

// Path and text of every file that people write.
std::vector<std::pair<std::string, std::string>> WrittenFiles() {
  static const std::set<std::string> kExtensions = {".h",  ".cc",   ".proto", ".md",    ".sh", ".mjs",
                                                    ".py", ".yaml", ".txt",   ".cmake", ".env"};
  std::vector<std::pair<std::string, std::string>> files;
  const auto add = [&](const std::filesystem::path& path) {
    const std::string name = std::filesystem::relative(path, IDEA_SOURCE_DIR).string();
    if (kExtensions.count(path.extension().string()) > 0 && kGenerated.count(name) == 0)
      files.emplace_back(name, idea::testing::ReadText(path));
  };
  for (const char* file : {"README.md", "CONTRIBUTING.md"}) add(idea::testing::SourcePath(file));
  for (const char* folder :
       {"common", "deploy", "docs", "protos/idea", "scripts", "services", "tests", "cmake"}) {
    const auto path = idea::testing::SourcePath(folder);
    if (!std::filesystem::exists(path)) continue;
    for (auto it = std::filesystem::recursive_directory_iterator(path); it != decltype(it)(); ++it) {
      const std::string name = it->path().filename().string();
      if (name == "node_modules" || name == "data") it.disable_recursion_pending();
      if (it->is_regular_file()) add(it->path());
    }
  }
  return files;
}

TEST(Wording, HasNoneOfTheHabits) {
  const auto files = WrittenFiles();
  EXPECT_THAT(files, SizeIs(Gt(500u)));
  for (const auto& [path, text] : files) EXPECT_THAT(HabitsIn(path, text), IsEmpty());
}

TEST(Wording, HasNoNameOfEarlierReleases) {
  for (const auto& [path, text] : WrittenFiles()) EXPECT_THAT(OldNamesIn(path, text), IsEmpty());
}

TEST(Wording, UsesEveryException) { EXPECT_THAT(StaleWordings(WrittenFiles()), IsEmpty()); }

// --- the checker sees what it should: planted text ---

struct Planted {
  std::string name, path, text;
  size_t faults;
};

class PlantedWording : public TestWithParam<Planted> {};

TEST_P(PlantedWording, IsJudged) {
  EXPECT_THAT(HabitsIn(GetParam().path, GetParam().text), SizeIs(GetParam().faults));
}

const Planted kPlanted[] = {
    {"ACommentIsRead", "a.h", "int x;  // Stands behind the token.\n", 1},
    {"CodeIsNotRead", "a.h", "int behind = 1;\n", 0},
    {"AStringIsRead", "a.cc", "Fail(\"it is no such \\\" row\");\n", 1},
    {"ARawStringIsRead", "a.cc", "const char k[] = R\"(one\nis there\n)\";\nbool behind = k;\n", 1},
    {"ATestNameIsRead", "a_test.cc", "TEST(Inbox, ResumesBehindAToken) {\n", 1},
    {"AQuotationMarkIsNoString", "a.cc", "const char k = '\"'; int behind; char q = '\"';\n", 0},
    {"ALetterIsAWord", "a_test.cc", "TEST(Lapses, EndWithANewSignature) {\n", 0},
    {"AProtoIsRead", "a.proto", "// Who speaks of it.\nstring behind = 1;\n", 1},
    {"AScriptIsRead", "a.sh", "behind=1 # starts by itself\nfail \"is no number\"\n", 2},
    {"ADocumentIsReadWhole", "a.md", "Tells `whoever` asks.\n", 2},
    {"WordsMayBeOnTwoLines", "a.h", "// Each has a room of\n// its own.\n", 1},
    {"PunctuationSeparates", "a.h", "// It is; no row changes. What it is, there is. Own.\n", 0},
    {"NoLongerIsAllowed", "a.md", "It is no longer used.\n", 0},
    {"ThereIsNoIsAllowed", "a.md", "There is no such row, and there are no others.\n", 0},
    {"TheAnswerNoIsAllowed", "a.md", "If the answer is no. Or \"is no\", or is no: end\n", 0},
    {"OfItsOwnTableIsAllowed", "a.md", "The rows of its own table.\n", 0},
    {"ItsOwnIsAllowed", "a.md", "Its own key.\n", 0},
    {"ThereIsIsAllowed", "a.md", "There is one.\n", 0},
    {"AWordIsMatchedWhole", "a.md", "The houses and the playbook.\n", 0},
    {"ABeginningIsMatched", "a.md", "It recognises colours.\n", 2},
    {"AnAbbreviationIsMatched", "a.md", "Fields, e.g. names, etc.\n", 2},
    {"EachIsCounted", "a.md", "Behind. Behind.\n", 2},
};
INSTANTIATE_TEST_SUITE_P(Table, PlantedWording, ValuesIn(kPlanted),
                         [](const auto& test) { return test.param.name; });

TEST(PlantedWording, IsReportedWithItsLine) {
  EXPECT_THAT(HabitsIn("a.h", "\n\n// Is written anew.\n"), Contains(HasSubstr("a.h:3 has \"anew\": write")));
}

TEST(PlantedName, OfAnEarlierReleaseIsFound) {
  EXPECT_THAT(OldNamesIn("a.cc", "Scribe scribe; Scribes x; kMostly;"), SizeIs(1));
}

TEST(PlantedName, ThatIsAWordIsFoundInCodeOnly) {
  const std::string prose =
      "// Take it. Look.\nconst char* k = \"See \\\" Words\";\nint m = 1'000;\nchar q = '\"';\n"
      "const char* r = R\"x(Tell)\" Tell)x\";\n";
  EXPECT_THAT(OldNamesIn("a.cc", prose + "// Taken\n"), IsEmpty());
  EXPECT_THAT(OldNamesIn("a.cc", prose + "auto lease = pool.Take();  // Take one.\n"), SizeIs(1));
  EXPECT_THAT(OldNamesIn("a.md", "Take it."), IsEmpty());
}

TEST(PlantedWording, ThatNoFileHasIsFound) {
  EXPECT_THAT(StaleWordings({}), Contains(HasSubstr("no file has")));
  EXPECT_THAT(StaleWordings({{"tests/shape/wording.cc", ""}}),
              Not(Contains(HasSubstr("tests/shape/wording"))));
}

}  // namespace
}  // namespace idea::shape
