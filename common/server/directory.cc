#include "common/server/directory.h"

#include "common/server/registry_client.h"
#include "common/status/status.h"

namespace idea::server {

// The request must not use up the deadline of the caller.
constexpr std::chrono::milliseconds kTimeout{2000};
constexpr size_t kMaxEntries = 10'000;

PeerDirectory::PeerDirectory(rpc::PeerClient peers, const clock::Clock& clock, clock::Micros believe)
    : peers_(std::move(peers)), clock_(clock), believe_(believe) {}

absl::StatusOr<auth::Person> PeerDirectory::Find(const std::string& entity, const std::string& person) {
  const std::pair key(entity, person);
  {
    const std::lock_guard lock(mutex_);
    const auto found = cache_.find(key);
    if (found != cache_.end() && clock_.IsWithin(believe_, found->second.at)) return found->second.person;
  }
  const clock::Moment asked = clock_.Read();
  ASSIGN_OR_RETURN(const auto answer,
                   RegistryClient(peers_, rpc::NewContext(kTimeout)).ResolvePerson(entity, person));
  auth::Person resolved{answer.contact(), answer.display_name(), answer.title(), {}, {}};
  for (const int role : answer.roles()) resolved.roles.push_back(static_cast<common::v1::ContactRole>(role));
  for (const registry::v1::DelegatedRole& one : answer.delegated_roles())
    resolved.delegated.push_back({one.role(), one.on_behalf()});
  const std::lock_guard lock(mutex_);
  if (cache_.size() >= kMaxEntries) cache_.clear();
  // Persons without a role are not cached, so that a new role takes effect at once.
  if (!resolved.roles.empty()) cache_[key] = {resolved, asked};
  return resolved;
}

absl::StatusOr<bool> PeerDirectory::IsOutsider(const std::string& entity) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = insiders_.find(entity);
    if (found != insiders_.end() && clock_.IsWithin(believe_, found->second)) return false;
  }
  const clock::Moment asked = clock_.Read();
  ASSIGN_OR_RETURN(const auto answer,
                   RegistryClient(peers_, rpc::NewContext(kTimeout)).ConfirmSignatories({entity}));
  if (answer.confirmations().empty()) return true;
  const registry::v1::SignatoryConfirmation& confirmation = answer.confirmations(0);
  if (confirmation.withdrawn() || confirmation.standing() == registry::v1::SIGNATORY_STANDING_UNKNOWN)
    return true;
  const std::lock_guard lock(mutex_);
  if (insiders_.size() >= kMaxEntries) insiders_.clear();
  // Outsiders are not cached, so that an admission takes effect at once.
  insiders_[entity] = asked;
  return false;
}

}  // namespace idea::server
