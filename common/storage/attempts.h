#ifndef IDEA_COMMON_STORAGE_ATTEMPTS_H_
#define IDEA_COMMON_STORAGE_ATTEMPTS_H_

#include <functional>
#include <string_view>

#include "common/storage/database.h"

// What the engines share: when a transaction is run again, and what its failures look like from outside.
namespace idea::storage {

// What a body may do.
enum class Access { kReadWrite, kReadOnly };

// ERROR_REASON_STORAGE_UNAVAILABLE. `cause`, the driver's words, stays on this side of the wire: ToString()
// shows it to the log.
absl::Status Unavailable(std::string_view cause);

// A conflict with another transaction: run again.
absl::Status Conflict(std::string_view cause);

// Whether it is a conflict. An ABORTED that carries a reason is an answer to the caller, not a conflict.
bool IsConflict(const absl::Status& status);

// Runs `attempt` until it is no conflict: at most five times more, with growing pauses, then
// ERROR_REASON_STORAGE_UNAVAILABLE.
absl::Status RetryConflicts(const std::function<absl::Status()>& attempt);

// An internal error if an argument cannot be kept alike by both engines: text with a zero byte,
// or not in UTF-8.
absl::Status CheckArgs(const Args& args);

// What a statement that nobody waited for came to, by its check, if it has one. A key that is taken is an
// internal error unless the check names it.
absl::Status Judge(const absl::StatusOr<int64_t>& changed, const RowCheck& check);

// Runs a body. What it throws is an internal error, so that its transaction is rolled back. Knows on each
// thread of which databases it is inside one: a transaction opened there would wait for itself.
absl::Status RunBody(const Database* database, const Body& body, Transaction& transaction) noexcept;

// An internal error inside a body of the same database, OK elsewhere.
absl::Status CheckNotNested(const Database* database);

}  // namespace idea::storage

#endif  // IDEA_COMMON_STORAGE_ATTEMPTS_H_
