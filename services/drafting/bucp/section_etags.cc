#include "services/drafting/bucp/section_etags.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "common/ids/resource_names.h"
#include "common/status/status.h"
#include "common/validation/field_mask.h"
#include "google/protobuf/reflection.h"
#include "services/drafting/bucp/revision_store.h"
#include "services/drafting/content/content_diff.h"

namespace idea::drafting {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::FieldMask;
using status::Error;
using status::Reason;

// The maximum size of a value in an error: gRPC clients accept 8 KiB of trailers, encoded in base64.
constexpr size_t kMaxValueBytes = 4000;
constexpr size_t kMaxPaths = 600;

// A section and the field that holds its etag.
struct Section {
  std::string_view name;
  std::string* (v1::SectionEtags::*etag)();
};
constexpr Section kSections[] = {
    {"parties", &v1::SectionEtags::mutable_parties},
    {"business_case", &v1::SectionEtags::mutable_business_case},
    {"technical", &v1::SectionEtags::mutable_technical},
    {"administrative", &v1::SectionEtags::mutable_administrative},
};

std::string_view SectionOf(std::string_view path) {
  const std::string_view top = path.substr(0, path.find_first_of(".["));
  return top == "recipients" || top == "providers" ? "parties" : top;
}

bool Differs(const FieldDescriptor* field, const v1::Content& before, const v1::Content& after) {
  const auto& access = *before.GetReflection();
  if (!field->is_repeated()) {
    const auto& old_value = access.GetMessage(before, field);
    const auto& new_value = access.GetMessage(after, field);
    return access.HasField(before, field) != access.HasField(after, field) ||
           old_value.ByteSizeLong() != new_value.ByteSizeLong() ||
           old_value.SerializeAsString() != new_value.SerializeAsString();
  }
  const auto old_names = access.GetRepeatedFieldRef<std::string>(before, field);
  const auto new_names = access.GetRepeatedFieldRef<std::string>(after, field);
  return !std::equal(old_names.begin(), old_names.end(), new_names.begin(), new_names.end());
}

bool Differs(std::string_view section, const v1::Content& before, const v1::Content& after) {
  const auto* type = v1::Content::descriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (SectionOf(field->name()) == section && Differs(field, before, after)) return true;
  }
  return false;
}

// The paths of the mask that are in the section.
FieldMask Within(std::string_view section, const FieldMask& mask) {
  FieldMask within;
  const auto* type = v1::Content::descriptor();
  for (const std::string& path : mask.paths()) {
    if (SectionOf(path) == section) within.add_paths(path);
    for (int i = 0; path == "*" && i < type->field_count(); ++i) {
      if (SectionOf(type->field(i)->name()) == section) within.add_paths(type->field(i)->name());
    }
  }
  return within;
}

std::string RevisionName(const v1::Bucp& bucp, const std::string& number) {
  return ids::kRevisions.Name(bucp.name(), number);
}

// The changes of the section since the revision that gave it the etag `read`. Empty if no revision did.
absl::StatusOr<std::vector<v1::FieldChange>> ChangesSince(storage::Transaction& db, const v1::Bucp& bucp,
                                                          std::string_view section, const std::string& read) {
  const absl::StatusOr<v1::Revision> then = FindRevision(db, RevisionName(bucp, read));
  if (status::ReasonOf(then.status()) == Reason::ERROR_REASON_NOT_FOUND)
    return std::vector<v1::FieldChange>();
  RETURN_IF_ERROR(then.status());
  std::vector<v1::FieldChange> changes = DiffContents(then->content(), bucp.content());
  std::erase_if(changes, [&](const v1::FieldChange& change) { return SectionOf(change.field()) != section; });
  return changes;
}

// "technical.data_users, technical.data_transfer, ..."
std::string PathsOf(const std::vector<v1::FieldChange>& changes) {
  std::string paths;
  for (const v1::FieldChange& change : changes) {
    if (paths.size() + change.field().size() > kMaxPaths) return paths + (paths.empty() ? "..." : ", ...");
    paths += (paths.empty() ? "" : ", ") + change.field();
  }
  return paths;
}

// {"technical.data_users": current value, ...}, in the template's order.
std::string ValuesOf(const std::vector<v1::FieldChange>& changes) {
  nlohmann::ordered_json values;
  for (const v1::FieldChange& change : changes) values[change.field()] = change.after();
  return values.dump();
}

absl::Status Stale(storage::Transaction& db, const v1::Bucp& bucp, const Section& section,
                   const std::string& read, const std::string& etag, const FieldMask& mask) {
  ASSIGN_OR_RETURN(const std::vector<v1::FieldChange> changes, ChangesSince(db, bucp, section.name, read));
  Error error(Reason::ERROR_REASON_STALE_ETAG, "the section was changed since it was read");
  error.With("section", section.name)
      .With("etag", etag)
      .With("revision", RevisionName(bucp, std::to_string(bucp.revision())));
  if (!changes.empty()) error.With("changed", PathsOf(changes));
  v1::Content current;
  validation::ReplaceFields(bucp.content(), Within(section.name, mask), &current);
  if (const std::string value = JsonOf(current); value.size() <= kMaxValueBytes) {
    error.With("value", value);
  } else if (const std::string values = ValuesOf(changes);
             !changes.empty() && values.size() <= kMaxValueBytes) {
    error.With("changes", values);
  }
  return error;
}

}  // namespace

bool PartiesDiffer(const v1::Content& before, const v1::Content& after) {
  return Differs("parties", before, after);
}

absl::Status CheckSectionEtags(storage::Transaction& db, const v1::SectionEtags& read, const FieldMask& mask,
                               const v1::Content& after, const v1::Bucp& bucp) {
  v1::SectionEtags expected = read, current = bucp.section_etags();
  for (const Section& section : kSections) {
    const std::string& wanted = *(expected.*section.etag)();
    const std::string& etag = *(current.*section.etag)();
    if (wanted.empty() || wanted == etag || !Differs(section.name, bucp.content(), after)) continue;
    return Stale(db, bucp, section, wanted, etag, mask);
  }
  return absl::OkStatus();
}

void MoveSectionEtags(const v1::Content& after, v1::Bucp& bucp) {
  for (const Section& section : kSections) {
    if (!Differs(section.name, bucp.content(), after)) continue;
    *(bucp.mutable_section_etags()->*section.etag)() = std::to_string(bucp.revision() + 1);
  }
}

}  // namespace idea::drafting
