#ifndef IDEA_COMMON_LISTING_FILTER_H_
#define IDEA_COMMON_LISTING_FILTER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/listing/listing.h"

namespace idea::listing {

// What has to hold of a row. The values stand where each ? is; none is ever part of the text.
struct Condition {
  std::string sql;
  std::vector<storage::Value> values;
  // What it does for the plan of the page: it says whose list it is (Field::narrow); an index in the page's
  // order finds the rows for which it holds; it is a comparison that few rows may fulfil (Field::rare); or it
  // looks into other rows.
  bool narrows = false, leads = false, rare = false, looks_up = false;
};

// Writes the numbers of parameters for each ?, as far as there are values, and adds the values to the
// arguments.
std::string Bind(std::string sql, const std::vector<storage::Value>& values, storage::Args& args);

// Adds " AND ..." to page->where, and the values to page->args.
void AddCondition(const Condition& condition, Page* page);

// The conditions of a filter. Adds to page->words. Returns FILTER_INVALID.
absl::StatusOr<std::vector<Condition>> ReadFilter(const Spec& spec, std::string_view filter, Page* page);

}  // namespace idea::listing

#endif  // IDEA_COMMON_LISTING_FILTER_H_
