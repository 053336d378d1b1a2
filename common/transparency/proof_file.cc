#include "common/transparency/proof_file.h"

#include <charconv>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace idea::transparency {
namespace {

constexpr size_t kHashSize = 32;
// The height of the largest tree.
constexpr size_t kMaxHashes = 63;

// Removes the first line, without its newline; nullopt if no newline follows.
std::optional<std::string_view> TakeLine(std::string_view& text) {
  const size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

// Decodes the canonical base64 of bytes; nullopt for any other text.
std::optional<std::string> Decode(std::string_view text) {
  std::string bytes;
  if (!absl::Base64Unescape({text.data(), text.size()}, &bytes) || absl::Base64Escape(bytes) != text)
    return std::nullopt;
  return bytes;
}

}  // namespace

std::string FormatProofFile(const ProofFile& file) {
  std::string text = kProofHeader;
  if (!file.extra.empty()) absl::StrAppend(&text, "extra ", absl::Base64Escape(file.extra), "\n");
  absl::StrAppend(&text, "index ", file.index, "\n");
  for (const std::string& hash : file.proof) absl::StrAppend(&text, absl::Base64Escape(hash), "\n");
  return text + "\n" + file.checkpoint;
}

absl::StatusOr<ProofFile> ParseProofFile(std::string_view text) {
  constexpr std::string_view kExtra = "extra ", kIndex = "index ";
  const auto malformed = [](const std::string& why) { return absl::InvalidArgumentError(why); };
  if (!text.starts_with(kProofHeader)) return malformed("its first line is not c2sp.org/tlog-proof@v1");
  text.remove_prefix(std::string_view(kProofHeader).size());
  ProofFile file;
  std::optional<std::string_view> line = TakeLine(text);
  if (line && line->starts_with(kExtra)) {
    const auto extra = Decode(line->substr(kExtra.size()));
    if (!extra || extra->empty()) return malformed("its extra data are not base64");
    file.extra = *extra;
    line = TakeLine(text);
  }
  if (!line || !line->starts_with(kIndex)) return malformed("the line with the index is missing");
  const std::string_view digits = line->substr(kIndex.size());
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), file.index);
  if (error != std::errc() || file.index < 0 || absl::StrCat(file.index) != digits)
    return malformed("its index is not a decimal number");
  for (line = TakeLine(text); line && !line->empty(); line = TakeLine(text)) {
    auto hash = Decode(*line);
    if (!hash || hash->size() != kHashSize || file.proof.size() == kMaxHashes)
      return malformed("a line of its inclusion proof is not a hash in base64");
    file.proof.push_back(*std::move(hash));
  }
  if (!line) return malformed("the empty line before the checkpoint is missing");
  file.checkpoint = text;
  return file;
}

}  // namespace idea::transparency
