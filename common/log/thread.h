#ifndef IDEA_COMMON_LOG_THREAD_H_
#define IDEA_COMMON_LOG_THREAD_H_

#include <functional>
#include <string>
#include <thread>

namespace idea::log {

// Starts a thread that calls `work` until it returns. An exception from `work` is logged as an error with the
// name of the thread, and `work` is called again after 100 ms: an exception never ends the process. All
// threads of the suite are started here.
std::thread StartThread(std::string name, std::function<void()> work);

}  // namespace idea::log

#endif  // IDEA_COMMON_LOG_THREAD_H_
