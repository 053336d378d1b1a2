#include "services/cli/builtin/parser.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <sstream>

#include "common/config/version.h"
#include "common/status/status.h"
#include "services/cli/builtin/built_ins.h"
#include "services/cli/command/command_flags.h"
#include "services/cli/command/suggestion.h"
#include "services/cli/output/global_flags.h"

namespace idea::cli {
namespace {

std::string ExampleText(const std::string& example) { return "Example:\n  ideactl " + example + "\n"; }

std::string RootFooter() {
  return ExampleText("entities list") +
         "\nEvery noun and every verb has its own --help. `ideactl methods` lists them all.\n\n" +
         kExitCodesHelp;
}

// Builds the commands of CLI11 and reads their results.
class Parser {
 public:
  Parser(Arguments& arguments, Environment& env)
      : arguments_(arguments),
        env_(env),
        app_("Calls every method of IDEA Exchange: ideactl <noun> <verb>.", "ideactl") {
    app_.set_help_flag("-h,--help", "show this help");
    app_.set_version_flag("--version", config::VersionLine("ideactl"), "show the version and the commit");
    app_.footer(RootFooter());
    app_.formatter(std::make_shared<FlagFormatter>());
    app_.get_formatter()->column_width(34);
    app_.require_subcommand(1);
    AddGlobals();
    for (const Command& command : Commands()) {
      if (!command.hidden) AddNoun(app_, FirstWord(command.noun), command.example);
    }
    app_.add_subcommand("context", "choose and show the identity of calls")
        ->require_subcommand(1)
        ->fallthrough()
        ->footer(ExampleText("context list"));
    AddBuiltIns(app_, "");
    AddBuiltIns(*app_.get_subcommand("context"), "context ");
  }

  std::optional<ExitCode> Parse(std::vector<std::string> words) {
    // Found before parsing, because errors of the command line are JSON too.
    OutputStyle style;
    for (size_t i = 0; i < words.size(); ++i) {
      const std::string& word = words[i];
      const bool is_flag = word == "-o" || word == "--output";
      const std::string value = is_flag && i + 1 < words.size() ? words[i + 1]
                                : word.starts_with("--output=") ? word.substr(9)
                                : word.starts_with("-o")        ? word.substr(2)
                                                                : "";
      if (!value.empty() && ParseFormat(value, style).ok()) env_.json_errors = IsForPrograms(style.format);
    }
    const std::vector<std::string> given = words;
    std::reverse(words.begin(), words.end());
    try {
      app_.parse(words);
      ReadResults();
    } catch (const CLI::Success& wish) {
      if (LacksSubcommand()) return Parser(arguments_, env_).Parse(WithoutHelp(given));
      app_.exit(wish, env_.out, env_.err);
      return kDone;
    } catch (const CLI::Error& error) {
      const std::string line = Explain(error) + "; see `" + Path() + " --help`";
      if (env_.json_errors) return Complain(Path() + ": " + line, kUsage, env_);
      env_.err << Path() << ": " << line << "\n";
      return kUsage;
    }
    return std::nullopt;
  }

 private:
  // Whether help is asked of a noun or verb that does not exist: "bucps sned --help".
  bool LacksSubcommand() const {
    const CLI::App* at = &app_;
    while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
    const std::vector<std::string> left = app_.remaining(true);
    return at->get_require_subcommand_min() > 0 &&
           std::any_of(left.begin(), left.end(),
                       [](const std::string& word) { return !word.starts_with('-'); });
  }
  static std::vector<std::string> WithoutHelp(std::vector<std::string> words) {
    words.erase(std::remove_if(words.begin(), words.end(),
                               [](const std::string& word) { return word == "-h" || word == "--help"; }),
                words.end());
    return words;
  }

  void AddGlobals() {
    for (const GlobalFlag& flag : GlobalFlags()) {
      const std::string name = flag.LongName();
      if (*flag.value == '\0') {
        app_.add_flag(flag.names, switches_[name], flag.help);
      } else {
        app_.add_option(flag.names, globals_[name], flag.help)->type_name(flag.value);
      }
    }
  }

  // The value of a global flag, or of its environment variable.
  std::string Global(const std::string& name) const {
    const GlobalFlag& flag = *std::find_if(GlobalFlags().begin(), GlobalFlags().end(),
                                           [&](const GlobalFlag& each) { return each.LongName() == name; });
    if (app_.get_option(name)->count() > 0) {
      return *flag.value == '\0' ? (switches_.at(name) ? "true" : "") : globals_.at(name);
    }
    const auto found = env_.variables.find(flag.Variable());
    return found == env_.variables.end() ? "" : found->second;
  }

  bool IsOn(const std::string& name) const {
    const std::string value = Global(name);
    return value == "true" || value == "1";
  }

  // Verbs are created when their noun is parsed, flags when their verb is, because a call needs few of them.
  void AddNoun(CLI::App& above, const std::string& noun, const std::string& example) {
    if (!nouns_.insert(noun).second) return;
    const std::string second = SecondWord(noun);
    CLI::App* app = above.add_subcommand(second.empty() ? noun : second, "methods on " + noun);
    app->require_subcommand(1)->fallthrough()->footer(ExampleText(example));
    if (second.empty()) {
      for (const std::string& alias : AliasesOf(noun)) app->alias(alias);
    }
    app->preparse_callback([this, app, noun](size_t) {
      for (const Command& command : Commands()) {
        if (command.noun == noun) {
          AddCommand(*app, command);
        } else if (FirstWord(command.noun) == noun) {
          AddNoun(*app, command.noun, command.example);
        }
      }
      AddBuiltIns(*app, noun + " ");
    });
  }

  void AddCommand(CLI::App& noun, const Command& command) {
    CLI::App* verb = noun.add_subcommand(command.verb, command.help);
    // CLI11 does not show commands without a group in its help.
    if (command.hidden) verb->group("");
    verb->fallthrough()->footer(ExampleText(command.example));
    verb->preparse_callback([this, verb, &command](size_t) {
      AddFlags(*verb, *command.method->input_type());
      verb->add_option("--request", whole_request_, "the whole request as JSON, or @file; flags override it")
          ->type_name("JSON");
      verb->add_flag("--skeleton", arguments_.skeleton,
                     "print the JSON of a request to fill in, without a call");
      if (command.method->server_streaming() && !command.method->client_streaming()) {
        AddLimit(*verb, "stop after this number of messages");
      }
      if (ItemsFieldOf(*command.method->output_type()) != nullptr) {
        verb->add_flag("--watch", arguments_.options.watch,
                       "print the list again after each change; polls every 2 s");
        AddLimit(*verb, "with --watch: stop after this number of lists");
      }
      if (FileFieldOf(*command.method->output_type()) != nullptr) {
        verb->add_option("--out", arguments_.options.out, "write the file there; - for standard output")
            ->type_name("FILE");
      }
    });
    verbs_[verb] = &command;
  }

  void AddLimit(CLI::App& app, const char* help) {
    app.add_option("--limit", arguments_.options.limit, help)->type_name("N")->check(CLI::PositiveNumber);
  }

  // Adds the built-in commands whose name is `prefix` and one word.
  void AddBuiltIns(CLI::App& above, const std::string& prefix) {
    for (const BuiltIn& built_in : BuiltIns()) {
      const std::string name = built_in.name;
      if (!name.starts_with(prefix) || name.find(' ', prefix.size()) != std::string::npos) continue;
      CLI::App* app = above.add_subcommand(name.substr(prefix.size()), built_in.help);
      app->fallthrough()->footer(ExampleText(built_in.example));
      built_ins_[app] = &built_in;
      if (built_in.add_options != nullptr) built_in.add_options(*app, arguments_);
    }
  }

  // The deepest parsed command.
  const CLI::App* Deepest() const {
    const CLI::App* app = &app_;
    while (!app->get_subcommands().empty()) app = app->get_subcommands()[0];
    return app;
  }

  std::string Path() const {
    std::string path = "ideactl";
    for (const CLI::App* app = &app_; !app->get_subcommands().empty();) {
      app = app->get_subcommands()[0];
      path += " " + app->get_name();
    }
    return path;
  }

  // One line with the error and the expected value.
  std::string Explain(const CLI::Error& error) const {
    const CLI::App* at = Deepest();
    const auto commands = at->get_subcommands([](const CLI::App*) { return true; });
    const std::vector<std::string> extras = app_.remaining(true);
    const std::string extra = extras.empty() ? "" : extras.front();
    if (extra.starts_with("-")) {
      const std::vector<std::string> flags = FlagNames(*at);
      return extra + ": unknown flag" + DidYouMean(extra.substr(0, extra.find('=')), flags) +
             "; expected one of " + Listed(flags);
    }
    if (!commands.empty() && (!extra.empty() || error.get_name() == "RequiredError")) {
      std::vector<std::string> names, words;
      for (const CLI::App* command : commands) {
        if (command->get_group().empty()) continue;
        names.push_back(command->get_name());
        words.push_back(command->get_name());
        words.insert(words.end(), command->get_aliases().begin(), command->get_aliases().end());
      }
      const std::string what = at == &app_ ? "noun" : "verb";
      return (extra.empty()
                  ? "expected a " + what
                  : "\"" + extra + "\" is not a " + what + DidYouMean(extra, words) + "; expected one") +
             " of: " + Listed(names);
    }
    if (!extra.empty()) return "\"" + extra + "\" is not expected here";
    std::string text = error.what();
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
  }

  static std::vector<std::string> FlagNames(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* at = &app; at != nullptr; at = at->get_parent()) {
      for (const CLI::Option* option : at->get_options()) {
        for (const std::string& name : option->get_lnames()) {
          if (name != "help" && name != "version") names.push_back("--" + name);
        }
      }
    }
    return names;
  }

  void ReadGlobalFlags() {
    arguments_.overrides = {Global("--endpoint"), Global("--cert"),       Global("--key"),
                            Global("--ca"),       Global("--token-file"), Global("--as")};
    arguments_.context = Global("--context");
    CallOptions& options = arguments_.options;
    if (const std::string timeout = Global("--timeout"); !timeout.empty()) {
      double seconds = 0;
      if (!CLI::detail::lexical_cast(timeout, seconds) || !(seconds > 0) || seconds > 1e6) {
        throw CLI::ValidationError("--timeout", "expected seconds, more than 0");
      }
      options.timeout = std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000));
    }
    if (const std::string format = Global("--output"); !format.empty()) {
      const absl::Status status = ParseFormat(format, options.style);
      if (!status.ok()) throw CLI::ValidationError("-o", std::string(status.message()));
    }
    env_.json_errors = IsForPrograms(options.style.format);
    std::istringstream columns(Global("--columns"));
    for (std::string column; std::getline(columns, column, ',');) options.style.columns.push_back(column);
    options.style.table.headers = !IsOn("--no-headers");
    if (options.style.format == Format::kTable) options.style.table.width = env_.out_width;
    options.verbose = IsOn("--verbose");
    options.trace = IsOn("--trace");
    options.quiet = IsOn("--quiet");
    options.retries = !IsOn("--no-retry");
    options.yes = IsOn("--yes");
  }

  void ReadResults() {
    ReadGlobalFlags();
    const CLI::App* chosen = Deepest();
    const auto found = verbs_.find(chosen);
    if (found == verbs_.end()) {
      arguments_.built_in = built_ins_.at(chosen);
      if (arguments_.built_in->request != nullptr) ReadFlags(*chosen, *arguments_.built_in->request());
      return;
    }
    arguments_.command = found->second;
    ReadFlags(*chosen, *arguments_.command->method->input_type());
    if (!whole_request_.empty()) arguments_.flags[kWholeRequest] = whole_request_;
    arguments_.options.one_page =
        arguments_.flags.contains("page_size") || arguments_.flags.contains("page_token");
  }

  void ReadFlags(const CLI::App& chosen, const google::protobuf::Descriptor& message) {
    for (const RequestFlag& flag : FlagsOf(message)) {
      const CLI::Option* option = chosen.get_option(flag.name);
      if (option->count() == 0) continue;
      const auto* field = FieldForFile(message, *flag.field, option->results()[0]);
      arguments_.flags[field == flag.field ? flag.Key() : field->name()] = option->results();
    }
  }

  Arguments& arguments_;
  Environment& env_;
  CLI::App app_;
  std::map<std::string, std::string> globals_;
  std::vector<std::string> whole_request_;
  std::map<std::string, bool> switches_;
  std::set<std::string> nouns_;
  std::map<const CLI::App*, const Command*> verbs_;
  std::map<const CLI::App*, const BuiltIn*> built_ins_;
};

}  // namespace

std::optional<ExitCode> ParseArguments(const std::vector<std::string>& words, Arguments& arguments,
                                       Environment& env) {
  return Parser(arguments, env).Parse(words);
}

}  // namespace idea::cli
