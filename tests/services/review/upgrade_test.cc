// Migrates a database of a release in which freezes had no numbers.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/review/routing_store.h"
#include "tests/support/backends.h"
#include "tests/support/matchers.h"

extern const idea::config::EmbeddedFile k_review_schema[];

namespace idea::review {
namespace {

using testing::IsOk;

constexpr char kBucp[] = "bucps/1";
const std::string kDigest(64, 'a');

v1::Routing RoutingOf(const std::string& id, v1::RoutingState state, int32_t freeze_number) {
  v1::Routing routing;
  routing.set_name("routings/" + id);
  routing.set_bucp(kBucp);
  routing.set_digest(kDigest);
  routing.add_recipients("entities/department-x");
  routing.set_state(state);
  routing.set_freeze_number(freeze_number);
  routing.set_etag("1");
  return routing;
}

// A routing as the release before stored it.
absl::Status StoreAsBefore(storage::Transaction& db, const std::string& id, v1::RoutingState state,
                           int64_t created) {
  return db
      .Execute(
          "INSERT INTO routings (id, bucp, digest, state, version, created, body) "
          "VALUES ($1, $2, $3, $4, 1, $5, $6)",
          {id, std::string(kBucp), kDigest, int64_t{state}, created,
           storage::Blob{RoutingOf(id, state, 0).SerializeAsString()}})
      .status();
}

using Upgrade = testing::OnBackend;

TEST_P(Upgrade, KeepsRoutingsWithoutANumberAndAllowsOneForEachNumberedFreeze) {
  const config::EmbeddedFile earlier[] = {k_review_schema[0], k_review_schema[1], {nullptr, nullptr}};
  ASSERT_THAT(storage::Migrate(database(), "review", earlier), IsOk());
  ASSERT_THAT(database().Write([](storage::Transaction& db) -> absl::Status {
    RETURN_IF_ERROR(StoreAsBefore(db, "closed", v1::ROUTING_STATE_CLOSED, 1));
    return StoreAsBefore(db, "open", v1::ROUTING_STATE_SPONSORS, 2);
  }),
              IsOk());
  ASSERT_THAT(storage::Migrate(database(), "review", k_review_schema), IsOk());
  ASSERT_THAT(database().Write([](storage::Transaction& db) -> absl::Status {
    // A command without a number finds the open routing.
    ASSIGN_OR_RETURN(const auto open, FindOpenRouting(db, kBucp, 0, kDigest));
    EXPECT_TRUE(open && open->name() == "routings/open");
    ASSIGN_OR_RETURN(const auto numbered, FindOpenRouting(db, kBucp, 1, kDigest));
    EXPECT_FALSE(numbered);
    ASSIGN_OR_RETURN(const auto last, FindLastRouting(db, kBucp));
    EXPECT_TRUE(last && last->name() == "routings/open");
    v1::Routing changed = *open;
    changed.set_state(v1::ROUTING_STATE_CLOSED);
    RETURN_IF_ERROR(SaveRouting(db, v1::ROUTING_STATE_SPONSORS, changed));
    // The next freeze is the first one with a number and follows all of these.
    v1::Routing next = RoutingOf("next", v1::ROUTING_STATE_OPINIONS, 1);
    RETURN_IF_ERROR(InsertRouting(db, next));
    ASSIGN_OR_RETURN(const auto now, FindLastRouting(db, kBucp));
    EXPECT_TRUE(now && now->name() == "routings/next");
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_FALSE(database()
                   .Write([](storage::Transaction& db) {
                     v1::Routing twice = RoutingOf("twice", v1::ROUTING_STATE_OPINIONS, 1);
                     return InsertRouting(db, twice);
                   })
                   .ok());
}

INSTANTIATE_TEST_SUITE_P(Every, Upgrade, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::review
