#include "services/cli/completion.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "idea/review/v1/review.pb.h"
#include "services/cli/arguments.h"
#include "services/cli/commands.h"
#include "services/cli/request_flags.h"

namespace idea::cli {
namespace {

using google::protobuf::FieldDescriptor;

std::string Join(const std::vector<std::string>& words) {
  std::string joined;
  for (const std::string& word : words) joined += (joined.empty() ? "" : " ") + word;
  return joined;
}

// "log" and "verify" of "log verify"; a command of one word has no verb.
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
  for (const Command& command : Commands()) nouns.insert(FirstWord(command.noun));
  for (const BuiltIn& built_in : BuiltIns()) nouns.insert(NounOf(built_in));
  return {nouns.begin(), nouns.end()};
}

std::vector<std::string> VerbsOf(const std::string& noun) {
  std::vector<std::string> verbs;
  for (const Command& command : Commands()) {
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

std::vector<std::string> GlobalNames() {
  std::vector<std::string> names;
  for (const GlobalFlag& flag : GlobalFlags()) names.push_back(flag.LongName());
  return names;
}

std::vector<std::string> FlagNames(const google::protobuf::Descriptor& message) {
  std::vector<std::string> names;
  for (const RequestFlag& flag : FlagsOf(message)) names.push_back(flag.name);
  return names;
}

std::vector<std::string> FlagNames(const Command& command) {
  std::vector<std::string> names = FlagNames(*command.method->input_type());
  if (command.method->server_streaming() && !command.method->client_streaming()) names.push_back("--limit");
  if (FileFieldOf(*command.method->output_type()) != nullptr) names.push_back("--out");
  return names;
}

// The values of every flag that takes an enum, by flag; flags of one name in several commands share theirs.
std::map<std::string, std::vector<std::string>> EnumValues() {
  std::map<std::string, std::vector<std::string>> values;
  for (const Command& command : Commands()) {
    for (const RequestFlag& flag : FlagsOf(*command.method->input_type())) {
      if (flag.field->cpp_type() != FieldDescriptor::CPPTYPE_ENUM) continue;
      for (int i = 1; i < flag.field->enum_type()->value_count(); ++i) {
        const std::string name = ShortName(*flag.field->enum_type()->value(i));
        auto& known = values[flag.name];
        if (std::find(known.begin(), known.end(), name) == known.end()) known.push_back(name);
      }
    }
  }
  return values;
}

// The nouns of two words, and what may follow them.
std::map<std::string, std::vector<std::string>> LongNouns() {
  std::map<std::string, std::vector<std::string>> nouns;
  for (const Command& command : Commands()) {
    if (SecondWord(command.noun).empty()) continue;
    std::vector<std::string>& words = nouns[command.noun];
    words.push_back(command.verb);
    const std::vector<std::string> flags = FlagNames(command);
    for (const std::string& flag : flags) {
      if (std::find(words.begin(), words.end(), flag) == words.end()) words.push_back(flag);
    }
  }
  return nouns;
}

// `case` branches that set `words`, for bash and zsh.
std::string WordCases(const std::string& indent) {
  std::string text;
  for (const std::string& noun : Nouns()) {
    const std::vector<std::string> verbs = VerbsOf(noun);
    if (!verbs.empty()) text += indent + "'" + noun + " ') candidates='" + Join(verbs) + "' ;;\n";
  }
  for (const auto& [noun, words] : LongNouns())
    text += indent + "'" + noun + "') candidates='" + Join(words) + "' ;;\n";
  for (const Command& command : Commands()) {
    if (!SecondWord(command.noun).empty()) continue;
    text += indent + "'" + command.noun + " " + command.verb + "') candidates='" + Join(FlagNames(command)) +
            "' ;;\n";
  }
  text += indent + "'signatures claim') candidates='" +
          Join(FlagNames(*review::v1::SignatureClaim::descriptor())) + " --signing-key' ;;\n";
  text += indent + "'completion ') candidates='bash zsh fish' ;;\n";
  text += indent + "'wait '*) candidates='--for " + Join(Nouns()) + "' ;;\n";
  text += indent + "'health '*) candidates='--service' ;;\n";
  return text;
}

std::string ValueCases(const std::string& indent) {
  std::string text;
  for (const auto& [flag, values] : EnumValues())
    text += indent + flag + ") candidates='" + Join(values) + "' ;;\n";
  text += indent + "-o|--output) candidates='table wide json jsonl yaml name jsonpath=' ;;\n";
  text += indent + "--cert|--key|--ca|--token-file|--context|--signing-key) files=1 ;;\n";
  return text;
}

std::string GlobalPattern() {
  std::string pattern = "-o";
  for (const std::string& name : GlobalNames()) pattern += "|" + name;
  return pattern;
}

// Bash and zsh share everything but how words come in and candidates go out. `count` is how many words lie
// before the one typed.
std::string Finder(const std::string& first, const std::string& count) {
  return "  local noun='' verb='' candidates='' files='' i=" + first +
         " word\n"
         "  while (( i < " +
         count +
         " )); do\n"
         "    word=\"${words[i]}\"\n"
         "    case \"$word\" in\n"
         "      " +
         GlobalPattern() +
         ") (( i++ )) ;;\n"
         "      -*) ;;\n"
         "      *) if [[ -z $noun ]]; then noun=\"$word\"; elif [[ -z $verb ]]; then verb=\"$word\"; fi ;;\n"
         "    esac\n"
         "    (( i++ ))\n"
         "  done\n"
         "  case \"$previous\" in\n" +
         ValueCases("    ") +
         "  esac\n"
         "  if [[ -z $candidates && -z $files ]]; then\n"
         "    case \"$noun $verb\" in\n"
         "      ' ') candidates='" +
         Join(Nouns()) + "' ;;\n" + WordCases("      ") +
         "    esac\n"
         "    if [[ $current == -* ]]; then candidates=\"$candidates " +
         Join(GlobalNames()) +
         " --help\"; fi\n"
         "  fi\n";
}

std::string Bash() {
  return "# bash completion of ideactl: source <(ideactl completion bash)\n"
         "_ideactl() {\n"
         "  local words=(\"${COMP_WORDS[@]}\") current=\"${COMP_WORDS[COMP_CWORD]}\" "
         "previous=\"${COMP_WORDS[COMP_CWORD-1]}\"\n" +
         Finder("1", "COMP_CWORD") +
         "  if [[ -n $files ]]; then\n"
         "    COMPREPLY=($(compgen -f -- \"$current\"))\n"
         "  else\n"
         "    COMPREPLY=($(compgen -W \"$candidates\" -- \"$current\"))\n"
         "  fi\n"
         "}\n"
         "complete -o default -F _ideactl ideactl\n";
}

std::string Zsh() {
  return "#compdef ideactl\n"
         "# zsh completion of ideactl: source <(ideactl completion zsh)\n"
         "_ideactl() {\n"
         "  local current=\"${words[CURRENT]}\" previous=\"${words[CURRENT-1]}\"\n" +
         Finder("2", "CURRENT") +
         "  if [[ -n $files ]]; then _files; else compadd -- ${=candidates}; fi\n"
         "}\n"
         "compdef _ideactl ideactl\n";
}

// In single quotes for fish.
std::string Quote(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += (c == '\'' || c == '\\') ? std::string("\\") + c : std::string(1, c);
  return quoted + "'";
}

std::string Fish() {
  std::string text =
      "# fish completion of ideactl: ideactl completion fish | source\ncomplete -c ideactl -f\n";
  for (const GlobalFlag& flag : GlobalFlags()) {
    text += "complete -c ideactl -l " + flag.LongName().substr(2) + " -r -F -d " + Quote(flag.help) + "\n";
  }
  for (const std::string& noun : Nouns()) {
    text += "complete -c ideactl -n __fish_use_subcommand -a " + noun + "\n";
  }
  for (const Command& command : Commands()) {
    const std::string second = SecondWord(command.noun);
    if (!second.empty()) {
      text += "complete -c ideactl -n '__fish_seen_subcommand_from " + FirstWord(command.noun) +
              "; and not __fish_seen_subcommand_from " + second + "' -a " + second + "\n";
    }
    const std::string in_noun = "__fish_seen_subcommand_from " + (second.empty() ? command.noun : second);
    text += "complete -c ideactl -n '" + in_noun + "; and not __fish_seen_subcommand_from " +
            Join(VerbsOf(command.noun)) + "' -a " + command.verb + " -d " + Quote(command.help) + "\n";
    for (const RequestFlag& flag : FlagsOf(*command.method->input_type())) {
      text += "complete -c ideactl -n '" + in_noun + "; and __fish_seen_subcommand_from " + command.verb +
              "' -l " + flag.name.substr(2) + (flag.is_switch ? "" : " -r") + " -d " + Quote(flag.wanted) +
              "\n";
    }
  }
  text += "complete -c ideactl -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'\n";
  return text;
}

}  // namespace

std::string CompletionScript(const std::string& shell) {
  if (shell == "zsh") return Zsh();
  if (shell == "fish") return Fish();
  return Bash();
}

}  // namespace idea::cli
