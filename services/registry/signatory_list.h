#ifndef IDEA_SERVICES_REGISTRY_SIGNATORY_LIST_H_
#define IDEA_SERVICES_REGISTRY_SIGNATORY_LIST_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "idea/registry/v1/registry.pb.h"

// The official list of signatories as a CSV file: what it says, and which of its rows can be placed in the
// register. No I/O.
namespace idea::registry {

// One row, its words still those of the file.
struct SignatoryRow {
  int line = 0;
  std::string display_name;
  std::string acronym;
  // Display name of the agency; empty: none.
  std::string parent_agency;
  v1::EntityKind kind = v1::ENTITY_KIND_UNSPECIFIED;
  std::string source;
};

struct SignatoryList {
  // Rows below the header, good and bad.
  int rows_read = 0;
  std::vector<SignatoryRow> rows;
  std::vector<v1::ImportProblem> problems;
};

// Reads the file. A row that is wrong in itself becomes a problem. INVALID_FIELD on `csv` if the header is
// another one.
absl::StatusOr<SignatoryList> ReadSignatories(std::string_view csv);

// How an entity signed, by where its row comes from: INSTRUMENT_OFFICIAL_LIST for the official list,
// INSTRUMENT_AGREEMENT_2021 for the agreement's signature block, INSTRUMENT_UNSPECIFIED for any other source:
// whether it signed is not known.
v1::Instrument InstrumentOf(std::string_view source);

// A row with its place in the register.
struct PlacedRow {
  SignatoryRow row;
  // "entities/{id}".
  std::string name;
  // Empty: none.
  std::string parent;
  // The registry has it already.
  bool known = false;
};

// Names the rows and finds their agencies, among `known` (display name -> resource name) or among the rows
// themselves, wherever in the file they are. Agencies come before their departments. Rows that cannot be
// placed are added to the list's problems.
std::vector<PlacedRow> PlaceSignatories(SignatoryList& list, const std::map<std::string, std::string>& known);

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_SIGNATORY_LIST_H_
