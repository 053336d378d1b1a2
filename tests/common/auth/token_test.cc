#include <fstream>
#include <map>

#include "common/auth/auth.h"
#include "common/status/status.h"
#include "tests/support/matchers.h"
#include "tests/support/tokens/token_issuer.h"

namespace idea::auth {
namespace {

using status::Reason;
using testing::Base64UrlOf;
using ::testing::Eq;
using testing::FailsWith;
using testing::IsOkAndHolds;
using testing::TokenIssuer;

constexpr int64_t kNow = 1'767'225'600;

std::string Header(const std::string& alg, const std::string& kid) {
  return R"({"alg":")" + alg + R"(","typ":"JWT","kid":")" + kid + R"("})";
}

std::string Payload(const std::string& iss, const std::string& aud, const std::string& more) {
  return R"({"iss":")" + iss + R"(","aud":)" + aud + "," + more + "}";
}

const std::string kLater = std::to_string(kNow + 300);
const std::string kGood = Payload("https://issuer.test", R"("idea")", R"("sub":"r.okafor","exp":)" + kLater);

class Token : public ::testing::Test {
 protected:
  Token() { issuer_.AddEcKey("ec"); }
  absl::StatusOr<std::string> Person(const std::string& token) const {
    return authenticator_.PersonOf("Bearer " + token);
  }

  TokenIssuer issuer_;
  clock::FakeClock clock_{kNow * clock::kSecond};
  Authenticator authenticator_{
      {.token_issuer = "https://issuer.test", .token_audience = "idea", .token_keys_dir = issuer_.folder()},
      clock_};
};

TEST_F(Token, NamesThePersonHoweverItIsSigned) {
  issuer_.AddRsaKey("rsa");
  EXPECT_THAT(Person(issuer_.Sign(Header("RS256", "rsa"), kGood, "rsa")), IsOkAndHolds(Eq("r.okafor")));
  EXPECT_THAT(Person(issuer_.Sign(Header("ES256", "ec"), kGood, "ec")), IsOkAndHolds(Eq("r.okafor")));
}

TEST_F(Token, MayHaveSeveralAudiencesAndABeginning) {
  const std::string payload =
      Payload("https://issuer.test", R"(["other","idea"])",
              R"("sub":"r.okafor","exp":)" + kLater + ".5" + R"(,"nbf":)" + std::to_string(kNow));
  EXPECT_THAT(Person(issuer_.Sign(Header("ES256", "ec"), payload, "ec")), IsOkAndHolds(Eq("r.okafor")));
}

TEST_F(Token, IsRefusedForWhatItSays) {
  const auto with = [](const std::string& more) { return Payload("https://issuer.test", R"("idea")", more); };
  const std::string now = std::to_string(kNow), past = std::to_string(kNow - 1),
                    soon = std::to_string(kNow + 1);
  const std::map<std::string, std::string> cases = {
      {"expired", with(R"("sub":"a","exp":)" + past)},
      {"expires now", with(R"("sub":"a","exp":)" + now)},
      {"no exp", with(R"("sub":"a")")},
      {"exp is a text", with(R"("sub":"a","exp":")" + kLater + "\"")},
      {"exp is null", with(R"("sub":"a","exp":null)")},
      {"not valid yet", with(R"("sub":"a","nbf":)" + soon + R"(,"exp":)" + kLater)},
      {"nbf is a text", with(R"("sub":"a","nbf":"0","exp":)" + kLater)},
      {"another issuer", Payload("https://issuer.test.evil", R"("idea")", R"("sub":"a","exp":)" + kLater)},
      {"no issuer", R"({"aud":"idea","sub":"a","exp":)" + kLater + "}"},
      {"another audience", Payload("https://issuer.test", R"("ide")", R"("sub":"a","exp":)" + kLater)},
      {"other audiences", Payload("https://issuer.test", R"(["a","b"])", R"("sub":"a","exp":)" + kLater)},
      {"no audience", R"({"iss":"https://issuer.test","sub":"a","exp":)" + kLater + "}"},
      {"no subject", with(R"("exp":)" + kLater)},
      {"empty subject", with(R"("sub":"","exp":)" + kLater)},
      {"subject is a number", with(R"("sub":7,"exp":)" + kLater)},
      {"subject too long", with(R"("sub":")" + std::string(101, 'a') + R"(","exp":)" + kLater)},
      {"subject of two lines", with(R"("sub":"a\nb","exp":)" + kLater)},
      {"no JSON", "hello"},
      {"no object", "[]"},
  };
  for (const auto& [name, payload] : cases) {
    SCOPED_TRACE(name);
    EXPECT_THAT(Person(issuer_.Sign(Header("ES256", "ec"), payload, "ec")),
                FailsWith(Reason::ERROR_REASON_TOKEN_INVALID));
  }
}

TEST_F(Token, IsRefusedForHowItIsSigned) {
  issuer_.AddRsaKey("rsa");
  issuer_.AddEcKey("p384", "P-384");
  issuer_.AddRsaKey("small", 1024);
  const std::string good = issuer_.Sign(Header("RS256", "rsa"), kGood, "rsa");
  const std::string unsigned_part = Base64UrlOf(Header("none", "rsa")) + "." + Base64UrlOf(kGood) + ".";
  std::string tampered = good;
  const size_t payload = good.find('.') + 1, signature = good.rfind('.') + 1;
  tampered.replace(
      payload, signature - 1 - payload,
      Base64UrlOf(Payload("https://issuer.test", R"("idea")", R"("sub":"boss","exp":)" + kLater)));
  const std::map<std::string, std::string> cases = {
      {"no kid", issuer_.Sign(R"({"alg":"RS256"})", kGood, "rsa")},
      {"kid is a number", issuer_.Sign(R"({"alg":"RS256","kid":7})", kGood, "rsa")},
      {"empty kid", issuer_.Sign(Header("RS256", ""), kGood, "rsa")},
      {"unknown kid", issuer_.Sign(Header("RS256", "nobody"), kGood, "rsa")},
      {"kid is a path", issuer_.Sign(Header("RS256", "../keys/rsa"), kGood, "rsa")},
      {"kid is an absolute path", issuer_.Sign(Header("RS256", issuer_.folder() + "/rsa"), kGood, "rsa")},
      {"kid with its extension", issuer_.Sign(Header("RS256", "rsa.pem"), kGood, "rsa")},
      {"kid too long", issuer_.Sign(Header("RS256", std::string(65, 'k')), kGood, "rsa")},
      {"not signed", unsigned_part},
      {"not signed, with a signature", unsigned_part + good.substr(signature)},
      {"signed with the public key as a secret",
       TokenIssuer::SignWithSecret(Header("HS256", "rsa"), kGood, issuer_.PublicKey("rsa"))},
      {"an RSA algorithm and an EC key", issuer_.Sign(Header("RS256", "ec"), kGood, "ec")},
      {"an EC algorithm and an RSA key", issuer_.Sign(Header("ES256", "rsa"), kGood, "rsa")},
      {"another RSA algorithm", issuer_.Sign(Header("RS512", "rsa"), kGood, "rsa")},
      {"another curve", issuer_.Sign(Header("ES256", "p384"), kGood, "p384")},
      {"a small key", issuer_.Sign(Header("RS256", "small"), kGood, "small")},
      {"another key's signature", issuer_.Sign(Header("RS256", "rsa"), kGood, "small")},
      {"critical headers",
       issuer_.Sign(R"({"alg":"RS256","kid":"rsa","crit":["b64"],"b64":false})", kGood, "rsa")},
      {"another payload", tampered},
      {"no signature", good.substr(0, signature)},
      {"half a signature", good.substr(0, signature + 100)},
      {"two parts", good.substr(0, signature - 1)},
      {"four parts", good + ".e30"},
      {"not base64url", "e30=.e30=.e30="},
      {"garbage", "garbage"},
      {"empty", ""},
      {"a NUL inside", good + std::string(1, '\0')},
      {"too long", good + std::string(9000, 'A')},
  };
  for (const auto& [name, token] : cases) {
    SCOPED_TRACE(name);
    EXPECT_THAT(Person(token), FailsWith(Reason::ERROR_REASON_TOKEN_INVALID));
  }
}

TEST_F(Token, ComesBehindTheSchemeBearer) {
  const std::string good = issuer_.Sign(Header("ES256", "ec"), kGood, "ec");
  EXPECT_THAT(authenticator_.PersonOf("bearer " + good), IsOkAndHolds(Eq("r.okafor")));
  for (const std::string& authorization :
       {std::string(), good, "Basic " + good, "Bearer" + good, "Bearer  " + good}) {
    EXPECT_THAT(authenticator_.PersonOf(authorization), FailsWith(Reason::ERROR_REASON_TOKEN_INVALID));
  }
}

TEST_F(Token, ExpiresThoughItWasGoodBefore) {
  const std::string token = issuer_.Sign(Header("ES256", "ec"), kGood, "ec");
  EXPECT_THAT(Person(token), IsOkAndHolds(Eq("r.okafor")));
  EXPECT_THAT(Person(token), IsOkAndHolds(Eq("r.okafor")));
  clock_.Advance(300 * clock::kSecond);
  EXPECT_THAT(Person(token), FailsWith(Reason::ERROR_REASON_TOKEN_INVALID));
}

TEST_F(Token, OfANewKeyIsAcceptedWithoutARestart) {
  EXPECT_THAT(Person(issuer_.Sign(Header("ES256", "ec"), kGood, "ec")), IsOkAndHolds(Eq("r.okafor")));
  issuer_.AddEcKey("next");
  const std::string token = issuer_.Sign(Header("ES256", "next"), kGood, "next");
  // The folder is read again once a second at most.
  EXPECT_THAT(Person(token), FailsWith(Reason::ERROR_REASON_TOKEN_INVALID));
  clock_.Advance(clock::kSecond);
  EXPECT_THAT(Person(token), IsOkAndHolds(Eq("r.okafor")));
}

TEST_F(Token, OfAWithdrawnKeyIsRefusedWithinAMinute) {
  const std::string token = issuer_.Sign(Header("ES256", "ec"), kGood, "ec");
  EXPECT_THAT(Person(token), IsOkAndHolds(Eq("r.okafor")));
  issuer_.Withdraw("ec");
  clock_.Advance(60 * clock::kSecond);
  EXPECT_THAT(Person(token), FailsWith(Reason::ERROR_REASON_TOKEN_INVALID));
}

TEST_F(Token, IsRefusedWhereNoIssuerAudienceOrFolderIsSet) {
  const std::string empty = Payload("", R"("")", R"("sub":"a","exp":)" + kLater);
  const std::string token = "Bearer " + issuer_.Sign(Header("ES256", "ec"), empty, "ec");
  EXPECT_THAT(Authenticator({.token_keys_dir = issuer_.folder()}, clock_).PersonOf(token),
              FailsWith(Reason::ERROR_REASON_TOKEN_INVALID));
  EXPECT_THAT(Authenticator({}, clock_).PersonOf(token), FailsWith(Reason::ERROR_REASON_TOKEN_INVALID));
}

TEST_F(Token, IgnoresFilesThatAreNoKeys) {
  std::ofstream(issuer_.folder() + "/broken.pem")
      << "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";
  std::ofstream(issuer_.folder() + "/README") << "hello";
  EXPECT_THAT(Person(issuer_.Sign(Header("ES256", "broken"), kGood, "ec")),
              FailsWith(Reason::ERROR_REASON_TOKEN_INVALID));
  EXPECT_THAT(Person(issuer_.Sign(Header("ES256", "ec"), kGood, "ec")), IsOkAndHolds(Eq("r.okafor")));
}

}  // namespace
}  // namespace idea::auth
