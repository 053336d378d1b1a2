#ifndef IDEA_COMMON_LISTING_LISTING_H_
#define IDEA_COMMON_LISTING_LISTING_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/storage/database.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

// List methods: page tokens (AIP-158), filters (a subset of AIP-160) and their SQL, the same for both
// engines.
//
//   ASSIGN_OR_RETURN(const listing::Page page, listing::Plan(spec, request, "owner = $1", {entity}));
//   ASSIGN_OR_RETURN(storage::Rows rows, db.Query("SELECT created, id, title FROM things WHERE " +
//                                                 page.where + page.tail, page.args));
//   response.set_next_page_token(page.Finish(rows, 0, 1));  // cuts `rows` to the page
//
// A filter is a list of comparisons joined by AND: `state = SENT AND title : "food stamps"`. Comparisons of
// one field by = may be joined by OR, which binds tighter than AND (AIP-160), with or without parentheses:
// `(state = SENT OR state = DRAFT) AND title : food`. Values are bare words or quoted texts, in which \" and
// \\ are the quotation mark and the backslash. A value that begins or ends with * is refused, because
// wildcards are not supported; \* is the character.
//   texts: = != < <= > >= and : (contains, ignoring case)
//   names, numbers, times: all of these except :. Times are a day ("2026-11-22", its beginning in UTC) or RFC
//   3339.
//   flags (true, false), enums (with or without their prefix), tests: = and !=
//   words: only :. The caller looks them up.
//
// A page begins after the last row of the previous page. Rows that are added or removed between two pages
// neither repeat nor hide others, as long as their place in the order does not change.
//
// A filter that few rows fulfil does not make a page read all of a large list if it uses Source()
// (common/listing/source.h): the page ends with the rows it has found, possibly none, and its next_page_token
// continues from there (AIP-158). Only an empty token means the end of the list.
namespace idea::listing {

enum class Kind { kText, kName, kNumber, kFlag, kEnum, kTime, kTest, kWords };

// A field that filters may use.
struct Field {
  std::string_view name;
  // TEXT for kText and kName, BIGINT for the others, in microseconds for kTime. For kTest: a condition in
  // which ? is the value. Unused for kWords.
  std::string_view column;
  Kind kind;
  const google::protobuf::EnumDescriptor* values =
      nullptr;  // for kEnum, and for kTest if its value is not a text
  // For kTest: the conditions that replace the first =. The one with the value selects whose list is read.
  std::string_view narrow = {};
  std::string_view narrow_rest = {};
  // For Source(): the order column of an index that has this column first.
  std::string_view leads = {};
  // For Source(): an index finds equal rows, so their number can be checked.
  bool rare = false;
};

// An order that order_by may select: "title" or "title desc". Case does not matter for asc and desc.
struct Order {
  std::string_view name;
  std::string_view column;  // as Spec::order_column
  bool is_text = false;
};

// The maximum size of the rows of a page. A page has at least one row.
inline constexpr size_t kMaxPageBytes = 1 << 20;

// A list: its columns and its order. The columns are constants, never part of a request.
struct Spec {
  std::vector<Field> fields;
  std::string_view order_column;  // BIGINT, or TEXT of at most 200 characters; never NULL
  bool order_is_text;
  std::string_view id_column;  // TEXT; the tie-breaker of equal rows
  bool descending;
  std::vector<Order> orders = {};
  // The condition that selects whose list is read, unless a comparison narrows it.
  std::string_view otherwise = {};
  // For Source(): the number of rows that a page reads; a fifth of it if each row needs a lookup.
  int window = 10'000;
};

// A position in a list, after which a page begins.
struct PageCursor {
  std::string order, id;
};

// The SQL of one page.
struct Page {
  std::string where;  // "(...) AND (...)", without the word WHERE
  std::string tail;   // " ORDER BY created DESC, id DESC LIMIT 101"
  std::string order_column;
  std::string id_column;
  std::string direction;  // " DESC", or empty
  storage::Args args;     // of `where`; base_args come first
  int size = 0;
  std::string request_digest;
  bool order_is_text = false;
  // The values of the comparisons of kWords. They are not in `where`: the caller looks them up.
  std::vector<std::string> words;
  // Prefixes of `where`: whose list it is, and its rows that an index finds in the order of the page. The
  // numbers say how many of `args` belong to each.
  std::string list, span;
  size_t list_args = 0, span_args = 0;
  // Comparisons that few rows may fulfil.
  std::vector<std::pair<std::string, std::vector<storage::Value>>> rare;
  // `where` has more conditions than `span`, or each row needs a lookup.
  bool filtered = false, looks_up = false;
  int window = 0;
  // The last row that the page reads, if the list continues after it.
  std::optional<PageCursor> fence;

  // Cuts the rows to the page, which ends at its size or when its rows exceed kMaxPageBytes. Returns
  // next_page_token, empty on the last page. The query has order_column in column `order` and id_column in
  // column `id`.
  std::string Finish(storage::Rows& rows, int order, int id) const;
  // The position of a row, given these two columns.
  PageCursor CursorOf(const storage::Row& row, int order, int id) const;
  // Restricts the page to the rows after a cursor, or to those up to it.
  void AddBeside(const PageCursor& cursor, bool after);
};

// Plans the page that a request selects by those of the fields page_size (default 100), page_token, filter
// and order_by that it has. `base_where` is the condition for the rows that the caller may see, with the
// parameters `base_args`. Fails with FILTER_INVALID, or with PAGE_TOKEN_INVALID if the token is malformed or
// belongs to another request.
absl::StatusOr<Page> Plan(const Spec& spec, const google::protobuf::Message& request, std::string base_where,
                          storage::Args base_args);

}  // namespace idea::listing

#endif  // IDEA_COMMON_LISTING_LISTING_H_
