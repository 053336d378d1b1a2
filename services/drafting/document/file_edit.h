#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_FILE_EDIT_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_FILE_EDIT_H_

#include <string>
#include <vector>

#include "common/auth/auth.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "services/drafting/document/form_reader.h"

namespace idea::drafting {

// The changes that a file makes to a BUCP.
struct FileEdit {
  v1::Content after;
  // The parts of the content that differ, as paths of an update mask.
  std::vector<std::string> paths;
  // Texts of the file that the edit does not apply.
  std::vector<v1::UnreadField> unread;
};

// Compares the form with the BUCP, field by field. Fields that the file does not mention are kept, and so are
// entries of departments in a field for every department. Once the BUCP is SENT, fields and entries of other
// departments are kept, too (guidebook step 5).
FileEdit EditFrom(const document::ReadForm& form, const v1::Bucp& bucp, const auth::Caller& caller);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_FILE_EDIT_H_
