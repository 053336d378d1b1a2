#include "common/auth/jws.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "tests/support/matchers.h"
#include "tests/support/tokens/token_issuer.h"

namespace idea::auth {
namespace {

using status::Reason;
using testing::Base64UrlOf;
using testing::FailsWith;
using testing::IsOk;
using testing::IsOkAndHolds;

// RFC 8037, appendix A.4.
constexpr char kEdKey[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
    "-----END PUBLIC KEY-----\n";
constexpr char kEdPrivateKey[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";
constexpr char kEdPayload[] = "Example of Ed25519 signing";
constexpr char kEdJws[] =
    "eyJhbGciOiJFZERTQSJ9..hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_"
    "MuM0KAg";

// The compact JWS of the issuer without its payload.
std::string Detach(const std::string& jws) {
  return jws.substr(0, jws.find('.')) + ".." + jws.substr(jws.rfind('.') + 1);
}

// A JWS by a MAC, detached.
std::string HmacJws(const std::string& header, const std::string& payload, const std::string& secret) {
  const std::string input = Base64UrlOf(header) + "." + Base64UrlOf(payload);
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(input.data()), input.size(), mac, &size);
  return Base64UrlOf(header) + ".." + Base64UrlOf(std::string(mac, mac + size));
}

TEST(DetachedJws, HoldsAsTheRfcSays) { EXPECT_THAT(CheckDetachedJws(kEdJws, kEdPayload, kEdKey), IsOk()); }

TEST(DetachedJws, HoldsWithAKeyOnP256) {
  testing::TokenIssuer issuer;
  issuer.AddEcKey("p256");
  const std::string jws = Detach(issuer.Sign(R"({"alg":"ES256"})", "claim", "p256"));
  EXPECT_THAT(CheckDetachedJws(jws, "claim", issuer.PublicKey("p256")), IsOk());
  EXPECT_THAT(CheckDetachedJws(jws, "claims", issuer.PublicKey("p256")),
              FailsWith(Reason::ERROR_REASON_SIGNATURE_INVALID));
}

// The header members that name keys do not matter: the caller of CheckDetachedJws() knows the expected key.
TEST(DetachedJws, HoldsWhateverItSaysOfItsKey) {
  testing::TokenIssuer issuer;
  issuer.AddEcKey("p256");
  const std::string jws = Detach(issuer.Sign(R"({"alg":"ES256","kid":"another","jwk":{}})", "c", "p256"));
  EXPECT_THAT(CheckDetachedJws(jws, "c", issuer.PublicKey("p256")), IsOk());
}

TEST(DetachedJws, IsRefusedWhereAnythingIsNotAsItShouldBe) {
  testing::TokenIssuer issuer;
  issuer.AddEcKey("p256");
  issuer.AddEcKey("p384", "P-384");
  issuer.AddRsaKey("rsa");
  const auto sign = [&](const char* header, const char* key) {
    return Detach(issuer.Sign(header, "c", key));
  };
  const std::string good = sign(R"({"alg":"ES256"})", "p256");
  const std::string signature = good.substr(good.rfind('.') + 1);
  const std::string key = issuer.PublicKey("p256");
  const std::tuple<const char*, std::string, std::string> cases[] = {
      {"another key", good, kEdKey},
      {"no key", good, ""},
      {"a key that is none", good, "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"},
      {"RSA", sign(R"({"alg":"RS256"})", "rsa"), issuer.PublicKey("rsa")},
      {"P-384", sign(R"({"alg":"ES256"})", "p384"), issuer.PublicKey("p384")},
      {"alg none", Base64UrlOf(R"({"alg":"none"})") + "..", key},
      {"alg in capitals", Base64UrlOf(R"({"alg":"NONE"})") + ".." + signature, key},
      {"alg HS256", Base64UrlOf(R"({"alg":"HS256"})") + ".." + signature, key},
      {"alg HS256 with the public key as the secret",
       HmacJws(R"({"alg":"HS256"})", "c", issuer.PublicKey("p256")), key},
      {"alg of another key", sign(R"({"alg":"EdDSA"})", "p256"), key},
      {"alg that is not a text", sign(R"({"alg":7})", "p256"), key},
      {"no alg", sign("{}", "p256"), key},
      {"crit", sign(R"({"alg":"ES256","crit":["b64"],"b64":false})", "p256"), key},
      {"crit that is empty", sign(R"({"alg":"ES256","crit":[]})", "p256"), key},
      {"b64 without crit", sign(R"({"alg":"ES256","b64":false})", "p256"), key},
      {"b64 that changes nothing", sign(R"({"alg":"ES256","b64":true})", "p256"), key},
      {"a header that is not an object", sign("7", "p256"), key},
      {"a header that is not JSON", sign("{", "p256"), key},
      {"a payload inside", issuer.Sign(R"({"alg":"ES256"})", "c", "p256"), key},
      {"a short signature", good.substr(0, good.size() - 4), key},
      {"no signature", good.substr(0, good.rfind('.') + 1), key},
      {"signature of zeros", Base64UrlOf(R"({"alg":"ES256"})") + ".." + Base64UrlOf(std::string(64, '\0')),
       key},
      {"another header", Base64UrlOf(R"({"alg":"ES256","x":1})") + ".." + signature, key},
      {"padding", good + "==", key},
      {"trailing white space", good + "\n", key},
      {"white space inside", good.substr(0, good.size() - 4) + " " + good.substr(good.size() - 4), key},
      {"a key that the header names", sign(R"({"alg":"ES256","kid":"p256"})", "p256"), kEdKey},
      {"text after the signature", good + "AAAA", key},
      {"a header member twice, once escaped", sign(R"({"alg":"none","\u0061lg":"ES256"})", "p256"), key},
      {"a header member twice, deeper", sign(R"({"alg":"ES256","x":{"y":1,"y":2}})", "p256"), key},
      {"a header with text after it", sign(R"({"alg":"ES256"}{})", "p256"), key},
      {"a header member twice", sign(R"({"alg":"none","alg":"ES256"})", "p256"), key},
      {"no base64url", "+/+/.." + signature, key},
      {"nothing", "", key},
      {"dots", "..", key},
      {"three dots", good + ".", key},
  };
  for (const auto& [what, jws, public_key] : cases) {
    EXPECT_THAT(CheckDetachedJws(jws, "c", public_key), FailsWith(Reason::ERROR_REASON_SIGNATURE_INVALID))
        << what;
  }
}

TEST(DetachedJws, HasOneText) {
  std::string stray_bits = kEdJws;
  stray_bits.back() = 'h';  // Differs from 'g' in a bit that no byte uses.
  EXPECT_THAT(CheckDetachedJws(stray_bits, kEdPayload, kEdKey),
              FailsWith(Reason::ERROR_REASON_SIGNATURE_INVALID));
}

TEST(DetachedJws, IsMadeAsTheRfcSays) {
  EXPECT_THAT(SignDetachedJws(kEdPayload, kEdPrivateKey), IsOkAndHolds(kEdJws));
}

TEST(DetachedJws, ThatWasMadeWithAKeyOnP256Holds) {
  testing::TokenIssuer issuer;
  issuer.AddEcKey("p256");
  // Often enough for numbers with a leading zero byte.
  for (int i = 0; i < 600; ++i) {
    const std::string claim = "claim " + std::to_string(i);
    const auto jws = SignDetachedJws(claim, issuer.PrivateKey("p256"));
    ASSERT_THAT(jws, IsOk());
    ASSERT_THAT(CheckDetachedJws(*jws, claim, issuer.PublicKey("p256")), IsOk());
  }
}

TEST(DetachedJws, IsMadeWithNoOtherKey) {
  testing::TokenIssuer issuer;
  issuer.AddEcKey("p384", "P-384");
  issuer.AddRsaKey("rsa");
  for (const std::string& key : {std::string(), std::string(kEdKey), issuer.PrivateKey("p384"),
                                 issuer.PrivateKey("rsa"), issuer.PrivateKey("rsa", "secret")}) {
    EXPECT_EQ(SignDetachedJws("claim", key).status().code(), absl::StatusCode::kInvalidArgument) << key;
  }
}

}  // namespace
}  // namespace idea::auth
