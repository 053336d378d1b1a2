#ifndef IDEA_COMMON_STORAGE_ATTEMPTS_H_
#define IDEA_COMMON_STORAGE_ATTEMPTS_H_

#include <functional>
#include <string_view>

#include "common/storage/database.h"

// Shared by the engines: retries of transactions, and the status of failures.
namespace idea::storage {

// The access of a body.
enum class Access { kReadWrite, kReadOnly };

// ERROR_REASON_STORAGE_UNAVAILABLE. `cause`, the text of the driver, is not sent to clients; ToString() shows
// it in the log.
absl::Status Unavailable(std::string_view cause);

// A conflict with another transaction, which causes a retry.
absl::Status Conflict(std::string_view cause);

// Whether it is a conflict. An ABORTED with a reason is an answer to the caller, not a conflict.
bool IsConflict(const absl::Status& status);

// Runs `attempt` until it has no conflict: up to five retries with growing pauses, then
// ERROR_REASON_STORAGE_UNAVAILABLE.
absl::Status RetryConflicts(const std::function<absl::Status()>& attempt);

// An internal error if the engines would store an argument differently: text with a zero byte or invalid
// UTF-8.
absl::Status CheckArgs(const Args& args);

// The result of a deferred statement according to its check, if it has one. A violated unique key is an
// internal error unless the check handles it.
absl::Status Judge(const absl::StatusOr<int64_t>& changed, const RowCheck& check);

// Runs a body. An exception is an internal error, so that the transaction is rolled back. Tracks per thread
// which databases have a running body, because a transaction opened there would wait for itself.
absl::Status RunBody(const Database* database, const Body& body, Transaction& transaction) noexcept;

// An internal error inside a body of the same database, OK elsewhere.
absl::Status CheckNotNested(const Database* database);

}  // namespace idea::storage

#endif  // IDEA_COMMON_STORAGE_ATTEMPTS_H_
