#include "services/registry/contact/public_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace idea::registry {
namespace {

using ::testing::Optional;
using ::testing::StartsWith;

// RFC 8037, appendix A.2, and RFC 7515, appendix A.3.
constexpr char kEd25519[] =
    R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";
constexpr char kP256[] = R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                         R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
// The private key of the first, and an RSA key.
constexpr char kPrivate[] =
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";
constexpr char kRsa[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCm+gblbhiKTxeD4eLE2PtpWvC5\n"
    "qZ61qsR9T83jLiuwrrQ3CFH33Rv+eM/JJMyZGRGoG/580aAiMgUoDTtuKzVjxBYl\n"
    "dRff+017AcOAtzuAMFqa1FEie15LjvLxydZZ/ZTtDiFo9BT2FlZDtQfprktXp9O4\n"
    "AO8lLS7fqdLz6rfhcwIDAQAB\n"
    "-----END PUBLIC KEY-----\n";

TEST(PublicKeys, AreAcceptedAsJwkOrPemAndStoredAsPem) {
  for (const char* jwk : {kEd25519, kP256}) {
    const auto pem = PublicKeyPem(jwk);
    EXPECT_THAT(pem, Optional(StartsWith("-----BEGIN PUBLIC KEY-----\n")));
    EXPECT_EQ(PublicKeyPem(*pem), pem);
    EXPECT_EQ(PublicKeyPem("\n  " + *pem + "\n"), pem);
  }
}

TEST(PublicKeys, MustBeSupportedCompleteAndPublic) {
  const std::string pem = *PublicKeyPem(kEd25519);
  std::string off_the_curve = kP256;
  off_the_curve.replace(off_the_curve.find("x_FE"), 4, "AAAA");
  std::string with_secret = kEd25519;
  with_secret.insert(1, R"("d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",)");
  std::string short_x = kEd25519;
  short_x.replace(short_x.find("11qY"), 4, "");
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string("[]"), std::string("{\"kty\""),
        std::string("ssh-ed25519 AAAA"), std::string(kPrivate), std::string(kRsa), off_the_curve, with_secret,
        short_x, pem + pem, pem + kPrivate, pem.substr(0, pem.size() / 2),
        std::string(R"({"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"),
        std::string(R"({"kty":7,"crv":[],"x":{}})")}) {
    EXPECT_EQ(PublicKeyPem(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace idea::registry
