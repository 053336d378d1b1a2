#ifndef IDEA_COMMON_SERVER_DIRECTORY_H_
#define IDEA_COMMON_SERVER_DIRECTORY_H_

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "common/auth/auth.h"
#include "common/clock/clock.h"
#include "common/rpc/peer_client.h"

namespace idea::server {

// The directory of all services but the registry: asks the registry (ResolvePerson, ConfirmSignatories) and
// caches the answer for a short time.
class PeerDirectory : public auth::Directory {
 public:
  PeerDirectory(rpc::PeerClient peers, const clock::Clock& clock, clock::Micros believe);
  absl::StatusOr<auth::Person> Find(const std::string& entity, const std::string& person) override;
  absl::StatusOr<bool> IsOutsider(const std::string& entity) override;

 private:
  struct CacheEntry {
    auth::Person person;
    clock::Moment at;
  };

  const rpc::PeerClient peers_;
  const clock::Clock& clock_;
  const clock::Micros believe_;
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, CacheEntry> cache_;
  // When the registry confirmed that an entity is not an outsider.
  std::map<std::string, clock::Moment> insiders_;
};

}  // namespace idea::server

#endif  // IDEA_COMMON_SERVER_DIRECTORY_H_
