#include "services/cli/builtin/manual.h"

#include <filesystem>
#include <fstream>
#include <vector>

#include "common/config/version.h"
#include "services/cli/builtin/built_ins.h"
#include "services/cli/command/commands.h"
#include "services/cli/command/proto_comments.h"
#include "services/cli/command/request_flags.h"
#include "services/cli/output/global_flags.h"

namespace idea::cli {
namespace {

// Escapes the special characters of man(7).
std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '|') {
      // A long list of values may break here.
      escaped += "|\\:";
    } else if (c == '-') {
      escaped += "\\-";
    } else {
      escaped += c;
    }
  }
  const bool is_mark = escaped.starts_with(".") || escaped.starts_with("'");
  return (is_mark ? "\\&" : "") + escaped;
}

std::string Head(const std::string& name, const std::string& summary) {
  return ".TH " + name + " 1 \"\" \"IDEA Exchange " + config::Version() + "\"\n.ad l\n.SH NAME\n" +
         Escaped(name) + " \\- " + Escaped(summary) + "\n";
}

std::string Item(const std::string& term, const std::string& text) {
  return ".TP\n.B " + Escaped(term) + "\n" + Escaped(text.empty() ? "-" : text) + "\n";
}

std::string Example(const std::string& example) {
  return ".PP\n.EX\n" + Escaped("ideactl " + example) + "\n.EE\n";
}

std::string DashedNoun(const std::string& noun) {
  const std::string second = SecondWord(noun);
  return second.empty() ? noun : FirstWord(noun) + "-" + second;
}

std::string MainPage(const std::map<std::string, std::vector<const Command*>>& nouns) {
  std::string page = Head("ideactl", "calls every method of IDEA Exchange");
  page += ".SH SYNOPSIS\n.B ideactl\n[flags] noun verb [flags]\n.SH NOUNS\n";
  for (const auto& [noun, commands] : nouns) {
    std::string verbs;
    for (const Command* command : commands) verbs += (verbs.empty() ? "" : ", ") + command->verb;
    page += Item(noun, verbs + "; see ideactl-" + DashedNoun(noun) + "(1)");
  }
  page += ".SH OTHER COMMANDS\n";
  for (const BuiltIn& built_in : BuiltIns())
    page += Item(built_in.name, built_in.help) + Example(built_in.example);
  page += ".SH FLAGS\n";
  for (const GlobalFlag& flag : GlobalFlags()) {
    const std::string value = *flag.value == '\0' ? "" : std::string(" ") + flag.value;
    page += Item(flag.names + value, std::string(flag.help) + " (" + flag.Variable() + ")");
  }
  return page + ".SH EXIT STATUS\n.EX\n" + Escaped(kExitCodesHelp) + ".EE\n";
}

std::string NounPage(const std::string& noun, const std::vector<const Command*>& commands) {
  std::string page = Head("ideactl-" + DashedNoun(noun), "methods on " + noun);
  for (const Command* command : commands) {
    page += ".SH " + Escaped(noun + " " + command->verb) + "\n" + Escaped(command->help) +
            (command->help.ends_with("?") ? "" : ".") + "\n.PP\n" +
            Escaped(CommentOf(command->method->full_name())) + "\n";
    for (const RequestFlag& flag : FlagsOf(*command->method->input_type())) {
      std::string names = flag.name;
      for (const std::string& alias : flag.aliases) names += ", " + alias;
      page += Item(names + (flag.is_switch ? "" : " VALUE"), (flag.required ? "Required. " : "") +
                                                                 CommentOf(flag.field->full_name()) +
                                                                 " Wanted: " + flag.expected + ".");
    }
    page += Example(command->example);
  }
  return page + ".SH SEE ALSO\nideactl(1)\n";
}

}  // namespace

std::map<std::string, std::string> ManualPages() {
  std::map<std::string, std::vector<const Command*>> nouns;
  for (const Command& command : Commands()) {
    if (!command.hidden) nouns[command.noun].push_back(&command);
  }
  std::map<std::string, std::string> pages = {{"ideactl.1", MainPage(nouns)}};
  for (const auto& [noun, commands] : nouns)
    pages["ideactl-" + DashedNoun(noun) + ".1"] = NounPage(noun, commands);
  return pages;
}

ExitCode RunManual(const Arguments& arguments, Environment& env) {
  const std::map<std::string, std::string> pages = ManualPages();
  if (arguments.path.empty()) {
    std::string name = "ideactl";
    for (const std::string& word : arguments.words) name += "-" + word;
    const auto page = pages.find(name + ".1");
    if (page == pages.end())
      return Complain("man: unknown page " + name + ": give a noun of `ideactl methods`", kUsage, env);
    env.out << page->second;
    return kDone;
  }
  std::error_code ignored;
  std::filesystem::create_directories(arguments.path, ignored);
  for (const auto& [name, text] : pages) {
    std::ofstream file(std::filesystem::path(arguments.path) / name);
    file << text;
    file.close();
    if (file.fail()) return Complain("cannot write " + arguments.path + "/" + name, kUsage, env);
  }
  if (!arguments.options.quiet) env.err << "wrote " << pages.size() << " pages to " << arguments.path << "\n";
  return kDone;
}

}  // namespace idea::cli
