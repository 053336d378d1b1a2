#ifndef IDEA_COMMON_RPC_CONNECTION_SETTINGS_H_
#define IDEA_COMMON_RPC_CONNECTION_SETTINGS_H_

#include <chrono>

namespace grpc {
class ChannelArguments;
class ServerBuilder;
}  // namespace grpc

namespace idea::rpc {

// The settings of a listener for the connections of its clients.
struct ConnectionSettings {
  // The server pings a connection from which it received nothing for `keepalive_time`, with or without calls,
  // and closes it if the answer does not arrive within `keepalive_timeout`.
  std::chrono::milliseconds keepalive_time{30'000};
  std::chrono::milliseconds keepalive_timeout{20'000};
  // The interval at which clients may ping, with or without calls. A client that pings more often is
  // disconnected (ENHANCE_YOUR_CALM). Shorter than the documented 10 s, because timers are not exact.
  std::chrono::milliseconds min_client_ping{8'000};
  // The age at which a connection is drained (plus or minus a tenth, at random), so that clients find new
  // replicas: it accepts no new calls, and calls in progress have `max_age_grace` to end.
  std::chrono::milliseconds max_age{1'200'000};
  std::chrono::milliseconds max_age_grace{300'000};
  // The time for which a stopping server refuses new calls as SHUTTING_DOWN before it closes its port, at
  // most half of its time to stop: load balancers continue to send calls until they notice.
  std::chrono::milliseconds stop_grace{3'000};
  // The maximum time between two messages of a watch, after which a heartbeat is sent.
  std::chrono::milliseconds heartbeat{30'000};
};

// The keepalive of the channels of the suite.
inline constexpr std::chrono::milliseconds kChannelKeepaliveTime{10'000};
inline constexpr std::chrono::milliseconds kChannelKeepaliveTimeout{5'000};

void Configure(grpc::ServerBuilder& builder, const ConnectionSettings& settings);

// The settings of the channels of the suite: keepalive, and docs/service-config.json, which is also given to
// clients: round_robin, retries on UNAVAILABLE, and a timeout for each method.
void Configure(grpc::ChannelArguments& arguments);

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_CONNECTION_SETTINGS_H_
