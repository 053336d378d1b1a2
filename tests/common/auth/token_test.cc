#include <filesystem>
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

// The same bytes for a decoder that ignores unused bits. A signature of 256 bytes has four.
std::string WithStrayBits(std::string token) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  token.back() = kAlphabet[kAlphabet.find(token.back()) | 1];
  return token;
}

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
  std::string marks;
  for (int i = 0; i < 30; ++i) marks += "\xcc\x81";
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
      {"expires after the longest lifetime",
       with(R"("sub":"a","exp":)" + std::to_string(kNow + 86'400 + 120))},
      {"expires never", with(R"("sub":"a","exp":9223372036854775807)")},
      {"expires beyond any number", with(R"("sub":"a","exp":1e400)")},
      {"expires before 1970", with(R"("sub":"a","exp":-1)")},
      {"lives for too long",
       with(R"("sub":"a","iat":)" + std::to_string(kNow - 86'400) + R"(,"exp":)" + kLater)},
      {"issued in the future",
       with(R"("sub":"a","iat":)" + std::to_string(kNow + 120) + R"(,"exp":)" + kLater)},
      {"iat is a text", with(R"("sub":"a","iat":"0","exp":)" + kLater)},
      {"iat is null", with(R"("sub":"a","iat":null,"exp":)" + kLater)},
      {"nbf is beyond any number", with(R"("sub":"a","nbf":1e300,"exp":)" + kLater)},
      {"exp is a list", with(R"("sub":"a","exp":[)" + kLater + "]")},
      {"exp is true", with(R"("sub":"a","exp":true)")},
      {"a subject twice", with(R"("sub":"a","sub":"boss","exp":)" + kLater)},
      {"the same subject twice", with(R"("sub":"a","sub":"a","exp":)" + kLater)},
      {"a subject twice, once escaped", with(R"("sub":"a","s\u0075b":"boss","exp":)" + kLater)},
      {"an expiry twice", with(R"("sub":"a","exp":1,"exp":)" + kLater)},
      {"a member twice, deeper", with(R"("sub":"a","x":[{"y":1,"y":2}],"exp":)" + kLater)},
      {"audience is a list of lists",
       Payload("https://issuer.test", R"([["idea"]])", R"("sub":"a","exp":)" + kLater)},
      {"text after the object", with(R"("sub":"a","exp":)" + kLater) + "{}"},
      {"not UTF-8", with("\"sub\":\"\xff\",\"exp\":" + kLater)},
      {"no subject", with(R"("exp":)" + kLater)},
      {"empty subject", with(R"("sub":"","exp":)" + kLater)},
      {"subject is a number", with(R"("sub":7,"exp":)" + kLater)},
      {"subject too long", with(R"("sub":")" + std::string(101, 'a') + R"(","exp":)" + kLater)},
      {"subject with a mark of direction", with("\"sub\":\"a\xe2\x80\xae"
                                                "b\",\"exp\":" +
                                                kLater)},
      {"subject with a zero-width space", with("\"sub\":\"a\xe2\x80\x8b\",\"exp\":" + kLater)},
      {"subject with a run of combining marks", with("\"sub\":\"a" + marks + "\",\"exp\":" + kLater)},
      {"subject of spaces", with(R"("sub":"  ","exp":)" + kLater)},
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
      {"a header member twice", issuer_.Sign(R"({"alg":"none","alg":"RS256","kid":"rsa"})", kGood, "rsa")},
      {"a kid twice", issuer_.Sign(R"({"alg":"RS256","kid":"small","kid":"rsa"})", kGood, "rsa")},
      {"an empty list of critical headers",
       issuer_.Sign(R"({"alg":"RS256","kid":"rsa","crit":[]})", kGood, "rsa")},
      {"critical headers that are null",
       issuer_.Sign(R"({"alg":"RS256","kid":"rsa","crit":null})", kGood, "rsa")},
      {"alg in lower case", issuer_.Sign(Header("rs256", "rsa"), kGood, "rsa")},
      {"alg is a list", issuer_.Sign(R"({"alg":["RS256"],"kid":"rsa"})", kGood, "rsa")},
      {"the header is a list", issuer_.Sign(R"([{"alg":"RS256","kid":"rsa"}])", kGood, "rsa")},
      {"padding", good + "="},
      {"padding twice", good + "=="},
      {"white space inside", good.substr(0, signature) + " " + good.substr(signature)},
      {"trailing white space", good + " "},
      {"a trailing line feed", good + "\n"},
      {"stray bits in the signature", WithStrayBits(good)},
      {"the alphabet of base64", good.substr(0, good.size() - 2) + "+/"},
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

TEST_F(Token, FollowsTheSchemeBearer) {
  const std::string good = issuer_.Sign(Header("ES256", "ec"), kGood, "ec");
  EXPECT_THAT(authenticator_.PersonOf("bearer " + good), IsOkAndHolds(Eq("r.okafor")));
  for (const std::string& authorization :
       {std::string(), good, "Basic " + good, "Bearer" + good, "Bearer  " + good, " Bearer " + good,
        "Bearer\t" + good, "Bearer " + good + ",", "Bearer " + good + ", Bearer " + good,
        "Bearer " + good + " " + good, "Bearer Bearer " + good, "Basic abc, Bearer " + good,
        "Bearer token=" + good, std::string("Bearer")}) {
    EXPECT_THAT(authenticator_.PersonOf(authorization), FailsWith(Reason::ERROR_REASON_TOKEN_INVALID));
  }
}

TEST_F(Token, MayLiveAsLongAsTheSettingSays) {
  const auto token = [&](int64_t seconds) {
    return issuer_.Sign(Header("ES256", "ec"),
                        Payload("https://issuer.test", R"("idea")",
                                R"("sub":"r.okafor","iat":)" + std::to_string(kNow) + R"(,"exp":)" +
                                    std::to_string(kNow + seconds)),
                        "ec");
  };
  EXPECT_THAT(Person(token(86'400)), IsOkAndHolds(Eq("r.okafor")));
  EXPECT_THAT(Person(token(86'401)), FailsWith(Reason::ERROR_REASON_TOKEN_INVALID));
  const Authenticator strict({.token_issuer = "https://issuer.test",
                              .token_audience = "idea",
                              .token_keys_dir = issuer_.folder(),
                              .max_token_lifetime = 600 * clock::kSecond},
                             clock_);
  EXPECT_THAT(strict.PersonOf("Bearer " + token(600)), IsOkAndHolds(Eq("r.okafor")));
  EXPECT_THAT(strict.PersonOf("Bearer " + token(601)), FailsWith(Reason::ERROR_REASON_TOKEN_INVALID));
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

TEST_F(Token, OfAWithdrawnKeyIsRefusedAfterTheClockWasSetBack) {
  const std::string token = issuer_.Sign(Header("ES256", "ec"), kGood, "ec");
  EXPECT_THAT(Person(token), IsOkAndHolds(Eq("r.okafor")));
  issuer_.Withdraw("ec");
  clock_.Set(clock_.Now() - clock::kSecond);
  EXPECT_THAT(Person(token), FailsWith(Reason::ERROR_REASON_TOKEN_INVALID));
}

// The times of a token are dates. A clock that is wrong by an hour refuses a token that is not valid by it,
// and accepts it after it is corrected.
TEST_F(Token, IsValidByTheTimeOfDay) {
  const std::string payload =
      Payload("https://issuer.test", R"("idea")",
              R"("sub":"r.okafor","nbf":)" + std::to_string(kNow) + R"(,"exp":)" + kLater);
  const std::string token = issuer_.Sign(Header("ES256", "ec"), payload, "ec");
  const clock::Micros now = clock_.Now();
  for (const int again : {1, 2}) {
    EXPECT_THAT(Person(token), IsOkAndHolds(Eq("r.okafor"))) << again;
    for (const clock::Micros hour : {3600 * clock::kSecond, -3600 * clock::kSecond}) {
      clock_.Set(now + hour);
      EXPECT_THAT(Person(token), FailsWith(Reason::ERROR_REASON_TOKEN_INVALID)) << hour;
      clock_.Set(now);
    }
  }
}

// A key file that is being replaced may be incomplete.
TEST_F(Token, OfAKeyWhoseFileIsBrokenIsAcceptedUntilTheFileIsRemoved) {
  const std::string token = issuer_.Sign(Header("ES256", "ec"), kGood, "ec");
  EXPECT_THAT(Person(token), IsOkAndHolds(Eq("r.okafor")));
  std::ofstream(issuer_.folder() + "/ec.pem") << "-----BEGIN PUBLIC KEY-----\nAAAA\n";
  clock_.Advance(60 * clock::kSecond);
  EXPECT_THAT(Person(token), IsOkAndHolds(Eq("r.okafor")));
  std::filesystem::rename(issuer_.folder(), issuer_.folder() + ".away");
  clock_.Advance(60 * clock::kSecond);
  EXPECT_THAT(Person(token), IsOkAndHolds(Eq("r.okafor"))) << "the folder is not mounted";
  std::filesystem::rename(issuer_.folder() + ".away", issuer_.folder());
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

TEST_F(Token, IgnoresFilesThatAreNotKeys) {
  std::ofstream(issuer_.folder() + "/broken.pem")
      << "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";
  std::ofstream(issuer_.folder() + "/README") << "hello";
  EXPECT_THAT(Person(issuer_.Sign(Header("ES256", "broken"), kGood, "ec")),
              FailsWith(Reason::ERROR_REASON_TOKEN_INVALID));
  EXPECT_THAT(Person(issuer_.Sign(Header("ES256", "ec"), kGood, "ec")), IsOkAndHolds(Eq("r.okafor")));
}

}  // namespace
}  // namespace idea::auth
