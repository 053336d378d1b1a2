#ifndef IDEA_TESTS_SERVICES_CLI_TEST_ENVIRONMENT_H_
#define IDEA_TESTS_SERVICES_CLI_TEST_ENVIRONMENT_H_

#include <sstream>

#include "common/clock/clock.h"
#include "services/cli/context/environment.h"

namespace idea::testing {

// An Environment with strings as streams. A pause advances the clock.
struct TestEnvironment {
  std::istringstream in;
  std::ostringstream out, err;
  clock::FakeClock clock;
  int pauses = 0;
  cli::Environment env{in, out, err, {}, clock, [this](std::chrono::milliseconds time) {
                         ++pauses;
                         clock.Advance(time.count() * 1000);
                       }};
};

}  // namespace idea::testing

#endif  // IDEA_TESTS_SERVICES_CLI_TEST_ENVIRONMENT_H_
