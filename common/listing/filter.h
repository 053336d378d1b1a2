#ifndef IDEA_COMMON_LISTING_FILTER_H_
#define IDEA_COMMON_LISTING_FILTER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/listing/listing.h"

namespace idea::listing {

// A condition on a row. The values replace the ? as parameters, never as text.
struct Condition {
  std::string sql;
  std::vector<storage::Value> values;
  // Its use in the plan of the page: it selects whose list is read (Field::narrow); an index in the order of
  // the page finds its rows; few rows may fulfil it (Field::rare); or it needs a lookup in other rows.
  bool narrows = false, leads = false, rare = false, looks_up = false;
};

// Replaces each ? by the number of a parameter, as long as there are values, and appends the values to the
// arguments.
std::string Bind(std::string sql, const std::vector<storage::Value>& values, storage::Args& args);

// Appends " AND ..." to page->where, and the values to page->args.
void AddCondition(const Condition& condition, Page* page);

// Parses a filter. Adds words to page->words. Fails with FILTER_INVALID.
absl::StatusOr<std::vector<Condition>> ReadFilter(const Spec& spec, std::string_view filter, Page* page);

}  // namespace idea::listing

#endif  // IDEA_COMMON_LISTING_FILTER_H_
