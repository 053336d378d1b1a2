#include <algorithm>

#include "common/auth/auth.h"
#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "common/status/status.h"

namespace idea::auth {
namespace {

using status::Error;
using status::Reason;

constexpr size_t kMaxSpiffeIdLength = 2048;

bool IsDepartment(common::v1::CallerKind kind) {
  return kind == common::v1::CALLER_KIND_ENTITY || kind == common::v1::CALLER_KIND_CDO ||
         kind == common::v1::CALLER_KIND_GOVERNOR;
}

// Readable, for refusals.
std::string NameOf(common::v1::CallerKind kind) {
  switch (kind) {
    case common::v1::CALLER_KIND_ENTITY:
      return "departments";
    case common::v1::CALLER_KIND_SERVICE:
      return "peer services";
    case common::v1::CALLER_KIND_CDO:
      return "the Statewide CDO's office";
    case common::v1::CALLER_KIND_GOVERNOR:
      return "the Governor's Office";
    default:
      return "nobody";
  }
}

// Whether `path` consists of one or more segments of a resource name.
bool IsPath(std::string_view path) {
  const size_t slash = path.find('/');
  if (!ids::MatchesPattern(path.substr(0, slash), "*")) return false;
  return slash == std::string_view::npos || IsPath(path.substr(slash + 1));
}

// Removes `prefix` from the front of `text`; false if it does not start with it.
bool Consume(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

Error CertificateRequired(std::string_view wanted) {
  return Error(Reason::ERROR_REASON_CERTIFICATE_REQUIRED, wanted);
}

}  // namespace

bool Caller::Has(common::v1::ContactRole role) const {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

std::optional<common::v1::OnBehalf> Caller::OnBehalfIn(
    const std::vector<common::v1::ContactRole>& wanted) const {
  std::optional<common::v1::OnBehalf> found;
  for (const common::v1::ContactRole role : wanted) {
    if (!Has(role)) continue;
    const auto by_delegation = std::find_if(delegated.begin(), delegated.end(),
                                            [&](const DelegatedRole& one) { return one.role == role; });
    if (by_delegation == delegated.end()) return std::nullopt;
    if (!found) found = by_delegation->on_behalf;
  }
  return found;
}

std::string Caller::Key() const {
  return kind == common::v1::CALLER_KIND_SERVICE ? ids::kServices.Name(service) : entity;
}

absl::StatusOr<Caller> Authenticator::FromSpiffeId(std::string_view spiffe_id) const {
  std::string_view rest = spiffe_id;
  if (rest.empty()) return CertificateRequired("a client certificate with a SPIFFE id is required");
  if (rest.size() > kMaxSpiffeIdLength || settings_.trust_domain.empty() || !Consume(rest, "spiffe://") ||
      !Consume(rest, settings_.trust_domain) || !Consume(rest, "/")) {
    return CertificateRequired("the certificate is of another trust domain");
  }
  Caller caller;
  if (Consume(rest, "service/") && ids::MatchesPattern(rest, "*")) {
    caller.kind = common::v1::CALLER_KIND_SERVICE;
    caller.service = std::string(rest);
    return caller;
  }
  if (Consume(rest, "entity/") && IsPath(rest)) {
    caller.entity.append("entities/").append(rest.substr(0, rest.find('/')));
    caller.kind = caller.entity == settings_.cdo_entity        ? common::v1::CALLER_KIND_CDO
                  : caller.entity == settings_.governor_entity ? common::v1::CALLER_KIND_GOVERNOR
                                                               : common::v1::CALLER_KIND_ENTITY;
    return caller;
  }
  return CertificateRequired("the SPIFFE id must end in /entity/{id} or /service/{name}");
}

absl::Status CheckCaller(const common::v1::MethodPolicy& policy, const Caller& caller) {
  for (const int kind : policy.callers()) {
    switch (kind) {
      case common::v1::CALLER_KIND_ENTITY:
        // The offices of the CDO and the Governor exchange data as departments do.
        if (IsDepartment(caller.kind)) return absl::OkStatus();
        break;
      case common::v1::CALLER_KIND_CDO:
      case common::v1::CALLER_KIND_GOVERNOR:
        if (caller.kind == kind) return absl::OkStatus();
        break;
      case common::v1::CALLER_KIND_SERVICE:
        if (caller.kind == kind && std::find(policy.services().begin(), policy.services().end(),
                                             caller.service) != policy.services().end()) {
          return absl::OkStatus();
        }
        break;
      default:
        break;
    }
  }
  std::string wanted;
  for (const int kind : policy.callers()) {
    wanted += (wanted.empty() ? "" : " or ") + NameOf(static_cast<common::v1::CallerKind>(kind));
  }
  return Error(Reason::ERROR_REASON_CALLER_NOT_ALLOWED, "only " + wanted + " may call this");
}

absl::Status CheckPerson(const common::v1::MethodPolicy& policy, const Caller& caller) {
  if (policy.person().empty() || caller.kind == common::v1::CALLER_KIND_SERVICE) return absl::OkStatus();
  if (caller.person.empty()) {
    return Error(Reason::ERROR_REASON_TOKEN_REQUIRED, "the step requires a person: send a token");
  }
  std::string wanted;
  for (const int number : policy.person()) {
    const auto role = static_cast<common::v1::ContactRole>(number);
    if (caller.Has(role)) return absl::OkStatus();
    wanted += (wanted.empty() ? "" : ",") + common::v1::ContactRole_Name(role);
  }
  return Error(Reason::ERROR_REASON_ROLE_REQUIRED,
               "the person must be a contact of the entity with a role of the step")
      .With("roles", wanted);
}

}  // namespace idea::auth
