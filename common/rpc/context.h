#ifndef IDEA_COMMON_RPC_CONTEXT_H_
#define IDEA_COMMON_RPC_CONTEXT_H_

#include <chrono>
#include <string>

namespace idea::rpc {

// What one call hands on to the calls that it makes: the id that links the log lines, the trace and the time
// that is left.
struct Context {
  // Metadata `x-request-id`: crosses services. Made by the first server if the client sends none.
  std::string request_id;
  // W3C trace context: metadata `traceparent`.
  std::string traceparent;
  // On the clock that nobody sets: a call in hand neither ends nor lasts longer when the machine's time
  // changes.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  // Number of calls of the suite's services that wait for this one: 0 for a department's call, 1 for the call
  // that a handler of it makes. Metadata `x-idea-hops`. At most kMaxHops.
  int hops = 0;
  // Whether the call hands over an event, so that nothing that the peer has lost may come after it: see
  // Peer::ExpectLogEpoch.
  bool hands_over = false;
};

// A call with this many hops must not call a service: each number of hops has its own workers, so that no
// call waits for the workers that must serve it.
inline constexpr int kMaxHops = 2;

// Metadata `x-request-id` as the call goes on with it: what the client sent if that can be handed on as a
// header and stored (1-100 printable ASCII characters without blanks), else a new random one.
std::string RequestIdOf(const std::string& sent);

// Between gRPC, which takes and gives deadlines by the machine's clock, and Context. max() is no deadline.
std::chrono::steady_clock::time_point ToSteady(std::chrono::system_clock::time_point deadline);
std::chrono::system_clock::time_point ToSystem(std::chrono::steady_clock::time_point deadline);

// The context of work that no call caused: a new request id and trace.
Context NewContext(std::chrono::milliseconds timeout);

// The traceparent to hand on: the same trace, a new span. A new trace if `traceparent` is not well formed.
std::string ChildTrace(const std::string& traceparent);

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_CONTEXT_H_
