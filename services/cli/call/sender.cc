#include "services/cli/call/sender.h"

#include <algorithm>

#include "common/status/status.h"
#include "google/rpc/error_details.pb.h"
#include "grpc/health/v1/health.pb.h"
#include "services/cli/call/connection_check.h"
#include "services/cli/output/failure.h"

namespace idea::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{100};
constexpr milliseconds kMaxPause{5'000};
// Maximum number of attempts of a call, independent of --timeout.
constexpr int kMaxAttempts = 1'000;
constexpr milliseconds kConnectionCheckTimeout{5'000};

// The delay in the server's RetryInfo; 0 without one.
milliseconds PauseOf(const absl::Status& status) {
  const google::rpc::Status wire = status::ToWire(status);
  for (const auto& any : wire.details()) {
    google::rpc::RetryInfo info;
    if (any.UnpackTo(&info))
      return milliseconds(info.retry_delay().seconds() * 1000 + info.retry_delay().nanos() / 1'000'000);
  }
  return milliseconds(0);
}

// The rpc of a request: "SendBucp" of "SendBucpRequest".
std::string MethodOf(const google::protobuf::Message& request) {
  const std::string name = request.GetDescriptor()->name();
  constexpr std::string_view kEnd = "Request";
  return name.ends_with(kEnd) ? name.substr(0, name.size() - kEnd.size()) : name;
}

std::string Seconds(int64_t micros) {
  const int64_t tenths = micros / 100'000;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

}  // namespace

Sender::Sender(std::string service, const Target& target, const CallOptions& options, Environment& env)
    : service_(std::move(service)),
      target_(target),
      options_(options),
      env_(env),
      peer_(service_, target.address, {target.certificate, target.key, target.authority}, "",
            IsLoopback(target.address) ? rpc::UseProxy::kNo : rpc::UseProxy::kAsTheEnvironmentSays, 1) {}

void Sender::TraceBegin(const google::protobuf::Message& request, const rpc::Context& context) const {
  if (!options_.verbose && !options_.trace) return;
  const std::string method = options_.trace ? request.GetDescriptor()->file()->package() + "/" : "";
  env_.err << "> " << method << MethodOf(request) << "\n";
  if (options_.trace) {
    env_.err << "  endpoint: " << target_.address << "\n  certificate: " << target_.certificate
             << "\n  person: " << (target_.token.empty() ? "none" : "token sent")
             << "\n  traceparent: " << context.traceparent << "\n";
  }
  env_.err << "  request-id: " << context.request_id << "\n";
}

void Sender::TraceEnd(const absl::Status& status, clock::Micros spent) const {
  if (!options_.verbose && !options_.trace) return;
  env_.err << "< " << (status.ok() ? "OK" : absl::StatusCodeToString(status.code()))
           << (status.ok() ? "" : " " + status::ReasonName(status)) << " in " << spent / 1000 << " ms\n";
  if (!options_.trace || status.ok()) return;
  const google::rpc::Status wire = status::ToWire(status);
  for (const auto& any : wire.details()) env_.err << "  trailer: " << OneLine(any.ShortDebugString()) << "\n";
}

absl::Status Sender::Send(const google::protobuf::Message& request, google::protobuf::Message* response) {
  const clock::Micros end = env_.clock.Steady() + options_.timeout.value_or(kDefaultTimeout).count() * 1000;
  milliseconds pause = kFirstPause;
  absl::Status refusal;
  for (int attempt = 1;; ++attempt, pause = std::min(pause * 2, kMaxPause)) {
    const clock::Micros begun = env_.clock.Steady();
    const rpc::Context context =
        rpc::NewContext(milliseconds(std::max<clock::Micros>(end - begun, 1000) / 1000));
    TraceBegin(request, context);
    absl::Status status = peer_.Send(context, request, response, target_.token);
    TraceEnd(status, env_.clock.Steady() - begun);
    if (status.ok() || !options_.retries || ExitCodeOf(status) != kTryAgain || attempt == kMaxAttempts)
      return status;
    // The time is up. An earlier refusal is the reason why it was not enough.
    if (absl::IsDeadlineExceeded(status)) return refusal.ok() ? status : refusal;
    refusal = status;
    const milliseconds wait = std::max(pause, PauseOf(status));
    if (env_.clock.Steady() + wait.count() * 1000 >= end) return status;
    // An error without RequestInfo is not from the server.
    if (status::RequestIdOf(status).empty() &&
        FindConnectionTrouble(target_, env_.variables, kConnectionCheckTimeout)) {
      return status;
    }
    if (options_.verbose || options_.trace || (env_.err_is_terminal && !options_.quiet)) {
      env_.err << status::ReasonName(status) << ": trying again in " << Seconds(wait.count() * 1000) << "\n";
    }
    env_.pause(wait);
  }
}

absl::StatusOr<rpc::HealthReport> Sender::CheckHealth(const std::string& service) {
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(service);
  const clock::Micros begun = env_.clock.Steady();
  const rpc::Context context = rpc::NewContext(options_.timeout.value_or(kDefaultTimeout));
  TraceBegin(request, context);
  absl::StatusOr<rpc::HealthReport> health = peer_.CheckHealth(context, service);
  TraceEnd(health.status(), env_.clock.Steady() - begun);
  return health;
}

}  // namespace idea::cli
