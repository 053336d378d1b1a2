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

// Authentication: the certificate identifies the department or service, a signed token the person.
namespace idea::auth {

// A role that a person holds only by a delegation, and the person who delegated it.
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
  // The subject of the token. Empty for a platform that acts on its own.
  std::string person;
  // From the registry. Set if the policy of the method requires a role.
  std::string contact;
  std::string person_name;
  std::string person_title;
  std::vector<common::v1::ContactRole> roles;
  // The roles that come from delegations.
  std::vector<DelegatedRole> delegated;
  // Set if the person has a role that the method requires only by a delegation.
  std::optional<common::v1::OnBehalf> on_behalf;

  bool Has(common::v1::ContactRole role) const;
  // The person on whose behalf this person acts if one of `roles` is required; nullopt if the person holds
  // one of them directly.
  std::optional<common::v1::OnBehalf> OnBehalfIn(const std::vector<common::v1::ContactRole>& wanted) const;
  // The entity or service. Unlike Key(), does not allocate.
  const std::string& Name() const { return service.empty() ? entity : service; }
  // The identity of the caller for idempotency and audit: "entities/x" or "services/review".
  std::string Key() const;
};

struct Settings {
  // The trust domain of accepted SPIFFE ids: "idea.example.gov".
  std::string trust_domain = {};
  // "entities/{id}" of the Statewide CDO's office and of the Governor's Office.
  std::string cdo_entity = {};
  std::string governor_entity = {};
  // The required `iss` and `aud` of tokens.
  std::string token_issuer = {};
  std::string token_audience = {};
  // Folder of public keys, one <kid>.pem each (RSA for RS256, P-256 for ES256). Read again when a token names
  // an unknown kid, so that keys rotate without a restart.
  std::string token_keys_dir = {};
  // The maximum time until a token expires, from now and from its `iat`.
  clock::Micros max_token_lifetime = int64_t{24} * 3600 * clock::kSecond;
};

// Reads the SPIFFE ids of certificates and verifies tokens. Thread-safe.
class Authenticator {
 public:
  Authenticator(Settings settings, const clock::Clock& clock);
  ~Authenticator();

  // The caller with a SPIFFE id. CERTIFICATE_REQUIRED if it is empty, of another trust domain or malformed.
  absl::StatusOr<Caller> FromSpiffeId(std::string_view spiffe_id) const;

  // The subject of a token in the `authorization` metadata: "Bearer <JWT>", with one scheme, one space and
  // one token. TOKEN_INVALID unless signature, kid, alg (RS256 or ES256, according to the type of the key),
  // iss, aud, exp and, if present, nbf and iat are valid, sub is not empty, the token expires within
  // Settings::max_token_lifetime, and header and claims are strict (ReadStrictPart).
  absl::StatusOr<std::string> PersonOf(std::string_view authorization) const;

 private:
  class Keys;
  Settings settings_;
  const clock::Clock& clock_;
  std::unique_ptr<Keys> keys_;
};

// A person according to the registry.
struct Person {
  std::string contact;
  std::string display_name;
  std::string title;
  std::vector<common::v1::ContactRole> roles;
  std::vector<DelegatedRole> delegated;
};

// The source of the roles of persons: in the registry its own tables, elsewhere a request to the registry.
class Directory {
 public:
  virtual ~Directory() = default;
  // A person without roles is not a failure. PEER_UNAVAILABLE if the registry does not answer.
  virtual absl::StatusOr<Person> Find(const std::string& entity, const std::string& person) = 0;
  // Whether the registry does not know the entity, or the entity has withdrawn from IDEA (agreement section
  // 13.2). PEER_UNAVAILABLE if the registry does not answer. The default admits nobody.
  virtual absl::StatusOr<bool> IsOutsider(const std::string& /*entity*/) { return true; }
};

// CALLER_NOT_ALLOWED unless the policy allows this kind of caller. Does not check the person.
absl::Status CheckCaller(const common::v1::MethodPolicy& policy, const Caller& caller);

// ROLE_REQUIRED with metadata `roles` unless the caller has one of the roles that the policy requires.
absl::Status CheckPerson(const common::v1::MethodPolicy& policy, const Caller& caller);

}  // namespace idea::auth

#endif  // IDEA_COMMON_AUTH_AUTH_H_
