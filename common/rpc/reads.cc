#include "common/rpc/reads.h"

#include <map>
#include <string>
#include <utility>

#include "common/rpc/reactors.h"
#include "common/rpc/server_state.h"
#include "common/rpc/wire.h"
#include "common/status/status.h"

namespace idea::rpc {
namespace {

using status::Error;
using status::Reason;

absl::Status Stopping() {
  return Error(Reason::ERROR_REASON_SHUTTING_DOWN, "the server is stopping; continue at another replica");
}

absl::Status Overdue(const char* limit) {
  return Error(Reason::ERROR_REASON_MESSAGE_OVERDUE, "the request message did not arrive in time")
      .With("limit", limit)
      .RetryAfter(std::chrono::seconds(1));
}

}  // namespace

void ReadingReactor::OnCancel() {
  Acquire();
  state_.connections.Reset(incoming_.peer);
}

void ReadingReactor::ReadNext() {
  if (!state_.reads.Start(this)) FinishWith(Stopping());
}

bool ReadingReactor::Resume() {
  Acquire();
  return state_.reads.Resume(this);
}

absl::Status ReadingReactor::Submit(std::function<void()> work) {
  const std::string& caller = incoming_.caller.Name();
  if (incoming_.caller.service.empty() && !IsStream()) {
    const bool writes = incoming_.method->policy.effect() == common::v1::EFFECT_WRITE;
    RETURN_IF_ERROR(
        state_.Refused(state_.callers.TakeCall(caller, writes ? CallKind::kWrite : CallKind::kRead)));
  }
  const bool queued = state_.pools.Of(incoming_.hops).Submit(caller, incoming_.body.size(), std::move(work));
  return queued ? absl::OkStatus() : state_.Refused(Overloaded("queue"));
}

bool Reads::Start(ReadingReactor* reactor) {
  const std::lock_guard lock(mutex_);
  if (ending_ && reactor->IsStream()) return false;
  reactor->since_ = std::chrono::steady_clock::now();
  reactor->before_ = last_;
  (last_ == nullptr ? first_ : last_->after_) = reactor;
  last_ = reactor;
  reactor->waits_ = true;
  reactor->StartRead(&reactor->request_);
  return true;
}

bool Reads::Resume(ReadingReactor* reactor) {
  const std::lock_guard lock(mutex_);
  if (!reactor->waits_) return false;
  reactor->waited_ = true;
  Unlink(reactor);
  return true;
}

void Reads::Unlink(ReadingReactor* reactor) {
  (reactor->before_ == nullptr ? first_ : reactor->before_->after_) = reactor->after_;
  (reactor->after_ == nullptr ? last_ : reactor->after_->before_) = reactor->before_;
  reactor->before_ = reactor->after_ = nullptr;
  reactor->waits_ = false;
}

void Reads::EndOverdue() {
  std::vector<std::pair<ReadingReactor*, const char*>> overdue;
  {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    std::map<std::string, int> slow;
    for (ReadingReactor* reactor = first_; reactor != nullptr && now - reactor->since_ > limits_.slow;) {
      ReadingReactor* const after = reactor->after_;
      const bool first = !reactor->waited_;
      const bool many = first && ++slow[reactor->incoming_.caller.Name()] > limits_.slow_of_caller;
      if (many || now - reactor->since_ > (first ? limits_.message : limits_.next)) {
        Unlink(reactor);
        overdue.emplace_back(reactor, many ? "slow_messages" : "message_time");
      }
      reactor = after;
    }
  }
  for (const auto& [reactor, limit] : overdue) reactor->FinishWith(reactor->state_.Refused(Overdue(limit)));
}

void Reads::EndStreams() {
  std::vector<ReadingReactor*> waiting;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    for (ReadingReactor* reactor = first_; reactor != nullptr;) {
      ReadingReactor* const after = reactor->after_;
      if (reactor->IsStream()) {
        Unlink(reactor);
        waiting.push_back(reactor);
      }
      reactor = after;
    }
  }
  for (ReadingReactor* reactor : waiting) reactor->FinishWith(Stopping());
}

}  // namespace idea::rpc
