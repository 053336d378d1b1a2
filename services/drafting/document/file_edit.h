#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_FILE_EDIT_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_FILE_EDIT_H_

#include <string>
#include <vector>

#include "common/auth/auth.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "services/drafting/document/form_reader.h"

namespace idea::drafting {

// What a file changes of a BUCP.
struct FileEdit {
  v1::Content after;
  // The parts of the content that differ, as paths of an update mask.
  std::vector<std::string> paths;
  // What the file says and the edit leaves as it is.
  std::vector<v1::UnreadField> unread;
};

// Compares the form with the BUCP, field by field. A field, and in a field for every department an entry, of
// which the file says nothing stays as it is. Once the BUCP is SENT, what another department edits stays, too
// (guidebook step 5).
FileEdit EditFrom(const document::ReadForm& form, const v1::Bucp& bucp, const auth::Caller& caller);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_FILE_EDIT_H_
