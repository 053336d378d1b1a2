#ifndef IDEA_SERVICES_DRAFTING_ELEMENT_ELEMENT_TABLE_H_
#define IDEA_SERVICES_DRAFTING_ELEMENT_ELEMENT_TABLE_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "idea/drafting/v1/drafting.pb.h"

// Data elements as CSV: the 8 columns of the Data Field Definitions template.
namespace idea::drafting {

// Writes the elements after a header line.
std::string ElementsToCsv(const v1::DataElements& elements);

// Reads the elements. Columns may be in any order, and all except Field Name and Type may be missing. Returns
// INVALID_FIELD with the line of every row that cannot be read.
absl::StatusOr<v1::DataElements> ElementsFromCsv(std::string_view csv);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_ELEMENT_ELEMENT_TABLE_H_
