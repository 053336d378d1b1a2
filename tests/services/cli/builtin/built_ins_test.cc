// Built-in commands: contexts, the manual, completion, versions, watched lists.
#include "services/cli/builtin/built_ins.h"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "idea/drafting/v1/drafting.pb.h"
#include "services/cli/builtin/manual.h"
#include "services/cli/builtin/shell_completion.h"
#include "services/cli/command/commands.h"
#include "tests/services/cli/ideactl_fixture.h"

namespace idea::cli {
namespace {

using testing::Bytes;
using testing::Certificates;
using ::testing::HasSubstr;
using testing::Received;
using testing::Reply;
using Args = std::vector<std::string>;

class BuiltInCommands : public testing::Ideactl {
 protected:
  void SetUp() override {
    Serve([this](const Received&) { return Reply{{Bytes<drafting::v1::ListBucpsResponse>(bucps_)}, {}}; });
  }

  // The candidates for the last word.
  std::string Offered(Args words) {
    variables_["IDEACTL_CONTEXT"] = Certificates() + "/entities/cdss/context.json";
    std::istringstream in;
    std::ostringstream out, err;
    Environment env{in, out, err, variables_, clock_, [](std::chrono::milliseconds) {}};
    EXPECT_EQ(PrintCandidates(words, env), kDone);
    std::string line = out.str();
    std::replace(line.begin(), line.end(), '\n', ' ');
    return line.substr(0, line.empty() ? 0 : line.size() - 1);
  }

  std::string bucps_ = "bucps { name: 'bucps/30a9' state: STATE_DRAFT }";
};

TEST_F(BuiltInCommands, CompleteTheLastWord) {
  const struct {
    Args words;
    const char* offered;
  } cases[] = {
      {{"ent"}, "entities"},
      {{"entities", "conf"}, "confirm"},
      {{"entity", "conf"}, "confirm"},
      {{"--as", "dhcs/legal", "-o", "json", "entities", "conf"}, "confirm"},
      {{"entities", "get", "--na"}, "--name"},
      {{"entities", "get", "--endp"}, "--endpoint"},
      {{"opinions", "register", "--position", ""}, "SUPPORTS CONCERNS OPPOSES NOT_APPLICABLE"},
      {{"opine", "bucps/1", "--discipline", "L"}, "LEGAL"},
      {{"filings", "terminate", "--grounds=V"}, "--grounds=VIOLATION"},
      {{"-o", "js"}, "json jsonl jsonpath="},
      {{"--as", ""}, "cdss cdss/program"},
      {{"context", "use", "cdss/"}, "cdss/program"},
      {{"completion", "z"}, "zsh"},
      {{"wait", "buc"}, "bucps"},
      {{"events", "d"}, "dead-letters"},
      {{"events", "dead-letters", "li"}, "list"},
      {{"events", "dead-letters", "list", "--par"}, "--parent"},
      {{"inbox", "watch", "--li"}, "--limit"},
      {{"bucps", "return", "--te"}, "--text"},
      {{"bucps", "send", "--dry"}, "--dry-run"},
      {{"bucps", "get", "bucps/3"}, "bucps/30a9"},
      {{"sign", "bucps/3"}, "bucps/30a9"},
      {{"wait", "bucps", "--for", ""}, ""},
      // The shell completes files.
      {{"bucps", "import", ""}, ""},
      {{"--cert", ""}, ""},
      // Methods for services are not offered.
      {{"bucps", "complete-"}, ""},
  };
  for (const auto& each : cases)
    EXPECT_EQ(Offered(each.words), each.offered) << ::testing::PrintToString(each.words);
}

TEST_F(BuiltInCommands, OfferEveryNounAndVerb) {
  for (const Command& command : Commands()) {
    if (command.hidden) continue;
    EXPECT_EQ(
        Offered({FirstWord(command.noun).substr(0, 3)}).find(FirstWord(command.noun)) == std::string::npos,
        false);
    Args words = {FirstWord(command.noun)};
    if (!SecondWord(command.noun).empty()) words.push_back(SecondWord(command.noun));
    words.emplace_back();
    EXPECT_THAT(Offered(words), HasSubstr(command.verb));
  }
}

TEST_F(BuiltInCommands, ChooseTheIdentity) {
  EXPECT_EQ(Run({"context", "list", "--no-headers"}), kDone) << err_;
  EXPECT_THAT(out_, HasSubstr("*  cdss "));
  EXPECT_THAT(out_, HasSubstr("   cdss/program "));
  EXPECT_EQ(Run({"context", "use", "cdss/progam"}), kUsage);
  EXPECT_THAT(err_, HasSubstr("did you mean cdss/program?"));
  EXPECT_EQ(Run({"context", "use", "cdss/program"}), kDone) << err_;
  EXPECT_EQ(Run({"context", "list", "-o", "jsonpath=[*].current"}), kDone);
  EXPECT_EQ(out_, "false\ntrue\n");
  EXPECT_EQ(Run({"context", "show", "-o", "json"}), kDone) << err_;
  const auto shown = nlohmann::json::parse(out_);
  EXPECT_EQ(shown["as"], "cdss/program");
  EXPECT_EQ(shown["entity"], "entities/cdss");
  EXPECT_EQ(shown["endpoints"]["default"], server_->address());
  // The rest of the file is unchanged.
  EXPECT_EQ(Run({"bucps", "list"}), kDone) << err_;
  EXPECT_EQ(Calls().back().metadata["authorization"], "Bearer a.b.c");
}

TEST_F(BuiltInCommands, PrintTheManual) {
  const auto pages = ManualPages();
  for (const Command& command : Commands()) {
    if (command.hidden) continue;
    std::string name = "ideactl-" + command.noun + ".1";
    std::replace(name.begin(), name.end(), ' ', '-');
    ASSERT_TRUE(pages.contains(name)) << name;
  }
  EXPECT_EQ(Run({"man"}), kDone);
  EXPECT_EQ(out_, pages.at("ideactl.1"));
  EXPECT_EQ(Run({"man", "events", "dead-letters"}), kDone);
  EXPECT_EQ(out_, pages.at("ideactl-events-dead-letters.1"));
  EXPECT_EQ(Run({"man", "nothing"}), kUsage);
  const std::string folder = Certificates() + "/man";
  EXPECT_EQ(Run({"man", "--write", folder}), kDone) << err_;
  if (std::system("command -v groff >/dev/null") != 0) GTEST_SKIP() << "groff is not installed";
  for (const auto& [name, text] : pages)
    EXPECT_EQ(
        std::system(("test -z \"$(groff -man -ww -Tutf8 -z " + folder + "/" + name + " 2>&1)\"").c_str()), 0)
        << name;
}

TEST_F(BuiltInCommands, PrintTheVersion) {
  EXPECT_EQ(Run({"version"}), kDone);
  EXPECT_THAT(out_, ::testing::StartsWith("ideactl "));
  EXPECT_EQ(Run({"version", "-o", "json"}), kDone);
  EXPECT_TRUE(nlohmann::json::parse(out_).contains("commit"));
}

TEST_F(BuiltInCommands, PrintAListAgainWhenItChanges) {
  int calls = 0;
  Serve([&](const Received&) {
    // Changes with every third call; one call fails.
    if (++calls == 2) return Reply{{}, status::Error(status::Reason::ERROR_REASON_OVERLOADED, "busy")};
    return Reply{
        {Bytes<drafting::v1::ListBucpsResponse>("bucps { name: 'bucps/" + std::to_string(calls / 3) + "' }")},
        {}};
  });
  EXPECT_EQ(Run({"bucps", "list", "--watch", "--limit", "2", "-o", "name"}), kDone) << err_;
  EXPECT_THAT(out_, HasSubstr("bucps/0\n"));
  EXPECT_THAT(out_, HasSubstr("bucps/1\n"));
  EXPECT_EQ(Run({"bucps", "list", "--watch", "--limit", "9000", "--timeout", "5"}), kTimedOut);
  EXPECT_EQ(Run({"bucps", "list", "--watch", "--timeout", "5"}), kDone);
}

}  // namespace
}  // namespace idea::cli
