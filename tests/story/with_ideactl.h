#ifndef IDEA_TESTS_STORY_WITH_IDEACTL_H_
#define IDEA_TESTS_STORY_WITH_IDEACTL_H_

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "services/cli/cli_app.h"
#include "tests/story/two_departments.h"

namespace idea::story {

// The two departments, and `ideactl` with the identities "cdo" (its person: "cdo/cdo"), "x" and "y". Imports
// earlier agreements of X and Y from a file.
class WithIdeactl : public TwoDepartments {
 protected:
  void SetUp() override {
    TwoDepartments::SetUp();
    if (IsSkipped()) return;
    folder_ = std::filesystem::temp_directory_path() / ("with-ideactl-" + ids::NewUuid());
    std::filesystem::create_directories(folder_);
    WriteContext();
  }
  void TearDown() override {
    std::filesystem::remove_all(folder_);
    TwoDepartments::TearDown();
  }

  // Once the services are at another address.
  void WriteContext() {
    const auto identity = [](const std::string& entity) {
      const rpc::TlsFiles files = testing::FilesOf(entity);
      return R"({"cert": ")" + files.certificate + R"(", "key": ")" + files.key + '"';
    };
    std::ofstream(folder_ / "cdo.jwt") << server_->TokenOf("cdo") << "\n";
    std::ofstream(folder_ / "context.json")
        << R"({"ca": ")" << testing::FilesOf(kCdo).authority
        << R"(", "as": "cdo", "endpoints": {"default": ")" << server_->address()
        << R"("}, "identities": {"x": )" << identity(kX) << R"(}, "y": )" << identity(kY) << R"(}, "cdo": )"
        << identity(kCdo) << R"(, "people": {"cdo": "cdo.jwt"}}}})";
  }

  // Leaves what was printed in out_ and err_.
  cli::ExitCode Run(std::vector<std::string> words) {
    words.insert(words.begin(), {"--context", (folder_ / "context.json").string()});
    std::istringstream in;
    std::ostringstream out, err;
    cli::Environment env{in, out, err, variables_, clock_, [](std::chrono::milliseconds) {}};
    const cli::ExitCode code = cli::Run(words, env);
    out_ = out.str();
    err_ = err.str();
    return code;
  }
  cli::ExitCode Import(const std::string& lines, const std::vector<std::string>& more = {}) {
    const std::string file = folder_ / "earlier.jsonl";
    std::ofstream(file) << lines;
    std::vector<std::string> words = {"--as", "cdo/cdo", "filings", "import", file, "--source", "form"};
    words.insert(words.end(), more.begin(), more.end());
    return Run(words);
  }
  // An agreement between X and Y; `more` are members besides those that it must have.
  static std::string Line(const std::string& reference, const std::string& more = "") {
    return R"({"reference": ")" + reference + R"(", "title": "Agreement )" + reference +
           R"(", "recipients": [")" + kX + R"("], "providers": [")" + kY +
           R"("], "executeDate": {"year": 2022, "month": 1, "day": 2}, "fileDate": {"year": 2022, "month": 1, )"
           R"("day": 3})" +
           more + "}\n";
  }

  clock::SystemClock clock_;
  std::filesystem::path folder_;
  // The environment variables of ideactl.
  cli::Variables variables_;
  std::string out_, err_;
};

}  // namespace idea::story

#endif  // IDEA_TESTS_STORY_WITH_IDEACTL_H_
