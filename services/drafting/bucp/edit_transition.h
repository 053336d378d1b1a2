#ifndef IDEA_SERVICES_DRAFTING_BUCP_BUCP_EDITS_H_
#define IDEA_SERVICES_DRAFTING_BUCP_BUCP_EDITS_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "google/protobuf/field_mask.pb.h"
#include "idea/drafting/v1/drafting.pb.h"

// Edits of the content: who may change which field, and whether a section was changed since it was read
// (guidebook steps 3 and 5).
namespace idea::drafting {

// One edit.
struct Edit {
  std::string name;
  // The new values of the fields that the mask names.
  v1::Content content;
  google::protobuf::FieldMask mask;
  // The etags of the sections as the client read them. Empty etags are not checked.
  v1::SectionEtags etags = {};
};

// Checks the rules of a content that no rule on a single field expresses. Returns INVALID_FIELD with all
// violations.
absl::Status CheckContent(const v1::Content& content);

// Stores the edit as a new revision, if the caller may edit the BUCP.
absl::StatusOr<v1::Bucp> ApplyEdit(rpc::Call& call, const Edit& edit);

// The rules, for tests and file imports. CheckFields() restores the entries of other departments that the
// edit left out in `after`.
struct Editor {
  std::string entity;
  bool recipient = false;
};
absl::Status CheckFields(const Editor& editor, const v1::Content& before, v1::Content& after);
// After a dispute was decided for sharing, only a recipient may leave data elements out (agreement section
// 7.5).
absl::Status CheckExclusions(const Editor& editor, const v1::Content& before, const v1::Content& after);
// Parties of a BUCP that was sent cannot be removed, and parties of the amended agreement cannot be removed
// from a draft.
absl::Status CheckParties(const Editor& editor, const v1::Bucp& bucp, const v1::Content& amended,
                          const v1::Content& after);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_BUCP_BUCP_EDITS_H_
