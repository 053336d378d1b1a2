#ifndef IDEA_SERVICES_DRAFTING_BUCP_BUCP_SERVICE_H_
#define IDEA_SERVICES_DRAFTING_BUCP_BUCP_SERVICE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/peer_client.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "idea/registry/v1/registry.pb.h"
#include "services/drafting/bucp/bucp_flow.h"

namespace idea::drafting {

// What the registry says of the parties of a request.
struct Signatories {
  // Parties that the registry does not know.
  std::vector<std::string> unknown;
  // Parties that have not signed and are not covered.
  std::vector<std::string> outside;
};

// A draft made of another BUCP.
struct Copy {
  v1::Content content;
  // What was left out or changed.
  std::vector<std::string> notes;
  Signatories signatories;
};

// Whether the contact `name` is among `contacts`, in force, with the role.
bool HoldsRole(const std::vector<registry::v1::Contact>& contacts, const std::string& name, int role,
               clock::Micros now);

// Every party known and a signatory (guidebook step 2).
absl::Status CheckSignatories(const Signatories& signatories);
// The caller is a recipient of the new draft, and every party a signatory (guidebook step 3).
absl::Status CheckNewDraft(rpc::Call& call, const v1::Content& content, const Signatories& signatories);

// The work of DraftingService; each method is the rpc of the same name, and
// protos/idea/drafting/v1/drafting.proto says what it does.
class DraftingService {
 public:
  explicit DraftingService(rpc::PeerClient peers) : peers_(std::move(peers)) {}

  absl::StatusOr<Signatories> GatherForAssessment(rpc::Call& call,
                                                  const v1::AssessApplicabilityRequest& request);
  absl::StatusOr<v1::AssessApplicabilityResponse> AssessApplicability(
      rpc::Call& call, const v1::AssessApplicabilityRequest& request, const Signatories& signatories);
  absl::StatusOr<Signatories> GatherForCreate(rpc::Call& call, const v1::CreateBucpRequest& request);
  absl::StatusOr<v1::CreateBucpResponse> CreateBucp(rpc::Call& call, const v1::CreateBucpRequest& request,
                                                    const Signatories& signatories);
  absl::StatusOr<Signatories> GatherForUpdate(rpc::Call& call, const v1::UpdateBucpRequest& request);
  absl::StatusOr<v1::UpdateBucpResponse> UpdateBucp(rpc::Call& call, const v1::UpdateBucpRequest& request,
                                                    const Signatories& signatories);

  absl::StatusOr<v1::GetBucpResponse> GetBucp(rpc::Call& call, const v1::GetBucpRequest& request);
  absl::StatusOr<v1::ListBucpsResponse> ListBucps(rpc::Call& call, const v1::ListBucpsRequest& request);
  absl::StatusOr<v1::GetRevisionResponse> GetRevision(rpc::Call& call, const v1::GetRevisionRequest& request);
  absl::StatusOr<v1::ListRevisionsResponse> ListRevisions(rpc::Call& call,
                                                          const v1::ListRevisionsRequest& request);
  absl::StatusOr<v1::DiffRevisionsResponse> DiffRevisions(rpc::Call& call,
                                                          const v1::DiffRevisionsRequest& request);
  absl::StatusOr<std::vector<v1::WatchBucpResponse>> WatchBucp(rpc::Call& call,
                                                               const v1::WatchBucpRequest& request,
                                                               std::string& token);

  absl::StatusOr<v1::SendBucpResponse> SendBucp(rpc::Call& call, const v1::SendBucpRequest& request);
  absl::StatusOr<v1::ShareBucpResponse> ShareBucp(rpc::Call& call, const v1::ShareBucpRequest& request);
  absl::StatusOr<v1::SetBucpSenderResponse> SetBucpSender(rpc::Call& call,
                                                          const v1::SetBucpSenderRequest& request);
  absl::StatusOr<v1::ReturnBucpResponse> ReturnBucp(rpc::Call& call, const v1::ReturnBucpRequest& request);
  absl::StatusOr<Signatories> GatherForFreeze(rpc::Call& call, const v1::FreezeBucpRequest& request);
  absl::StatusOr<v1::FreezeBucpResponse> FreezeBucp(rpc::Call& call, const v1::FreezeBucpRequest& request,
                                                    const Signatories& signatories);
  absl::StatusOr<v1::UnfreezeBucpResponse> UnfreezeBucp(rpc::Call& call,
                                                        const v1::UnfreezeBucpRequest& request);
  absl::StatusOr<v1::WithdrawBucpResponse> WithdrawBucp(rpc::Call& call,
                                                        const v1::WithdrawBucpRequest& request);
  absl::StatusOr<v1::AmendBucpResponse> AmendBucp(rpc::Call& call, const v1::AmendBucpRequest& request);
  absl::StatusOr<Copy> GatherForCopy(rpc::Call& call, const v1::CopyBucpRequest& request);
  absl::StatusOr<v1::CopyBucpResponse> CopyBucp(rpc::Call& call, const v1::CopyBucpRequest& request,
                                                const Copy& copy);

  // Commands of peers.
  absl::StatusOr<v1::CompleteReviewsResponse> CompleteReviews(rpc::Call& call,
                                                              const v1::CompleteReviewsRequest& request);
  absl::StatusOr<v1::CompleteSignaturesResponse> CompleteSignatures(
      rpc::Call& call, const v1::CompleteSignaturesRequest& request);
  absl::StatusOr<v1::HoldBucpResponse> HoldBucp(rpc::Call& call, const v1::HoldBucpRequest& request);
  absl::StatusOr<v1::ReleaseBucpResponse> ReleaseBucp(rpc::Call& call, const v1::ReleaseBucpRequest& request);
  absl::StatusOr<v1::RejectBucpResponse> RejectBucp(rpc::Call& call, const v1::RejectBucpRequest& request);
  absl::StatusOr<v1::RecordFilingResponse> RecordFiling(rpc::Call& call,
                                                        const v1::RecordFilingRequest& request);
  absl::StatusOr<v1::EndBucpResponse> EndBucp(rpc::Call& call, const v1::EndBucpRequest& request);

 private:
  absl::StatusOr<Signatories> Confirm(rpc::Call& call, const std::vector<std::string>& parties);
  // The entity that is called so, whole; empty if the registry has none.
  absl::StatusOr<std::string> EntityNamed(rpc::Call& call, const std::string& name);
  // The contacts that `after` names and `before` does not are the department's, in force, with the role.
  // INVALID_FIELD otherwise.
  absl::Status CheckContacts(rpc::Call& call, const v1::Content& before, const v1::Content& after);
  // The entity's contacts as the registry has them, also those that ended. None if it does not know the
  // entity.
  absl::StatusOr<std::vector<registry::v1::Contact>> ContactsOf(rpc::Call& call, const std::string& entity);
  // Replaces the contacts that no longer hold their role by text; adds a note for each.
  absl::Status KeepContactsAsText(rpc::Call& call, v1::Content& content, std::vector<std::string>& notes);
  const rpc::PeerClient peers_;
};

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_BUCP_BUCP_SERVICE_H_
