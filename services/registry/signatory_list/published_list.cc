#include "services/registry/signatory_list/published_list.h"

#include <algorithm>
#include <array>
#include <vector>

#include "absl/strings/ascii.h"
#include "common/ids/ids.h"
#include "common/status/status.h"

namespace idea::registry {
namespace {

using status::Reason;

constexpr char kSource[] = "idea-list-of-signatories";

struct Correction {
  std::string_view published;
  std::string_view correct;
};

// Names that the page spells differently than the entities themselves, or twice in one cell.
constexpr auto kNames = std::to_array<Correction>({
    {"California African American History Museum", "California African American Museum"},
    {"California Highway Patrol, Department of theCalifornia Highway Patrol, Department of the",
     "California Highway Patrol"},
    {"Center for Data Insights and Innovation at CHHS", "Center for Data Insights and Innovation"},
    {"San Gabriel and Lower Los Angeles River and Mountains Conservancy",
     "San Gabriel and Lower Los Angeles Rivers and Mountains Conservancy"},
});

// Entries of the agency column that are not the agency: a budget category, a department listed as its own
// agency, and a board in all rows of the labor agency.
constexpr auto kAgencies = std::to_array<Correction>({
    {"Corrections and Rehabilitation Agency", "Department of Corrections and Rehabilitation"},
    {"General Government", ""},
    {"Public Employment Relations Board", "Labor and Workforce Development Agency"},
});

// The texts after the comma of an inverted name.
constexpr auto kPrefixes =
    std::to_array<std::string_view>({"Board of", "California", "Department of", "Department of the",
                                     "Office of", "State", "State Department of"});
constexpr auto kSecretaries = std::to_array<std::string_view>({"Secretary for", "Secretary of the"});

template <size_t N>
std::string Corrected(const std::array<Correction, N>& table, const std::string& text) {
  const auto* found =
      std::find_if(table.begin(), table.end(), [&](const Correction& c) { return c.published == text; });
  return found == table.end() ? text : std::string(found->correct);
}

template <size_t N>
bool IsOneOf(const std::array<std::string_view, N>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

// "Department of Aging" of "Aging, Department of". The row of "Environmental Protection, Secretary for" is
// that of the agency.
std::string NaturalName(const std::string& published, const std::string& agency) {
  const std::string corrected = Corrected(kNames, published);
  const size_t comma = corrected.rfind(", ");
  if (comma == std::string::npos) return corrected;
  const std::string head = corrected.substr(0, comma), tail = corrected.substr(comma + 2);
  if (IsOneOf(kPrefixes, tail)) return tail + " " + head;
  if (!IsOneOf(kSecretaries, tail)) return corrected;
  return head.find("Agency") == std::string::npos && !agency.empty() ? agency : head;
}

// The kind as the name suggests it, because the page has none.
v1::EntityKind KindOfName(const std::string& name) {
  struct Word {
    std::string_view word;
    v1::EntityKind kind;
  };
  static constexpr auto kWords =
      std::to_array<Word>({{"Agency", v1::ENTITY_KIND_AGENCY},
                           {"Board", v1::ENTITY_KIND_BOARD},
                           {"Panel", v1::ENTITY_KIND_BOARD},
                           {"Commission", v1::ENTITY_KIND_COMMISSION},
                           {"Conservancy", v1::ENTITY_KIND_CONSERVANCY},
                           {"Authority", v1::ENTITY_KIND_AUTHORITY},
                           {"Retirement System", v1::ENTITY_KIND_RETIREMENT_SYSTEM},
                           {"Museum", v1::ENTITY_KIND_MUSEUM},
                           {"Office", v1::ENTITY_KIND_OFFICE}});
  const auto* found = std::find_if(kWords.begin(), kWords.end(), [&](const Word& word) {
    return name.find(word.word) != std::string::npos;
  });
  return found == kWords.end() ? v1::ENTITY_KIND_DEPARTMENT : found->kind;
}

// The trimmed cells of "| a | b |". Empty if the line is not a row of a table.
std::vector<std::string> CellsOf(std::string_view line) {
  std::string text(absl::StripAsciiWhitespace(absl::string_view(line.data(), line.size())));
  if (!text.starts_with('|')) return {};
  if (!text.ends_with('|')) text += '|';
  std::vector<std::string> cells(1);
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '|') {
      cells.back() += text[++i];
    } else if (text[i] == '|') {
      cells.emplace_back();
    } else {
      cells.back() += text[i];
    }
  }
  cells.pop_back();
  for (std::string& cell : cells) absl::StripAsciiWhitespace(&cell);
  return cells;
}

bool IsRule(const std::vector<std::string>& cells) {
  return std::all_of(cells.begin(), cells.end(), [](const std::string& cell) {
    return cell.find_first_not_of("-: ") == std::string::npos && cell.find('-') != std::string::npos;
  });
}

std::string FaultOf(const std::vector<std::string>& cells) {
  if (cells.size() != 2) return "has " + std::to_string(cells.size()) + " columns instead of 2";
  const std::string fault = NameFault(cells[0]);
  return fault.empty() && !cells[1].empty() ? AgencyFault(cells[1]) : fault;
}

void AddCells(const std::vector<std::string>& cells, int line, SignatoryList& list) {
  ++list.rows_read;
  if (const std::string fault = FaultOf(cells); !fault.empty()) {
    list.problems.push_back(Problem(line, cells.empty() ? "" : cells[0], fault));
    return;
  }
  SignatoryRow row;
  row.line = line;
  row.parent_agency = Corrected(kAgencies, cells[1]);
  row.display_name = NaturalName(cells[0], row.parent_agency);
  row.kind = KindOfName(row.display_name);
  row.source = kSource;
  row.published = true;
  AddRow(std::move(row), list);
}

}  // namespace

absl::StatusOr<SignatoryList> ReadPublishedList(std::string_view markdown) {
  SignatoryList list;
  bool in_table = false;
  int number = 0;
  while (!markdown.empty()) {
    const std::string_view line = markdown.substr(0, markdown.find('\n'));
    markdown.remove_prefix(std::min(line.size() + 1, markdown.size()));
    ++number;
    const std::vector<std::string> cells = CellsOf(line);
    if (!in_table) {
      in_table = cells == std::vector<std::string>{"Name", "Agency/Funding source"};
    } else if (cells.empty()) {
      break;
    } else if (!IsRule(cells)) {
      AddCells(cells, number, list);
    }
  }
  if (in_table) return list;
  return status::Error(Reason::ERROR_REASON_INVALID_FIELD, "markdown: the table of signatories is missing")
      .Field("markdown", "must be a page with a table whose header is | Name | Agency/Funding source |");
}

}  // namespace idea::registry
