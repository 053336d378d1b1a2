#include "common/config/version.h"

// Programs replace this definition with one in a file that cmake/WriteCommit.cmake writes.
extern "C" __attribute__((weak)) const char* idea_commit() { return "unknown"; }

namespace idea::config {

std::string Version() { return IDEA_VERSION; }

std::string Commit() { return idea_commit(); }

std::string VersionLine(const std::string& program) {
  return program + " " + Version() + " (commit " + Commit() + ")";
}

}  // namespace idea::config
