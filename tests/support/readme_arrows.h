#ifndef IDEA_TESTS_SUPPORT_README_ARROWS_H_
#define IDEA_TESTS_SUPPORT_README_ARROWS_H_

#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/golden.h"

// A table in the README of a service that compares a printed chart with a flow table: the first cell of a row
// is an arrow of the printed chart, or begins with "added"; the others name the arrows of the flow table in
// `code`.
namespace idea::testing {

using ReadmeRow = std::vector<std::string>;

// The rows of the table whose first header cell is `header`; empty if there is no such table.
inline std::vector<ReadmeRow> RowsOfReadme(const std::string& readme_path, const std::string& header) {
  std::istringstream readme(ReadText(SourcePath(readme_path)));
  std::vector<ReadmeRow> rows;
  bool inside = false;
  for (std::string line; std::getline(readme, line);) {
    if (line.starts_with("| " + header + " |")) {
      inside = std::getline(readme, line).good();  // the line below the header
    } else if (inside && line.starts_with("| ")) {
      ReadmeRow& row = rows.emplace_back();
      for (size_t at = 2, end; (end = line.find(" |", at)) != std::string::npos; at = end + 3)
        row.push_back(line.substr(at, end - at));
    } else {
      inside = false;
    }
  }
  return rows;
}

// The first cells of the arrows in the printed chart.
inline std::vector<std::string> PrintedIn(const std::vector<ReadmeRow>& rows) {
  std::vector<std::string> printed;
  for (const ReadmeRow& row : rows) {
    if (!row[0].starts_with("added")) printed.push_back(row[0]);
  }
  return printed;
}

// The texts between ` and ` in one column: only the arrows, "A --> B: Event", or only the others.
inline std::vector<std::string> CodeIn(const std::vector<ReadmeRow>& rows, size_t column, bool arrows) {
  std::vector<std::string> code;
  for (const ReadmeRow& row : rows) {
    std::istringstream cell(row.at(column));
    bool is_code = false;
    for (std::string part; std::getline(cell, part, '`'); is_code = !is_code) {
      if (is_code && (part.find("-->") != std::string::npos) == arrows) code.push_back(part);
    }
  }
  return code;
}

// The arrows in the Mermaid text of a flow, without guards, citations and ends.
inline std::set<std::string> ArrowsIn(const std::string& mermaid) {
  std::istringstream lines(mermaid);
  std::set<std::string> arrows;
  for (std::string line; std::getline(lines, line);) {
    const bool is_arrow = line.find("-->") != std::string::npos && !line.ends_with("--> [*]");
    if (!is_arrow) continue;
    line.erase(0, line.find_first_not_of(' '));
    const size_t event = line.find(": ");
    arrows.insert(event == std::string::npos ? line : line.substr(0, line.find(' ', event + 2)));
  }
  return arrows;
}

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_README_ARROWS_H_
