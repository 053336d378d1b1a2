#include "services/cli/completion.h"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "common/ids/ids.h"
#include "services/cli/commands.h"
#include "tests/support/matchers.h"

namespace idea::cli {
namespace {

using ::testing::HasSubstr;

// A script in a file; runs shell commands and gives back what they print.
class Script {
 public:
  explicit Script(const std::string& text) : path_(std::filesystem::temp_directory_path() / ids::NewUuid()) {
    std::ofstream(path_) << text;
  }
  ~Script() { std::filesystem::remove(path_); }

  std::string Run(const std::string& before, const std::string& after = "") const {
    const std::string command = before + " " + path_.string() + " " + after + " 2>&1; echo \"rc=$?\"";
    std::string output;
    FILE* pipe = popen(command.c_str(), "r");
    for (int c = 0; pipe != nullptr && (c = std::fgetc(pipe)) != EOF;) output += static_cast<char>(c);
    if (pipe != nullptr) pclose(pipe);
    return output;
  }

 private:
  std::filesystem::path path_;
};

bool IsInstalled(const std::string& shell) {
  return std::system(("command -v " + shell + " >/dev/null").c_str()) == 0;
}

TEST(Completion, IsAValidScriptForEachShell) {
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    SCOPED_TRACE(shell);
    EXPECT_THAT(CompletionScript(shell), HasSubstr("complet"));
    // zsh's script keeps to what bash parses too, except for its expansion ${=...}.
    if (IsInstalled(shell)) {
      EXPECT_EQ(Script(CompletionScript(shell)).Run(shell + " -n"), "rc=0\n");
    } else if (shell == "zsh") {
      EXPECT_EQ(Script(CompletionScript(shell)).Run("bash -n"), "rc=0\n");
    }
  }
}

struct Typed {
  const char* words;
  const char* offered;
};

class BashOffers : public ::testing::TestWithParam<Typed> {};

// The last word is the one that is being typed; _ is an empty one.
TEST_P(BashOffers, WhatFits) {
  const Script script(CompletionScript("bash"));
  const std::string run = std::string("COMP_WORDS=(") + GetParam().words +
                          "); [[ ${COMP_WORDS[-1]} == _ ]] && COMP_WORDS[-1]=; "
                          "COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 )); _ideactl; echo ${COMPREPLY[*]}";
  EXPECT_EQ(script.Run("bash -c 'source", "; " + run + "'"), std::string(GetParam().offered) + "\nrc=0\n");
}

INSTANTIATE_TEST_SUITE_P(
    Words, BashOffers,
    ::testing::Values(Typed{"ideactl ent", "entities"}, Typed{"ideactl entities conf", "confirm"},
                      Typed{"ideactl --as dhcs/legal -o json entities conf", "confirm"},
                      Typed{"ideactl entities get --na", "--name"},
                      Typed{"ideactl entities get --endp", "--endpoint"},
                      Typed{"ideactl opinions register --position _",
                            "SUPPORTS CONCERNS OPPOSES NOT_APPLICABLE"},
                      Typed{"ideactl -o ya", "yaml"}, Typed{"ideactl completion z", "zsh"},
                      Typed{"ideactl wait buc", "bucps"}, Typed{"ideactl events d", "dead-letters"},
                      Typed{"ideactl events dead-letters li", "list"},
                      Typed{"ideactl events dead-letters list --par", "--parent"},
                      Typed{"ideactl inbox watch --li", "--limit"}));

TEST(Completion, OffersEveryNounAndVerb) {
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    const std::string script = CompletionScript(shell);
    for (const Command& command : Commands()) {
      EXPECT_THAT(script, HasSubstr(FirstWord(command.noun)));
      EXPECT_THAT(script, HasSubstr(SecondWord(command.noun)));
      EXPECT_THAT(script, HasSubstr(command.verb));
    }
  }
}

}  // namespace
}  // namespace idea::cli
