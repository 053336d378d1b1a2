#include "services/cli/log/evidence_history.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "common/clock/clock.h"
#include "common/status/status.h"
#include "common/transparency/leaf_digests.h"
#include "common/transparency/merkle.h"
#include "google/protobuf/util/json_util.h"

namespace idea::cli {
namespace {

using inventory::v1::Evidence;
using inventory::v1::LogEntry;
using inventory::v1::LogLeaf;
using inventory::v1::Notice;
using review::v1::Signature;
using transparency::RecordDigest;

absl::Status Fault(std::string text) { return absl::InvalidArgumentError(std::move(text)); }

// The name of a record, and the version of an opinion.
using RecordKey = std::pair<std::string, int32_t>;

std::string TextOf(const RecordKey& key) {
  return key.first + (key.second > 1 ? " version " + std::to_string(key.second) : "");
}

struct Record {
  std::string digest;
  // Whether an entry must exist. Revisions that were never frozen have none.
  bool must_be_logged = true;
};

bool IsAcknowledged(const Notice& notice) {
  return std::any_of(notice.recipients().begin(), notice.recipients().end(),
                     [](const auto& recipient) { return recipient.has_acknowledge_time(); });
}

std::map<RecordKey, Record> RecordsOf(const Evidence& evidence) {
  std::map<RecordKey, Record> records;
  for (const auto& revision : evidence.revisions())
    records[{revision.name(), 0}] = {RecordDigest(revision), revision.name() == evidence.document().name()};
  records[{evidence.filing().bucp(), 0}] = {transparency::ExecutionDigest(evidence.filing())};
  for (const auto& opinion : evidence.opinions())
    records[{opinion.name(), opinion.version()}] = {RecordDigest(opinion)};
  for (const auto& signature : evidence.signatures())
    records[{signature.name(), 0}] = {RecordDigest(signature)};
  for (const Notice& notice : evidence.notices())
    records[{notice.name(), 0}] = {RecordDigest(notice), IsAcknowledged(notice)};
  for (const auto& record : evidence.records()) {
    if (record.has_opinion())
      records[{record.opinion().name(), record.opinion().version()}] = {RecordDigest(record.opinion())};
    if (record.has_signature()) records[{record.signature().name(), 0}] = {RecordDigest(record.signature())};
    if (record.has_dispute()) records[{record.dispute().name(), 0}] = {RecordDigest(record.dispute())};
    if (record.has_duty()) records[{record.duty().name(), 0}] = {RecordDigest(record.duty())};
    if (record.has_review_date())
      records[{evidence.filing().name(), 0}] = {RecordDigest(record.review_date())};
  }
  return records;
}

std::vector<Signature> SignaturesOf(const Evidence& evidence) {
  std::vector<Signature> signatures(evidence.signatures().begin(), evidence.signatures().end());
  for (const auto& record : evidence.records()) {
    if (record.has_signature()) signatures.push_back(record.signature());
  }
  return signatures;
}

bool IsOfFixedRecord(const LogEntry& entry) {
  return entry.kind() >= inventory::v1::LOG_ENTRY_KIND_REVISION_FROZEN &&
         entry.kind() <= inventory::v1::LOG_ENTRY_KIND_SIGNED;
}

// A record that the reader of the bundle may not see.
bool MayBeHidden(const LogEntry& entry) {
  return entry.kind() == inventory::v1::LOG_ENTRY_KIND_NOTICE_ACKNOWLEDGED ||
         entry.kind() == inventory::v1::LOG_ENTRY_KIND_DUTY_OPENED ||
         entry.kind() == inventory::v1::LOG_ENTRY_KIND_DUTY_COMPLETED;
}

std::optional<LogEntry> EntryIn(const LogLeaf& leaf) {
  LogEntry entry;
  if (!google::protobuf::util::JsonStringToMessage(leaf.entry(), &entry).ok()) return std::nullopt;
  return entry;
}

// Whether the entry is of the key that made the signature, recorded before.
bool IsKeyOf(const LogEntry& entry, const Signature& signature) {
  if (entry.kind() != inventory::v1::LOG_ENTRY_KIND_CONTACT_KEY || entry.record() != signature.entity() ||
      entry.key_fingerprint() != transparency::KeyFingerprint(signature.public_key()) ||
      clock::FromProto(entry.time()) > clock::FromProto(signature.sign_time()))
    return false;
  registry::v1::Contact contact;
  contact.set_name(signature.contact());
  contact.set_person(signature.person());
  contact.set_public_key(signature.public_key());
  return entry.record_digest() == transparency::ContactKeyDigest(contact);
}

// The names of the records that a bundle contains.
std::set<std::string> NoticesOf(const Evidence& evidence) {
  std::set<std::string> names;
  for (const Notice& notice : evidence.notices()) names.insert(notice.name());
  return names;
}

}  // namespace

bool IsInTree(const LogLeaf& leaf, const transparency::Checkpoint& tree) {
  return leaf.tree_size() == tree.size &&
         transparency::ProvesInclusion(transparency::LeafHash(leaf.entry()), leaf.leaf_index(), tree.size,
                                       {leaf.inclusion_proof().begin(), leaf.inclusion_proof().end()},
                                       tree.root);
}

absl::StatusOr<std::string> CheckHistory(const Evidence& evidence, const transparency::Checkpoint& tree) {
  const int64_t receipt = evidence.filing().receipt().leaf().leaf_index();
  const std::map<RecordKey, Record> records = RecordsOf(evidence);
  const std::set<std::string> notices = NoticesOf(evidence);
  std::map<RecordKey, std::pair<LogEntry, std::string>> last;
  int64_t before = -1;
  for (const LogLeaf& leaf : evidence.history()) {
    const std::string place = "entry " + std::to_string(leaf.leaf_index());
    if (!IsInTree(leaf, tree)) return Fault(place + " is not in the tree of the checkpoint");
    if (leaf.leaf_index() <= before) return Fault("the entries are not in their order");
    before = leaf.leaf_index();
    const std::optional<LogEntry> entry = EntryIn(leaf);
    if (!entry) return Fault(place + " is not an entry of the log");
    if (entry->kind() == inventory::v1::LOG_ENTRY_KIND_CONTACT_KEY) continue;
    if (entry->bucp() != evidence.filing().bucp() || entry->record().empty())
      return Fault(place + " is about something else");
    const RecordKey key = {entry->record(), entry->version()};
    const auto earlier = last.find(key);
    if (earlier != last.end() && leaf.leaf_index() > receipt && IsOfFixedRecord(*entry) &&
        earlier->second.first.record_digest() != entry->record_digest())
      return Fault(TextOf(key) + " was changed after the agreement was filed, by " + place);
    last[key] = {*entry, place};
  }
  for (const auto& [key, found] : last) {
    const auto& [entry, place] = found;
    const auto record = records.find(key);
    if (record == records.end()) {
      const std::string notice = key.first.substr(0, key.first.find("/duties/"));
      if (MayBeHidden(entry) && !notices.contains(notice)) continue;
      return Fault("deleted: " + TextOf(key) + ", which " + place + " records");
    }
    if (record->second.digest != entry.record_digest())
      return Fault("edited: " + TextOf(key) + " does not have the digest of " + place + ", its last one");
  }
  for (const auto& [key, record] : records) {
    if (record.must_be_logged && !last.contains(key)) return Fault(TextOf(key) + " does not have an entry");
  }
  const std::set<std::string> proved = SignaturesWithLoggedKey(evidence);
  for (const Signature& signature : SignaturesOf(evidence)) {
    if (signature.jws().empty() || signature.contact().empty()) continue;
    if (!proved.contains(signature.name()))
      return Fault(signature.name() + ": the log did not have its public key as that of " +
                   signature.contact() + " when it was given");
  }
  return std::to_string(evidence.history_size()) + " entries, and every record as its last one says";
}

std::set<std::string> SignaturesWithLoggedKey(const Evidence& evidence) {
  std::vector<LogEntry> keys;
  std::map<std::string, std::string> fingerprints;
  for (const LogLeaf& leaf : evidence.history()) {
    const std::optional<LogEntry> entry = EntryIn(leaf);
    if (!entry) continue;
    if (entry->kind() == inventory::v1::LOG_ENTRY_KIND_CONTACT_KEY) keys.push_back(*entry);
    if (entry->kind() == inventory::v1::LOG_ENTRY_KIND_SIGNED)
      fingerprints[entry->record()] = entry->key_fingerprint();
  }
  std::set<std::string> names;
  for (const Signature& signature : SignaturesOf(evidence)) {
    if (signature.jws().empty() || signature.contact().empty()) continue;
    const auto signed_with = fingerprints.find(signature.name());
    if (signed_with == fingerprints.end() ||
        signed_with->second != transparency::KeyFingerprint(signature.public_key()))
      continue;
    if (std::any_of(keys.begin(), keys.end(),
                    [&](const LogEntry& entry) { return IsKeyOf(entry, signature); }))
      names.insert(signature.name());
  }
  return names;
}

}  // namespace idea::cli
