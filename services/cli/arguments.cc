#include "services/cli/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "common/config/version.h"
#include "idea/review/v1/review.pb.h"

namespace idea::cli {
namespace {

// A switch takes no value, unless with = : --validate-only=false.
CLI::Option* AddFlag(CLI::App& app, const RequestFlag& flag,
                     const google::protobuf::FieldDescriptor* positional) {
  const std::string help = flag.wanted + (flag.required ? " (required)" : "");
  if (flag.is_switch) return app.add_flag(flag.name)->description("true if it is given, unless as =false");
  const std::string names = flag.field == positional ? flag.field->name() + "," + flag.name : flag.name;
  // A list that needs no flag is as many words as there are.
  const bool words = flag.field == positional && flag.field->is_repeated();
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
  const auto* positional = PositionalOf(message);
  for (const RequestFlag& flag : FlagsOf(message)) AddFlag(app, flag, positional);
}

// The parser, and what it writes to.
class Parser {
 public:
  explicit Parser(Arguments& arguments)
      : arguments_(arguments),
        app_("Calls every method of IDEA Exchange: ideactl <noun> <verb>.", "ideactl") {
    app_.set_help_flag("-h,--help", "show this help");
    app_.set_version_flag("--version", config::VersionLine("ideactl"), "show the version and the commit");
    app_.footer(RootFooter());
    app_.get_formatter()->column_width(34);
    app_.require_subcommand(1);
    AddGlobals();
    for (const Command& command : Commands()) AddNoun(app_, FirstWord(command.noun), command.example);
    AddBuiltIns(app_, "");
  }

  std::optional<ExitCode> Parse(std::vector<std::string> words, std::ostream& out, std::ostream& err) {
    std::reverse(words.begin(), words.end());
    try {
      app_.parse(words);
      TakeResults();
    } catch (const CLI::Success& wish) {
      app_.exit(wish, out, err);
      return kDone;
    } catch (const CLI::Error& error) {
      err << Path() << ": " << Explain(error) << "; see `" << Path() << " --help`\n";
      return kUsage;
    }
    return std::nullopt;
  }

 private:
  void AddGlobals() {
    std::string* targets[] = {&arguments_.overrides.endpoint,
                              &arguments_.overrides.certificate,
                              &arguments_.overrides.key,
                              &arguments_.overrides.authority,
                              &arguments_.overrides.token_file,
                              &arguments_.overrides.as,
                              &arguments_.context,
                              &timeout_,
                              &format_};
    for (size_t i = 0; i < GlobalFlags().size(); ++i) {
      const GlobalFlag& flag = GlobalFlags()[i];
      app_.add_option(flag.names, *targets[i], flag.help)->type_name(flag.value);
    }
    app_.add_flag("-v,--verbose", arguments_.options.verbose, "print the request id of each call");
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
    verb->fallthrough()->footer(ExampleText(command.example));
    verb->preparse_callback([this, verb, &command](size_t) {
      AddFlags(*verb, *command.method->input_type());
      if (command.method->server_streaming() && !command.method->client_streaming()) {
        verb->add_option("--limit", arguments_.options.limit, "stop after so many")
            ->type_name("N")
            ->check(CLI::PositiveNumber);
      }
      if (FileFieldOf(*command.method->output_type()) != nullptr) {
        verb->add_option("--out", arguments_.options.out, "write the file there; - for standard output")
            ->type_name("FILE");
      }
    });
    verbs_[verb] = &command;
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
    } else if (built_in == "completion") {
      app.add_option("shell", arguments_.shell, "bash, zsh or fish")
          ->required()
          ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    } else if (built_in == "verify") {
      app.add_option("file", arguments_.path, "the evidence bundle")->required();
      AddLogKey(app);
    } else if (built_in == "signatures claim") {
      AddFlags(app, *review::v1::SignatureClaim::descriptor());
      app.add_option("--signing-key", arguments_.signing_key,
                     "sign it: the signer's private key, PEM, Ed25519 or P-256")
          ->type_name("FILE");
    } else if (built_in == "log verify") {
      AddLogKey(app);
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

  void AddLogKey(CLI::App& app) {
    app.add_option("--key", arguments_.log_key, "file with the log's public keys, name+id+key, a line each")
        ->type_name("FILE")
        ->required();
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
    if (extra.starts_with("-")) return extra + ": there is no such flag, wanted one of " + FlagNames(*at);
    if (!commands.empty() && (!extra.empty() || error.get_name() == "RequiredError")) {
      std::string names;
      for (const CLI::App* command : commands) names += (names.empty() ? "" : ", ") + command->get_name();
      const std::string what = at == &app_ ? "noun" : "verb";
      return (extra.empty() ? "wanted a " + what : "\"" + extra + "\" is no " + what + ", wanted one") +
             " of: " + names;
    }
    if (!extra.empty()) return "\"" + extra + "\" is one word too many";
    std::string text = error.what();
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
  }

  static std::string FlagNames(const CLI::App& app) {
    std::string names;
    for (const CLI::App* at = &app; at != nullptr; at = at->get_parent()) {
      for (const CLI::Option* option : at->get_options()) {
        const std::string name = option->get_lnames().empty() ? "help" : option->get_lnames()[0];
        if (name != "help" && name != "version") names += (names.empty() ? "--" : ", --") + name;
      }
    }
    return names;
  }

  void TakeResults() {
    if (!timeout_.empty()) {
      double seconds = 0;
      if (!CLI::detail::lexical_cast(timeout_, seconds) || !(seconds > 0) || seconds > 1e6) {
        throw CLI::ValidationError("--timeout", "wanted seconds, more than 0");
      }
      arguments_.options.timeout = std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000));
    }
    if (format_ != "table" && format_ != "json") throw CLI::ValidationError("-o", "wanted table or json");
    arguments_.options.format = format_ == "json" ? Format::kJson : Format::kTable;
    const CLI::App* chosen = Deepest();
    const auto found = verbs_.find(chosen);
    if (found == verbs_.end()) {
      arguments_.built_in = built_ins_.at(chosen);
      if (arguments_.built_in == "signatures claim")
        TakeGiven(*chosen, *review::v1::SignatureClaim::descriptor());
      return;
    }
    arguments_.command = found->second;
    TakeGiven(*chosen, *arguments_.command->method->input_type());
    arguments_.options.one_page =
        arguments_.given.contains("page_size") || arguments_.given.contains("page_token");
  }

  void TakeGiven(const CLI::App& chosen, const google::protobuf::Descriptor& message) {
    for (const RequestFlag& flag : FlagsOf(message)) {
      const CLI::Option* option = chosen.get_option(flag.name);
      if (option->count() == 0) continue;
      const auto* field = FieldForFile(message, *flag.field, option->results()[0]);
      arguments_.given[field->name()] = option->results();
    }
  }

  Arguments& arguments_;
  CLI::App app_;
  std::string timeout_;
  std::string format_ = "table";
  std::set<std::string> nouns_;
  std::map<const CLI::App*, const Command*> verbs_;
  std::map<const CLI::App*, std::string> built_ins_;
};

}  // namespace

const std::vector<GlobalFlag>& GlobalFlags() {
  static const std::vector<GlobalFlag>& flags = *new std::vector<GlobalFlag>{
      {"--endpoint", "HOST:PORT", "call this server, whatever the context says"},
      {"--cert", "FILE", "client certificate, PEM"},
      {"--key", "FILE", "its key, PEM"},
      {"--ca", "FILE", "certificate authority of the servers, PEM"},
      {"--token-file", "FILE", "signed token of the person behind the call"},
      {"--as", "DEPT[/PERSON]", "identity of the context file"},
      {"--context", "FILE",
       "context file; else $IDEACTL_CONTEXT, ./var/context.json or ~/.config/ideactl/context.json"},
      {"--timeout", "SECONDS", "longest time for the call; 30, and no end for a stream"},
      {"-o,--output", "table|json", "form of the answer"},
  };
  return flags;
}

const std::vector<BuiltIn>& BuiltIns() {
  static const std::vector<BuiltIn>& built_ins = *new std::vector<BuiltIn>{
      {"wait", "wait until a field has a value", "wait bucps bucps/{id} --for state=EXECUTED --timeout 30"},
      {"health", "ask whether a server serves", "health --service inventory"},
      {"completion", "print a completion script", "completion bash"},
      {"methods", "list every method as noun and verb", "methods"},
      {"verify", "check an evidence bundle, without a server", "verify bundle.json --key log.pub"},
      {"signatures claim", "print what a signer's own key signs, or sign it: a JWS for `signatures sign`",
       "signatures claim bucps/{id}/revisions/3 --digest {digest} --freeze-number 1 --entity entities/{id} "
       "--capacity "
       "executive_sponsor --signing-key me.pem"},
      {"log verify", "check the whole log against its signatures and the register",
       "--as cdo log verify --key log.pub --earlier checkpoint.txt"},
      {"filings export", "write the filings that you see as CSV, or as JSON lines (.jsonl)",
       "--as odi filings export filings.csv"},
      {"filings import", "take over a register that was kept before, from JSON lines",
       "--as odi/cdo filings import earlier.jsonl --source inventory-form"},
      {"filings publish", "write the public register as a page of HTML",
       "--as odi filings publish register.html"},
      {"log export", "write the log as files (C2SP tlog-tiles)", "log export log-tiles"},
  };
  return built_ins;
}

std::optional<ExitCode> ParseArguments(const std::vector<std::string>& words, Arguments& arguments,
                                       std::ostream& out, std::ostream& err) {
  return Parser(arguments).Parse(words, out, err);
}

}  // namespace idea::cli
