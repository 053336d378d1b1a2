#ifndef IDEA_TESTS_SERVICES_INVENTORY_REGISTER_BULK_FIXTURE_H_
#define IDEA_TESTS_SERVICES_INVENTORY_REGISTER_BULK_FIXTURE_H_

#include <set>

#include "common/exchange/exchange_index.h"
#include "services/cli/register/filing_transfer.h"
#include "services/inventory/filing/filing_store.h"
#include "services/inventory/register/bulk_service.h"
#include "services/inventory/register/register_service.h"
#include "tests/services/inventory/inventory_fixture.h"

namespace idea::inventory {

// The limit of common/rpc/listener.cc, and the default of gRPC.
inline constexpr size_t kMaxCallBytes = 4 << 20;

inline google::type::Date DateOn(int year, int month, int day) {
  google::type::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

// Imports a previous register and exports the whole register.
class BulkTest : public Inventory {
 protected:
  void SetUp() override {
    Inventory::SetUp();
    if (IsSkipped()) return;
    ASSERT_THAT(registry_->AddContact(testing::kCdoEntity, "p", {common::v1::CONTACT_ROLE_STATEWIDE_CDO}),
                IsOk());
    bulk_ = std::make_unique<BulkService>(
        [this](std::string_view, const rpc::Context&, const google::protobuf::Message& request,
               google::protobuf::Message* response) {
          return registry_->harness().Send(testing::Service("inventory"), request, response);
        },
        *log_);
    bulk_->Bind(harness_->router());
    register_.Bind(harness_->router());
    request_.set_source("inventory-form");
  }

  v1::EarlierFiling& Row(const std::string& reference) {
    v1::EarlierFiling& row = *request_.add_rows();
    row.set_line(request_.rows_size());
    row.set_reference(reference);
    row.set_title("Agreement " + reference);
    row.add_recipients(kRecipient);
    row.add_providers(kProvider);
    row.add_data_categories("demographic");
    *row.mutable_execute_date() = DateOn(2022, 3, 1);
    *row.mutable_file_date() = DateOn(2022, 3, 15);
    return row;
  }
  absl::StatusOr<v1::ImportFilingsResponse> Send(const testing::TestCaller& who = At(testing::kCdoEntity,
                                                                                     "p")) {
    request_.set_request_id(ids::NewUuid());
    return harness_->Ask<v1::ImportFilingsResponse>(who, request_);
  }
  std::vector<v1::Filing> All(const std::string& filter = "") {
    v1::ListFilingsRequest request;
    request.set_filter(filter);
    request.set_order_by("title");
    const auto page = harness_->Ask<v1::ListFilingsResponse>(At(testing::kCdoEntity), request);
    EXPECT_THAT(page, IsOk());
    return page.ok() ? std::vector<v1::Filing>(page->filings().begin(), page->filings().end())
                     : std::vector<v1::Filing>();
  }

  // Streams that break after every message, as they do on the wire.
  cli::ExportStream FeedAs(const std::string& entity) {
    return [this, entity](const v1::ExportFilingsRequest& request, const auto& take) -> absl::Status {
      ASSIGN_OR_RETURN(const auto got, harness_->Watch<v1::ExportFilingsResponse>(At(entity), request));
      for (const auto& message : got) take(message);
      return status::Error(Reason::ERROR_REASON_PEER_UNAVAILABLE, "the stream broke");
    };
  }
  // The first `lost` responses do not arrive.
  cli::ImportStream Losing(int lost) {
    return [this, lost](const auto& next, const auto& take) mutable -> absl::Status {
      while (const v1::ImportFilingsRequest* batch = next()) {
        ASSIGN_OR_RETURN(const auto answer,
                         harness_->Ask<v1::ImportFilingsResponse>(At(testing::kCdoEntity, "p"), *batch));
        if (lost-- > 0) return status::Error(Reason::ERROR_REASON_PEER_UNAVAILABLE, "the stream broke");
        take(answer);
      }
      return absl::OkStatus();
    };
  }

  // Deletes the whole register.
  void Erase() {
    EXPECT_THAT(database().Write([](storage::Transaction& db) -> absl::Status {
      for (const char* table : {"filings", "filing_terms", "filing_list", "filing_words", "filing_texts",
                                "filing_counts", "imported_filings", "log_entries", "log_nodes", "log_edge",
                                "log_subjects", "notices", "notice_parties", "duties"}) {
        RETURN_IF_ERROR(db.Execute(std::string("DELETE FROM ") + table, {}).status());
      }
      return absl::OkStatus();
    }),
                IsOk());
  }
  // The decisions of the exchange check today for each request, without names of filings.
  std::vector<std::string> Answers() {
    exchange::ExchangeIndex index;
    const auto all = database().Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(const auto found, ReadFilingsAfter(db, "filings/", 1000));
      for (const FilingAndTerms& each : found) index.Put(each.filing, each.terms);
      return absl::OkStatus();
    });
    EXPECT_THAT(all, IsOk());
    const clock::Micros now = env_.clock.Now();
    std::vector<std::string> answers;
    for (const char* provider : {kProvider, kStranger}) {
      for (const char* element : {"County", "Case Number", "Name"}) {
        v1::CheckExchangeRequest question;
        question.set_provider(provider);
        question.set_recipient(kRecipient);
        question.add_data_elements(element);
        v1::ExchangeDecision inside, recorded;
        index.Decide(question, {now, static_cast<exchange::Day>(now / clock::kDay), true},
                     auth::Visibility::All(), inside);
        EXPECT_TRUE(recorded.ParseFromString(inside.SerializeAsString()));
        std::string answer = v1::Verdict_Name(recorded.verdict()) + recorded.end_date().ShortDebugString() +
                             recorded.conditions().ShortDebugString();
        std::multiset<std::string> denials;
        for (const v1::Denial& denial : recorded.denials()) {
          denials.insert(v1::DenialReason_Name(denial.reason()) +
                         std::to_string(denial.data_elements_size()));
        }
        for (const std::string& denial : denials) answer += " " + denial;
        answers.push_back(answer);
      }
    }
    return answers;
  }

  const cli::Progress quiet_ = [](int64_t, int64_t) {};
  const cli::Pause at_once_ = [] {};
  v1::ImportFilingsRequest request_;
  std::unique_ptr<BulkService> bulk_;
  RegisterService register_;
};

}  // namespace idea::inventory

#endif  // IDEA_TESTS_SERVICES_INVENTORY_REGISTER_BULK_FIXTURE_H_
