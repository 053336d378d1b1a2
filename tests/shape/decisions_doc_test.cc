#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>
#include <sstream>

#include "tests/support/golden.h"

namespace idea::shape {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Decision {
  std::string number, title, date, file;
};

// The records of one page in their order. `faults` gets a sentence for each record without one of its parts.
std::vector<Decision> DecisionsOf(const std::string& file, const std::string& page,
                                  std::vector<std::string>* faults) {
  static const std::regex kRecord(
      "<a id=\"([a-z0-9]+)\"></a>\n## ([PA][0-9]+)\\. ([^\n]+)\n\n(20[0-9]{2}-[01][0-9]-[0-3][0-9])\n");
  std::vector<Decision> decisions;
  size_t headings = 0;
  for (size_t at = page.find("\n## "); at != std::string::npos; at = page.find("\n## ", at + 1)) ++headings;
  for (std::sregex_iterator it(page.begin(), page.end(), kRecord), end; it != end; ++it) {
    const std::smatch& record = *it;
    const std::string number = record[2];
    decisions.push_back({number, record[3], record[4], file});
    std::string anchor = number;
    anchor[0] = static_cast<char>(std::tolower(anchor[0]));
    if (record[1] != anchor) faults->push_back(number + ": the anchor must be " + anchor);
    const std::string body = record.suffix().str().substr(0, record.suffix().str().find("\n<a id="));
    size_t last = 0;
    for (const char* part : {"\n**Context.** ", "\n**Decision.** ", "\n**Consequence.** "}) {
      const size_t at = body.find(part, last);
      if (at == std::string::npos) faults->push_back(number + ": lacks" + part + "in this place");
      last = at == std::string::npos ? last : at;
    }
  }
  if (decisions.size() != headings) faults->push_back(file + ": a heading has no anchor or no date");
  return decisions;
}

std::vector<Decision> AllDecisions(std::vector<std::string>* faults) {
  std::vector<Decision> all;
  for (const auto& entry : std::filesystem::directory_iterator(idea::testing::SourcePath("docs/decisions"))) {
    const std::string name = entry.path().filename().string();
    if (name == "README.md" || name == "libraries.md") continue;
    for (auto& decision : DecisionsOf(name, idea::testing::ReadText(entry.path()), faults)) {
      all.push_back(std::move(decision));
    }
  }
  const auto key = [](const Decision& d) {
    return std::make_pair(d.number[0] == 'A', std::stoi(d.number.substr(1)));
  };
  std::sort(all.begin(), all.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
  return all;
}

constexpr char kHead[] = R"(# Decisions

What was decided, when and why, and what follows. P are decisions on the product, A on the architecture. Numbers are stable: a new
decision gets the next one, a decision that changes names the one that changed it. The pages are by topic; [libraries.md](libraries.md)
lists the libraries and tools. The test `shape_test` checks the form of the records and generates this index.
)";

std::string Index(const std::vector<Decision>& decisions) {
  std::string index = kHead;
  char kind = 0;
  for (const auto& decision : decisions) {
    if (decision.number[0] != kind) {
      kind = decision.number[0];
      index += std::string("\n## ") + (kind == 'P' ? "Product" : "Architecture") +
               "\n\n| Number | Decision | Date | Page |\n| --- | --- | --- | --- |\n";
    }
    std::string anchor = decision.number;
    anchor[0] = static_cast<char>(std::tolower(anchor[0]));
    index += "| [" + decision.number + "](" + decision.file + "#" + anchor + ") | " + decision.title + " | " +
             decision.date + " | [" + decision.file.substr(0, decision.file.find('.')) + "](" +
             decision.file + ") |\n";
  }
  return index;
}

TEST(Decisions, HaveADateAndThreeParts) {
  std::vector<std::string> faults;
  EXPECT_GT(AllDecisions(&faults).size(), 180u);
  EXPECT_THAT(faults, IsEmpty());
}

TEST(Decisions, AreNumberedOnce) {
  std::vector<std::string> faults;
  std::set<std::string> numbers;
  for (const auto& decision : AllDecisions(&faults)) {
    EXPECT_TRUE(numbers.insert(decision.number).second) << decision.number;
  }
}

TEST(Decisions, AreInTheIndex) {
  std::vector<std::string> faults;
  idea::testing::ExpectGolden("docs/decisions/README.md", Index(AllDecisions(&faults)));
}

// --- the checker sees what it should: planted text ---

const std::string kParts = "\n**Context.** c\n\n**Decision.** d\n\n**Consequence.** q\n";

std::string FaultOf(const std::string& page) {
  std::vector<std::string> faults;
  DecisionsOf("page.md", page, &faults);
  return faults.empty() ? "" : faults[0];
}

TEST(PlantedDecision, IsRead) {
  std::vector<std::string> faults;
  const auto read =
      DecisionsOf("page.md", "# Page\n\n<a id=\"p7\"></a>\n## P7. Title\n\n2026-11-22\n" + kParts, &faults);
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].title, "Title");
  EXPECT_THAT(faults, IsEmpty());
}

TEST(PlantedDecision, WithoutAPartIsFound) {
  EXPECT_THAT(
      FaultOf("\n<a id=\"p7\"></a>\n## P7. Title\n\n2026-11-22\n\n**Context.** c\n\n**Decision.** d\n"),
      HasSubstr("Consequence"));
  EXPECT_THAT(
      FaultOf("\n<a id=\"p7\"></a>\n## P7. Title\n\n2026-11-22\n\n**Decision.** d\n\n<a id=\"p8\"></a>\n"
              "## P8. Title\n\n2026-11-22\n" +
              kParts),
      HasSubstr("P7: lacks"));
}

TEST(PlantedDecision, WithoutADateIsFound) {
  EXPECT_THAT(FaultOf("\n<a id=\"p7\"></a>\n## P7. Title\n" + kParts), HasSubstr("no date"));
}

TEST(PlantedDecision, WithAnotherAnchorIsFound) {
  EXPECT_THAT(FaultOf("\n<a id=\"p8\"></a>\n## P7. Title\n\n2026-11-22\n" + kParts), HasSubstr("must be p7"));
}

}  // namespace
}  // namespace idea::shape
