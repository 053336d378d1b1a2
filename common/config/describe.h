#ifndef IDEA_COMMON_CONFIG_DESCRIBE_H_
#define IDEA_COMMON_CONFIG_DESCRIBE_H_

#include <string>

#include "common/config/config.h"

namespace idea::config {

// Each setting with its value, as lines NAME=value. A secret that is not the default is written as
// "(secret)".
std::string Describe(const Config& config);

}  // namespace idea::config

#endif  // IDEA_COMMON_CONFIG_DESCRIBE_H_
