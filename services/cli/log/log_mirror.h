#ifndef IDEA_SERVICES_CLI_LOG_LOG_MIRROR_H_
#define IDEA_SERVICES_CLI_LOG_LOG_MIRROR_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/transparency/checkpoint.h"
#include "services/cli/call/call_function.h"

namespace idea::cli {

// Follows a log into a folder that any web server can serve: `checkpoint`, and tiles and entries under their
// names in C2SP tlog-tiles. The folder always has every file that its checkpoint needs, also if the process
// is killed. Only entries are read from the log: the hashes are computed and must lead to the signed root.
class LogMirror {
 public:
  // `verifiers` are the log's keys. With `cosigned_only`, follows the checkpoints that enough witnesses have
  // cosigned. FAILED_PRECONDITION if another process mirrors into the folder, or if it is damaged.
  static absl::StatusOr<std::unique_ptr<LogMirror>> Open(const std::filesystem::path& folder,
                                                         std::string verifiers, bool cosigned_only);
  ~LogMirror();
  LogMirror(const LogMirror&) = delete;
  LogMirror& operator=(const LogMirror&) = delete;

  // The checkpoint of the folder. Its size is 0 before the first pass.
  const transparency::Checkpoint& tree() const { return tree_; }
  const std::string& note() const { return note_; }
  // The entries from `first` on.
  absl::StatusOr<std::vector<std::string>> EntriesFrom(int64_t first) const;

  // Reads the new entries. Full bundles that an earlier pass has left are not read again. DATA_LOSS if the
  // log contradicts the folder or its own signature: the folder stays as it was, and the other checkpoint is
  // kept in it.
  absl::Status Follow(const CallFunction& call, const Progress& progress);

 private:
  LogMirror(std::filesystem::path folder, int lock, std::string verifiers, bool cosigned_only)
      : folder_(std::move(folder)),
        lock_(lock),
        verifiers_(std::move(verifiers)),
        cosigned_only_(cosigned_only) {}
  absl::Status ReadState();
  absl::Status FollowTo(const std::string& note, const CallFunction& call, const Progress& progress);
  // Keeps a checkpoint that a time-stamping authority has stamped, and its token (RFC 3161).
  absl::Status KeepTimestamp(const std::string& note, const std::string& token) const;
  // Writes the tiles up to the checkpoint. Returns the folders that it no longer needs.
  absl::StatusOr<std::vector<std::filesystem::path>> Extend(const CallFunction& call,
                                                            const transparency::Checkpoint& next,
                                                            const Progress& progress);
  // DATA_LOSS, with the note kept.
  absl::Status Contradiction(const std::string& text, const std::string& note) const;

  const std::filesystem::path folder_;
  const int lock_;
  const std::string verifiers_;
  const bool cosigned_only_;
  transparency::Checkpoint tree_;
  std::string note_;
};

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_LOG_LOG_MIRROR_H_
