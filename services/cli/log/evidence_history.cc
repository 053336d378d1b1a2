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

// The records of a bundle. INVALID_ARGUMENT if it has one twice: only one of them could be compared.
absl::StatusOr<std::map<RecordKey, Record>> RecordsOf(const Evidence& evidence) {
  std::map<RecordKey, Record> records;
  std::string twice;
  const auto add = [&](const std::string& name, std::string digest, int32_t version = 0,
                       bool must_be_logged = true) {
    if (!records.try_emplace({name, version}, Record{std::move(digest), must_be_logged}).second) twice = name;
  };
  for (const auto& revision : evidence.revisions())
    add(revision.name(), RecordDigest(revision), 0, revision.name() == evidence.document().name());
  add(evidence.filing().bucp(), transparency::ExecutionDigest(evidence.filing()));
  for (const auto& opinion : evidence.opinions())
    add(opinion.name(), RecordDigest(opinion), opinion.version());
  for (const auto& signature : evidence.signatures()) add(signature.name(), RecordDigest(signature));
  for (const Notice& notice : evidence.notices())
    add(notice.name(), RecordDigest(notice), 0, IsAcknowledged(notice));
  for (const auto& record : evidence.records()) {
    if (record.has_opinion())
      add(record.opinion().name(), RecordDigest(record.opinion()), record.opinion().version());
    if (record.has_signature()) add(record.signature().name(), RecordDigest(record.signature()));
    if (record.has_dispute()) add(record.dispute().name(), RecordDigest(record.dispute()));
    if (record.has_duty()) add(record.duty().name(), RecordDigest(record.duty()));
    if (record.has_review_date()) add(evidence.filing().name(), RecordDigest(record.review_date()));
  }
  if (!twice.empty()) return Fault("the bundle has " + twice + " twice");
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

// Whether the entry is of the key that made the signature.
bool IsKeyOf(const LogEntry& entry, const Signature& signature) {
  if (entry.kind() != inventory::v1::LOG_ENTRY_KIND_CONTACT_KEY || entry.record() != signature.entity() ||
      entry.key_fingerprint() != transparency::KeyFingerprint(signature.public_key()))
    return false;
  registry::v1::Contact contact;
  contact.set_name(signature.contact());
  contact.set_person(signature.person());
  contact.set_public_key(signature.public_key());
  return entry.record_digest() == transparency::ContactKeyDigest(contact);
}

// The entries of both lists about the agreement say that no entry before the last of them was left out.
absl::Status CheckSequence(const Evidence& evidence) {
  std::map<int64_t, int32_t> sequences;
  for (const auto* leaves : {&evidence.leaves(), &evidence.history()}) {
    for (const LogLeaf& leaf : *leaves) {
      const std::optional<LogEntry> entry = EntryIn(leaf);
      if (entry && entry->kind() != inventory::v1::LOG_ENTRY_KIND_CONTACT_KEY)
        sequences[leaf.leaf_index()] = entry->sequence();
    }
  }
  int32_t place = 0;
  for (const auto& [index, sequence] : sequences) {
    ++place;
    // Entries of earlier releases have none.
    if (sequence != 0 && sequence != place)
      return Fault("left out: entry " + std::to_string(index) + " is number " + std::to_string(sequence) +
                   " about the agreement, and the bundle has " + std::to_string(place - 1) + " before it");
  }
  return absl::OkStatus();
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

bool IsReceiptOf(const inventory::v1::Filing& filing, const LogEntry& entry) {
  const inventory::v1::Receipt& receipt = filing.receipt();
  // Entries of earlier releases do not have the id.
  return entry.filing() == filing.name() && entry.filing_digest() == receipt.digest() &&
         clock::FromProto(entry.time()) == clock::FromProto(receipt.issue_time()) &&
         (entry.receipt_id().empty() || entry.receipt_id() == receipt.receipt_id());
}

absl::StatusOr<std::string> CheckHistory(const Evidence& evidence, const transparency::Checkpoint& tree) {
  const int64_t receipt = evidence.filing().receipt().leaf().leaf_index();
  ASSIGN_OR_RETURN(const auto records, RecordsOf(evidence));
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
  RETURN_IF_ERROR(CheckSequence(evidence));
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
      return Fault(signature.name() + ": before its entry, the log did not have its public key as that of " +
                   signature.contact());
  }
  return std::to_string(evidence.history_size()) + " entries, and every record as its last one says";
}

std::set<std::string> SignaturesWithLoggedKey(const Evidence& evidence) {
  // In the order of the log, so that times of services whose clocks differ do not matter.
  std::map<std::string, Signature> signatures;
  for (Signature& signature : SignaturesOf(evidence)) {
    if (!signature.jws().empty() && !signature.contact().empty())
      signatures[signature.name()] = std::move(signature);
  }
  std::vector<LogEntry> keys;
  std::set<std::string> seen, names;
  for (const LogLeaf& leaf : evidence.history()) {
    const std::optional<LogEntry> entry = EntryIn(leaf);
    if (!entry) continue;
    if (entry->kind() == inventory::v1::LOG_ENTRY_KIND_CONTACT_KEY) keys.push_back(*entry);
    const auto found = signatures.find(entry->record());
    if (entry->kind() != inventory::v1::LOG_ENTRY_KIND_SIGNED || found == signatures.end()) continue;
    const Signature& signature = found->second;
    const bool is_known =
        entry->key_fingerprint() == transparency::KeyFingerprint(signature.public_key()) &&
        std::any_of(keys.begin(), keys.end(), [&](const LogEntry& key) { return IsKeyOf(key, signature); });
    // A later entry with another key takes the proof away, and none gives it.
    const bool is_first = seen.insert(signature.name()).second;
    if (!is_known) names.erase(signature.name());
    if (is_known && is_first) names.insert(signature.name());
  }
  return names;
}

}  // namespace idea::cli
