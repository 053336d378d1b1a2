#ifndef IDEA_SERVICES_CLI_ENVIRONMENT_H_
#define IDEA_SERVICES_CLI_ENVIRONMENT_H_

#include <chrono>
#include <functional>
#include <istream>
#include <ostream>

#include "common/clock/clock.h"
#include "services/cli/context_file.h"

namespace idea::cli {

// What a run of ideactl reads and writes.
struct Environment {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  Variables variables;
  const clock::Clock& clock;
  // Sleeps.
  std::function<void(std::chrono::milliseconds)> pause;
  // Whether somebody watches `err`.
  bool err_is_terminal = false;
  // Whether somebody types `in`, and can be asked.
  bool in_is_terminal = false;
  // Characters on a line of the terminal that `out` is; 0 if it is not one.
  size_t out_width = 0;
  // Failures are printed as JSON.
  bool json_errors = false;
};

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_ENVIRONMENT_H_
