#include "common/transparency/checkpoint.h"

#include <openssl/pem.h>
#include <sys/stat.h>

#include <charconv>
#include <cstdio>
#include <optional>
#include <vector>

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
constexpr char kEd25519 = 1;  // the note format's number of the algorithm

// Debian's abseil has a string_view of its own.
absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

std::string Base64(std::string_view bytes) { return absl::Base64Escape(View(bytes)); }

// Nothing for anything but the one way to write the bytes.
std::string FromBase64(std::string_view text) {
  std::string bytes;
  return absl::Base64Unescape(View(text), &bytes) && Base64(bytes) == text ? bytes : "";
}

// The name of a key must not look like the end of itself.
bool IsName(std::string_view name) {
  return !name.empty() && name.find_first_of(" +\n\r\t") == std::string_view::npos;
}

std::string KeyId(std::string_view name, std::string_view public_key) {
  const std::string hex =
      ids::Sha256Hex(absl::StrCat(View(name), "\n", std::string(1, kEd25519), View(public_key)));
  return absl::HexStringToBytes(hex.substr(0, 2 * kIdSize));
}

absl::Status NotSigned(std::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("the note is not what this key signed: ", View(why)));
}

// A verifier, read.
struct Verifier {
  std::string name, id, key;
};

absl::StatusOr<std::vector<Verifier>> ReadVerifiers(std::string_view lines) {
  std::vector<Verifier> verifiers;
  const std::vector<std::string> each =
      absl::StrSplit(View(lines), absl::ByAnyChar("\r\n"), absl::SkipEmpty());
  for (const std::string& line : each) {
    const std::vector<std::string> parts = absl::StrSplit(line, absl::MaxSplits('+', 2));
    const std::string key = parts.size() == 3 ? FromBase64(parts[2]) : "";
    if (parts.size() != 3 || !IsName(parts[0]) || key.size() != 1 + kKeySize || key[0] != kEd25519 ||
        absl::BytesToHexString(KeyId(parts[0], key.substr(1))) != parts[1]) {
      return absl::InvalidArgumentError("the verifier is no Ed25519 key of a signed note: name+id+key");
    }
    if (!verifiers.empty() && parts[0] != verifiers[0].name)
      return absl::InvalidArgumentError("the verifiers are of more than one log");
    verifiers.push_back({parts[0], KeyId(parts[0], key.substr(1)), key.substr(1)});
  }
  if (verifiers.empty()) return absl::InvalidArgumentError("there is no verifier: name+id+key");
  return verifiers;
}

bool HasSigned(const std::string& key, std::string_view text, std::string_view signature) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pkey(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr,
                                  reinterpret_cast<const unsigned char*>(key.data()), key.size()),
      &EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, pkey.get()) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(text.data()),
                          text.size()) == 1;
}

// The one way to write a size; nullopt for anything else.
std::optional<int64_t> SizeOf(std::string_view text) {
  int64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc() || size < 0 || absl::StrCat(size) != text) return std::nullopt;
  return size;
}

}  // namespace

absl::StatusOr<LogKey> LogKey::Load(const std::string& path, std::string origin) {
  const auto fail = [&path](std::string_view why) {
    return absl::FailedPreconditionError(absl::StrCat("the log's key ", path, " ", View(why)));
  };
  if (!IsName(origin))
    return absl::FailedPreconditionError("the log's origin must be a name without spaces or +");
  const std::unique_ptr<FILE, decltype(&std::fclose)> file(std::fopen(path.c_str(), "r"), &std::fclose);
  struct stat about = {};
  if (file == nullptr || fstat(fileno(file.get()), &about) != 0)
    return fail("cannot be read: make one with `openssl genpkey -algorithm ed25519`");
  if ((about.st_mode & (S_IRWXO | S_IWGRP | S_IXGRP)) != 0)
    return fail("may be read by others: chmod 600 it");
  LogKey key;
  key.key_ =
      std::shared_ptr<EVP_PKEY>(PEM_read_PrivateKey(file.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  if (key.key_ == nullptr || EVP_PKEY_is_a(key.key_.get(), "ED25519") != 1) {
    return fail("is no private Ed25519 key in PEM");
  }
  std::string bytes(kKeySize, '\0');
  size_t size = bytes.size();
  EVP_PKEY_get_raw_public_key(key.key_.get(), reinterpret_cast<unsigned char*>(bytes.data()), &size);
  key.id_ = KeyId(origin, bytes);
  key.verifier_ = absl::StrCat(origin, "+", absl::BytesToHexString(key.id_), "+",
                               Base64(std::string(1, kEd25519) + bytes));
  key.origin_ = std::move(origin);
  return key;
}

std::string LogKey::Sign(int64_t size, std::string_view root) const {
  return SignNote(absl::StrCat(origin_, "\n", size, "\n", Base64(root), "\n"));
}

std::string LogKey::SignNote(std::string_view text) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::string signature(kSignatureSize, '\0');
  size_t length = signature.size();
  EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get());
  EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                 reinterpret_cast<const unsigned char*>(text.data()), text.size());
  return absl::StrCat(View(text), "\n\u2014 ", origin_, " ", Base64(id_ + signature), "\n");
}

absl::StatusOr<std::string> OpenNote(std::string_view note, std::string_view verifiers) {
  ASSIGN_OR_RETURN(const std::vector<Verifier> known, ReadVerifiers(verifiers));
  const size_t end = note.rfind("\n\n");
  if (end == std::string_view::npos || end + 2 == note.size()) return NotSigned("it has no signatures");
  if (!note.ends_with('\n')) return NotSigned("its last line has no end");
  const std::string_view text = note.substr(0, end + 1);
  bool is_signed = false;
  const std::vector<std::string> signatures =
      absl::StrSplit(View(note.substr(end + 2, note.size() - end - 3)), '\n');
  for (const std::string& line : signatures) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    const std::string mark = words.size() == 3 && words[0] == "\u2014" ? FromBase64(words[2]) : "";
    if (mark.size() <= kIdSize || !IsName(words[1])) return NotSigned("a signature is not written as one");
    for (const Verifier& verifier : known) {
      if (words[1] != verifier.name || mark.substr(0, kIdSize) != verifier.id) continue;
      if (!HasSigned(verifier.key, text, std::string_view(mark).substr(kIdSize)))
        return NotSigned("the signature does not fit the text");
      is_signed = true;
    }
  }
  if (!is_signed) return NotSigned("no signature is of " + known[0].name);
  return std::string(text);
}

absl::StatusOr<Checkpoint> OpenCheckpoint(std::string_view note, std::string_view verifiers) {
  ASSIGN_OR_RETURN(const std::string text, OpenNote(note, verifiers));
  const std::string origin = OriginOf(verifiers);
  const std::vector<std::string> lines = absl::StrSplit(text, '\n');
  if (lines.size() < 4) return NotSigned("it has no size and root");
  const std::optional<int64_t> size = SizeOf(lines[1]);
  Checkpoint checkpoint = {lines[0], size.value_or(0), FromBase64(lines[2])};
  if (!size || checkpoint.origin != origin || checkpoint.root.size() != kKeySize) {
    return NotSigned("it is no checkpoint of " + origin);
  }
  return checkpoint;
}

std::string OriginOf(std::string_view verifiers) {
  return std::string(verifiers.substr(0, verifiers.find('+')));
}

}  // namespace idea::transparency
