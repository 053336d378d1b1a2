#include "services/dispute/deidentification_worker.h"

#include <algorithm>
#include <chrono>
#include <functional>

#include "common/status/status.h"
#include "services/dispute/dispute_events.h"
#include "services/dispute/dispute_store.h"
#include "services/dispute/dispute_transition.h"

namespace idea::dispute {
namespace {

using deidentification::kBucpEnded, deidentification::kClockRan, deidentification::kItself;
using enum v1::DeidentificationState;

// The length of a claim. A replica that does not finish by then lets another one try.
constexpr clock::Micros kClaimLength = 10 * clock::kSecond;
constexpr std::chrono::seconds kPeerTimeout{5};
constexpr std::chrono::seconds kPollInterval{1};
constexpr int kBatch = 100;

// The oldest objection in effect.
const v1::DeidentificationAnswer& ObjectionIn(const v1::Deidentification& review) {
  const auto objects = [](const v1::DeidentificationAnswer& answer) {
    return answer.assessment() == v1::ASSESSMENT_OBJECTS;
  };
  return *std::find_if(review.answers().begin(), review.answers().end(), objects);
}

v1::Dispute DisputeFor(const v1::Deidentification& review) {
  const v1::DeidentificationAnswer& objection = ObjectionIn(review);
  v1::Dispute dispute;
  dispute.set_bucp(review.bucp());
  dispute.set_category(v1::CATEGORY_DEIDENTIFICATION);
  dispute.set_objection(objection.text());
  dispute.set_opened_by(objection.entity());
  dispute.set_deidentification(review.name());
  return dispute;
}

// Whether the BUCP ended before it was executed, so that a dispute has no subject.
bool IsWithdrawnOrRejected(const drafting::v1::Bucp& bucp) {
  return bucp.state() == drafting::v1::STATE_WITHDRAWN || bucp.state() == drafting::v1::STATE_NOT_APPROVED;
}

}  // namespace

DeidentificationWorker::DeidentificationWorker(Offices offices, v1::Process process, rpc::PeerClient peers,
                                               storage::Database& database, events::Notifier& notifier,
                                               const clock::Clock& clock)
    : offices_(std::move(offices)),
      process_(process),
      peers_(std::move(peers)),
      database_(database),
      notifier_(notifier),
      clock_(clock),
      loop_({.name = "de-identification timers",
             .service = "dispute",
             .interval = kPollInterval,
             .notifier = &notifier},
            [this] { return Pass(); }) {}

absl::StatusOr<int> DeidentificationWorker::Pass() {
  std::vector<DueTimer> due;
  RETURN_IF_ERROR(database_.Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(due, FindDueTimers(db, clock_.Now(), kBatch));
    return absl::OkStatus();
  }));
  int fired = 0;
  for (const DueTimer& clock : due) {
    if (loop_.stopping()) break;
    const clock::Micros claim = clock_.Now() + kClaimLength;
    bool ours = false;
    RETURN_IF_ERROR(database_.Write([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(ours, ClaimTimer(db, clock, claim));
      return absl::OkStatus();
    }));
    if (!ours) continue;
    ASSIGN_OR_RETURN(const bool done, Fire(clock.review, claim));
    fired += done ? 1 : 0;
  }
  return fired;
}

absl::StatusOr<OpeningFacts> DeidentificationWorker::Gather(const Review& review,
                                                            const std::string& request_id,
                                                            const std::string& traceparent) {
  if (review.resource.state() != DEIDENTIFICATION_STATE_OBJECTED) return OpeningFacts();
  rpc::Context context = rpc::NewContext(kPeerTimeout);
  context.request_id = request_id;
  context.traceparent = traceparent;
  return GatherOpeningFacts(peers_, context, offices_, review.resource.bucp(), "", clock_.Now());
}

absl::Status DeidentificationWorker::Write(
    const std::string& request_id, const std::string& traceparent,
    const std::function<absl::Status(storage::Transaction&, events::EventRecorder&)>& body) {
  bool recorded = false;
  RETURN_IF_ERROR(database_.Write([&](storage::Transaction& db) -> absl::Status {
    auto recorder = events::EventRecorder::ForService("dispute", clock_.Now(), request_id, traceparent);
    RETURN_IF_ERROR(body(db, recorder));
    recorded = !recorder.events().empty();
    return events::Append(db, recorder.events(), nullptr);
  }));
  if (recorded) notifier_.Notify();
  return absl::OkStatus();
}

absl::StatusOr<bool> DeidentificationWorker::Fire(const std::string& name, clock::Micros claim) {
  const rpc::Context context = rpc::NewContext(kPeerTimeout);
  std::optional<Review> review;
  RETURN_IF_ERROR(database_.Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(review, FindReview(db, name));
    return absl::OkStatus();
  }));
  if (!review) return false;
  const absl::StatusOr<OpeningFacts> facts = Gather(*review, context.request_id, context.traceparent);
  absl::Status fired = facts.status();
  if (fired.ok()) {
    fired = Write(context.request_id, context.traceparent,
                  [&](storage::Transaction& db, events::EventRecorder& recorder) -> absl::Status {
                    ASSIGN_OR_RETURN(const bool ours, StopClaimedTimer(db, name, claim));
                    ASSIGN_OR_RETURN(const auto now, FindReview(db, name));
                    // The timer was set again or removed since the read.
                    if (!ours || !now || now->resource.etag() != review->resource.etag()) {
                      return status::Error(Reason::ERROR_REASON_CONCURRENT_CHANGE, "the timer was set again");
                    }
                    return FireIn(db, recorder, *facts, *now);
                  });
  }
  if (fired.ok()) return true;
  if (status::ReasonOf(fired) == Reason::ERROR_REASON_CONCURRENT_CHANGE) return false;
  RETURN_IF_ERROR(Write(context.request_id, context.traceparent,
                        [&](storage::Transaction& db, events::EventRecorder& recorder) -> absl::Status {
                          const std::string problem(fired.message());
                          ASSIGN_OR_RETURN(const bool fresh, NoteProblem(db, name, problem));
                          if (fresh && !status::IsRetryable(fired))
                            RecordReviewEvent(recorder, kDeidentificationDelayed, review->resource,
                                              "The dispute is due but cannot be opened yet: " + problem);
                          return absl::OkStatus();
                        }));
  return false;
}

absl::Status DeidentificationWorker::FireIn(storage::Transaction& db, events::EventRecorder& recorder,
                                            const OpeningFacts& facts, Review review) {
  const bool objected = review.resource.state() == DEIDENTIFICATION_STATE_OBJECTED;
  const bool nothing_left = objected && IsWithdrawnOrRejected(facts.bucp);
  const auto go_on = [&](const deidentification::Step&, Review& due) -> absl::StatusOr<std::string> {
    if (nothing_left) return "The BUCP was withdrawn or not approved; the review ends.";
    if (!objected)
      return "Five working days have passed without an objection; the agreement does not say what follows.";
    v1::Deidentification& resource = due.resource;
    ASSIGN_OR_RETURN(std::string dispute, FindDisputeOn(db, resource.name(), resource.bucp(), due.objected));
    if (dispute.empty()) {
      ASSIGN_OR_RETURN(const v1::Dispute opened,
                       OpenDispute(db, recorder, offices_, process_, facts, {}, DisputeFor(resource)));
      dispute = opened.name();
    }
    resource.set_dispute(dispute);
    return "Ten working days have passed without agreement: " + dispute + " continues it.";
  };
  return Transition(db, recorder,
                    {.on = nothing_left ? kBucpEnded : kClockRan, .by = kItself, .change = go_on}, review)
      .status();
}

}  // namespace idea::dispute
