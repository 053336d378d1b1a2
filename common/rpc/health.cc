#include "common/rpc/health.h"

#include <algorithm>
#include <utility>

#include "common/rpc/peer.h"
#include "common/rpc/wire.h"
#include "common/status/status.h"
#include "grpc/health/v1/health.pb.h"

namespace idea::rpc {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

constexpr char kLiveness[] = "liveness";

std::string Bytes(HealthCheckResponse::ServingStatus status) {
  HealthCheckResponse response;
  response.set_status(status);
  return response.SerializeAsString();
}

}  // namespace

bool Health::IsCheck(const std::string& path) { return path == "/grpc.health.v1.Health/Check"; }
bool Health::IsWatch(const std::string& path) { return path == "/grpc.health.v1.Health/Watch"; }

void Health::Add(const std::string& service) { SetCause(service, ""); }

void Health::SetCause(const std::string& service, const std::string& cause) {
  const std::lock_guard lock(mutex_);
  causes_[service] = cause;
  for (HealthReactor* watch : watches_) watch->Update();
}

void Health::SetCauseOfAll(const std::string& cause) {
  const std::lock_guard lock(mutex_);
  cause_of_all_ = cause;
  for (HealthReactor* watch : watches_) watch->Update();
}

void Health::SetVersion(const std::string& version) {
  const std::lock_guard lock(mutex_);
  version_ = version;
}

void Health::SetLogHistory(const std::string& service, HistoryReader read) {
  const std::lock_guard lock(mutex_);
  log_histories_[service] = std::move(read);
}

void Health::SetDeadLetters(const std::string& service, int64_t events) {
  const std::lock_guard lock(mutex_);
  dead_letters_[service] = events;
}

bool Health::IsServing() {
  const std::lock_guard lock(mutex_);
  return cause_of_all_.empty() && !stopped_;
}

void Health::Stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  for (HealthReactor* watch : watches_) watch->Update();
}

void Health::EndAll() {
  const std::lock_guard lock(mutex_);
  ending_ = true;
  for (HealthReactor* watch : watches_) watch->Update();
}

std::string Health::CauseOf(const std::string& service) const {
  if (service == kLiveness) return "";
  if (stopped_) return "the server is stopping";
  return cause_of_all_.empty() ? causes_.at(service) : cause_of_all_;
}

std::optional<std::string> Health::AnswerOf(const std::string& service) const {
  if (service != kLiveness && !causes_.contains(service)) return std::nullopt;
  return Bytes(CauseOf(service).empty() ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING);
}

std::string Health::DeadLettersOf(const std::string& service) const {
  int64_t sum = 0;
  bool known = false;
  for (const auto& [name, events] : dead_letters_) {
    if (!service.empty() && name != service) continue;
    sum += events;
    known = true;
  }
  return known ? std::to_string(sum) : "";
}

HealthReactor::HealthReactor(grpc::CallbackServerContext& context, Incoming incoming, ServerState& state,
                             Callers::Stream place, Health& health)
    : ReadingReactor(context, std::move(incoming), state, std::move(place)), health_(health) {
  ReadNext();
}

HealthReactor::~HealthReactor() {
  const std::lock_guard lock(health_.mutex_);
  health_.watches_.erase(this);
}

void HealthReactor::OnReadDone(bool ok) {
  if (!Resume()) return;
  HealthCheckRequest request;
  if (!ok || !AppendBytes(request_, incoming_.body) || !request.ParseFromString(incoming_.body)) {
    FinishWith(
        status::Error(status::Reason::ERROR_REASON_MALFORMED_MESSAGE, "the bytes are not a health request"));
    return;
  }
  service_ = request.service();
  if (!IsStream()) {
    Check();
    return;
  }
  const std::lock_guard lock(health_.mutex_);
  health_.watches_.insert(this);
  Update();
}

void HealthReactor::Check() {
  Health::HistoryReader read;
  if (!incoming_.caller.service.empty()) {
    const std::lock_guard lock(health_.mutex_);
    const auto found = health_.log_histories_.find(service_);
    if (found != health_.log_histories_.end()) read = found->second;
  }
  incoming_.hops = std::clamp(incoming_.hops, 1, kMaxHops);
  const bool reads =
      read != nullptr && Submit([this, read = std::move(read)] { Answer(read().value_or("")); }).ok();
  if (!reads) Answer("");
}

void HealthReactor::Answer(const std::string& history) {
  const std::lock_guard lock(health_.mutex_);
  const std::optional<std::string> answer = health_.AnswerOf(service_);
  if (!answer) {
    FinishWith(status::Error(status::Reason::ERROR_REASON_NOT_FOUND, "the server does not run this service"));
    return;
  }
  if (!health_.version_.empty()) AddTrailingMetadata(kVersionMetadata, health_.version_);
  if (const std::string cause = health_.CauseOf(service_); !cause.empty())
    AddTrailingMetadata(kNotServingMetadata, cause);
  // For the callers of ListDeadLetters.
  if (incoming_.caller.kind == common::v1::CALLER_KIND_CDO) {
    if (const std::string events = health_.DeadLettersOf(service_); !events.empty())
      AddTrailingMetadata(kDeadLettersMetadata, events);
  }
  if (!history.empty()) AddTrailingMetadata(kLogHistoryMetadata, history);
  response_ = FromBytes(*answer);
  StartWriteAndFinish(&response_, grpc::WriteOptions(), grpc::Status::OK);
}

void HealthReactor::Update() {
  if (writing_ || ended_) return;
  const std::string now = health_.AnswerOf(service_).value_or(Bytes(HealthCheckResponse::SERVICE_UNKNOWN));
  ended_ = cancelled_ || health_.ending_;
  if (ended_) {
    if (cancelled_) {
      Finish(grpc::Status::CANCELLED);
    } else {
      FinishWith(status::Error(status::Reason::ERROR_REASON_SHUTTING_DOWN,
                               "the server is stopping; watch another replica"));
    }
  } else if (now != sent_) {
    sent_ = now;
    writing_ = true;
    response_ = FromBytes(now);
    StartWrite(&response_);
  }
}

void HealthReactor::OnWriteDone(bool ok) {
  Acquire();
  const std::lock_guard lock(health_.mutex_);
  writing_ = false;
  if (!ok) cancelled_ = true;
  Update();
}

void HealthReactor::OnCancel() {
  ReadingReactor::OnCancel();
  const std::lock_guard lock(health_.mutex_);
  cancelled_ = true;
  if (health_.watches_.count(this) > 0) Update();
}

}  // namespace idea::rpc
