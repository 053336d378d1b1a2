#ifndef IDEA_SERVICES_REGISTRY_DELEGATION_DELEGATION_ACCESS_H_
#define IDEA_SERVICES_REGISTRY_DELEGATION_DELEGATION_ACCESS_H_

#include <string>

#include "common/auth/auth.h"
#include "common/clock/clock.h"
#include "common/storage/database.h"

namespace idea::registry {

// The directory of people for the pipeline of this process. Reads the registry's tables, without a call of
// ResolvePerson.
class RegistryDirectory : public auth::Directory {
 public:
  RegistryDirectory(storage::Database& database, const clock::Clock& clock)
      : database_(database), clock_(clock) {}

  absl::StatusOr<auth::Person> Find(const std::string& entity, const std::string& person) override;
  absl::StatusOr<bool> IsOutsider(const std::string& entity) override;

 private:
  storage::Database& database_;
  const clock::Clock& clock_;
};

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_DELEGATION_DELEGATION_ACCESS_H_
