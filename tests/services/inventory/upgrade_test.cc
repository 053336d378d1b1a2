// Migrates the database of each earlier release, with filings in it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "services/inventory/filing/filing_store.h"
#include "services/inventory/filing/statistics_store.h"
#include "tests/support/backends.h"
#include "tests/support/matchers.h"

extern const idea::config::EmbeddedFile k_inventory_schema[];

namespace idea::inventory {
namespace {

using testing::IsOk;
using testing::IsOkAndHolds;

constexpr char kProvider[] = "entities/department-y";
constexpr clock::Micros kDrafted = 1000 * clock::kDay;
constexpr clock::Micros kExecuted = 1050 * clock::kDay;
constexpr clock::Micros kFiled = 1060 * clock::kDay;

// The schema of the release with the first `count` files.
std::vector<config::EmbeddedFile> Earlier(size_t count) {
  std::vector<config::EmbeddedFile> files(k_inventory_schema, k_inventory_schema + count);
  files.push_back({nullptr, nullptr});
  return files;
}

size_t FilesOfSchema() {
  size_t count = 0;
  while (k_inventory_schema[count].name != nullptr) ++count;
  return count;
}

v1::Filing Filed() {
  v1::Filing filing;
  filing.set_name("filings/1");
  filing.set_bucp("bucps/1");
  filing.set_title("Food aid");
  filing.add_providers(kProvider);
  filing.set_state(v1::FILING_STATE_FILED);
  filing.set_etag("1");
  *filing.mutable_draft_time() = clock::ToProto(kDrafted);
  *filing.mutable_execute_time() = clock::ToProto(kExecuted);
  *filing.mutable_file_time() = clock::ToProto(kFiled);
  return filing;
}

// Stores a filing as the release with the first `files` files of the schema did.
absl::Status Store(storage::Transaction& db, size_t files, const v1::Filing& filing, const v1::Terms& terms) {
  RETURN_IF_ERROR(db.Execute("INSERT INTO filings (id, bucp, title, state, version, created, body) VALUES "
                             "('1', 'bucps/1', 'Food aid', 2, 1, 5, $1)",
                             {storage::Blob{filing.SerializeAsString()}})
                      .status());
  if (files >= 3) {
    RETURN_IF_ERROR(db.Execute("INSERT INTO filing_terms (filing, body) VALUES ('1', $1)",
                               {storage::Blob{terms.SerializeAsString()}})
                        .status());
  }
  if (files < 5) {
    return db
        .Execute("INSERT INTO filing_parties (entity, filing) VALUES ($1, '1')", {std::string(kProvider)})
        .status();
  }
  for (const char* entity : {"", kProvider}) {
    RETURN_IF_ERROR(
        db.Execute(
              "INSERT INTO filing_list (entity, filing, roles, state, disputed, created, drafted, executed, "
              "filed, ends, title, bucp) VALUES ($1, '1', 2, 2, 0, 5, $2, $3, $4, 9223372036854775807, "
              "'Food aid', 'bucps/1')",
              {std::string(entity), kDrafted, kExecuted, kFiled})
            .status());
  }
  return absl::OkStatus();
}

using Upgrade = testing::OnBackend;

TEST_P(Upgrade, KeepsTheFilingsOfEveryEarlierRelease) {
  v1::Terms terms;
  terms.set_name("filings/1/terms");
  terms.add_data_elements("County");
  // All other tests use the newest release.
  for (size_t files = 1; files <= 8; ++files) {
    SCOPED_TRACE(k_inventory_schema[files - 1].name);
    const auto fresh = testing::Fresh(GetParam());
    ASSERT_THAT(storage::Migrate(*fresh, "inventory", Earlier(files).data()), IsOk());
    ASSERT_THAT(fresh->Write([&](storage::Transaction& db) { return Store(db, files, Filed(), terms); }),
                IsOk());
    ASSERT_THAT(storage::Migrate(*fresh, "inventory", k_inventory_schema), IsOk());

    const std::string provider = kProvider, stranger = "entities/stranger";
    ASSERT_THAT(fresh->Write([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(const v1::ListFilingsResponse own,
                       ListFilings(db, {}, auth::Visibility::Of(provider)));
      EXPECT_EQ(own.filings_size(), 1);
      ASSIGN_OR_RETURN(const v1::ListFilingsResponse strange,
                       ListFilings(db, {}, auth::Visibility::Of(stranger)));
      EXPECT_EQ(strange.filings_size(), 0);
      EXPECT_THAT(CountVisible(db, auth::Visibility::Of(provider)), IsOkAndHolds(1));
      // The exchange check loads these.
      ASSIGN_OR_RETURN(const std::vector<FilingAndTerms> all, ReadFilingsAfter(db, "filings/", 10));
      EXPECT_EQ(all.size(), 1u);
      ASSIGN_OR_RETURN(FilingAndTerms one, FindFilingAndTerms(db, "filings/1"));
      EXPECT_EQ(one.terms.data_elements_size(), files < 3 ? 0 : 1);
      // Before the fifth file no column has the time of execution.
      if (files >= 5) {
        ASSIGN_OR_RETURN(const auto counted, CountFilings(db, kExecuted, kExecuted + clock::kDay, kProvider));
        EXPECT_EQ(counted.size(), 1u);
        EXPECT_EQ(counted.at(0).executed(), 1);
        EXPECT_EQ(counted.at(0).mean_days_to_execution(), 50);
        EXPECT_EQ(counted.at(0).mean_days_to_filing(), 10);
      }
      // It counts as filed even if its list rows do not say so.
      std::string next;
      ASSIGN_OR_RETURN(const std::vector<v1::Filing> unfiled,
                       ListUnfiled(db, {}, auth::Visibility::Of(provider), next));
      EXPECT_EQ(unfiled.size(), 0u);
      one.filing.set_state(v1::FILING_STATE_ENDED);
      RETURN_IF_ERROR(SaveFiling(db, v1::FILING_STATE_FILED, one.filing));
      ASSIGN_OR_RETURN(const std::vector<v1::Filing> late,
                       ListUnfiled(db, {}, auth::Visibility::Of(provider), next));
      EXPECT_EQ(late.size(), 0u);
      return absl::OkStatus();
    }),
                IsOk());
  }
  EXPECT_EQ(FilesOfSchema(), 18u) << "a new file: extend Store() for filings of the release before it";
}

INSTANTIATE_TEST_SUITE_P(Every, Upgrade, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::inventory
