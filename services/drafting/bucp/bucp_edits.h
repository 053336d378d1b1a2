#ifndef IDEA_SERVICES_DRAFTING_BUCP_BUCP_EDITS_H_
#define IDEA_SERVICES_DRAFTING_BUCP_BUCP_EDITS_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "google/protobuf/field_mask.pb.h"
#include "idea/drafting/v1/drafting.pb.h"

// Edits of the content: who may change what, and which section was changed meanwhile (guidebook steps 3 and
// 5).
namespace idea::drafting {

// One edit.
struct Edit {
  std::string name;
  // What the paths of the mask are replaced by.
  v1::Content content;
  google::protobuf::FieldMask mask;
  // The sections as they were read; empty etags are not checked.
  v1::SectionEtags etags = {};
};

// What no field rule can say of a content. INVALID_FIELD with every fault.
absl::Status CheckContent(const v1::Content& content);

// Makes the edit a new revision, if the caller may.
absl::StatusOr<v1::Bucp> TakeEdit(rpc::Call& call, const Edit& edit);

// The rules by themselves; `after` gets back the entries of other departments that the edit left out.
struct Editor {
  std::string entity;
  bool recipient = false;
};
absl::Status CheckFields(const Editor& editor, const v1::Content& before, v1::Content& after);
// Once a dispute was decided for sharing, only a recipient leaves data elements out (agreement section 7.5).
absl::Status CheckExclusions(const Editor& editor, const v1::Content& before, const v1::Content& after);
// Parties of a BUCP that was sent stay, and so do those of the agreement that a draft amends.
absl::Status CheckParties(const Editor& editor, const v1::Bucp& bucp, const v1::Content& amended,
                          const v1::Content& after);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_BUCP_BUCP_EDITS_H_
