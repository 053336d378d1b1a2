#include "services/cli/arguments.h"

#include <iterator>
#include <sstream>

#include "tests/support/matchers.h"

namespace idea::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using Words = std::vector<std::string>;

struct Outcome {
  std::optional<ExitCode> code;
  Arguments arguments;
  std::string out;
  std::string err;
};

Outcome Parse(const Words& words) {
  Outcome outcome;
  std::ostringstream out, err;
  outcome.code = ParseArguments(words, outcome.arguments, out, err);
  outcome.out = out.str();
  outcome.err = err.str();
  return outcome;
}

TEST(Arguments, TakeGlobalFlagsBeforeAndAfterTheNoun) {
  for (const Words& words :
       {Words{"--as", "dhcs/legal", "-o", "json", "--timeout", "1.5", "bucps", "get", "bucps/1"},
        Words{"bucps", "--as", "dhcs/legal", "get", "bucps/1", "-o", "json", "--timeout=1.5"},
        Words{"bucps", "get", "--name", "bucps/1", "--output=json", "--timeout", "1.5", "--as=dhcs/legal"}}) {
    const Outcome outcome = Parse(words);
    EXPECT_EQ(outcome.code, std::nullopt) << outcome.err;
    EXPECT_EQ(outcome.arguments.overrides.as, "dhcs/legal");
    EXPECT_EQ(outcome.arguments.options.format, Format::kJson);
    EXPECT_EQ(outcome.arguments.options.timeout, std::chrono::milliseconds(1500));
    EXPECT_THAT(outcome.arguments.given, ElementsAre(std::pair{"name", Words{"bucps/1"}}));
  }
}

TEST(Arguments, LeaveValuesAsTheyAre) {
  for (const char* value : {"-5", "--digest", "[a,b]", "{}", "", "a b", "x=y", "\xc3\xa9"}) {
    const Outcome outcome = Parse({"bucps", "return", "bucps/1", "--reason", value});
    EXPECT_EQ(outcome.code, std::nullopt) << value << ": " << outcome.err;
    EXPECT_THAT(outcome.arguments.given.at("reason"), ElementsAre(value));
  }
}

TEST(Arguments, TakeOneValueForEachRepeatedFlag) {
  const Outcome outcome =
      Parse({"entities", "confirm", "--entities", "entities/a", "--entities", "entities/b,entities/c"});
  EXPECT_EQ(outcome.code, std::nullopt) << outcome.err;
  EXPECT_THAT(outcome.arguments.given.at("entities"), ElementsAre("entities/a", "entities/b,entities/c"));
}

TEST(Arguments, TakeAListOfNamesWithoutItsFlag) {
  const Outcome outcome = Parse(
      {"registry", "confirm", "--on", "2024-06-30", "entities/a", "entities/b,entities/c", "-o", "json"});
  EXPECT_EQ(outcome.code, std::nullopt) << outcome.err;
  EXPECT_THAT(outcome.arguments.given.at("entities"), ElementsAre("entities/a", "entities/b,entities/c"));
  EXPECT_THAT(outcome.arguments.given.at("on"), ElementsAre("2024-06-30"));
}

TEST(Arguments, TakeSwitchesWithoutAValue) {
  EXPECT_THAT(
      Parse({"entities", "import", "--validate-only", "--csv", "@x"}).arguments.given.at("validate_only"),
      ElementsAre("true"));
  EXPECT_THAT(Parse({"entities", "import", "--validate-only=false", "--csv", "@x"})
                  .arguments.given.at("validate_only"),
              ElementsAre("false"));
}

TEST(Arguments, FollowPagesUnlessOneIsAskedFor) {
  EXPECT_FALSE(Parse({"bucps", "list"}).arguments.options.one_page);
  EXPECT_TRUE(Parse({"bucps", "list", "--page-size", "5"}).arguments.options.one_page);
  EXPECT_TRUE(Parse({"bucps", "list", "--page-token", "x"}).arguments.options.one_page);
}

TEST(Arguments, KnowTheNounThatIsWaitedFor) {
  const Outcome outcome = Parse({"wait", "bucps", "bucps/1", "--for", "state=EXECUTED", "--timeout", "5"});
  EXPECT_EQ(outcome.code, std::nullopt) << outcome.err;
  EXPECT_EQ(outcome.arguments.built_in, "wait");
  EXPECT_EQ(outcome.arguments.wait_noun, "bucps");
  EXPECT_EQ(outcome.arguments.wait_name, "bucps/1");
  EXPECT_EQ(outcome.arguments.wait_for, "state=EXECUTED");
}

struct WrongLine {
  Words words;
  const char* line;
};

class WrongUsage : public ::testing::TestWithParam<WrongLine> {};

TEST_P(WrongUsage, IsOneLineAndExitCodeTwo) {
  const Outcome outcome = Parse(GetParam().words);
  EXPECT_EQ(outcome.code, kUsage);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, StartsWith(GetParam().line));
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
}

INSTANTIATE_TEST_SUITE_P(
    Lines, WrongUsage,
    ::testing::Values(
        WrongLine{{}, "ideactl: wanted a noun of: entities, "},
        WrongLine{{"persons", "get"}, "ideactl: \"persons\" is no noun, wanted one of: entities, "},
        WrongLine{{"entities"}, "ideactl entities: wanted a verb of: create, get, "},
        WrongLine{{"entities", "eat"}, "ideactl entities: \"eat\" is no verb, wanted one of: create, get, "},
        WrongLine{{"bucps", "get", "--nam", "x"},
                  "ideactl bucps get: --nam: there is no such flag, wanted one of --name, --endpoint, "},
        WrongLine{{"bucps", "get", "bucps/1", "bucps/2"},
                  "ideactl bucps get: \"bucps/2\" is one word too many"},
        WrongLine{{"bucps", "get", "--name"}, "ideactl bucps get: --name"},
        WrongLine{{"-o", "xml", "bucps", "list"}, "ideactl bucps list: -o: wanted table or json"},
        WrongLine{{"--timeout", "soon", "bucps", "list"}, "ideactl bucps list: --timeout: wanted seconds"},
        WrongLine{{"--timeout", "0", "bucps", "list"}, "ideactl bucps list: --timeout: wanted seconds"},
        WrongLine{{"--timeout", "nan", "bucps", "list"}, "ideactl bucps list: --timeout: wanted seconds"},
        WrongLine{{"inbox", "watch", "entities/a", "--limit", "0"}, "ideactl inbox watch: --limit"},
        WrongLine{{"wait", "bucps", "bucps/1"}, "ideactl wait: --for is required"},
        WrongLine{{"completion", "tcsh"}, "ideactl completion: "}));

TEST(Help, IsThereForEveryCommandWithAnExample) {
  std::vector<Words> lines = {{}};
  for (const Command& command : Commands()) {
    Words noun = {FirstWord(command.noun)};
    lines.push_back(noun);
    if (!SecondWord(command.noun).empty()) lines.push_back(noun = {noun[0], SecondWord(command.noun)});
    noun.push_back(command.verb);
    lines.push_back(noun);
  }
  for (const BuiltIn& built_in : BuiltIns()) {
    std::istringstream words(built_in.name);
    lines.emplace_back(std::istream_iterator<std::string>(words), std::istream_iterator<std::string>());
  }
  for (Words line : lines) {
    line.push_back("--help");
    const Outcome outcome = Parse(line);
    EXPECT_EQ(outcome.code, kDone) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("Example:\n  ideactl "));
  }
}

TEST(Help, TellsTheExitCodesAndTheVersion) {
  EXPECT_THAT(Parse({"--help"}).out, HasSubstr("7  what was waited for did not come in time"));
  EXPECT_THAT(Parse({"--version"}).out, StartsWith("ideactl "));
}

}  // namespace
}  // namespace idea::cli
