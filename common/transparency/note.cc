#include "common/transparency/note.h"

#include <openssl/pem.h>
#include <sys/stat.h>

#include <cstdio>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/ids/ids.h"
#include "common/status/status.h"

namespace idea::transparency {
namespace {

constexpr size_t kIdSize = 4;
constexpr size_t kKeySize = 32;
constexpr size_t kSignatureSize = 64;
constexpr size_t kTimeSize = 8;

// Debian's abseil has its own string_view type.
absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

// Decodes the canonical form only; empty otherwise.
std::string FromBase64(std::string_view text) {
  std::string bytes;
  return absl::Base64Unescape(View(text), &bytes) && ids::Base64(bytes) == text ? bytes : "";
}

// Key names must not contain their delimiters.
bool IsName(std::string_view name) {
  return !name.empty() && name.find_first_of(" +\n\r\t") == std::string_view::npos;
}

absl::Status Malformed(std::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("it is not a signed note: ", View(why)));
}

bool HasSigned(const std::string& key, std::string_view message, std::string_view signature) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pkey(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr,
                                  reinterpret_cast<const unsigned char*>(key.data()), key.size()),
      &EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, pkey.get()) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(message.data()),
                          message.size()) == 1;
}

std::string CosignedMessage(std::string_view text, int64_t time) {
  return absl::StrCat("cosignature/v1\ntime ", time, "\n", View(text));
}

std::string BigEndian(int64_t number) {
  std::string bytes(kTimeSize, '\0');
  for (size_t i = kTimeSize; i-- > 0; number >>= 8) bytes[i] = static_cast<char>(number & 255);
  return bytes;
}

}  // namespace

absl::StatusOr<std::vector<NoteSignature>> ParseSignatures(std::string_view lines) {
  if (lines.empty()) return Malformed("it lacks signatures");
  if (!lines.ends_with('\n')) return Malformed("its last line does not end with a newline");
  lines.remove_suffix(1);
  std::vector<NoteSignature> signatures;
  const std::vector<std::string> each = absl::StrSplit(View(lines), '\n');
  for (const std::string& line : each) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    const std::string bytes = words.size() == 3 && words[0] == "\u2014" ? FromBase64(words[2]) : "";
    if (bytes.size() <= kIdSize || !IsName(words[1])) return Malformed("a signature line is malformed");
    signatures.push_back({words[1], bytes.substr(0, kIdSize), bytes.substr(kIdSize)});
  }
  return signatures;
}

absl::StatusOr<Note> ParseNote(std::string_view note) {
  const size_t end = note.rfind("\n\n");
  if (end == std::string_view::npos) return Malformed("it lacks signatures");
  ASSIGN_OR_RETURN(std::vector<NoteSignature> signatures, ParseSignatures(note.substr(end + 2)));
  return Note{std::string(note.substr(0, end + 1)), std::move(signatures)};
}

std::string FormatSignature(const NoteSignature& signature) {
  return absl::StrCat("\u2014 ", signature.name, " ", ids::Base64(signature.key_id + signature.signature),
                      "\n");
}

NoteKey::NoteKey(std::string name, KeyType type, std::string bytes)
    : name_(std::move(name)), bytes_(std::move(bytes)), type_(type) {
  const std::string hex =
      ids::Sha256Hex(absl::StrCat(name_, "\n", std::string(1, static_cast<char>(type_)), bytes_));
  id_ = absl::HexStringToBytes(hex.substr(0, 2 * kIdSize));
}

absl::StatusOr<NoteKey> NoteKey::Parse(std::string_view verifier) {
  const std::vector<std::string> parts = absl::StrSplit(View(verifier), absl::MaxSplits('+', 2));
  const std::string key = parts.size() == 3 ? FromBase64(parts[2]) : "";
  const bool is_known = key.size() == 1 + kKeySize && (key[0] == static_cast<char>(KeyType::kSignature) ||
                                                       key[0] == static_cast<char>(KeyType::kCosignature));
  if (is_known && IsName(parts[0])) {
    NoteKey parsed(parts[0], static_cast<KeyType>(key[0]), key.substr(1));
    if (absl::BytesToHexString(parsed.id_) == parts[1]) return parsed;
  }
  return absl::InvalidArgumentError("the verifier is not an Ed25519 key of a signed note: name+id+key");
}

std::string NoteKey::verifier() const {
  return absl::StrCat(name_, "+", absl::BytesToHexString(id_), "+",
                      ids::Base64(std::string(1, static_cast<char>(type_)) + bytes_));
}

bool NoteKey::IsNamedBy(const NoteSignature& signature) const {
  return signature.name == name_ && signature.key_id == id_;
}

bool NoteKey::Verifies(std::string_view text, const NoteSignature& signature) const {
  if (!IsNamedBy(signature)) return false;
  if (type_ == KeyType::kSignature) return HasSigned(bytes_, text, signature.signature);
  if (signature.signature.size() != kTimeSize + kSignatureSize) return false;
  const int64_t time = CosignTime(signature);
  return time >= 0 && HasSigned(bytes_, CosignedMessage(text, time),
                                std::string_view(signature.signature).substr(kTimeSize));
}

absl::StatusOr<bool> IsSignedBy(const Note& note, const NoteKey& key) {
  bool is_signed = false;
  for (const NoteSignature& signature : note.signatures) {
    if (!key.IsNamedBy(signature)) continue;
    if (!key.Verifies(note.text, signature)) {
      return absl::InvalidArgumentError("the signature of " + key.name() + " does not match the text");
    }
    is_signed = true;
  }
  return is_signed;
}

int64_t CosignTime(const NoteSignature& signature) {
  uint64_t time = 0;
  for (size_t i = 0; i < kTimeSize && i < signature.signature.size(); ++i) {
    time = time << 8 | static_cast<unsigned char>(signature.signature[i]);
  }
  return static_cast<int64_t>(time);
}

absl::StatusOr<NoteSigner> NoteSigner::Load(const std::string& path, std::string name, KeyType type) {
  const auto fail = [&](std::string_view why) {
    const std::string_view whose = type == KeyType::kSignature ? "the log's key " : "the witness's key ";
    return absl::FailedPreconditionError(absl::StrCat(View(whose), path, " ", View(why)));
  };
  if (!IsName(name))
    return absl::FailedPreconditionError(
        "the name of a key, such as the origin of a log, must not contain spaces or +");
  const std::unique_ptr<FILE, decltype(&std::fclose)> file(std::fopen(path.c_str(), "r"), &std::fclose);
  struct stat about = {};
  if (file == nullptr || fstat(fileno(file.get()), &about) != 0)
    return fail("cannot be read: make one with `openssl genpkey -algorithm ed25519`");
  if ((about.st_mode & (S_IRWXO | S_IWGRP | S_IXGRP)) != 0)
    return fail("may be read by others: chmod 600 it");
  std::shared_ptr<EVP_PKEY> key(PEM_read_PrivateKey(file.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  if (key == nullptr || EVP_PKEY_is_a(key.get(), "ED25519") != 1) {
    return fail("is not a private Ed25519 key in PEM");
  }
  std::string bytes(kKeySize, '\0');
  size_t size = bytes.size();
  EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(bytes.data()), &size);
  return NoteSigner(NoteKey(std::move(name), type, std::move(bytes)), std::move(key));
}

std::string NoteSigner::SignBytes(std::string_view message) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::string signature(kSignatureSize, '\0');
  size_t length = signature.size();
  EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, private_key_.get());
  EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                 reinterpret_cast<const unsigned char*>(message.data()), message.size());
  return signature;
}

NoteSignature NoteSigner::Sign(std::string_view text) const {
  return {key_.name(), key_.id_, SignBytes(text)};
}

NoteSignature NoteSigner::Cosign(std::string_view text, int64_t time) const {
  return {key_.name(), key_.id_, BigEndian(time) + SignBytes(CosignedMessage(text, time))};
}

}  // namespace idea::transparency
