#include "services/cli/builtin/shell_completion.h"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "common/ids/ids.h"
#include "tests/support/matchers.h"

namespace idea::cli {
namespace {

using ::testing::HasSubstr;

// A script in a file. Runs shell commands and returns their output.
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
    // bash can parse zsh's script too, except for the expansion ${=...}.
    if (IsInstalled(shell)) {
      EXPECT_EQ(Script(CompletionScript(shell)).Run(shell + " -n"), "rc=0\n");
    } else if (shell == "zsh") {
      EXPECT_EQ(Script(CompletionScript(shell)).Run("bash -n"), "rc=0\n");
    }
  }
}

// The scripts pass the words, the last one incomplete, and offer the returned lines.
TEST(Completion, CallsIdeactl) {
  const Script script(CompletionScript("bash"));
  const std::string run =
      "ideactl() { printf \"%s|\" \"$@\"; echo; echo \"two words\"; }; COMP_WORDS=(ideactl entities get \"a "
      "b\"); COMP_CWORD=3; "
      "_ideactl; printf \"<%s>\" \"${COMPREPLY[@]}\"";
  EXPECT_EQ(script.Run("bash -c 'source", "; " + run + "'"),
            "<__complete|entities|get|a b|><two words>rc=0\n");
}

}  // namespace
}  // namespace idea::cli
