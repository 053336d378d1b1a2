// A database with drafts from an earlier release is upgraded.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "services/drafting/bucp/bucp_store.h"
#include "tests/support/backends.h"
#include "tests/support/matchers.h"

extern const idea::config::EmbeddedFile k_events_schema[];
extern const idea::config::EmbeddedFile k_drafting_schema[];

namespace idea::drafting {
namespace {

using testing::IsOk;

const std::string kRecipient = "entities/department-x";
const std::string kProvider = "entities/department-y";

// Rows that the previous release wrote for a draft, and for sending it.
absl::Status StoreAsBefore(storage::Transaction& db, const std::string& id, v1::State state, bool sent) {
  v1::Bucp bucp;
  bucp.set_name("bucps/" + id);
  bucp.set_state(state);
  bucp.set_etag("1");
  RETURN_IF_ERROR(
      db.Execute("INSERT INTO bucps (id, state, version, title, disputed, created, body, content) "
                 "VALUES ($1, $2, 1, 'Food aid', 0, 5, $3, $4)",
                 {id, int64_t{state}, storage::Blob{bucp.SerializeAsString()}, storage::Blob{std::string()}})
          .status());
  const std::pair<std::string, int64_t> rows[] = {{"", 0}, {kRecipient, 1}, {kProvider, 2}};
  for (const auto& [entity, roles] : rows) {
    RETURN_IF_ERROR(
        db.Execute("INSERT INTO bucp_list (entity, bucp, roles, state, disputed, created, updated, "
                   "title) VALUES ($1, $2, $3, $4, 0, 5, 5, 'Food aid')",
                   {std::string(entity), id, roles, int64_t{state}})
            .status());
  }
  if (!sent) return absl::OkStatus();
  return db
      .Execute(
          "INSERT INTO events (txid, event_id, type, subject, bucp, time, body) "
          "VALUES (1, $1, 'BucpSent', $2, $2, 6, $3)",
          {"event-" + id, bucp.name(), storage::Blob{std::string()}})
      .status();
}

std::vector<std::string> NamesListed(storage::Transaction& db, auth::Visibility visibility) {
  const auto listed = ListBucps(db, {}, visibility);
  EXPECT_THAT(listed, IsOk());
  std::vector<std::string> names;
  if (listed.ok()) {
    for (const v1::Bucp& bucp : listed->bucps()) names.push_back(bucp.name());
  }
  return names;
}

using Upgrade = testing::OnBackend;

TEST_P(Upgrade, HidesUnsentDraftsFromTheirProviders) {
  std::vector<config::EmbeddedFile> earlier(k_drafting_schema, k_drafting_schema + 5);
  earlier.push_back({nullptr, nullptr});
  ASSERT_THAT(storage::Migrate(database(), "events", k_events_schema), IsOk());
  ASSERT_THAT(storage::Migrate(database(), "drafting", earlier.data()), IsOk());
  ASSERT_THAT(database().Write([](storage::Transaction& db) -> absl::Status {
    RETURN_IF_ERROR(StoreAsBefore(db, "draft", v1::STATE_DRAFT, false));
    RETURN_IF_ERROR(StoreAsBefore(db, "withdrawn", v1::STATE_WITHDRAWN, false));
    RETURN_IF_ERROR(StoreAsBefore(db, "withdrawn-later", v1::STATE_WITHDRAWN, true));
    return StoreAsBefore(db, "sent", v1::STATE_SENT, true);
  }),
              IsOk());
  ASSERT_THAT(storage::Migrate(database(), "drafting", k_drafting_schema), IsOk());

  ASSERT_THAT(database().Write([](storage::Transaction& db) -> absl::Status {
    EXPECT_EQ(NamesListed(db, auth::Visibility::Of(kRecipient)).size(), 4u);
    EXPECT_EQ(NamesListed(db, auth::Visibility::All()).size(), 4u);
    EXPECT_THAT(NamesListed(db, auth::Visibility::Of(kProvider)),
                ::testing::UnorderedElementsAre("bucps/sent", "bucps/withdrawn-later"));
    return absl::OkStatus();
  }),
              IsOk());
}

INSTANTIATE_TEST_SUITE_P(Every, Upgrade, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::drafting
