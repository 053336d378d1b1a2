#include "services/drafting/drafting_app.h"

#include "common/server/command.h"
#include "idea/inventory/v1/inventory.pb.h"
#include "idea/review/v1/review.pb.h"
#include "services/drafting/amendments.h"
#include "services/drafting/comments_service.h"
#include "services/drafting/document_service.h"
#include "services/drafting/drafting_service.h"
#include "services/drafting/elements_service.h"
#include "services/drafting/templates_service.h"

extern const idea::config::EmbeddedFile k_drafting_schema[];

namespace idea::drafting {
namespace {

using events::Event;
using server::Command;
using server::DataOf;

review::v1::OpenRoutingRequest OpenRoutingFor(const v1::FrozenRevision& frozen) {
  review::v1::OpenRoutingRequest request;
  request.set_bucp(frozen.bucp());
  request.set_title(frozen.title());
  request.set_revision(frozen.revision());
  request.set_digest(frozen.digest());
  *request.mutable_recipients() = frozen.recipients();
  *request.mutable_providers() = frozen.providers();
  return request;
}

// What a command says beside the revision and the reason.
void Complete(const v1::BucpMoved& moved, review::v1::HoldRoutingRequest& request) {
  request.set_dispute(moved.dispute());
}
void Complete(const v1::BucpMoved& moved, review::v1::ReleaseRoutingRequest& request) {
  request.set_signing(moved.to() == v1::STATE_SIGNING);
}
void Complete(const v1::BucpMoved&, review::v1::CloseRoutingRequest&) {}

// What happened to a BUCP whose frozen revision may have a routing.
template <class Response, class Request>
absl::Status TellRouting(rpc::Peer& review, const Event& event) {
  const auto moved = DataOf<v1::BucpMoved>(event);
  // Nothing was frozen: there is no routing.
  if (moved.digest().empty()) return absl::OkStatus();
  Request request;
  request.set_bucp(moved.bucp());
  request.set_digest(moved.digest());
  request.set_reason(moved.reason());
  Complete(moved, request);
  return Command<Response>(review, event, std::move(request));
}

// What review hears of.
absl::Status ToReview(rpc::Peer& review, const Event& event) {
  using namespace review::v1;  // NOLINT(google-build-using-namespace)
  const std::string& type = event.type();
  if (type == "BucpFrozen") {
    return Command<OpenRoutingResponse>(review, event, OpenRoutingFor(DataOf<v1::FrozenRevision>(event)));
  }
  if (type == "BucpHeld") return TellRouting<HoldRoutingResponse, HoldRoutingRequest>(review, event);
  if (type == "BucpReleased")
    return TellRouting<ReleaseRoutingResponse, ReleaseRoutingRequest>(review, event);
  if (type == "BucpUnfrozen" || type == "BucpReopened" || type == "BucpWithdrawn" || type == "BucpRejected") {
    return TellRouting<CloseRoutingResponse, CloseRoutingRequest>(review, event);
  }
  return absl::OkStatus();
}

// What inventory hears of.
absl::Status ToInventory(rpc::Peer& inventory, const Event& event) {
  if (event.type() != "BucpExecuted") return absl::OkStatus();
  const auto executed = DataOf<v1::ExecutedAgreement>(event);
  inventory::v1::RecordExecutionRequest request;
  request.set_bucp(executed.bucp());
  request.set_title(executed.title());
  request.set_revision(executed.revision());
  request.set_digest(executed.digest());
  *request.mutable_recipients() = executed.recipients();
  *request.mutable_providers() = executed.providers();
  request.set_amends(executed.amends());
  request.set_disputed(executed.disputed());
  *request.mutable_execute_time() = executed.execute_time();
  *request.mutable_draft_time() = executed.create_time();
  return Command<inventory::v1::RecordExecutionResponse>(inventory, event, std::move(request));
}

class DraftingApp : public server::App {
 public:
  explicit DraftingApp(const server::Parts& parts)
      : peer_(parts.peer),
        zone_(parts.clock.zone()),
        service_([peer = parts.peer](const rpc::Context& context, const google::protobuf::Message& request,
                                     google::protobuf::Message* response) {
          return peer("registry").Send(context, request, response);
        }),
        documents_(
            [peer = parts.peer](std::string_view service, const rpc::Context& context,
                                const google::protobuf::Message& request,
                                google::protobuf::Message* response) {
              return peer(service).Send(context, request, response);
            },
            service_) {}

  void Bind(rpc::Router& router) override {
    using S = DraftingService;
    router.Bind(&service_, &S::GatherForAssessment, &S::AssessApplicability);
    router.Bind(&service_, &S::GatherForCreate, &S::CreateBucp);
    router.Bind(&service_, &S::GatherForUpdate, &S::UpdateBucp);
    router.Bind(&service_, &S::GetBucp);
    router.Bind(&service_, &S::ListBucps);
    router.Bind(&service_, &S::CheckCompleteness);
    router.Bind(&service_, &S::GetRevision);
    router.Bind(&service_, &S::ListRevisions);
    router.Bind(&service_, &S::DiffRevisions);
    router.BindWatch(&service_, &S::WatchBucp);
    elements_.Bind(router);
    comments_.Bind(router);
    templates_.Bind(router);
    router.Bind(&service_, &S::SendBucp);
    router.Bind(&service_, &S::ReturnBucp);
    router.Bind(&service_, &S::GatherForFreeze, &S::FreezeBucp);
    router.Bind(&service_, &S::UnfreezeBucp);
    router.Bind(&service_, &S::WithdrawBucp);
    router.Bind(&service_, &S::AmendBucp);
    router.Bind(&service_, &S::CompleteReviews);
    router.Bind(&service_, &S::CompleteSignatures);
    router.Bind(&service_, &S::HoldBucp);
    router.Bind(&service_, &S::ReleaseBucp);
    router.Bind(&service_, &S::RejectBucp);
    router.Bind(&service_, &S::RecordFiling);
    router.Bind(&service_, &S::EndBucp);
    using D = DocumentService;
    router.Bind(&documents_, &D::GatherForRender, &D::RenderDocument);
    router.Bind(&documents_, &D::GatherForImport, &D::ImportDocument);
    router.Bind(&documents_, &D::GatherForMessage, &D::RenderMessage);
  }

  std::vector<events::Target> Targets() override {
    return {{"review", [this](const Event& event) { return ToReview(peer_("review"), event); }, nullptr},
            {"inventory", [this](const Event& event) { return ToInventory(peer_("inventory"), event); },
             [this](storage::Transaction& db, events::Scribe& scribe, const Event& event,
                    const absl::Status& refusal) { return Refused(db, scribe, event, refusal); }}};
  }

 private:
  // What inventory refused: an amendment whose agreement had ended in the register is not in force here
  // either.
  absl::Status Refused(storage::Transaction& db, events::Scribe& scribe, const Event& event,
                       const absl::Status& refusal) const {
    if (status::ReasonOf(refusal) != status::Reason::ERROR_REASON_AMENDED_AGREEMENT_ENDED)
      return absl::OkStatus();
    return CloseRefusedAmendment({db, scribe, clock::DayOf(scribe.now(), zone_)}, event.subject());
  }

  std::function<rpc::Peer&(std::string_view)> peer_;
  const absl::TimeZone zone_;
  DraftingService service_;
  ElementsService elements_;
  CommentsService comments_;
  TemplatesService templates_;
  DocumentService documents_;
};

}  // namespace

const server::Service kDrafting = {"drafting", k_drafting_schema,
                                   [](const server::Parts& parts) -> std::unique_ptr<server::App> {
                                     return std::make_unique<DraftingApp>(parts);
                                   }};

}  // namespace idea::drafting
