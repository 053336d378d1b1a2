#include "common/listing/source.h"

#include <map>
#include <set>

#include "common/listing/word_index.h"
#include "common/listing/words.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "tests/support/backends.h"
#include "tests/support/matchers.h"

namespace idea::listing {
namespace {

using drafting::v1::ListBucpsRequest;
using idea::testing::BackendName;
using idea::testing::Backends;
using idea::testing::FailsWith;
using idea::testing::IsOk;
using idea::testing::IsOkAndHolds;
using idea::testing::OnBackend;
using storage::Args;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::ValuesIn;
using Ids = std::vector<std::string>;

// A list of things with words, of which a page reads at most ten.
class Source : public OnBackend {
 protected:
  void SetUp() override {
    OnBackend::SetUp();
    if (IsSkipped()) return;
    for (const char* sql :
         {"CREATE TABLE thing_list (entity TEXT NOT NULL, thing TEXT NOT NULL, created BIGINT NOT NULL, "
          "title "
          "TEXT NOT NULL, state BIGINT NOT NULL, PRIMARY KEY (entity, thing))",
          "CREATE INDEX thing_list_by_created ON thing_list (entity, created, thing, title, state)",
          "CREATE TABLE thing_texts (thing TEXT PRIMARY KEY, words TEXT NOT NULL)",
          "CREATE TABLE thing_words (word BLOB NOT NULL, thing TEXT NOT NULL, PRIMARY KEY (word, thing))"}) {
      Run(sql, {});
    }
  }

  void Run(const std::string& sql, const Args& args) {
    ASSERT_THAT(database().Write([&](storage::Transaction& db) { return db.Execute(sql, args).status(); }),
                IsOk());
  }
  // "t007", the seventh oldest.
  static std::string IdOf(int n) {
    const std::string digits = std::to_string(n);
    return "t" + std::string(3 - digits.size(), '0') + digits;
  }
  void Add(int n, const std::string& title, int64_t state = 1) {
    Run("INSERT INTO thing_list (entity, thing, created, title, state) VALUES ($1, $2, $3, $4, $5)",
        {std::string("entities/x"), IdOf(n), int64_t{n / 3}, title, state});
    ASSERT_THAT(database().Write([&](storage::Transaction& db) {
      std::set<std::string> words;
      AddWords(title, 100, words);
      return StoreWords(db, "thing", IdOf(n), words);
    }),
                IsOk());
  }

  // One page; moves the request to the next.
  absl::StatusOr<Ids> Turn(ListBucpsRequest& request) {
    Ids ids;
    RETURN_IF_ERROR(database().Read([&](storage::Transaction& db) -> absl::Status {
      ids.clear();
      ASSIGN_OR_RETURN(Page page, Plan(spec_, request, "entity = $1", {std::string("entities/x")}));
      ASSIGN_OR_RETURN(const std::string from, listing::Source(db, "thing", &page));
      ASSIGN_OR_RETURN(storage::Rows rows, db.Query("SELECT " + page.order_column + ", thing FROM " + from +
                                                        " WHERE " + page.where + page.tail,
                                                    page.args));
      request.set_page_token(page.Finish(rows, 0, 1));
      for (const auto& row : rows) ids.push_back(row.Text(1));
      return absl::OkStatus();
    }));
    return ids;
  }
  // Every page up to the end.
  std::vector<Ids> TurnAll(ListBucpsRequest request) {
    std::vector<Ids> pages;
    do {
      const auto page = Turn(request);
      EXPECT_THAT(page, IsOk());
      pages.push_back(page.value_or(Ids()));
    } while (!request.page_token().empty() && pages.size() < 1000);
    return pages;
  }
  static Ids Joined(const std::vector<Ids>& pages) {
    Ids all;
    for (const Ids& page : pages) all.insert(all.end(), page.begin(), page.end());
    return all;
  }
  static ListBucpsRequest Filtered(const std::string& filter, int size = 100) {
    ListBucpsRequest request;
    request.set_filter(filter);
    request.set_page_size(size);
    return request;
  }

  Spec spec_ = {{{"title", "title", Kind::kText},
                 {"text", "", Kind::kWords},
                 {"state", "state", Kind::kEnum, drafting::v1::State_descriptor()},
                 {"create_time", "created", Kind::kTime}},
                "created",
                false,
                "thing",
                true,
                {{"create_time", "created"}, {"title", "title", true}},
                "",
                10};
};

TEST_P(Source, EndsAPageThatHasLookedAtEnoughAndGoesOnFromThere) {
  for (int n = 0; n < 35; ++n) Add(n, "thing", n == 3 || n == 31 ? 2 : 1);
  const std::vector<Ids> pages = TurnAll(Filtered("state = SENT"));
  EXPECT_THAT(pages, ElementsAre(ElementsAre("t031"), IsEmpty(), IsEmpty(), ElementsAre("t003")));
}

TEST_P(Source, LosesAndDoublesNoRowAcrossShortPages) {
  std::map<std::string, Ids> wanted;
  for (int n = 99; n >= 0; --n) {
    const int64_t state = n % 7 == 0 ? 2 : 1;
    Add(n, n % 2 == 0 ? "even thing" : "odd thing", state);
    if (state == 2) wanted["state = SENT"].push_back(IdOf(n));
    if (n % 2 == 0) wanted["title : EVEN"].push_back(IdOf(n));
    if (n % 14 == 0) wanted["title : even AND state = SENT"].push_back(IdOf(n));
  }
  for (const auto& [filter, ids] : wanted) {
    for (const int size : {1, 2, 5, 100}) {
      EXPECT_THAT(Joined(TurnAll(Filtered(filter, size))), ElementsAreArray(ids)) << filter << " by " << size;
    }
    ListBucpsRequest by_title = Filtered(filter, 3);
    by_title.set_order_by("title desc");
    const Ids turned = Joined(TurnAll(by_title));
    EXPECT_THAT(turned, SizeIs(ids.size()));
    EXPECT_EQ(std::set<std::string>(turned.begin(), turned.end()),
              std::set<std::string>(ids.begin(), ids.end()));
  }
}

TEST_P(Source, LooksAtAWindowForWordsThatNeverStandTogether) {
  spec_.window = 500;
  // Both words belong to more than a few things, so neither selects the rows.
  Run("INSERT INTO thing_list (entity, thing, created, title, state) SELECT 'entities/x', word, 0, word, 1 "
      "FROM (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000) SELECT 'u' || "
      "CAST(100000 + i AS TEXT) AS word FROM n) w",
      {});
  Run("INSERT INTO thing_texts (thing, words) SELECT thing, CASE WHEN thing < 'u104500' THEN ' red' ELSE ' "
      "blue' END FROM thing_list",
      {});
  for (const auto& [word, sign] : {std::pair{"red", "<"}, {"blue", ">="}}) {
    Run(std::string("INSERT INTO thing_words (word, thing) SELECT $1, thing FROM thing_list WHERE thing ") +
            sign + " 'u104500'",
        {storage::Blob{word}});
  }
  ListBucpsRequest together = Filtered("text : \"red blue\"");
  const auto first = Turn(together);
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(*first, IsEmpty());
  EXPECT_NE(together.page_token(), "");
  // A fifth of the window each time: 9,000 / 100.
  EXPECT_EQ(TurnAll(Filtered("text : \"red blue\"")).size(), 91U);
  ListBucpsRequest red = Filtered("text : red", 3);
  red.set_order_by("create_time");
  EXPECT_THAT(Turn(red), IsOkAndHolds(ElementsAre("u100001", "u100002", "u100003")));
}

TEST_P(Source, FindsAllRowsOfARareWordOnOnePage) {
  for (int n = 0; n < 60; ++n) Add(n, n % 20 == 0 ? "wildfire" : "thing");
  EXPECT_THAT(TurnAll(Filtered("text : wildf")), ElementsAre(ElementsAre("t040", "t020", "t000")));
  EXPECT_THAT(TurnAll(Filtered("text : nowhere")), ElementsAre(IsEmpty()));
}

TEST_P(Source, AsksForRareValuesByTheirIndex) {
  spec_.fields[2].rare = true;
  for (int n = 0; n < 60; ++n) Add(n, "thing", n % 20 == 0 ? 2 : 1);
  EXPECT_THAT(TurnAll(Filtered("state = SENT")), ElementsAre(ElementsAre("t040", "t020", "t000")));
}

TEST_P(Source, LooksUpNoConditionThatTheIndexKnows) {
  for (int n = 0; n < 60; ++n) Add(n, "thing");
  // The column of the order finds its rows, so they are not counted.
  EXPECT_THAT(TurnAll(Filtered("create_time < \"1970-01-01T00:00:00.000001Z\"")),
              ElementsAre(ElementsAre("t002", "t001", "t000")));
}

TEST_P(Source, StaysInPlaceWhileOthersWrite) {
  for (int n = 30; n < 90; ++n) Add(n, "thing", n % 15 == 0 ? 2 : 1);
  ListBucpsRequest request = Filtered("state = SENT");
  ASSERT_THAT(Turn(request), IsOkAndHolds(IsEmpty()));
  // The row at which the first page ended is removed. One is added before it, and one after it changes.
  Run("DELETE FROM thing_list WHERE thing = $1", {IdOf(80)});
  Add(95, "newer", 2);
  Run("UPDATE thing_list SET state = 2 WHERE thing = $1", {IdOf(78)});
  Ids rest;
  while (!request.page_token().empty()) {
    const auto page = Turn(request);
    ASSERT_THAT(page, IsOk());
    rest.insert(rest.end(), page->begin(), page->end());
  }
  EXPECT_THAT(rest, ElementsAre("t078", "t075", "t060", "t045", "t030"));
}

TEST_P(Source, RefusesTheTokenOfAnotherRequest) {
  for (int n = 0; n < 35; ++n) Add(n, "thing");
  ListBucpsRequest request = Filtered("state = SENT");
  ASSERT_THAT(Turn(request), IsOkAndHolds(IsEmpty()));
  ListBucpsRequest other = Filtered("state = DRAFT");
  other.set_page_token(request.page_token());
  EXPECT_THAT(Turn(other), FailsWith(status::Reason::ERROR_REASON_PAGE_TOKEN_INVALID));
  // The size may change from page to page.
  request.set_page_size(7);
  EXPECT_THAT(Turn(request), IsOk());
}

INSTANTIATE_TEST_SUITE_P(Every, Source, ValuesIn(Backends()), BackendName);

}  // namespace
}  // namespace idea::listing
