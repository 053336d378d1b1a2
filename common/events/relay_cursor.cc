#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "common/events/handover_store.h"
#include "common/events/relay_state.h"
#include "common/log/log.h"
#include "common/status/status.h"
#include "common/status/trailer_limit.h"

namespace idea::events {
namespace {

using std::chrono::milliseconds;

clock::Micros Micros(milliseconds span) { return span.count() * 1000; }

}  // namespace

void Relay::State::ReportAside() {
  if (!settings.aside) return;
  int64_t events = 0;
  for (const auto& [name, line] : aside) events += line.events;
  settings.aside(events);
}

void Relay::State::PauseDeliveries() {
  std::unique_lock lock(mutex);
  paused = true;
  quiet.wait(lock, [this] { return delivering == 0; });
}

void Relay::State::ContinueDeliveries() {
  const std::lock_guard lock(mutex);
  paused = false;
  changed.notify_all();
}

bool Relay::State::IsDead(const Lease& other) {
  const clock::Moment now = clock.Read();
  if (!seen_lease || seen_lease->lease != other) {
    // A renewal was written after the last check, according to its own time.
    const clock::Micros age = now.now - (other.until - Micros(settings.lease));
    seen_lease = {other, now.steady - std::clamp(age, clock::Micros{0}, Micros(settings.poll)),
                  seen_lease.has_value()};
  }
  const bool silent = now.steady - seen_lease->since > Micros(settings.lease);
  return silent || (!seen_lease->alive && other.until < now.now);
}

absl::StatusOr<bool> Relay::State::AcquireLease(
    const std::function<absl::StatusOr<bool>(storage::Transaction&)>& first, bool alone) {
  const std::lock_guard saves(saving);
  std::optional<TakenCursor> taken;
  const bool lapsed = !leased_at || !clock.IsWithin(Micros(settings.lease), *leased_at);
  // An event is delivered in the epoch of the peer for which it was read.
  const bool pauses_deliveries = alone || (target.expect_epoch && lapsed);
  if (pauses_deliveries) PauseDeliveries();
  const absl::Cleanup go_on = [&] {
    if (pauses_deliveries) ContinueDeliveries();
  };
  const clock::Moment now = clock.Read();
  Claimant claimant{owner, replaces, now.now + Micros(settings.lease)};
  std::optional<Lease> other;
  // Most attempts fail, so they only read.
  if (lapsed) {
    RETURN_IF_ERROR(database.Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(other, FindOtherLease(db, target.name, claimant));
      return absl::OkStatus();
    }));
  }
  bool moved = false;
  if (!other) {
    seen_lease.reset();
  } else if (IsDead(*other)) {
    claimant.dead = std::exchange(other, std::nullopt);
  }
  if (!other) {
    RETURN_IF_ERROR(Write([&](storage::Transaction& db) -> absl::Status {
      if (first) {
        ASSIGN_OR_RETURN(moved, first(db));
      }
      ASSIGN_OR_RETURN(taken, TakeCursor(db, target.name, claimant));
      return absl::OkStatus();
    }));
  }
  if (taken) seen_lease.reset();
  // The replaced process has ended. A later owner with such a name is not replaced.
  replaces.clear();
  leased_at = taken ? std::optional(now) : std::nullopt;
  const std::lock_guard lock(mutex);
  // Not later because of a lease that has lapsed: under load, that may happen again and again.
  if (taken && !ask_peer_at) ask_peer_at = std::chrono::steady_clock::now() + settings.ask_peer;
  if (target.expect_epoch && (pauses_deliveries || !taken)) {
    expected = taken ? taken->peer_epoch : "";
    target.expect_epoch(expected);
  }
  if (!taken) {
    ++resets;
    lines.Reset(0);
    ask_peer_at.reset();
    // The new owner of the cursor reports them.
    aside.clear();
    ReportAside();
    saved = 0;
  }
  // Another owner may have moved it, or the database may have changed.
  if (taken && (lapsed || moved || taken->epoch != epoch || taken->position != saved)) {
    ++resets;
    lines.Reset(taken->position);
    pauses.clear();
    decided_before.clear();
    epoch = taken->epoch;
    saved = taken->position;
    finished = std::move(taken->finished);
    aside.clear();
    for (const auto& [line, events] : taken->aside) aside[line] = {events, Time(), false};
    ReportAside();
  }
  return taken.has_value();
}

milliseconds Relay::State::PauseOfIdle() {
  const std::lock_guard lock(lease_mutex);
  if (!seen_lease) return settings.poll;
  const clock::Moment now = clock.Read();
  clock::Micros left = seen_lease->since + Micros(settings.lease) - now.steady;
  if (!seen_lease->alive) left = std::min(left, seen_lease->lease.until - now.now);
  return std::clamp(milliseconds(left / 1000 + 1), settings.retry_min, settings.poll);
}

absl::Status Relay::State::Write(const storage::Body& body) { return database.Write(body, kCursorLane); }

absl::StatusOr<bool> Relay::State::StillOurs() {
  const std::lock_guard lock(lease_mutex);
  if (leased_at && clock.IsWithin(Micros(settings.lease) / 3, *leased_at)) return true;
  return AcquireLease();
}

absl::StatusOr<bool> Relay::State::Read() {
  const std::lock_guard reads(reading);
  int64_t after = 0;
  int room = 0;
  uint64_t resets_before = 0;
  {
    const std::lock_guard lock(mutex);
    resets_before = resets;
    after = lines.read_to();
    room = std::min(settings.batch, settings.window - static_cast<int>(lines.size()));
    if (lines.bytes() >= settings.window_bytes) room = 0;
    if (room <= 0) may_have_more = true;
  }
  if (room <= 0) return false;
  std::vector<LoggedEvent> batch;
  RETURN_IF_ERROR(database.Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(batch, ReadAfter(db, after, room));
    return absl::OkStatus();
  }));
  const bool more = batch.size() == static_cast<size_t>(room);
  // Events of a line that is set aside wait there.
  std::map<std::string, SetAsideLine> waiting;
  {
    const std::lock_guard lock(mutex);
    for (const LoggedEvent& logged : batch) {
      const std::string& line = RelayLines::LineOf(logged.event);
      if (!aside.contains(line) || finished.contains(logged.position)) continue;
      waiting[line].line = line;
      waiting[line].positions.push_back(logged.position);
    }
  }
  if (!waiting.empty()) {
    RETURN_IF_ERROR(Write([&](storage::Transaction& db) -> absl::Status {
      for (const auto& [name, line] : waiting) {
        RETURN_IF_ERROR(SetAside(db, target.name, owner, line, clock.Now()));
      }
      return absl::OkStatus();
    }));
  }
  const std::lock_guard lock(mutex);
  if (resets != resets_before) return true;  // The cursor was taken again in between.
  may_have_more = more;
  for (LoggedEvent& logged : batch) {
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
  if (!waiting.empty()) ReportAside();
  if (batch.size() == 1) {
    changed.notify_one();
  } else if (!batch.empty()) {
    changed.notify_all();
  }
  return more;
}

absl::Status Relay::State::TakeDueAside() {
  {
    const std::lock_guard lock(mutex);
    if (aside.empty()) return absl::OkStatus();
  }
  std::vector<std::string> due;
  RETURN_IF_ERROR(database.Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(due, DueAside(db, target.name, clock.Now()));
    return absl::OkStatus();
  }));
  const std::lock_guard lock(mutex);
  for (const std::string& name : due) {
    if (const auto found = aside.find(name); found != aside.end()) found->second.due = Time();
  }
  if (!due.empty()) changed.notify_all();
  return absl::OkStatus();
}

absl::Status Relay::State::Save() {
  const std::lock_guard saves(saving);
  int64_t cursor = 0;
  std::string of;
  {
    const std::lock_guard lock(mutex);
    cursor = lines.cursor();
    of = epoch;
    if (cursor == saved) return absl::OkStatus();
  }
  RETURN_IF_ERROR(
      Write([&](storage::Transaction& db) { return MoveCursor(db, target.name, owner, of, cursor); }));
  const std::lock_guard lock(mutex);
  if (of == epoch) saved = cursor;
  saved_at = std::chrono::steady_clock::now();
  return absl::OkStatus();
}

absl::Status Relay::State::FollowPeer() {
  if (!target.peer_history) return absl::OkStatus();
  // The cursor before the question: the answer then covers all finished events.
  Follower follower{target.name, owner, "", 0, false};
  std::string expects;
  {
    const std::lock_guard lock(mutex);
    const Time now = std::chrono::steady_clock::now();
    if (!ask_peer_at || now < *ask_peer_at) return absl::OkStatus();
    ask_peer_at = now + settings.ask_peer;
    expects = expected;
    follower.epoch = epoch;
    follower.position = lines.cursor();
    follower.has_aside = !aside.empty();
  }
  const absl::StatusOr<std::string> answer = target.peer_history();
  std::optional<PeerHistory> history = answer.ok() ? PeerHistory::Parse(*answer) : std::nullopt;
  if (!history) return absl::OkStatus();
  const bool same_epoch = peer && peer->epoch() == history->epoch();
  const bool rolled_back = same_epoch && history->head() < peer->head();
  const bool changed_epoch =
      !same_epoch || rolled_back || (target.expect_epoch && expects != history->epoch());
  const bool needs_mark = follower.position < marked || follower.position >= marked + kMarkSpacing;
  if (!changed_epoch && (follower.has_aside || !needs_mark)) {
    peer = std::move(history);
    return absl::OkStatus();
  }
  std::optional<Followed> followed;
  {
    const std::lock_guard lock(lease_mutex);
    const auto follow = [&](storage::Transaction& db) -> absl::StatusOr<bool> {
      ASSIGN_OR_RETURN(followed, events::FollowPeer(db, follower, *history, rolled_back));
      return followed && followed->lost;
    };
    ASSIGN_OR_RETURN(const bool ours, AcquireLease(follow, /*alone=*/changed_epoch));
    if (!ours || !followed) return absl::OkStatus();
  }
  if (followed->lost) {
    log::Line(log::Level::kWarn,
              "the database of a peer was restored or taken over; events are delivered again")
        .With("service", settings.service)
        .With("target", target.name)
        .With("after", followed->marked)
        .With("before", follower.position);
  }
  peer = std::move(history);
  marked = followed->marked;
  return absl::OkStatus();
}

absl::Status Relay::State::SetLineAside(const std::string& name, const absl::Status& failure, int failures) {
  const std::lock_guard reads(reading);
  SetAsideLine line{name,
                    {},
                    failures,
                    status::ReasonName(failure),
                    status::ToUtf8(std::string(failure.message())),
                    clock.Now() + Micros(PauseAside(failures))};
  {
    const std::lock_guard lock(mutex);
    line.positions = lines.PositionsOf(name);
    if (line.positions.empty()) return absl::OkStatus();
  }
  RETURN_IF_ERROR(
      Write([&](storage::Transaction& db) { return SetAside(db, target.name, owner, line, clock.Now()); }));
  log::Line(log::Level::kError,
            "an event was set aside after many failures; later events of its BUCP wait for it")
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
                 std::chrono::steady_clock::now() + PauseAside(failures), false};
  ReportAside();
  return absl::OkStatus();
}

}  // namespace idea::events
