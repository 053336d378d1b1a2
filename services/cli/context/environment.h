#ifndef IDEA_SERVICES_CLI_CONTEXT_ENVIRONMENT_H_
#define IDEA_SERVICES_CLI_CONTEXT_ENVIRONMENT_H_

#include <chrono>
#include <functional>
#include <istream>
#include <ostream>

#include "common/clock/clock.h"
#include "services/cli/context/context_file.h"

namespace idea::cli {

// The streams, variables and clock of one run of ideactl.
struct Environment {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  Variables variables;
  const clock::Clock& clock;
  // Sleeps.
  std::function<void(std::chrono::milliseconds)> pause;
  // Whether `err` is a terminal.
  bool err_is_terminal = false;
  // Whether `in` is a terminal, so that a person can be asked.
  bool in_is_terminal = false;
  // Columns of the terminal; 0 if `out` is not a terminal.
  size_t out_width = 0;
  // Failures are printed as JSON.
  bool json_errors = false;
};

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_CONTEXT_ENVIRONMENT_H_
