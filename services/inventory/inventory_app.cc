#include "services/inventory/inventory_app.h"

#include <chrono>
#include <fstream>
#include <iterator>
#include <optional>

#include "absl/time/time.h"
#include "common/exchange/exchange_index.h"
#include "common/transparency/policy.h"
#include "services/inventory/evidence/evidence_service.h"
#include "services/inventory/exchange/exchange_service.h"
#include "services/inventory/exchange/exchange_worker.h"
#include "services/inventory/exchange/lapse_worker.h"
#include "services/inventory/filing/filing_service.h"
#include "services/inventory/filing/statistics_store.h"
#include "services/inventory/inventory_events.h"
#include "services/inventory/log/log_store.h"
#include "services/inventory/log/timestamp_worker.h"
#include "services/inventory/log/witness_worker.h"
#include "services/inventory/notice/expiry_worker.h"
#include "services/inventory/notice/termination_service.h"
#include "services/inventory/register/bulk_service.h"
#include "services/inventory/register/register_service.h"
#include "services/inventory/review_date/review_date_service.h"

extern const idea::config::EmbeddedFile k_inventory_schema[];

namespace idea::inventory {
namespace {

// The policy of the log from a file. nullopt if the path is empty.
absl::StatusOr<std::optional<transparency::Policy>> ReadPolicy(
    const std::string& path, const absl::StatusOr<transparency::LogKey>& key) {
  if (path.empty() || !key.ok()) return std::nullopt;
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto fail = [&path](std::string_view why) {
    return absl::FailedPreconditionError("IDEA_LOG_POLICY: " + path + ": " + std::string(why));
  };
  if (!file.is_open()) return fail("the file cannot be read");
  auto policy = transparency::Policy::Parse(text);
  if (!policy.ok()) return fail(std::string(policy.status().message()));
  const std::string logs = policy->LogVerifiers();
  if (!logs.empty() && logs.find(key->verifier() + "\n") == std::string::npos)
    return fail("it does not list the key of this log: " + key->verifier());
  return std::move(*policy);
}

class InventoryApp : public server::App {
 public:
  explicit InventoryApp(const server::ServiceDeps& deps)
      : peers_(deps.peers),
        database_(deps.database),
        clock_(deps.clock),
        metrics_(deps.metrics),
        key_(transparency::LogKey::Load(deps.config.Text("IDEA_LOG_KEY"),
                                        deps.config.Text("IDEA_LOG_ORIGIN"))),
        policy_(ReadPolicy(deps.config.Text("IDEA_LOG_POLICY"), key_)),
        log_(key_.value_or(transparency::LogKey()), policy_.value_or(std::nullopt), &deps.metrics),
        zone_(deps.clock.zone()),
        notices_(deps.peers, log_, deps.config.Text("IDEA_CDO_ENTITY"), zone_),
        filings_(deps.peers, log_, deps.config.Text("IDEA_CDO_ENTITY")),
        terminations_(log_, notices_, deps.config.Text("IDEA_CDO_ENTITY")),
        evidence_(deps.peers, log_),
        bulk_(deps.peers, log_),
        reviews_(deps.config.Text("IDEA_CDO_ENTITY"), zone_),
        expiry_(zone_, log_, notices_, deps.config.Text("IDEA_CDO_ENTITY"), deps.database, deps.notifier,
                deps.clock),
        witnesses_(log_, deps.config.Text("IDEA_LOG_WITNESS_CA"), deps.database, deps.notifier, deps.clock),
        stamp_options_({deps.config.Text("IDEA_LOG_TSA_URL"), deps.config.Text("IDEA_LOG_TSA_CA"),
                        deps.config.Text("IDEA_LOG_WITNESS_CA")}),
        stamps_(stamp_options_, log_, deps.database, deps.clock),
        lapses_(deps.peers, deps.config.Text("IDEA_CDO_ENTITY"), deps.database, deps.notifier, deps.clock),
        index_(deps.config.Flag("IDEA_EXCHANGE_AFTER_WITHDRAWAL")),
        exchange_worker_(
            {deps.database, deps.notifier, deps.clock,
             std::chrono::milliseconds(deps.config.Number("IDEA_EXCHANGE_FRESH_MILLIS")),
             [health = deps.health](bool fresh) {
               health(rpc::FindMethod(v1::CheckExchangeRequest::descriptor())->service()->full_name(),
                      fresh ? "" : "the index of the exchange check is not current");
             }},
            index_),
        exchange_(index_, exchange_worker_, deps.clock, zone_, &log_) {}

  absl::Status Check() override {
    RETURN_IF_ERROR(key_.status());
    RETURN_IF_ERROR(TimestampWorker::Check(stamp_options_));
    return policy_.status();
  }

  void Bind(rpc::Router& router) override {
    log_.Bind(router);
    filings_.Bind(router);
    exchange_.Bind(router);
    notices_.Bind(router);
    terminations_.Bind(router);
    reviews_.Bind(router);
    evidence_.Bind(router);
    register_.Bind(router);
    bulk_.Bind(router);
  }

  absl::Status ShowRows(storage::Transaction& db) override {
    ASSIGN_OR_RETURN(auto filings, CountByState(db));
    for (int state = v1::FILING_STATE_UNSPECIFIED + 1; v1::FilingState_IsValid(state); ++state) {
      metrics_.Set("idea_filings", "Agreements in the register by state",
                   {{"state", v1::FilingState_Name(state).substr(sizeof("FILING_STATE_") - 1)}},
                   static_cast<double>(filings[static_cast<v1::FilingState>(state)]));
    }
    ASSIGN_OR_RETURN(const transparency::CompactRange edge, ReadCompactRange(db));
    metrics_.Set("idea_transparency_log_entries", "Entries of the transparency log", {},
                 static_cast<double>(edge.size));
    return absl::OkStatus();
  }
  void ShowLoad() override {
    metrics_.Set("idea_exchange_index_age_seconds", "Age of the index that answers exchange checks", {},
                 std::chrono::duration<double>(exchange_worker_.Age()).count());
  }

  void Start() override {
    expiry_.Start();
    lapses_.Start();
    witnesses_.Start();
    stamps_.Start();
    exchange_worker_.Start();
  }
  void Stop() override {
    exchange_worker_.Stop();
    stamps_.Stop();
    witnesses_.Stop();
    lapses_.Stop();
    expiry_.Stop();
  }

  std::vector<events::Target> Targets() override {
    return {DraftingTarget(peers_), LogTarget(database_, log_, clock_)};
  }

 private:
  const rpc::PeerClient peers_;
  storage::Database& database_;
  const clock::Clock& clock_;
  metrics::Metrics& metrics_;
  const absl::StatusOr<transparency::LogKey> key_;
  const absl::StatusOr<std::optional<transparency::Policy>> policy_;
  LogService log_;
  const absl::TimeZone zone_;
  NoticeService notices_;
  FilingService filings_;
  TerminationService terminations_;
  EvidenceService evidence_;
  BulkService bulk_;
  RegisterService register_;
  ReviewDateService reviews_;
  ExpiryWorker expiry_;
  WitnessWorker witnesses_;
  const TimestampWorker::Options stamp_options_;
  TimestampWorker stamps_;
  LapseWorker lapses_;
  exchange::ExchangeIndex index_;
  ExchangeWorker exchange_worker_;
  ExchangeService exchange_;
};

}  // namespace

const server::Service kInventory = {"inventory", k_inventory_schema,
                                    [](const server::ServiceDeps& deps) -> std::unique_ptr<server::App> {
                                      return std::make_unique<InventoryApp>(deps);
                                    }};

}  // namespace idea::inventory
