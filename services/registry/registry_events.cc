#include "services/registry/registry_events.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/ids/ids.h"
#include "common/server/command.h"
#include "common/server/log_target.h"
#include "common/transparency/leaf_digests.h"
#include "idea/inventory/v1/duty.pb.h"
#include "services/registry/accession/accession_store.h"
#include "services/registry/certification/certification_store.h"
#include "services/registry/contact/contact_store.h"
#include "services/registry/delegation/delegation_store.h"

namespace idea::registry {
namespace {

using inventory::v1::LogEntry;

void Add(const v1::Accession& accession, std::vector<LogEntry>& entries) {
  LogEntry& entry = entries.emplace_back();
  entry.set_kind(accession.has_withdraw_date() ? inventory::v1::LOG_ENTRY_KIND_WITHDRAWN
                                               : inventory::v1::LOG_ENTRY_KIND_ACCESSION_RECORDED);
  entry.set_record(accession.name());
  entry.set_record_digest(transparency::RecordDigest(accession));
  entry.set_entity(ids::Parent(accession.name()));
}

// Adds an entry for each key that the contact has had.
absl::Status AddKeys(storage::Transaction& db, const std::string& contact, std::vector<LogEntry>& entries) {
  v1::ListContactRevisionsRequest request;
  request.set_parent(contact);
  request.set_page_size(1000);
  std::vector<v1::Contact> versions;
  do {
    ASSIGN_OR_RETURN(v1::ListContactRevisionsResponse page, ListRevisions(db, request));
    for (v1::ContactRevision& revision : *page.mutable_revisions())
      versions.insert(versions.begin(), std::move(*revision.mutable_contact()));
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  std::string key;
  for (const v1::Contact& version : versions) {
    if (version.public_key() == key) continue;
    key = version.public_key();
    LogEntry& entry = entries.emplace_back();
    entry.set_kind(inventory::v1::LOG_ENTRY_KIND_CONTACT_KEY);
    entry.set_record(ids::Parent(contact));
    entry.set_record_digest(transparency::ContactKeyDigest(version));
    entry.set_entity(entry.record());
    entry.set_key_fingerprint(transparency::KeyFingerprint(key));
  }
  return absl::OkStatus();
}

// Adds an entry for each certification of the entity.
absl::Status AddCertifications(storage::Transaction& db, const std::string& entity,
                               std::vector<LogEntry>& entries) {
  v1::ListCertificationsRequest request;
  request.set_parent(entity);
  request.set_page_size(1000);
  do {
    ASSIGN_OR_RETURN(const v1::ListCertificationsResponse page,
                     ListCertifications(db, request, absl::CivilDay()));
    for (const v1::Certification& certification : page.certifications()) {
      LogEntry& entry = entries.emplace_back();
      entry.set_kind(inventory::v1::LOG_ENTRY_KIND_CERTIFICATION_RECORDED);
      entry.set_record(certification.name());
      entry.set_record_digest(transparency::RecordDigest(certification));
      entry.set_entity(entity);
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::Status AddDelegation(storage::Transaction& db, const events::Event& event,
                           std::vector<LogEntry>& entries) {
  ASSIGN_OR_RETURN(const v1::Delegation delegation, GetDelegation(db, event.subject()));
  LogEntry& entry = entries.emplace_back();
  entry.set_kind(event.type() == kDelegationEnded ? inventory::v1::LOG_ENTRY_KIND_DELEGATION_ENDED
                                                  : inventory::v1::LOG_ENTRY_KIND_DELEGATION_RECORDED);
  entry.set_record(delegation.name());
  entry.set_record_digest(transparency::RecordDigest(delegation));
  entry.set_entity(ids::Parent(delegation.name()));
  return absl::OkStatus();
}

absl::Status AddLogEntries(storage::Transaction& db, const events::Event& event,
                           std::vector<LogEntry>& entries) {
  const std::string& type = event.type();
  if (type == kContactCreated || type == kContactUpdated) return AddKeys(db, event.subject(), entries);
  if (type == kCertificationCreated) return AddCertifications(db, ids::Parent(event.subject()), entries);
  if (type == kDelegationCreated || type == kDelegationEnded) return AddDelegation(db, event, entries);
  if (type != kAccessionCreated && type != kEntityWithdrawn && type != kSignatoriesImported)
    return absl::OkStatus();
  const std::string entity = type == kSignatoriesImported ? ""
                             : type == kEntityWithdrawn   ? event.subject()
                                                          : ids::Parent(event.subject());
  ASSIGN_OR_RETURN(const std::vector<v1::Accession> accessions, ReadAccessions(db, entity));
  for (const v1::Accession& accession : accessions) Add(accession, entries);
  return absl::OkStatus();
}

}  // namespace

events::Target LogTarget(const rpc::PeerClient& peers, storage::Database& database) {
  return server::LogTarget(peers, database, AddLogEntries);
}

events::Target InventoryTarget(const rpc::PeerClient& peers) {
  return {"inventory",
          [peers](const events::Event& event) -> absl::Status {
            if (event.type() != kCertificationCreated) return absl::OkStatus();
            inventory::v1::RecordCertificationRequest request;
            request.set_certification(event.subject());
            *request.mutable_record_time() = event.time();
            request.set_person(event.actor().person());
            return server::Command<inventory::v1::RecordCertificationResponse>(peers, event,
                                                                               std::move(request));
          },
          nullptr};
}

}  // namespace idea::registry
