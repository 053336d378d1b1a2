#include <future>
#include <memory>
#include <string>

#include "common/rpc/peer.h"
#include "common/rpc/peer_channel.h"
#include "common/rpc/peer_diagnosis.h"
#include "common/rpc/wire.h"
#include "common/status/status.h"
#include "grpc/health/v1/health.pb.h"

namespace idea::rpc {

absl::StatusOr<HealthReport> Peer::CheckHealth(const Context& context, const std::string& service) {
  grpc::health::v1::HealthCheckRequest request;
  grpc::health::v1::HealthCheckResponse response;
  request.set_service(service);
  grpc::ClientContext call;
  RETURN_IF_ERROR(Prepare(call, context, ""));
  const std::shared_ptr<Channel> channel = Current();
  std::promise<grpc::Status> answered;
  channel->stub.UnaryCall(&call, "/grpc.health.v1.Health/Check", grpc::StubOptions(), &request, &response,
                          [&](grpc::Status status) { answered.set_value(std::move(status)); });
  RETURN_IF_ERROR(diagnosis_->Explain(FromGrpc(answered.get_future().get()), channel->IsConnected()));
  const auto& trailers = call.GetServerTrailingMetadata();
  const auto detail = [&](const char* key) {
    const auto found = trailers.find(key);
    return found == trailers.end() ? std::string() : std::string(found->second.data(), found->second.size());
  };
  return HealthReport{response.status() == grpc::health::v1::HealthCheckResponse::SERVING,
                      detail(kNotServingMetadata), detail(kVersionMetadata), detail(kDeadLettersMetadata),
                      detail(kLogHistoryMetadata)};
}

void Peer::ExpectLogEpoch(const std::string& epoch) {
  const std::lock_guard lock(mutex_);
  log_epoch_ = epoch;
}

}  // namespace idea::rpc
