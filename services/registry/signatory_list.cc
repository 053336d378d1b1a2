#include "services/registry/signatory_list.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "common/csv/csv.h"
#include "common/ids/ids.h"
#include "common/status/status.h"

namespace idea::registry {
namespace {

using csv::CsvRecord;
using csv::IsUtf8;
using csv::ParseCsv;
using status::Reason;

const std::vector<std::string>& Header() {
  static const std::vector<std::string> header = {"name", "acronym", "parent_agency", "kind", "source"};
  return header;
}

v1::EntityKind KindOf(std::string_view text) {
  static const std::map<std::string, v1::EntityKind, std::less<>> kinds = {
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
  };
  const auto kind = kinds.find(text);
  return kind == kinds.end() ? v1::ENTITY_KIND_UNSPECIFIED : kind->second;
}

v1::ImportProblem Problem(int line, std::string_view display_name, std::string_view problem) {
  v1::ImportProblem out;
  out.set_line(line);
  if (IsUtf8(display_name)) out.set_display_name(std::string(display_name.substr(0, 1000)));
  if (!IsUtf8(out.display_name())) out.clear_display_name();
  out.set_problem(std::string(problem));
  return out;
}

std::string Trimmed(const std::string& text) { return std::string(absl::StripAsciiWhitespace(text)); }

// Characters of well-formed UTF-8.
size_t LengthOf(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

bool IsLine(std::string_view text, size_t longest) {
  return LengthOf(text) <= longest &&
         std::none_of(text.begin(), text.end(), [](char c) { return absl::ascii_iscntrl(c); });
}

// What is wrong with a record in itself; empty if nothing.
std::string FaultOf(const CsvRecord& record) {
  if (record.broken) return "not well-formed CSV: see the quotes";
  const auto& fields = record.fields;
  if (fields.size() != Header().size()) {
    return "has " + std::to_string(fields.size()) + " columns instead of " + std::to_string(Header().size());
  }
  if (!std::all_of(fields.begin(), fields.end(), IsUtf8)) return "not UTF-8";
  if (Trimmed(fields[0]).empty()) return "name is missing";
  if (!IsLine(fields[0], 200)) return "name is not one line of at most 200 characters";
  if (ids::Slug(fields[0]).empty()) return "name has no letter or digit to make an id of";
  if (!IsLine(fields[1], 20)) return "acronym is not one line of at most 20 characters";
  if (KindOf(Trimmed(fields[3])) == v1::ENTITY_KIND_UNSPECIFIED) return "unknown kind: " + Trimmed(fields[3]);
  if (Trimmed(fields[4]).empty()) return "source is missing";
  if (!IsLine(fields[4], 300)) return "source is not one line of at most 300 characters";
  return "";
}

SignatoryRow RowOf(const CsvRecord& record) {
  const auto& fields = record.fields;
  return {record.line,        Trimmed(fields[0]),         Trimmed(fields[1]),
          Trimmed(fields[2]), KindOf(Trimmed(fields[3])), Trimmed(fields[4])};
}

bool IsHeader(const CsvRecord& record) {
  std::vector<std::string> fields;
  for (const std::string& field : record.fields) fields.push_back(Trimmed(field));
  return !record.broken && fields == Header();
}

}  // namespace

absl::StatusOr<SignatoryList> ReadSignatories(std::string_view csv) {
  const std::vector<CsvRecord> records = ParseCsv(csv);
  if (records.empty() || !IsHeader(records[0])) {
    return status::Error(Reason::ERROR_REASON_INVALID_FIELD, "csv: another header is wanted")
        .Field("csv", "begins with the line name,acronym,parent_agency,kind,source");
  }
  SignatoryList list;
  std::map<std::string, int> lines;
  for (auto record = records.begin() + 1; record != records.end(); ++record) {
    ++list.rows_read;
    std::string fault = FaultOf(*record);
    if (fault.empty()) {
      const auto [first, fresh] = lines.emplace(Trimmed(record->fields[0]), record->line);
      if (!fresh) fault = "the name stands on line " + std::to_string(first->second) + " already";
    }
    if (fault.empty()) {
      list.rows.push_back(RowOf(*record));
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

std::vector<PlacedRow> PlaceSignatories(SignatoryList& list,
                                        const std::map<std::string, std::string>& known) {
  std::map<std::string, std::string> names = known;
  std::set<std::string> taken;
  for (const auto& [display_name, name] : known) taken.insert(name);
  std::vector<PlacedRow> placed;
  std::vector<SignatoryRow> waiting = std::exchange(list.rows, {});
  for (bool moved = true; moved && !waiting.empty();) {
    moved = false;
    for (SignatoryRow& row : std::exchange(waiting, {})) {
      const auto parent = names.find(row.parent_agency);
      if (!row.parent_agency.empty() && parent == names.end()) {
        waiting.push_back(std::move(row));
        continue;
      }
      moved = true;
      const auto here = known.find(row.display_name);
      const std::string name = here != known.end() ? here->second : "entities/" + ids::Slug(row.display_name);
      if (here == known.end() && !taken.insert(name).second) {
        list.problems.push_back(Problem(row.line, row.display_name, "another entity has the name " + name));
        continue;
      }
      names[row.display_name] = name;
      const std::string agency = row.parent_agency.empty() ? "" : parent->second;
      placed.push_back({std::move(row), name, agency, here != known.end()});
    }
  }
  for (const SignatoryRow& row : waiting) {
    list.problems.push_back(
        Problem(row.line, row.display_name, "unknown parent_agency: " + row.parent_agency));
  }
  std::sort(list.problems.begin(), list.problems.end(),
            [](const auto& a, const auto& b) { return a.line() < b.line(); });
  return placed;
}

}  // namespace idea::registry
