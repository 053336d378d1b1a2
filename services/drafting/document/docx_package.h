#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_DOCX_PACKAGE_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_DOCX_PACKAGE_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

// A .docx as what it is: a zip of XML parts.
namespace idea::drafting::document {

// Most bytes of a part, inflated; and how often its packed size, above kFreeBytes.
inline constexpr size_t kLargestPart = size_t{16} << 20U;
inline constexpr size_t kLargestRatio = 100;
inline constexpr size_t kFreeBytes = size_t{4} << 20U;
inline constexpr int kMostParts = 1000;

// Packs the parts in their order. The same parts give the same bytes.
std::string PackDocx(const std::vector<std::pair<std::string, std::string>>& parts);

// The part word/document.xml of an uploaded file. Nothing else of it is inflated but the list of content
// types. DOCUMENT_REFUSED, with the cause in metadata `cause`: NOT_DOCX, MACRO, TOO_LARGE, BROKEN.
absl::StatusOr<std::string> UnpackDocument(std::string_view docx);

// The refusal of an uploaded file.
absl::Status RefuseDocument(std::string_view cause, std::string_view text);

}  // namespace idea::drafting::document

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_DOCX_PACKAGE_H_
