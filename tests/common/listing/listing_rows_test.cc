#include <set>

#include "common/listing/listing.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "tests/support/backends.h"
#include "tests/support/matchers.h"

namespace idea::listing {
namespace {

using drafting::v1::ListBucpsRequest;
using idea::testing::BackendName;
using idea::testing::Backends;
using idea::testing::IsOk;
using idea::testing::OnBackend;
using storage::Args;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::ValuesIn;
using Ids = std::vector<std::string>;

// Pages through a real table of each engine.
class Listing : public OnBackend {
 protected:
  void SetUp() override {
    OnBackend::SetUp();
    if (IsSkipped()) return;
    Run("CREATE TABLE things (id TEXT PRIMARY KEY, created BIGINT NOT NULL, title TEXT NOT NULL, state "
        "BIGINT NOT NULL)",
        {});
  }

  void Run(const std::string& sql, const Args& args) {
    ASSERT_THAT(database().Write([&](storage::Transaction& db) { return db.Execute(sql, args).status(); }),
                IsOk());
  }
  void Add(const std::string& id, int64_t created, const std::string& title = "", int64_t state = 1) {
    Run("INSERT INTO things (id, created, title, state) VALUES ($1, $2, $3, $4)",
        {id, created, title, state});
  }

  // One page; moves the request to the next.
  Ids Turn(ListBucpsRequest& request, const Spec& spec) {
    Ids ids;
    const auto read = [&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(const Page page, Plan(spec, request, "state < $1", {int64_t{100}}));
      const std::string sql =
          "SELECT " + std::string(spec.order_column) + ", id FROM things WHERE " + page.where + page.tail;
      ASSIGN_OR_RETURN(storage::Rows rows, db.Query(sql, page.args));
      request.set_page_token(page.Finish(rows, 0, 1));
      for (const auto& row : rows) ids.push_back(row.Text(1));
      return absl::OkStatus();
    };
    EXPECT_THAT(database().Read(read), IsOk());
    return ids;
  }
  Ids Find(const std::string& filter) {
    ListBucpsRequest request;
    request.set_filter(filter);
    return Turn(request, newest_first_);
  }

  const std::vector<Field> fields_ = {{"title", "title", Kind::kText},
                                      {"state", "state", Kind::kEnum, drafting::v1::State_descriptor()}};
  const Spec newest_first_ = {fields_, "created", false, "id", true};
  const Spec by_title_ = {fields_, "title", true, "id", false};
};

TEST_P(Listing, VisitsEveryRowOnceThoughManyAreEqual) {
  std::multiset<std::string> all;
  for (int i = 0; i < 25; ++i) {
    Add("t" + std::to_string(i), i / 10, "title " + std::to_string(i % 3));
    all.insert("t" + std::to_string(i));
  }
  for (const Spec& spec : {newest_first_, by_title_}) {
    for (int size : {1, 7, 25}) {
      ListBucpsRequest request;
      request.set_page_size(size);
      std::multiset<std::string> seen;
      do {
        for (const auto& id : Turn(request, spec)) seen.insert(id);
      } while (!request.page_token().empty());
      EXPECT_EQ(seen, all) << size;
    }
  }
}

TEST_P(Listing, NeitherRepeatsNorHidesRowsWhileOthersComeAndGo) {
  for (int i = 1; i <= 6; ++i) Add("t" + std::to_string(i), i * 10);
  ListBucpsRequest request;
  request.set_page_size(2);
  EXPECT_THAT(Turn(request, newest_first_), ElementsAre("t6", "t5"));
  Add("newer", 1000);
  Add("equal-but-later-in-order", 50);
  Run("DELETE FROM things WHERE id = $1", {std::string("t5")});
  EXPECT_THAT(Turn(request, newest_first_), ElementsAre("equal-but-later-in-order", "t4"));
  Run("DELETE FROM things WHERE id = $1", {std::string("t4")});
  EXPECT_THAT(Turn(request, newest_first_), ElementsAre("t3", "t2"));
  EXPECT_THAT(Turn(request, newest_first_), ElementsAre("t1"));
  EXPECT_EQ(request.page_token(), "");
}

TEST_P(Listing, Filters) {
  Add("a", 1, "CalFresh Match", 1);
  Add("b", 2, "100% of food_stamps", 2);
  Add("c", 3, "o'Brien \\ \"quoted\"", 2);
  EXPECT_THAT(Find("state = SENT"), ElementsAre("c", "b"));
  EXPECT_THAT(Find("state != SENT AND title : calFRESH"), ElementsAre("a"));
  EXPECT_THAT(Find("title : \"0%\""), ElementsAre("b"));
  EXPECT_THAT(Find("title : \"d_s\""), ElementsAre("b"));
  EXPECT_THAT(Find("title : \"d.s\""), IsEmpty());
  EXPECT_THAT(Find("title : \"f%d\""), IsEmpty());
  EXPECT_THAT(Find("title : \"\\\\ \\\"QUOTED\""), ElementsAre("c"));
  EXPECT_THAT(Find("title = \"CalFresh Match\""), ElementsAre("a"));
  EXPECT_THAT(Find("title >= d AND title < p"), ElementsAre("c"));
}

TEST_P(Listing, TakesAttacksForText) {
  Add("a", 1, "x");
  for (const char* attack :
       {"x' OR '1'='1", "x\\\" OR 1=1 --", "'; DROP TABLE things; --", "%' ESCAPE '", "$1", "\\\\"}) {
    EXPECT_THAT(Find(std::string("title = \"") + attack + "\""), IsEmpty()) << attack;
    EXPECT_THAT(Find(std::string("title : \"") + attack + "\""), IsEmpty()) << attack;
  }
  EXPECT_THAT(Find(""), ElementsAre("a"));
}

INSTANTIATE_TEST_SUITE_P(Every, Listing, ValuesIn(Backends()), BackendName);

}  // namespace
}  // namespace idea::listing
