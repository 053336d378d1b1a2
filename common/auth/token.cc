#include <jwt.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <unordered_map>

#include "common/auth/auth.h"
#include "common/auth/strict_json.h"
#include "common/ids/ids.h"
#include "common/log/log.h"
#include "common/status/status.h"
#include "common/validation/text.h"
#include "nlohmann/json.hpp"

namespace idea::auth {
namespace {

using Json = nlohmann::json;

constexpr size_t kMaxTokenLength = 8192;
constexpr size_t kMaxSubjectLength = 100;
constexpr size_t kMaxKidLength = 64;
constexpr int kSmallestRsaBits = 2048;
// The maximum difference of the clock of the issuer.
constexpr double kMaxSkewSeconds = 60;
constexpr size_t kRemembered = 4096;
// The minimum interval between two reads of the folder for an unknown key, and the maximum lifetime of a
// withdrawn key.
constexpr clock::Micros kRereadAfter = 1 * clock::kSecond;
constexpr clock::Micros kStaleAfter = 60 * clock::kSecond;

absl::Status Invalid(std::string_view why) {
  return status::Error(status::Reason::ERROR_REASON_TOKEN_INVALID, why);
}

bool IsBase64Url(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

// A kid is a file name, so it must be one plain segment.
bool IsKid(std::string_view kid) {
  return !kid.empty() && kid.size() <= kMaxKidLength && std::all_of(kid.begin(), kid.end(), IsBase64Url);
}

bool IsJwt(std::string_view token) {
  return !token.empty() && token.size() <= kMaxTokenLength &&
         std::count(token.begin(), token.end(), '.') == 2 &&
         std::all_of(token.begin(), token.end(), [](char c) { return c == '.' || IsBase64Url(c); });
}

// The token of "Bearer <token>". The case of the scheme does not matter (RFC 7235). Empty if it is malformed.
std::string TokenOf(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() < kScheme.size()) return "";
  for (size_t i = 0; i < kScheme.size(); ++i) {
    const char c = authorization[i];
    if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != kScheme[i]) return "";
  }
  const std::string_view token = authorization.substr(kScheme.size());
  return IsJwt(token) ? std::string(token) : "";
}

// The member of that name if it is a text, otherwise empty.
std::string TextOf(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

bool IsFor(const Json& audience, const std::string& wanted) {
  if (audience.is_string()) return audience == wanted;
  return audience.is_array() && std::find(audience.begin(), audience.end(), wanted) != audience.end();
}

// 1 to kMaxSubjectLength characters without control characters and without long runs of combining marks, as
// the person of a contact.
bool IsSubject(const std::string& text) {
  size_t characters = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) return false;
    if ((byte & 0xc0) != 0x80) ++characters;
  }
  return !validation::IsBlank(text) && !validation::HasInvisible(text) && !validation::HasMarkRun(text) &&
         characters <= kMaxSubjectLength;
}

// The claims of a verified token.
struct Claims {
  std::string person;
  // Seconds since 1970, as in the token.
  double not_before = 0;
  double expires = 0;
};

absl::Status CheckTime(const Claims& claims, clock::Micros now) {
  const double seconds = static_cast<double>(now) / clock::kSecond;
  if (seconds >= claims.expires) return Invalid("the token has expired");
  if (seconds < claims.not_before) return Invalid("the token is not valid yet");
  return absl::OkStatus();
}

// A NumericDate of RFC 7519 within the years 1970 to 9999.
bool IsTime(const Json& claim) {
  constexpr double kMaxTime = 253'402'300'799;
  return claim.is_number() && claim.get<double>() >= 0 && claim.get<double>() <= kMaxTime;
}

// Whether the lifetime of a token is short enough to limit the use of a stolen one.
absl::Status CheckLifetime(const Json& claims, clock::Micros max_lifetime, clock::Micros now) {
  const double seconds = static_cast<double>(now) / clock::kSecond;
  const double max_seconds = static_cast<double>(max_lifetime) / clock::kSecond;
  const double expires = claims.at("exp").get<double>();
  const double issued = claims.contains("iat") ? claims.at("iat").get<double>() : seconds;
  if (issued > seconds + kMaxSkewSeconds) return Invalid("the token was issued in the future");
  if (expires > seconds + max_seconds + kMaxSkewSeconds || expires - issued > max_seconds)
    return Invalid("the token lives for too long; get one that expires sooner");
  return absl::OkStatus();
}

// The claims if they are complete and match issuer and audience. Does not check times.
absl::StatusOr<Claims> ReadClaims(const Json& json, const Settings& settings) {
  const auto claim = [&json](const char* name) { return json.contains(name) ? json.at(name) : Json(); };
  if (settings.token_issuer.empty() || claim("iss") != settings.token_issuer) {
    return Invalid("the token is from another issuer");
  }
  if (settings.token_audience.empty() || !IsFor(claim("aud"), settings.token_audience)) {
    return Invalid("the token is for another audience");
  }
  if (!IsTime(claim("exp"))) return Invalid("the token must say when it expires");
  for (const char* name : {"nbf", "iat"}) {
    if (json.contains(name) && !IsTime(claim(name)))
      return Invalid(std::string("`") + name + "` must be a number of seconds");
  }
  if (!claim("sub").is_string() || !IsSubject(claim("sub"))) {
    return Invalid("the token's subject must have 1 to 100 visible characters");
  }
  return Claims{.person = claim("sub"),
                .not_before = json.contains("nbf") ? claim("nbf").get<double>()
                                                   : -std::numeric_limits<double>::infinity(),
                .expires = claim("exp").get<double>()};
}

// A public key from a file, and its only algorithm.
struct Key {
  std::string pem;
  std::string_view algorithm;
};

bool IsP256(EVP_PKEY* key) {
  char group[64] = {};
  return EVP_PKEY_get_group_name(key, group, sizeof(group), nullptr) == 1 &&
         (std::string_view(group) == "prime256v1" || std::string_view(group) == "P-256");
}

// Parses a public RSA key of a safe size or a P-256 key; nullopt for others.
std::optional<Key> ReadKey(std::string pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  if (key == nullptr) return std::nullopt;
  if (EVP_PKEY_is_a(key.get(), "RSA") == 1 && EVP_PKEY_get_bits(key.get()) >= kSmallestRsaBits) {
    return Key{std::move(pem), "RS256"};
  }
  if (EVP_PKEY_is_a(key.get(), "EC") == 1 && IsP256(key.get())) return Key{std::move(pem), "ES256"};
  return std::nullopt;
}

bool IsSignedBy(const Key& key, const std::string& token) {
  jwt_t* jwt = nullptr;
  const auto* pem = reinterpret_cast<const unsigned char*>(key.pem.data());
  const bool good = jwt_decode(&jwt, token.c_str(), pem, static_cast<int>(key.pem.size())) == 0;
  if (good) jwt_free(jwt);
  return good;
}

using KeyMap = std::map<std::string, Key, std::less<>>;

// Reads the keys of the folder. A key whose file cannot be read, for example while it is written, stays
// unchanged; all stay if the folder cannot be read. Removing its file withdraws a key.
KeyMap ReadFolder(const std::string& folder, const KeyMap& before) {
  KeyMap keys;
  std::error_code failure;
  for (std::filesystem::directory_iterator file(folder, failure), end; !failure && file != end;
       file.increment(failure)) {
    const std::string kid = file->path().stem().string();
    std::error_code unreadable;
    if (file->path().extension() != ".pem" || !IsKid(kid) || !file->is_regular_file(unreadable)) continue;
    std::ostringstream pem;
    pem << std::ifstream(file->path()).rdbuf();
    if (auto key = ReadKey(pem.str())) {
      keys.emplace(kid, *std::move(key));
    } else if (const auto last = before.find(kid); last != before.end()) {
      keys.insert(*last);
      log::Line(log::Level::kWarn, "a key of the token issuer cannot be read; the previous one stays in use")
          .With("file", file->path().string());
    }
  }
  return failure ? before : keys;
}

}  // namespace

// The keys of the issuer as last read, and the tokens verified with them.
class Authenticator::Keys {
 public:
  Keys(std::string folder, const clock::Clock& clock) : folder_(std::move(folder)), clock_(clock) {}

  std::optional<Key> Find(std::string_view kid) {
    const std::lock_guard lock(mutex_);
    Refresh(kid);
    const auto found = keys_.find(kid);
    if (found == keys_.end()) return std::nullopt;
    return found->second;
  }

  // A token that was verified with the current keys.
  std::optional<Claims> Recall(const std::string& token) {
    const std::string hash = ids::Sha256Hex(token);
    const std::lock_guard lock(mutex_);
    if (!clock_.IsWithin(kStaleAfter, read_at_)) return std::nullopt;
    const auto found = verified_.find(hash);
    if (found == verified_.end()) return std::nullopt;
    return found->second;
  }

  // Caches a token that `key` has verified, unless that key was replaced.
  void Remember(const std::string& token, const Claims& claims, std::string_view kid, const Key& key) {
    std::string hash = ids::Sha256Hex(token);
    const std::lock_guard lock(mutex_);
    const auto now = keys_.find(kid);
    if (now == keys_.end() || now->second.pem != key.pem) return;
    if (verified_.size() >= kRemembered) verified_.clear();
    verified_.emplace(std::move(hash), claims);
  }

 private:
  void Refresh(std::string_view kid) {
    const bool known = keys_.find(kid) != keys_.end();
    if (was_read_ && clock_.IsWithin(known ? kStaleAfter : kRereadAfter, read_at_)) return;
    read_at_ = clock_.Read();
    keys_ = ReadFolder(folder_, keys_);
    verified_.clear();
    was_read_ = true;
  }

  const std::string folder_;
  const clock::Clock& clock_;
  std::mutex mutex_;
  bool was_read_ = false;
  clock::Moment read_at_;
  KeyMap keys_;
  std::unordered_map<std::string, Claims> verified_;
};

Authenticator::Authenticator(Settings settings, const clock::Clock& clock)
    : settings_(std::move(settings)),
      clock_(clock),
      keys_(std::make_unique<Keys>(settings_.token_keys_dir, clock)) {}

Authenticator::~Authenticator() = default;

absl::StatusOr<std::string> Authenticator::PersonOf(std::string_view authorization) const {
  const clock::Micros now = clock_.Now();
  const std::string token = TokenOf(authorization);
  if (token.empty()) return Invalid("`authorization` must be \"Bearer <JWT>\"");
  if (const auto claims = keys_->Recall(token)) {
    RETURN_IF_ERROR(CheckTime(*claims, now));
    return claims->person;
  }

  const size_t header_end = token.find('.'), payload_end = token.rfind('.');
  const auto header = ReadStrictPart(std::string_view(token).substr(0, header_end));
  const auto payload =
      ReadStrictPart(std::string_view(token).substr(header_end + 1, payload_end - header_end - 1));
  if (!header || !payload || !ids::FromBase64Url(std::string_view(token).substr(payload_end + 1)))
    return Invalid("the token is malformed");
  const std::string kid = TextOf(*header, "kid");
  if (!IsKid(kid)) return Invalid("the token's header must name its key as `kid`");
  const std::optional<Key> key = keys_->Find(kid);
  if (!key) return Invalid("the token's key is not known");
  // The key determines the algorithm, never the token. Otherwise a public key could pass as a shared secret.
  if (TextOf(*header, "alg") != key->algorithm) return Invalid("the token's `alg` must be its key's");
  // RFC 7515: a verifier must understand the members that `crit` lists. This one supports none.
  if (header->contains("crit")) return Invalid("the token has critical headers that are not understood");

  if (!IsSignedBy(*key, token)) return Invalid("the token's signature does not hold");
  ASSIGN_OR_RETURN(const Claims claims, ReadClaims(*payload, settings_));
  RETURN_IF_ERROR(CheckLifetime(*payload, settings_.max_token_lifetime, now));
  RETURN_IF_ERROR(CheckTime(claims, now));
  keys_->Remember(token, claims, kid, *key);
  return claims.person;
}

}  // namespace idea::auth
