#ifndef IDEA_SERVICES_CLI_FAILURE_H_
#define IDEA_SERVICES_CLI_FAILURE_H_

#include <ostream>
#include <string>

#include "absl/status/status.h"

namespace idea::cli {

// What ideactl ends with.
enum ExitCode {
  kDone = 0,
  // Internal, unknown, unimplemented.
  kInternal = 1,
  // Wrong usage, INVALID_ARGUMENT, OUT_OF_RANGE.
  kUsage = 2,
  // NOT_FOUND.
  kNotFound = 3,
  // UNAUTHENTICATED, PERMISSION_DENIED.
  kDenied = 4,
  // FAILED_PRECONDITION, ABORTED, ALREADY_EXISTS: the state of things.
  kState = 5,
  // UNAVAILABLE, RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED, CANCELLED.
  kTryAgain = 6,
  // What was waited for did not come in time.
  kTimedOut = 7,
  // `verify` and `log verify`: something is not as it was sealed, signed or logged.
  kNotProved = 8,
  // No connection, by cause; trying again does not help before somebody has changed something.
  // The server's certificate is not from the certificate authority in --ca.
  kUnknownAuthority = 10,
  // The server's certificate is for another name.
  kNameMismatch = 11,
  // The server's certificate or the own one has expired or is not valid yet.
  kExpired = 12,
  // Nobody listens there, or the host cannot be reached.
  kRefused = 13,
  // The host's name is not known.
  kNoSuchHost = 14,
  // No answer within --timeout, or none of the host.
  kDeadline = 15,
  // The call goes through a proxy of the environment.
  kProxy = 16,
  // The server does not accept the own certificate.
  kCertificateRefused = 17,
};

// The same as text, for --help.
extern const char kExitCodesHelp[];

ExitCode ExitCodeOf(const absl::Status& status);

// Prints a server's refusal: `REASON: message`, then indented lines for each violation, the metadata and what
// fixes it.
void PrintFailure(const absl::Status& status, std::ostream& err);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_FAILURE_H_
