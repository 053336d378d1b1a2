#ifndef IDEA_SERVICES_CLI_LOG_WITNESS_H_
#define IDEA_SERVICES_CLI_LOG_WITNESS_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/transparency/checkpoint.h"
#include "common/transparency/note.h"
#include "services/cli/call/call_function.h"

// A witness of transparency logs (C2SP tlog-witness). It cosigns a checkpoint only if the log has only grown
// since the last cosigned one, so that a log cannot show two histories to clients that trust the witness.
namespace idea::cli {

// A checkpoint that a log submits.
struct Submission {
  // Number of entries in the tree that the witness cosigned last, and the proof that it is a prefix of the
  // new one.
  int64_t old_size = 0;
  std::vector<std::string> proof;
  // The signed checkpoint.
  std::string note;
};

// The result of a submission, as an HTTP status code.
enum class SubmissionResult {
  kCosigned = 200,
  // Not a submission, or its tree is smaller than the old one.
  kMalformed = 400,
  // Signed by none of the log's keys.
  kNotSigned = 403,
  kUnknownLog = 404,
  // The old size is not that of the last cosigned tree, or the tree of that size is different.
  kConflict = 409,
  // The proof does not hold.
  kNotConsistent = 422,
  // It cannot be stored.
  kFailed = 500,
};

struct Answer {
  SubmissionResult result = SubmissionResult::kFailed;
  // For kCosigned the signature line, for kConflict the size of the last cosigned tree.
  transparency::NoteSignature cosignature;
  int64_t size = 0;
  // The reason, for people.
  std::string text;
};

// Thread-safe.
class Witness {
 public:
  // `logs` are the keys of the logs that may submit, a line each. The state is stored in `folder`, one file
  // per log. Fails if another witness uses the folder.
  static absl::StatusOr<std::unique_ptr<Witness>> Open(const std::filesystem::path& folder,
                                                       transparency::NoteSigner key, std::string_view logs);
  ~Witness();
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;

  // Verifies, stores and cosigns a checkpoint; `now` is in seconds since 1970. A checkpoint is stored durably
  // before it is cosigned. A checkpoint with the last cosigned size and another root proves misbehavior of
  // the log: it is kept.
  Answer Add(const Submission& submission, int64_t now);
  // Stores a checkpoint that contradicts the last cosigned one. Returns "; it is kept in FILE".
  std::string Keep(const std::string& origin, const std::string& note) const;

  // The last cosigned tree of a log. Its size is 0 if there is none.
  transparency::Checkpoint Last(const std::string& origin) const;
  const transparency::NoteKey& key() const { return key_.key(); }
  // The logs' names.
  std::vector<std::string> Origins() const;
  // The keys of a log, a line each. Empty for an unknown log.
  std::string VerifiersOf(const std::string& origin) const;

 private:
  Witness(std::filesystem::path folder, int lock, transparency::NoteSigner key)
      : folder_(std::move(folder)), lock_(lock), key_(std::move(key)) {}
  absl::Status ReadState();
  std::filesystem::path FileOf(const std::string& origin, const std::string& kind) const;

  const std::filesystem::path folder_;
  // The descriptor that holds the folder's lock.
  const int lock_;
  const transparency::NoteSigner key_;
  mutable std::mutex mutex_;
  // By origin.
  std::map<std::string, std::string> verifiers_;
  std::map<std::string, transparency::Checkpoint> last_;
};

// Reads the body of an add-checkpoint request. INVALID_ARGUMENT if it is malformed.
absl::StatusOr<Submission> ParseSubmission(std::string_view body);
std::string FormatSubmission(const Submission& submission);

// Reads the log's newest checkpoint, or the one that other witnesses are cosigning, and sends a cosignature
// if the log needs one. Returns one line for people. DATA_LOSS if the log contradicts an earlier cosigned
// checkpoint.
absl::StatusOr<std::string> WitnessOnce(const CallFunction& call, Witness& witness, int64_t now);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_LOG_WITNESS_H_
