#include "services/dispute/dispute_app.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

#include "services/dispute/deidentification_service.h"
#include "services/dispute/deidentification_worker.h"
#include "services/dispute/dispute_events.h"
#include "services/dispute/dispute_service.h"
#include "services/dispute/dispute_store.h"
#include "services/dispute/dispute_transition.h"
#include "services/dispute/standing_worker.h"

extern const idea::config::EmbeddedFile k_dispute_schema[];
extern const idea::config::EmbeddedFile k_dispute_holidays[];

namespace idea::dispute {
namespace {

// The calendar of the file that the setting names, or the built-in one.
absl::StatusOr<WorkingDays> Calendar(const std::string& file, const std::string& time_zone) {
  if (file.empty()) return WorkingDays::Parse(k_dispute_holidays[0].text, time_zone);
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) return absl::InvalidArgumentError("IDEA_HOLIDAYS_FILE: cannot read " + file);
  return WorkingDays::Parse(text.str(), time_zone);
}

class DisputeApp : public server::App {
 public:
  explicit DisputeApp(const server::ServiceDeps& deps)
      : offices_{deps.config.Text("IDEA_CDO_ENTITY"), deps.config.Text("IDEA_GOVERNOR_ENTITY")},
        process_(deps.config.Flag("IDEA_DISPUTES_BY_AGREEMENT") ? v1::PROCESS_AGREEMENT
                                                                : v1::PROCESS_GUIDEBOOK),
        days_(Calendar(deps.config.Text("IDEA_HOLIDAYS_FILE"), deps.config.Text("IDEA_TIME_ZONE"))),
        peers_(deps.peers),
        database_(deps.database),
        metrics_(deps.metrics),
        clock_(deps.clock),
        disputes_(offices_, process_, known_days_, peers_),
        deidentifications_(known_days_, peers_),
        worker_(offices_, process_, peers_, deps.database, deps.notifier, deps.clock),
        standing_worker_(offices_, peers_, deps.database, deps.notifier, deps.clock) {
    if (days_.ok()) known_days_ = *days_;
  }

  absl::Status Check() override { return days_.status(); }
  void Bind(rpc::Router& router) override {
    disputes_.Bind(router);
    deidentifications_.Bind(router);
  }
  std::vector<events::Target> Targets() override {
    events::Target drafting = DraftingTarget(peers_);
    drafting.refused = VoidOnRefusal(offices_);
    return {std::move(drafting), ReviewTarget(peers_), LogTarget(peers_, database_)};
  }
  absl::Status ShowRows(storage::Transaction& db) override {
    ASSIGN_OR_RETURN(const std::vector<StateCount> counts, CountOpenByState(db));
    const clock::Micros now = clock_.Now();
    for (int state = v1::STATE_UNSPECIFIED + 1; v1::State_IsValid(state); ++state) {
      if (!IsOpen(static_cast<v1::State>(state))) continue;
      const auto found = std::find_if(counts.begin(), counts.end(),
                                      [&](const StateCount& count) { return count.state == state; });
      const bool any = found != counts.end();
      const std::string name = v1::State_Name(state).substr(sizeof("STATE_") - 1);
      metrics_.Set("idea_disputes_open", "Open disputes by state, which is the level that decides",
                   {{"state", name}}, any ? static_cast<double>(found->disputes) : 0);
      metrics_.Set(
          "idea_disputes_oldest_seconds", "Time that the oldest open dispute has been in its state",
          {{"state", name}},
          any ? static_cast<double>(std::max<clock::Micros>(0, now - found->oldest)) / clock::kSecond : 0);
    }
    return absl::OkStatus();
  }
  void Start() override {
    worker_.Start();
    standing_worker_.Start();
  }
  void Stop() override {
    worker_.Stop();
    standing_worker_.Stop();
  }

 private:
  const Offices offices_;
  const v1::Process process_;
  const absl::StatusOr<WorkingDays> days_;
  WorkingDays known_days_;
  const rpc::PeerClient peers_;
  storage::Database& database_;
  metrics::Metrics& metrics_;
  const clock::Clock& clock_;
  DisputeService disputes_;
  DeidentificationService deidentifications_;
  DeidentificationWorker worker_;
  StandingWorker standing_worker_;
};

std::unique_ptr<server::App> Make(const server::ServiceDeps& deps) {
  return std::make_unique<DisputeApp>(deps);
}

}  // namespace

const server::Service kDispute = {"dispute", k_dispute_schema, &Make};

}  // namespace idea::dispute
