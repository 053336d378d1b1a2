#include <algorithm>
#include <functional>
#include <memory>
#include <string>

#include "tests/services/registry/bulk_entities.h"
#include "tests/services/registry/registry_fixture.h"

// A read of 10,000 entities and 100,000 contacts takes as many statements as one of ten.
namespace idea::registry {
namespace {

using testing::IsOk;

// Counts the statements of a database.
class CountingDatabase : public storage::Database {
 public:
  explicit CountingDatabase(storage::Database& inner) : inner_(inner) {}

  absl::Status Read(const storage::Body& body) override { return inner_.Read(Counted(body)); }
  absl::Status Write(const storage::Body& body, storage::Lane lane) override {
    return inner_.Write(Counted(body), lane);
  }
  int Parallelism() const override { return inner_.Parallelism(); }

  // The number of statements of `work`.
  int During(const std::function<void()>& work) {
    const int before = statements_;
    work();
    return statements_ - before;
  }

 private:
  class Counting : public storage::Transaction {
   public:
    Counting(storage::Transaction& inner, int& statements) : inner_(inner), statements_(statements) {}
    absl::StatusOr<storage::Rows> Query(std::string_view sql, const storage::Args& args) override {
      ++statements_;
      return inner_.Query(sql, args);
    }
    absl::StatusOr<int64_t> Execute(std::string_view sql, const storage::Args& args) override {
      ++statements_;
      return inner_.Execute(sql, args);
    }
    absl::Status ExecuteDeferred(std::string_view sql, const storage::Args& args,
                                 const storage::RowCheck& verdict) override {
      ++statements_;
      return inner_.ExecuteDeferred(sql, args, verdict);
    }
    storage::Engine engine() const override { return inner_.engine(); }
    absl::StatusOr<storage::Location> FindLocation() override { return inner_.FindLocation(); }

   private:
    storage::Transaction& inner_;
    int& statements_;
  };

  storage::Body Counted(const storage::Body& body) {
    return [this, body](storage::Transaction& db) {
      Counting counting(db, statements_);
      return body(counting);
    };
  }

  storage::Database& inner_;
  int statements_ = 0;
};

class RegistryScale : public testing::OnMigrated {
 protected:
  void SetUp() override {
    OnMigrated::SetUp();
    if (IsSkipped()) return;
    counting_ = std::make_unique<CountingDatabase>(database());
    registry_ = std::make_unique<RegistryHarness>(env_, *counting_);
    ASSERT_THAT(database().Write(&FillWithBulkEntities), IsOk());
  }
  template <class Response, class Request>
  int StatementsOf(const Request& request, Response* response) {
    return counting_->During([&] {
      const auto answer = registry_->harness().Ask<Response>(testing::At("entities/e1"), request);
      ASSERT_THAT(answer, IsOk());
      *response = *answer;
    });
  }

  testing::TestEnv env_;
  std::unique_ptr<CountingDatabase> counting_;
  std::unique_ptr<RegistryHarness> registry_;
};

TEST_P(RegistryScale, ServesEachReadWithAFixedNumberOfStatements) {
  v1::ListEntitiesRequest entities;
  v1::ListEntitiesResponse page;
  entities.set_filter("parent = \"entities/e1\"");
  for (const int size : {1, 1000}) {
    entities.set_page_size(size);
    EXPECT_EQ(StatementsOf(entities, &page), 4);
    EXPECT_EQ(page.entities_size(), size);
  }
  EXPECT_EQ(page.entities(999).parent(), "entities/e1");

  v1::ConfirmSignatoriesResponse confirmed;
  for (const int size : {1, 500}) {
    v1::ConfirmSignatoriesRequest confirm;
    for (int i = 0; i < size; ++i) confirm.add_entities("entities/e" + std::to_string(20 * i + 7));
    EXPECT_EQ(StatementsOf(confirm, &confirmed), 1);
  }
  EXPECT_EQ(confirmed.confirmations(0).standing(), v1::SIGNATORY_STANDING_OWN_SIGNATURE);
  EXPECT_EQ(confirmed.confirmations(499).standing(), v1::SIGNATORY_STANDING_COVERED_BY_AGENCY);

  v1::ListContactsRequest contacts;
  v1::ListContactsResponse people;
  contacts.set_parent("entities/e1");
  contacts.set_filter("role = CONTACT_ROLE_LEGAL");
  for (const int size : {1, 1000}) {
    contacts.set_page_size(size);
    EXPECT_EQ(StatementsOf(contacts, &people), 2);
    EXPECT_EQ(people.contacts_size(), size);
  }

  v1::SearchEntitiesRequest search;
  v1::SearchEntitiesResponse found;
  search.set_query("departmnet 77");
  for (const int most : {1, 100}) {
    search.set_max_results(most);
    EXPECT_EQ(StatementsOf(search, &found), 5);
    EXPECT_EQ(found.matches_size(), most);
  }
  EXPECT_EQ(found.matches(0).entity().name(), "entities/e77");

  v1::ExportEntitiesResponse exported;
  EXPECT_EQ(StatementsOf(v1::ExportEntitiesRequest(), &exported), 5);
  EXPECT_EQ(std::count(exported.csv().begin(), exported.csv().end(), '\n'), 10'001);
}

INSTANTIATE_TEST_SUITE_P(Every, RegistryScale, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::registry
