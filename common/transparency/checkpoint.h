#ifndef IDEA_COMMON_TRANSPARENCY_CHECKPOINT_H_
#define IDEA_COMMON_TRANSPARENCY_CHECKPOINT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "common/transparency/note.h"

// The state of the log as a signed text: a C2SP tlog-checkpoint in a C2SP signed note.
namespace idea::transparency {

struct Checkpoint {
  // The name of the log, and of its key.
  std::string origin;
  int64_t size = 0;
  // The root of the tree of that size, 32 bytes.
  std::string root;
};

// The text of the note of a checkpoint.
std::string CheckpointText(const Checkpoint& checkpoint);

// Parses a text, which may have extension lines after the first three. Does not check signatures.
absl::StatusOr<Checkpoint> ParseCheckpoint(std::string_view text);

// The private key of the log.
class LogKey {
 public:
  // Reads the key as NoteSigner::Load() does. `origin` is the name of the log.
  static absl::StatusOr<LogKey> Load(const std::string& path, std::string origin);
  // A key that signs nothing, to be assigned to.
  LogKey() = default;

  // "origin+4c0ba1d2+AZ...": the public key as verifiers are configured with it.
  std::string verifier() const { return signer_->key().verifier(); }
  const std::string& origin() const { return signer_->key().name(); }
  // The signed checkpoint of a tree.
  std::string Sign(int64_t size, std::string_view root) const;
  // A signed note with this text, which ends with a newline. Its first line must not be the origin, which
  // would make it a checkpoint.
  std::string SignNote(std::string_view text) const;

 private:
  explicit LogKey(NoteSigner signer) : signer_(std::move(signer)) {}
  std::optional<NoteSigner> signer_;
};

// Functions that open a note take the trusted keys: verifiers of one log, one per line. A log has several
// after a key change: signatures of the earlier key stay valid.

// The text of a signed note if one of the keys has signed it. Other signatures are ignored.
absl::StatusOr<std::string> OpenNote(std::string_view note, std::string_view verifiers);

// The checkpoint in a signed note if one of the keys has signed it.
absl::StatusOr<Checkpoint> OpenCheckpoint(std::string_view note, std::string_view verifiers);

// The lines of `verifiers` that are keys of the log that a note claims to be of, by its first line. Files of
// trusted keys may name several logs, and witnesses.
std::string VerifiersFor(std::string_view verifiers, std::string_view note);

// The name of the log that the verifiers belong to.
std::string OriginOf(std::string_view verifiers);

}  // namespace idea::transparency

#endif  // IDEA_COMMON_TRANSPARENCY_CHECKPOINT_H_
