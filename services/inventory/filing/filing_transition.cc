#include "services/inventory/filing/filing_transition.h"

#include <set>
#include <utility>
#include <vector>

#include "common/status/status.h"
#include "common/transparency/leaf_digests.h"
#include "services/inventory/filing/filing_store.h"

namespace idea::inventory {

namespace {

std::vector<std::string> AudienceOf(const v1::Filing& filing, std::string_view cdo_entity) {
  std::set<std::string> audience(filing.recipients().begin(), filing.recipients().end());
  audience.insert(filing.providers().begin(), filing.providers().end());
  audience.emplace(cdo_entity);
  return {audience.begin(), audience.end()};
}

void Record(events::EventRecorder& recorder, const v1::Filing& filing, std::vector<std::string> audience,
            std::string_view type, std::string_view citation, std::string summary) {
  v1::FilingMoved moved;
  moved.set_filing(filing.name());
  moved.set_bucp(filing.bucp());
  moved.set_state(filing.state());
  moved.set_reason(filing.end_reason());
  recorder.Record({.type = type,
                   .subject = filing.name(),
                   .bucp = filing.bucp(),
                   .audience = std::move(audience),
                   .citation = citation,
                   .summary = std::move(summary),
                   .data = &moved});
}

}  // namespace

absl::Status Transition(const StepScope& scope, const StepRequest& request, v1::Filing& filing) {
  const auto decided = flow::Decide(kFilingFlow, filing.state(), request.on, request.by, request.facts);
  if (!decided.ok()) {
    return status::WithMetadata(decided.status(), status::Reason::ERROR_REASON_DIGEST_MISMATCH, "digest",
                                filing.digest());
  }
  filing.set_state(decided->to);
  ASSIGN_OR_RETURN(std::string summary, request.change(filing));
  RETURN_IF_ERROR(SaveFiling(scope.db, decided->from, filing));
  if (request.entry != v1::LOG_ENTRY_KIND_UNSPECIFIED) {
    RETURN_IF_ERROR(
        scope.log.Append(scope.db, EntryOf(filing, request.entry, scope.recorder.now())).status());
  }
  if (request.follow) RETURN_IF_ERROR(request.follow(filing));
  Record(scope.recorder, filing,
         request.has_audience ? AudienceOf(filing, scope.cdo_entity) : std::vector<std::string>(),
         decided->tell, request.citation.empty() ? decided->guide : request.citation, std::move(summary));
  return absl::OkStatus();
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
  Record(recorder, filing, AudienceOf(filing, cdo_entity), type, citation, std::move(summary));
}

}  // namespace idea::inventory
