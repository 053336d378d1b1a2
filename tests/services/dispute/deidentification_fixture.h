#ifndef IDEA_TESTS_SERVICES_DISPUTE_DEIDENTIFICATION_FIXTURE_H_
#define IDEA_TESTS_SERVICES_DISPUTE_DEIDENTIFICATION_FIXTURE_H_

#include <memory>
#include <string>
#include <vector>

#include "services/dispute/deidentification_worker.h"
#include "tests/services/dispute/dispute_fixture.h"

namespace idea::dispute {

// Reviews of de-identified data on kBucp that begin at noon on Monday, 2026-06-01, in California. No holidays
// follow. Five working days end with the 8th, ten with the 15th.
class ReviewTest : public DisputeTest {
 protected:
  static constexpr clock::Micros kHour = 3600 * clock::kSecond;
  static constexpr clock::Micros kDay = 24 * kHour;
  static constexpr clock::Micros kMonday = 1'780'340'400 * clock::kSecond;
  static constexpr clock::Micros kFiveDays = kMonday + 7 * kDay + 12 * kHour;

  void SetUp() override {
    DisputeTest::SetUp();
    if (IsSkipped()) return;
    env_.clock.Set(kMonday);
    worker_ = NewWorker();
  }
  std::unique_ptr<DeidentificationWorker> NewWorker() { return NewWorker(env_.clock, peers_); }
  // The worker of a replica with its own time.
  std::unique_ptr<DeidentificationWorker> NewWorker(const clock::Clock& time, const rpc::PeerClient& peers) {
    return std::make_unique<DeidentificationWorker>(offices_, v1::PROCESS_GUIDEBOOK, peers, database(),
                                                    notifier_, time);
  }

  absl::StatusOr<v1::Deidentification> SubmitData(const std::string& entity = kRecipientDept,
                                                  const std::string& bucp = kBucp) {
    v1::SubmitDeidentificationRequest request;
    request.set_bucp(bucp);
    request.set_description("counties by month");
    request.set_method("cells below 11 suppressed");
    request.set_intended_use("dashboard");
    ASSIGN_OR_RETURN(auto response,
                     harness_->Ask<v1::SubmitDeidentificationResponse>(testing::At(entity, "p"), request));
    return response.deidentification();
  }
  absl::StatusOr<v1::Deidentification> AnswerData(const std::string& name, v1::Assessment assessment,
                                                  const std::string& entity = kProviderDept,
                                                  const std::string& text = "small counties stand out") {
    v1::AnswerDeidentificationRequest request;
    request.set_name(name);
    request.set_assessment(assessment);
    request.set_text(text);
    ASSIGN_OR_RETURN(auto response,
                     harness_->Ask<v1::AnswerDeidentificationResponse>(testing::At(entity, "p"), request));
    return response.deidentification();
  }
  absl::StatusOr<v1::Deidentification> WithdrawData(const std::string& name,
                                                    const std::string& entity = kRecipientDept) {
    v1::WithdrawDeidentificationRequest request;
    request.set_name(name);
    request.set_reason("a new proposal follows");
    ASSIGN_OR_RETURN(auto response,
                     harness_->Ask<v1::WithdrawDeidentificationResponse>(testing::At(entity, "p"), request));
    return response.deidentification();
  }
  absl::StatusOr<v1::Deidentification> ReadData(
      const std::string& name, const testing::TestCaller& who = testing::At(kRecipientDept)) {
    v1::GetDeidentificationRequest request;
    request.set_name(name);
    ASSIGN_OR_RETURN(auto response, harness_->Ask<v1::GetDeidentificationResponse>(who, request));
    return response.deidentification();
  }
  // A review to which department Y objected at once; the dispute is due at the end of the 15th.
  std::string Objected(const std::string& bucp = kBucp) {
    const auto submitted = SubmitData(kRecipientDept, bucp);
    EXPECT_THAT(submitted, testing::IsOk());
    EXPECT_THAT(AnswerData(submitted->name(), v1::ASSESSMENT_OBJECTS), testing::IsOk());
    return submitted->name();
  }
  std::vector<std::string> EventTypes() {
    std::vector<std::string> types;
    for (const events::Event& event : harness_->Events()) types.push_back(event.type());
    return types;
  }

  static constexpr clock::Micros kTenDays = kMonday + 14 * kDay + 12 * kHour;
  std::unique_ptr<DeidentificationWorker> worker_;
};

}  // namespace idea::dispute

#endif  // IDEA_TESTS_SERVICES_DISPUTE_DEIDENTIFICATION_FIXTURE_H_
