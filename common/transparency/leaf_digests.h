#ifndef IDEA_COMMON_TRANSPARENCY_LEAF_DIGESTS_H_
#define IDEA_COMMON_TRANSPARENCY_LEAF_DIGESTS_H_

#include <string>

#include "idea/inventory/v1/filing.pb.h"
#include "idea/inventory/v1/notice.pb.h"
#include "idea/inventory/v1/terms.pb.h"

// The digests of the resources in the log, for its writer and its verifiers. They omit fields that are added
// to a resource after its leaf or that depend on the day of reading.
namespace idea::transparency {

// The current filing: `filing_digest` of its entry.
std::string FilingDigest(inventory::v1::Filing filing);

// The agreed terms: `terms_digest` of the filing.
std::string TermsDigest(inventory::v1::Terms terms);

// The notice as given: `notice_digest` of its entry.
std::string NoticeDigest(inventory::v1::Notice notice);

}  // namespace idea::transparency

#endif  // IDEA_COMMON_TRANSPARENCY_LEAF_DIGESTS_H_
