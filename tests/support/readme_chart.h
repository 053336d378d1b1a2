#ifndef IDEA_TESTS_SUPPORT_README_CHART_H_
#define IDEA_TESTS_SUPPORT_README_CHART_H_

#include <string>

#include "tests/support/golden.h"

// The flowchart in the README of a service, which is generated from its flow table:
//   TEST(BucpFlow, IsThePictureInTheReadme) {
//     ExpectReadmeChart("services/drafting/README.md", ToMermaid(kFlow, kDraft));
//   }
namespace idea::testing {

// Begin and end of the text of a mermaid block; both npos if the file has no such block.
struct ChartRange {
  size_t begin = std::string::npos;
  size_t end = std::string::npos;
};
inline ChartRange FindChart(const std::string& readme, int nth) {
  const std::string fence = "```mermaid\n";
  size_t at = readme.find(fence);
  for (; nth > 0 && at != std::string::npos; --nth) at = readme.find(fence, at + fence.size());
  if (at == std::string::npos) return {};
  const size_t begin = at + fence.size();
  const size_t end = readme.find("```", begin);
  return end == std::string::npos ? ChartRange() : ChartRange{begin, end};
}

// The text of the n-th mermaid block, from 0, of a file of the source tree; empty if it is missing.
inline std::string ChartOf(const std::string& readme_path, int nth = 0) {
  const std::string readme = ReadText(SourcePath(readme_path));
  const ChartRange range = FindChart(readme, nth);
  return range.begin == std::string::npos ? "" : readme.substr(range.begin, range.end - range.begin);
}

// Compares that block with `chart`. UPDATE_GOLDEN=1 writes it instead, at the end of the file if the block is
// missing.
inline void ExpectReadmeChart(const std::string& readme_path, const std::string& chart, int nth = 0) {
  if (!UpdatesGoldens()) {
    EXPECT_EQ(ChartOf(readme_path, nth), chart) << readme_path << ": run this test with UPDATE_GOLDEN=1";
    return;
  }
  std::string readme = ReadText(SourcePath(readme_path));
  const ChartRange range = FindChart(readme, nth);
  if (range.begin == std::string::npos) {
    readme += "\n```mermaid\n" + chart + "```\n";
  } else {
    readme.replace(range.begin, range.end - range.begin, chart);
  }
  WriteText(SourcePath(readme_path), readme);
}

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_README_CHART_H_
