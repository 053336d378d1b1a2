#include "common/events/relay.h"

#include <algorithm>
#include <atomic>
#include <optional>

#include "common/events/epochs.h"
#include "common/ids/ids.h"
#include "common/log/log.h"
#include "common/log/thread.h"
#include "common/status/status.h"

namespace idea::events {
namespace {

using std::chrono::milliseconds;

clock::Micros Micros(milliseconds span) { return span.count() * 1000; }

// A lease that ends further ahead than so many leases was taken by a clock that has been set back since: it
// counts no more. Clocks of replicas that differ by less do not take the cursor from each other.
constexpr int kLongestLease = 6;

}  // namespace

struct Relay::State {
  Settings settings;
  Target target;
  storage::Database& database;
  Signal& news;
  const clock::Clock& clock;
  const std::string owner = ids::NewUuid();
  // Raised together with the news, so that Stop interrupts a pause.
  std::atomic<bool> stopping{false};
  std::thread thread{};
  clock::Micros lease_until = 0;
  // The epoch in which the cursor was taken, and the last position that is done with.
  std::string epoch{};
  int64_t at = 0;
  milliseconds pause{0};

  // Takes the cursor, or renews the lease on it. False: another replica has it.
  absl::StatusOr<bool> Take() {
    bool taken = false;
    RETURN_IF_ERROR(database.Write([&](storage::Transaction& db) -> absl::Status {
      const clock::Micros now = clock.Now();
      RETURN_IF_ERROR(
          db.Execute("INSERT INTO cursors (name, owner, lease_until, txid, seq) VALUES ($1, '', 0, 0, 0) "
                     "ON CONFLICT (name) DO NOTHING",
                     {target.name})
              .status());
      ASSIGN_OR_RETURN(
          const auto row,
          db.QueryOne("UPDATE cursors SET owner = $1, lease_until = $2 WHERE name = $3 AND "
                      "(owner = $1 OR lease_until < $4 OR lease_until > $5) RETURNING epoch, position",
                      {owner, now + Micros(settings.lease), target.name, now,
                       now + kLongestLease * Micros(settings.lease)}));
      taken = row.has_value();
      if (taken) {
        ASSIGN_OR_RETURN(const Epochs epochs, Epochs::Read(db));
        epoch = epochs.current();
        at = epochs.ReplayAfter(row->Text(0) + "." + std::to_string(row->Int(1)));
      }
      lease_until = taken ? now + Micros(settings.lease) : 0;
      return absl::OkStatus();
    }));
    return taken;
  }

  // Moves the cursor on, if it is still ours.
  absl::Status MoveTo(storage::Transaction& db, int64_t to) {
    ASSIGN_OR_RETURN(const int64_t moved,
                     db.Execute("UPDATE cursors SET epoch = $1, position = $2 WHERE name = $3 AND owner = $4",
                                {epoch, to, target.name, owner}));
    if (moved == 0) return absl::FailedPreconditionError("the cursor has another owner");
    return absl::OkStatus();
  }

  absl::Status Save(int64_t to) {
    return database.Write([&](storage::Transaction& db) { return MoveTo(db, to); });
  }

  // The peer refused: the own service reacts in the transaction that moves the cursor past the event.
  absl::Status Refused(const Logged& logged, const absl::Status& refusal) {
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
      return MoveTo(db, logged.position);
    }));
    news.Raise();
    return absl::OkStatus();
  }

  // Whether the lease holds long enough for one more delivery; renews it when half of it is gone.
  absl::StatusOr<bool> StillOurs() {
    const clock::Micros left = lease_until - clock.Now();
    if (Micros(settings.lease) / 2 < left && left <= Micros(settings.lease)) return true;
    const std::string epoch_before = epoch;
    const int64_t before = at;
    ASSIGN_OR_RETURN(const bool ours, Take());
    if (epoch == epoch_before) at = std::max(at, before);
    return ours;
  }

  absl::StatusOr<int> Pass() {
    ASSIGN_OR_RETURN(const bool ours, StillOurs());
    if (!ours) return 0;
    std::vector<Logged> batch;
    RETURN_IF_ERROR(database.Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(batch, ReadAfter(db, at, settings.batch));
      return absl::OkStatus();
    }));
    const int64_t saved = at;
    int passed = 0;
    absl::Status failed;
    for (const Logged& logged : batch) {
      if (stopping) break;
      ASSIGN_OR_RETURN(const bool still, StillOurs());
      if (!still) return passed;
      const absl::Status delivered = target.deliver(logged.event);
      if (!delivered.ok() && !status::IsRefusal(delivered)) {
        failed = delivered;
        break;
      }
      if (!delivered.ok()) RETURN_IF_ERROR(Refused(logged, delivered));
      at = logged.position;
      ++passed;
    }
    if (at != saved) RETURN_IF_ERROR(Save(at));
    if (!failed.ok()) return failed;
    return passed;
  }

  void Loop() {
    uint64_t seen = news.Count();
    while (!stopping) {
      const absl::StatusOr<int> passed = Pass();
      if (!passed.ok()) {
        pause = std::clamp(pause * 2, settings.retry_min, settings.retry_max);
        log::Line(log::Level::kWarn, "a delivery is tried again")
            .With("service", settings.service)
            .With("target", target.name)
            .With("reason", status::ReasonName(passed.status()))
            .With("text", std::string(passed.status().message()));
        lease_until = 0;  // Ask for the cursor again: it is the truth.
        Pause(pause);
        continue;
      }
      pause = milliseconds(0);
      if (*passed == settings.batch) continue;
      seen = news.Wait(seen, settings.poll);
    }
  }

  // A pause that Stop ends at once, but news do not.
  void Pause(milliseconds span) {
    const auto until = std::chrono::steady_clock::now() + span;
    uint64_t seen = news.Count();
    while (!stopping) {
      const auto left = std::chrono::duration_cast<milliseconds>(until - std::chrono::steady_clock::now());
      if (left.count() <= 0) return;
      seen = news.Wait(seen, left);
    }
  }
};

Relay::Relay(Settings settings, Target target, storage::Database& database, Signal& news,
             const clock::Clock& clock)
    : state_(new State{std::move(settings), std::move(target), database, news, clock}) {}

Relay::~Relay() { Stop(); }

void Relay::Start() {
  state_->thread = log::StartThread("relay to " + state_->target.name, [this] { state_->Loop(); });
}

void Relay::Stop() {
  if (!state_->thread.joinable()) return;
  state_->stopping = true;
  state_->news.Announce();
  state_->thread.join();
  const absl::Status given_back = state_->database.Write([&](storage::Transaction& db) {
    return db
        .Execute("UPDATE cursors SET lease_until = 0 WHERE name = $1 AND owner = $2",
                 {state_->target.name, state_->owner})
        .status();
  });
  if (!given_back.ok()) {
    log::Line(log::Level::kWarn, "a lease was not given back; it ends by itself")
        .With("target", state_->target.name);
  }
}

absl::StatusOr<int> Relay::Pass() { return state_->Pass(); }

}  // namespace idea::events
