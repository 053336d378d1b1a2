#include "common/rpc/reactors.h"

#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>

#include <charconv>

#include "common/log/thread.h"
#include "common/rpc/peer.h"
#include "common/rpc/wire.h"
#include "common/status/status.h"

namespace idea::rpc {
namespace {

using status::Error;
using status::Reason;

// How long writes of other replicas may remain unseen.
constexpr std::chrono::milliseconds kPoll{1000};
// How soon a stream sees writes of this process.
constexpr std::chrono::milliseconds kPollInterval{50};

// Larger requests are always served by a worker: threads of gRPC are for work of microseconds.
constexpr size_t kMaxInlineBytes = size_t{16} * 1024;

}  // namespace

absl::Status Overloaded(const char* limit) {
  return Error(Reason::ERROR_REASON_OVERLOADED, "all workers are busy, or the caller has used its share")
      .With("limit", limit)
      .RetryAfter(std::chrono::milliseconds(200));
}

absl::Status NoMessage() {
  return Error(Reason::ERROR_REASON_MALFORMED_MESSAGE, "the call has no request message");
}

Incoming IncomingOf(const grpc::CallbackServerContext& context, const Method* method) {
  Incoming incoming;
  incoming.method = method;
  incoming.deadline = ToSteady(context.deadline());
  incoming.peer = PeerAddress(context.peer());
  const auto ids = context.auth_context()->FindPropertyValues(GRPC_PEER_SPIFFE_ID_PROPERTY_NAME);
  if (ids.size() == 1) incoming.spiffe_id.assign(ids[0].data(), ids[0].size());
  const auto take = [&](const char* key, std::string& into) {
    const auto [begin, end] = context.client_metadata().equal_range(key);
    for (auto found = begin; found != end; ++found) {
      // Repeated metadata becomes a list (RFC 9110, section 5.3), which is not valid for any field here.
      if (found != begin) into += ", ";
      into.append(found->second.data(), found->second.size());
    }
  };
  take("authorization", incoming.authorization);
  take("x-request-id", incoming.request_id);
  take(kLogEpochMetadata, incoming.log_epoch);
  take("traceparent", incoming.traceparent);
  incoming.request_id = RequestIdOf(incoming.request_id);
  if (const auto found = context.client_metadata().find("x-idea-hops");
      found != context.client_metadata().end()) {
    std::from_chars(found->second.begin(), found->second.end(), incoming.hops);
  }
  return incoming;
}

UnaryReactor::UnaryReactor(grpc::CallbackServerContext& context, Incoming incoming, Pipeline& pipeline,
                           ServerState& state)
    : ReadingReactor(context, std::move(incoming), state), pipeline_(pipeline) {
  ReadNext();
}

void UnaryReactor::OnReadDone(bool ok) {
  if (!Resume()) return;
  if (!ok || !AppendBytes(request_, incoming_.body)) {
    FinishWith(NoMessage());
    return;
  }
  request_.Clear();
  const bool at_once = incoming_.method->inline_work && incoming_.authorization.empty() &&
                       incoming_.body.size() <= kMaxInlineBytes;
  if (at_once) {
    Work();
  } else if (const absl::Status queued = Submit([this] { Work(); }); !queued.ok()) {
    FinishWith(pipeline_.Refuse(incoming_, queued));
  }
}

void UnaryReactor::Work() {
  std::string answer;
  const absl::Status status = pipeline_.Serve(incoming_, answer, [this](double calls) {
    if (!incoming_.caller.service.empty()) return absl::OkStatus();
    return state_.Refused(state_.callers.TakeCall(incoming_.caller.Name(), CallKind::kCheck, calls));
  });
  if (!status.ok()) {
    FinishWith(status);
    return;
  }
  response_ = FromBytes(answer);
  StartWriteAndFinish(&response_, grpc::WriteOptions(), grpc::Status::OK);
}

WatchReactor::WatchReactor(grpc::CallbackServerContext& context, Incoming incoming, Pipeline& pipeline,
                           ServerState& state, Watchers& watchers, Callers::Stream place)
    : ReadingReactor(context, std::move(incoming), state, std::move(place)),
      pipeline_(pipeline),
      watchers_(watchers) {
  ReadNext();
}

void WatchReactor::OnReadDone(bool ok) {
  if (!Resume()) return;
  if (!ok || !AppendBytes(request_, incoming_.body)) {
    FinishWith(NoMessage());
  } else {
    request_.Clear();
    Schedule();
  }
}

bool WatchReactor::Wake() {
  return state_.pools.Of(incoming_.hops).Submit(incoming_.caller.Name(), 0, [this] { Step(); });
}

void WatchReactor::Schedule() {
  if (Wake()) return;
  const absl::Status refused = state_.Refused(Overloaded("queue"));
  if (stream_ == nullptr) pipeline_.Refuse(incoming_, refused).IgnoreError();
  End(refused);
}

void WatchReactor::Step() {
  if (stream_ == nullptr) {
    absl::StatusOr<std::unique_ptr<Pipeline::Stream>> opened = pipeline_.Open(incoming_);
    if (!opened.ok()) {
      FinishWith(opened.status());
      return;
    }
    stream_ = *std::move(opened);
    StartSendInitialMetadata();
  }
  if (cancelled_) {
    End(Error(Reason::ERROR_REASON_CANCELLED, "the caller cancelled the call"));
    return;
  }
  if (watchers_.ending()) {
    End(Error(Reason::ERROR_REASON_SHUTTING_DOWN, "the server is stopping; resume at another replica"));
    return;
  }
  const uint64_t seen = pipeline_.notifier().Count();
  absl::StatusOr<std::vector<std::string>> next = stream_->Next();
  if (!next.ok()) {
    End(next.status());
    return;
  }
  next_ = *std::move(next);
  written_ = 0;
  if (next_.empty() && !stream_->ended() &&
      std::chrono::steady_clock::now() - last_message_ >= watchers_.heartbeat()) {
    next_ = stream_->Heartbeat();
  }
  if (next_.empty() && stream_->ended()) {
    End(absl::OkStatus());
  } else if (next_.empty()) {
    watchers_.Park(this, &pipeline_.notifier(), seen);
  } else {
    WriteNext();
  }
}

void WatchReactor::WriteNext() {
  last_message_ = std::chrono::steady_clock::now();
  response_ = FromBytes(next_[written_++]);
  StartWrite(&response_);
}

void WatchReactor::OnWriteDone(bool ok) {
  Acquire();
  if (!ok) cancelled_ = true;
  if (ok && written_ < next_.size()) {
    WriteNext();
  } else if (ok && stream_->ended()) {
    End(absl::OkStatus());
  } else {
    Schedule();
  }
}

void WatchReactor::OnCancel() {
  ReadingReactor::OnCancel();
  cancelled_ = true;
  watchers_.Kick();
}

void WatchReactor::End(const absl::Status& status) {
  if (stream_ != nullptr) stream_->End(status);
  FinishWith(status);
}

Watchers::Watchers(std::chrono::milliseconds heartbeat)
    : heartbeat_(heartbeat), thread_(log::StartThread("watchers", [this] { Loop(); })) {}

Watchers::~Watchers() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Watchers::Park(WatchReactor* reactor, events::Notifier* notifier, uint64_t seen) {
  const std::lock_guard lock(mutex_);
  parked_.push_back({reactor, notifier, seen, std::chrono::steady_clock::now()});
}

void Watchers::Kick() {
  {
    const std::lock_guard lock(mutex_);
    kicked_ = true;
  }
  changed_.notify_all();
}

void Watchers::EndAll() {
  ending_ = true;
  Kick();
}

void Watchers::Loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    changed_.wait_for(lock, kPollInterval, [this] { return stopping_ || kicked_; });
    kicked_ = false;
    const auto now = std::chrono::steady_clock::now();
    std::vector<Parked> waiting;
    for (const Parked& parked : parked_) {
      const bool wake = ending_ || parked.reactor->cancelled() || parked.notifier->Count() != parked.seen ||
                        now - parked.since >= kPoll;
      // The queue is full: the next poll tries again.
      if (!wake || !parked.reactor->Wake()) waiting.push_back(parked);
    }
    parked_ = std::move(waiting);
  }
}

}  // namespace idea::rpc
