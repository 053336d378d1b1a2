#include "services/cli/builtin/shell_completion.h"

#include <algorithm>
#include <optional>
#include <set>

#include "idea/common/v1/options.pb.h"
#include "services/cli/arguments/arguments.h"
#include "services/cli/arguments/name_completion.h"
#include "services/cli/builtin/built_ins.h"
#include "services/cli/command/commands.h"
#include "services/cli/command/request_flags.h"
#include "services/cli/output/global_flags.h"

namespace idea::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using StringList = std::vector<std::string>;

constexpr std::chrono::milliseconds kLookupTimeout{2'000};
// The verb of a command with one word.
constexpr char kNoVerb[] = "-";

// "log" and "verify" of "log verify". The verb of a command with one word is empty.
std::string NounOf(const BuiltIn& built_in) {
  const std::string name = built_in.name;
  return name.substr(0, name.find(' '));
}

std::string VerbOf(const BuiltIn& built_in) {
  const std::string name = built_in.name;
  const size_t space = name.find(' ');
  return space == std::string::npos ? "" : name.substr(space + 1);
}

std::vector<std::string> Nouns() {
  std::set<std::string> nouns;
  for (const Command& command : Commands()) {
    if (!command.hidden) nouns.insert(FirstWord(command.noun));
  }
  for (const BuiltIn& built_in : BuiltIns()) nouns.insert(NounOf(built_in));
  return {nouns.begin(), nouns.end()};
}

std::vector<std::string> VerbsOf(const std::string& noun) {
  std::vector<std::string> verbs;
  for (const Command& command : Commands()) {
    if (command.hidden) continue;
    const bool is_noun = command.noun == noun;
    const std::string verb = is_noun ? command.verb : SecondWord(command.noun);
    if (!is_noun && (verb.empty() || FirstWord(command.noun) != noun)) continue;
    if (std::find(verbs.begin(), verbs.end(), verb) == verbs.end()) verbs.push_back(verb);
  }
  for (const BuiltIn& built_in : BuiltIns()) {
    const std::string verb = VerbOf(built_in);
    if (!verb.empty() && NounOf(built_in) == noun) verbs.push_back(verb);
  }
  return verbs;
}

// The noun of an alias; other words are returned unchanged.
std::string WithoutAlias(const std::string& word) {
  for (const Command& command : Commands()) {
    const StringList aliases = AliasesOf(FirstWord(command.noun));
    if (std::find(aliases.begin(), aliases.end(), word) != aliases.end()) return FirstWord(command.noun);
  }
  return word;
}

// An incomplete command line.
class CommandLine {
 public:
  CommandLine(const StringList& words, Environment& env)
      : env_(env), current_(words.empty() ? "" : words.back()) {
    for (size_t i = 0; i + 1 < words.size(); ++i) {
      const std::string& word = words[i];
      if (!word.starts_with("-")) {
        AddWord(word);
      } else if (word.find('=') == std::string::npos && NeedsValue(word)) {
        if (i + 2 == words.size()) {
          flag_ = word;
        } else {
          Remember(word, words[++i]);
        }
      }
    }
    const size_t equals = current_.find('=');
    if (current_.starts_with("--") && equals != std::string::npos) {
      flag_ = current_.substr(0, equals);
      prefix_ = current_.substr(0, equals + 1);
    }
  }

  StringList Candidates() {
    StringList found = flag_.empty() ? CandidatesForWord() : ValuesOf(flag_);
    StringList fitting;
    for (const std::string& each : found) {
      if ((prefix_ + each).starts_with(current_) &&
          std::find(fitting.begin(), fitting.end(), prefix_ + each) == fitting.end())
        fitting.push_back(prefix_ + each);
    }
    return fitting;
  }

 private:
  void AddWord(const std::string& word) {
    if (noun_.empty()) {
      noun_ = WithoutAlias(word);
      if (VerbsOf(noun_).empty()) verb_ = kNoVerb;
    } else if (command_ == nullptr && verb_.empty()) {
      command_ = FindCommand(noun_, word);
      const StringList verbs = VerbsOf(noun_ + " " + word);
      if (command_ == nullptr && !verbs.empty()) {
        noun_ += " " + word;
      } else {
        verb_ = word;
      }
    } else {
      ++positionals_;
    }
    if (command_ == nullptr && noun_.find(' ') != std::string::npos && !verb_.empty())
      command_ = FindCommand(noun_, verb_);
    if (command_ == nullptr) built_in_ = FindBuiltIn(verb_ == kNoVerb ? noun_ : noun_ + " " + verb_);
  }

  // The message whose fields are the flags of the command. Null if it does not have one.
  const Descriptor* Request() const {
    if (command_ != nullptr) return command_->method->input_type();
    return built_in_ == nullptr || built_in_->request == nullptr ? nullptr : built_in_->request();
  }

  const GlobalFlag* Global(const std::string& flag) const {
    for (const GlobalFlag& each : GlobalFlags()) {
      if (("," + std::string(each.names) + ",").find("," + flag + ",") != std::string::npos) return &each;
    }
    return nullptr;
  }

  std::optional<RequestFlag> OwnFlag(const std::string& name) const {
    if (Request() == nullptr) return std::nullopt;
    for (const RequestFlag& flag : FlagsOf(*Request())) {
      if (flag.name == name ||
          std::find(flag.aliases.begin(), flag.aliases.end(), name) != flag.aliases.end())
        return flag;
    }
    return std::nullopt;
  }

  bool NeedsValue(const std::string& flag) const {
    if (const GlobalFlag* global = Global(flag)) return *global->value != '\0';
    static const std::set<std::string>& switches =
        *new std::set<std::string>{"-h", "--help", "--version", "--skeleton", "--watch"};
    if (const auto own = OwnFlag(flag)) return !own->is_switch;
    return !switches.contains(flag) && !(built_in_ != nullptr && IsSwitch(*built_in_, flag));
  }

  void Remember(const std::string& flag, const std::string& value) {
    if (flag == "--as") arguments_.overrides.as = value;
    if (flag == "--context") arguments_.context = value;
    if (flag == "--endpoint") arguments_.overrides.endpoint = value;
  }

  StringList CandidatesForWord() {
    if (current_.starts_with("-")) return Flags();
    if (noun_.empty()) return Nouns();
    if (verb_.empty() && command_ == nullptr) return VerbsOf(noun_);
    if (built_in_ != nullptr && built_in_->operands != Operands::kOther) return OperandsOf(*built_in_);
    if (Request() == nullptr) return {};
    const auto fields = PositionalsOf(*Request());
    if (fields.empty()) return {};
    const bool is_list = fields.back()->is_repeated();
    if (positionals_ >= fields.size() && !is_list) return {};
    return ValuesOf(*fields[std::min(positionals_, fields.size() - 1)]);
  }

  StringList OperandsOf(const BuiltIn& built_in) {
    switch (built_in.operands) {
      case Operands::kBucp:
        return positionals_ == 0 ? Names("bucps/*") : StringList();
      case Operands::kNounFirst:
        return positionals_ == 0 ? Nouns() : StringList();
      case Operands::kNouns:
        return Nouns();
      case Operands::kIdentity:
        return Identities();
      case Operands::kShell:
        return {"bash", "zsh", "fish"};
      case Operands::kOther:
        break;
    }
    return {};
  }

  StringList Flags() const {
    StringList flags = {"--help"};
    for (const GlobalFlag& flag : GlobalFlags()) flags.push_back(flag.LongName());
    if (Request() == nullptr) return flags;
    for (const RequestFlag& flag : FlagsOf(*Request())) {
      flags.push_back(flag.name);
      flags.insert(flags.end(), flag.aliases.begin(), flag.aliases.end());
    }
    if (command_ == nullptr) return flags;
    flags.insert(flags.end(), {"--request", "--skeleton"});
    const Descriptor& response = *command_->method->output_type();
    const bool is_list = ItemsFieldOf(response) != nullptr;
    if (is_list) flags.push_back("--watch");
    if (is_list || (command_->method->server_streaming() && !command_->method->client_streaming()))
      flags.push_back("--limit");
    if (FileFieldOf(response) != nullptr) flags.push_back("--out");
    return flags;
  }

  StringList ValuesOf(const std::string& flag) {
    if (flag == "--as") return Identities();
    if (flag == "-o" || flag == "--output")
      return {"table", "wide", "json", "jsonl", "yaml", "name", "jsonpath="};
    if (flag == "--columns" && command_ != nullptr) return command_->columns;
    if (const auto own = OwnFlag(flag)) return ValuesOf(*own->field);
    return flag == "--service" ? Services() : StringList();
  }

  StringList ValuesOf(const FieldDescriptor& field) {
    if (field.type() == FieldDescriptor::TYPE_BOOL) return {"true", "false"};
    if (field.enum_type() != nullptr) {
      StringList values;
      for (int i = 1; i < field.enum_type()->value_count(); ++i)
        values.push_back(ShortName(*field.enum_type()->value(i)));
      return values;
    }
    const std::string& pattern = field.options().GetExtension(common::v1::rule).resource();
    return pattern.empty() ? StringList() : Names(pattern);
  }

  StringList Names(const std::string& pattern) {
    arguments_.options.timeout = kLookupTimeout;
    arguments_.options.retries = false;
    return NamesOf(pattern, arguments_, env_);
  }

  StringList Identities() const {
    const auto context = ReadContextFile(FindContextFile(arguments_.context, env_.variables));
    StringList names;
    if (!context.ok()) return names;
    for (const auto& [department, identity] : context->identities) {
      names.push_back(department);
      for (const auto& [person, token] : identity.people) names.push_back(department + "/" + person);
    }
    return names;
  }

  static StringList Services() {
    StringList services;
    for (const Command& command : Commands()) {
      if (std::find(services.begin(), services.end(), command.service) == services.end())
        services.push_back(command.service);
    }
    return services;
  }

  Environment& env_;
  std::string current_;
  // The prefix of every candidate: "--kind=".
  std::string prefix_;
  // The flag whose value is being typed.
  std::string flag_;
  std::string noun_;
  std::string verb_;
  const Command* command_ = nullptr;
  const BuiltIn* built_in_ = nullptr;
  size_t positionals_ = 0;
  Arguments arguments_;
};

constexpr char kBash[] = R"(# bash completion of ideactl: source <(ideactl completion bash)
_ideactl() {
  local words=("${COMP_WORDS[@]:1:COMP_CWORD}")
  local IFS=$'\n'
  COMPREPLY=($(ideactl __complete "${words[@]}" 2>/dev/null))
  [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
  return 0
}
complete -o default -F _ideactl ideactl
)";

constexpr char kZsh[] = R"(#compdef ideactl
# zsh completion of ideactl: source <(ideactl completion zsh)
_ideactl() {
  local -a found
  found=("${(@f)$(ideactl __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n ${found[1]} ]]; then compadd -- "${found[@]}"; else _files; fi
}
compdef _ideactl ideactl
)";

constexpr char kFish[] = R"(# fish completion of ideactl: ideactl completion fish | source
complete -c ideactl -a '(ideactl __complete (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
)";

}  // namespace

std::string CompletionScript(const std::string& shell) {
  if (shell == "zsh") return kZsh;
  if (shell == "fish") return kFish;
  return kBash;
}

ExitCode RunCompletion(const Arguments& arguments, Environment& env) {
  env.out << CompletionScript(arguments.shell);
  return kDone;
}

ExitCode PrintCandidates(const std::vector<std::string>& words, Environment& env) {
  for (const std::string& candidate : CommandLine(words, env).Candidates()) env.out << candidate << "\n";
  return kDone;
}

}  // namespace idea::cli
