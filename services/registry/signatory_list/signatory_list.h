#ifndef IDEA_SERVICES_REGISTRY_SIGNATORY_LIST_SIGNATORY_LIST_H_
#define IDEA_SERVICES_REGISTRY_SIGNATORY_LIST_SIGNATORY_LIST_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "idea/registry/v1/accession.pb.h"
#include "idea/registry/v1/entity.pb.h"
#include "idea/registry/v1/signatory_list.pb.h"

// The list of signatories as a file: its rows, and the entities of the registry that they mean. No I/O.
namespace idea::registry {

// A row, with the texts of the file.
struct SignatoryRow {
  int line = 0;
  std::string display_name;
  std::string acronym;
  // The display name of the agency. Empty if the row names none.
  std::string parent_agency;
  v1::EntityKind kind = v1::ENTITY_KIND_UNSPECIFIED;
  std::string source;
  // Whether the row comes from the published page, which inverts names and has no kinds.
  bool published = false;
  // Whether the row comes from ExportEntities. Such a row may have no source and may be of an entity that has
  // withdrawn.
  bool exported = false;
};

struct SignatoryList {
  // The number of all rows below the header.
  int rows_read = 0;
  std::vector<SignatoryRow> rows;
  std::vector<v1::ImportProblem> problems;
  // NameKey of a row's name -> line of the row.
  std::map<std::string, int> lines;
};

// Adds the row, or a problem if another row has its name.
void AddRow(SignatoryRow row, SignatoryList& list);

// The problem of a cell that holds a name, or the name of an agency. Empty if there is none.
std::string NameFault(const std::string& text);
std::string AgencyFault(const std::string& text);

v1::ImportProblem Problem(int line, std::string_view display_name, std::string_view problem);

// The columns that ReadSignatories reads, and all columns that ExportEntities writes.
const std::vector<std::string>& ListColumns();
const std::vector<std::string>& ExportColumns();

// The text of a kind in the file, and back. UNSPECIFIED for any other text.
std::string_view KindText(v1::EntityKind kind);
v1::EntityKind KindOf(std::string_view text);

// Reads the CSV file. A malformed row becomes a problem. Returns INVALID_FIELD on `csv` for any other header.
absl::StatusOr<SignatoryList> ReadSignatories(std::string_view csv);

// The instrument that the source of a row proves: INSTRUMENT_OFFICIAL_LIST for the official list,
// INSTRUMENT_AGREEMENT_2021 for the agreement's signature block, and INSTRUMENT_UNSPECIFIED for any other
// source, which proves no signature.
v1::Instrument InstrumentOf(std::string_view source);

// A row and the entity that it means.
struct PlacedRow {
  SignatoryRow row;
  // "entities/{id}".
  std::string name;
  // The agency. Empty if the row names none.
  std::string parent;
  // Whether the registry already has the entity.
  bool exists = false;
};

// An entity of the registry, with its names.
struct ExistingEntity {
  std::string name;
  std::string display_name;
  std::vector<std::string> former;
};

// Finds the entity and the agency of each row, among `existing` and among the rows themselves, in any order.
// In the result, agencies come before their departments. A name means an entity if it looks the same, if it
// is a former name, or, on the published page, if it has the same LooseKey. Adds a problem to the list for
// each row that cannot be placed, with candidates if it may mean several entities.
std::vector<PlacedRow> PlaceSignatories(SignatoryList& list, const std::vector<ExistingEntity>& existing);

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_SIGNATORY_LIST_SIGNATORY_LIST_H_
