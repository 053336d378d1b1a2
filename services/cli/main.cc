#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>

#include "common/clock/clock.h"
#include "common/config/config.h"
#include "services/cli/cli_app.h"
#include "services/cli/output/failure.h"

int main(int argc, char** argv) {
  // Hides gRPC's log lines; errors are returned as a status.
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);
  const auto variables = idea::config::Environment();
  const auto setting = variables.find("IDEA_TIME_ZONE");
  const std::string zone_name = setting == variables.end() ? "America/Los_Angeles" : setting->second;
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(zone_name, &zone)) {
    std::cerr << "ideactl: IDEA_TIME_ZONE: unknown time zone " << zone_name << "\n";
    return idea::cli::kUsage;
  }
  const idea::clock::SystemClock clock(zone);
  const auto pause = [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); };
  winsize size{};
  const bool is_terminal = isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
  idea::cli::Environment env{std::cin,
                             std::cout,
                             std::cerr,
                             variables,
                             clock,
                             pause,
                             isatty(STDERR_FILENO) == 1,
                             isatty(STDIN_FILENO) == 1,
                             is_terminal ? size.ws_col : size_t{0}};
  return idea::cli::Run({argv + 1, argv + argc}, env);
}
