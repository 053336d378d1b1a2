#include "common/status/status.h"

#include "common/status/trailer_limit.h"
#include "google/rpc/error_details.pb.h"
#include "tests/support/matchers.h"

namespace idea::status {
namespace {

using testing::FailsWith;

TEST(Error, CarriesItsReasonsCodeAndMetadata) {
  const absl::Status status = Error(Reason::ERROR_REASON_STALE_ETAG, "read it again").With("etag", "7");
  EXPECT_TRUE(absl::IsAborted(status));
  EXPECT_THAT(status, FailsWith(Reason::ERROR_REASON_STALE_ETAG));
  EXPECT_EQ(MetadataOf(status, "etag"), "7");
  EXPECT_EQ(MetadataOf(status, "other"), "");
}

TEST(Error, SurvivesTheWire) {
  const absl::Status sent = Error(Reason::ERROR_REASON_INVALID_FIELD, "wrong")
                                .Field("content.title", "at most 300 characters")
                                .Field("request_id", "a random UUID")
                                .RetryAfter(std::chrono::milliseconds(1500));
  const google::rpc::Status wire = ToWire(sent);
  EXPECT_EQ(FromWire(wire), sent);
  ASSERT_EQ(wire.details_size(), 3);
  google::rpc::BadRequest bad;
  ASSERT_TRUE(wire.details(1).UnpackTo(&bad));
  ASSERT_EQ(bad.field_violations_size(), 2);
  EXPECT_EQ(bad.field_violations(0).field(), "content.title");
  google::rpc::RetryInfo retry;
  ASSERT_TRUE(wire.details(2).UnpackTo(&retry));
  EXPECT_EQ(retry.retry_delay().seconds(), 1);
  EXPECT_EQ(retry.retry_delay().nanos(), 500'000'000);
}

// Each violation has the same cost. If the cost grew with their number, this test would take many minutes.
TEST(Error, HoldsManyViolations) {
  constexpr int kMany = 50'000;
  Error error(Reason::ERROR_REASON_INVALID_FIELD, "wrong");
  for (int i = 0; i < kMany; ++i) {
    error.Field("elements[" + std::to_string(i) + "]", "a name");
    error.Precondition("ELEMENT", "elements/" + std::to_string(i), "has a name");
  }
  google::rpc::Status whole;
  ASSERT_TRUE(whole.ParseFromString(
      std::string(*error.ToStatus().GetPayload("type.googleapis.com/google.rpc.Status"))));
  ASSERT_EQ(whole.details_size(), 3);
  google::rpc::BadRequest bad;
  ASSERT_TRUE(whole.details(1).UnpackTo(&bad));
  ASSERT_EQ(bad.field_violations_size(), kMany);
  EXPECT_EQ(bad.field_violations(kMany - 1).field(), "elements[49999]");
  google::rpc::PreconditionFailure failure;
  ASSERT_TRUE(whole.details(2).UnpackTo(&failure));
  ASSERT_EQ(failure.violations_size(), kMany);
  EXPECT_EQ(failure.violations(0).subject(), "elements/0");
  EXPECT_EQ(ToWire(error).details_size(), 3);
}

class OnTheWire : public ::testing::Test {
 protected:
  ~OnTheWire() override { SetWireSettings({}); }
  template <class Detail>
  static Detail DetailOf(const google::rpc::Status& wire) {
    Detail detail;
    int found = 0;
    for (const auto& any : wire.details()) found += any.UnpackTo(&detail) ? 1 : 0;
    EXPECT_LE(found, 1) << "each type of detail appears at most once";
    return detail;
  }
  static google::rpc::Status Sent() {
    return ToWire(Error(Reason::ERROR_REASON_STALE_ETAG, "read it again"), "request-1");
  }
};

TEST_F(OnTheWire, TheDomainIsADnsNameOrTheOneThatTheOperatorChose) {
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(Sent()).domain(), "idea-exchange.ca.gov");
  SetWireSettings({.domain = "idea-exchange"});
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(Sent()).domain(), "idea-exchange");
  EXPECT_EQ(ReasonOf(FromWire(Sent())), Reason::ERROR_REASON_STALE_ETAG) << "readers ignore the domain";
}

TEST_F(OnTheWire, HelpLinksToTheReason) {
  EXPECT_EQ(DetailOf<google::rpc::Help>(Sent()).links_size(), 0) << "without an address";
  SetWireSettings({.reasons_url = "https://docs.example/ERRORS.md"});
  ASSERT_EQ(DetailOf<google::rpc::Help>(Sent()).links_size(), 1);
  EXPECT_EQ(DetailOf<google::rpc::Help>(Sent()).links(0).url(), "https://docs.example/ERRORS.md#STALE_ETAG");
  // What a peer has refused and is passed on has one link.
  EXPECT_EQ(DetailOf<google::rpc::Help>(ToWire(FromWire(Sent()))).links_size(), 1);
  // A failure without a reason has none.
  EXPECT_EQ(ToWire(absl::InternalError("secret")).details_size(), 0);
}

TEST_F(OnTheWire, HelpLeavesTheTrailersWithinTheirLimit) {
  SetWireSettings({.reasons_url = "https://docs.example/" + std::string(kMaxDetailText - 21, 'x')});
  Error error(Reason::ERROR_REASON_INVALID_FIELD, std::string(2'000, 'm'));
  for (int i = 0; i < 200; ++i) {
    error.Field("elements[" + std::to_string(i) + "]", std::string(600, 'f'));
    error.Precondition("ELEMENT", std::string(300, 's'), std::string(600, 'p'));
    error.With("key" + std::to_string(i), std::string(600, 'v'));
  }
  const google::rpc::Status wire = ToWire(error, "request-1");
  EXPECT_EQ(DetailOf<google::rpc::Help>(wire).links_size(), 1);
  EXPECT_LE(wire.ByteSizeLong(), kMaxDetails + kMaxEncodedMessage);
  SetWireSettings({.reasons_url = "https://docs.example/" + std::string(kMaxDetailText, 'x')});
  EXPECT_EQ(DetailOf<google::rpc::Help>(ToWire(error)).links_size(), 0) << "an address that is too long";
}

TEST(NotFoundOrHidden, NamesTheResource) {
  const absl::Status refused = NotFoundOrHidden("bucps/1");
  EXPECT_EQ(ReasonOf(refused), Reason::ERROR_REASON_NOT_FOUND);
  EXPECT_EQ(refused.message(), "bucps/1 does not exist, or you are not a party to it");
}

TEST(Wire, HidesTheWordsOfAFailureWithoutAReason) {
  const google::rpc::Status wire = ToWire(absl::DataLossError("disk 3 of host db-7 is on fire"));
  EXPECT_EQ(wire.code(), google::rpc::INTERNAL);
  EXPECT_EQ(wire.message(), "internal error");
  EXPECT_EQ(wire.details_size(), 0);
}

TEST(Refusal, IsADecisionAndHasAReason) {
  EXPECT_TRUE(IsRefusal(Error(Reason::ERROR_REASON_STEP_NOT_ALLOWED, "no")));
  EXPECT_TRUE(IsRefusal(Error(Reason::ERROR_REASON_NOT_FOUND, "no such BUCP")));
}

TEST(Refusal, IsNotThatNobodyDecided) {
  for (const Reason reason : {Reason::ERROR_REASON_PEER_UNAVAILABLE, Reason::ERROR_REASON_SHUTTING_DOWN,
                              Reason::ERROR_REASON_CANCELLED, Reason::ERROR_REASON_METHOD_UNKNOWN,
                              Reason::ERROR_REASON_CONCURRENT_CHANGE}) {
    EXPECT_FALSE(IsRefusal(Error(reason, "later"))) << common::v1::ErrorReason_Name(reason);
  }
  EXPECT_FALSE(IsRefusal(absl::CancelledError("CANCELLED"))) << "as gRPC says when a server stops";
  EXPECT_FALSE(IsRefusal(absl::UnimplementedError("")));
  EXPECT_FALSE(IsRefusal(absl::PermissionDeniedError("a proxy's word")));
}

TEST(Reasons, EachHasACodeAMeaningAFixAndSaysWhetherToRetry) {
  const auto* reasons = common::v1::ErrorReason_descriptor();
  for (int i = 1; i < reasons->value_count(); ++i) {
    const auto& rule = reasons->value(i)->options().GetExtension(common::v1::reason);
    SCOPED_TRACE(reasons->value(i)->name());
    EXPECT_NE(rule.code(), google::rpc::OK);
    EXPECT_FALSE(rule.meaning().empty());
    EXPECT_FALSE(rule.fix().empty());
    EXPECT_NE(rule.retry(), common::v1::RETRY_UNSPECIFIED);
  }
}

}  // namespace
}  // namespace idea::status
