#include "services/cli/command/commands.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "common/ids/ids.h"
#include "services/cli/builtin/built_ins.h"
#include "services/cli/builtin/parser.h"
#include "services/cli/command/request_flags.h"
#include "services/cli/output/global_flags.h"
#include "services/cli/output/output.h"
#include "tests/services/cli/test_environment.h"
#include "tests/support/matchers.h"
#include "tests/support/services.h"

namespace idea::cli {
namespace {

std::string NameOf(const Command& command) { return command.noun + " " + command.verb; }

TEST(EveryMethod, IsOneNounAndOneVerb) {
  std::map<std::string, const Command*> by_rpc;
  std::set<std::string> names;
  for (const Command& command : Commands()) {
    by_rpc[command.method->full_name()] = &command;
    EXPECT_TRUE(names.insert(NameOf(command)).second) << NameOf(command) << " is two methods";
    EXPECT_EQ(FindCommand(command.noun, command.verb), &command);
  }
  for (const auto* service : testing::Services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      EXPECT_TRUE(by_rpc.contains(service->method(i)->full_name()))
          << service->method(i)->full_name() << " does not have the option cli";
    }
  }
}

TEST(EveryMethod, HasHelpAnExampleAndColumns) {
  for (const Command& command : Commands()) {
    SCOPED_TRACE(NameOf(command));
    EXPECT_FALSE(command.help.empty());
    EXPECT_FALSE(command.example.empty());
    EXPECT_EQ(command.columns.empty(), command.method->output_type()->field_count() == 0);
    for (const std::string& column : command.columns) {
      EXPECT_TRUE(HasColumn(*command.method->output_type(), column))
          << column << " is not a field of the response";
    }
  }
}

TEST(EveryMethod, SeparatesItsColumnsByCommas) {
  common::v1::CliCommand cli;
  cli.add_columns("name,state,event.actor.person");
  cli.add_columns("etag");
  EXPECT_THAT(ColumnsOf(cli), ::testing::ElementsAre("name", "state", "event.actor.person", "etag"));
}

TEST(EveryMethod, DoesNotUseNamesOfGlobalFlags) {
  for (const Command& command : Commands()) {
    for (const RequestFlag& flag : FlagsOf(*command.method->input_type())) {
      for (const GlobalFlag& global : GlobalFlags()) {
        EXPECT_FALSE((std::string(",") + global.names + ",").find("," + flag.name + ",") != std::string::npos)
            << NameOf(command) << " " << flag.name;
      }
    }
  }
}

// Splits a line into words as a shell does; \ is literal inside single quotes.
std::vector<std::string> SplitWords(const std::string& line) {
  std::vector<std::string> words;
  char quote = 0;
  bool in_word = false;
  for (const char c : line) {
    if (quote == 0 && c == ' ') {
      in_word = false;
    } else if (c == quote) {
      quote = 0;
    } else {
      if (!in_word) words.emplace_back();
      in_word = true;
      if (quote == 0 && (c == '\'' || c == '"')) {
        quote = c;
      } else {
        words.back() += c;
      }
    }
  }
  return words;
}

std::string Replaced(std::string text, const std::string& what, const std::string& with) {
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

// A working directory for an example, with the files that it names.
class Folder {
 public:
  Folder()
      : before_(std::filesystem::current_path()),
        path_(std::filesystem::temp_directory_path() / ids::NewUuid()) {
    std::filesystem::create_directories(path_);
    std::filesystem::current_path(path_);
  }
  ~Folder() {
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(path_);
  }
  static void Provide(const std::vector<std::string>& words) {
    for (const std::string& word : words) {
      const bool marked = word.starts_with("@");
      if (!marked && !word.ends_with(".md")) continue;
      const std::filesystem::path file = word.substr(marked ? 1 : 0);
      if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path());
      std::ofstream(file) << "{}";
    }
  }

 private:
  std::filesystem::path before_;
  std::filesystem::path path_;
};

TEST(EveryExample, IsACommandLineThatWorks) {
  const Folder folder;
  for (const Command& command : Commands()) {
    SCOPED_TRACE(command.example);
    const auto words =
        SplitWords(Replaced(Replaced(command.example, "{id}", "1"), "{digest}", std::string(64, 'a')));
    folder.Provide(words);
    Arguments arguments;
    testing::TestEnvironment run;
    ASSERT_EQ(ParseArguments(words, arguments, run.env), std::nullopt) << run.err.str();
    ASSERT_EQ(arguments.command, &command);
    std::istringstream in;
    const auto request = NewMessage(command.method->input_type());
    EXPECT_THAT(FillRequest(arguments.flags, in, *request), testing::IsOk());
    // Examples of methods for services are short; examples of operations call all services.
    if (command.service == "operations" || command.help.find("peer services only") != std::string::npos)
      continue;
    EXPECT_THAT(CheckRequired(arguments.flags, *command.method->input_type()), testing::IsOk());
  }
}

TEST(EveryExample, OfABuiltInCommandWorks) {
  for (const BuiltIn& built_in : BuiltIns()) {
    Arguments arguments;
    testing::TestEnvironment run;
    EXPECT_EQ(ParseArguments(SplitWords(built_in.example), arguments, run.env), std::nullopt)
        << run.err.str();
    EXPECT_EQ(arguments.built_in, &built_in);
  }
}

TEST(ANoun, HasAliases) {
  using Args = std::vector<std::string>;
  EXPECT_EQ(AliasesOf("entities"), (Args{"entity", "registry"}));
  EXPECT_EQ(AliasesOf("bucps"), (Args{"bucp", "drafting"}));
  EXPECT_EQ(AliasesOf("events"), (Args{"event", "operations"}));
  EXPECT_EQ(AliasesOf("contacts"), (Args{"contact"}));
  // An alias is never a noun.
  for (const Command& command : Commands()) {
    for (const std::string& word : AliasesOf(command.noun))
      EXPECT_EQ(FindCommand(word, command.verb), nullptr) << word;
  }
}

}  // namespace
}  // namespace idea::cli
