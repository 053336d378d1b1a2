#include "services/inventory/expiry_clock.h"

#include <chrono>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/log/log.h"
#include "common/status/status.h"
#include "services/inventory/filing_flow.h"
#include "services/inventory/filing_moves.h"
#include "services/inventory/filing_store.h"

namespace idea::inventory {
namespace {

constexpr std::chrono::seconds kPause{5};
constexpr int kBatch = 100;

}  // namespace

void ExpiryClock::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void ExpiryClock::Stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  news_.Raise();
  thread_.join();
}

void ExpiryClock::Loop() {
  while (!stopping_) {
    const uint64_t seen = news_.Count();
    if (const auto ended = Pass(); !ended.ok()) {
      log::Line(log::Level::kWarn, "the clock of last days tries again")
          .With("service", "inventory")
          .With("text", std::string(ended.status().message()));
    }
    news_.Wait(seen, kPause);
  }
}

absl::StatusOr<int> ExpiryClock::Pass() {
  // Days are kept by their beginning in UTC, and begin where the agreement is kept.
  const absl::CivilDay day = absl::ToCivilDay(absl::FromUnixMicros(clock_.Now()), zone_);
  const clock::Micros today = absl::ToUnixMicros(absl::FromCivil(day, absl::UTCTimeZone()));
  std::vector<std::string> over;
  RETURN_IF_ERROR(database_.Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(over, FindExpired(db, today, kBatch));
    return absl::OkStatus();
  }));
  int ended = 0;
  for (const std::string& name : over) {
    if (stopping_) break;
    ASSIGN_OR_RETURN(const bool done, Expire(name, today));
    ended += done ? 1 : 0;
  }
  if (ended > 0) news_.Raise();
  return ended;
}

absl::StatusOr<bool> ExpiryClock::Expire(const std::string& name, clock::Micros today) {
  bool done = false;
  RETURN_IF_ERROR(database_.Write([&](storage::Transaction& db) -> absl::Status {
    done = false;
    ASSIGN_OR_RETURN(v1::Filing filing, FindFiling(db, name));
    const State from = filing.state();
    FilingFacts facts;
    facts.over = filing.has_end_date() && MicrosOf(filing.end_date()) < today;
    const auto step = flow::Decide(kFilingFlow, from, "its last day ends", flow::kInventory, facts);
    // Another replica, or a party, has ended it meanwhile.
    if (!step.ok()) return absl::OkStatus();
    const clock::Micros now = clock_.Now();
    common::v1::Actor actor;
    actor.set_service("inventory");
    events::Scribe scribe(now, actor, "", "");
    filing.set_state(step->to);
    filing.set_end_reason("its last day is over");
    *filing.mutable_end_time() = clock::ToProto(now);
    RETURN_IF_ERROR(SaveFiling(db, from, filing));
    RETURN_IF_ERROR(log_.Append(db, EntryOf(filing, v1::LOG_ENTRY_KIND_EXPIRED, now)).status());
    TellMoved(scribe, filing, cdo_entity_, step->tell, step->guide, "ended with its last day");
    done = true;
    return events::Append(db, scribe.told(), nullptr);
  }));
  return done;
}

}  // namespace idea::inventory
