#include "common/transparency/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/support/log_key_file.h"
#include "tests/support/matchers.h"

namespace idea::transparency {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;

constexpr char kText[] = "example.org/log\n42\ncnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnI=\n";

// A log and three witnesses, for $L and $0 to $2 in a policy's text.
class Policies : public ::testing::Test {
 protected:
  std::string Filled(const std::string& text) const {
    return absl::StrReplaceAll(text, {{"$L", log_.key().verifier()},
                                      {"$0", witnesses_[0].key().verifier()},
                                      {"$1", witnesses_[1].key().verifier()},
                                      {"$2", witnesses_[2].key().verifier()}});
  }
  absl::StatusOr<Policy> Parse(const std::string& text) const { return Policy::Parse(Filled(text)); }
  // The checkpoint with the cosignatures of these witnesses.
  Note CosignedBy(const std::vector<size_t>& witnesses) const {
    Note note{kText, {log_.Sign(kText)}};
    for (const size_t each : witnesses) note.signatures.push_back(witnesses_[each].Cosign(kText, 1));
    return note;
  }

  const testing::LogKeyFile first_, second_{testing::LogKeyFile::kSecondPem},
      third_{testing::Ed25519Pem(std::string(32, '3'))}, fourth_{testing::Ed25519Pem(std::string(32, '4'))};
  const NoteSigner log_ = *NoteSigner::Load(first_.path(), "example.org/log", KeyType::kSignature);
  const std::array<NoteSigner, 3> witnesses_ = {
      *NoteSigner::Load(second_.path(), "cdo.example", KeyType::kCosignature),
      *NoteSigner::Load(third_.path(), "governor.example", KeyType::kCosignature),
      *NoteSigner::Load(fourth_.path(), "dhcs.example", KeyType::kCosignature)};
};

TEST_F(Policies, SayHowManyWitnessesMustHaveCosigned) {
  constexpr char kWitnesses[] =
      "# offices\nlog $L\n\nwitness a $0 https://a.example/\n  witness\tb $1\nwitness c $2\n";
  const struct {
    const char* quorum;
    std::vector<size_t> cosigned;
    bool is_met;
  } cases[] = {
      {"quorum none\n", {}, true},
      {"quorum a\n", {0}, true},
      {"quorum a\n", {1, 2}, false},
      {"group g any a b c\nquorum g\n", {2}, true},
      {"group g any a b c\nquorum g\n", {}, false},
      {"group g 2 a b c\nquorum g\n", {1, 2}, true},
      {"group g 2 a b c\nquorum g\n", {1}, false},
      {"group g 2 a b c\nquorum g\n", {1, 1, 1}, false},
      {"group g all a b c\nquorum g\n", {0, 1, 2}, true},
      {"group g all a b c\nquorum g\n", {0, 1}, false},
      {"group x any a b\ngroup g all x c\nquorum g\n", {1, 2}, true},
      {"group x any a b\ngroup g all x c\nquorum g\n", {0, 1}, false},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.quorum);
    const auto policy = Parse(std::string(kWitnesses) + each.quorum);
    ASSERT_THAT(policy, IsOk());
    EXPECT_EQ(policy->Check(CosignedBy(each.cosigned)).is_met, each.is_met);
  }
}

TEST_F(Policies, NameTheWitnessesThatHaveCosigned) {
  const auto policy = Parse("log $L\nwitness a $0\nwitness b $1\nwitness c $2\ngroup g 2 a b c\nquorum g\n");
  ASSERT_THAT(policy, IsOk());
  EXPECT_EQ(policy->LogVerifiers(), log_.key().verifier() + "\n");
  const Policy::Outcome outcome = policy->Check(CosignedBy({2, 0}));
  EXPECT_THAT(outcome.cosigned_by, ElementsAre("a", "c"));
  EXPECT_EQ(outcome.text, "2 of 3 witnesses have cosigned: a, c");
  // A forged line does not count and does no harm.
  Note forged = CosignedBy({0});
  forged.signatures.back().signature.back() ^= 1;
  forged.signatures.push_back(witnesses_[1].Cosign(kText, 1));
  EXPECT_THAT(policy->Check(forged).cosigned_by, ElementsAre("b"));
  EXPECT_FALSE(policy->Check(forged).is_met);
}

TEST_F(Policies, AreRefusedWithTheLineThatIsWrong) {
  const struct {
    const char* text;
    const char* why;
  } cases[] = {
      {"", "lacks a quorum"},
      {"log $L\n", "lacks a quorum"},
      {"quorum a\n", "line 1 of the policy: a is not a witness or group"},
      {"witness a $0\nquorum a\nquorum a\n", "line 3 of the policy: a second quorum"},
      {"witness a $0\nwitness a $1\n", "line 2 of the policy: the name a is taken"},
      {"witness none $0\n", "the name none is taken"},
      {"witness a $0\nwitness b $0\n", "the witness is listed twice"},
      {"log $L\nlog $L\n", "the log is listed twice"},
      {"log $0\n", "the key is of a witness"},
      {"witness a $L\n", "the key is of a log"},
      {"log x\n", "verifier"},
      {"witness a $0\ngroup g 0 a\n", "a number from 1"},
      {"witness a $0\ngroup g 2 a\n", "a number from 1"},
      {"witness a $0\ngroup g 01 a\n", "a number from 1"},
      {"witness a $0\ngroup g -1 a\n", "a number from 1"},
      {"witness a $0\ngroup g any\n", "none of"},
      {"witness a $0\ngroup g any b\n", "b is not a witness or group"},
      {"witness a $0\ngroup g any a a\n", "a is a member of a group already"},
      {"witness a $0\ngroup g any a\ngroup h any a\n", "a is a member of a group already"},
      {"group g any g\n", "g is not a witness or group"},
      {"quorum none none\n", "none of"},
      {"Quorum none\n", "none of"},
      {"quorum none\r\n", "control character"},
  };
  for (const auto& each : cases) {
    EXPECT_THAT(Parse(each.text).status().message(), HasSubstr(each.why)) << each.text;
  }
}

TEST_F(Policies, HaveABound) {
  std::string many = "witness a $0\n";
  for (int i = 0; i < 1000; ++i) {
    many += absl::StrCat("group g", i, " any ", i == 0 ? "a" : absl::StrCat("g", i - 1), "\n");
  }
  EXPECT_THAT(Parse(many + "quorum a\n").status().message(), HasSubstr("more than 1000 lines"));
}

}  // namespace
}  // namespace idea::transparency
