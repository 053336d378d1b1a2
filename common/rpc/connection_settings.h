#ifndef IDEA_COMMON_RPC_CONNECTION_SETTINGS_H_
#define IDEA_COMMON_RPC_CONNECTION_SETTINGS_H_

#include <chrono>

namespace grpc {
class ChannelArguments;
class ServerBuilder;
}  // namespace grpc

namespace idea::rpc {

// How a listener treats the connections of its clients.
struct ConnectionSettings {
  // The server pings a connection on which it received nothing for `keepalive_time`, with or without calls,
  // and closes it if the answer does not arrive within `keepalive_timeout`.
  std::chrono::milliseconds keepalive_time{30'000};
  std::chrono::milliseconds keepalive_timeout{20'000};
  // Clients may ping this often, with or without calls. A client that pings more often is disconnected
  // (ENHANCE_YOUR_CALM). Shorter than the 10 s that clients are promised, because timers are not exact.
  std::chrono::milliseconds min_client_ping{8'000};
  // A connection is drained when it is this old (a tenth more or less, at random), so that clients find
  // replicas that were added: it takes no new calls, and those in hand have `max_age_grace` to end.
  std::chrono::milliseconds max_age{1'200'000};
  std::chrono::milliseconds max_age_grace{300'000};
  // A server that stops refuses new calls as SHUTTING_DOWN for this long, at most half of the time it has to
  // stop, before it closes its port: load balancers send it calls until they have noticed.
  std::chrono::milliseconds stop_grace{3'000};
  // Maximum time between two messages of a watch: a heartbeat is sent then.
  std::chrono::milliseconds heartbeat{30'000};
};

// The keepalive of the suite's own channels.
inline constexpr std::chrono::milliseconds kChannelKeepaliveTime{10'000};
inline constexpr std::chrono::milliseconds kChannelKeepaliveTimeout{5'000};

void Configure(grpc::ServerBuilder& builder, const ConnectionSettings& settings);

// The suite's own channels: keepalive, and docs/service-config.json, which clients are given too:
// round_robin, retries on UNAVAILABLE and a timeout for each method.
void Configure(grpc::ChannelArguments& arguments);

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_CONNECTION_SETTINGS_H_
