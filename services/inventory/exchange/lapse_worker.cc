#include "services/inventory/exchange/lapse_worker.h"

#include <chrono>
#include <vector>

#include "common/clock/date.h"
#include "common/server/registry_client.h"
#include "common/status/status.h"
#include "idea/registry/v1/registry.pb.h"
#include "services/inventory/filing/filing_store.h"
#include "services/inventory/filing/filing_transition.h"
#include "services/inventory/inventory_events.h"

namespace idea::inventory {
namespace {

constexpr std::chrono::seconds kTimeout{10};
constexpr int kBatch = 100;
constexpr char kCitation[] = "agreement 13.2";

std::string TextOf(exchange::Day day) { return clock::DateText(exchange::DateOf(day)); }

// "entities/x is no longer a signatory from 2026-06-01 on".
std::string SummaryOf(const LapseNotification& notification) {
  const exchange::Lapse& lapse = notification.lapse;
  if (notification.withdrawn)
    return lapse.entity + " is a signatory also from " + TextOf(lapse.start) + " on";
  if (lapse.end == exchange::kNoEnd)
    return lapse.entity + " is no longer a signatory from " + TextOf(lapse.start) + " on";
  return lapse.entity + " is a signatory again from " + TextOf(lapse.end) + " on; it was none from " +
         TextOf(lapse.start) + " on";
}

}  // namespace

absl::StatusOr<int> LapseWorker::Pass() {
  // Notifies of the known lapses even if the registry does not answer.
  const absl::Status learned = Learn();
  const exchange::Day today =
      static_cast<exchange::Day>(clock::DayOf(clock_.Now(), clock_.zone()) - absl::CivilDay(1970, 1, 1));
  std::vector<LapseNotification> notifications;
  int notified = 0;
  do {
    RETURN_IF_ERROR(database_.Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(notifications, FindLapseNotifications(db, today, kBatch));
      return absl::OkStatus();
    }));
    for (const LapseNotification& each : notifications) {
      ASSIGN_OR_RETURN(const bool done, NotifyParties(each));
      notified += done ? 1 : 0;
    }
    if (notified > 0) notifier_.Notify();
  } while (!notifications.empty() && !loop_.stopping());
  RETURN_IF_ERROR(learned);
  return notified;
}

// Drops the registry's answer if another replica has stored one since before the request: it may be older.
absl::Status LapseWorker::Learn() {
  int64_t version = 0;
  std::vector<exchange::Lapse> known;
  RETURN_IF_ERROR(database_.Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(version, ReadLapsesVersion(db));
    ASSIGN_OR_RETURN(known, ReadLapses(db));
    return absl::OkStatus();
  }));
  ASSIGN_OR_RETURN(const auto answer, server::RegistryClient(peers_, rpc::NewContext(kTimeout)).GetLapses());
  std::vector<exchange::Lapse> lapses;
  for (const registry::v1::Lapse& lapse : answer.lapses()) {
    lapses.push_back({lapse.entity(), exchange::DayNumber(lapse.start_date()),
                      lapse.has_end_date() ? exchange::DayNumber(lapse.end_date()) : exchange::kNoEnd});
  }
  if (lapses == known) return absl::OkStatus();
  bool stored = false;
  RETURN_IF_ERROR(database_.Write([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(stored, ReplaceLapses(db, version, lapses));
    if (!stored) return absl::OkStatus();
    auto recorder = events::EventRecorder::ForService("inventory", clock_.Now());
    recorder.Record({.type = event::kLapsesRecorded,
                     .subject = kLapsesSubject,
                     .audience = {cdo_entity_},
                     .citation = kCitation,
                     .summary = "the registry has " + std::to_string(lapses.size()) +
                                " times in which a former signatory was none"});
    return events::Append(db, recorder.events(), nullptr);
  }));
  if (stored) notifier_.Notify();
  return absl::OkStatus();
}

absl::StatusOr<bool> LapseWorker::NotifyParties(const LapseNotification& notification) {
  bool done = false;
  RETURN_IF_ERROR(database_.Write([&](storage::Transaction& db) -> absl::Status {
    done = false;
    ASSIGN_OR_RETURN(const v1::Filing filing, FindFiling(db, notification.filing));
    if (filing.state() == v1::FILING_STATE_ENDED) return absl::OkStatus();
    ASSIGN_OR_RETURN(done, MarkNotified(db, notification));
    if (!done) return absl::OkStatus();
    auto recorder = events::EventRecorder::ForService("inventory", clock_.Now());
    const bool lapsed = !notification.withdrawn && notification.lapse.end == exchange::kNoEnd;
    RecordFilingEvent(recorder, filing, cdo_entity_, lapsed ? event::kPartyLapsed : event::kPartyReturned,
                      kCitation, SummaryOf(notification));
    return events::Append(db, recorder.events(), nullptr);
  }));
  return done;
}

}  // namespace idea::inventory
