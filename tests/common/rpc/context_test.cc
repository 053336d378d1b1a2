#include "common/rpc/context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace idea::rpc {
namespace {

using ::testing::MatchesRegex;

constexpr char kTrace[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr char kForm[] = "00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}";

TEST(ChildTrace, StaysInTheTraceWithANewSpan) {
  const std::string child = ChildTrace(kTrace);
  EXPECT_THAT(child, MatchesRegex(kForm));
  EXPECT_EQ(child.substr(0, 36), std::string(kTrace).substr(0, 36));
  EXPECT_EQ(child.substr(52), "-01");
  EXPECT_NE(child, kTrace);
  EXPECT_NE(child, ChildTrace(kTrace));
}

TEST(ChildTrace, KeepsTheFlags) {
  EXPECT_TRUE(ChildTrace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00").ends_with("-00"));
}

TEST(ChildTrace, BeginsANewTraceWhereThereIsNone) {
  for (const std::string broken : {
           "", "nonsense",
           "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",    // another version
           "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",    // upper case
           "00-00000000000000000000000000000000-b7ad6b7169203331-01",    // no trace
           "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",    // no span
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",  // too long
           "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",    // another separator
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333\n-01",   // would end a header
       }) {
    const std::string trace = ChildTrace(broken);
    EXPECT_THAT(trace, MatchesRegex(kForm)) << broken;
    EXPECT_EQ(trace.find("0af7651916cd43dd"), std::string::npos) << broken;
  }
}

TEST(NewContext, HasAnIdATraceAndADeadline) {
  const auto before = std::chrono::steady_clock::now();
  const Context context = NewContext(std::chrono::seconds(5));
  EXPECT_FALSE(context.request_id.empty());
  EXPECT_THAT(context.traceparent, MatchesRegex(kForm));
  EXPECT_GE(context.deadline, before + std::chrono::seconds(5));
  EXPECT_NE(context.request_id, NewContext(std::chrono::seconds(5)).request_id);
}

TEST(ADeadline, IsTheSameOnBothClocks) {
  const auto steady = std::chrono::steady_clock::now() + std::chrono::minutes(5);
  const auto there_and_back = ToSteady(ToSystem(steady));
  EXPECT_LT(std::chrono::abs(there_and_back - steady), std::chrono::seconds(5));
  EXPECT_EQ(ToSteady(std::chrono::system_clock::time_point::max()),
            std::chrono::steady_clock::time_point::max());
  EXPECT_EQ(ToSystem(std::chrono::steady_clock::time_point::max()),
            std::chrono::system_clock::time_point::max());
}

}  // namespace
}  // namespace idea::rpc
