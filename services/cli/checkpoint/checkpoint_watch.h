#ifndef IDEA_SERVICES_CLI_CHECKPOINT_CHECKPOINT_WATCH_H_
#define IDEA_SERVICES_CLI_CHECKPOINT_CHECKPOINT_WATCH_H_

#include <memory>
#include <optional>
#include <string>

#include "common/rpc/peer.h"
#include "google/protobuf/message.h"
#include "services/cli/arguments/arguments.h"
#include "services/cli/call/call_function.h"
#include "services/cli/checkpoint/checkpoint_memory.h"
#include "services/cli/context/environment.h"
#include "services/cli/output/failure.h"

namespace idea::cli {

// Compares the checkpoints of the log that a command receives with those of earlier commands, and warns on
// stderr if the log has shown two histories.
class CheckpointWatch {
 public:
  // With `may_call`, it asks inventory for proofs.
  CheckpointWatch(const Arguments& arguments, Environment& env, bool may_call = true);

  // Compares one checkpoint.
  void ObserveNote(const std::string& note);
  // Compares the checkpoints in a response: those of the log, of receipts, of watches and of bundles.
  void Observe(const google::protobuf::Message& response);
  bool is_forked() const { return is_forked_; }
  // The exit code of a command that would end with `code`.
  ExitCode CodeOr(ExitCode code) const { return is_forked_ && code == kDone ? kNotProved : code; }

 private:
  absl::StatusOr<std::vector<std::string>> Prove(int64_t from, int64_t size);

  const Arguments& arguments_;
  Environment& env_;
  const bool may_call_;
  CheckpointMemory memory_;
  CallOptions options_;
  std::optional<Target> target_;
  std::unique_ptr<rpc::Peer> peer_;
  bool is_forked_ = false;
};

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_CHECKPOINT_CHECKPOINT_WATCH_H_
