#ifndef IDEA_COMMON_TRANSPARENCY_CHECKPOINT_H_
#define IDEA_COMMON_TRANSPARENCY_CHECKPOINT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "common/transparency/note.h"

// The state of the log as one signed text: a C2SP tlog-checkpoint inside a C2SP signed note.
namespace idea::transparency {

struct Checkpoint {
  // The log's name: also the name of its key.
  std::string origin;
  int64_t size = 0;
  // Root of the tree of that size, 32 bytes.
  std::string root;
};

// The text of a checkpoint's note.
std::string CheckpointText(const Checkpoint& checkpoint);

// Reads a text that may have extension lines after the first three. Whoever signed it is not looked at.
absl::StatusOr<Checkpoint> ParseCheckpoint(std::string_view text);

// The log's private key.
class LogKey {
 public:
  // Reads the key as NoteSigner::Load does. `origin` is the log's name.
  static absl::StatusOr<LogKey> Load(const std::string& path, std::string origin);
  // A key that signs nothing: only to be assigned to.
  LogKey() = default;

  // "origin+4c0ba1d2+AZ...": the public key as verifiers are configured with it.
  std::string verifier() const { return signer_->key().verifier(); }
  const std::string& origin() const { return signer_->key().name(); }
  // The checkpoint of a tree, signed.
  std::string Sign(int64_t size, std::string_view root) const;
  // A signed note with this text, which ends with a newline. Its first line must not be the origin: that is a
  // checkpoint.
  std::string SignNote(std::string_view text) const;

 private:
  explicit LogKey(NoteSigner signer) : signer_(std::move(signer)) {}
  std::optional<NoteSigner> signer_;
};

// Functions that open a note take the keys that the caller trusts: verifiers of one log, a line each. A log
// has more than one after its key was changed: what the earlier key has signed stays valid.

// The text of a signed note, if one of the keys has signed it; signatures of others are not looked at.
absl::StatusOr<std::string> OpenNote(std::string_view note, std::string_view verifiers);

// The checkpoint in a signed note, if one of the keys has signed it.
absl::StatusOr<Checkpoint> OpenCheckpoint(std::string_view note, std::string_view verifiers);

// The log that the verifiers are of.
std::string OriginOf(std::string_view verifiers);

}  // namespace idea::transparency

#endif  // IDEA_COMMON_TRANSPARENCY_CHECKPOINT_H_
