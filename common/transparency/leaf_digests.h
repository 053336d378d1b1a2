#ifndef IDEA_COMMON_TRANSPARENCY_LEAF_DIGESTS_H_
#define IDEA_COMMON_TRANSPARENCY_LEAF_DIGESTS_H_

#include <string>

#include "idea/inventory/v1/filing.pb.h"
#include "idea/inventory/v1/notice.pb.h"
#include "idea/inventory/v1/terms.pb.h"

// What the log keeps of the register's resources, for who writes the log and who verifies it: digests of all
// but what is added to a resource after its leaf, or changes with the day on which it is read.
namespace idea::transparency {

// A filing as it stands: `filing_digest` of its entry.
std::string FilingDigest(inventory::v1::Filing filing);

// What the parties agreed on: `terms_digest` of the filing.
std::string TermsDigest(inventory::v1::Terms terms);

// A notice as it was given: `notice_digest` of its entry.
std::string NoticeDigest(inventory::v1::Notice notice);

}  // namespace idea::transparency

#endif  // IDEA_COMMON_TRANSPARENCY_LEAF_DIGESTS_H_
