#include "services/review/routing_flow.h"

namespace idea::review {

absl::Status CheckStep(const RoutingFacts& facts, const std::string& digest) {
  using status::Error;
  using status::Reason;
  if (!facts.same_digest) {
    return Error(Reason::ERROR_REASON_DIGEST_MISMATCH, "the digest is not that of the revision under review")
        .With("digest", digest);
  }
  if (facts.already_done)
    return Error(Reason::ERROR_REASON_ALREADY_DONE, "your department has taken this step");
  if (facts.same_person) {
    return Error(Reason::ERROR_REASON_SAME_PERSON, "Executive Sponsor and Data Coordinator are two persons");
  }
  return absl::OkStatus();
}

}  // namespace idea::review
