#ifndef IDEA_SERVICES_CLI_DOCTOR_DOCTOR_H_
#define IDEA_SERVICES_CLI_DOCTOR_DOCTOR_H_

#include "services/cli/arguments/arguments.h"
#include "services/cli/context/environment.h"
#include "services/cli/output/failure.h"

namespace idea::cli {

// Checks everything that a call needs and prints what it finds: the context file; the certificate, whose and
// until when, and its key; the token, whose and until when, and the person's roles; proxies of the
// environment; each endpoint, its health and version, and how far its clock is from this one; the dead
// letters of each service, for a caller that may list them; the version of ideactl. Returns kDone if nothing
// is wrong, else the exit code of the first finding that keeps calls from working.
ExitCode RunDoctor(const Arguments& arguments, Environment& env);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_DOCTOR_DOCTOR_H_
