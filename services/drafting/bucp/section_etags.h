#ifndef IDEA_SERVICES_DRAFTING_BUCP_SECTION_ETAGS_H_
#define IDEA_SERVICES_DRAFTING_BUCP_SECTION_ETAGS_H_

#include "absl/status/status.h"
#include "common/storage/database.h"
#include "google/protobuf/field_mask.pb.h"
#include "idea/drafting/v1/drafting.pb.h"

// The sections of a content, which two departments edit side by side: the parties, "business_case",
// "technical" and "administrative". What an edit changes is found by comparing contents, never by the paths
// of its mask.
namespace idea::drafting {

// Whether the recipients or providers differ.
bool PartiesDiffer(const v1::Content& before, const v1::Content& after);

// Whether each section in which `after` differs from the BUCP's content is as it was read (empty etags are
// not checked). Else STALE_ETAG with the current etag and revision, the paths that changed since (`changed`),
// and what is there now: the paths of the mask within the section as JSON (`value`) or, if that is more than
// a refusal can carry, those that changed, by path (`changes`).
absl::Status CheckSectionEtags(storage::Transaction& db, const v1::SectionEtags& read,
                               const google::protobuf::FieldMask& mask, const v1::Content& after,
                               const v1::Bucp& bucp);

// Gives each section in which `after` differs from the BUCP's content the etag of the next revision.
void MoveSectionEtags(const v1::Content& after, v1::Bucp& bucp);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_BUCP_SECTION_ETAGS_H_
