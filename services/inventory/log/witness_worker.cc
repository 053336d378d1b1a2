#include "services/inventory/log/witness_worker.h"

#include <algorithm>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "common/log/log.h"
#include "common/status/status.h"

namespace idea::inventory {
namespace {

constexpr int kCosigned = 200, kConflict = 409;

std::string BodyOf(const LogService::Submission& submission) {
  std::string body = "old " + std::to_string(submission.old_size) + "\n";
  for (const std::string& hash : submission.proof) body += absl::Base64Escape(hash) + "\n";
  return body + "\n" + submission.checkpoint;
}

}  // namespace

void WitnessWorker::Start() {
  const transparency::Policy* policy = log_.policy();
  if (policy == nullptr) return;
  const bool any = std::any_of(policy->witnesses().begin(), policy->witnesses().end(),
                               [](const transparency::Witness& witness) { return !witness.url.empty(); });
  if (any) loop_.Start();
}

void WitnessWorker::Stop() {
  stopping_ = true;
  loop_.Stop();
}

absl::StatusOr<int> WitnessWorker::Pass() {
  int stored = 0;
  absl::Status failure;
  for (const transparency::Witness& witness : log_.policy()->witnesses()) {
    State& state = states_[witness.name];
    if (witness.url.empty() || stopping_ || clock_.Steady() < state.next_try) continue;
    const absl::StatusOr<bool> asked = GetCosignature(witness, state);
    if (asked.ok()) {
      state.pause = kFirstPause;
      stored += *asked ? 1 : 0;
      continue;
    }
    failure.Update(asked.status());
    state.next_try = clock_.Steady() + state.pause.count() * clock::kSecond;
    state.pause = std::min(state.pause * 2, std::chrono::seconds(kMaxPause));
  }
  if (stored > 0) notifier_.Notify();
  RETURN_IF_ERROR(failure);
  return stored;
}

absl::StatusOr<bool> WitnessWorker::GetCosignature(const transparency::Witness& witness, State& state) {
  const std::string who = "the witness " + witness.name;
  // The second attempt follows the answer with the size that the witness has.
  for (int attempt = 1; attempt <= 2; ++attempt) {
    std::optional<LogService::Submission> submission;
    RETURN_IF_ERROR(database_.Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(submission, log_.NextSubmission(db, witness, state.size));
      return absl::OkStatus();
    }));
    if (!submission) return false;
    ASSIGN_OR_RETURN(const outbound::HttpAnswer answer, Submit(witness, *submission));
    if (answer.status == kCosigned) {
      ASSIGN_OR_RETURN(const bool stored, Store(witness, submission->size, answer.body));
      state.size = submission->size;
      return stored;
    }
    int64_t size = 0;
    absl::string_view line = answer.body;
    if (answer.status != kConflict || !absl::ConsumeSuffix(&line, "\n") || !absl::SimpleAtoi(line, &size) ||
        size < 0 || size == state.size)
      return absl::UnavailableError(who + " answers with HTTP status " + std::to_string(answer.status));
    if (size > submission->newest) {
      return absl::DataLossError(who + " has cosigned " + std::to_string(size) +
                                 " entries, and the log has " + std::to_string(submission->newest) +
                                 ": the log was cut off or restored");
    }
    state.size = size;
  }
  // Another replica has submitted in the meantime; the next pass continues.
  return false;
}

absl::StatusOr<outbound::HttpAnswer> WitnessWorker::Submit(const transparency::Witness& witness,
                                                           const LogService::Submission& submission) const {
  return outbound::Post({.url = std::string(absl::StripSuffix(witness.url, "/")) + "/add-checkpoint",
                         .content_type = "text/plain; charset=utf-8",
                         .body = BodyOf(submission),
                         .ca_file = ca_file_,
                         .timeout = kTimeout,
                         .cancelled = &stopping_});
}

absl::StatusOr<bool> WitnessWorker::Store(const transparency::Witness& witness, int64_t size,
                                          const std::string& lines) {
  ASSIGN_OR_RETURN(const auto signatures, transparency::ParseSignatures(lines));
  bool stored = false;
  RETURN_IF_ERROR(database_.Write([&](storage::Transaction& db) -> absl::Status {
    stored = false;
    auto recorder = events::EventRecorder::ForService("inventory", clock_.Now());
    // Lines of other keys are ignored.
    for (const transparency::NoteSignature& signature : signatures) {
      if (!witness.key.IsNamedBy(signature)) continue;
      ASSIGN_OR_RETURN(stored,
                       log_.StoreCosignature(db, recorder, size, transparency::FormatSignature(signature)));
      return stored ? events::Append(db, recorder.events(), nullptr) : absl::OkStatus();
    }
    return absl::InvalidArgumentError("the witness " + witness.name +
                                      " has answered without its cosignature");
  }));
  return stored;
}

}  // namespace idea::inventory
