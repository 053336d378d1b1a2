#ifndef IDEA_SERVICES_CLI_OUTPUT_FAILURE_H_
#define IDEA_SERVICES_CLI_OUTPUT_FAILURE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "services/cli/context/environment.h"

namespace idea::cli {

// The exit codes of ideactl.
enum ExitCode {
  kDone = 0,
  // Internal, unknown, unimplemented; or `exchange check`: DENIED.
  kInternal = 1,
  kNo = 1,
  // Wrong usage, INVALID_ARGUMENT, OUT_OF_RANGE.
  kUsage = 2,
  // NOT_FOUND.
  kNotFound = 3,
  // UNAUTHENTICATED, PERMISSION_DENIED.
  kDenied = 4,
  // FAILED_PRECONDITION, ABORTED, ALREADY_EXISTS.
  kState = 5,
  // UNAVAILABLE, RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED, CANCELLED.
  kTryAgain = 6,
  // `wait`, or a stream with --limit, timed out.
  kTimedOut = 7,
  // `verify` and `log verify`: a part differs from what was sealed, signed or logged. Any use of the log: it
  // has shown two histories.
  kNotProved = 8,
  // `exchange check`: DENIED_UNKNOWN, the register cannot decide.
  kUnknown = 9,
  // No connection, by cause. A retry does not help before the cause is removed.
  // The server's certificate is not from the certificate authority in --ca.
  kUnknownAuthority = 10,
  // The server's certificate is for another name.
  kNameMismatch = 11,
  // The server's or the own certificate has expired or is not valid yet.
  kExpired = 12,
  // The connection was refused, or the host cannot be reached.
  kRefused = 13,
  // The host name does not exist.
  kNoSuchHost = 14,
  // No response within --timeout, or none from the host.
  kDeadline = 15,
  // The call goes through a proxy of the environment.
  kProxy = 16,
  // The server does not accept the own certificate.
  kCertificateRefused = 17,
  // An import was done with problems: rows or fields that were not read. The response lists them.
  kProblems = 18,
  // `verify --checkpoint`: the bundle is genuine and does not show the agreement as of that checkpoint.
  kOutdated = 19,
};

// The same as text, for --help.
extern const char kExitCodesHelp[];

ExitCode ExitCodeOf(const absl::Status& status);

// The exit code of a response, so that `ideactl exchange check ... && send` is safe: kNo or kUnknown if a
// decision denies an exchange, the worst of several; kProblems if an import has problems; else kDone.
ExitCode ExitCodeOfAnswer(const google::protobuf::Message& response);

// Lines below a failure: name and text.
using Notes = std::vector<std::pair<std::string, std::string>>;

// The functions below print to stderr, as one JSON document {"error": {...}} if the output is for programs.

// Prints a server's error: `REASON: message`, then indented lines for each violation, the metadata, the notes
// and the fix. Names of rpcs are replaced by commands and, if the type of the request is known, paths of its
// fields by flags.
void PrintFailure(const absl::Status& status, ExitCode code, const Notes& notes, Environment& env,
                  const google::protobuf::Descriptor* request = nullptr);
// Prints an error of the client: `REASON: text`.
void PrintTrouble(const std::string& reason, const std::string& text, ExitCode code, const Notes& notes,
                  Environment& env);
// Prints wrong usage, or a file that cannot be read or written: `ideactl: text`. Returns `code`.
ExitCode Complain(const std::string& text, ExitCode code, Environment& env);
// The same for the message of a status. Returns kUsage.
ExitCode Misuse(const absl::Status& status, Environment& env);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_OUTPUT_FAILURE_H_
