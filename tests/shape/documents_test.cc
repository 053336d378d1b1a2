// The form of the documents: blocks of code have a language, commands can be run as they are written
// (tests/docs runs them), links lead somewhere.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <set>
#include <sstream>

#include "tests/support/golden.h"

namespace idea::shape {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kNotRun[] = "*Not run by the tests: ";

// The faults of the blocks of code in a document, a sentence each.
std::vector<std::string> BlockFaults(const std::string& text) {
  static const std::set<std::string> kLanguages = {"sh", "text", "json", "sql", "cpp", "mermaid"};
  static const std::regex kPlaceholder(R"(\{[a-z]+\}|<[a-z ]+>|\.\.\.)");
  static const std::regex kReason(R"(\*Not run by the tests: .{10,}\.\*)");
  std::vector<std::string> faults;
  std::stringstream lines(text);
  std::string language, last;
  bool inside = false, runs = false;
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const auto fault = [&](const std::string& what) {
      faults.push_back("line " + std::to_string(number) + ": " + what);
    };
    if (line.rfind("```", 0) == 0) {
      if (inside) {
        inside = false;
        last.clear();
        continue;
      }
      inside = true;
      language = line.substr(3);
      if (kLanguages.count(language) == 0) fault("the block of code has no known language");
      const bool marked = last.rfind(kNotRun, 0) == 0;
      if (marked && !std::regex_match(last, kReason)) fault("the block gives no reason why it is not run");
      if (marked && language != "sh") fault("only blocks of commands are run");
      runs = language == "sh" && !marked;
    } else if (inside) {
      if (runs && std::regex_search(line, kPlaceholder)) fault("a command with a placeholder cannot be run");
    } else {
      if (last.rfind(kNotRun, 0) == 0 && !line.empty()) fault("the reason belongs directly above a block");
      if (!line.empty()) last = line;
    }
  }
  return faults;
}

// The files of the source tree that a document links to, as paths relative to the document.
std::vector<std::string> LinksIn(const std::string& text) {
  static const std::regex kLink(R"(\]\(([^)#:\s]+)(#[^)]*)?\))");
  std::vector<std::string> links;
  for (std::sregex_iterator it(text.begin(), text.end(), kLink), end; it != end; ++it)
    links.push_back((*it)[1]);
  return links;
}

std::vector<std::filesystem::path> Documents() {
  std::vector<std::filesystem::path> documents = {idea::testing::SourcePath("README.md"),
                                                  idea::testing::SourcePath("CONTRIBUTING.md")};
  for (const char* folder : {"docs", "services", "deploy"}) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(idea::testing::SourcePath(folder))) {
      if (entry.path().extension() == ".md") documents.push_back(entry.path());
    }
  }
  return documents;
}

TEST(Documents, HaveBlocksThatCanBeRun) {
  for (const auto& document : Documents())
    EXPECT_THAT(BlockFaults(idea::testing::ReadText(document)), IsEmpty()) << document;
}

TEST(Documents, LinkToFilesThatExist) {
  size_t links = 0;
  for (const auto& document : Documents()) {
    for (const std::string& link : LinksIn(idea::testing::ReadText(document))) {
      ++links;
      EXPECT_TRUE(std::filesystem::exists(document.parent_path() / link)) << document << " links to " << link;
    }
  }
  EXPECT_GT(links, 100u);
}

// --- the checker sees what it should: planted text ---

TEST(PlantedDocument, WithGoodBlocksHasNoFault) {
  EXPECT_THAT(BlockFaults("```sh\nls $A\n```\n\n*Not run by the tests: a cluster is needed.*\n\n```sh\nrun "
                          "<name>\n```\n```json\n{\"a\": 1}\n```\n"),
              IsEmpty());
}

TEST(PlantedDocument, WithABadBlockIsFound) {
  EXPECT_THAT(BlockFaults("```\nls\n```\n"),
              ElementsAre(HasSubstr("line 1: the block of code has no known")));
  EXPECT_THAT(BlockFaults("```sh\nget bucps/{id}\n```\n"), ElementsAre(HasSubstr("line 2: a command with")));
  EXPECT_THAT(BlockFaults("```sh\nget ...\n```\n"), ElementsAre(HasSubstr("placeholder")));
  EXPECT_THAT(BlockFaults("*Not run by the tests: .*\n\n```sh\nls\n```\n"), ElementsAre(HasSubstr("why")));
  EXPECT_THAT(BlockFaults("*Not run by the tests: a cluster is needed.*\n\n```sql\n```\n"),
              ElementsAre(HasSubstr("only blocks of commands")));
  EXPECT_THAT(BlockFaults("*Not run by the tests: a cluster is needed.*\n\nText.\n\n```sh\nls\n```\n"),
              ElementsAre(HasSubstr("directly above")));
}

TEST(PlantedDocument, HasItsLinksRead) {
  EXPECT_THAT(LinksIn("[a](b.md), [c](d/e.md#f), [g](#h), [i](https://example.org)"),
              ElementsAre("b.md", "d/e.md"));
}

}  // namespace
}  // namespace idea::shape
