#ifndef IDEA_COMMON_LOG_STANDARD_ERROR_H_
#define IDEA_COMMON_LOG_STANDARD_ERROR_H_

namespace idea::log {

// From now on, logs each line that C libraries print to `stderr` as a warning "standard error" with the text.
// Needs glibc, whose `stderr` is a variable. Descriptor 2 stays unchanged.
void TakeOverStandardError();

}  // namespace idea::log

#endif  // IDEA_COMMON_LOG_STANDARD_ERROR_H_
