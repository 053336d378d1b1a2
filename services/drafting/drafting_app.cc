#include "services/drafting/drafting_app.h"

#include "common/status/status.h"
#include "services/drafting/bucp/amendment_transition.h"
#include "services/drafting/bucp/bucp_service.h"
#include "services/drafting/bucp/related_service.h"
#include "services/drafting/comment/comment_service.h"
#include "services/drafting/completeness/completeness_service.h"
#include "services/drafting/document/document_service.h"
#include "services/drafting/drafting_events.h"
#include "services/drafting/element/element_service.h"
#include "services/drafting/template/template_service.h"

extern const idea::config::EmbeddedFile k_drafting_schema[];

namespace idea::drafting {
namespace {

class DraftingApp : public server::App {
 public:
  explicit DraftingApp(const server::Parts& parts)
      : peers_(parts.peers),
        zone_(parts.clock.zone()),
        service_(parts.peers),
        documents_(parts.peers, service_) {}

  void Bind(rpc::Router& router) override {
    using S = DraftingService;
    router.Bind(&service_, &S::GatherForAssessment, &S::AssessApplicability);
    router.Bind(&service_, &S::GatherForCreate, &S::CreateBucp);
    router.Bind(&service_, &S::GatherForUpdate, &S::UpdateBucp);
    router.Bind(&service_, &S::GetBucp);
    router.Bind(&service_, &S::ListBucps);
    router.Bind(&service_, &S::GetRevision);
    router.Bind(&service_, &S::ListRevisions);
    router.Bind(&service_, &S::DiffRevisions);
    router.BindWatch(&service_, &S::WatchBucp);
    related_.Bind(router);
    elements_.Bind(router);
    comments_.Bind(router);
    templates_.Bind(router);
    completeness_.Bind(router);
    router.Bind(&service_, &S::SendBucp);
    router.Bind(&service_, &S::ShareBucp);
    router.Bind(&service_, &S::SetBucpSender);
    router.Bind(&service_, &S::ReturnBucp);
    router.Bind(&service_, &S::GatherForFreeze, &S::FreezeBucp);
    router.Bind(&service_, &S::UnfreezeBucp);
    router.Bind(&service_, &S::WithdrawBucp);
    router.Bind(&service_, &S::AmendBucp);
    router.Bind(&service_, &S::GatherForCopy, &S::CopyBucp);
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
    events::Target inventory = InventoryTarget(peers_);
    inventory.refused = [this](storage::Transaction& db, events::EventRecorder& recorder,
                               const events::Event& event,
                               const absl::Status& refusal) { return Refused(db, recorder, event, refusal); };
    return {DisputeTarget(peers_, zone_), ReviewTarget(peers_), std::move(inventory)};
  }

 private:
  // What inventory refused: an amendment whose agreement had ended in the register is not in force here
  // either.
  absl::Status Refused(storage::Transaction& db, events::EventRecorder& recorder, const events::Event& event,
                       const absl::Status& refusal) const {
    if (status::ReasonOf(refusal) != status::Reason::ERROR_REASON_AMENDED_AGREEMENT_ENDED)
      return absl::OkStatus();
    return CloseRefusedAmendment({db, recorder, clock::DayOf(recorder.now(), zone_)}, event.subject());
  }

  const rpc::PeerClient peers_;
  const absl::TimeZone zone_;
  DraftingService service_;
  ElementService elements_;
  RelatedService related_;
  CommentService comments_;
  TemplateService templates_;
  CompletenessService completeness_;
  DocumentService documents_;
};

}  // namespace

const server::Service kDrafting = {"drafting", k_drafting_schema,
                                   [](const server::Parts& parts) -> std::unique_ptr<server::App> {
                                     return std::make_unique<DraftingApp>(parts);
                                   }};

}  // namespace idea::drafting
