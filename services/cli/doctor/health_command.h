#ifndef IDEA_SERVICES_CLI_DOCTOR_HEALTH_COMMAND_H_
#define IDEA_SERVICES_CLI_DOCTOR_HEALTH_COMMAND_H_

#include <string>

#include "common/rpc/peer.h"
#include "services/cli/arguments/arguments.h"
#include "services/cli/context/environment.h"
#include "services/cli/output/failure.h"

namespace idea::cli {

// Returns the answer of a health check in words: "SERVING", "NOT_SERVING: database of registry",
// "SERVING, dead letters: 2".
std::string HealthText(const rpc::HealthReport& health);

// ideactl health: calls grpc.health.v1.Health/Check. Returns kDone only if every server answers SERVING,
// kTryAgain for any other answer.
ExitCode RunHealth(const Arguments& arguments, Environment& env);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_DOCTOR_HEALTH_COMMAND_H_
