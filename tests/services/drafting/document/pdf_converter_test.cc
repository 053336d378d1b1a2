#include "services/drafting/document/pdf_converter.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "common/status/status.h"
#include "tests/services/drafting/document/sample_forms.h"
#include "tests/support/matchers.h"

// PDF by the `soffice` in the PATH.
namespace idea::drafting {
namespace {

using status::Reason;
using testing::FailsWith;

class PdfConverter : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* path = std::getenv("PATH");
    path_ = path == nullptr ? "" : path;
    folder_ = std::filesystem::path(::testing::TempDir()) / ("pdf-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override {
    setenv("PATH", path_.c_str(), 1);
    std::filesystem::remove_all(folder_);
  }
  // Replaces LibreOffice by a program.
  void Install(const std::string& script) {
    const std::filesystem::path program = folder_ / "soffice";
    std::ofstream(program) << "#!/bin/sh\n" << script;
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    setenv("PATH", (folder_.string() + ":" + path_).c_str(), 1);
  }

  std::string path_;
  std::filesystem::path folder_;
};

TEST_F(PdfConverter, ReportsThatLibreOfficeIsNotInstalled) {
  setenv("PATH", folder_.c_str(), 1);
  EXPECT_THAT(ConvertToPdf("docx"), FailsWith(Reason::ERROR_REASON_PDF_UNAVAILABLE));
}

TEST_F(PdfConverter, ReturnsWhatLibreOfficeWrites) {
  // The last argument is the file, the one before it the folder.
  Install(
      "for last; do folder=$before; before=$last; done\n{ printf '%%PDF-1.7 of '; cat \"$last\"; } "
      ">\"$folder/bucp.pdf\"\n");
  const auto pdf = ConvertToPdf("a document");
  ASSERT_THAT(pdf, testing::IsOk());
  EXPECT_EQ(*pdf, "%PDF-1.7 of a document");
}

TEST_F(PdfConverter, ConvertsWithTheInstalledLibreOffice) {
  // NOLINTNEXTLINE(cert-env33-c,concurrency-mt-unsafe): a test that runs its own commands.
  if (std::system("command -v soffice >/dev/null 2>&1") != 0)
    GTEST_SKIP() << "soffice is not installed: apt-get install libreoffice-writer-nogui";
  const v1::Content content = CompleteContent();
  const auto pdf =
      ConvertToPdf(document::ToDocx(document::Compose(document::BucpWith(content), "digest",
                                                      document::FactsOf(content), document::View::kFull)),
                   std::chrono::minutes(3));
  ASSERT_THAT(pdf, testing::IsOk());
  EXPECT_THAT(*pdf, ::testing::StartsWith("%PDF-"));
  EXPECT_THAT(*pdf, ::testing::HasSubstr("%%EOF"));
}

TEST_F(PdfConverter, FailsIfLibreOfficeFails) {
  for (const char* script :
       {"exit 1\n", "exit 0\n",
        "for last; do folder=$before; before=$last; done\necho no >\"$folder/bucp.pdf\"\n"}) {
    Install(script);
    EXPECT_THAT(ConvertToPdf("docx"), FailsWith(Reason::ERROR_REASON_PDF_FAILED)) << script;
  }
}

TEST_F(PdfConverter, KillsALibreOfficeThatHangs) {
  Install("sleep 600\n");
  EXPECT_THAT(ConvertToPdf("docx", std::chrono::milliseconds(100)),
              FailsWith(Reason::ERROR_REASON_PDF_FAILED));
}

}  // namespace
}  // namespace idea::drafting
