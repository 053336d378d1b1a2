#ifndef IDEA_COMMON_CONFIG_VERSION_H_
#define IDEA_COMMON_CONFIG_VERSION_H_

#include <string>

// The release and the commit that a program was built from.
namespace idea::config {

// The release: "0.1.0".
std::string Version();

// The commit, with "-dirty" if files have changed since. "unknown" outside of a repository and in tests,
// which are not linked again for each commit.
std::string Commit();

// One line for --version: "registry 0.1.0 (commit 2b4681e0c1aa)".
std::string VersionLine(const std::string& program);

}  // namespace idea::config

#endif  // IDEA_COMMON_CONFIG_VERSION_H_
