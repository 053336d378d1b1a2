// Feeds arbitrary bytes to the parsers and verifiers of the transparency log (libFuzzer). None may crash, and
// what a parser accepts must be written in the same bytes again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/transparency/checkpoint.h"
#include "common/transparency/note.h"
#include "common/transparency/policy.h"
#include "common/transparency/proof_file.h"
#include "common/transparency/tile_path.h"
#include "services/cli/log/evidence_verification.h"
#include "services/cli/log/log_tiles.h"
#include "services/cli/log/receipt_file.h"
#include "services/cli/log/witness.h"

namespace idea {
namespace {

// The public key of RFC 8032 section 7.1, test 1, as a log. The fuzzer does not know its private key.
constexpr char kKey[] = "idea.test/log+2eadb87a+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea\n";

void Require(bool holds) {
  if (!holds) std::abort();
}

void ReadNote(const std::string& text) {
  const auto note = transparency::ParseNote(text);
  if (note.ok()) {
    std::string again = note->text + "\n";
    for (const auto& signature : note->signatures) again += transparency::FormatSignature(signature);
    Require(again == text);
  }
  Require(!transparency::OpenNote(text, kKey).ok());
  const auto checkpoint = transparency::ParseCheckpoint(text);
  if (checkpoint.ok()) Require(text.starts_with(transparency::CheckpointText(*checkpoint)));
}

void ReadProof(const std::string& text) {
  const auto proof = transparency::ParseProofFile(text);
  if (proof.ok()) Require(transparency::FormatProofFile(*proof) == text);
  for (const cli::Finding& finding : cli::VerifyReceipt(text, kKey, nullptr)) Require(!finding.holds);
}

void ReadPolicy(const std::string& text) {
  const auto policy = transparency::Policy::Parse(text);
  if (!policy.ok()) return;
  policy->Check({});
  for (const auto& witness : policy->witnesses())
    Require(transparency::NoteKey::Parse(witness.key.verifier()).ok());
}

void ReadBundle(const std::string& text) {
  bool all_hold = true;
  for (const cli::Finding& finding : cli::VerifyEvidence(text, kKey)) all_hold = all_hold && finding.holds;
  Require(!all_hold);
}

void ReadOthers(const std::string& text) {
  const auto submission = cli::ParseSubmission(text);
  if (submission.ok()) Require(cli::FormatSubmission(*submission) == text);
  const auto tile = transparency::ParseTilePath(text);
  if (tile) Require(transparency::FormatTilePath(*tile) == text);
  cli::SplitEntries(text);
  const auto key = transparency::NoteKey::Parse(text);
  if (key.ok()) Require(key->verifier() == text);
}

}  // namespace
}  // namespace idea

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'n':
      idea::ReadNote(text);
      break;
    case 'p':
      idea::ReadProof(text);
      break;
    case 'q':
      idea::ReadPolicy(text);
      break;
    case 'b':
      idea::ReadBundle(text);
      break;
    default:
      idea::ReadOthers(text);
  }
  return 0;
}
