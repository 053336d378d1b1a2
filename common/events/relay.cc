#include "common/events/relay.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "common/events/handover_store.h"
#include "common/events/relay_lines.h"
#include "common/ids/ids.h"
#include "common/log/log.h"
#include "common/log/thread.h"
#include "common/status/status.h"

namespace idea::events {
namespace {

using std::chrono::milliseconds;
using Time = RelayLines::Time;

clock::Micros Micros(milliseconds span) { return span.count() * 1000; }

// A lease that ends further ahead than so many leases was taken by a clock that has been set back since: it
// counts no more. Clocks of replicas that differ by less do not take the cursor from each other.
constexpr int kLongestLease = 6;

// The cursor may lag: what follows it is delivered again after a kill.
constexpr milliseconds kSaveEvery{100};

// Whether it may mean that the peer is down, or an older release, rather than that this event is too much for it.
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
      return status::ReasonOf(failure) != status::Reason::ERROR_REASON_UNSPECIFIED;
  }
}

}  // namespace

struct Relay::State {
  // A line whose events are set aside.
  struct AsideLine {
    int64_t events = 0;
    Time due;
    bool busy = false;
  };

  Settings settings;
  Target target;
  storage::Database& database;
  Signal& news;
  const clock::Clock& clock;
  const std::string owner = ids::NewUuid();
  std::atomic<bool> stopping{false};
  std::vector<std::thread> threads{};

  // Held while the lease is looked at or taken.
  std::mutex lease_mutex{};
  clock::Micros lease_until = 0;
  // Held while events are read, or lines are set aside or come back: a line does not change sides meanwhile.
  std::mutex reading{};

  // Guards the rest.
  std::mutex mutex{};
  std::condition_variable changed{};
  RelayLines lines{};
  std::map<std::string, AsideLine> aside{};
  // Positions after the cursor that were finished before.
  std::set<int64_t> finished{};
  std::string epoch{};
  int64_t saved = 0;
  Time saved_at{};
  // How many events the peer has accepted or refused, and how many it had when a line failed last.
  int64_t decided = 0;
  std::map<std::string, int64_t> decided_before{};

  void TellAside() {
    if (!settings.aside) return;
    int64_t events = 0;
    for (const auto& [name, line] : aside) events += line.events;
    settings.aside(events);
  }

  // Takes the cursor, or renews the lease on it. False: another replica has it.
  absl::StatusOr<bool> Take() {
    std::optional<TakenCursor> taken;
    const clock::Micros now = clock.Now();
    const bool lapsed = lease_until <= now;
    RETURN_IF_ERROR(database.Write([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(taken, TakeCursor(db, target.name, owner, now, now + Micros(settings.lease),
                                         now + kLongestLease * Micros(settings.lease)));
      return absl::OkStatus();
    }));
    lease_until = taken ? now + Micros(settings.lease) : 0;
    const std::lock_guard lock(mutex);
    if (!taken) {
      lines.Reset(0);
      aside.clear();
      saved = 0;
    }
    // Another owner may have come further, or this database may not be the one that it was.
    if (taken && (lapsed || taken->epoch != epoch || taken->position != saved)) {
      lines.Reset(taken->position);
      epoch = taken->epoch;
      saved = taken->position;
      finished = std::move(taken->finished);
      aside.clear();
      for (const auto& [line, events] : taken->aside) aside[line] = {events, Time(), false};
      TellAside();
    }
    return taken.has_value();
  }

  // Whether the lease holds long enough for one more delivery; renews it when half of it is gone.
  absl::StatusOr<bool> StillOurs() {
    const std::lock_guard lock(lease_mutex);
    const clock::Micros left = lease_until - clock.Now();
    if (Micros(settings.lease) / 2 < left && left <= Micros(settings.lease)) return true;
    return Take();
  }

  // Reads the next events, if there is room for them. Returns whether there may be more.
  absl::StatusOr<bool> Read() {
    const std::lock_guard reads(reading);
    int64_t after = 0;
    int room = 0;
    {
      const std::lock_guard lock(mutex);
      after = lines.read_to();
      room = std::min(settings.batch, settings.window - static_cast<int>(lines.size()));
      if (lines.bytes() >= settings.window_bytes) room = 0;
    }
    if (room <= 0) return false;
    std::vector<Logged> batch;
    RETURN_IF_ERROR(database.Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(batch, ReadAfter(db, after, room));
      return absl::OkStatus();
    }));
    const bool more = batch.size() == static_cast<size_t>(room);
    // Those of a line that is set aside wait for it there.
    std::map<std::string, SetAsideLine> waiting;
    {
      const std::lock_guard lock(mutex);
      for (const Logged& logged : batch) {
        const std::string& line = RelayLines::LineOf(logged.event);
        if (!aside.contains(line) || finished.contains(logged.position)) continue;
        waiting[line].line = line;
        waiting[line].positions.push_back(logged.position);
      }
    }
    if (!waiting.empty()) {
      RETURN_IF_ERROR(database.Write([&](storage::Transaction& db) -> absl::Status {
        for (const auto& [name, line] : waiting) {
          RETURN_IF_ERROR(SetAside(db, target.name, owner, line, clock.Now()));
        }
        return absl::OkStatus();
      }));
    }
    const std::lock_guard lock(mutex);
    if (lines.read_to() != after) return true;  // The cursor was taken again meanwhile.
    for (Logged& logged : batch) {
      const auto set_aside = aside.find(RelayLines::LineOf(logged.event));
      if (finished.erase(logged.position) > 0) {
        lines.Skip(logged.position);
      } else if (set_aside != aside.end()) {
        ++set_aside->second.events;
        lines.Skip(logged.position);
      } else {
        lines.Add(std::move(logged));
      }
    }
    if (!waiting.empty()) TellAside();
    changed.notify_all();
    return more;
  }

  absl::Status Save() {
    int64_t cursor = 0;
    std::string of;
    {
      const std::lock_guard lock(mutex);
      cursor = lines.cursor();
      of = epoch;
      if (cursor == saved) return absl::OkStatus();
    }
    RETURN_IF_ERROR(database.Write(
        [&](storage::Transaction& db) { return MoveCursor(db, target.name, owner, of, cursor); }));
    const std::lock_guard lock(mutex);
    if (of == epoch) saved = cursor;
    saved_at = std::chrono::steady_clock::now();
    return absl::OkStatus();
  }

  // The peer refused: the own service reacts in the transaction that remembers it, with `finish`.
  absl::Status Refused(const Logged& logged, const absl::Status& refusal,
                       const std::function<absl::Status(storage::Transaction&)>& finish) {
    log::Line(log::Level::kWarn, "a peer refused an event")
        .With("service", settings.service)
        .With("target", target.name)
        .With("type", logged.event.type())
        .With("subject", logged.event.subject())
        .With("reason", status::ReasonName(refusal))
        .With("text", std::string(refusal.message()))
        .With("request_id", logged.event.request_id());
    RETURN_IF_ERROR(database.Write([&](storage::Transaction& db) -> absl::Status {
      common::v1::Actor actor;
      actor.set_service(settings.service);
      Scribe scribe(clock.Now(), actor, logged.event.request_id(), logged.event.traceparent());
      if (target.refused) RETURN_IF_ERROR(target.refused(db, scribe, logged.event, refusal));
      RETURN_IF_ERROR(Append(db, scribe.told(), nullptr));
      return finish(db);
    }));
    news.Raise();
    return absl::OkStatus();
  }

  // Delivers the next event that is due at `now`. False: there is none, or the cursor is another owner's.
  absl::StatusOr<bool> DeliverNext(Time now) {
    std::optional<Logged> next;
    std::string line;
    {
      const std::lock_guard lock(mutex);
      next = lines.Take(now);
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
    if (!ours.ok() || !*ours) {
      const std::lock_guard lock(mutex);
      if (next) {
        lines.Retry(*next, Time());
      } else if (const auto found = aside.find(line); found != aside.end()) {
        found->second.busy = false;
      }
      return ours;
    }
    const absl::Status delivered = next ? Deliver(line, *next) : DeliverAside(line);
    if (!delivered.ok()) return delivered;
    return true;
  }

  absl::Status Deliver(const std::string& line, const Logged& logged) {
    absl::Status delivered = target.deliver(logged.event);
    const bool refused = !delivered.ok() && status::IsRefusal(delivered);
    if (refused) {
      delivered = Refused(logged, delivered, [&](storage::Transaction& db) {
        return FinishHandover(db, target.name, owner, logged.position);
      });
    }
    if (delivered.ok()) {
      const std::lock_guard lock(mutex);
      ++decided;
      decided_before.erase(line);
      pauses.erase(line);
      lines.Finish(logged);
      changed.notify_all();
      return absl::OkStatus();
    }
    return Failed(line, logged, delivered, /*of_the_peer=*/!refused);
  }

  absl::Status Failed(const std::string& line, const Logged& logged, const absl::Status& failure,
                      bool of_the_peer) {
    int failures = 0;
    Time at;
    {
      const std::lock_guard lock(mutex);
      const auto [before, first] = decided_before.try_emplace(line, decided);
      const bool peer_is_up = before->second != decided;
      before->second = decided;
      failures = lines.CountFailure(logged, of_the_peer && (peer_is_up || !MayBeThePeer(failure)));
      at = std::chrono::steady_clock::now() + Pause(line);
    }
    const absl::Status set_aside =
        failures < settings.attempts ? absl::OkStatus() : SetLineAside(line, failure, failures);
    const std::lock_guard lock(mutex);
    lines.Retry(logged, at);
    return set_aside.ok() ? failure : set_aside;
  }

  // Twice as long after each failure.
  milliseconds Pause(const std::string& line) {
    milliseconds& pause = pauses[line];
    pause = std::clamp(pause * 2, settings.retry_min, settings.retry_max);
    return pause;
  }
  std::map<std::string, milliseconds> pauses{};

  absl::Status SetLineAside(const std::string& name, const absl::Status& failure, int failures) {
    const std::lock_guard reads(reading);
    SetAsideLine line{name, {}, failures, std::string(status::ReasonName(failure)), std::string(failure.message())};
    {
      const std::lock_guard lock(mutex);
      line.positions = lines.PositionsOf(name);
      if (line.positions.empty()) return absl::OkStatus();
    }
    RETURN_IF_ERROR(database.Write(
        [&](storage::Transaction& db) { return SetAside(db, target.name, owner, line, clock.Now()); }));
    log::Line(log::Level::kError, "an event is set aside after many failures; its BUCP waits for it")
        .With("service", settings.service)
        .With("target", target.name)
        .With("bucp", name)
        .With("position", line.positions.front())
        .With("failures", int64_t{failures})
        .With("reason", line.reason)
        .With("text", line.text);
    const std::lock_guard lock(mutex);
    lines.Remove(name);
    decided_before.erase(name);
    pauses.erase(name);
    aside[name] = {static_cast<int64_t>(line.positions.size()),
                   std::chrono::steady_clock::now() + settings.retry_aside, false};
    TellAside();
    return absl::OkStatus();
  }

  // Tries the first event of a line that is set aside; the line comes back when none is left.
  absl::Status DeliverAside(const std::string& name) {
    std::optional<Logged> first;
    absl::Status delivered = database.Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(first, FirstAside(db, target.name, name));
      return absl::OkStatus();
    });
    if (delivered.ok() && first) {
      const auto finish = [&](storage::Transaction& db) {
        return FinishAside(db, target.name, owner, first->position);
      };
      delivered = target.deliver(first->event);
      if (delivered.ok()) {
        delivered = database.Write(finish);
      } else if (status::IsRefusal(delivered)) {
        delivered = Refused(*first, delivered, finish);
      }
    }
    const std::lock_guard reads(reading);
    const std::lock_guard lock(mutex);
    const auto found = aside.find(name);
    if (found == aside.end()) return delivered;
    found->second.busy = false;
    if (!delivered.ok()) {
      found->second.due = std::chrono::steady_clock::now() + settings.retry_aside;
      return delivered;
    }
    ++decided;
    found->second.due = Time();
    if (--found->second.events <= 0 || !first) aside.erase(found);
    TellAside();
    changed.notify_all();
    return absl::OkStatus();
  }

  absl::StatusOr<int> Pass() {
    ASSIGN_OR_RETURN(const bool ours, StillOurs());
    if (!ours) return 0;
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
      if (lease_until == 0) return passed;
    }
    RETURN_IF_ERROR(Save());
    if (!failed.ok()) return failed;
    return passed;
  }

  void Log(const absl::Status& failure) {
    log::Line(log::Level::kWarn, "a delivery is tried again")
        .With("service", settings.service)
        .With("target", target.name)
        .With("reason", status::ReasonName(failure))
        .With("text", std::string(failure.message()));
  }

  // Reads, and keeps lease and cursor.
  void Pump() {
    uint64_t seen = news.Count();
    milliseconds pause{0};
    while (!stopping) {
      absl::StatusOr<bool> more = StillOurs();
      const bool ours = more.ok() && *more;
      if (ours) more = Read();
      if (more.ok() && ours) {
        if (const absl::Status kept = Save(); !kept.ok()) more = kept;
      }
      if (!more.ok()) {
        Log(more.status());
        const std::lock_guard lock(lease_mutex);
        lease_until = 0;  // Ask for the cursor again: it is the truth.
      }
      pause = more.ok() ? milliseconds(0) : std::clamp(pause * 2, settings.retry_min, settings.retry_max);
      if (more.ok() && ours && *more) continue;
      seen = news.Wait(seen, more.ok() ? settings.poll : pause);
    }
  }

  // Delivers, and reads on when there is room again.
  void Work() {
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

  absl::StatusOr<bool> ReadIfRoom() {
    {
      const std::lock_guard lock(mutex);
      if (static_cast<int>(lines.size()) > settings.window / 2) return false;
    }
    return Read();
  }

  bool IsTimeToSave() {
    const std::lock_guard lock(mutex);
    return lines.size() == 0 || std::chrono::steady_clock::now() - saved_at > kSaveEvery;
  }
};

Relay::Relay(Settings settings, Target target, storage::Database& database, Signal& news,
             const clock::Clock& clock)
    : state_(new State{std::move(settings), std::move(target), database, news, clock}) {}

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
  state_->news.Announce();
  {
    const std::lock_guard lock(state_->mutex);
    state_->changed.notify_all();
  }
  for (std::thread& thread : state_->threads) thread.join();
  state_->threads.clear();
  absl::Status given_back = state_->Save();
  if (given_back.ok()) {
    given_back = state_->database.Write([&](storage::Transaction& db) {
      return db
          .Execute("UPDATE cursors SET lease_until = 0 WHERE name = $1 AND owner = $2",
                   {state_->target.name, state_->owner})
          .status();
    });
  }
  if (!given_back.ok()) {
    log::Line(log::Level::kWarn, "a lease was not given back; it ends by itself")
        .With("target", state_->target.name);
  }
}

absl::StatusOr<int> Relay::Pass() { return state_->Pass(); }

}  // namespace idea::events
