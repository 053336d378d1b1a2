#ifndef IDEA_COMMON_RPC_CONTEXT_H_
#define IDEA_COMMON_RPC_CONTEXT_H_

#include <chrono>
#include <string>

namespace idea::rpc {

// The context that a call passes to the calls that it makes: the id that links log lines, the trace, and the
// remaining time.
struct Context {
  // Metadata `x-request-id`: passed between services. Created by the first server if the client sends none.
  std::string request_id;
  // W3C trace context: metadata `traceparent`.
  std::string traceparent;
  // On the monotonic clock, so that a change of the time of day does not affect calls in progress.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  // The number of calls of services that wait for this one: 0 for a call of a department, 1 for a call that
  // its handler makes. Metadata `x-idea-hops`. At most kMaxHops.
  int hops = 0;
  // Whether the call hands over an event. Then the peer must not have lost earlier ones: see
  // Peer::ExpectLogEpoch().
  bool hands_over = false;
};

// A call with this many hops must not call a service. Each number of hops has separate workers, so that no
// call waits for the workers that must serve it.
inline constexpr int kMaxHops = 2;

// The request id of a call: that of the client if it is valid as a header and for storage (1-100 printable
// ASCII characters without blanks), otherwise a new random one.
std::string RequestIdOf(const std::string& sent);

// Converts between deadlines of gRPC, in time of day, and of Context. max() means no deadline.
std::chrono::steady_clock::time_point ToSteady(std::chrono::system_clock::time_point deadline);
std::chrono::system_clock::time_point ToSystem(std::chrono::steady_clock::time_point deadline);

// The context of work without a call: a new request id and trace.
Context NewContext(std::chrono::milliseconds timeout);

// The traceparent to pass on: the same trace with a new span. A new trace if `traceparent` is malformed.
std::string ChildTrace(const std::string& traceparent);

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_CONTEXT_H_
