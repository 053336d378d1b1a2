#ifndef IDEA_TESTS_SERVICES_INVENTORY_LOG_LOG_PROOF_FIXTURE_H_
#define IDEA_TESTS_SERVICES_INVENTORY_LOG_LOG_PROOF_FIXTURE_H_

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "common/digest/digest.h"
#include "services/cli/log/evidence_verification.h"
#include "services/cli/log/log_verification.h"
#include "tests/services/inventory/inventory_fixture.h"
#include "tests/services/inventory/log/second_verifier.h"

namespace idea::inventory {

inline const auto kHolds = ::testing::Field(&cli::Finding::holds, true);
inline auto Faults(const std::string& subject, const std::string& text) {
  return ::testing::Contains(::testing::AllOf(
      ::testing::Field(&cli::Finding::holds, false), ::testing::Field(&cli::Finding::subject, subject),
      ::testing::Field(&cli::Finding::text, ::testing::HasSubstr(text))));
}

class ProofsTest : public Inventory {
 protected:
  void SetUp() override {
    Inventory::SetUp();
    if (IsSkipped()) return;
    notices_->Bind(harness_->router());
    Sign(kBucp);
    verifier_ = Checkpoint().verifier();
  }

  // Every party has signed the digest of the BUCP's content.
  void Sign(const std::string& name, const std::string& education_agency = "") {
    peers_.bucps.erase(name);
    drafting::v1::Bucp& bucp = Execute(name);
    bucp.set_freeze_number(peers_.freeze_number);
    if (!education_agency.empty()) {
      bucp.mutable_content()->mutable_administrative()->mutable_education_records()->set_source_agency(
          education_agency);
    }
    bucp.set_frozen_digest(digest::Digest(bucp.content()));
    peers_.signatures.clear();
    peers_.whole_signatures.clear();
    for (const char* entity : {kRecipient, kSecondRecipient, kProvider}) {
      for (const auto capacity :
           {review::v1::CAPACITY_EXECUTIVE_SPONSOR, review::v1::CAPACITY_DATA_COORDINATOR}) {
        review::v1::Signature& signature = peers_.whole_signatures.emplace_back();
        signature.set_name("routings/1/signatures/" + std::to_string(peers_.whole_signatures.size()));
        signature.set_entity(entity);
        signature.set_capacity(capacity);
        signature.set_digest(bucp.frozen_digest());
        signature.set_freeze_number(peers_.freeze_number);
      }
    }
  }
  v1::Filing FileSigned(const std::string& name = kBucp) {
    Sign(name);
    return FileAsItIs(name);
  }
  v1::Filing FileAsItIs(const std::string& name) {
    v1::FileBucpRequest request;
    request.set_bucp(name);
    request.set_digest(peers_.bucps.at(name).frozen_digest());
    const auto response = harness_->Ask<v1::FileBucpResponse>(At(kRecipient, "p"), request);
    EXPECT_THAT(response, IsOk());
    return response.ok() ? response->filing() : v1::Filing();
  }
  absl::StatusOr<std::string> Bundle(const std::string& name,
                                     const testing::TestCaller& who = At(kProvider)) {
    const auto filing = Get(name, At(testing::kCdoEntity));
    if (filing.ok() && filing->has_receipt() && !peers_.down) LogRecordsOf(filing->bucp());
    ASSIGN_OR_RETURN(const auto parts, EvidenceParts(name, who));
    return std::accumulate(parts.begin(), parts.end(), std::string());
  }
  // The parts of the file. Each fits a client that accepts 4 MiB.
  absl::StatusOr<std::vector<std::string>> EvidenceParts(const std::string& name,
                                                         const testing::TestCaller& who) {
    v1::GetEvidenceRequest request;
    request.set_name(name);
    std::vector<std::string> parts;
    do {
      ASSIGN_OR_RETURN(const auto response, harness_->Ask<v1::GetEvidenceResponse>(who, request));
      EXPECT_LT(response.ByteSizeLong(), 4U << 20);
      parts.push_back(response.bundle());
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    return parts;
  }
  std::vector<cli::Finding> Verify(const std::string& bundle) { return Verify(bundle, verifier_); }
  std::vector<cli::Finding> Verify(const std::string& bundle, const std::string& keys) {
    const std::vector<cli::Finding> findings = cli::VerifyEvidence(bundle, keys);
    second_verifier_.Add(bundle, keys,
                         std::all_of(findings.begin(), findings.end(),
                                     [](const cli::Finding& finding) { return finding.holds; }));
    return findings;
  }
  cli::CallFunction CallAs(const std::string& entity = testing::kCdoEntity) {
    return [this, entity](const google::protobuf::Message& request, google::protobuf::Message* response) {
      return harness_->Send(At(entity), request, response);
    };
  }
  // `ideactl log verify` as the Statewide CDO's office.
  cli::LogVerification Walk(const std::string& earlier = "") {
    const auto walk =
        cli::VerifyLog(CallAs(), verifier_, earlier, cli::Visibility::kAll, [](int64_t, int64_t) {});
    EXPECT_THAT(walk, IsOk());
    return walk.value_or(cli::LogVerification());
  }
  // Writes to the database as an intruder.
  void Tamper(const std::vector<std::string>& statements) {
    EXPECT_THAT(database().Write([&](storage::Transaction& db) -> absl::Status {
      for (const std::string& statement : statements) RETURN_IF_ERROR(db.Execute(statement, {}).status());
      return absl::OkStatus();
    }),
                IsOk());
  }
  // Replaces the row of a filing by the result of `change`.
  void Rewrite(const std::string& name, const std::function<void(v1::Filing&)>& change) {
    v1::Filing filing = *Get(name);
    change(filing);
    EXPECT_THAT(database().Write([&](storage::Transaction& db) {
      return db
          .Execute("UPDATE filings SET body = $1 WHERE bucp = $2",
                   {storage::Blob{filing.SerializeAsString()}, filing.bucp()})
          .status();
    }),
                IsOk());
  }

  void TearDown() override {
    second_verifier_.ExpectAgreement();
    Inventory::TearDown();
  }

  std::string verifier_;
  testing::SecondVerifier second_verifier_;
};

}  // namespace idea::inventory

#endif  // IDEA_TESTS_SERVICES_INVENTORY_LOG_LOG_PROOF_FIXTURE_H_
