#include "common/transparency/checkpoint.h"

#include <charconv>
#include <optional>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"

namespace idea::transparency {
namespace {

constexpr size_t kRootSize = 32;

// Debian's abseil has its own string_view type.
absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

absl::StatusOr<std::vector<NoteKey>> ReadVerifiers(std::string_view lines) {
  std::vector<NoteKey> keys;
  const std::vector<std::string> each =
      absl::StrSplit(View(lines), absl::ByAnyChar("\r\n"), absl::SkipEmpty());
  for (const std::string& line : each) {
    ASSIGN_OR_RETURN(NoteKey key, NoteKey::Parse(line));
    if (key.type() != KeyType::kSignature)
      return absl::InvalidArgumentError("the verifier is the key of a witness, not of a log");
    if (!keys.empty() && key.name() != keys[0].name())
      return absl::InvalidArgumentError("the verifiers belong to more than one log");
    keys.push_back(std::move(key));
  }
  if (keys.empty()) return absl::InvalidArgumentError("a verifier is missing: name+id+key");
  return keys;
}

// Parses the canonical form of a size; nullopt for any other text.
std::optional<int64_t> SizeOf(std::string_view text) {
  int64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc() || size < 0 || absl::StrCat(size) != text) return std::nullopt;
  return size;
}

}  // namespace

absl::StatusOr<LogKey> LogKey::Load(const std::string& path, std::string origin) {
  ASSIGN_OR_RETURN(NoteSigner signer, NoteSigner::Load(path, std::move(origin), KeyType::kSignature));
  return LogKey(std::move(signer));
}

std::string LogKey::Sign(int64_t size, std::string_view root) const {
  return SignNote(CheckpointText({origin(), size, std::string(root)}));
}

std::string LogKey::SignNote(std::string_view text) const {
  return absl::StrCat(View(text), "\n", FormatSignature(signer_->Sign(text)));
}

absl::StatusOr<std::string> OpenNote(std::string_view note, std::string_view verifiers) {
  ASSIGN_OR_RETURN(const std::vector<NoteKey> keys, ReadVerifiers(verifiers));
  ASSIGN_OR_RETURN(Note parsed, ParseNote(note));
  bool is_signed = false;
  for (const NoteKey& key : keys) {
    ASSIGN_OR_RETURN(const bool by_this, IsSignedBy(parsed, key));
    is_signed = is_signed || by_this;
  }
  if (!is_signed) return absl::InvalidArgumentError("no signature is of " + keys[0].name());
  return std::move(parsed.text);
}

std::string CheckpointText(const Checkpoint& checkpoint) {
  return absl::StrCat(checkpoint.origin, "\n", checkpoint.size, "\n", absl::Base64Escape(checkpoint.root),
                      "\n");
}

absl::StatusOr<Checkpoint> ParseCheckpoint(std::string_view text) {
  const std::vector<std::string> lines = absl::StrSplit(View(text), '\n');
  Checkpoint checkpoint;
  if (lines.size() < 4 || lines[0].empty() || !absl::Base64Unescape(lines[2], &checkpoint.root) ||
      checkpoint.root.size() != kRootSize || absl::Base64Escape(checkpoint.root) != lines[2]) {
    return absl::InvalidArgumentError("it is not a checkpoint: origin, size and root, a line each");
  }
  const std::optional<int64_t> size = SizeOf(lines[1]);
  if (!size) return absl::InvalidArgumentError("it is not a checkpoint: its size is malformed");
  checkpoint.origin = lines[0];
  checkpoint.size = *size;
  return checkpoint;
}

absl::StatusOr<Checkpoint> OpenCheckpoint(std::string_view note, std::string_view verifiers) {
  ASSIGN_OR_RETURN(const std::string text, OpenNote(note, verifiers));
  ASSIGN_OR_RETURN(Checkpoint checkpoint, ParseCheckpoint(text));
  if (checkpoint.origin != OriginOf(verifiers))
    return absl::InvalidArgumentError("it is not a checkpoint of " + OriginOf(verifiers));
  return checkpoint;
}

std::string VerifiersFor(std::string_view verifiers, std::string_view note) {
  const std::string_view origin = note.substr(0, note.find('\n'));
  std::string lines;
  const std::vector<std::string> each =
      absl::StrSplit(View(verifiers), absl::ByAnyChar("\r\n"), absl::SkipEmpty());
  for (const std::string& line : each) {
    const auto key = NoteKey::Parse(line);
    // A malformed line is kept, so that it is reported.
    if (!key.ok() || (key->type() == KeyType::kSignature && key->name() == origin))
      absl::StrAppend(&lines, line, "\n");
  }
  return lines;
}

std::string OriginOf(std::string_view verifiers) {
  return std::string(verifiers.substr(0, verifiers.find('+')));
}

}  // namespace idea::transparency
