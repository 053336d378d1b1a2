#include "services/drafting/document/docx_package.h"

#include <zip.h>

#include <algorithm>
#include <memory>
#include <pugixml.hpp>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "common/status/status.h"

namespace idea::drafting::document {
namespace {

// Every file gets this date, so that the same document has the same bytes.
constexpr int kDosDate = (2026 - 1980) << 9 | 1 << 5 | 1;

constexpr char kTypes[] = "[Content_Types].xml";
constexpr char kRootRelations[] = "_rels/.rels";
constexpr char kUsualDocument[] = "word/document.xml";

struct Discard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Archive = std::unique_ptr<zip_t, Discard>;

absl::StatusOr<Archive> Open(std::string_view bytes) {
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, nullptr);
  if (source == nullptr) return absl::ResourceExhaustedError("no memory for a zip");
  Archive archive(zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, nullptr));
  if (archive != nullptr) return archive;
  zip_source_free(source);
  return RefuseDocument("NOT_DOCX", "the file is not a .docx: it is not a valid zip");
}

// Checks that need only the list of files, before any file is inflated.
absl::Status CheckNames(zip_t* archive) {
  const zip_int64_t count = zip_get_num_entries(archive, 0);
  if (count > kMaxParts) return RefuseDocument("TOO_LARGE", "the file has too many parts");
  std::set<std::string> names;
  for (zip_int64_t i = 0; i < count; ++i) {
    const char* name = zip_get_name(archive, i, 0);
    if (name == nullptr) return RefuseDocument("BROKEN", "a part has no name");
    const std::string lower = absl::AsciiStrToLower(name);
    // Office uses one of them, this suite the other.
    if (!names.insert(lower).second) return RefuseDocument("BROKEN", "a part exists twice");
    if (lower.find("vbaproject") != std::string::npos || lower.find("vbadata") != std::string::npos) {
      return RefuseDocument("MACRO", "the file contains macros; save it as .docx without them");
    }
  }
  return absl::OkStatus();
}

// Reads parts and counts their total size.
class PartReader {
 public:
  explicit PartReader(zip_t* archive) : archive_(archive) {}

  bool Has(const std::string& name) const {
    return zip_name_locate(archive_, name.c_str(), ZIP_FL_ENC_GUESS) >= 0;
  }

  absl::StatusOr<std::string> Read(const std::string& name) {
    zip_stat_t facts;
    if (zip_stat(archive_, name.c_str(), ZIP_FL_ENC_GUESS, &facts) != 0) {
      return RefuseDocument("NOT_DOCX", "the file is not a .docx: " + name + " is not in it");
    }
    if ((facts.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && facts.encryption_method != ZIP_EM_NONE) {
      return RefuseDocument("BROKEN", "the file is locked by a password");
    }
    const std::unique_ptr<zip_file_t, Discard> file(zip_fopen_index(archive_, facts.index, 0));
    if (file == nullptr) return RefuseDocument("BROKEN", "a part cannot be unpacked");
    // The size that the file states is not trusted.
    std::string part;
    char piece[65536];
    for (zip_int64_t got; (got = zip_fread(file.get(), piece, sizeof piece)) != 0;) {
      if (got < 0) return RefuseDocument("BROKEN", "a part cannot be unpacked");
      part.append(piece, static_cast<size_t>(got));
      unpacked_ += static_cast<size_t>(got);
      const bool swells = part.size() > kFreeBytes && part.size() / kMaxRatio > facts.comp_size;
      if (swells || unpacked_ > kMaxUnpackedBytes) {
        return RefuseDocument("TOO_LARGE", "the file is too large when unpacked");
      }
    }
    return part;
  }

 private:
  zip_t* archive_;
  size_t unpacked_ = 0;
};

struct Relation {
  // The last segment of its type: "officeDocument", "footnotes".
  std::string type;
  // The name of the part.
  std::string target;
};

// Resolves a target relative to the folder "word/": "word/footnotes.xml" for "footnotes.xml",
// "/word/footnotes.xml" and "../word/footnotes.xml".
std::string PartName(const std::string& folder, std::string target) {
  std::string base = folder;
  if (target.starts_with('/')) {
    base.clear();
    target.erase(0, 1);
  }
  while (target.starts_with("../") || target.starts_with("./")) {
    const bool up = target.starts_with("../");
    target.erase(0, up ? 3 : 2);
    if (!up || base.empty()) continue;
    base.pop_back();
    base.erase(base.rfind('/') == std::string::npos ? 0 : base.rfind('/') + 1);
  }
  return base + target;
}

// The relationships of the part `name`, without targets outside of the package.
absl::StatusOr<std::vector<Relation>> ReadRelations(PartReader& parts, const std::string& name,
                                                    const std::string& folder) {
  std::vector<Relation> relations;
  if (!parts.Has(name)) return relations;
  ASSIGN_OR_RETURN(const std::string xml, parts.Read(name));
  pugi::xml_document document;
  RETURN_IF_ERROR(ParseXml(xml, document));
  for (const pugi::xml_node node : document.document_element().children()) {
    if (std::string_view(node.attribute("TargetMode").value()) == "External") continue;
    const std::string_view type = node.attribute("Type").value();
    const size_t slash = type.rfind('/');
    relations.push_back({std::string(slash == std::string_view::npos ? type : type.substr(slash + 1)),
                         PartName(folder, node.attribute("Target").value())});
  }
  return relations;
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
  // The archive owns the bytes otherwise.
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

absl::Status ParseXml(const std::string& xml, pugi::xml_document& document) {
  if (std::count(xml.begin(), xml.end(), '<') > kMaxTags) {
    return RefuseDocument("TOO_LARGE", "a part of the file has too many elements");
  }
  // White space is text, and line ends stay as they are escaped.
  constexpr unsigned kOptions =
      pugi::parse_cdata | pugi::parse_escapes | pugi::parse_doctype | pugi::parse_ws_pcdata;
  if (!document.load_buffer(xml.data(), xml.size(), kOptions)) {
    return RefuseDocument("BROKEN", "a part of the file is not valid XML");
  }
  for (const pugi::xml_node node : document.children()) {
    if (node.type() == pugi::node_doctype) {
      return RefuseDocument("BROKEN", "the document declares a document type, which Word never writes");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<DocxParts> UnpackDocx(std::string_view docx) {
  ASSIGN_OR_RETURN(const Archive archive, Open(docx));
  RETURN_IF_ERROR(CheckNames(archive.get()));
  PartReader reader(archive.get());
  ASSIGN_OR_RETURN(const std::string types, reader.Read(kTypes));
  if (absl::AsciiStrToLower(types).find("macroenabled") != std::string::npos) {
    return RefuseDocument("MACRO", "the file is made for macros; save it as .docx");
  }
  std::string main = kUsualDocument;
  ASSIGN_OR_RETURN(const auto root, ReadRelations(reader, kRootRelations, ""));
  for (const Relation& relation : root) {
    if (relation.type == "officeDocument") main = relation.target;
  }
  DocxParts parts;
  ASSIGN_OR_RETURN(parts.document, reader.Read(main));
  const std::string folder = main.substr(0, main.rfind('/') == std::string::npos ? 0 : main.rfind('/') + 1);
  ASSIGN_OR_RETURN(const auto relations,
                   ReadRelations(reader, folder + "_rels/" + main.substr(folder.size()) + ".rels", folder));
  std::set<std::string> read;
  for (const char* type : {"footnotes", "endnotes", "comments", "header", "footer"}) {
    for (const Relation& relation : relations) {
      if (relation.type != type || !reader.Has(relation.target) || !read.insert(relation.target).second) {
        continue;
      }
      ASSIGN_OR_RETURN(std::string part, reader.Read(relation.target));
      if (relation.type == "footnotes") {
        parts.footnotes = std::move(part);
      } else if (relation.type == "endnotes") {
        parts.endnotes = std::move(part);
      } else if (relation.type == "comments") {
        parts.comments = std::move(part);
      } else {
        parts.margins.push_back(std::move(part));
      }
    }
  }
  return parts;
}

}  // namespace idea::drafting::document
