#include "common/storage/attempts.h"

#include <chrono>
#include <random>
#include <thread>

#include "common/csv/csv.h"
#include "common/status/status.h"

namespace idea::storage {
namespace {

using std::chrono::milliseconds;

constexpr int kRetries = 5;
constexpr milliseconds kFirstPause(4);
constexpr milliseconds kAskAgainAfter(500);
constexpr char kCause[] = "idea-exchange/storage-cause";

// Half of the pause is random, so that conflicting transactions do not conflict again.
milliseconds Jittered(milliseconds pause) {
  thread_local std::minstd_rand random{std::random_device{}()};
  return pause / 2 + milliseconds(std::uniform_int_distribution<int64_t>(0, pause.count())(random));
}

// The bodies that a thread is running, innermost first.
struct Frame {
  const Database* database;
  const Frame* outer;
};
thread_local const Frame* innermost = nullptr;

}  // namespace

absl::Status Unavailable(std::string_view cause) {
  absl::Status status = status::Error(status::Reason::ERROR_REASON_STORAGE_UNAVAILABLE,
                                      "the database is not available; send the same request again")
                            .RetryAfter(kAskAgainAfter);
  status.SetPayload(kCause, absl::Cord(std::string(cause)));
  return status;
}

std::string CauseOf(const absl::Status& status) {
  return std::string(status.GetPayload(kCause).value_or(absl::Cord()));
}

absl::Status Conflict(std::string_view cause) { return absl::AbortedError(std::string(cause)); }

bool IsConflict(const absl::Status& status) {
  return absl::IsAborted(status) && status::ReasonOf(status) == status::Reason::ERROR_REASON_UNSPECIFIED;
}

absl::Status RetryConflicts(const std::function<absl::Status()>& attempt) {
  milliseconds pause = kFirstPause;
  for (int retries = 0;; ++retries) {
    absl::Status status = attempt();
    if (!IsConflict(status)) return status;
    if (retries == kRetries) return Unavailable(std::string(status.message()));
    std::this_thread::sleep_for(Jittered(pause));
    pause *= 2;
  }
}

absl::Status CheckArgs(const Args& args) {
  for (const Value& value : args) {
    const auto* text = std::get_if<std::string>(&value);
    if (text != nullptr && (text->find('\0') != std::string::npos || !csv::IsUtf8(*text))) {
      return absl::InternalError("a text with a zero byte, or not in UTF-8, cannot be stored");
    }
  }
  return absl::OkStatus();
}

absl::Status Judge(const absl::StatusOr<int64_t>& changed, const RowCheck& check) {
  const absl::Status judged = check ? check(changed) : absl::OkStatus();
  if (!judged.ok() && judged != changed.status()) return judged;
  // The caller would take this code for the result of its own statement.
  if (absl::IsAlreadyExists(changed.status())) return absl::InternalError(changed.status().message());
  return changed.status();
}

absl::Status RunBody(const Database* database, const Body& body, Transaction& transaction) noexcept {
  struct Scope {
    explicit Scope(const Database* entered) : frame{entered, innermost} { innermost = &frame; }
    ~Scope() { innermost = frame.outer; }
    Frame frame;
  } scope(database);
  return status::Catch([&] { return body(transaction); });
}

absl::Status CheckNotNested(const Database* database) {
  for (const Frame* frame = innermost; frame != nullptr; frame = frame->outer) {
    if (frame->database == database) {
      return absl::InternalError("a transaction was opened inside a transaction of the same database");
    }
  }
  return absl::OkStatus();
}

}  // namespace idea::storage
