#include "services/cli/builtin/parser.h"

#include <iterator>
#include <sstream>

#include "services/cli/builtin/built_ins.h"
#include "services/cli/output/global_flags.h"
#include "tests/services/cli/test_environment.h"
#include "tests/support/matchers.h"

namespace idea::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using Args = std::vector<std::string>;

struct Outcome {
  std::optional<ExitCode> code;
  Arguments arguments;
  std::string out;
  std::string err;
};

Outcome Parse(const Args& words, const Variables& variables = {}) {
  Outcome outcome;
  testing::TestEnvironment run;
  run.env.variables = variables;
  outcome.code = ParseArguments(words, outcome.arguments, run.env);
  outcome.out = run.out.str();
  outcome.err = run.err.str();
  return outcome;
}

TEST(Arguments, HaveGlobalFlagsBeforeAndAfterTheNoun) {
  for (const Args& words :
       {Args{"--as", "dhcs/legal", "-o", "json", "--timeout", "1.5", "bucps", "get", "bucps/1"},
        Args{"bucps", "--as", "dhcs/legal", "get", "bucps/1", "-o", "json", "--timeout=1.5"},
        Args{"bucps", "get", "--name", "bucps/1", "--output=json", "--timeout", "1.5", "--as=dhcs/legal"}}) {
    const Outcome outcome = Parse(words);
    EXPECT_EQ(outcome.code, std::nullopt) << outcome.err;
    EXPECT_EQ(outcome.arguments.overrides.as, "dhcs/legal");
    EXPECT_EQ(outcome.arguments.options.style.format, Format::kJson);
    EXPECT_EQ(outcome.arguments.options.timeout, std::chrono::milliseconds(1500));
    EXPECT_THAT(outcome.arguments.flags, ElementsAre(std::pair{"name", Args{"bucps/1"}}));
  }
}

TEST(Arguments, DoNotChangeValues) {
  for (const char* value : {"-5", "--digest", "[a,b]", "{}", "", "a b", "x=y", "\xc3\xa9"}) {
    const Outcome outcome = Parse({"bucps", "return", "bucps/1", "--reason", value});
    EXPECT_EQ(outcome.code, std::nullopt) << value << ": " << outcome.err;
    EXPECT_THAT(outcome.arguments.flags.at("reason"), ElementsAre(value));
  }
}

TEST(Arguments, HaveOneValuePerRepeatedFlag) {
  const Outcome outcome =
      Parse({"entities", "confirm", "--entities", "entities/a", "--entities", "entities/b,entities/c"});
  EXPECT_EQ(outcome.code, std::nullopt) << outcome.err;
  EXPECT_THAT(outcome.arguments.flags.at("entities"), ElementsAre("entities/a", "entities/b,entities/c"));
}

TEST(Arguments, MayBeAPositionalListOfNames) {
  const Outcome outcome = Parse(
      {"registry", "confirm", "--on", "2024-06-30", "entities/a", "entities/b,entities/c", "-o", "json"});
  EXPECT_EQ(outcome.code, std::nullopt) << outcome.err;
  EXPECT_THAT(outcome.arguments.flags.at("entities"), ElementsAre("entities/a", "entities/b,entities/c"));
  EXPECT_THAT(outcome.arguments.flags.at("on"), ElementsAre("2024-06-30"));
}

TEST(Arguments, HaveSwitchesWithoutAValue) {
  EXPECT_THAT(
      Parse({"entities", "import", "--validate-only", "--csv", "@x"}).arguments.flags.at("validate_only"),
      ElementsAre("true"));
  EXPECT_THAT(Parse({"entities", "import", "--validate-only=false", "--csv", "@x"})
                  .arguments.flags.at("validate_only"),
              ElementsAre("false"));
}

TEST(Arguments, FollowPagesUnlessOneIsRequested) {
  EXPECT_FALSE(Parse({"bucps", "list"}).arguments.options.one_page);
  EXPECT_TRUE(Parse({"bucps", "list", "--page-size", "5"}).arguments.options.one_page);
  EXPECT_TRUE(Parse({"bucps", "list", "--page-token", "x"}).arguments.options.one_page);
}

TEST(Arguments, HaveTheNounOfWait) {
  const Outcome outcome = Parse({"wait", "bucps", "bucps/1", "--for", "state=EXECUTED", "--timeout", "5"});
  EXPECT_EQ(outcome.code, std::nullopt) << outcome.err;
  EXPECT_EQ(outcome.arguments.built_in, FindBuiltIn("wait"));
  EXPECT_EQ(outcome.arguments.wait_noun, "bucps");
  EXPECT_EQ(outcome.arguments.wait_name, "bucps/1");
  EXPECT_EQ(outcome.arguments.wait_for, "state=EXECUTED");
}

struct WrongLine {
  Args words;
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
        WrongLine{{}, "ideactl: expected a noun of: entities, "},
        WrongLine{{"persons", "get"}, "ideactl: \"persons\" is not a noun; expected one of: entities, "},
        WrongLine{{"bucp", "snd"},
                  "ideactl bucps: \"snd\" is not a verb; did you mean send?; expected one of: "},
        WrongLine{{"entites", "get"},
                  "ideactl: \"entites\" is not a noun; did you mean entities?; expected one of: "},
        WrongLine{{"-o", "jsonpath=.a[", "bucps", "list"},
                  "ideactl bucps list: -o: jsonpath: expected a path"},
        WrongLine{{"entities"}, "ideactl entities: expected a verb of: create, get, "},
        WrongLine{{"entities", "eat"},
                  "ideactl entities: \"eat\" is not a verb; expected one of: create, get, "},
        WrongLine{{"bucps", "snd", "--help"},
                  "ideactl bucps: \"snd\" is not a verb; did you mean send?; expected one of: "},
        WrongLine{{"entites", "get", "-h"},
                  "ideactl: \"entites\" is not a noun; did you mean entities?; expected one of: "},
        WrongLine{{"bucps", "get", "--nam", "x"},
                  "ideactl bucps get: --nam: unknown flag; did you mean --name?; expected one of --name, "},
        WrongLine{{"bucps", "get", "bucps/1", "bucps/2"},
                  "ideactl bucps get: \"bucps/2\" is not expected here"},
        WrongLine{{"bucps", "get", "--name"}, "ideactl bucps get: --name"},
        WrongLine{{"-o", "xml", "bucps", "list"}, "ideactl bucps list: -o: expected table|wide|json|"},
        WrongLine{{"--timeout", "soon", "bucps", "list"}, "ideactl bucps list: --timeout: expected seconds"},
        WrongLine{{"--timeout", "0", "bucps", "list"}, "ideactl bucps list: --timeout: expected seconds"},
        WrongLine{{"--timeout", "nan", "bucps", "list"}, "ideactl bucps list: --timeout: expected seconds"},
        WrongLine{{"inbox", "watch", "entities/a", "--limit", "0"}, "ideactl inbox watch: --limit"},
        WrongLine{{"wait", "bucps", "bucps/1"}, "ideactl wait: --for is required"},
        WrongLine{{"completion", "tcsh"}, "ideactl completion: "}));

TEST(Arguments, DefaultToEnvironmentVariables) {
  const Variables variables = {{"IDEACTL_ENDPOINT", "a:1"},   {"IDEACTL_CERT", "c"},
                               {"IDEACTL_KEY", "k"},          {"IDEACTL_CA", "ca"},
                               {"IDEACTL_TOKEN_FILE", "t"},   {"IDEACTL_AS", "cdss/program"},
                               {"IDEACTL_CONTEXT", "x.json"}, {"IDEACTL_TIMEOUT", "2"},
                               {"IDEACTL_OUTPUT", "yaml"},    {"IDEACTL_COLUMNS", "name,state"},
                               {"IDEACTL_NO_HEADERS", "1"},   {"IDEACTL_QUIET", "true"},
                               {"IDEACTL_VERBOSE", "1"},      {"IDEACTL_TRACE", "1"},
                               {"IDEACTL_NO_RETRY", "1"},     {"IDEACTL_YES", "1"}};
  EXPECT_EQ(variables.size(), GlobalFlags().size());
  for (const GlobalFlag& flag : GlobalFlags())
    EXPECT_TRUE(variables.contains(flag.Variable())) << flag.Variable();
  const Arguments all = Parse({"bucps", "list"}, variables).arguments;
  EXPECT_EQ(all.overrides.endpoint, "a:1");
  EXPECT_EQ(all.overrides.certificate, "c");
  EXPECT_EQ(all.overrides.key, "k");
  EXPECT_EQ(all.overrides.authority, "ca");
  EXPECT_EQ(all.overrides.token_file, "t");
  EXPECT_EQ(all.overrides.as, "cdss/program");
  EXPECT_EQ(all.context, "x.json");
  EXPECT_EQ(all.options.timeout, std::chrono::milliseconds(2000));
  EXPECT_EQ(all.options.style.format, Format::kYaml);
  EXPECT_THAT(all.options.style.columns, ElementsAre("name", "state"));
  EXPECT_FALSE(all.options.style.table.headers);
  EXPECT_TRUE(all.options.quiet && all.options.verbose && all.options.trace && all.options.yes);
  EXPECT_FALSE(all.options.retries);
  // A flag overrides the variable, and a wrong value of a variable is wrong usage.
  EXPECT_EQ(Parse({"bucps", "list", "--as", "dhcs"}, variables).arguments.overrides.as, "dhcs");
  EXPECT_EQ(Parse({"bucps", "list"}, {{"IDEACTL_OUTPUT", "xml"}}).code, kUsage);
}

TEST(Arguments, MayBePositionalNames) {
  const auto given = [](const Args& words) { return Parse(words).arguments.flags; };
  EXPECT_THAT(given({"exchange", "check", "entities/a", "entities/b", "--data-elements", "x"}),
              ElementsAre(std::pair{"data_elements", Args{"x"}}, std::pair{"provider", Args{"entities/a"}},
                          std::pair{"recipient", Args{"entities/b"}}));
  EXPECT_THAT(given({"revisions", "diff", "bucps/1/revisions/1", "bucps/1/revisions/2"}),
              ElementsAre(std::pair{"from", Args{"bucps/1/revisions/1"}},
                          std::pair{"to", Args{"bucps/1/revisions/2"}}));
  EXPECT_THAT(given({"elements", "import", "bucps/1", "elements.csv"}),
              ElementsAre(std::pair{"csv", Args{"elements.csv"}}, std::pair{"name", Args{"bucps/1"}}));
  EXPECT_THAT(given({"entities", "search", "helth care"}),
              ElementsAre(std::pair{"query", Args{"helth care"}}));
}

TEST(Arguments, HaveTextAsAliasOfTheFreeText) {
  const std::map<std::string, std::string> names = {{"bucps return", "reason"},
                                                    {"disputes open", "objection"},
                                                    {"disputes decide", "reasons"},
                                                    {"disputes settle", "outcome"},
                                                    {"disputes escalate", "recommendation"},
                                                    {"duties complete", "note"},
                                                    {"opinions reconcile", "resolution"},
                                                    {"filings terminate", "reason"},
                                                    {"filings file", "feedback"},
                                                    {"comments create", "comment.text"},
                                                    {"notices give", "details.description"},
                                                    {"disputes meet", "meeting.summary"},
                                                    {"opinions register", "text"},
                                                    {"deidentifications submit", "description"}};
  for (const auto& [name, key] : names) {
    const size_t space = name.find(' ');
    const Outcome outcome = Parse({name.substr(0, space), name.substr(space + 1), "--text", "words"});
    EXPECT_EQ(outcome.code, std::nullopt) << outcome.err;
    EXPECT_THAT(outcome.arguments.flags, ElementsAre(std::pair{key, Args{"words"}})) << name;
  }
}

TEST(Arguments, HaveDryRunAsAliasOfValidateOnly) {
  int writes = 0;
  for (const Command& command : Commands()) {
    if (command.method->input_type()->FindFieldByName("request_id") == nullptr) continue;
    Args words = {FirstWord(command.noun)};
    if (!SecondWord(command.noun).empty()) words.push_back(SecondWord(command.noun));
    words.insert(words.end(), {command.verb, "--dry-run"});
    EXPECT_THAT(Parse(words).arguments.flags.at("validate_only"), ElementsAre("true"));
    ++writes;
  }
  EXPECT_GE(writes, 72);
}

TEST(Help, HidesMethodsForServices) {
  EXPECT_THAT(Parse({"bucps", "--help"}).out, ::testing::Not(HasSubstr("complete-reviews")));
  EXPECT_THAT(Parse({"bucps", "eat"}).err, ::testing::Not(HasSubstr("complete-reviews")));
  // It can still be called.
  EXPECT_EQ(Parse({"bucps", "complete-reviews", "bucps/1"}).code, std::nullopt);
}

TEST(Help, SaysWhatEachFlagMeansAndHowItLooks) {
  const std::string help = Parse({"bucps", "copy", "--help"}).out;
  EXPECT_THAT(help,
              HasSubstr("The Data Recipients of the copy, including the caller: entities/*, comma list"));
  EXPECT_THAT(help, HasSubstr("without storing it: true if given; =false turns it off"));
  // The comment of a name is its form.
  EXPECT_THAT(help, HasSubstr("  bucps/* (required)"));
}

TEST(Help, ExistsForEveryCommandWithAnExample) {
  std::vector<Args> lines = {{}};
  for (const Command& command : Commands()) {
    Args noun = {FirstWord(command.noun)};
    lines.push_back(noun);
    if (!SecondWord(command.noun).empty()) lines.push_back(noun = {noun[0], SecondWord(command.noun)});
    noun.push_back(command.verb);
    lines.push_back(noun);
  }
  for (const BuiltIn& built_in : BuiltIns()) {
    std::istringstream words(built_in.name);
    lines.emplace_back(std::istream_iterator<std::string>(words), std::istream_iterator<std::string>());
  }
  for (Args line : lines) {
    line.push_back("--help");
    const Outcome outcome = Parse(line);
    EXPECT_EQ(outcome.code, kDone) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("Example:\n  ideactl "));
  }
}

TEST(Help, ListsTheExitCodesAndTheVersion) {
  EXPECT_THAT(Parse({"--help"}).out, HasSubstr("7  wait, or a stream with --limit, timed out"));
  EXPECT_THAT(Parse({"--version"}).out, StartsWith("ideactl "));
}

}  // namespace
}  // namespace idea::cli
