#include "common/transparency/leaf_digests.h"

#include "common/digest/digest.h"

namespace idea::transparency {

std::string FilingDigest(inventory::v1::Filing filing) {
  filing.clear_receipt();
  filing.clear_etag();
  return digest::Digest(filing);
}

std::string TermsDigest(inventory::v1::Terms terms) {
  terms.clear_name();
  return digest::Digest(terms);
}

std::string NoticeDigest(inventory::v1::Notice notice) {
  for (auto& recipient : *notice.mutable_recipients()) {
    recipient.clear_acknowledge_time();
    recipient.clear_person();
    recipient.clear_person_name();
    recipient.clear_on_behalf();
  }
  notice.clear_digest();
  notice.clear_leaf();
  notice.clear_state();
  notice.clear_age_days();
  return digest::Digest(notice);
}

}  // namespace idea::transparency
