#ifndef IDEA_COMMON_CONFIG_KEY_FILE_H_
#define IDEA_COMMON_CONFIG_KEY_FILE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace idea::config {

// Reads a file of 1 to 16 keys of 64 hexadecimal digits, one a line. Returns the bytes of each key. Fails
// with a text for operators, which names the path and never a key.
absl::StatusOr<std::vector<std::string>> ReadKeyFile(const std::string& path);

}  // namespace idea::config

#endif  // IDEA_COMMON_CONFIG_KEY_FILE_H_
