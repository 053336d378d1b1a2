#include "services/inventory/filing/filing_transition.h"

#include <set>
#include <utility>

#include "common/status/status.h"
#include "common/transparency/leaf_digests.h"
#include "services/inventory/filing/filing_store.h"

namespace idea::inventory {

absl::StatusOr<flow::Step<State, FilingFacts>> Transition(storage::Transaction& db,
                                                          const TransitionInput& input, v1::Filing& filing) {
  auto decided = flow::Decide(kFilingFlow, filing.state(), input.on, input.by, input.facts);
  if (!decided.ok()) {
    return status::WithMetadata(decided.status(), status::Reason::ERROR_REASON_DIGEST_MISMATCH, "digest",
                                filing.digest());
  }
  const auto& step = *decided;
  filing.set_state(step.to);
  RETURN_IF_ERROR(input.change(filing));
  RETURN_IF_ERROR(SaveFiling(db, step.from, filing));
  return step;
}

v1::LogEntry EntryOf(const v1::Filing& filing, v1::LogEntryKind kind, clock::Micros now) {
  v1::LogEntry entry;
  entry.set_kind(kind);
  *entry.mutable_time() = clock::ToProto(now);
  entry.set_filing(filing.name());
  entry.set_bucp(filing.bucp());
  entry.set_digest(filing.digest());
  entry.set_filing_digest(transparency::FilingDigest(filing));
  entry.set_amends(filing.amends());
  return entry;
}

void RecordFilingEvent(events::EventRecorder& recorder, const v1::Filing& filing,
                       const std::string& cdo_entity, std::string_view type, std::string_view citation,
                       std::string summary) {
  std::set<std::string> audience(filing.recipients().begin(), filing.recipients().end());
  audience.insert(filing.providers().begin(), filing.providers().end());
  audience.insert(cdo_entity);
  v1::FilingMoved moved;
  moved.set_filing(filing.name());
  moved.set_bucp(filing.bucp());
  moved.set_state(filing.state());
  moved.set_reason(filing.end_reason());
  recorder.Record({.type = type,
                   .subject = filing.name(),
                   .bucp = filing.bucp(),
                   .audience = {audience.begin(), audience.end()},
                   .citation = citation,
                   .summary = std::move(summary),
                   .data = &moved});
}

}  // namespace idea::inventory
