#include "tests/support/postgres/run_script.h"

#include <array>
#include <cstdio>
#include <stdexcept>

namespace idea::testing {

std::string RunScript(const std::string& commands) {
  const std::string line = "bash -c 'cd " + std::string(IDEA_SOURCE_DIR) +
                           " && source scripts/servers.sh && " + commands + "' 2>&1 </dev/null";
  FILE* const pipe = popen(line.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot start bash");
  std::string said;
  std::array<char, 4096> piece;
  for (size_t size = 0; (size = fread(piece.data(), 1, piece.size(), pipe)) > 0;)
    said.append(piece.data(), size);
  if (pclose(pipe) != 0) throw std::runtime_error(commands + ": " + said);
  while (!said.empty() && said.back() == '\n') said.pop_back();
  return said;
}

}  // namespace idea::testing
