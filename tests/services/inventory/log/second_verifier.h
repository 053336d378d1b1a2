#ifndef IDEA_TESTS_SERVICES_INVENTORY_LOG_SECOND_VERIFIER_H_
#define IDEA_TESTS_SERVICES_INVENTORY_LOG_SECOND_VERIFIER_H_

#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace idea::testing {

// Compares `ideactl verify` with tests/verifier/verify_bundle.py, which shares no code with it. Needs
// Debian's python3-cryptography.
class SecondVerifier {
 public:
  ~SecondVerifier() { std::filesystem::remove_all(folder_); }

  // Keeps a bundle and the result of `ideactl verify` with these keys of the log. Keeps every valid bundle,
  // and of the others the first few and then a sample.
  void Add(const std::string& bundle, const std::string& keys, bool holds) {
    if (!holds && ++refused_ > kFirst && refused_ % kSample != 0) return;
    if (folder_.empty()) {
      std::string pattern = ::testing::TempDir() + "bundles.XXXXXX";
      folder_ = mkdtemp(pattern.data());
    }
    const std::string file = folder_ / std::to_string(kept_++);
    std::ofstream(file, std::ios::binary) << bundle;
    expected_[keys].emplace_back(file, holds);
  }

  // Runs the second verifier over all of them and expects the same result for each.
  void ExpectAgreement() {
    for (const auto& [keys, bundles] : expected_) {
      const std::string key_file = folder_ / "log.pub";
      std::ofstream(key_file) << keys;
      std::string command =
          "/usr/bin/python3 " + std::string(IDEA_SOURCE_DIR) + "/tests/verifier/verify_bundle.py " + key_file;
      for (const auto& [file, _] : bundles) command += " " + file;
      const auto [exit_code, said] = Run(command + " 2>&1");
      bool all_hold = true;
      for (const auto& [file, holds] : bundles) {
        all_hold = all_hold && holds;
        EXPECT_NE(said.find(file + ": "), std::string::npos) << "not verified: " << said.substr(0, 1000);
        EXPECT_EQ(said.find(file + ": FAULT ") == std::string::npos, holds)
            << "ideactl verify and the second verifier disagree:\n"
            << LinesAbout(file, said);
      }
      EXPECT_EQ(exit_code == 0, all_hold) << said.substr(0, 1000);
    }
  }

 private:
  static constexpr int kFirst = 40;
  static constexpr int kSample = 50;

  static std::pair<int, std::string> Run(const std::string& command) {
    FILE* pipe = popen(command.c_str(), "r");
    std::string said;
    char part[4096];
    while (const size_t size = fread(part, 1, sizeof part, pipe)) said.append(part, size);
    return {WEXITSTATUS(pclose(pipe)), said};
  }

  static std::string LinesAbout(const std::string& file, const std::string& said) {
    std::string lines;
    for (size_t at = said.find(file + ": "); at != std::string::npos; at = said.find(file + ": ", at + 1)) {
      lines += said.substr(at, said.find('\n', at) + 1 - at);
    }
    return lines;
  }

  std::filesystem::path folder_;
  int refused_ = 0, kept_ = 0;
  // By the keys of the log: files, each with the expected result.
  std::map<std::string, std::vector<std::pair<std::string, bool>>> expected_;
};

}  // namespace idea::testing

#endif  // IDEA_TESTS_SERVICES_INVENTORY_LOG_SECOND_VERIFIER_H_
