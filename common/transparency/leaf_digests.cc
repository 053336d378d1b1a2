#include "common/transparency/leaf_digests.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "common/digest/digest.h"
#include "common/ids/ids.h"

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
  return RecordDigest(std::move(notice));
}

std::string RecordDigest(drafting::v1::Revision revision) {
  revision.clear_content();
  return digest::Digest(revision);
}

std::string RecordDigest(const review::v1::Opinion& opinion) { return digest::Digest(opinion); }

std::string RecordDigest(const review::v1::Signature& signature) { return digest::Digest(signature); }

std::string RecordDigest(dispute::v1::Dispute dispute) {
  dispute.clear_waits_for();
  dispute.clear_etag();
  return digest::Digest(dispute);
}

std::string RecordDigest(inventory::v1::Notice notice) {
  notice.clear_digest();
  notice.clear_leaf();
  notice.clear_state();
  notice.clear_age_days();
  return digest::Digest(notice);
}

std::string RecordDigest(inventory::v1::Duty duty) {
  duty.clear_overdue();
  duty.clear_age_days();
  return digest::Digest(duty);
}

std::string RecordDigest(inventory::v1::Transfer transfer) {
  transfer.clear_findings();
  return digest::Digest(transfer);
}

std::string RecordDigest(inventory::v1::ReviewDate review) {
  review.clear_due();
  return digest::Digest(review);
}

std::string RecordDigest(const registry::v1::Accession& accession) { return digest::Digest(accession); }

std::string RecordDigest(registry::v1::Certification certification) {
  certification.clear_age_days();
  return digest::Digest(certification);
}

std::string RecordDigest(const registry::v1::Delegation& delegation) { return digest::Digest(delegation); }

std::string RecordDigest(dispute::v1::Deidentification review) {
  review.clear_clock();
  review.clear_update_time();
  review.clear_etag();
  return digest::Digest(review);
}

bool IsInEvidence(const inventory::v1::LogEntry& entry) {
  return !entry.bucp().empty() && entry.kind() != inventory::v1::LOG_ENTRY_KIND_TRANSFER_RECORDED &&
         entry.kind() != inventory::v1::LOG_ENTRY_KIND_DEIDENTIFICATION_SUBMITTED &&
         entry.kind() != inventory::v1::LOG_ENTRY_KIND_DEIDENTIFICATION_CHANGED;
}

std::string ExecutionDigest(const drafting::v1::Bucp& bucp) {
  drafting::v1::Bucp execution;
  execution.set_name(bucp.name());
  execution.set_amends(bucp.amends());
  execution.set_frozen_revision(bucp.frozen_revision());
  execution.set_frozen_digest(bucp.frozen_digest());
  execution.set_freeze_number(bucp.freeze_number());
  if (bucp.has_execute_time()) *execution.mutable_execute_time() = bucp.execute_time();
  return digest::Digest(execution);
}

std::string ExecutionDigest(const inventory::v1::Filing& filing) {
  drafting::v1::Bucp bucp;
  bucp.set_name(filing.bucp());
  bucp.set_amends(filing.amends());
  bucp.set_frozen_revision(filing.revision());
  bucp.set_frozen_digest(filing.digest());
  bucp.set_freeze_number(filing.freeze_number());
  if (filing.has_execute_time()) *bucp.mutable_execute_time() = filing.execute_time();
  return ExecutionDigest(bucp);
}

std::string ContactKeyDigest(const registry::v1::Contact& contact) {
  registry::v1::Contact key;
  key.set_name(contact.name());
  key.set_person(contact.person());
  key.set_public_key(contact.public_key());
  return digest::Digest(key);
}

std::string KeyFingerprint(std::string_view pem) {
  constexpr std::string_view kBegin = "-----BEGIN PUBLIC KEY-----", kEnd = "-----END PUBLIC KEY-----";
  const size_t begin = pem.find(kBegin), end = pem.find(kEnd);
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return "";
  std::string body(pem.substr(begin + kBegin.size(), end - begin - kBegin.size())), der;
  std::erase(body, '\n');
  std::erase(body, '\r');
  if (!absl::Base64Unescape(body, &der)) return "";
  return ids::Sha256Hex(der);
}

}  // namespace idea::transparency
