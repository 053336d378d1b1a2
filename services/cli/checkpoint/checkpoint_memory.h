#ifndef IDEA_SERVICES_CLI_CHECKPOINT_CHECKPOINT_MEMORY_H_
#define IDEA_SERVICES_CLI_CHECKPOINT_CHECKPOINT_MEMORY_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/cli/context/context_file.h"

namespace idea::cli {

// The newest checkpoint of each log that this user has seen, so that a log that shows two histories is
// noticed. A log is its name and the id of its key. Stored durably in checkpoints.json of the user's state
// (state_file.h), for the owner only. Safe for several processes at once.
class CheckpointMemory {
 public:
  // Asks the log for the proof that its tree of `from` entries is a prefix of that of `size` entries. Null if
  // no server can be asked.
  using Prove = std::function<absl::StatusOr<std::vector<std::string>>(int64_t from, int64_t size)>;

  explicit CheckpointMemory(const Variables& variables);
  // False if nothing can be stored.
  bool is_enabled() const { return !file_.empty(); }

  // Compares a checkpoint with the stored ones, and stores it. A checkpoint for which the log cannot be asked
  // now is compared at a later call. Ignores a text that is not a signed checkpoint: signatures are checked
  // by the commands that have the log's key. Returns a warning if the log has shown two histories, also in an
  // earlier run.
  std::optional<std::string> Compare(const std::string& note, const Prove& prove);

 private:
  std::string file_;
};

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_CHECKPOINT_CHECKPOINT_MEMORY_H_
