// A register that was kept before, taken over by `ideactl` from a file into the running services.
#include <future>

#include "idea/inventory/v1/bulk.pb.h"
#include "tests/story/with_ideactl.h"

namespace idea::story {
namespace {

using testing::FailsWith;
using ::testing::HasSubstr;

constexpr std::chrono::seconds kTimeout{60};

class TakenOver : public WithIdeactl {
 protected:
  void SetUp() override {
    // A server that waited for its callers would wait longer than this test does.
    settings_ = {{"IDEA_DRAIN_SECONDS", "600"}};
    WithIdeactl::SetUp();
  }
  std::string Check(const std::string& element) {
    Run({"--as", "y", "exchange", "check", "--provider", kY, "--recipient", kX, "--data-elements", element,
         "-o", "json"});
    return out_;
  }
};

TEST_P(TakenOver, PermitsWhatItsAgreementsName) {
  const std::string lines =
      Line("A-1", R"(, "dataElements": ["County"], "redisclosure": {"allowed": "ANSWER_NO"})") + Line("A-2") +
      Line("A-3", R"(, "digest": "none")") + "no JSON\n";
  EXPECT_EQ(Import(lines, {"--validate-only"}), cli::kUsage);
  EXPECT_THAT(err_, HasSubstr("would add 2, known 0, refused 2"));
  EXPECT_EQ(Import(lines), cli::kUsage) << "a row was refused";
  EXPECT_THAT(err_, HasSubstr("added 2, known 0, refused 2"));
  EXPECT_THAT(out_, HasSubstr("digest"));
  EXPECT_THAT(out_, HasSubstr("not an EarlierFiling as JSON"));
  EXPECT_EQ(Import(Line("A-2")), cli::kDone) << "the same row again";
  EXPECT_THAT(err_, HasSubstr("added 0, known 1, refused 0"));

  Await("an answer to the exchange check",
        [&] { return Check("County").find("PERMITTED") != std::string::npos; });
  EXPECT_THAT(out_, HasSubstr("ANSWER_NO"));
  EXPECT_THAT(Check("Name"), HasSubstr("ELEMENT_NOT_COVERED"));

  const std::string file = folder_ / "register.jsonl";
  EXPECT_EQ(Run({"filings", "export", file}), cli::kDone) << err_;
  EXPECT_EQ(Run({"--as", "cdo/cdo", "filings", "import", file, "--source", "export"}), cli::kDone) << err_;
  EXPECT_THAT(err_, HasSubstr("added 2, known 0, refused 0"));
}

// The caller holds its stream and sends nothing: the server does not wait for it.
TEST_P(TakenOver, EndsAStreamThatWaitsWhenTheServerStops) {
  inventory::v1::ImportFilingsRequest batch;
  batch.set_source("form");
  batch.set_request_id(ids::NewUuid());
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(Line("A-1"), batch.add_rows()).ok());
  rpc::Peer peer("inventory", server_->address(), testing::FilesOf(kCdo));
  inventory::v1::ImportFilingsResponse answer;
  int sent = 0, added = 0;
  std::future<void> stopped;
  const std::string token = server_->TokenOf("cdo");
  const absl::Status ended = peer.Converse(
      rpc::NewContext(2 * kTimeout),
      [&]() -> const google::protobuf::Message* {
        if (++sent == 2) {
          stopped = std::async(std::launch::async, [this] { server_.reset(); });
          EXPECT_EQ(stopped.wait_for(kTimeout), std::future_status::ready)
              << "the server waits for its caller";
          batch.set_request_id(ids::NewUuid());
        }
        return &batch;
      },
      &answer, [&](const google::protobuf::Message&) { added += answer.added(); }, token);
  EXPECT_THAT(ended, FailsWith(Reason::ERROR_REASON_SHUTTING_DOWN));
  EXPECT_TRUE(status::IsRetryable(ended));
  EXPECT_EQ(sent, 2);
  EXPECT_EQ(added, 1);
  stopped.wait();
  // Acknowledged rows are stored, and sending them again adds nothing.
  Open();
  inventory::v1::ListFilingsRequest list;
  EXPECT_EQ(Must<inventory::v1::ListFilingsResponse>(kX, "", list).filings_size(), 1);
}

INSTANTIATE_TEST_SUITE_P(Every, TakenOver, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::story
