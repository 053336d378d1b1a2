#include "services/cli/checkpoint/checkpoint_watch.h"

#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "common/status/status.h"
#include "common/transparency/checkpoint.h"
#include "idea/inventory/v1/evidence.pb.h"
#include "idea/inventory/v1/inventory.pb.h"
#include "services/cli/call/command_io.h"

namespace idea::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Maximum time of a request for a proof.
constexpr std::chrono::milliseconds kProofTimeout{5'000};
// Maximum number of checkpoints of one response that are compared, the newest first.
constexpr size_t kMaxCompared = 8;

// Checkpoints by the size of their tree.
using Checkpoints = std::map<int64_t, std::string, std::greater<>>;

void Add(const std::string& text, Checkpoints& notes) {
  const auto note = transparency::ParseNote(text);
  if (!note.ok()) return;
  const auto tree = transparency::ParseCheckpoint(note->text);
  if (tree.ok()) notes.emplace(tree->size, text);
}

// Adds the checkpoints in the fields of a message and its parts.
void Collect(const Message& message, Checkpoints& notes) {
  const auto& get = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  get.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->is_map()) continue;
    if (field->message_type() != nullptr && field->is_repeated()) {
      for (int i = 0; i < get.FieldSize(message, field); ++i)
        Collect(get.GetRepeatedMessage(message, field, i), notes);
    } else if (field->message_type() != nullptr) {
      Collect(get.GetMessage(message, field), notes);
    } else if (!field->is_repeated() && field->cpp_type() == FieldDescriptor::CPPTYPE_STRING &&
               field->name().ends_with("checkpoint")) {
      Add(get.GetString(message, field), notes);
    }
  }
}

}  // namespace

CheckpointWatch::CheckpointWatch(const Arguments& arguments, Environment& env, bool may_call)
    : arguments_(arguments), env_(env), may_call_(may_call), memory_(env.variables) {
  options_.timeout = kProofTimeout;
}

absl::StatusOr<std::vector<std::string>> CheckpointWatch::Prove(int64_t from, int64_t size) {
  if (peer_ == nullptr) {
    ASSIGN_OR_RETURN(target_, TargetOf(arguments_, "inventory", env_));
    peer_ = std::make_unique<rpc::Peer>(
        "inventory", target_->address, rpc::TlsFiles{target_->certificate, target_->key, target_->authority});
  }
  inventory::v1::GetConsistencyProofRequest request;
  request.set_from_size(from);
  request.set_tree_size(size);
  ASSIGN_OR_RETURN(const auto response, Call<inventory::v1::GetConsistencyProofResponse>(
                                            CallFunctionOf(*peer_, *target_, options_), request));
  return std::vector<std::string>(response.proof().begin(), response.proof().end());
}

void CheckpointWatch::ObserveNote(const std::string& note) {
  if (is_forked_) return;
  CheckpointMemory::Prove prove;
  if (may_call_) prove = [this](int64_t from, int64_t size) { return Prove(from, size); };
  const std::optional<std::string> warning = memory_.Compare(note, prove);
  if (!warning) return;
  is_forked_ = true;
  PrintTrouble("LOG_FORKED", "WARNING: " + *warning, kNotProved, {}, env_);
}

void CheckpointWatch::Observe(const Message& response) {
  if (!memory_.is_enabled()) return;
  Checkpoints notes;
  Collect(response, notes);
  if (response.GetDescriptor() == inventory::v1::GetEvidenceResponse::descriptor()) {
    const auto& bundle = static_cast<const inventory::v1::GetEvidenceResponse&>(response).bundle();
    const auto json = nlohmann::json::parse(bundle, nullptr, /*allow_exceptions=*/false);
    if (json.is_object() && json.contains("checkpoint") && json["checkpoint"].is_string())
      Add(json["checkpoint"].get<std::string>(), notes);
  }
  size_t compared = 0;
  for (const auto& [_, note] : notes) {
    if (++compared <= kMaxCompared) ObserveNote(note);
  }
}

}  // namespace idea::cli
