#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <thread>

#include "common/clock/clock.h"
#include "common/config/config.h"
#include "services/cli/cli_app.h"

int main(int argc, char** argv) {
  // gRPC's own log lines are not for the users of a command; what went wrong comes back as a status.
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);
  const idea::clock::SystemClock clock;
  const auto pause = [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); };
  winsize size{};
  const bool is_terminal = isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
  idea::cli::Surroundings around{std::cin,
                                 std::cout,
                                 std::cerr,
                                 idea::config::Environment(),
                                 clock,
                                 pause,
                                 isatty(STDERR_FILENO) == 1,
                                 isatty(STDIN_FILENO) == 1,
                                 is_terminal ? size.ws_col : size_t{0}};
  return idea::cli::Run({argv + 1, argv + argc}, around);
}
