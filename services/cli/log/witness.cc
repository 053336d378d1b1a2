#include "services/cli/log/witness.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "common/transparency/merkle.h"
#include "idea/inventory/v1/log.pb.h"
#include "services/cli/context/state_file.h"

namespace idea::cli {
namespace {

using transparency::Checkpoint;

constexpr size_t kHashSize = 32;
constexpr size_t kMaxProof = 63;  // of C2SP tlog-witness

absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

Answer Refused(SubmissionResult result, std::string text) { return {result, {}, 0, std::move(text)}; }

}  // namespace

absl::StatusOr<std::unique_ptr<Witness>> Witness::Open(const std::filesystem::path& folder,
                                                       transparency::NoteSigner key, std::string_view logs) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const int lock = open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return absl::FailedPreconditionError("cannot write to the folder " + folder.string());
  std::unique_ptr<Witness> witness(new Witness(folder, lock, std::move(key)));
  if (flock(lock, LOCK_EX | LOCK_NB) != 0)
    return absl::FailedPreconditionError("another witness uses the folder " + folder.string());
  const std::vector<std::string> lines =
      absl::StrSplit(View(logs), absl::ByAnyChar("\r\n"), absl::SkipEmpty());
  for (const std::string& line : lines) {
    ASSIGN_OR_RETURN(const transparency::NoteKey log, transparency::NoteKey::Parse(line));
    if (log.type() != transparency::KeyType::kSignature)
      return absl::InvalidArgumentError("this is the key of a witness, not of a log");
    witness->verifiers_[log.name()] += line + "\n";
  }
  if (witness->verifiers_.empty())
    return absl::InvalidArgumentError("the file does not contain a key of a log: give lines name+id+key");
  RETURN_IF_ERROR(witness->ReadState());
  return witness;
}

Witness::~Witness() { close(lock_); }

std::filesystem::path Witness::FileOf(const std::string& origin, const std::string& kind) const {
  return folder_ / (ids::Sha256Hex(origin) + "." + kind);
}

absl::Status Witness::ReadState() {
  for (const auto& [origin, verifiers] : verifiers_) {
    const std::filesystem::path path = FileOf(origin, "checkpoint");
    if (!std::filesystem::exists(path)) continue;
    const auto note = ReadWhole(path);
    const auto read = note ? transparency::OpenCheckpoint(*note, verifiers)
                           : absl::StatusOr<Checkpoint>(absl::InternalError("cannot be read"));
    // Without its state a witness could cosign another history.
    if (!read.ok())
      return absl::FailedPreconditionError(
          absl::StrCat("the state of the witness, ", path.string(), ": ", read.status().message()));
    last_[origin] = *read;
  }
  return absl::OkStatus();
}

Checkpoint Witness::Last(const std::string& origin) const {
  const std::lock_guard lock(mutex_);
  const auto found = last_.find(origin);
  return found == last_.end() ? Checkpoint{origin, 0, ""} : found->second;
}

std::vector<std::string> Witness::Origins() const {
  std::vector<std::string> origins;
  for (const auto& [origin, _] : verifiers_) origins.push_back(origin);
  return origins;
}

std::string Witness::VerifiersOf(const std::string& origin) const {
  const auto found = verifiers_.find(origin);
  return found == verifiers_.end() ? "" : found->second;
}

std::string Witness::Keep(const std::string& origin, const std::string& note) const {
  const std::filesystem::path path = FileOf(origin, "conflict-" + ids::Sha256Hex(note).substr(0, 16));
  return WriteDurably(path, note).ok() ? "; it is kept in " + path.string() : "; it cannot be kept";
}

Answer Witness::Add(const Submission& submission, int64_t now) {
  const std::string origin = submission.note.substr(0, submission.note.find('\n'));
  const std::string verifiers = VerifiersOf(origin);
  if (verifiers.empty())
    return Refused(SubmissionResult::kUnknownLog, "this witness does not know the log " + origin);
  const auto note = transparency::ParseNote(submission.note);
  if (!note.ok()) return Refused(SubmissionResult::kMalformed, std::string(note.status().message()));
  const auto opened = transparency::OpenCheckpoint(submission.note, verifiers);
  if (!opened.ok()) {
    const bool is_checkpoint = transparency::ParseCheckpoint(note->text).ok();
    return Refused(is_checkpoint ? SubmissionResult::kNotSigned : SubmissionResult::kMalformed,
                   std::string(opened.status().message()));
  }
  const std::lock_guard lock(mutex_);
  const auto found = last_.find(origin);
  const Checkpoint last = found == last_.end() ? Checkpoint{origin, 0, ""} : found->second;
  if (submission.old_size > opened->size)
    return Refused(SubmissionResult::kMalformed, "the old size is larger than that of the checkpoint");
  if (submission.old_size != last.size)
    return {
        SubmissionResult::kConflict, {}, last.size, "the checkpoint that was cosigned last has another size"};
  if (last.size == 0 && !submission.proof.empty())
    return Refused(SubmissionResult::kNotConsistent,
                   "the proof must be empty, because no checkpoint was cosigned before");
  if (opened->size == last.size && last.size > 0 && opened->root != last.root)
    return {SubmissionResult::kConflict,
            {},
            last.size,
            "the log has signed another tree of that size than the one that was cosigned" +
                Keep(origin, submission.note)};
  if (last.size > 0 &&
      !transparency::ProvesConsistency(last.size, opened->size, last.root, opened->root, submission.proof)) {
    return Refused(SubmissionResult::kNotConsistent, "the proof does not show that the log has only grown");
  }
  if (opened->size != last.size || last.size == 0) {
    if (const absl::Status stored = WriteDurably(FileOf(origin, "checkpoint"), submission.note); !stored.ok())
      return Refused(SubmissionResult::kFailed, std::string(stored.message()));
    last_[origin] = *opened;
  }
  return {SubmissionResult::kCosigned, key_.Cosign(note->text, now), opened->size, "cosigned"};
}

absl::StatusOr<Submission> ParseSubmission(std::string_view body) {
  const auto malformed = [] {
    return absl::InvalidArgumentError(
        "not an add-checkpoint request: old SIZE, lines of a proof, an empty line, a checkpoint");
  };
  const size_t end = body.find("\n\n");
  if (end == std::string_view::npos || !body.starts_with("old ")) return malformed();
  Submission submission;
  submission.note = body.substr(end + 2);
  const std::vector<std::string> lines = absl::StrSplit(View(body.substr(4, end - 4)), '\n');
  const auto [rest, error] =
      std::from_chars(lines[0].data(), lines[0].data() + lines[0].size(), submission.old_size);
  if (error != std::errc() || submission.old_size < 0 || absl::StrCat(submission.old_size) != lines[0])
    return malformed();
  if (lines.size() - 1 > kMaxProof) return malformed();
  for (size_t i = 1; i < lines.size(); ++i) {
    std::string hash;
    if (!absl::Base64Unescape(lines[i], &hash) || hash.size() != kHashSize ||
        absl::Base64Escape(hash) != lines[i])
      return malformed();
    submission.proof.push_back(std::move(hash));
  }
  return submission;
}

std::string FormatSubmission(const Submission& submission) {
  std::string body = absl::StrCat("old ", submission.old_size, "\n");
  for (const std::string& hash : submission.proof) absl::StrAppend(&body, absl::Base64Escape(hash), "\n");
  return body + "\n" + submission.note;
}

absl::StatusOr<std::string> WitnessOnce(const CallFunction& call, Witness& witness, int64_t now) {
  using namespace inventory::v1;  // NOLINT(google-build-using-namespace)
  ASSIGN_OR_RETURN(const auto state, Call<GetCheckpointResponse>(call, GetCheckpointRequest()));
  const std::string origin = state.checkpoint().substr(0, state.checkpoint().find('\n'));
  const std::string verifiers = witness.VerifiersOf(origin);
  ASSIGN_OR_RETURN(const Checkpoint newest, transparency::OpenCheckpoint(state.checkpoint(), verifiers));
  const Checkpoint last = witness.Last(origin);
  Submission submission{last.size, {}, state.checkpoint()};
  int64_t size = newest.size;
  bool has_cosigned_last = false;
  for (const std::string* note : {&state.cosigned_checkpoint(), &state.pending_checkpoint()}) {
    if (note->empty()) continue;
    ASSIGN_OR_RETURN(const transparency::Note parsed, transparency::ParseNote(*note));
    ASSIGN_OR_RETURN(const Checkpoint cosigned, transparency::OpenCheckpoint(*note, verifiers));
    if (cosigned.size == last.size) {
      ASSIGN_OR_RETURN(has_cosigned_last, transparency::IsSignedBy(parsed, witness.key()));
    }
    // The other witnesses cosign this checkpoint.
    if (note == &state.pending_checkpoint() && cosigned.size > last.size) {
      size = cosigned.size;
      submission.note = *note;
    }
  }
  if (size == 0) return "the log is empty";
  if (size < last.size)
    return absl::DataLossError(absl::StrCat("the log shows ", size, " entries and had ", last.size,
                                            ": it was cut off, or another one is shown here",
                                            witness.Keep(origin, submission.note)));
  if (last.size > 0) {
    GetConsistencyProofRequest prove;
    prove.set_from_size(last.size);
    prove.set_tree_size(size);
    ASSIGN_OR_RETURN(const auto proof, Call<GetConsistencyProofResponse>(call, prove));
    submission.proof = {proof.proof().begin(), proof.proof().end()};
  }
  const Answer answer = witness.Add(submission, now);
  if (answer.result == SubmissionResult::kFailed) return absl::InternalError(answer.text);
  if (answer.result != SubmissionResult::kCosigned) {
    return absl::DataLossError(absl::StrCat(
        answer.text, " (", size, " entries after ", last.size, ")",
        answer.result == SubmissionResult::kNotConsistent ? witness.Keep(origin, submission.note) : ""));
  }
  if (size == last.size && has_cosigned_last) return absl::StrCat("nothing new after entry ", size);
  AddCosignatureRequest add;
  add.set_size(size);
  add.set_cosignature(transparency::FormatSignature(answer.cosignature));
  add.set_request_id(ids::NewUuid());
  ASSIGN_OR_RETURN(const auto added, Call<AddCosignatureResponse>(call, add));
  return absl::StrCat("cosigned the log of ", size, " entries as ", added.witness());
}

}  // namespace idea::cli
