#ifndef IDEA_TESTS_SERVICES_INVENTORY_EXCHANGE_EXCHANGE_FIXTURE_H_
#define IDEA_TESTS_SERVICES_INVENTORY_EXCHANGE_EXCHANGE_FIXTURE_H_

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/ids/ids.h"
#include "services/inventory/exchange/exchange_service.h"
#include "services/inventory/filing/filing_store.h"
#include "tests/support/backends.h"
#include "tests/support/service_harness/service_harness.h"

extern const idea::config::EmbeddedFile k_inventory_schema[];

namespace idea::inventory {

inline constexpr char kProvider[] = "entities/department-y";
inline constexpr char kRecipient[] = "entities/department-x";
inline constexpr char kStranger[] = "entities/stranger";
inline constexpr std::chrono::milliseconds kHour{3'600'000};

class NobodyHasARole : public auth::Directory {
 public:
  absl::StatusOr<auth::Person> Find(const std::string&, const std::string&) override {
    return auth::Person();
  }
};

// A replica of the service: its own index and connections, the same database.
struct Replica {
  Replica(const std::string& address, testing::TestEnv& env, std::chrono::milliseconds bound,
          absl::TimeZone zone = absl::UTCTimeZone())
      : database(*storage::Open(address)),
        index_worker({*database, notifier, env.clock, bound, [this](bool fresh) { healthy = fresh; }}, index),
        service(index, index_worker, env.clock, zone),
        harness("inventory", k_inventory_schema, env, *database, directory) {
    service.Bind(harness.router());
  }
  absl::StatusOr<v1::ExchangeDecision> Check(const v1::CheckExchangeRequest& request,
                                             const testing::TestCaller& who = testing::At(kProvider)) {
    ASSIGN_OR_RETURN(const auto response, harness.Ask<v1::CheckExchangeResponse>(who, request));
    return response.decision();
  }
  v1::Verdict Verdict(const v1::CheckExchangeRequest& request) {
    const auto decision = Check(request);
    EXPECT_THAT(decision, testing::IsOk());
    return decision.ok() ? decision->verdict() : v1::VERDICT_UNSPECIFIED;
  }

  std::unique_ptr<storage::Database> database;
  events::Notifier notifier;
  exchange::ExchangeIndex index;
  std::atomic<bool> healthy{true};
  ExchangeWorker index_worker;
  ExchangeService service;
  NobodyHasARole directory;
  testing::ServiceHarness harness;
};

inline v1::CheckExchangeRequest Question() {
  v1::CheckExchangeRequest question;
  question.set_provider(kProvider);
  question.set_recipient(kRecipient);
  question.add_data_elements("County");
  return question;
}

class ExchangeTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (const std::string why = testing::WhyNot(GetParam()); !why.empty()) GTEST_SKIP() << why;
    place_.emplace(GetParam());
    replica_ = Start();
  }
  void TearDown() override { replica_.reset(); }

  // A replica that reads the database only when the test calls Pass().
  std::unique_ptr<Replica> Start(std::chrono::milliseconds bound = kHour) {
    return std::make_unique<Replica>(place_->address(), env_, bound);
  }

  // Stores a filing with its event.
  absl::Status Write(const std::function<absl::Status(storage::Transaction&)>& change,
                     const std::string& name) {
    return replica_->database->Write([&](storage::Transaction& db) -> absl::Status {
      RETURN_IF_ERROR(change(db));
      events::EventRecorder recorder(env_.clock.Now(), {}, "request", "");
      recorder.Record({.type = "FilingChanged", .subject = name});
      return events::Append(db, recorder.events(), nullptr);
    });
  }
  v1::Filing Execute(int n = 1, const std::string& recipient = kRecipient,
                     const std::function<void(v1::Filing&)>& with = nullptr) {
    v1::Filing filing;
    const std::string id = std::to_string(n);
    filing.set_name("filings/" + id);
    filing.set_bucp("bucps/" + id);
    filing.set_revision("bucps/" + id + "/revisions/1");
    filing.set_title("Food aid");
    filing.add_providers(kProvider);
    filing.add_recipients(recipient);
    filing.set_recurrence(drafting::v1::RECURRENCE_ONGOING);
    filing.set_frequency("monthly");
    filing.set_state(v1::FILING_STATE_UNFILED);
    *filing.mutable_execute_time() = clock::ToProto(env_.clock.Now());
    if (with) with(filing);
    v1::Terms terms;
    terms.add_data_elements("County");
    EXPECT_THAT(
        Write([&](auto& db) { return InsertFiling(db, filing, terms, env_.clock.Now()); }, filing.name()),
        testing::IsOk());
    return filing;
  }
  void Terminate(v1::Filing& filing) {
    const v1::FilingState from = filing.state();
    filing.set_state(v1::FILING_STATE_ENDED);
    *filing.mutable_end_time() = clock::ToProto(env_.clock.Now());
    EXPECT_THAT(Write([&](auto& db) { return SaveFiling(db, from, filing); }, filing.name()),
                testing::IsOk());
  }
  absl::StatusOr<v1::Transfer> Record(const testing::TestCaller& who, clock::Micros at = 0,
                                      const std::function<void(v1::RecordTransferRequest&)>& with = nullptr) {
    v1::RecordTransferRequest request;
    request.set_parent("filings/1");
    request.set_provider(kProvider);
    request.set_recipient(kRecipient);
    if (at != 0) *request.mutable_transfer_time() = clock::ToProto(at);
    request.set_record_count(12);
    // Different data each time.
    request.set_digest(ids::Sha256Hex(std::to_string(++recorded_)));
    if (with) with(request);
    ASSIGN_OR_RETURN(const auto response, replica_->harness.Ask<v1::RecordTransferResponse>(who, request));
    return response.transfer();
  }
  absl::StatusOr<v1::ListTransfersResponse> Transfers(const testing::TestCaller& who) {
    v1::ListTransfersRequest request;
    request.set_parent("filings/1");
    return replica_->harness.Ask<v1::ListTransfersResponse>(who, request);
  }

  testing::TestEnv env_;
  int recorded_ = 0;
  std::optional<testing::Place> place_;
  std::unique_ptr<Replica> replica_;
};

}  // namespace idea::inventory

#endif  // IDEA_TESTS_SERVICES_INVENTORY_EXCHANGE_EXCHANGE_FIXTURE_H_
