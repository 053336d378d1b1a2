#include "services/drafting/drafting_app.h"

#include <algorithm>

#include "common/events/relay.h"
#include "services/drafting/bucp/applicability_service.h"
#include "services/drafting/bucp/bucp_service.h"
#include "services/drafting/bucp/bucp_store.h"
#include "services/drafting/bucp/copy_service.h"
#include "services/drafting/bucp/lifecycle_service.h"
#include "services/drafting/bucp/related_service.h"
#include "services/drafting/bucp/revision_service.h"
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
  explicit DraftingApp(const server::ServiceDeps& deps)
      : peers_(deps.peers),
        database_(deps.database),
        metrics_(deps.metrics),
        clock_(deps.clock),
        zone_(deps.clock.zone()),
        applicability_(deps.peers),
        bucps_(deps.peers),
        lifecycle_(deps.peers),
        copies_(deps.peers),
        documents_(deps.peers, bucps_) {}

  void Bind(rpc::Router& router) override {
    applicability_.Bind(router);
    bucps_.Bind(router);
    lifecycle_.Bind(router);
    copies_.Bind(router);
    revisions_.Bind(router);
    related_.Bind(router);
    elements_.Bind(router);
    comments_.Bind(router);
    templates_.Bind(router);
    completeness_.Bind(router);
    documents_.Bind(router);
  }

  absl::Status ShowRows(storage::Transaction& db) override {
    ASSIGN_OR_RETURN(const std::vector<StateCount> counts, CountByState(db));
    const clock::Micros now = clock_.Now();
    for (int state = v1::STATE_UNSPECIFIED + 1; v1::State_IsValid(state); ++state) {
      const auto found = std::find_if(counts.begin(), counts.end(),
                                      [&](const StateCount& count) { return count.state == state; });
      const bool any = found != counts.end();
      const std::string name = v1::State_Name(state).substr(sizeof("STATE_") - 1);
      metrics_.Set("idea_bucps", "BUCPs by state", {{"state", name}},
                   any ? static_cast<double>(found->bucps) : 0);
      metrics_.Set(
          "idea_bucps_oldest_change_seconds",
          "Time since the last change of the BUCP that was changed longest ago", {{"state", name}},
          any ? static_cast<double>(std::max<clock::Micros>(0, now - found->oldest)) / clock::kSecond : 0);
    }
    return absl::OkStatus();
  }

  std::vector<events::Target> Targets() override {
    return {DisputeTarget(peers_, zone_), ReviewTarget(peers_), InventoryTarget(peers_, zone_),
            LogTarget(peers_, database_)};
  }

 private:
  const rpc::PeerClient peers_;
  storage::Database& database_;
  metrics::Metrics& metrics_;
  const clock::Clock& clock_;
  const absl::TimeZone zone_;
  ApplicabilityService applicability_;
  BucpService bucps_;
  LifecycleService lifecycle_;
  CopyService copies_;
  RevisionService revisions_;
  RelatedService related_;
  ElementService elements_;
  CommentService comments_;
  TemplateService templates_;
  CompletenessService completeness_;
  DocumentService documents_;
};

}  // namespace

const server::Service kDrafting = {"drafting", k_drafting_schema,
                                   [](const server::ServiceDeps& deps) -> std::unique_ptr<server::App> {
                                     return std::make_unique<DraftingApp>(deps);
                                   }};

}  // namespace idea::drafting
