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

// The failures of this suite: an absl::Status whose code, ErrorInfo and details follow from one ErrorReason.
// idea/common/v1/error.proto defines the reasons; docs/ERRORS.md is generated from it.
namespace idea::status {

using Reason = common::v1::ErrorReason;

// How the refusals of this process look on the wire.
struct WireSettings {
  // ErrorInfo.domain: a DNS-like name, as AIP-193 requires.
  std::string domain = "idea-exchange.ca.gov";
  // The address of the published docs/ERRORS.md. Help of a refusal links to its reason there. Empty: no Help.
  std::string reasons_url = {};
};
// Call it before the first call is served.
void SetWireSettings(WireSettings settings);

// Builds a refusal. Converts to absl::Status and any absl::StatusOr:
//   return Error(Reason::ERROR_REASON_STALE_ETAG, "the technical section was changed").With("etag", now);
class Error {
 public:
  // `message` is for people: lower case, says what is expected, and contains neither secrets nor texts of
  // drivers.
  Error(Reason reason, std::string_view message);

  // Adds an entry to ErrorInfo.metadata.
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

// NOT_FOUND for a resource that does not exist and for one that the caller may not see. The two answers are
// equal, so that a caller cannot distinguish them.
Error NotFoundOrHidden(std::string_view name);

// The reason of a status. UNSPECIFIED for OK and for failures without a reason.
Reason ReasonOf(const absl::Status& status);

// "STALE_ETAG"; "OK" for an OK status, "INTERNAL" for a failure without a reason.
std::string ReasonName(const absl::Status& status);

// The name of a reason without the prefix of the enum.
std::string ReasonName(Reason reason);

// The value of a key of ErrorInfo.metadata; empty if the key is missing.
std::string MetadataOf(const absl::Status& status, std::string_view key);

// `status` with one more entry in ErrorInfo.metadata if its reason is `reason`. For values that the guard of
// a flow does not know.
absl::Status WithMetadata(const absl::Status& status, Reason reason, std::string_view key,
                          std::string_view value);

// The request id of RequestInfo in a refusal from the wire. Empty if it has none.
std::string RequestIdOf(const absl::Status& status);

// The status to send over the wire. A failure without a reason becomes INTERNAL "internal error" without its
// text. A retryable reason has RetryInfo, one second by default. The details are cut to fit into the trailers
// that every client accepts. RequestInfo is added if `request_id` is given.
google::rpc::Status ToWire(const absl::Status& status, const std::string& request_id = "");

// The inverse: the status of a response from the wire.
absl::Status FromWire(const google::rpc::Status& wire);

// Whether sending the same request again may succeed: the reason is marked RETRY_YES, or the connection
// failed.
bool IsRetryable(const absl::Status& status);

// Whether a peer has finally refused a command: its failure has a reason. A peer that was disconnected, is
// unavailable or is of a release without the method has not decided.
bool IsRefusal(const absl::Status& status);

// Runs `work`. An exception becomes a failure without a reason that contains its text.
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
