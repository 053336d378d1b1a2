#include "services/dispute/dispute_moves.h"

#include "common/clock/clock.h"
#include "common/status/status.h"
#include "services/dispute/dispute_store.h"

namespace idea::dispute {
namespace {

std::string CitationOf(const Step& step) {
  const bool guidebook = step.guide[0] >= '0' && step.guide[0] <= '9';
  return guidebook ? "guidebook dispute step " + std::string(step.guide.substr(0, 1)) : "";
}

}  // namespace

void TellMoved(events::Scribe& scribe, const Offices& offices, std::string_view type,
               std::string_view citation, v1::State from, const v1::Dispute& dispute,
               const std::string& summary) {
  v1::DisputeMoved moved;
  moved.set_dispute(dispute.name());
  moved.set_bucp(dispute.bucp());
  moved.set_state(dispute.state());
  moved.set_outcome(dispute.outcome());
  scribe.Tell({.type = type,
               .subject = dispute.name(),
               .bucp = dispute.bucp(),
               .audience = AudienceOf(dispute, offices, from),
               .citation = citation,
               .summary = summary,
               .data = &moved});
}

absl::Status Take(const Step& step, storage::Transaction& db, events::Scribe& scribe, const Offices& offices,
                  const std::string& summary, v1::Dispute& dispute) {
  dispute.set_state(step.to);
  RETURN_IF_ERROR(MoveDispute(db, step.from, dispute, scribe.now()));
  dispute.set_etag(std::to_string(std::stoll(dispute.etag()) + 1));
  *dispute.mutable_update_time() = clock::ToProto(scribe.now());
  TellMoved(scribe, offices, step.tell, CitationOf(step), step.from, dispute, summary);
  return absl::OkStatus();
}

}  // namespace idea::dispute
