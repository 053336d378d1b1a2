#ifndef IDEA_TESTS_SUPPORT_BACKENDS_H_
#define IDEA_TESTS_SUPPORT_BACKENDS_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/storage/database.h"

// The database engines that store tests run on. TEST_POSTGRES names servers of PostgreSQL by their
// postgresql:// addresses, a space between them: one for each test that ctest runs at a time.
namespace idea::testing {

// "sqlite" (a file) and "postgres".
std::vector<std::string> Backends();

// Why the backend cannot be tested here; empty if it can.
std::string WhyNot(const std::string& backend);

// A place for a database that is gone with this object: a temporary folder, or a schema of its own in
// PostgreSQL. Close the databases opened on it first.
class Place {
 public:
  // Besides Backends() there is "memory".
  explicit Place(const std::string& backend);
  ~Place();
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  // For storage::Open, as often as you like; each time another database in memory.
  const std::string& address() const { return address_; }

 private:
  std::string address_;
  std::function<void()> remove_;
};

// An empty database that is removed with the object.
std::unique_ptr<storage::Database> Fresh(const std::string& backend);

// A test that runs on each backend, and is skipped aloud where there is none:
//   using InboxStore = OnBackend;
//   TEST_P(InboxStore, KeepsTheOrder) { ... database() ... }
//   INSTANTIATE_TEST_SUITE_P(Every, InboxStore, ::testing::ValuesIn(Backends()), BackendName);
class OnBackend : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override;
  // Empty at the start of each test.
  storage::Database& database() { return *database_; }
  // Its address, for another connection.
  std::string address() const;

  std::shared_ptr<storage::Database> database_;
};

// The same for tests that all migrate to the same tables: on PostgreSQL, where that takes longer than most of
// them, those of the test before are there, empty.
class OnMigrated : public OnBackend {
 protected:
  void SetUp() override;
};

// Places for the databases of several services, as the setting IDEA_DATABASE names them: {service} is
// replaced.
class Places {
 public:
  Places(const std::string& backend, const std::vector<std::string>& services);
  ~Places();
  Places(const Places&) = delete;
  Places& operator=(const Places&) = delete;

  const std::string& address() const { return address_; }

 private:
  std::string address_;
  std::function<void()> remove_;
};

std::string BackendName(const ::testing::TestParamInfo<std::string>& info);

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_BACKENDS_H_
