#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_MAIL_FILE_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_MAIL_FILE_H_

#include <string>

#include "idea/drafting/v1/drafting.pb.h"
#include "services/drafting/document/form.h"

// Writes a message as a file that mail programs open as a draft (.eml, RFC 5322).
namespace idea::drafting::document {

// The file, in ASCII. Other characters are encoded words (RFC 2047) in headers, and UTF-8 in base64 in the
// text. Invalid addresses are left out.
std::string ToMailFile(const v1::RenderMessageResponse& message, const Person& sender, absl::Time now);

}  // namespace idea::drafting::document

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_MAIL_FILE_H_
