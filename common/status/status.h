#ifndef IDEA_COMMON_STATUS_STATUS_H_
#define IDEA_COMMON_STATUS_STATUS_H_

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/rpc/status.pb.h"
#include "idea/common/v1/error.pb.h"

// Failures of this suite: an absl::Status whose code, ErrorInfo and details follow from one ErrorReason. The
// table of reasons is idea/common/v1/error.proto; docs/ERRORS.md is generated from it.
namespace idea::status {

using Reason = common::v1::ErrorReason;

// Builds one refusal. It converts to absl::Status and to any absl::StatusOr:
//   return Error(Reason::ERROR_REASON_STALE_ETAG, "the technical section was changed").With("etag", now);
class Error {
 public:
  // `message` is for people: lower case, says what is wanted, holds no secret and no driver's words.
  Error(Reason reason, std::string_view message);

  // Adds to ErrorInfo.metadata.
  Error& With(std::string_view key, std::string_view value);
  // Adds a BadRequest field violation.
  Error& Field(std::string_view path, std::string_view wanted);
  // Adds a PreconditionFailure violation.
  Error& Precondition(std::string_view type, std::string_view subject, std::string_view description);
  // Adds RetryInfo.
  Error& RetryAfter(std::chrono::milliseconds pause);

  absl::Status ToStatus() const;
  operator absl::Status() const { return ToStatus(); }  // NOLINT(google-explicit-constructor)
  template <class T>
  operator absl::StatusOr<T>() const {  // NOLINT(google-explicit-constructor)
    return ToStatus();
  }

 private:
  google::rpc::Status rpc_;
};

// The reason a status carries; UNSPECIFIED for OK and for failures without one.
Reason ReasonOf(const absl::Status& status);

// "STALE_ETAG"; "OK" for an OK status, "INTERNAL" for a failure without a reason.
std::string ReasonName(const absl::Status& status);

// The same for a reason alone, without the enum's prefix.
std::string ReasonName(Reason reason);

// The value of a key of ErrorInfo.metadata; empty if there is none.
std::string MetadataOf(const absl::Status& status, std::string_view key);

// `status` with an entry of ErrorInfo.metadata more, if it carries `reason`: for what a flow's guard cannot
// know.
absl::Status WithMetadata(const absl::Status& status, Reason reason, std::string_view key,
                          std::string_view value);

// The request id of RequestInfo: of a refusal that came over the wire. Empty if there is none.
std::string RequestIdOf(const absl::Status& status);

// What goes over the wire. A failure without a reason becomes INTERNAL "internal error": its words stay here.
// A reason that is worth a retry has RetryInfo, one second if the refusal names no pause, and the details fit
// into the trailers that every client accepts. With a `request_id` it has RequestInfo.
google::rpc::Status ToWire(const absl::Status& status, const std::string& request_id = "");

// The same status on the other side of the wire.
absl::Status FromWire(const google::rpc::Status& wire);

// Whether sending the same request again may help: a reason marked RETRY_YES, or a connection that failed.
bool IsRetryable(const absl::Status& status);

// Whether a peer decided against what it was told, for good: it has a reason for that. One that was cut off,
// is away or is of a release that does not know the method yet has decided nothing.
bool IsRefusal(const absl::Status& status);

// Runs `work`. An exception that it throws becomes a failure without a reason, which holds the exception's
// text.
absl::Status Catch(const std::function<absl::Status()>& work) noexcept;

}  // namespace idea::status

#define IDEA_CONCAT_(a, b) a##b
#define IDEA_CONCAT(a, b) IDEA_CONCAT_(a, b)

// Returns from the enclosing function if `expression` is a failed absl::Status.
#define RETURN_IF_ERROR(expression) RETURN_IF_ERROR_(IDEA_CONCAT(failed_, __COUNTER__), expression)
#define RETURN_IF_ERROR_(name, expression)                         \
  do {                                                             \
    if (absl::Status name = (expression); !name.ok()) return name; \
  } while (false)

// Assigns the value of an absl::StatusOr, or returns its failure from the enclosing function.
#define ASSIGN_OR_RETURN(declaration, expression) \
  ASSIGN_OR_RETURN_(IDEA_CONCAT(or_, __COUNTER__), declaration, expression)
#define ASSIGN_OR_RETURN_(name, declaration, expression) \
  auto name = (expression);                              \
  if (!name.ok()) return std::move(name).status();       \
  declaration = *std::move(name)

#endif  // IDEA_COMMON_STATUS_STATUS_H_
