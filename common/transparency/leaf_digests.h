#ifndef IDEA_COMMON_TRANSPARENCY_LEAF_DIGESTS_H_
#define IDEA_COMMON_TRANSPARENCY_LEAF_DIGESTS_H_

#include <string>
#include <string_view>

#include "idea/dispute/v1/deidentification.pb.h"
#include "idea/dispute/v1/dispute.pb.h"
#include "idea/drafting/v1/bucp.pb.h"
#include "idea/drafting/v1/revision.pb.h"
#include "idea/inventory/v1/duty.pb.h"
#include "idea/inventory/v1/filing.pb.h"
#include "idea/inventory/v1/log.pb.h"
#include "idea/inventory/v1/notice.pb.h"
#include "idea/inventory/v1/review_date.pb.h"
#include "idea/inventory/v1/terms.pb.h"
#include "idea/inventory/v1/transfer.pb.h"
#include "idea/registry/v1/accession.pb.h"
#include "idea/registry/v1/certification.pb.h"
#include "idea/registry/v1/contact.pb.h"
#include "idea/registry/v1/delegation.pb.h"
#include "idea/review/v1/opinion.pb.h"
#include "idea/review/v1/signature.pb.h"

// The digests of the resources in the log, for its writer and its verifiers. They omit fields that are added
// to a resource after its leaf or that depend on the day of reading.
namespace idea::transparency {

// The current filing: `filing_digest` of its entry.
std::string FilingDigest(inventory::v1::Filing filing);

// The agreed terms: `terms_digest` of the filing.
std::string TermsDigest(inventory::v1::Terms terms);

// The notice as given: `notice_digest` of its entry.
std::string NoticeDigest(inventory::v1::Notice notice);

// The digests of records: `record_digest` of their entries. LogEntryKind says what they cover.
std::string RecordDigest(drafting::v1::Revision revision);
std::string RecordDigest(const review::v1::Opinion& opinion);
std::string RecordDigest(const review::v1::Signature& signature);
std::string RecordDigest(dispute::v1::Dispute dispute);
// With the acknowledgements.
std::string RecordDigest(inventory::v1::Notice notice);
std::string RecordDigest(inventory::v1::Duty duty);
std::string RecordDigest(inventory::v1::Transfer transfer);
std::string RecordDigest(inventory::v1::ReviewDate review);
std::string RecordDigest(const registry::v1::Accession& accession);
std::string RecordDigest(registry::v1::Certification certification);
std::string RecordDigest(const registry::v1::Delegation& delegation);
std::string RecordDigest(dispute::v1::Deidentification review);
// The execution of a BUCP, from the BUCP or from its filing.
std::string ExecutionDigest(const drafting::v1::Bucp& bucp);
std::string ExecutionDigest(const inventory::v1::Filing& filing);
// The signing key of a contact, which may be empty.
std::string ContactKeyDigest(const registry::v1::Contact& contact);

// Whether an entry is about a BUCP and in the evidence of its filing: all but transfers and reviews of
// de-identified data, of which an agreement may have any number.
bool IsInEvidence(const inventory::v1::LogEntry& entry);

// SHA-256 of the SubjectPublicKeyInfo (DER) of a public key in PEM, in hexadecimal. Empty if the text is not
// PEM.
std::string KeyFingerprint(std::string_view pem);

}  // namespace idea::transparency

#endif  // IDEA_COMMON_TRANSPARENCY_LEAF_DIGESTS_H_
