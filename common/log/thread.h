#ifndef IDEA_COMMON_LOG_THREAD_H_
#define IDEA_COMMON_LOG_THREAD_H_

#include <functional>
#include <string>
#include <thread>

namespace idea::log {

// Starts a thread that calls `work` until it returns. An exception that leaves `work` is logged with the
// thread's name as an error, and `work` is called again after a pause of 100 ms: an exception never ends the
// process. Every thread of ours is started here.
std::thread StartThread(std::string name, std::function<void()> work);

}  // namespace idea::log

#endif  // IDEA_COMMON_LOG_THREAD_H_
