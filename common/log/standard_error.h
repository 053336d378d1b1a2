#ifndef IDEA_COMMON_LOG_STANDARD_ERROR_H_
#define IDEA_COMMON_LOG_STANDARD_ERROR_H_

namespace idea::log {

// Makes log lines of what C libraries print to `stderr` from now on, each line a warning "standard error"
// with the text. Needs glibc, whose `stderr` is a variable. The descriptor 2 stays what it is.
void TakeOverStandardError();

}  // namespace idea::log

#endif  // IDEA_COMMON_LOG_STANDARD_ERROR_H_
