#include "common/listing/listing.h"

#include "common/ids/ids.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "idea/registry/v1/registry.pb.h"
#include "tests/support/matchers.h"

namespace idea::listing {
namespace {

using drafting::v1::ListBucpsRequest;
using idea::testing::FailsWith;
using status::Reason;
using storage::Args;
using storage::Row;
using storage::Rows;
using ::testing::ElementsAreArray;
using ::testing::TestWithParam;
using ::testing::ValuesIn;

const Spec& Bucps() {
  static const Spec spec = {{{"state", "state", Kind::kEnum, drafting::v1::State_descriptor()},
                             {"disputed", "disputed", Kind::kFlag},
                             {"title", "title", Kind::kText},
                             {"revision", "number", Kind::kNumber},
                             {"create_time", "created", Kind::kTime},
                             {"party", "id IN (SELECT bucp FROM parties WHERE entity = ?)", Kind::kTest},
                             {"role", "roles IN (?, 3)", Kind::kTest, drafting::v1::PartyRole_descriptor()},
                             {"lead", "lead = ?", Kind::kTest, nullptr, "owner = ?", "leads = 1"},
                             {"code", "id", Kind::kName},
                             {"words", "", Kind::kWords}},
                            "created",
                            false,
                            "id",
                            true,
                            {{"create_time", "created"}, {"title", "title", true}}};
  return spec;
}

absl::StatusOr<Page> PlanFilter(const std::string& filter) {
  ListBucpsRequest request;
  request.set_filter(filter);
  return Plan(Bucps(), request, "owner = $1", {std::string("a")});
}

struct Good {
  std::string name, filter, where;
  Args args;
};

class Filters : public TestWithParam<Good> {};

TEST_P(Filters, BecomeConditionsWithParameters) {
  const auto page = PlanFilter(GetParam().filter);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->where, "(owner = $1)" + GetParam().where);
  Args args = {std::string("a")};
  args.insert(args.end(), GetParam().args.begin(), GetParam().args.end());
  EXPECT_EQ(page->args, args);
}

std::string T(const char* text) { return text; }

const Good kGood[] = {
    {"None", "", "", {}},
    {"OnlySpace", "  \n", "", {}},
    {"EnumWithoutPrefix", "state = SENT", " AND state = $2", {int64_t{2}}},
    {"EnumWithPrefix", "state=STATE_SENT", " AND state = $2", {int64_t{2}}},
    {"EnumInQuotes", "state != \"DRAFT\"", " AND state <> $2", {int64_t{1}}},
    {"Flag", "disputed = true", " AND disputed = $2", {int64_t{1}}},
    {"FlagNot", "disputed != false", " AND disputed <> $2", {int64_t{0}}},
    {"Number", "revision >= -3", " AND number >= $2", {int64_t{-3}}},
    {"Day", "create_time < 1970-01-02", " AND created < $2", {int64_t{86'400'000'000}}},
    {"Time", "create_time >= \"1970-01-01T01:00:00.5+01:00\"", " AND created >= $2", {int64_t{500'000}}},
    {"Test",
     "party = entities/x",
     " AND id IN (SELECT bucp FROM parties WHERE entity = $2)",
     {T("entities/x")}},
    {"TestOfAnEnum", "role = PROVIDER", " AND roles IN ($2, 3)", {int64_t{2}}},
    {"TestNot", "role != PROVIDER", " AND NOT (roles IN ($2, 3))", {int64_t{2}}},
    {"TestNarrows",
     "lead = x AND lead = y AND lead != z",
     " AND owner = $2 AND leads = 1 AND lead = $3 AND NOT (lead = $4)",
     {T("x"), T("y"), T("z")}},
    {"Name", "code >= x", " AND id >= $2", {T("x")}},
    {"Words", "words : \"a b\" AND state = SENT", " AND state = $2", {int64_t{2}}},
    {"Text", "title = \"a b\"", " AND title = $2", {T("a b")}},
    {"TextBare", "title=x/y-1.2", " AND title = $2", {T("x/y-1.2")}},
    {"TextEmpty", "title = \"\"", " AND title = $2", {T("")}},
    {"Escapes", R"(title = "say \"hi\" \\ \x")", " AND title = $2", {T(R"(say "hi" \ x)")}},
    {"Contains", "title : Food", " AND lower(title) LIKE lower($2) ESCAPE '\\'", {T("%Food%")}},
    {"ContainsNoWildcards",
     R"(title : "50%_\\")",
     " AND lower(title) LIKE lower($2) ESCAPE '\\'",
     {T(R"(%50\%\_\\%)")}},
    {"Several",
     "state = SENT AND revision<5 AND title < m",
     " AND state = $2 AND number < $3 AND title < $4",
     {int64_t{2}, int64_t{5}, T("m")}},
    {"AndAsText", "title = \"AND\"", " AND title = $2", {T("AND")}},
    {"Injection",
     R"(title = "x' OR 1=1; DROP TABLE bucps; --")",
     " AND title = $2",
     {T("x' OR 1=1; DROP TABLE bucps; --")}},
    {"Parameter", "title = $1", " AND title = $2", {T("$1")}},
    {"Or", "state = SENT OR state = DRAFT", " AND state IN ($2, $3)", {int64_t{2}, int64_t{1}}},
    {"OrBeforeAnd",
     "title < m AND state = SENT OR state = DRAFT OR state = FILED AND revision < 5",
     " AND title < $2 AND state IN ($3, $4, $5) AND number < $6",
     {T("m"), int64_t{2}, int64_t{1}, int64_t{6}, int64_t{5}}},
    {"OrInParentheses", "( title = x OR title = \"?\" )", " AND title IN ($2, $3)", {T("x"), T("?")}},
    {"Parentheses", "(title = x)", " AND title = $2", {T("x")}},
    {"OrOfTests",
     "party = entities/x OR party = entities/y",
     " AND (id IN (SELECT bucp FROM parties WHERE entity = $2) OR id IN (SELECT bucp FROM parties WHERE "
     "entity = $3))",
     {T("entities/x"), T("entities/y")}},
    {"OrNarrowsNothing", "lead = x OR lead = y", " AND (lead = $2 OR lead = $3)", {T("x"), T("y")}},
    {"OrAsText", "title = \"OR\"", " AND title = $2", {T("OR")}},
    {"WordThatBeginsLikeOr",
     "title = x AND title = ORANGE",
     " AND title = $2 AND title = $3",
     {T("x"), T("ORANGE")}},
    {"StarAsText",
     R"(title = "\*x\*" AND title = "a*b")",
     " AND title = $2 AND title = $3",
     {T("*x*"), T("a*b")}},
    {"UpperCaseUuid",
     "party = entities/8D3E5F0A-1B2C-4D5E-8F90-123456789ABC",
     " AND id IN (SELECT bucp FROM parties WHERE entity = $2)",
     {T("entities/8d3e5f0a-1b2c-4d5e-8f90-123456789abc")}},
};
INSTANTIATE_TEST_SUITE_P(Table, Filters, ValuesIn(kGood), [](const auto& test) { return test.param.name; });

struct Bad {
  std::string name, filter, says;
};

class BrokenFilters : public TestWithParam<Bad> {};

TEST_P(BrokenFilters, AreRefusedWithWhatIsAllowed) {
  const auto page = PlanFilter(GetParam().filter);
  EXPECT_THAT(page, FailsWith(Reason::ERROR_REASON_FILTER_INVALID));
  EXPECT_EQ(std::string(page.status().message()), GetParam().says);
}

const std::string kFields =
    "a comparison begins with a field that can be filtered: state, disputed, title, revision, "
    "create_time, party, role, lead, code, words";
const std::string kStates =
    "the value of state has to be one of UNSPECIFIED, DRAFT, SENT, IN_REVIEW, SIGNING, EXECUTED, FILED, "
    "ENDED, WITHDRAWN, "
    "NOT_APPROVED, DISPUTED";
const std::string kJoined = "comparisons are joined by AND, those of one field by = also by OR";
const std::string kOr = "OR joins comparisons of one field by =";
const std::string kWildcard =
    "the value of title cannot have wildcards; in quotation marks, \\* is the character";
const std::string kValue = "the value of title must be a word or a quoted text";

const Bad kBad[] = {
    {"UnknownField", "owner = x", kFields},
    {"ColumnInsteadOfField", "number = 1", kFields},
    {"NoField", "= x", kFields},
    {"OpenParenthesis", "(title = x", "a parenthesis must be closed after its comparisons"},
    {"ClosedParenthesis", "title = x)", kJoined},
    {"ParenthesesInParentheses", "((title = x))", kFields},
    {"ParenthesesOverAnd", "(title = x AND state = SENT)",
     "a parenthesis must be closed after its comparisons"},
    {"Not", "NOT title = x", kFields},
    {"Minus", "-title = x", kFields},
    {"Sql", "1=1", kFields},
    {"Comment", "title--", kFields},
    {"NoOperator", "title", "after title, one of these is expected: = != < <= > >= :"},
    {"UnknownOperator", "title ~ x", "after title, one of these is expected: = != < <= > >= :"},
    {"ContainsOnEnum", "state : SENT", "after state, one of these is expected: = !="},
    {"ContainsOnNumber", "revision : 1", "after revision, one of these is expected: = != < <= > >="},
    {"LessOnFlag", "disputed < true", "after disputed, one of these is expected: = !="},
    {"ContainsOnName", "code : x", "after code, one of these is expected: = != < <= > >="},
    {"EqualsOnWords", "words = x", "after words, one of these is expected: :"},
    {"UnknownValue", "state = GONE", kStates},
    {"NumberAsEnum", "state = 2", kStates},
    {"TextAsNumber", "revision = 1x", "the value of revision has to be a whole number"},
    {"HugeNumber", "revision = 99999999999999999999", "the value of revision has to be a whole number"},
    {"YesAsFlag", "disputed = yes", "the value of disputed has to be true or false"},
    {"NoValue", "title =", kValue},
    {"OpenQuote", "title = \"x", kValue},
    {"OpenEscape", "title = \"x\\", kValue},
    {"SingleQuotes", "title = 'x'", kValue},
    {"OrOfTwoFields", "title = x OR state = SENT", kOr},
    {"OrOfOthersThanEquals", "revision < 2 OR revision > 4", kOr},
    {"OrOfNot", "title = x OR title != y", kOr},
    {"OrOfContains", "title : x OR title : y", kOr},
    {"OrOfWords", "words : x OR words : y", kOr},
    {"OrOfAWrongValue", "state = SENT OR state = GONE", kStates},
    {"LowerCaseOr", "title = x or title = y", kJoined},
    {"OrAsAValue", "title = OR", kValue},
    {"TrailingOr", "title = x OR", kFields},
    {"WildcardAtTheEnd", "title = x*", kWildcard},
    {"WildcardBefore", "title != \"*x\"", kWildcard},
    {"WildcardAlone", "title : *", kWildcard},
    {"WildcardInAName", "party = entities/*",
     "the value of party cannot have wildcards; in quotation marks, \\* is the character"},
    {"NoWord", "words : \"-*-\"", "the value of words has to have at least one letter or digit"},
    {"Juxtaposed", "title = x title = y", kJoined},
    {"TrailingAnd", "title = x AND", kFields},
    {"Semicolon", "title = \"x\"; DROP TABLE bucps", kJoined},
};
INSTANTIATE_TEST_SUITE_P(Table, BrokenFilters, ValuesIn(kBad),
                         [](const auto& test) { return test.param.name; });

TEST(BrokenFilters, CountEachComparisonOfAnOr) {
  std::string filter = "title = x";
  for (int i = 0; i < 19; ++i) filter += " OR title = x";
  EXPECT_TRUE(PlanFilter(filter).ok());
  EXPECT_THAT(PlanFilter(filter + " OR title = x"), FailsWith(Reason::ERROR_REASON_FILTER_INVALID));
}

TEST(BrokenFilters, HaveAtMostTwentyComparisons) {
  std::string filter = "title = x";
  for (int i = 0; i < 19; ++i) filter += " AND title = x";
  EXPECT_TRUE(PlanFilter(filter).ok());
  EXPECT_THAT(PlanFilter(filter + " AND title = x"), FailsWith(Reason::ERROR_REASON_FILTER_INVALID));
}

// --- pages ---

Rows SomeRows(int count) {
  Rows rows;
  for (int i = 0; i < count; ++i) rows.push_back(Row({int64_t{1000 - i}, "id:" + std::to_string(i)}));
  return rows;
}

TEST(Pages, HaveTheSizeThatIsAskedFor) {
  const std::pair<int, int> cases[] = {{0, 100}, {1, 1}, {1000, 1000}, {5000, 1000}, {-1, 100}};
  for (const auto& [asked, size] : cases) {
    ListBucpsRequest request;
    request.set_page_size(asked);
    const auto page = Plan(Bucps(), request, "", {});
    ASSERT_TRUE(page.ok());
    EXPECT_EQ(page->where, "(1 = 1)");
    EXPECT_EQ(page->tail, " ORDER BY created DESC, id DESC LIMIT " + std::to_string(size + 1));
  }
}

TEST(Pages, EndWithoutAToken) {
  ListBucpsRequest request;
  request.set_page_size(3);
  for (int count : {0, 1, 3}) {
    Rows rows = SomeRows(count);
    EXPECT_EQ(Plan(Bucps(), request, "", {})->Finish(rows, 0, 1), "");
    EXPECT_EQ(rows.size(), static_cast<size_t>(count));
  }
}

TEST(Pages, ContinueAfterTheLastRow) {
  ListBucpsRequest request;
  request.set_page_size(2);
  request.set_filter("title = x");
  Rows rows = SomeRows(3);
  request.set_page_token(Plan(Bucps(), request, "owner = $1", {T("a")})->Finish(rows, 0, 1));
  EXPECT_EQ(rows.size(), 2U);
  request.set_page_size(50);
  const auto next = Plan(Bucps(), request, "owner = $1", {T("a")});
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(next->where, "(owner = $1) AND (created, id) < ($2, $3) AND title = $4");
  EXPECT_EQ(next->args, (Args{T("a"), int64_t{999}, T("id:1"), T("x")}));
}

TEST(Pages, EndAtAboutOneMebibyte) {
  ListBucpsRequest request;
  request.set_page_size(1000);
  const auto rows_of = [](size_t size) {
    Rows rows;
    for (int i = 0; i < 1000; ++i)
      rows.push_back(
          Row({int64_t{1000 - i}, "id" + std::to_string(i), storage::Blob{std::string(size, 'x')}}));
    return rows;
  };
  Rows rows = rows_of(100'000);
  const std::string token = Plan(Bucps(), request, "", {})->Finish(rows, 0, 1);
  EXPECT_EQ(rows.size(), 10U);
  request.set_page_token(token);
  EXPECT_EQ(Plan(Bucps(), request, "", {})->args, (Args{int64_t{991}, T("id9")}));
  // A row that is larger than a page is a page.
  rows = rows_of(2'000'000);
  rows.resize(2, rows[0]);
  EXPECT_NE(Plan(Bucps(), request, "", {})->Finish(rows, 0, 1), "");
  EXPECT_EQ(rows.size(), 1U);
  EXPECT_EQ(Plan(Bucps(), request, "", {})->Finish(rows, 0, 1), "");
  EXPECT_EQ(rows.size(), 1U);
}

TEST(Pages, OrderByTextToo) {
  const Spec by_name = {{}, "name", true, "id", false};
  registry::v1::ListEntitiesRequest request;
  request.set_page_size(1);
  Rows rows = {Row({T("Caf\u00e9:\n"), T("7")}), Row({T("z"), T("8")})};
  request.set_page_token(Plan(by_name, request, "", {})->Finish(rows, 0, 1));
  const auto next = Plan(by_name, request, "", {});
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(next->where, "(1 = 1) AND (name, id) > ($1, $2)");
  EXPECT_EQ(next->args, (Args{T("Caf\u00e9:\n"), T("7")}));
}

std::string OrderOf(const std::string& order_by) {
  ListBucpsRequest request;
  request.set_order_by(order_by);
  const auto page = Plan(Bucps(), request, "", {});
  return page.ok() ? page->tail : status::ReasonName(page.status());
}

TEST(Pages, AreOrderedAsAsked) {
  EXPECT_EQ(OrderOf(""), " ORDER BY created DESC, id DESC LIMIT 101");
  EXPECT_EQ(OrderOf("create_time"), " ORDER BY created, id LIMIT 101");
  EXPECT_EQ(OrderOf("title desc"), " ORDER BY title DESC, id DESC LIMIT 101");
  EXPECT_EQ(OrderOf("title asc"), " ORDER BY title, id LIMIT 101");
  for (const char* same : {"title  desc", " title desc ", "title DESC", "title\tDesc"})
    EXPECT_EQ(OrderOf(same), OrderOf("title desc")) << same;
  for (const char* same : {" title", "title ", "title  ASC"})
    EXPECT_EQ(OrderOf(same), OrderOf("title")) << same;
  EXPECT_EQ(OrderOf(" "), OrderOf(""));
  for (const char* wrong :
       {"created", "Title", "title down", "title desc desc", "title, create_time", "title;--", "desc"}) {
    EXPECT_EQ(OrderOf(wrong), "FILTER_INVALID") << wrong;
  }
}

TEST(Pages, GiveNoTokenToAnotherOrder) {
  ListBucpsRequest request;
  request.set_page_size(1);
  request.set_order_by("title");
  Rows rows = {Row({T("a"), T("7")}), Row({T("z"), T("8")})};
  request.set_page_token(Plan(Bucps(), request, "", {})->Finish(rows, 0, 1));
  EXPECT_EQ(Plan(Bucps(), request, "", {})->where, "(1 = 1) AND (title, id) > ($1, $2)");
  request.set_order_by("title desc");
  EXPECT_THAT(Plan(Bucps(), request, "", {}), FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID));
}

std::string TokenFor(ListBucpsRequest request) {
  request.set_page_size(2);
  Rows rows = SomeRows(3);
  return Plan(Bucps(), request, "", {})->Finish(rows, 0, 1);
}

TEST(Tokens, AreRefusedIfTheRequestIsAnother) {
  ListBucpsRequest request;
  const std::string token = TokenFor(request);
  request.set_page_token(token);
  request.set_filter("title = x");
  EXPECT_THAT(Plan(Bucps(), request, "", {}), FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID));
  registry::v1::ListEntitiesRequest of_other_method;
  of_other_method.set_page_token(token);
  EXPECT_THAT(Plan(Bucps(), of_other_method, "", {}), FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID));
}

TEST(Tokens, AreRefusedIfTheyWereChanged) {
  const std::string good = TokenFor(ListBucpsRequest());
  std::vector<std::string> bad = {"x", "not base64!", good + "AAAA", good.substr(0, good.size() - 2),
                                  ids::Base64Url("short")};
  for (size_t i = 0; i + 1 < good.size(); ++i) {
    bad.push_back(good);
    bad.back()[i] = good[i] == 'A' ? 'B' : 'A';
  }
  for (const auto& token : bad) {
    ListBucpsRequest request;
    request.set_page_token(token);
    EXPECT_THAT(Plan(Bucps(), request, "", {}), FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID)) << token;
  }
}

TEST(Tokens, AreAcceptedAsGiven) {
  ListBucpsRequest request;
  request.set_page_token(TokenFor(request));
  EXPECT_TRUE(Plan(Bucps(), request, "", {}).ok());
}

}  // namespace
}  // namespace idea::listing
