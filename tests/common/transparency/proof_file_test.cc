#include "common/transparency/proof_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace idea::transparency {
namespace {

using testing::IsOk;

constexpr char kHash[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";

TEST(ProofFiles, AreFormattedAsSpecified) {
  const ProofFile file = {
      "{}", 73894, {std::string(32, '\0'), std::string(32, '\0')}, "log\n1\nroot\n\nsig\n"};
  const std::string text = std::string("c2sp.org/tlog-proof@v1\nextra e30=\nindex 73894\n") + kHash + kHash +
                           "\nlog\n1\nroot\n\nsig\n";
  EXPECT_EQ(FormatProofFile(file), text);
  const auto read = ParseProofFile(text);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(FormatProofFile(*read), text);
  EXPECT_EQ(read->extra, "{}");
  EXPECT_EQ(read->index, 73894);
  EXPECT_EQ(read->proof.size(), 2U);
}

TEST(ProofFiles, MayLackExtraDataAndHashes) {
  const auto read = ParseProofFile("c2sp.org/tlog-proof@v1\nindex 0\n\nlog\n");
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->extra, "");
  EXPECT_TRUE(read->proof.empty());
  EXPECT_EQ(read->checkpoint, "log\n");
}

TEST(ProofFiles, AreReadInTheirCanonicalFormOnly) {
  std::string many = "index 0\n";
  for (int i = 0; i < 64; ++i) many += kHash;
  for (const std::string& rest :
       {std::string(), std::string("index 0"), std::string("index 0\n"), std::string("index 00\n\nx"),
        std::string("index -1\n\nx"), std::string("index +1\n\nx"),
        std::string("index 99999999999999999999\n\nx"), std::string("extra\nindex 0\n\nx"),
        std::string("extra \nindex 0\n\nx"), std::string("extra e31=\nindex 0\n\nx"),
        std::string("index 0\nextra e30=\n\nx"), std::string("index 0\nAAAA\n\nx"),
        std::string("index 0\r\n\nx"), many + "\nx"}) {
    EXPECT_FALSE(ParseProofFile("c2sp.org/tlog-proof@v1\n" + rest).ok()) << rest;
  }
  EXPECT_FALSE(ParseProofFile("c2sp.org/tlog-proof@v2\nindex 0\n\nx").ok());
}

}  // namespace
}  // namespace idea::transparency
