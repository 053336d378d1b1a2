#include "services/drafting/bucp/bucp_service.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "common/events/epochs.h"
#include "common/status/status.h"
#include "common/validation/field_mask.h"
#include "services/drafting/bucp/amendment_transition.h"
#include "services/drafting/bucp/bucp_access.h"
#include "services/drafting/bucp/bucp_store.h"
#include "services/drafting/bucp/bucp_transition.h"
#include "services/drafting/bucp/edit_transition.h"

namespace idea::drafting {
namespace {

using status::Error;
using status::Reason;

constexpr int kWatchBatch = 100;

// Whether the caller, who sees the BUCP, also sees this event of it. Events of the unsent draft were sent to
// the recipients only and remain hidden from the other side.
bool IsForCaller(const auth::Caller& caller, const v1::Bucp& bucp, const common::v1::Event& event) {
  if (bucp.first_shown_revision() == 0 || FirstRevisionFor(caller, bucp) == 0) return true;
  const auto& recipients = bucp.content().recipients();
  return !std::all_of(event.audience().begin(), event.audience().end(),
                      [&](const std::string& entity) { return absl::c_linear_search(recipients, entity); });
}

}  // namespace

void BucpService::Bind(rpc::Router& router) {
  router.Bind(this, &BucpService::GatherForCreate, &BucpService::CreateBucp);
  router.Bind(this, &BucpService::AmendBucp);
  router.Bind(this, &BucpService::GatherForUpdate, &BucpService::UpdateBucp);
  router.Bind(this, &BucpService::GetBucp);
  router.Bind(this, &BucpService::ListBucps);
  router.BindWatch(this, &BucpService::WatchBucp);
}

absl::StatusOr<Signatories> BucpService::GatherForCreate(rpc::Call& call,
                                                         const v1::CreateBucpRequest& request) {
  return GatherNewDraft(server::RegistryClient(peers_, call.context()), call.now(), request.content());
}

absl::StatusOr<v1::CreateBucpResponse> BucpService::CreateBucp(rpc::Call& call,
                                                               const v1::CreateBucpRequest& request,
                                                               const Signatories& signatories) {
  RETURN_IF_ERROR(CheckNewDraft(call, request.content(), signatories));
  v1::CreateBucpResponse response;
  ASSIGN_OR_RETURN(*response.mutable_bucp(),
                   StartDraft(call, request.content(), {.bucp_template = request.template_()}));
  return response;
}

absl::StatusOr<v1::AmendBucpResponse> BucpService::AmendBucp(rpc::Call& call,
                                                             const v1::AmendBucpRequest& request) {
  ASSIGN_OR_RETURN(const v1::Bucp old, FindVisible(call, request.name()));
  if ((RolesOf(call.caller(), old) & flow::kRecipient) == 0) {
    return Error(Reason::ERROR_REASON_NOT_YOUR_STEP, "an amendment is drafted by a Data Recipient")
        .With("by", flow::NamesOf(flow::kRecipient));
  }
  RETURN_IF_ERROR(CheckAmendable(call, old));
  v1::AmendBucpResponse response;
  ASSIGN_OR_RETURN(*response.mutable_bucp(), StartDraft(call, old.content(), {.amends = old.name()}));
  return response;
}

absl::StatusOr<Signatories> BucpService::GatherForUpdate(rpc::Call& call,
                                                         const v1::UpdateBucpRequest& request) {
  v1::Content before;
  RETURN_IF_ERROR(call.ReadSnapshot([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(v1::Bucp bucp, FindVisible(db, call.caller(), request.name()));
    before = std::move(*bucp.mutable_content());
    return absl::OkStatus();
  }));
  const server::RegistryClient registry(peers_, call.context());
  v1::Content after = before;
  validation::ReplaceFields(request.content(), request.update_mask(), &after);
  RETURN_IF_ERROR(CheckContacts(registry, call.now(), before, after));
  // Unchanged signatories were confirmed when they were written.
  const std::vector<std::string> signatories = SignatoriesOf(after);
  return signatories == SignatoriesOf(before) ? Signatories() : Confirm(registry, signatories);
}

absl::StatusOr<v1::UpdateBucpResponse> BucpService::UpdateBucp(rpc::Call& call,
                                                               const v1::UpdateBucpRequest& request,
                                                               const Signatories& signatories) {
  RETURN_IF_ERROR(CheckSignatories(signatories));
  v1::UpdateBucpResponse response;
  ASSIGN_OR_RETURN(*response.mutable_bucp(), ApplyEdit(call, {.name = request.name(),
                                                              .content = request.content(),
                                                              .mask = request.update_mask(),
                                                              .etags = request.section_etags()}));
  return response;
}

absl::StatusOr<v1::GetBucpResponse> BucpService::GetBucp(rpc::Call& call, const v1::GetBucpRequest& request) {
  v1::GetBucpResponse response;
  ASSIGN_OR_RETURN(*response.mutable_bucp(), FindVisible(call, request.name()));
  return response;
}

absl::StatusOr<v1::ListBucpsResponse> BucpService::ListBucps(rpc::Call& call,
                                                             const v1::ListBucpsRequest& request) {
  return drafting::ListBucps(call.db(), request, VisibilityOf(call.caller()));
}

absl::StatusOr<std::vector<v1::WatchBucpResponse>> BucpService::WatchBucp(rpc::Call& call,
                                                                          const v1::WatchBucpRequest& request,
                                                                          std::string& token) {
  ASSIGN_OR_RETURN(const v1::Bucp bucp, FindVisible(call, request.name()));
  const std::string& from = token.empty() ? request.resume_token() : token;
  const std::string scope = "bucp " + request.name();
  ASSIGN_OR_RETURN(const events::Epochs epochs, events::Epochs::Read(call.db()));
  ASSIGN_OR_RETURN(const int64_t after, epochs.Resolve(from, scope, "resume_token"));
  ASSIGN_OR_RETURN(const auto logged, events::ReadOf(call.db(), request.name(), after, kWatchBatch));
  token = epochs.TokenOf(after, scope);
  std::vector<v1::WatchBucpResponse> responses;
  for (const events::LoggedEvent& each : logged) {
    if (!IsForCaller(call.caller(), bucp, each.event)) continue;
    v1::WatchBucpResponse& response = responses.emplace_back();
    *response.mutable_event() = each.event;
    // The data is for services only.
    response.mutable_event()->clear_data();
    token = epochs.TokenOf(each.position, scope);
    response.set_resume_token(token);
  }
  return responses;
}

}  // namespace idea::drafting
