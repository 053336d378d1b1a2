#include "services/inventory/notice/expiry_worker.h"

#include <chrono>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/clock/date.h"
#include "common/status/status.h"
#include "services/inventory/filing/filing_store.h"
#include "services/inventory/filing/filing_transition.h"
#include "services/inventory/inventory_events.h"
#include "services/inventory/log/log_store.h"
#include "services/inventory/review_date/review_date_store.h"

namespace idea::inventory {
namespace {

constexpr int kBatch = 100;
// Deadline of the calls to peers. The next pass tries again.
constexpr std::chrono::seconds kPeerTimeout{10};

}  // namespace

absl::StatusOr<int> ExpiryWorker::Pass() {
  // The day in the time zone of the register. The database stores days by their beginning in UTC.
  const clock::Micros today = clock::StartOfDay(clock::DayOf(clock_.Now(), zone_));
  std::vector<std::string> over, due;
  RETURN_IF_ERROR(database_.Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(over, FindExpired(db, today, kBatch));
    ASSIGN_OR_RETURN(due, FindDueReviews(db, today, kBatch));
    return absl::OkStatus();
  }));
  int done = 0;
  absl::Status failure;
  const auto each = [&](const std::vector<std::string>& names, auto act) {
    for (const std::string& name : names) {
      if (loop_.stopping()) return;
      const absl::StatusOr<bool> acted = (this->*act)(name, today);
      if (acted.ok()) {
        done += *acted ? 1 : 0;
      } else {
        failure.Update(acted.status());
      }
    }
  };
  each(over, &ExpiryWorker::Expire);
  each(due, &ExpiryWorker::RecordReviewDue);
  if (done > 0) notifier_.Notify();
  RETURN_IF_ERROR(failure);
  return done;
}

absl::StatusOr<bool> ExpiryWorker::Expire(const std::string& name, clock::Micros today) {
  v1::Filing found;
  RETURN_IF_ERROR(database_.Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(found, FindFiling(db, name));
    return absl::OkStatus();
  }));
  ASSIGN_OR_RETURN(const NoticeFacts gathered,
                   notices_.Gather(rpc::NewContext(kPeerTimeout), clock_.Now(), std::move(found)));
  bool done = false;
  const auto end = [&](storage::Transaction& db) -> absl::Status {
    done = false;
    NoticeFacts now = gathered;
    ASSIGN_OR_RETURN(now.filing, FindFiling(db, name));
    v1::Filing& filing = now.filing;
    auto recorder = events::EventRecorder::ForService("inventory", clock_.Now());
    FilingFacts facts;
    facts.over = filing.has_end_date() && clock::StartOfDay(filing.end_date()) < today;
    const auto expire = [&](v1::Filing& ended) -> absl::StatusOr<std::string> {
      ended.set_end_reason("its last day is over");
      *ended.mutable_end_time() = clock::ToProto(recorder.now());
      return "ended with its last day";
    };
    const auto give_notices = [&](const v1::Filing&) { return notices_.GiveExpiry(db, recorder, now); };
    const absl::Status expired = Transition({db, recorder, log_, cdo_entity_},
                                            {.on = "its last day ends",
                                             .by = flow::kInventory,
                                             .facts = facts,
                                             .entry = v1::LOG_ENTRY_KIND_EXPIRED,
                                             .change = expire,
                                             .follow = give_notices},
                                            filing);
    // Another replica or a party has ended it since.
    if (status::ReasonOf(expired) == status::Reason::ERROR_REASON_STEP_NOT_ALLOWED) return absl::OkStatus();
    RETURN_IF_ERROR(expired);
    done = true;
    return events::Append(db, recorder.events(), nullptr);
  };
  RETURN_IF_ERROR(database_.Write(end, kLogLane));
  return done;
}

absl::StatusOr<bool> ExpiryWorker::RecordReviewDue(const std::string& name, clock::Micros today) {
  bool done = false;
  RETURN_IF_ERROR(database_.Write([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(done, MarkReviewNotified(db, name, today));
    if (!done) return absl::OkStatus();
    ASSIGN_OR_RETURN(const v1::Filing filing, FindFiling(db, name));
    auto recorder = events::EventRecorder::ForService("inventory", clock_.Now());
    RecordFilingEvent(recorder, filing, cdo_entity_, event::kReviewDue, "guidebook step 8",
                      "its review date has come: is it still right?");
    return events::Append(db, recorder.events(), nullptr);
  }));
  return done;
}

}  // namespace idea::inventory
