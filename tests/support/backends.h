#ifndef IDEA_TESTS_SUPPORT_BACKENDS_H_
#define IDEA_TESTS_SUPPORT_BACKENDS_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/storage/database.h"

// The database engines for store tests. TEST_POSTGRES has the postgresql:// addresses of PostgreSQL servers,
// separated by spaces: one for each test that ctest runs concurrently.
namespace idea::testing {

// "sqlite" (a file) and "postgres".
std::vector<std::string> Backends();

// Why the backend cannot be tested here; empty if it can.
std::string WhyNot(const std::string& backend);

// A location for a database, removed with this object: a temporary folder, or a PostgreSQL schema. Close its
// databases first.
class Place {
 public:
  // In addition to Backends(), "memory" is allowed.
  explicit Place(const std::string& backend);
  ~Place();
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  // The address for storage::Open(), any number of times. In memory, each one is another database.
  const std::string& address() const { return address_; }

 private:
  std::string address_;
  std::function<void()> remove_;
};

// An empty database that is removed with this object.
std::unique_ptr<storage::Database> Fresh(const std::string& backend);

// A test that runs on each backend, and is skipped with the reason if the backend is missing:
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

// The same for tests that all use the same tables: on PostgreSQL, where creating them takes longer than most
// tests, they are emptied instead. A test fails if a SELECT that it caused would scan a large table.
class OnMigrated : public OnBackend {
 protected:
  void SetUp() override;
  void TearDown() override;
};

// Locations for the databases of several services, in the form of the setting IDEA_DATABASE: {service} is
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
