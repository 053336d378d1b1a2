#ifndef IDEA_COMMON_TRANSPARENCY_NOTE_H_
#define IDEA_COMMON_TRANSPARENCY_NOTE_H_

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

// C2SP signed-note with Ed25519: a text that ends with a newline, an empty line, then one line per signature.
namespace idea::transparency {

enum class KeyType : char {
  // A signature over the text.
  kSignature = 1,
  // C2SP tlog-cosignature: a witness has seen this checkpoint, at a time.
  kCosignature = 4,
};

// A line "— name base64(id, signature)".
struct NoteSignature {
  // The name of the key, and four bytes that distinguish keys of one name.
  std::string name, key_id;
  std::string signature;
};

struct Note {
  // Includes its last newline.
  std::string text;
  std::vector<NoteSignature> signatures;
};

// Splits a note without verifying it. INVALID_ARGUMENT if it is malformed.
absl::StatusOr<Note> ParseNote(std::string_view note);

// Splits signature lines, each with its newline.
absl::StatusOr<std::vector<NoteSignature>> ParseSignatures(std::string_view lines);

// The line, including its newline.
std::string FormatSignature(const NoteSignature& signature);

// A public key as verifiers are configured with it: "name+id+key".
class NoteKey {
 public:
  static absl::StatusOr<NoteKey> Parse(std::string_view verifier);

  const std::string& name() const { return name_; }
  KeyType type() const { return type_; }
  // The 32 bytes of the key.
  const std::string& bytes() const { return bytes_; }
  std::string verifier() const;

  // Whether the line names this key. Requirement of Verifies().
  bool IsNamedBy(const NoteSignature& signature) const;
  // Whether this key made the signature over the text.
  bool Verifies(std::string_view text, const NoteSignature& signature) const;

 private:
  friend class NoteSigner;
  NoteKey(std::string name, KeyType type, std::string bytes);

  std::string name_, id_, bytes_;
  KeyType type_;
};

// Whether the key has signed the note. INVALID_ARGUMENT if a line names the key but is not its signature.
absl::StatusOr<bool> IsSignedBy(const Note& note, const NoteKey& key);

// The time of a cosignature, in seconds since 1970. Requires a line of a key of type kCosignature.
int64_t CosignTime(const NoteSignature& signature);

// A private key.
class NoteSigner {
 public:
  // Reads a private Ed25519 key, PKCS#8 in PEM. Only the owner may have write access, and only owner and
  // group may have read access. Fails with one line that names the file and the remedy.
  static absl::StatusOr<NoteSigner> Load(const std::string& path, std::string name, KeyType type);

  const NoteKey& key() const { return key_; }
  // Signs a text that ends with a newline. Requires type kSignature.
  NoteSignature Sign(std::string_view text) const;
  // Cosigns the text of a checkpoint at a time in seconds since 1970. Requires type kCosignature.
  NoteSignature Cosign(std::string_view text, int64_t time) const;

 private:
  NoteSigner(NoteKey key, std::shared_ptr<EVP_PKEY> private_key)
      : key_(std::move(key)), private_key_(std::move(private_key)) {}
  std::string SignBytes(std::string_view message) const;

  NoteKey key_;
  std::shared_ptr<EVP_PKEY> private_key_;
};

}  // namespace idea::transparency

#endif  // IDEA_COMMON_TRANSPARENCY_NOTE_H_
