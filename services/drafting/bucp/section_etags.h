#ifndef IDEA_SERVICES_DRAFTING_BUCP_SECTION_ETAGS_H_
#define IDEA_SERVICES_DRAFTING_BUCP_SECTION_ETAGS_H_

#include "absl/status/status.h"
#include "common/storage/database.h"
#include "google/protobuf/field_mask.pb.h"
#include "idea/drafting/v1/drafting.pb.h"

// The sections of a content, which two departments can edit at the same time: the parties, "business_case",
// "technical" and "administrative". An edit's changes are found by comparing contents, never by the paths of
// its mask.
namespace idea::drafting {

// Whether the recipients or providers differ.
bool PartiesDiffer(const v1::Content& before, const v1::Content& after);

// Checks that each section in which `after` differs from the content of `bucp` has the etag in `read`, unless
// that is empty. Otherwise returns STALE_ETAG with the current etag and revision, the paths that changed
// since (`changed`), and the current values: the paths of the mask within the section as JSON (`value`) or,
// if that exceeds the size of an error, the changed ones by path (`changes`).
absl::Status CheckSectionEtags(storage::Transaction& db, const v1::SectionEtags& read,
                               const google::protobuf::FieldMask& mask, const v1::Content& after,
                               const v1::Bucp& bucp);

// Gives each section in which `after` differs from the content of `bucp` the etag of the next revision.
void MoveSectionEtags(const v1::Content& after, v1::Bucp& bucp);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_BUCP_SECTION_ETAGS_H_
