#include "services/cli/gate/exchange_follower.h"

#include <algorithm>
#include <cstdlib>
#include <random>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/log/thread.h"
#include "common/status/status.h"
#include "common/validation/validation.h"

namespace idea::cli {
namespace {

using std::chrono::microseconds, std::chrono::milliseconds;

// The wait before the next watch: doubled after each failure, with jitter.
constexpr milliseconds kMinPause{100};
constexpr milliseconds kMaxPause{5'000};

std::vector<exchange::Lapse> LapsesOf(const v1::ExchangeRules& rules) {
  std::vector<exchange::Lapse> lapses;
  for (const v1::SignatoryLapse& lapse : rules.lapses()) {
    lapses.push_back({lapse.entity(), exchange::DayNumber(lapse.start_date()),
                      lapse.has_end_date() ? exchange::DayNumber(lapse.end_date()) : exchange::kNoEnd});
  }
  return lapses;
}

// A time between half of `pause` and all of it.
milliseconds Jittered(milliseconds pause) {
  thread_local std::minstd_rand random{std::random_device()()};
  return milliseconds(std::uniform_int_distribution<int64_t>(pause.count() / 2, pause.count())(random));
}

}  // namespace

struct ExchangeFollower::View {
  explicit View(const v1::ExchangeRules& rules)
      : entity(rules.entity()), all_entities(rules.all_entities()), index(rules.permits_lapsed()) {}
  auth::Visibility visibility() const {
    return all_entities ? auth::Visibility::All() : auth::Visibility::Of(entity);
  }
  const std::string entity;
  const bool all_entities;
  absl::TimeZone zone;
  exchange::ExchangeIndex index;
};

ExchangeFollower::ExchangeFollower(Options options) : options_(std::move(options)) {}

ExchangeFollower::~ExchangeFollower() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void ExchangeFollower::Start() {
  thread_ = log::StartThread("exchange follower", [this] { Loop(); });
}

bool ExchangeFollower::Pause(milliseconds time) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, time, [this] { return stopping_; });
}

// Each watch fills a new view, which replaces the current one when it is complete: nothing of an earlier
// database stays.
void ExchangeFollower::Loop() {
  milliseconds pause{0};
  while (Pause(Jittered(pause))) {
    std::shared_ptr<View> view;
    std::string fault;
    v1::WatchExchangesRequest request;
    request.set_snapshot(true);
    const clock::Micros before = received_;
    const absl::Status ended = options_.watch(request, [&](const v1::WatchExchangesResponse& message) {
      {
        const std::lock_guard lock(mutex_);
        if (stopping_) return false;
      }
      return Apply(message, view, fault);
    });
    if (fault.empty()) fault = ended.ok() ? "the server ended the watch" : std::string(ended.message());
    const bool was_complete = received_ != before;
    pause = was_complete ? kMinPause : std::clamp(pause * 2, kMinPause, kMaxPause);
    bool is_news = false;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      is_news = std::exchange(fault_, fault) != fault || was_complete;
    }
    if (is_news) options_.report("the watch has ended, it begins again: " + fault);
  }
}

bool ExchangeFollower::Apply(const v1::WatchExchangesResponse& message, std::shared_ptr<View>& view,
                             std::string& fault) {
  if (message.has_rules()) {
    if (view == nullptr) {
      view = std::make_shared<View>(message.rules());
      if (!absl::LoadTimeZone(message.rules().time_zone(), &view->zone)) {
        fault = "the time zone of the server is not known here: " + message.rules().time_zone();
        return false;
      }
    }
    view->index.SetLapses(LapsesOf(message.rules()));
    return true;
  }
  if (view == nullptr) {
    fault = "the server is of an earlier release and does not send snapshots";
    return false;
  }
  if (message.has_agreement()) view->index.Put(message.agreement().filing(), message.agreement().terms());
  if (!message.has_time()) return true;
  bool is_new = false;
  {
    const std::lock_guard lock(mutex_);
    is_new = std::exchange(view_, view) != view;
    fault_ = "the server has sent nothing for too long";
  }
  // In this order: IsFresh() reads them the other way around, and a decision reads the view after it.
  time_ = clock::FromProto(message.time());
  received_ = options_.clock.Steady();
  if (is_new) options_.report(absl::StrCat("following ", view->index.size(), " agreements"));
  return true;
}

std::shared_ptr<const ExchangeFollower::View> ExchangeFollower::Current() const {
  const std::lock_guard lock(mutex_);
  return view_;
}

size_t ExchangeFollower::size() const {
  const auto view = Current();
  return view == nullptr ? 0 : view->index.size();
}

// Both clocks count: a server's message that was on its way for long is old, and so is one that came before
// this machine slept or its clock was set.
std::string ExchangeFollower::Unready() const {
  const clock::Micros limit = microseconds(options_.max_staleness).count();
  const clock::Micros received = received_;
  const clock::Micros age = options_.clock.Now() - time_;
  if (received != 0 && options_.clock.Steady() - received <= limit && std::abs(age) <= limit) return "";
  if (received != 0 && options_.clock.Steady() - received <= limit) {
    return absl::StrCat("the last message is ", age / clock::kSecond,
                        " s old by the clocks of the server and of this machine");
  }
  const std::lock_guard lock(mutex_);
  return fault_;
}

clock::Micros ExchangeFollower::Now() const {
  const clock::Micros now = options_.clock.Now();
  clock::Micros latest = latest_;
  while (latest < now && !latest_.compare_exchange_weak(latest, now)) {
  }
  return std::max(latest, now);
}

absl::Status ExchangeFollower::Decide(v1::CheckExchangeRequest request,
                                      v1::ExchangeDecision& decision) const {
  validation::Normalize(&request);
  RETURN_IF_ERROR(validation::Validate(request));
  if (!request.at_least_as_fresh().empty()) {
    const std::string expected = "empty: ask the inventory service, the gate decides with what it has";
    return status::Error(status::Reason::ERROR_REASON_INVALID_FIELD, "at_least_as_fresh: " + expected)
        .Field("at_least_as_fresh", expected);
  }
  const clock::Micros at = request.has_time() ? clock::FromProto(request.time()) : Now();
  *decision.mutable_time() = clock::ToProto(at);
  const bool fresh = IsFresh();
  const auto view = Current();
  if (!fresh || view == nullptr) {
    decision.set_verdict(v1::VERDICT_DENIED_UNKNOWN);
    decision.add_denials()->set_reason(v1::DENIAL_REASON_INDEX_NOT_FRESH);
    return absl::OkStatus();
  }
  const auto day = static_cast<exchange::Day>(clock::DayOf(at, view->zone) - absl::CivilDay(1970, 1, 1));
  view->index.Decide(request, {at, day, !request.has_time()}, view->visibility(), decision);
  return absl::OkStatus();
}

}  // namespace idea::cli
