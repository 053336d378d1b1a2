#include "common/rpc/connection_settings.h"

#include <grpc/impl/codegen/grpc_types.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/support/channel_arguments.h>

#include <algorithm>
#include <limits>

#include "common/config/embedded.h"

// docs/service-config.json
extern const idea::config::EmbeddedFile k_service_config[];

namespace idea::rpc {
namespace {

// gRPC takes milliseconds as int; the maximum means never.
int Millis(std::chrono::milliseconds time) {
  return static_cast<int>(std::clamp<int64_t>(time.count(), 1, std::numeric_limits<int>::max()));
}

}  // namespace

void Configure(grpc::ServerBuilder& builder, const ConnectionSettings& settings) {
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Millis(settings.keepalive_time));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Millis(settings.keepalive_timeout));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // gRPC adds the jitter.
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, Millis(settings.max_age));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, Millis(settings.max_age_grace));
  // By default, gRPC stops after two pings without data.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             Millis(settings.min_client_ping));
}

void Configure(grpc::ChannelArguments& arguments) {
  arguments.SetServiceConfigJSON(k_service_config[0].text);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, Millis(kChannelKeepaliveTime));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Millis(kChannelKeepaliveTimeout));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
}

}  // namespace idea::rpc
