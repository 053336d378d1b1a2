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

// The list of signatories as a file: what it says, and which of its rows can be placed in the register. No
// I/O.
namespace idea::registry {

// One row, its words still those of the file.
struct SignatoryRow {
  int line = 0;
  std::string display_name;
  std::string acronym;
  // Display name of the agency; empty: not said.
  std::string parent_agency;
  v1::EntityKind kind = v1::ENTITY_KIND_UNSPECIFIED;
  std::string source;
  // From the published page, which writes names its own way and does not know kinds.
  bool published = false;
  // From ExportEntities: what the registry itself said, without a source too, and after a withdrawal.
  bool exported = false;
};

struct SignatoryList {
  // Rows below the header, good and bad.
  int rows_read = 0;
  std::vector<SignatoryRow> rows;
  std::vector<v1::ImportProblem> problems;
  // NameKey -> line of the row with that name.
  std::map<std::string, int> lines;
};

// Adds the row, or the problem that another one has its name.
void AddRow(SignatoryRow row, SignatoryList& list);

// What is wrong with a cell that holds a name, or an agency's name; empty if nothing.
std::string NameFault(const std::string& text);
std::string AgencyFault(const std::string& text);

v1::ImportProblem Problem(int line, std::string_view display_name, std::string_view problem);

// The columns that ReadSignatories reads, and those that ExportEntities writes besides.
const std::vector<std::string>& ListColumns();
const std::vector<std::string>& ExportColumns();

// What a kind is called in the file, and back; UNSPECIFIED for what is no kind.
std::string_view KindText(v1::EntityKind kind);
v1::EntityKind KindOf(std::string_view text);

// Reads the CSV file. A row that is wrong in itself becomes a problem. INVALID_FIELD on `csv` if the header
// is another one.
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
  // Empty: none is said.
  std::string parent;
  // The registry has it already.
  bool known = false;
};

// The names of an entity that the registry has.
struct KnownNames {
  std::string name;
  std::string display_name;
  std::vector<std::string> former;
};

// Names the rows and finds their agencies, among `known` or among the rows themselves, wherever in the file
// they are. Agencies come before their departments. A name is an entity's if it looks the same, is one that
// it had, or, on the published page, differs only in what says little (LooseKey). Rows that cannot be placed
// are added to the list's problems, with candidates where several entities may be meant.
std::vector<PlacedRow> PlaceSignatories(SignatoryList& list, const std::vector<KnownNames>& known);

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_SIGNATORY_LIST_SIGNATORY_LIST_H_
