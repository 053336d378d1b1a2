#include "services/cli/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <sstream>

#include "common/config/version.h"
#include "common/status/status.h"
#include "idea/review/v1/review.pb.h"
#include "services/cli/consent.h"
#include "services/cli/suggestion.h"

namespace idea::cli {
namespace {

// A switch takes no value, unless with = : --validate-only=false.
CLI::Option* AddFlag(CLI::App& app, const RequestFlag& flag, bool is_positional) {
  const std::string help = flag.wanted + (flag.required ? " (required)" : "");
  if (flag.is_switch) {
    const std::string alias = flag.aliases.empty() ? "" : "," + flag.aliases[0];
    return app.add_flag(flag.name + alias)->description("true if it is given, unless as =false");
  }
  std::string names = is_positional ? flag.field->name() + "," + flag.name : flag.name;
  for (const std::string& alias : flag.aliases) names += "," + alias;
  // A list that needs no flag is as many words as there are.
  const bool words = is_positional && flag.field->is_repeated();
  return app.add_option(names)
      ->description(help)
      ->type_name("VALUE")
      ->allow_extra_args(words)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

std::string ExampleText(const std::string& example) { return "Example:\n  ideactl " + example + "\n"; }

std::string RootFooter() {
  return ExampleText("entities list") +
         "\nEvery noun and every verb has its own --help. `ideactl methods` lists them all.\n\n" +
         kExitCodesHelp;
}

// Each field of the message is a flag.
void AddFlags(CLI::App& app, const google::protobuf::Descriptor& message) {
  const auto positionals = PositionalsOf(message);
  for (const RequestFlag& flag : FlagsOf(message)) {
    AddFlag(app, flag, std::find(positionals.begin(), positionals.end(), flag.field) != positionals.end());
  }
}

// The parser, and what it writes to.
class Parser {
 public:
  Parser(Arguments& arguments, Surroundings& around)
      : arguments_(arguments),
        around_(around),
        app_("Calls every method of IDEA Exchange: ideactl <noun> <verb>.", "ideactl") {
    app_.set_help_flag("-h,--help", "show this help");
    app_.set_version_flag("--version", config::VersionLine("ideactl"), "show the version and the commit");
    app_.footer(RootFooter());
    app_.get_formatter()->column_width(34);
    app_.require_subcommand(1);
    AddGlobals();
    for (const Command& command : Commands()) {
      if (!command.hidden) AddNoun(app_, FirstWord(command.noun), command.example);
    }
    app_.add_subcommand("context", "choose and show who calls")
        ->require_subcommand(1)
        ->fallthrough()
        ->footer(ExampleText("context list"));
    AddBuiltIns(app_, "");
    AddBuiltIns(*app_.get_subcommand("context"), "context ");
  }

  std::optional<ExitCode> Parse(std::vector<std::string> words) {
    // Also where the command line is wrong: who reads JSON reads this as JSON.
    OutputStyle style;
    for (size_t i = 0; i < words.size(); ++i) {
      const std::string& word = words[i];
      const bool is_flag = word == "-o" || word == "--output";
      const std::string value = is_flag && i + 1 < words.size() ? words[i + 1]
                                : word.starts_with("--output=") ? word.substr(9)
                                : word.starts_with("-o")        ? word.substr(2)
                                                                : "";
      if (!value.empty() && ParseFormat(value, style).ok()) around_.json_errors = IsForPrograms(style.format);
    }
    std::reverse(words.begin(), words.end());
    try {
      app_.parse(words);
      TakeResults();
    } catch (const CLI::Success& wish) {
      app_.exit(wish, around_.out, around_.err);
      return kDone;
    } catch (const CLI::Error& error) {
      const std::string line = Explain(error) + "; see `" + Path() + " --help`";
      if (around_.json_errors) return Complain(Path() + ": " + line, kUsage, around_);
      around_.err << Path() << ": " << line << "\n";
      return kUsage;
    }
    return std::nullopt;
  }

 private:
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

  // The value of a global flag, or of its variable.
  std::string Global(const std::string& name) const {
    const GlobalFlag& flag = *std::find_if(GlobalFlags().begin(), GlobalFlags().end(),
                                           [&](const GlobalFlag& each) { return each.LongName() == name; });
    if (app_.get_option(name)->count() > 0) {
      return *flag.value == '\0' ? (switches_.at(name) ? "true" : "") : globals_.at(name);
    }
    const auto found = around_.env.find(flag.Variable());
    return found == around_.env.end() ? "" : found->second;
  }

  bool IsOn(const std::string& name) const {
    const std::string value = Global(name);
    return value == "true" || value == "1";
  }

  // What most calls do not name is not made: verbs when their noun is met, flags when their verb is.
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
    // CLI11 leaves out of its help what has no group.
    if (command.hidden) verb->group("");
    verb->fallthrough()->footer(ExampleText(command.example));
    verb->preparse_callback([this, verb, &command](size_t) {
      AddFlags(*verb, *command.method->input_type());
      verb->add_option("--request", whole_request_, "the whole request as JSON, or @file; flags win over it")
          ->type_name("JSON");
      verb->add_flag("--skeleton", arguments_.skeleton,
                     "print the JSON of a request to fill in, and call nobody");
      if (command.method->server_streaming() && !command.method->client_streaming()) {
        AddLimit(*verb, "stop after so many");
      }
      if (ItemsFieldOf(*command.method->output_type()) != nullptr) {
        verb->add_flag("--watch", arguments_.options.watch,
                       "print the list again whenever it changes; asks every 2 s");
        AddLimit(*verb, "of --watch: stop after so many lists");
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

  // Those whose name is one word more than `prefix`.
  void AddBuiltIns(CLI::App& above, const std::string& prefix) {
    for (const BuiltIn& built_in : BuiltIns()) {
      const std::string name = built_in.name;
      if (!name.starts_with(prefix) || name.find(' ', prefix.size()) != std::string::npos) continue;
      CLI::App* app = above.add_subcommand(name.substr(prefix.size()), built_in.help);
      app->fallthrough()->footer(ExampleText(built_in.example));
      built_ins_[app] = name;
      AddOptions(*app, name);
    }
  }

  void AddOptions(CLI::App& app, const std::string& built_in) {
    if (built_in == "wait") {
      app.add_option("noun", arguments_.wait_noun, "a noun with the verb get")->required();
      app.add_option("name", arguments_.wait_name, "the resource")->required();
      app.add_option("--for", arguments_.wait_for, "field=VALUE, or field=VALUE,VALUE for one of several")
          ->required();
    } else if (built_in == "health") {
      app.add_option("--service", arguments_.health_service,
                     "registry, or a full service name; if not given the whole server, or each that the "
                     "context names");
    } else if (const StepCommand* step = FindStepCommand(built_in)) {
      AddStepFlags(app, *step);
      if (built_in == "sign") AddSigningKey(app);
    } else if (built_in == "context use") {
      app.add_option("as", arguments_.path, "DEPT, or DEPT/PERSON")->required();
    } else if (built_in == "man") {
      app.add_option("noun", arguments_.words, "a noun of one or two words; none: ideactl itself");
      app.add_option("--write", arguments_.path, "write every page into this folder")->type_name("FOLDER");
    } else if (built_in == "explain") {
      app.add_option("subject", arguments_.words, "a noun, then a verb or nothing, then fields")->required();
      app.add_flag("--skeleton", arguments_.skeleton, "print the JSON to fill in");
    } else if (built_in == "completion") {
      app.add_option("shell", arguments_.shell, "bash, zsh or fish")
          ->required()
          ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    } else if (built_in == "verify") {
      app.add_option("file", arguments_.path, "the evidence bundle")->required();
      AddLogKey(app);
      AddPolicy(app);
    } else if (built_in == "signatures claim") {
      AddFlags(app, *review::v1::SignatureClaim::descriptor());
      AddSigningKey(app);
    } else if (built_in == "log witness") {
      WitnessOptions& witness = arguments_.witness;
      app.add_option("--key", witness.log_keys, "file with the log's public keys, name+id+key, a line each")
          ->type_name("FILE");
      app.add_option("--signing-key", witness.signing_key, "the witness's private key, Ed25519, PEM")
          ->type_name("FILE")
          ->required();
      app.add_option("--name", witness.name, "the witness's name, such as cdo.example.gov/witness")
          ->type_name("NAME")
          ->required();
      app.add_option("--state", witness.state, "folder that keeps what was cosigned; never lose it")
          ->type_name("FOLDER");
      app.add_option("--listen", witness.listen,
                     "serve POST /add-checkpoint (C2SP tlog-witness) there instead of asking the log")
          ->type_name("HOST:PORT");
      app.add_option_function<int>(
             "--interval", [&witness](int seconds) { witness.interval = std::chrono::seconds(seconds); },
             "seconds between two looks at the log; 60 if not given")
          ->type_name("SECONDS")
          ->check(CLI::Range(1, 86'400));
      app.add_flag("--once", witness.once, "look at the log once");
      app.add_flag("--print-key", witness.print_key, "print the witness's public key, for policies");
    } else if (built_in == "log verify") {
      AddLogKey(app);
      AddPolicy(app);
      app.add_option("--earlier", arguments_.earlier,
                     "checkpoint of the last time, compared with; replaced when everything holds")
          ->type_name("FILE");
      app.add_flag("--own", arguments_.own,
                   "compare only filings and notices that you see, as a department does");
    } else if (built_in == "log export") {
      app.add_option("folder", arguments_.path, "where the tiles go")->required();
    } else if (built_in == "filings export" || built_in == "filings publish") {
      app.add_option("file", arguments_.path, "where it goes")->required();
    } else if (built_in == "filings import") {
      app.add_option("file", arguments_.path, "JSON lines, one an agreement")->required();
      app.add_option("--source", arguments_.source, "what the register was that they come from")
          ->type_name("NAME")
          ->required();
      app.add_flag("--validate-only", arguments_.validate_only, "say what would happen, store nothing");
    }
  }

  // The routing is found from the BUCP, which is given in its place; so are digest and capacity or
  // discipline.
  static void AddStepFlags(CLI::App& app, const StepCommand& step) {
    for (RequestFlag flag : FlagsOf(*FindCommand(step.noun, step.verb)->method->input_type())) {
      if (flag.field->name() == "routing") {
        app.add_option("bucp,--bucp,--routing", "bucps/*, or its routing (required)")->type_name("VALUE");
        continue;
      }
      flag.required = flag.required && flag.field->name() != "digest" && flag.field->name() != step.which;
      AddFlag(app, flag, false);
    }
  }

  void AddSigningKey(CLI::App& app) {
    app.add_option("--signing-key", arguments_.signing_key,
                   "sign it: the signer's private key, PEM, Ed25519 or P-256")
        ->type_name("FILE");
  }

  void AddLogKey(CLI::App& app) {
    app.add_option("--key", arguments_.log_key, "file with the log's public keys, name+id+key, a line each")
        ->type_name("FILE");
  }

  void AddPolicy(CLI::App& app) {
    app.add_option("--policy", arguments_.policy,
                   "C2SP tlog-policy: the log and the witnesses that must have cosigned it")
        ->type_name("FILE");
  }

  // The deepest command that was named.
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

  // One line: what is wrong and what is wanted.
  std::string Explain(const CLI::Error& error) const {
    const CLI::App* at = Deepest();
    const auto commands = at->get_subcommands([](const CLI::App*) { return true; });
    const std::vector<std::string> extras = app_.remaining(true);
    const std::string extra = extras.empty() ? "" : extras.front();
    if (extra.starts_with("-")) {
      const std::vector<std::string> flags = FlagNames(*at);
      return extra + ": there is no such flag" + DidYouMean(extra.substr(0, extra.find('=')), flags) +
             ", wanted one of " + Listed(flags);
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
      return (extra.empty() ? "wanted a " + what
                            : "\"" + extra + "\" is no " + what + DidYouMean(extra, words) + ", wanted one") +
             " of: " + Listed(names);
    }
    if (!extra.empty()) return "\"" + extra + "\" is one word too many";
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

  void TakeGlobals() {
    arguments_.overrides = {Global("--endpoint"), Global("--cert"),       Global("--key"),
                            Global("--ca"),       Global("--token-file"), Global("--as")};
    arguments_.context = Global("--context");
    CallOptions& options = arguments_.options;
    if (const std::string timeout = Global("--timeout"); !timeout.empty()) {
      double seconds = 0;
      if (!CLI::detail::lexical_cast(timeout, seconds) || !(seconds > 0) || seconds > 1e6) {
        throw CLI::ValidationError("--timeout", "wanted seconds, more than 0");
      }
      options.timeout = std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000));
    }
    if (const std::string format = Global("--output"); !format.empty()) {
      const absl::Status status = ParseFormat(format, options.style);
      if (!status.ok()) throw CLI::ValidationError("-o", std::string(status.message()));
    }
    around_.json_errors = IsForPrograms(options.style.format);
    std::istringstream columns(Global("--columns"));
    for (std::string column; std::getline(columns, column, ',');) options.style.columns.push_back(column);
    options.style.table.headers = !IsOn("--no-headers");
    if (options.style.format == Format::kTable) options.style.table.width = around_.out_width;
    options.verbose = IsOn("--verbose");
    options.trace = IsOn("--trace");
    options.quiet = IsOn("--quiet");
    options.retries = !IsOn("--no-retry");
    options.yes = IsOn("--yes");
  }

  void TakeResults() {
    TakeGlobals();
    const CLI::App* chosen = Deepest();
    const auto found = verbs_.find(chosen);
    if (found == verbs_.end()) {
      arguments_.built_in = built_ins_.at(chosen);
      if (arguments_.built_in == "signatures claim")
        TakeGiven(*chosen, *review::v1::SignatureClaim::descriptor());
      if (const StepCommand* step = FindStepCommand(arguments_.built_in))
        TakeGiven(*chosen, *FindCommand(step->noun, step->verb)->method->input_type());
      return;
    }
    arguments_.command = found->second;
    TakeGiven(*chosen, *arguments_.command->method->input_type());
    if (!whole_request_.empty()) arguments_.given[kWholeRequest] = whole_request_;
    arguments_.options.one_page =
        arguments_.given.contains("page_size") || arguments_.given.contains("page_token");
  }

  void TakeGiven(const CLI::App& chosen, const google::protobuf::Descriptor& message) {
    for (const RequestFlag& flag : FlagsOf(message)) {
      const CLI::Option* option = chosen.get_option(flag.name);
      if (option->count() == 0) continue;
      const auto* field = FieldForFile(message, *flag.field, option->results()[0]);
      arguments_.given[field == flag.field ? flag.Key() : field->name()] = option->results();
    }
  }

  Arguments& arguments_;
  Surroundings& around_;
  CLI::App app_;
  std::map<std::string, std::string> globals_;
  std::vector<std::string> whole_request_;
  std::map<std::string, bool> switches_;
  std::set<std::string> nouns_;
  std::map<const CLI::App*, const Command*> verbs_;
  std::map<const CLI::App*, std::string> built_ins_;
};

}  // namespace

std::optional<ExitCode> ParseArguments(const std::vector<std::string>& words, Arguments& arguments,
                                       Surroundings& around) {
  return Parser(arguments, around).Parse(words);
}

absl::StatusOr<Target> TargetOf(const Arguments& arguments, const std::string& service,
                                const Surroundings& around) {
  ASSIGN_OR_RETURN(const ContextFile context,
                   ReadContextFile(FindContextFile(arguments.context, around.env)));
  return ResolveTarget(context, arguments.overrides, service);
}

}  // namespace idea::cli
