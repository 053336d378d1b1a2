#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_PDF_CONVERTER_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_PDF_CONVERTER_H_

#include <chrono>
#include <string>

#include "absl/status/statusor.h"

namespace idea::drafting {

// Maximum time for LibreOffice to convert a document, within the deadline of a call.
inline constexpr std::chrono::milliseconds kPdfTimeout{25'000};

// Converts a .docx to PDF with LibreOffice headless: `soffice` from the PATH, in a temporary folder that also
// contains its profile. One conversion runs at a time. Returns PDF_UNAVAILABLE if LibreOffice is not
// installed, PDF_FAILED if it fails or exceeds `timeout`, after which it is killed.
absl::StatusOr<std::string> ConvertToPdf(const std::string& docx,
                                         std::chrono::milliseconds timeout = kPdfTimeout);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_PDF_CONVERTER_H_
