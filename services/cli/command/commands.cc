#include "services/cli/command/commands.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_split.h"
#include "idea/proto_files.h"

namespace idea::cli {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;

// "drafting" of "idea.drafting.v1".
std::string ServiceOf(const FileDescriptor& file) {
  const std::string& package = file.package();
  const size_t begin = package.find('.') + 1;
  return package.substr(begin, package.find('.', begin) - begin);
}

bool IsForServices(const common::v1::MethodPolicy& policy) {
  return std::all_of(policy.callers().begin(), policy.callers().end(),
                     [](int caller) { return caller == common::v1::CALLER_KIND_SERVICE; });
}

void AddCommands(const FileDescriptor& file, std::vector<Command>& commands) {
  for (int s = 0; s < file.service_count(); ++s) {
    for (int m = 0; m < file.service(s)->method_count(); ++m) {
      const auto* method = file.service(s)->method(m);
      if (!method->options().HasExtension(common::v1::cli)) continue;
      const common::v1::CliCommand& cli = method->options().GetExtension(common::v1::cli);
      commands.push_back({method, ServiceOf(file), cli.noun(), cli.verb(), cli.help(), cli.example(),
                          ColumnsOf(cli), IsForServices(method->options().GetExtension(common::v1::policy))});
    }
  }
}

}  // namespace

const std::vector<Command>& Commands() {
  static const std::vector<Command>& commands = *[] {
    auto* found = new std::vector<Command>;
    for (const char* name : kProtoFiles)
      AddCommands(*DescriptorPool::generated_pool()->FindFileByName(name), *found);
    return found;
  }();
  return commands;
}

std::vector<std::string> ColumnsOf(const common::v1::CliCommand& cli) {
  std::vector<std::string> columns;
  for (const std::string& value : cli.columns()) {
    for (const auto column : absl::StrSplit(value, ',')) columns.emplace_back(column);
  }
  return columns;
}

const Command* FindCommand(std::string_view noun, std::string_view verb) {
  for (const Command& command : Commands()) {
    if (command.noun == noun && command.verb == verb) return &command;
  }
  return nullptr;
}

std::string FirstWord(const std::string& noun) { return noun.substr(0, noun.find(' ')); }

std::string SecondWord(const std::string& noun) {
  const size_t space = noun.find(' ');
  return space == std::string::npos ? "" : noun.substr(space + 1);
}

std::vector<std::string> AliasesOf(const std::string& noun) {
  std::vector<std::string> words;
  if (noun.ends_with("ies")) {
    words.push_back(noun.substr(0, noun.size() - 3) + "y");
  } else if (noun.ends_with("s")) {
    words.push_back(noun.substr(0, noun.size() - 1));
  }
  const auto first = std::find_if(Commands().begin(), Commands().end(), [&](const Command& command) {
    return command.noun == noun || FirstWord(command.noun) == noun;
  });
  const bool begins = first == Commands().begin() || std::prev(first)->service != first->service;
  if (begins && (words.empty() || words[0] != first->service)) words.push_back(first->service);
  std::erase_if(words, [](const std::string& word) {
    return std::any_of(Commands().begin(), Commands().end(),
                       [&](const Command& command) { return command.noun == word; });
  });
  return words;
}

std::unique_ptr<google::protobuf::Message> NewMessage(const google::protobuf::Descriptor* type) {
  const auto* prototype = google::protobuf::MessageFactory::generated_factory()->GetPrototype(type);
  return std::unique_ptr<google::protobuf::Message>(prototype->New());
}

const google::protobuf::FieldDescriptor* FileFieldOf(const google::protobuf::Descriptor& response) {
  const google::protobuf::FieldDescriptor* file = nullptr;
  for (int i = 0; i < response.field_count(); ++i) {
    const auto* field = response.field(i);
    const bool is_file =
        field->type() == field->TYPE_BYTES || (field->type() == field->TYPE_STRING && field->name() == "csv");
    if (!is_file || field->is_repeated()) continue;
    if (file != nullptr) return nullptr;
    file = field;
  }
  return file;
}

const google::protobuf::FieldDescriptor* ItemsFieldOf(const google::protobuf::Descriptor& response) {
  if (response.FindFieldByName("next_page_token") == nullptr) return nullptr;
  for (int i = 0; i < response.field_count(); ++i) {
    if (response.field(i)->is_repeated()) return response.field(i);
  }
  return nullptr;
}

std::string ShortName(const google::protobuf::EnumValueDescriptor& value) {
  constexpr std::string_view kZero = "UNSPECIFIED";
  const std::string& zero = value.type()->value(0)->name();
  if (zero.size() <= kZero.size() || !zero.ends_with(kZero)) return value.name();
  const std::string prefix = zero.substr(0, zero.size() - kZero.size());
  return value.name().starts_with(prefix) ? value.name().substr(prefix.size()) : value.name();
}

}  // namespace idea::cli
