#include "services/drafting/document/docx_package.h"

#include <zip.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <set>

#include "common/status/status.h"

namespace idea::drafting::document {
namespace {

// Every file is of this day, so that the same document is the same bytes.
constexpr int kDosDate = (2026 - 1980) << 9 | 1 << 5 | 1;

constexpr char kDocument[] = "word/document.xml";
constexpr char kTypes[] = "[Content_Types].xml";

struct Discard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Archive = std::unique_ptr<zip_t, Discard>;

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

absl::StatusOr<Archive> Open(std::string_view bytes) {
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, nullptr);
  if (source == nullptr) return absl::ResourceExhaustedError("no memory for a zip");
  Archive archive(zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, nullptr));
  if (archive != nullptr) return archive;
  zip_source_free(source);
  return RefuseDocument("NOT_DOCX", "the file is no .docx: it is no sound zip");
}

// What the list of files shows without inflating any.
absl::Status CheckNames(zip_t* archive) {
  const zip_int64_t count = zip_get_num_entries(archive, 0);
  if (count > kMostParts) return RefuseDocument("TOO_LARGE", "the file has too many parts");
  std::set<std::string> names;
  for (zip_int64_t i = 0; i < count; ++i) {
    const char* name = zip_get_name(archive, i, 0);
    if (name == nullptr) return RefuseDocument("BROKEN", "a part has no name");
    const std::string lower = Lower(name);
    // Office takes one and we the other.
    if (!names.insert(lower).second) return RefuseDocument("BROKEN", "a part is there twice");
    if (lower.find("vbaproject") != std::string::npos || lower.find("vbadata") != std::string::npos) {
      return RefuseDocument("MACRO", "the file holds macros; save it as .docx without them");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadPart(zip_t* archive, const char* name) {
  zip_stat_t facts;
  if (zip_stat(archive, name, ZIP_FL_ENC_GUESS, &facts) != 0) {
    return RefuseDocument("NOT_DOCX", "the file is no .docx: " + std::string(name) + " is not in it");
  }
  if ((facts.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && facts.encryption_method != ZIP_EM_NONE) {
    return RefuseDocument("BROKEN", "the file is locked by a password");
  }
  const std::unique_ptr<zip_file_t, Discard> file(zip_fopen_index(archive, facts.index, 0));
  if (file == nullptr) return RefuseDocument("BROKEN", "a part cannot be unpacked");
  // What the file says of its size is not believed.
  std::string part;
  char piece[65536];
  for (zip_int64_t got; (got = zip_fread(file.get(), piece, sizeof piece)) != 0;) {
    if (got < 0) return RefuseDocument("BROKEN", "a part cannot be unpacked");
    part.append(piece, static_cast<size_t>(got));
    const bool swells = part.size() > kFreeBytes && part.size() / kLargestRatio > facts.comp_size;
    if (swells || part.size() > kLargestPart) {
      return RefuseDocument("TOO_LARGE", "a part is too large when unpacked");
    }
  }
  return part;
}

}  // namespace

absl::Status RefuseDocument(std::string_view cause, std::string_view text) {
  return status::Error(status::Reason::ERROR_REASON_DOCUMENT_REFUSED, std::string(text))
      .With("cause", std::string(cause))
      .Field("document", std::string(text));
}

std::string PackDocx(const std::vector<std::pair<std::string, std::string>>& parts) {
  zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, nullptr);
  zip_t* archive = zip_open_from_source(target, ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  // The archive would take the bytes with it.
  zip_source_keep(target);
  for (const auto& [name, bytes] : parts) {
    zip_source_t* source = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
    const zip_int64_t index = zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8);
    zip_file_set_dostime(archive, index, 0, kDosDate, 0);
  }
  zip_close(archive);
  zip_stat_t facts;
  zip_source_stat(target, &facts);
  std::string packed(facts.size, '\0');
  zip_source_open(target);
  zip_source_read(target, packed.data(), packed.size());
  zip_source_close(target);
  zip_source_free(target);
  return packed;
}

absl::StatusOr<std::string> UnpackDocument(std::string_view docx) {
  ASSIGN_OR_RETURN(const Archive archive, Open(docx));
  RETURN_IF_ERROR(CheckNames(archive.get()));
  ASSIGN_OR_RETURN(const std::string types, ReadPart(archive.get(), kTypes));
  if (Lower(types).find("macroenabled") != std::string::npos) {
    return RefuseDocument("MACRO", "the file is made for macros; save it as .docx");
  }
  return ReadPart(archive.get(), kDocument);
}

}  // namespace idea::drafting::document
