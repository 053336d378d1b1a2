#include "services/cli/arguments/name_completion.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include "absl/strings/ascii.h"
#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "common/rpc/certificates.h"
#include "common/status/status.h"
#include "idea/common/v1/options.pb.h"
#include "idea/registry/v1/registry.pb.h"
#include "services/cli/call/calls.h"
#include "services/cli/command/request_flags.h"
#include "services/cli/command/suggestion.h"

namespace idea::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr char kEntities[] = "entities";

const std::string& PatternOf(const FieldDescriptor& field) {
  return field.options().GetExtension(common::v1::rule).resource();
}

absl::Status UsageError(const std::string& text) { return absl::InvalidArgumentError(text); }

// A resource in a list.
struct Item {
  std::string name;
  // Title or display name. May be empty.
  std::string title;
  std::string acronym;
};

std::string FieldOf(const Message& message, const char* name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  const bool is_text =
      field != nullptr && field->type() == FieldDescriptor::TYPE_STRING && !field->is_repeated();
  return is_text ? message.GetReflection()->GetString(message, field) : "";
}

// Whether `name` contains every word of `typed` in the same order, in any case.
bool HoldsWords(const std::string& name, const std::string& typed) {
  const std::string text = absl::AsciiStrToLower(name);
  std::istringstream words(absl::AsciiStrToLower(typed));
  size_t at = 0;
  for (std::string word; words >> word;) {
    at = text.find(word, at);
    if (at == std::string::npos) return false;
    at += word.size();
  }
  return true;
}

// Completes names from the servers' lists. Lists each collection once.
class Completer {
 public:
  Completer(const Arguments& arguments, Environment& env) : arguments_(arguments), env_(env) {}

  absl::Status Complete(Message& message) {
    std::vector<const FieldDescriptor*> set;
    message.GetReflection()->ListFields(message, &set);
    for (const FieldDescriptor* field : set) {
      const int count = field->is_repeated() ? message.GetReflection()->FieldSize(message, field) : 1;
      for (int i = 0; i < count; ++i) RETURN_IF_ERROR(CompleteField(message, *field, i));
    }
    return absl::OkStatus();
  }

  // The resources of a collection. Fails with the error of the call.
  absl::StatusOr<std::vector<Item>> List(const std::string& collection) {
    const Command* list = FindCommand(collection, "list");
    if (list == nullptr || !CheckRequired({}, *list->method->input_type()).ok()) {
      return UsageError(collection + " cannot be listed: give the whole name");
    }
    ASSIGN_OR_RETURN(const Target target, TargetOf(arguments_, list->service, env_));
    Sender sender(list->service, target, arguments_.options, env_);
    const auto request = NewMessage(list->method->input_type());
    const auto response = NewMessage(list->method->output_type());
    CallOptions options = arguments_.options;
    options.one_page = false;
    RETURN_IF_ERROR(FetchAll(sender, options, *request, *response, env_));
    const FieldDescriptor* items = ItemsFieldOf(*response->GetDescriptor());
    std::vector<Item> found;
    for (int i = 0; i < response->GetReflection()->FieldSize(*response, items); ++i) {
      const Message& item = response->GetReflection()->GetRepeatedMessage(*response, items, i);
      const std::string title = FieldOf(item, "display_name");
      found.push_back(
          {FieldOf(item, "name"), title.empty() ? FieldOf(item, "title") : title, FieldOf(item, "acronym")});
    }
    return found;
  }

 private:
  absl::Status CompleteField(Message& message, const FieldDescriptor& field, int index) {
    const auto& get = *message.GetReflection();
    const bool list = field.is_repeated();
    if (field.message_type() != nullptr) {
      return Complete(list ? *get.MutableRepeatedMessage(&message, &field, index)
                           : *get.MutableMessage(&message, &field));
    }
    if (field.type() != FieldDescriptor::TYPE_STRING || PatternOf(field).empty()) return absl::OkStatus();
    const std::string typed =
        list ? get.GetRepeatedString(message, &field, index) : get.GetString(message, &field);
    const absl::StatusOr<std::string> completed = Completed(typed, PatternOf(field));
    if (!completed.ok() && message.GetDescriptor()->FindFieldByName("outside_" + field.name()) != nullptr) {
      return UsageError(std::string(completed.status().message()) +
                        "; name one outside of the registry with --outside-" + field.name());
    }
    ASSIGN_OR_RETURN(const std::string name, completed);
    if (list) {
      get.SetRepeatedString(&message, &field, index, name);
    } else {
      get.SetString(&message, &field, name);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> Completed(const std::string& typed, const std::string& pattern) {
    const std::string collection = pattern.substr(0, pattern.find('/'));
    if (typed.empty() || collection == "*" || typed.starts_with(collection + "/")) return typed;
    const size_t slash = typed.find('/');
    const std::string first = typed.substr(0, slash);
    const std::string rest = slash == std::string::npos ? "" : typed.substr(slash);
    // A name of another collection, or with too few parts, is left to the server's check.
    const auto depth = [](const std::string& name) { return std::count(name.begin(), name.end(), '/'); };
    if (depth(typed) + 1 != depth(pattern)) return typed;
    if (collection == kEntities) {
      ASSIGN_OR_RETURN(const std::string entity, Entity(first));
      return entity + rest;
    }
    const bool is_listed = FindCommand(collection, "list") != nullptr;
    if (ids::IsUuid4(absl::AsciiStrToLower(first)) || !is_listed) return collection + "/" + typed;
    ASSIGN_OR_RETURN(const std::string whole, Beginning(collection, first));
    return whole + rest;
  }

  absl::StatusOr<const std::vector<Item>*> ListOnce(const std::string& collection) {
    const auto found = lists_.find(collection);
    if (found != lists_.end()) return &found->second;
    ASSIGN_OR_RETURN(lists_[collection], List(collection));
    return &lists_[collection];
  }

  absl::StatusOr<std::string> Beginning(const std::string& collection, const std::string& typed) {
    ASSIGN_OR_RETURN(const std::vector<Item>* all, ListOnce(collection));
    const std::string name = collection + "/" + typed;
    std::vector<const Item*> found;
    for (const Item& each : *all) {
      if (each.name == name) return name;
      if (each.name.starts_with(absl::AsciiStrToLower(name))) found.push_back(&each);
    }
    return One("\"" + typed + "\"", "is the beginning of", collection, found, {});
  }

  absl::StatusOr<std::string> Entity(const std::string& typed) {
    ASSIGN_OR_RETURN(const std::vector<Item>* all, ListOnce(kEntities));
    const std::string lower = absl::AsciiStrToLower(typed);
    std::vector<const Item*> by_acronym, by_words;
    std::vector<std::string> known;
    for (const Item& each : *all) {
      const std::string id = ids::kEntities.IdIn(each.name);
      if (id == lower || absl::AsciiStrToLower(each.title) == lower) return each.name;
      if (absl::AsciiStrToLower(each.acronym) == lower) by_acronym.push_back(&each);
      if (HoldsWords(each.title, typed)) by_words.push_back(&each);
      known.push_back(each.title);
      if (!each.acronym.empty()) known.push_back(each.acronym);
    }
    if (!by_acronym.empty()) return One("\"" + typed + "\"", "is the acronym of", kEntities, by_acronym, {});
    if (const auto identity = OfIdentity(typed); identity.ok()) return identity;
    return One("\"" + typed + "\"", "is in the names of", kEntities, by_words, known);
  }

  // The entity of an identity of the context file.
  absl::StatusOr<std::string> OfIdentity(const std::string& name) {
    ASSIGN_OR_RETURN(const ContextFile context,
                     ReadContextFile(FindContextFile(arguments_.context, env_.variables)));
    const auto found = context.identities.find(name);
    if (found == context.identities.end()) return UsageError("no identity");
    Target target;
    target.certificate = found->second.certificate;
    return OwnEntity(target);
  }

  static absl::StatusOr<std::string> One(const std::string& typed, const std::string& what,
                                         const std::string& collection, const std::vector<const Item*>& found,
                                         const std::vector<std::string>& known) {
    if (found.size() == 1) return found[0]->name;
    if (found.empty()) {
      return UsageError(typed + " is not the name of any of the " + collection + " that you see" +
                        DidYouMean(typed.substr(1, typed.size() - 2), known));
    }
    constexpr size_t kMaxShown = 5;
    std::vector<std::string> names;
    for (const Item* each : found) {
      if (names.size() < kMaxShown)
        names.push_back(each->name + (each->title.empty() ? "" : " (" + each->title + ")"));
    }
    return UsageError(typed + " " + what + " " + std::to_string(found.size()) + " " + collection +
                      ": give more of it; " + Listed(names) + (found.size() > kMaxShown ? ", ..." : ""));
  }

  const Arguments& arguments_;
  Environment& env_;
  std::map<std::string, std::vector<Item>> lists_;
};

}  // namespace

absl::StatusOr<std::string> OwnEntity(const Target& target) {
  std::ifstream file(target.certificate, std::ios::binary);
  const std::string pem(std::istreambuf_iterator<char>(file), {});
  ASSIGN_OR_RETURN(const auto certificates, rpc::ReadCertificates(pem));
  constexpr std::string_view kEntity = "/entity/";
  for (const std::string& uri : certificates[0].uris) {
    const size_t at = uri.find(kEntity);
    if (!uri.starts_with("spiffe://") || at == std::string::npos) continue;
    const std::string id = uri.substr(at + kEntity.size());
    return std::string(kEntities) + "/" + id.substr(0, id.find('/'));
  }
  return absl::NotFoundError("the certificate " + target.certificate + " is not a department's");
}

void AssumeOwnEntity(const Command& command, const Target& target, FlagValues& flags) {
  const auto& policy = command.method->options().GetExtension(common::v1::policy);
  const bool for_departments = std::find(policy.callers().begin(), policy.callers().end(),
                                         common::v1::CALLER_KIND_ENTITY) != policy.callers().end();
  const FieldDescriptor* field = PositionalOf(*command.method->input_type());
  if (!for_departments || field == nullptr || field->is_repeated() || flags.contains(field->name())) return;
  const bool is_about = field->name() == "parent" || policy.effect() == common::v1::EFFECT_READ;
  const bool is_only = PositionalsOf(*command.method->input_type()).size() == 1;
  if (PatternOf(*field) != "entities/*" || !is_about || !is_only) return;
  const auto own = OwnEntity(target);
  if (own.ok()) flags[field->name()] = {*own};
}

absl::Status CompleteNames(const Arguments& arguments, Message& request, Environment& env) {
  return Completer(arguments, env).Complete(request);
}

std::vector<std::string> NamesOf(const std::string& pattern, const Arguments& arguments, Environment& env) {
  if (std::count(pattern.begin(), pattern.end(), '/') != 1) return {};
  const auto listed = Completer(arguments, env).List(pattern.substr(0, pattern.find('/')));
  std::vector<std::string> names;
  if (!listed.ok()) return names;
  for (const auto& each : *listed) {
    names.push_back(each.name);
    if (!each.acronym.empty()) names.push_back(absl::AsciiStrToLower(each.acronym));
  }
  return names;
}

}  // namespace idea::cli
