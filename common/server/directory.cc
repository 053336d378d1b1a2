#include "common/server/directory.h"

#include "common/status/status.h"
#include "idea/registry/v1/registry.pb.h"

namespace idea::server {

// The question must not eat the caller's whole deadline.
constexpr std::chrono::milliseconds kAskTimeout{2000};
constexpr size_t kMaxKnown = 10'000;

PeerDirectory::PeerDirectory(std::function<rpc::Peer&()> registry, const clock::Clock& clock,
                             clock::Micros believe)
    : registry_(std::move(registry)), clock_(clock), believe_(believe) {}

absl::StatusOr<auth::Person> PeerDirectory::Find(const std::string& entity, const std::string& person) {
  const std::pair key(entity, person);
  {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(key);
    if (found != known_.end() && clock_.IsWithin(believe_, found->second.at)) return found->second.person;
  }
  const clock::Moment asked = clock_.Look();
  registry::v1::ResolvePersonRequest request;
  request.set_entity(entity);
  request.set_person(person);
  ASSIGN_OR_RETURN(const auto answer, registry_().Ask<registry::v1::ResolvePersonResponse>(
                                          rpc::NewContext(kAskTimeout), request));
  auth::Person resolved{answer.contact(), answer.display_name(), answer.title(), {}, {}};
  for (const int role : answer.roles()) resolved.roles.push_back(static_cast<common::v1::ContactRole>(role));
  for (const registry::v1::DelegatedRole& one : answer.delegated_roles())
    resolved.delegated.push_back({one.role(), one.on_behalf()});
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kMaxKnown) known_.clear();
  // Only a person who has a role is remembered: one who is being given a role need not wait.
  if (!resolved.roles.empty()) known_[key] = {resolved, asked};
  return resolved;
}

absl::StatusOr<bool> PeerDirectory::IsOutsider(const std::string& entity) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = insiders_.find(entity);
    if (found != insiders_.end() && clock_.IsWithin(believe_, found->second)) return false;
  }
  const clock::Moment asked = clock_.Look();
  registry::v1::ConfirmSignatoriesRequest request;
  request.add_entities(entity);
  ASSIGN_OR_RETURN(const auto answer, registry_().Ask<registry::v1::ConfirmSignatoriesResponse>(
                                          rpc::NewContext(kAskTimeout), request));
  if (answer.confirmations().empty()) return true;
  const registry::v1::SignatoryConfirmation& confirmation = answer.confirmations(0);
  if (confirmation.withdrawn() || confirmation.standing() == registry::v1::SIGNATORY_STANDING_UNKNOWN)
    return true;
  const std::lock_guard lock(mutex_);
  if (insiders_.size() >= kMaxKnown) insiders_.clear();
  // An outsider is not remembered: one that is being admitted need not wait.
  insiders_[entity] = asked;
  return false;
}

}  // namespace idea::server
