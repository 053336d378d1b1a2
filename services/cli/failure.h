#ifndef IDEA_SERVICES_CLI_FAILURE_H_
#define IDEA_SERVICES_CLI_FAILURE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "services/cli/environment.h"

namespace idea::cli {

// What ideactl ends with.
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
  // FAILED_PRECONDITION, ABORTED, ALREADY_EXISTS: the state of things.
  kState = 5,
  // UNAVAILABLE, RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED, CANCELLED.
  kTryAgain = 6,
  // What was waited for did not come in time.
  kTimedOut = 7,
  // `verify` and `log verify`: something is not as it was sealed, signed or logged.
  kNotProved = 8,
  // `exchange check`: DENIED_UNKNOWN, the register cannot tell.
  kUnknown = 9,
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
  // An import was done and left problems: rows or fields that were not read. The answer lists them.
  kProblems = 18,
};

// The same as text, for --help.
extern const char kExitCodesHelp[];

ExitCode ExitCodeOf(const absl::Status& status);

// What an answer says to scripts, so that `ideactl exchange check ... && send` is safe: kNo or kUnknown if a
// decision in it denies an exchange, the worst of several; kProblems if an import left some; else kDone.
ExitCode ExitCodeOfAnswer(const google::protobuf::Message& response);

// Lines below a failure: name and text.
using Notes = std::vector<std::pair<std::string, std::string>>;

// Each prints to stderr; as one JSON document {"error": {...}} if the output is for programs.

// A server's refusal: `REASON: message`, then indented lines for each violation, the metadata, the notes and
// what fixes it. Names of rpcs become commands and, where the type of the request is known, paths of its
// fields flags.
void PrintFailure(const absl::Status& status, ExitCode code, const Notes& notes, Environment& env,
                  const google::protobuf::Descriptor* request = nullptr);
// What went wrong on this side of the wire: `REASON: text`.
void PrintTrouble(const std::string& reason, const std::string& text, ExitCode code, const Notes& notes,
                  Environment& env);
// Wrong usage, or a file that cannot be read or written: `ideactl: text`. Returns `code`.
ExitCode Complain(const std::string& text, ExitCode code, Environment& env);
// The same for the message of a status. Returns kUsage.
ExitCode Misuse(const absl::Status& status, Environment& env);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_FAILURE_H_
