#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_DOCX_PACKAGE_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_DOCX_PACKAGE_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace pugi {
class xml_document;
}  // namespace pugi

// A .docx file is a zip archive of XML parts.
namespace idea::drafting::document {

// Maximum size of all parts that are read, inflated, in bytes; and maximum ratio of a part's size to its
// packed size, above kFreeBytes.
inline constexpr size_t kMaxUnpackedBytes = size_t{16} << 20U;
inline constexpr size_t kMaxRatio = 100;
inline constexpr size_t kFreeBytes = size_t{4} << 20U;
inline constexpr int kMaxParts = 1000;
// Maximum number of tags in a part, because each takes memory.
inline constexpr int kMaxTags = 1'000'000;

// Packs the parts in their order. The same parts give the same bytes.
std::string PackDocx(const std::vector<std::pair<std::string, std::string>>& parts);

// The parts of an uploaded file that contain text, each as XML. Empty if the file does not have the part.
struct DocxParts {
  std::string document;
  std::string footnotes;
  std::string endnotes;
  std::string comments;
  // Headers, then footers, in the order of the relationships.
  std::vector<std::string> margins;
};

// Unpacks the main document, which the relationships of the package name ("word/document.xml", or
// "word/document2.xml" of Word Online), and the parts with text that the relationships of the main document
// name. Nothing else is inflated. Returns DOCUMENT_REFUSED, with the cause in metadata `cause`: NOT_DOCX,
// MACRO, TOO_LARGE, BROKEN.
absl::StatusOr<DocxParts> UnpackDocx(std::string_view docx);

// Parses a part. Refuses XML that is not well formed, and any document type: Office never writes one, and
// entities are declared there.
absl::Status ParseXml(const std::string& xml, pugi::xml_document& document);

// The error for a refused file.
absl::Status RefuseDocument(std::string_view cause, std::string_view text);

}  // namespace idea::drafting::document

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_DOCX_PACKAGE_H_
