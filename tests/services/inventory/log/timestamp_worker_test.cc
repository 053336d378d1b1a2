#include "services/inventory/log/timestamp_worker.h"

#include "common/transparency/timestamp.h"
#include "services/cli/context/state_file.h"
#include "services/cli/log/log_verification.h"
#include "tests/services/inventory/inventory_fixture.h"
#include "tests/support/python_server.h"

namespace idea::inventory {
namespace {

using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;
using testing::IsOkAndHolds;

class Timestamps : public Inventory {
 protected:
  // A real time-stamping authority.
  static const testing::PythonServer& Tsa() {
    static const testing::PythonServer authority("tsa.py");
    return authority;
  }
  static std::string Url() { return "http://" + Tsa().address() + "/"; }
  void SetUp() override {
    if (!Tsa().is_running()) GTEST_SKIP() << "python3 or openssl is not installed";
    Inventory::SetUp();
    if (!IsSkipped()) notices_->Bind(harness_->router());
  }
  std::unique_ptr<TimestampWorker> Worker(const std::string& url) {
    return std::make_unique<TimestampWorker>(TimestampWorker::Options{url, Tsa().ca_file(), ""}, *log_,
                                             database(), env_.clock);
  }
};

TEST_P(Timestamps, AreMadeOnceAnHourWhileTheLogGrows) {
  const auto worker = Worker(Url());
  EXPECT_THAT(worker->Pass(), IsOkAndHolds(0));
  EXPECT_EQ(Checkpoint().timestamp_token(), "");
  ASSERT_THAT(File(), IsOk());
  // The authority has the time of this machine.
  env_.clock.Set(clock::SystemClock().Now());
  EXPECT_THAT(worker->Pass(), IsOkAndHolds(1));
  EXPECT_THAT(worker->Pass(), IsOkAndHolds(0));
  const v1::GetCheckpointResponse first = Checkpoint();
  const std::string text = transparency::ParseNote(first.timestamped_checkpoint())->text;
  const std::string authorities = *cli::ReadWhole(Tsa().ca_file());
  const auto time = transparency::VerifyTimestamp(first.timestamp_token(), text, authorities);
  ASSERT_THAT(time, IsOk());
  EXPECT_NEAR(static_cast<double>(*time), static_cast<double>(env_.clock.Now() / clock::kSecond), 600);
  // Offline, with another text, a changed token or another authority, it does not verify.
  EXPECT_FALSE(transparency::VerifyTimestamp(first.timestamp_token(), text + "x", authorities).ok());
  EXPECT_FALSE(transparency::VerifyTimestamp(first.timestamp_token() + "x", text, authorities).ok());
  EXPECT_FALSE(transparency::VerifyTimestamp(first.timestamp_token(), text, "none").ok());
  const std::string& token = first.timestamp_token();
  for (size_t at = 0; at < token.size(); at += 97) {
    std::string changed = token;
    changed[at] ^= 1;
    // A few bytes do not matter, such as those of the digest algorithms' parameters.
    if (const auto other = transparency::VerifyTimestamp(changed, text, authorities); other.ok())
      EXPECT_EQ(*other, *time) << at;
  }

  Execute("bucps/2");
  ASSERT_THAT(File(kRecipient, 'a', "bucps/2"), IsOk());
  EXPECT_THAT(worker->Pass(), IsOkAndHolds(0));
  env_.clock.Advance(3601 * clock::kSecond);
  EXPECT_THAT(worker->Pass(), IsOkAndHolds(1));
  EXPECT_THAT(Checkpoint().timestamped_checkpoint(), HasSubstr("\n2\n"));
}

TEST_P(Timestamps, AreVerifiedWithTheWholeLog) {
  ASSERT_THAT(File(), IsOk());
  const std::string authorities = *cli::ReadWhole(Tsa().ca_file());
  const cli::CallFunction call = [this](const google::protobuf::Message& request,
                                        google::protobuf::Message* response) {
    return harness_->Send(At(testing::kCdoEntity), request, response);
  };
  const auto verify = [&] {
    return cli::VerifyLog(
               call, Checkpoint().verifier(), "", cli::Visibility::kAll, [](int64_t, int64_t) {}, nullptr,
               nullptr, nullptr, &authorities)
        ->findings;
  };
  const auto stamp = [](bool holds, const std::string& text) {
    return Contains(::testing::AllOf(Field(&cli::Finding::subject, "timestamp"),
                                     Field(&cli::Finding::holds, holds),
                                     Field(&cli::Finding::text, HasSubstr(text))));
  };
  EXPECT_THAT(verify(), stamp(false, "does not have a checkpoint"));
  ASSERT_THAT(Worker(Url())->Pass(), IsOkAndHolds(1));
  EXPECT_THAT(verify(), stamp(true, "the first 1 entries existed at 20"));
}

TEST_P(Timestamps, AreNotStoredWithoutAValidAnswer) {
  ASSERT_THAT(File(), IsOk());
  EXPECT_TRUE(absl::IsUnavailable(Worker("http://127.0.0.1:1/")->Pass().status()));
  const testing::LogKeyFile other;
  TimestampWorker distrusting({Url(), other.path(), ""}, *log_, database(), env_.clock);
  EXPECT_FALSE(distrusting.Pass().ok());
  EXPECT_EQ(Checkpoint().timestamp_token(), "");
  EXPECT_FALSE(TimestampWorker::Check({"http://x", other.path(), ""}).ok());
  EXPECT_TRUE(TimestampWorker::Check({"http://x", Tsa().ca_file(), ""}).ok());
}

INSTANTIATE_TEST_SUITE_P(Every, Timestamps, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::inventory
