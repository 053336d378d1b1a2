#include "services/review/review_app.h"

#include "services/review/reminder_worker.h"
#include "services/review/review_events.h"
#include "services/review/review_service.h"

extern const idea::config::EmbeddedFile k_review_schema[];

namespace idea::review {
namespace {

class ReviewApp : public server::App {
 public:
  explicit ReviewApp(const server::ServiceDeps& deps)
      : peers_(deps.peers),
        database_(deps.database),
        service_({.one_person_may_sign_twice = deps.config.Flag("IDEA_ONE_PERSON_MAY_SIGN_TWICE"),
                  .technology_opinion = deps.config.Flag("IDEA_TECHNOLOGY_OPINION")},
                 deps.peers),
        clock_(deps.config.Days("IDEA_REVIEW_REMINDER_DAYS"), deps.database, deps.notifier, deps.metrics,
               deps.clock) {}

  void Bind(rpc::Router& router) override { service_.Bind(router); }
  void Start() override { clock_.Start(); }
  void Stop() override { clock_.Stop(); }

  std::vector<events::Target> Targets() override {
    return {DraftingTarget(peers_), LogTarget(peers_, database_)};
  }

 private:
  const rpc::PeerClient peers_;
  storage::Database& database_;
  ReviewService service_;
  ReminderWorker clock_;
};

}  // namespace

const server::Service kReview = {"review", k_review_schema,
                                 [](const server::ServiceDeps& deps) -> std::unique_ptr<server::App> {
                                   return std::make_unique<ReviewApp>(deps);
                                 }};

}  // namespace idea::review
