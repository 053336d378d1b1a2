#ifndef IDEA_TESTS_SUPPORT_GOLDEN_H_
#define IDEA_TESTS_SUPPORT_GOLDEN_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

// Generated files that are checked in. UPDATE_GOLDEN=1 in the environment writes them instead of comparing.
namespace idea::testing {

inline bool UpdatesGoldens() {
  const char* update = std::getenv("UPDATE_GOLDEN");
  return update != nullptr && std::string(update) == "1";
}

// A file of the source tree: SourcePath("docs/ERRORS.md").
inline std::filesystem::path SourcePath(const std::string& path) {
  return std::filesystem::path(IDEA_SOURCE_DIR) / path;
}

inline std::string ReadText(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline void WriteText(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

// Compares `text` with a file of the source tree, or writes it there.
inline void ExpectGolden(const std::string& path, const std::string& text) {
  if (UpdatesGoldens()) return WriteText(SourcePath(path), text);
  EXPECT_EQ(ReadText(SourcePath(path)), text)
      << path << " is out of date: run this test with UPDATE_GOLDEN=1";
}

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_GOLDEN_H_
