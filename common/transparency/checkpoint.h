#ifndef IDEA_COMMON_TRANSPARENCY_CHECKPOINT_H_
#define IDEA_COMMON_TRANSPARENCY_CHECKPOINT_H_

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

// The state of the log as one signed text: a C2SP tlog-checkpoint inside a C2SP signed note, with Ed25519.
// The signature line's key id is the first four bytes of SHA-256(name, newline, 0x01, public key).
namespace idea::transparency {

struct Checkpoint {
  // The log's name: also the name of its key.
  std::string origin;
  int64_t size = 0;
  // Root of the tree of that size, 32 bytes.
  std::string root;
};

// The key that signs.
class LogKey {
 public:
  // Reads a private Ed25519 key, PKCS#8 in PEM, that nobody but the owner may write and nobody but the owner
  // and the group may read. Fails with one clear line.
  static absl::StatusOr<LogKey> Load(const std::string& path, std::string origin);

  // "origin+4c0ba1d2+AZ...": what a verifier needs, as the note format writes it.
  const std::string& verifier() const { return verifier_; }
  const std::string& origin() const { return origin_; }
  // The checkpoint of a tree, signed.
  std::string Sign(int64_t size, std::string_view root) const;
  // Any text that ends with a newline, as a signed note. Its first line must not be the origin: that is a
  // checkpoint.
  std::string SignNote(std::string_view text) const;

 private:
  std::string origin_, verifier_;
  std::string id_;
  std::shared_ptr<EVP_PKEY> key_;
};

// Who opens a note names the keys that it trusts: verifiers of one log, a line each. There is more than one
// once the log's key was changed: what the earlier key has signed stays as good as it was.

// The text of a signed note, if one of the keys has signed it; signatures of others are not looked at.
absl::StatusOr<std::string> OpenNote(std::string_view note, std::string_view verifiers);

// The checkpoint in a signed note, if one of the keys has signed it.
absl::StatusOr<Checkpoint> OpenCheckpoint(std::string_view note, std::string_view verifiers);

// The log that the verifiers are of.
std::string OriginOf(std::string_view verifiers);

}  // namespace idea::transparency

#endif  // IDEA_COMMON_TRANSPARENCY_CHECKPOINT_H_
