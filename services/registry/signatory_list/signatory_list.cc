#include "services/registry/signatory_list/signatory_list.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "common/csv/csv.h"
#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "common/status/status.h"
#include "services/registry/entity/entity_name.h"

namespace idea::registry {
namespace {

using csv::CsvRecord;
using csv::IsUtf8;
using status::Reason;

struct KindWord {
  std::string_view text;
  v1::EntityKind kind;
};

constexpr auto kKinds = std::to_array<KindWord>({
    {"agency", v1::ENTITY_KIND_AGENCY},
    {"department", v1::ENTITY_KIND_DEPARTMENT},
    {"office", v1::ENTITY_KIND_OFFICE},
    {"board", v1::ENTITY_KIND_BOARD},
    {"commission", v1::ENTITY_KIND_COMMISSION},
    {"authority", v1::ENTITY_KIND_AUTHORITY},
    {"conservancy", v1::ENTITY_KIND_CONSERVANCY},
    {"museum", v1::ENTITY_KIND_MUSEUM},
    {"retirement-system", v1::ENTITY_KIND_RETIREMENT_SYSTEM},
    {"higher-education", v1::ENTITY_KIND_HIGHER_EDUCATION},
    {"constitutional-officer", v1::ENTITY_KIND_CONSTITUTIONAL_OFFICER},
    {"judicial", v1::ENTITY_KIND_JUDICIAL},
    {"agency-independent", v1::ENTITY_KIND_INDEPENDENT_AGENCY},
});

std::string Trimmed(const std::string& text) { return std::string(absl::StripAsciiWhitespace(text)); }

// The number of characters of well-formed UTF-8.
size_t LengthOf(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

bool IsLine(std::string_view text, size_t max_length) {
  return LengthOf(text) <= max_length &&
         std::none_of(text.begin(), text.end(), [](char c) { return absl::ascii_iscntrl(c); });
}

// The problem of a malformed record. Empty if it is well-formed.
std::string FaultOf(const CsvRecord& record, size_t columns) {
  if (record.broken) return "is not well-formed CSV: check the quotes";
  const auto& fields = record.fields;
  const auto other = std::find_if_not(fields.begin(), fields.end(), IsUtf8);
  if (other != fields.end()) {
    return "is not UTF-8 in column " + std::to_string(other - fields.begin() + 1) +
           ": in Excel save as \"CSV UTF-8 (Comma delimited)\", in LibreOffice choose the character set "
           "UTF-8";
  }
  if (fields.size() != columns) {
    return "has " + std::to_string(fields.size()) + " columns instead of " + std::to_string(columns);
  }
  if (const std::string fault = NameFault(fields[0]); !fault.empty()) return fault;
  if (!IsLine(fields[1], 20)) return "acronym is not one line of at most 20 characters";
  if (const std::string requirement = NameRequirement(fields[1]); !requirement.empty())
    return "acronym is not " + requirement;
  if (const std::string fault = AgencyFault(fields[2]); !fault.empty()) return fault;
  if (KindOf(Trimmed(fields[3])) == v1::ENTITY_KIND_UNSPECIFIED) return "unknown kind: " + Trimmed(fields[3]);
  if (Trimmed(fields[4]).empty() && columns == ListColumns().size()) return "source is missing";
  if (!IsLine(fields[4], 300)) return "source is not one line of at most 300 characters";
  return "";
}

SignatoryRow RowOf(const CsvRecord& record) {
  const auto& fields = record.fields;
  return {.line = record.line,
          .display_name = Trimmed(fields[0]),
          .acronym = Trimmed(fields[1]),
          .parent_agency = Trimmed(fields[2]),
          .kind = KindOf(Trimmed(fields[3])),
          .source = Trimmed(fields[4]),
          .exported = fields.size() == ExportColumns().size()};
}

bool IsHeader(const CsvRecord& record) {
  std::vector<std::string> fields;
  for (const std::string& field : record.fields) fields.push_back(Trimmed(field));
  return !record.broken && (fields == ListColumns() || fields == ExportColumns());
}

// Finds the entities that a name may mean. Stops at the most exact kind of match that finds any.
class Names {
 public:
  explicit Names(const std::vector<ExistingEntity>& existing) {
    for (const ExistingEntity& one : existing) {
      Add(one.display_name, one.name);
      for (const std::string& former : one.former) former_[NameKey(former)].insert(one.name);
      for (const std::string& former : one.former) loose_former_[LooseKey(former)].insert(one.name);
    }
  }

  void Add(const std::string& display_name, const std::string& name) {
    exact_[NameKey(display_name)].insert(name);
    full_[UnabbreviatedKey(display_name)].insert(name);
    loose_[LooseKey(display_name)].insert(name);
  }

  // Entities with nearly the same name.
  std::set<std::string> Near(const std::string& text) const {
    const auto found = loose_.find(LooseKey(text));
    return found == loose_.end() ? std::set<std::string>() : found->second;
  }

  std::set<std::string> Matches(const std::string& text, bool loosely) const {
    const std::string key = NameKey(text);
    for (const Index* index : {&exact_, &former_}) {
      if (const auto found = index->find(key); found != index->end()) return found->second;
    }
    if (const auto found = full_.find(UnabbreviatedKey(text)); found != full_.end()) return found->second;
    if (!loosely) return {};
    const std::string loose = LooseKey(text);
    for (const Index* index : {&loose_, &loose_former_}) {
      if (const auto found = index->find(loose); found != index->end()) return found->second;
    }
    return {};
  }

 private:
  using Index = std::map<std::string, std::set<std::string>>;
  Index exact_, former_, full_, loose_, loose_former_;
};

// Places the rows of one file.
class RowPlacer {
 public:
  RowPlacer(SignatoryList& list, const std::vector<ExistingEntity>& existing)
      : list_(list), existing_(existing), names_(existing_) {
    for (const ExistingEntity& one : existing) taken_.insert(one.name);
  }

  std::vector<PlacedRow> Place() {
    std::vector<SignatoryRow> waiting = std::exchange(list_.rows, {});
    for (bool progress = true; progress && !waiting.empty();) {
      progress = false;
      for (SignatoryRow& row : std::exchange(waiting, {})) {
        const std::set<std::string> agencies = AgenciesOf(row);
        if (agencies.empty() && !row.parent_agency.empty() && !IsItself(row)) {
          waiting.push_back(std::move(row));
          continue;
        }
        progress = true;
        PlaceRow(std::move(row), agencies);
      }
    }
    for (const SignatoryRow& row : waiting) Report(row, "unknown parent_agency: " + row.parent_agency, {});
    std::sort(list_.problems.begin(), list_.problems.end(),
              [](const auto& a, const auto& b) { return a.line() < b.line(); });
    return std::move(placed_);
  }

 private:
  std::set<std::string> AgenciesOf(const SignatoryRow& row) const {
    if (row.parent_agency.empty() || IsItself(row)) return {};
    return names_.Matches(row.parent_agency, row.published);
  }

  // The page lists an agency as its own agency.
  static bool IsItself(const SignatoryRow& row) {
    return row.published && LooseKey(row.parent_agency) == LooseKey(row.display_name);
  }

  void PlaceRow(SignatoryRow row, const std::set<std::string>& agencies) {
    if (agencies.size() > 1) return Report(row, "ambiguous parent_agency: " + row.parent_agency, agencies);
    // Two rows of one file are two entities, however similar their names are.
    const std::set<std::string> candidates = existing_.Matches(row.display_name, row.published);
    if (candidates.size() > 1) return Report(row, "ambiguous name: it may mean several entities", candidates);
    const bool exists = !candidates.empty();
    if (!exists) {
      const std::set<std::string> near = existing_.Near(row.display_name);
      if (!near.empty()) {
        return Report(row,
                      "the registry has an entity with nearly the same name: use that name, or create "
                      "another entity",
                      near);
      }
    }
    const std::string name = exists ? *candidates.begin() : ids::kEntities.Name(ids::Slug(row.display_name));
    if (!exists && !taken_.insert(name).second) {
      return Report(row, "another entity has the name " + name, {name});
    }
    if (const auto [first, inserted] = lines_.emplace(name, row.line); !inserted) {
      return Report(row, "line " + std::to_string(first->second) + " already names this entity", {name});
    }
    names_.Add(row.display_name, name);
    std::string parent = agencies.empty() ? "" : *agencies.begin();
    // The page lists an agency under another name as its own agency.
    if (parent == name) parent.clear();
    placed_.push_back({std::move(row), name, std::move(parent), exists});
  }

  void Report(const SignatoryRow& row, const std::string& problem, const std::set<std::string>& candidates) {
    v1::ImportProblem report = Problem(row.line, row.display_name, problem);
    for (const std::string& candidate : candidates) report.add_candidates(candidate);
    list_.problems.push_back(std::move(report));
  }

  SignatoryList& list_;
  const Names existing_;
  Names names_;  // of the registry and of the file
  std::set<std::string> taken_;
  std::map<std::string, int> lines_;
  std::vector<PlacedRow> placed_;
};

}  // namespace

v1::ImportProblem Problem(int line, std::string_view display_name, std::string_view problem) {
  v1::ImportProblem out;
  out.set_line(line);
  if (IsUtf8(display_name)) out.set_display_name(std::string(display_name.substr(0, 1000)));
  if (!IsUtf8(out.display_name())) out.clear_display_name();
  out.set_problem(std::string(problem));
  return out;
}

std::string NameFault(const std::string& text) {
  if (!IsUtf8(text)) return "is not UTF-8";
  if (Trimmed(text).empty()) return "name is missing";
  if (!IsLine(text, 200)) return "name is not one line of at most 200 characters";
  if (ids::Slug(text).empty()) return "name contains no letter or digit for an id";
  const std::string requirement = NameRequirement(text);
  return requirement.empty() ? "" : "name is not " + requirement;
}

std::string AgencyFault(const std::string& text) {
  if (!IsUtf8(text)) return "is not UTF-8";
  return IsLine(text, 200) ? "" : "agency is not one line of at most 200 characters";
}

void AddRow(SignatoryRow row, SignatoryList& list) {
  const auto [first, inserted] = list.lines.emplace(NameKey(row.display_name), row.line);
  if (inserted) return list.rows.push_back(std::move(row));
  list.problems.push_back(Problem(row.line, row.display_name,
                                  "line " + std::to_string(first->second) + " already has this name"));
}

const std::vector<std::string>& ListColumns() {
  static const std::vector<std::string> columns = {"name", "acronym", "parent_agency", "kind", "source"};
  return columns;
}

const std::vector<std::string>& ExportColumns() {
  static const std::vector<std::string> columns = {"name",
                                                   "acronym",
                                                   "parent_agency",
                                                   "kind",
                                                   "source",
                                                   "entity",
                                                   "own_statutory_authority",
                                                   "governor_authority",
                                                   "hipaa_status",
                                                   "education_agency",
                                                   "end_date",
                                                   "standing",
                                                   "through",
                                                   "since"};
  return columns;
}

std::string_view KindText(v1::EntityKind kind) {
  const auto* found =
      std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& k) { return k.kind == kind; });
  return found == kKinds.end() ? "" : found->text;
}

v1::EntityKind KindOf(std::string_view text) {
  const auto* found =
      std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& k) { return k.text == text; });
  return found == kKinds.end() ? v1::ENTITY_KIND_UNSPECIFIED : found->kind;
}

absl::StatusOr<SignatoryList> ReadSignatories(std::string_view csv) {
  std::vector<CsvRecord> records;
  if (IsUtf8(csv)) {
    ASSIGN_OR_RETURN(records, csv::ParseSheet(csv, "csv"));
  } else {
    // Reports each row that is not UTF-8 with its line.
    records = csv::ParseCsv(csv);
  }
  if (records.empty() || !IsHeader(records[0])) {
    return status::Error(Reason::ERROR_REASON_INVALID_FIELD, "csv: the header is wrong")
        .Field("csv", "must begin with the line name,acronym,parent_agency,kind,source");
  }
  SignatoryList list;
  for (auto record = records.begin() + 1; record != records.end(); ++record) {
    ++list.rows_read;
    const std::string fault = FaultOf(*record, records[0].fields.size());
    if (fault.empty()) {
      AddRow(RowOf(*record), list);
    } else {
      list.problems.push_back(Problem(record->line, record->fields.empty() ? "" : record->fields[0], fault));
    }
  }
  return list;
}

v1::Instrument InstrumentOf(std::string_view source) {
  if (source.starts_with("idea-list-of-signatories")) return v1::INSTRUMENT_OFFICIAL_LIST;
  if (source.starts_with("idea-agreement-2021-signature-block")) return v1::INSTRUMENT_AGREEMENT_2021;
  return v1::INSTRUMENT_UNSPECIFIED;
}

std::vector<PlacedRow> PlaceSignatories(SignatoryList& list, const std::vector<ExistingEntity>& existing) {
  return RowPlacer(list, existing).Place();
}

}  // namespace idea::registry
