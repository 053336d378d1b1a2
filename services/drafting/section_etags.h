#ifndef IDEA_SERVICES_DRAFTING_SECTION_ETAGS_H_
#define IDEA_SERVICES_DRAFTING_SECTION_ETAGS_H_

#include <string_view>

#include "absl/status/status.h"
#include "common/storage/database.h"
#include "google/protobuf/field_mask.pb.h"
#include "idea/drafting/v1/drafting.pb.h"

// The sections of a content, which two departments edit side by side.
namespace idea::drafting {

// The paths of the mask that lie in the section: "parties", "business_case", "technical" or "administrative".
google::protobuf::FieldMask PathsWithin(std::string_view section, const google::protobuf::FieldMask& mask);

// Replaces what the paths of the mask name, lists and messages whole.
void ReplacePaths(const v1::Content& from, const google::protobuf::FieldMask& mask, v1::Content* to);

// Gives each section that an edit of these paths touches its next etag; one that was read must be as it was
// (empty etags are not checked). Else STALE_ETAG with the current etag and revision, the paths that changed
// since (`changed`), and what is there now: the paths of the mask as JSON (`value`) or, if that is more than
// a refusal can carry, those that changed, by path (`changes`).
absl::Status MoveSectionEtags(storage::Transaction& db, const v1::SectionEtags& read,
                              const google::protobuf::FieldMask& mask, v1::Bucp& bucp);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_SECTION_ETAGS_H_
