#include "common/status/trailer_limit.h"

#include <gtest/gtest.h>

#include "common/status/status.h"

namespace idea::status {
namespace {

TEST(Utf8, KeepsWhatIsValidAndReplacesWhatIsNot) {
  const std::string valid = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
  EXPECT_EQ(ToUtf8(valid), valid);
  const std::string no = "\xef\xbf\xbd";
  EXPECT_EQ(ToUtf8("\xff"), no);
  EXPECT_EQ(ToUtf8("a\xc3"), "a" + no) << "cut off";
  EXPECT_EQ(ToUtf8("\xc0\xaf"), no + no) << "overlong";
  EXPECT_EQ(ToUtf8("\xed\xa0\x80"), no + no + no) << "a surrogate";
  EXPECT_EQ(ToUtf8("\xf4\x90\x80\x80"), no + no + no + no) << "above U+10FFFF";
}

TEST(ARefusal, ThatFitsIsNotChanged) {
  const absl::Status status = Error(Reason::ERROR_REASON_INVALID_FIELD, "caf\xc3\xa9 is too long")
                                  .Field("a.b", std::string(kMaxDetailText, 'x'))
                                  .Precondition("T", "s", "d")
                                  .With("key", "value");
  const google::rpc::Status wire = ToWire(status);
  google::rpc::Status again = wire;
  FitIntoTrailers(again);
  EXPECT_EQ(again.SerializeAsString(), wire.SerializeAsString());
  EXPECT_EQ(wire.message(), "caf\xc3\xa9 is too long");
  EXPECT_EQ(FromWire(wire).message(), status.message());
}

TEST(ARefusal, IsCutBetweenCharacters) {
  std::string message;
  while (message.size() < 2 * kMaxEncodedMessage) message += "\xe2\x82\xac";
  const google::rpc::Status wire = ToWire(Error(Reason::ERROR_REASON_NOT_FOUND, message));
  EXPECT_TRUE(wire.message().ends_with("\xe2\x82\xac..."));
  EXPECT_LE(wire.message().size(), kMaxEncodedMessage / 3 + 3);
  EXPECT_EQ(ToUtf8(wire.message()), wire.message());
}

}  // namespace
}  // namespace idea::status
