#include "common/events/relay.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <thread>

#include "common/events/handover_store.h"
#include "common/events/relay_state.h"
#include "common/log/log.h"
#include "common/log/thread.h"
#include "common/status/status.h"

namespace idea::events {
namespace {

using status::Reason;
using std::chrono::milliseconds;

// How often lines are checked for a retry that an operator requested.
constexpr milliseconds kAsidePollInterval{500};

// The first retry of an event that is set aside comes after `retry_aside` halved this many times.
constexpr int kAsideHalvings = 5;

// The cursor may lag: the events after it are delivered again after a crash.
constexpr milliseconds kSaveEvery{100};

// Whether the peer named a cause that is not the event.
bool IsOfItsEnvironment(const absl::Status& failure, const std::string& peer) {
  switch (status::ReasonOf(failure)) {
    case Reason::ERROR_REASON_OVERLOADED:
    case Reason::ERROR_REASON_SHUTTING_DOWN:
    case Reason::ERROR_REASON_DEADLINE_SPENT:
    case Reason::ERROR_REASON_MESSAGE_OVERDUE:
    case Reason::ERROR_REASON_CONCURRENT_CHANGE:
      return true;
    // The peer itself may be silent because of the event.
    case Reason::ERROR_REASON_PEER_UNAVAILABLE: {
      const std::string service = status::MetadataOf(failure, "service");
      return !service.empty() && service != peer;
    }
    default:
      return false;
  }
}

// Whether the failure may mean that the peer is unavailable or of an older release, rather than that this
// event is the cause.
bool MayBeThePeer(const absl::Status& failure) {
  switch (failure.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return true;
    default:
      return status::ReasonOf(failure) != Reason::ERROR_REASON_UNSPECIFIED;
  }
}

}  // namespace

absl::Status Relay::State::Refused(const LoggedEvent& logged, const absl::Status& refusal,
                                   const std::function<absl::Status(storage::Transaction&)>& finish) {
  log::Line(log::Level::kWarn, "a peer refused an event")
      .With("service", settings.service)
      .With("target", target.name)
      .With("type", logged.event.type())
      .With("subject", logged.event.subject())
      .With("reason", status::ReasonName(refusal))
      .With("text", std::string(refusal.message()))
      .With("request_id", logged.event.request_id());
  RETURN_IF_ERROR(Write([&](storage::Transaction& db) -> absl::Status {
    auto recorder = EventRecorder::ForService(settings.service, clock.Now(), logged.event.request_id(),
                                              logged.event.traceparent());
    if (target.refused) RETURN_IF_ERROR(target.refused(db, recorder, logged.event, refusal));
    RETURN_IF_ERROR(Append(db, recorder.events(), nullptr));
    return finish(db);
  }));
  notifier.Notify();
  return absl::OkStatus();
}

absl::StatusOr<bool> Relay::State::DeliverNext(Time now) {
  std::optional<LoggedEvent> next;
  std::string line;
  uint64_t taken_after = 0;
  {
    const std::lock_guard lock(mutex);
    if (paused) return false;
    taken_after = resets;
    next = lines.StartNext(now);
    if (next) {
      line = RelayLines::LineOf(next->event);
    } else {
      const auto due = std::find_if(aside.begin(), aside.end(), [&](const auto& each) {
        return !each.second.busy && each.second.due <= now;
      });
      if (due == aside.end()) return false;
      due->second.busy = true;
      line = due->first;
    }
  }
  const absl::StatusOr<bool> ours = StillOurs();
  {
    const std::lock_guard lock(mutex);
    const bool kept = resets == taken_after;
    if (!ours.ok() || !*ours || paused || !kept) {
      if (next && kept) lines.Retry(*next, ours.ok() ? Time() : now + settings.poll);
      if (const auto found = aside.find(line); !next && kept && found != aside.end())
        found->second.busy = false;
      if (!ours.ok()) return ours;
      return false;
    }
    ++delivering;
  }
  const absl::Status delivered = next ? Deliver(line, *next, taken_after) : DeliverAside(line, taken_after);
  {
    const std::lock_guard lock(mutex);
    if (--delivering == 0) quiet.notify_all();
  }
  if (!delivered.ok()) return delivered;
  return true;
}

absl::Status Relay::State::Deliver(const std::string& line, const LoggedEvent& logged,
                                   uint64_t resets_before) {
  absl::Status delivered = target.deliver(logged.event);
  const bool refused = !delivered.ok() && status::IsRefusal(delivered);
  if (refused) {
    delivered = Refused(logged, delivered, [&](storage::Transaction& db) {
      return FinishHandover(db, target.name, owner, logged.position);
    });
  }
  if (delivered.ok()) {
    const std::lock_guard lock(mutex);
    if (resets != resets_before) return absl::OkStatus();
    ++decided;
    decided_before.erase(line);
    pauses.erase(line);
    lines.Finish(logged);
    // This thread takes the next event that is due; another one may take one more.
    if (lines.size() > 1) changed.notify_one();
    return absl::OkStatus();
  }
  return Failed(line, logged, delivered, /*of_the_peer=*/!refused);
}

absl::Status Relay::State::Failed(const std::string& line, const LoggedEvent& logged,
                                  const absl::Status& failure, bool of_the_peer) {
  int failures = 0;
  Time at;
  {
    const std::lock_guard lock(mutex);
    failures = lines.CountFailure(logged, of_the_peer && Counts(line, failure));
    at = std::chrono::steady_clock::now() + Pause(line);
  }
  const absl::Status set_aside =
      failures < settings.attempts ? absl::OkStatus() : SetLineAside(line, failure, failures);
  const std::lock_guard lock(mutex);
  lines.Retry(logged, at);
  return set_aside.ok() ? failure : set_aside;
}

bool Relay::State::Counts(const std::string& line, const absl::Status& failure) {
  const auto [before, first] = decided_before.try_emplace(line, decided);
  const bool peer_is_up = std::exchange(before->second, decided) != decided;
  if (IsOfItsEnvironment(failure, target.peer.value_or(target.name))) return false;
  return peer_is_up || !MayBeThePeer(failure);
}

milliseconds Relay::State::Pause(const std::string& line) {
  milliseconds& pause = pauses[line];
  pause = std::clamp(pause * 2, settings.retry_min, settings.retry_max);
  return pause;
}

milliseconds Relay::State::PauseAside(int failures) const {
  const int64_t halvings = std::clamp(settings.attempts + kAsideHalvings - failures, 0, kAsideHalvings);
  return settings.retry_aside / (int64_t{1} << halvings);
}

absl::Status Relay::State::DeliverAside(const std::string& name, uint64_t resets_before) {
  std::optional<AsideEvent> first;
  const clock::Micros begun = clock.Now();
  absl::Status delivered = database.Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(first, FirstAside(db, target.name, name));
    return absl::OkStatus();
  });
  milliseconds pause = PauseAside(0);
  if (delivered.ok() && first) {
    const int64_t position = first->logged.position;
    const auto finish = [&](storage::Transaction& db) {
      return FinishAside(db, target.name, owner, position);
    };
    delivered = target.deliver(first->logged.event);
    if (delivered.ok()) {
      delivered = Write(finish);
    } else if (status::IsRefusal(delivered)) {
      delivered = Refused(first->logged, delivered, finish);
    } else {
      const bool counts = [&] {
        const std::lock_guard lock(mutex);
        return Counts(name, delivered);
      }();
      pause = PauseAside(first->failures + (counts ? 1 : 0));
      const absl::Status stored = Write([&](storage::Transaction& db) {
        return FailAside(db, target.name, owner, position, delivered, counts, begun,
                         clock.Now() + pause.count() * 1000);
      });
      if (!stored.ok()) Log(stored);
    }
  }
  const std::lock_guard reads(reading);
  const std::lock_guard lock(mutex);
  const auto found = aside.find(name);
  if (resets != resets_before || found == aside.end()) return delivered;
  found->second.busy = false;
  if (!delivered.ok()) {
    found->second.due = std::chrono::steady_clock::now() + pause;
    return delivered;
  }
  ++decided;
  decided_before.erase(name);
  found->second.due = Time();
  if (--found->second.events <= 0 || !first) aside.erase(found);
  ReportAside();
  changed.notify_all();
  return absl::OkStatus();
}

absl::StatusOr<int> Relay::State::Pass() {
  ASSIGN_OR_RETURN(const bool ours, StillOurs());
  if (!ours) return 0;
  {
    const std::lock_guard lock(mutex);
    ask_peer_at = Time();
  }
  RETURN_IF_ERROR(FollowPeer());
  RETURN_IF_ERROR(Read().status());
  {
    const std::lock_guard lock(mutex);
    lines.RetryNow();
    for (auto& [name, line] : aside) line.due = Time();
  }
  int passed = 0;
  absl::Status failed;
  const Time now = std::chrono::steady_clock::now();
  while (!stopping) {
    const absl::StatusOr<bool> delivered = DeliverNext(now);
    if (delivered.ok() && !*delivered) break;
    if (delivered.ok()) ++passed;
    if (!delivered.ok() && failed.ok()) failed = delivered.status();
  }
  {
    const std::lock_guard lock(lease_mutex);
    if (!leased_at) return passed;
  }
  RETURN_IF_ERROR(Save());
  if (!failed.ok()) return failed;
  return passed;
}

void Relay::State::Log(const absl::Status& failure) {
  log::Line(log::Level::kWarn, "a delivery is tried again")
      .With("service", settings.service)
      .With("target", target.name)
      .With("reason", status::ReasonName(failure))
      .With("text", std::string(failure.message()));
}

void Relay::State::Pump() {
  uint64_t seen = notifier.Count();
  milliseconds pause{0};
  while (!stopping) {
    absl::StatusOr<bool> more = StillOurs();
    const bool ours = more.ok() && *more;
    if (ours) {
      const absl::Status followed = FollowPeer();
      more = followed.ok() ? Read() : followed;
    }
    if (more.ok() && ours) {
      if (const absl::Status taken = TakeDueAside(); !taken.ok()) more = taken;
    }
    if (more.ok() && ours) {
      if (const absl::Status kept = IsTimeToSave() ? Save() : absl::OkStatus(); !kept.ok()) more = kept;
    }
    if (!more.ok()) {
      Log(more.status());
      const std::lock_guard lock(lease_mutex);
      leased_at.reset();  // Read the cursor again.
    }
    pause = more.ok() ? milliseconds(0) : std::clamp(pause * 2, settings.retry_min, settings.retry_max);
    if (more.ok() && ours && *more) continue;
    if (more.ok()) pause = ours ? PollInterval() : PauseOfIdle();
    seen = notifier.Wait(seen, pause);
    if (more.ok()) pause = milliseconds(0);
  }
}

milliseconds Relay::State::PollInterval() {
  const std::lock_guard lock(mutex);
  const milliseconds poll = aside.empty() ? settings.poll : std::min(settings.poll, kAsidePollInterval);
  return lines.cursor() == saved ? poll : std::min(poll, kSaveEvery);
}

void Relay::State::Work() {
  while (!stopping) {
    const absl::StatusOr<bool> delivered = DeliverNext(std::chrono::steady_clock::now());
    if (!delivered.ok()) Log(delivered.status());
    if (delivered.ok() && *delivered) {
      absl::Status kept;
      if (const absl::StatusOr<bool> more = ReadIfRoom(); !more.ok()) kept = more.status();
      if (kept.ok() && IsTimeToSave()) kept = Save();
      if (!kept.ok()) Log(kept);
      continue;
    }
    std::unique_lock lock(mutex);
    if (stopping) return;
    const Time soon = std::chrono::steady_clock::now() + settings.retry_min;
    const Time due = lines.NextDue().value_or(Time::max());
    changed.wait_until(lock, std::clamp(due, soon, std::chrono::steady_clock::now() + settings.poll));
  }
}

absl::StatusOr<bool> Relay::State::ReadIfRoom() {
  {
    const std::lock_guard lock(mutex);
    if (!may_have_more || static_cast<int>(lines.size()) > settings.window / 2) return false;
  }
  return Read();
}

bool Relay::State::IsTimeToSave() {
  const std::lock_guard lock(mutex);
  return std::chrono::steady_clock::now() - saved_at >= kSaveEvery;
}

Relay::Relay(Settings settings, Target target, storage::Database& database, Notifier& notifier,
             const clock::Clock& clock)
    : state_(new State{std::move(settings), std::move(target), database, notifier, clock}) {}

Relay::~Relay() { Stop(); }

void Relay::Start() {
  State& state = *state_;
  state.threads.push_back(log::StartThread("relay to " + state.target.name, [&state] { state.Pump(); }));
  for (int i = 0; i < state.settings.in_flight; ++i) {
    state.threads.push_back(log::StartThread("relay to " + state.target.name, [&state] { state.Work(); }));
  }
}

void Relay::Stop() {
  if (state_->threads.empty()) return;
  state_->stopping = true;
  state_->notifier.Announce();
  {
    const std::lock_guard lock(state_->mutex);
    state_->changed.notify_all();
  }
  for (std::thread& thread : state_->threads) thread.join();
  state_->threads.clear();
  absl::Status given_back = state_->Save();
  if (given_back.ok()) {
    given_back = state_->Write(
        [&](storage::Transaction& db) { return ReturnCursor(db, state_->target.name, state_->owner); });
  }
  if (!given_back.ok()) {
    log::Line(log::Level::kWarn, "a lease was not released; it expires").With("target", state_->target.name);
  }
}

absl::StatusOr<int> Relay::Pass() { return state_->Pass(); }

}  // namespace idea::events
