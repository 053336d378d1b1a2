#include "services/dispute/standing_worker.h"

#include <chrono>
#include <optional>
#include <vector>

#include "common/status/status.h"
#include "services/dispute/dispute_events.h"
#include "services/dispute/dispute_store.h"
#include "services/dispute/dispute_transition.h"
#include "services/dispute/track_rules.h"

namespace idea::dispute {
namespace {

constexpr std::chrono::seconds kPeerTimeout{5};
constexpr std::chrono::seconds kPollInterval{2};

}  // namespace

StandingWorker::StandingWorker(Offices offices, rpc::PeerClient peers, storage::Database& database,
                               events::Notifier& notifier, const clock::Clock& clock)
    : offices_(std::move(offices)),
      peers_(std::move(peers)),
      database_(database),
      notifier_(notifier),
      clock_(clock),
      loop_({.name = "standings", .service = "dispute", .interval = kPollInterval, .notifier = &notifier},
            [this] { return Pass(); }) {}

absl::StatusOr<int> StandingWorker::Pass() {
  std::vector<std::string> waiting;
  RETURN_IF_ERROR(database_.Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(waiting, FindAwaitingStanding(db));
    return absl::OkStatus();
  }));
  int moved = 0;
  absl::Status failure;
  for (const std::string& name : waiting) {
    if (loop_.stopping()) break;
    const absl::StatusOr<bool> done = Continue(name);
    if (!done.ok()) failure.Update(done.status());
    moved += done.ok() && *done ? 1 : 0;
  }
  RETURN_IF_ERROR(failure);
  return moved;
}

absl::StatusOr<bool> StandingWorker::Continue(const std::string& name) {
  std::optional<v1::Dispute> dispute;
  RETURN_IF_ERROR(database_.Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(dispute, FindDispute(db, name));
    return absl::OkStatus();
  }));
  if (!dispute || dispute->state() != STATE_AWAITING_STANDING) return false;
  const rpc::Context context = rpc::NewContext(kPeerTimeout);
  ASSIGN_OR_RETURN(const OpeningFacts facts,
                   GatherOpeningFacts(peers_, context, offices_, dispute->bucp(), "", clock_.Now()));
  const std::string before = dispute->explanation().SerializeAsString();
  SetTrack(Explain(dispute->process(), facts, offices_), *dispute);
  const bool ready = dispute->explanation().missing().empty();
  if (!ready && dispute->explanation().SerializeAsString() == before) return false;
  bool moved = false;
  const absl::Status written = database_.Write([&](storage::Transaction& db) -> absl::Status {
    auto recorder =
        events::EventRecorder::ForService("dispute", clock_.Now(), context.request_id, context.traceparent);
    v1::Dispute now = *dispute;
    // Other missing entries are shown in waits_for.
    if (ready) {
      const auto go_on = [](const Step&, v1::Dispute&) -> absl::StatusOr<StepText> {
        return StepText{"The standings with the Governor are recorded: the dispute continues."};
      };
      RETURN_IF_ERROR(Transition(
          {db, recorder, offices_},
          {.on = kStandingsRecorded, .by = flow::kDispute, .facts = FactsOf(now), .change = go_on}, now));
    }
    RETURN_IF_ERROR(StoreTrack(db, now, ViewersOf(now, offices_)));
    if (!ready) {
      // Nobody is notified. The log gets an entry.
      recorder.Record({.type = kStandingsRead,
                       .subject = now.name(),
                       .bucp = now.bucp(),
                       .summary = "The missing entries of the registry have changed."});
    }
    moved = ready;
    return events::Append(db, recorder.events(), nullptr);
  });
  // The dispute was withdrawn, or another replica took the step.
  if (status::ReasonOf(written) == Reason::ERROR_REASON_CONCURRENT_CHANGE) return false;
  RETURN_IF_ERROR(written);
  if (moved) notifier_.Notify();
  return moved;
}

}  // namespace idea::dispute
