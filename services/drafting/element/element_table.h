#ifndef IDEA_SERVICES_DRAFTING_ELEMENT_ELEMENT_TABLE_H_
#define IDEA_SERVICES_DRAFTING_ELEMENT_ELEMENT_TABLE_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "idea/drafting/v1/drafting.pb.h"

// Data elements as CSV: the 8 columns of the Data Field Definitions template.
namespace idea::drafting {

// The elements below a header line.
std::string ElementsToCsv(const v1::DataElements& elements);

// The elements of such a file. Columns may stand in any order, all of them or at least Field Name and Type.
// INVALID_FIELD with every row that cannot be read, by its line.
absl::StatusOr<v1::DataElements> ElementsFromCsv(std::string_view csv);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_ELEMENT_ELEMENT_TABLE_H_
