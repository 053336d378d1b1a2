#ifndef IDEA_COMMON_AUTH_AUTH_H_
#define IDEA_COMMON_AUTH_AUTH_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "idea/common/v1/event.pb.h"
#include "idea/common/v1/options.pb.h"

// Who is calling: the certificate says which department or service, a signed token says which person.
namespace idea::auth {

// A role that a person holds by a delegation only, and for whom.
struct DelegatedRole {
  common::v1::ContactRole role = common::v1::CONTACT_ROLE_UNSPECIFIED;
  common::v1::OnBehalf on_behalf;
};

// The caller of one call.
struct Caller {
  common::v1::CallerKind kind = common::v1::CALLER_KIND_UNSPECIFIED;
  // "entities/{id}" for ENTITY, CDO and GOVERNOR.
  std::string entity;
  // "review" for SERVICE.
  std::string service;
  // The token's subject. Empty: a platform acting on its own.
  std::string person;
  // From the registry, filled in where the method's policy asks for a role.
  std::string contact;
  std::string person_name;
  std::string person_title;
  std::vector<common::v1::ContactRole> roles;
  // Those of the roles that are a delegation's.
  std::vector<DelegatedRole> delegated;
  // Set where the person has none of the roles that the method asks for but by a delegation.
  std::optional<common::v1::OnBehalf> on_behalf;

  bool Has(common::v1::ContactRole role) const;
  // For whom the person acts who needs one of `roles`: nobody if one of them is their own.
  std::optional<common::v1::OnBehalf> OnBehalfIn(const std::vector<common::v1::ContactRole>& wanted) const;
  // The entity or service. Unlike Key() it makes no new text.
  const std::string& Name() const { return service.empty() ? entity : service; }
  // What idempotency and audit know the caller by: "entities/x" or "services/review".
  std::string Key() const;
};

struct Settings {
  // "idea.example.gov": of the SPIFFE ids that are accepted.
  std::string trust_domain = {};
  // "entities/{id}" of the Statewide CDO's office and of the Governor's Office.
  std::string cdo_entity = {};
  std::string governor_entity = {};
  // What a person's token must say: `iss` and `aud`.
  std::string token_issuer = {};
  std::string token_audience = {};
  // Folder of public keys, <kid>.pem each (RSA for RS256, P-256 for ES256). Read again when a token names a
  // kid that is not known yet, so that keys rotate without a restart.
  std::string token_keys_dir = {};
  // How far ahead of now, and of its `iat`, a token may expire.
  clock::Micros max_token_lifetime = int64_t{24} * 3600 * clock::kSecond;
};

// Reads certificates' SPIFFE ids and verifies tokens. Safe for many threads.
class Authenticator {
 public:
  Authenticator(Settings settings, const clock::Clock& clock);
  ~Authenticator();

  // The caller that a SPIFFE id stands for. CERTIFICATE_REQUIRED if it is empty, of another trust domain or
  // of another shape.
  absl::StatusOr<Caller> FromSpiffeId(std::string_view spiffe_id) const;

  // The subject of a person's token, given the `authorization` metadata: "Bearer <JWT>", one scheme, one
  // space, one token. TOKEN_INVALID unless signature, kid, alg (RS256 or ES256, as the key's type wants),
  // iss, aud, exp and, if present, nbf and iat hold, sub is not empty, the token expires within
  // Settings::max_token_lifetime, and header and claims are strict (ReadStrictPart).
  absl::StatusOr<std::string> PersonOf(std::string_view authorization) const;

 private:
  class Keys;
  Settings settings_;
  const clock::Clock& clock_;
  std::unique_ptr<Keys> keys_;
};

// A person as the registry knows them.
struct Person {
  std::string contact;
  std::string display_name;
  std::string title;
  std::vector<common::v1::ContactRole> roles;
  std::vector<DelegatedRole> delegated;
};

// Where the roles of a department's people come from: the registry's own tables there, a question to the
// registry elsewhere.
class Directory {
 public:
  virtual ~Directory() = default;
  // A person without any role is no failure. PEER_UNAVAILABLE if nobody answers.
  virtual absl::StatusOr<Person> Find(const std::string& entity, const std::string& person) = 0;
  // Whether the registry does not know the entity, or the entity has withdrawn from IDEA (agreement section
  // 13.2). PEER_UNAVAILABLE if nobody answers. A directory that cannot say admits nobody.
  virtual absl::StatusOr<bool> IsOutsider(const std::string& /*entity*/) { return true; }
};

// Whether the policy lets this kind of caller in: CALLER_NOT_ALLOWED if not. Says nothing about the person.
absl::Status CheckCaller(const common::v1::MethodPolicy& policy, const Caller& caller);

// Whether the caller has one of the roles that the policy wants: ROLE_REQUIRED with metadata `roles` if not.
absl::Status CheckPerson(const common::v1::MethodPolicy& policy, const Caller& caller);

}  // namespace idea::auth

#endif  // IDEA_COMMON_AUTH_AUTH_H_
