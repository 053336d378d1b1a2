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

// List methods: page tokens (AIP-158), filters (a subset of AIP-160) and the SQL of both, the same on every
// engine.
//
//   ASSIGN_OR_RETURN(const listing::Page page, listing::Plan(spec, request, "owner = $1", {entity}));
//   ASSIGN_OR_RETURN(storage::Rows rows, db.Query("SELECT created, id, title FROM things WHERE " + page.where
//   + page.tail, page.args)); response.set_next_page_token(page.Finish(rows, 0, 1));  // and now `rows` is
//   the page
//
// A filter is comparisons joined by AND: `state = SENT AND title : "food stamps"`. Comparisons of one field
// by = may be joined by OR, which binds tighter than AND (AIP-160), with or without parentheses:
// `(state = SENT OR state = DRAFT) AND title : food`. Values are bare words or stand in quotation marks,
// where \" and \\ are the mark and the backslash. A value that begins or ends with * is refused, for nothing
// here is a wildcard; \* is the character. Texts compare by = != < <= > >= and by : (contains, whatever the
// case), names by all but the last, and so do numbers and times, given as a day ("2026-11-22", its beginning
// in UTC) or as RFC 3339; flags (true, false), enums (with or without the prefix of the enum) and tests by =
// and !=; words by : alone, and it is the caller who looks for them.
//
// Pages go by the last row seen, not by counting: rows that come or go while a caller turns pages neither
// repeat nor hide others, as long as their place in the order does not change.
//
// A filter that few rows fulfil does not make a page look at all of a large list, where it is read through
// Source() (common/listing/source.h): the page ends with what it has found, even nothing, and its
// next_page_token goes on from there (AIP-158). Only an empty token means that the list is at its end.
namespace idea::listing {

enum class Kind { kText, kName, kNumber, kFlag, kEnum, kTime, kTest, kWords };

// A field that a filter may name.
struct Field {
  std::string_view name;
  // TEXT for kText and kName, BIGINT for the others, microseconds for kTime. For kTest a condition in which ?
  // stands for the value; for kWords nothing.
  std::string_view column;
  Kind kind;
  const google::protobuf::EnumDescriptor* values = nullptr;  // of kEnum, and of kTest if not a text
  // Of kTest: the conditions that the first = is instead, where the one with the value says whose list is
  // looked at.
  std::string_view narrow = {};
  std::string_view narrow_rest = {};
  // For Source(): the order column for which an index has this column before it.
  std::string_view leads = {};
  // For Source(): an index finds the rows that are equal, so that it is worth asking whether they are few.
  bool rare = false;
};

// An order that a request may ask for by its field order_by, "title" or "title desc"; asc and desc in any
// case.
struct Order {
  std::string_view name;
  std::string_view column;  // as Spec::order_column
  bool is_text = false;
};

// A page ends before the row with which its rows would take more; it has at least one row.
inline constexpr size_t kMaxPageBytes = 1 << 20;

// What can be listed, in which order. The columns are part of the program, never of a request.
struct Spec {
  std::vector<Field> fields;
  std::string_view order_column;  // BIGINT, or TEXT of at most 200 characters; never NULL
  bool order_is_text;
  std::string_view id_column;  // TEXT; makes the order of equal rows certain
  bool descending;
  std::vector<Order> orders = {};
  // The condition on whose list is looked at, unless a comparison narrows it.
  std::string_view otherwise = {};
  // For Source(): how many rows a page looks at; a fifth of it where it looks up something for each.
  int window = 10'000;
};

// A place in a list: behind it a page begins.
struct Mark {
  std::string order, id;
};

// The SQL of one page.
struct Page {
  std::string where;  // "(...) AND (...)", without the word WHERE
  std::string tail;   // " ORDER BY created DESC, id DESC LIMIT 101"
  std::string order_column;
  std::string id_column;
  std::string direction;  // " DESC", or empty
  storage::Args args;     // of where; the first are the base_args
  int size = 0;
  std::string request_digest;
  bool order_is_text = false;
  // Values of the comparisons of kWords: not in `where`, to be found by whoever asks.
  std::vector<std::string> words;
  // The beginnings of `where`: whose list it is, and the rows of it that an index finds in the page's order.
  // The numbers say how many of `args` each has.
  std::string list, span;
  size_t list_args = 0, span_args = 0;
  // Comparisons that few rows may fulfil.
  std::vector<std::pair<std::string, std::vector<storage::Value>>> rare;
  // There is more in `where` than in `span`; something is looked up for each row.
  bool filtered = false, looks_up = false;
  int window = 0;
  // The last row that the page looks at, if the list goes on behind it.
  std::optional<Mark> fence;

  // Cuts the rows to the page, which ends at its size or when its rows take more than kMaxPageBytes, and
  // returns next_page_token, empty on the last page. The query has order_column as column `order` and
  // id_column as column `id`.
  std::string Finish(storage::Rows& rows, int order, int id) const;
  // The place of a row with these two columns.
  Mark MarkOf(const storage::Row& row, int order, int id) const;
  // Keeps the page to the rows behind a mark, or to those up to it.
  void AddBeside(const Mark& mark, bool behind);
};

// Plans the page that a request asks for by its fields page_size (0: 100), page_token, filter and order_by,
// as far as it has them. `base_where` says what the caller may see at all, with the parameters `base_args`.
// Returns FILTER_INVALID, or PAGE_TOKEN_INVALID for a token that was changed or was given for another
// request.
absl::StatusOr<Page> Plan(const Spec& spec, const google::protobuf::Message& request, std::string base_where,
                          storage::Args base_args);

}  // namespace idea::listing

#endif  // IDEA_COMMON_LISTING_LISTING_H_
