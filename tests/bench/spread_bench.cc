#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/inventory/exchange/exchange_worker.h"
#include "services/inventory/filing/filing_store.h"
#include "tests/bench/bench.h"

extern const idea::config::EmbeddedFile k_events_schema[];
extern const idea::config::EmbeddedFile k_inventory_schema[];

// Measures the time from the commit of a termination until the last of three replicas denies the exchange, if
// none of them wrote it and none is notified.
namespace idea::inventory {
namespace {

using bench::Must;
using std::chrono::steady_clock;

constexpr int kTerminations = 100;
// The default setting of an inventory.
constexpr std::chrono::milliseconds kBound{1000};

// A replica's connections and index, which follow the database.
struct Replica {
  explicit Replica(const std::string& address)
      : database(*storage::Open(address)),
        index_worker({*database, notifier, clock, kBound, [](bool) {}}, index) {
    index_worker.Start();
  }
  ~Replica() { index_worker.Stop(); }
  bool Says(v1::Verdict verdict, const v1::CheckExchangeRequest& question) const {
    v1::ExchangeDecision decision;
    index.Decide(question, {.at = clock.Now()}, auth::Visibility::All(), decision);
    return decision.verdict() == verdict;
  }

  std::unique_ptr<storage::Database> database;
  events::Notifier notifier;
  clock::SystemClock clock;
  exchange::ExchangeIndex index;
  ExchangeWorker index_worker;
};

struct Agreement {
  v1::Filing filing;
  v1::CheckExchangeRequest question;
};

class Register {
 public:
  explicit Register(const std::string& address) : database_(*storage::Open(address)) {
    Must(storage::Migrate(*database_, "events", k_events_schema));
    Must(storage::Migrate(*database_, "inventory", k_inventory_schema));
  }

  Agreement Execute() {
    const std::string id = ids::NewUuid();
    Agreement agreement;
    v1::Filing& filing = agreement.filing;
    filing.set_name("filings/" + id);
    filing.set_bucp("bucps/" + id);
    filing.set_revision("bucps/" + id + "/revisions/1");
    filing.set_title("Food aid");
    filing.add_providers("entities/provider");
    filing.add_recipients("entities/" + id);
    filing.set_state(v1::FILING_STATE_UNFILED);
    *filing.mutable_execute_time() = clock::ToProto(clock_.Now());
    v1::Terms terms;
    terms.add_data_elements("County");
    Write(filing, [&](auto& db) { return InsertFiling(db, filing, terms, clock_.Now()); });
    agreement.question.set_provider(filing.providers(0));
    agreement.question.set_recipient(filing.recipients(0));
    agreement.question.add_data_elements("County");
    return agreement;
  }

  void Terminate(v1::Filing& filing) {
    const v1::FilingState from = filing.state();
    filing.set_state(v1::FILING_STATE_ENDED);
    *filing.mutable_end_time() = clock::ToProto(clock_.Now());
    Write(filing, [&](auto& db) { return SaveFiling(db, from, filing); });
  }

 private:
  template <class Change>
  void Write(const v1::Filing& filing, Change change) {
    Must(database_->Write([&](storage::Transaction& db) -> absl::Status {
      RETURN_IF_ERROR(change(db));
      events::EventRecorder recorder(clock_.Now(), {}, "request", "");
      recorder.Record({.type = "FilingChanged", .subject = filing.name()});
      return events::Append(db, recorder.events(), nullptr);
    }));
  }

  clock::SystemClock clock_;
  std::unique_ptr<storage::Database> database_;
};

void Run(const std::string& address) {
  Register inventory(address);
  std::array<std::unique_ptr<Replica>, 3> replicas;
  for (auto& replica : replicas) replica = std::make_unique<Replica>(address);
  const auto wait = [&](v1::Verdict verdict, const Agreement& agreement) {
    for (const auto& replica : replicas) {
      while (!replica->Says(verdict, agreement.question))
        std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  };
  std::vector<double> times;
  for (int i = 0; i < kTerminations; ++i) {
    Agreement agreement = inventory.Execute();
    wait(v1::VERDICT_PERMITTED, agreement);
    inventory.Terminate(agreement.filing);
    const auto committed = steady_clock::now();
    wait(v1::VERDICT_DENIED, agreement);
    times.push_back(std::chrono::duration<double, std::milli>(steady_clock::now() - committed).count());
  }
  std::sort(times.begin(), times.end());
  std::printf("%-12s %10.0f %10.0f\n", address.substr(0, address.find(':')).c_str(), times[times.size() / 2],
              times.back());
}

}  // namespace
}  // namespace idea::inventory

// Each argument is the address of an empty database.
int main(int argc, char** argv) {
  std::printf("A termination on the last of three replicas, milliseconds\n%-12s %10s %10s\n", "", "median",
              "longest");
  for (int i = 1; i < argc; ++i) idea::inventory::Run(argv[i]);
  return 0;
}
