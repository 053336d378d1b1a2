#include "services/cli/log/record_verification.h"

#include <algorithm>
#include <optional>

#include "common/digest/digest.h"
#include "common/status/status.h"
#include "common/transparency/leaf_digests.h"
#include "idea/dispute/v1/dispute.pb.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "idea/inventory/v1/inventory.pb.h"
#include "idea/inventory/v1/notice.pb.h"
#include "idea/inventory/v1/review_date.pb.h"
#include "idea/inventory/v1/transfer.pb.h"
#include "idea/registry/v1/registry.pb.h"
#include "idea/review/v1/review.pb.h"

namespace idea::cli {
namespace {

namespace v1 = inventory::v1;
using transparency::RecordDigest;
using v1::LogEntry;

// The subject of findings about a kind of entries. Empty for a kind that is compared elsewhere.
std::string SubjectOf(v1::LogEntryKind kind) {
  switch (kind) {
    case v1::LOG_ENTRY_KIND_REVISION_FROZEN:
      return "revisions";
    case v1::LOG_ENTRY_KIND_OPINION_REGISTERED:
    case v1::LOG_ENTRY_KIND_OPINION_CHANGED:
    case v1::LOG_ENTRY_KIND_OPINION_CARRIED_OVER:
      return "opinions";
    case v1::LOG_ENTRY_KIND_SIGNED:
      return "signatures";
    case v1::LOG_ENTRY_KIND_EXECUTED:
    case v1::LOG_ENTRY_KIND_EXECUTION_REVOKED:
      return "executions";
    case v1::LOG_ENTRY_KIND_DISPUTE_OPENED:
    case v1::LOG_ENTRY_KIND_DISPUTE_CHANGED:
    case v1::LOG_ENTRY_KIND_DISPUTE_SETTLED:
    case v1::LOG_ENTRY_KIND_DISPUTE_DECIDED:
    case v1::LOG_ENTRY_KIND_DISPUTE_ENDED:
      return "disputes";
    case v1::LOG_ENTRY_KIND_NOTICE_ACKNOWLEDGED:
      return "acknowledgements";
    case v1::LOG_ENTRY_KIND_DUTY_OPENED:
    case v1::LOG_ENTRY_KIND_DUTY_COMPLETED:
      return "duties";
    case v1::LOG_ENTRY_KIND_TRANSFER_RECORDED:
      return "transfers";
    case v1::LOG_ENTRY_KIND_REVIEW_DATE_CHANGED:
      return "review dates";
    case v1::LOG_ENTRY_KIND_ACCESSION_RECORDED:
    case v1::LOG_ENTRY_KIND_WITHDRAWN:
      return "accessions";
    case v1::LOG_ENTRY_KIND_CERTIFICATION_RECORDED:
      return "certifications";
    case v1::LOG_ENTRY_KIND_DELEGATION_RECORDED:
    case v1::LOG_ENTRY_KIND_DELEGATION_ENDED:
      return "delegations";
    case v1::LOG_ENTRY_KIND_DEIDENTIFICATION_SUBMITTED:
    case v1::LOG_ENTRY_KIND_DEIDENTIFICATION_CHANGED:
      return "de-identification reviews";
    default:
      return "";
  }
}

// Number of records between two calls of OnRead.
constexpr int64_t kProgressInterval = 10'000;

constexpr const char* kSubjects[] = {"revisions",
                                     "opinions",
                                     "signatures",
                                     "executions",
                                     "disputes",
                                     "acknowledgements",
                                     "duties",
                                     "transfers",
                                     "review dates",
                                     "accessions",
                                     "certifications",
                                     "delegations",
                                     "de-identification reviews"};

std::string TextOf(const std::pair<std::string, int32_t>& key) {
  return key.first + (key.second > 1 ? " version " + std::to_string(key.second) : "");
}

// The names of the fields in which a record differs from its entry; empty if it does not. Fields that are not
// set in `expected` are not determined by the record.
std::string DifferingFields(const LogEntry& expected, const LogEntry& logged) {
  std::string fields;
  const auto compare = [&](const char* name, const auto& mine, const auto& theirs, bool is_set) {
    if (is_set && mine != theirs) fields += (fields.empty() ? "" : ", ") + std::string(name);
  };
  compare("entity", expected.entity(), logged.entity(), !expected.entity().empty());
  compare("digest", expected.digest(), logged.digest(), !expected.digest().empty());
  compare("freezeNumber", expected.freeze_number(), logged.freeze_number(), expected.freeze_number() != 0);
  compare("publicKey", expected.key_fingerprint(), logged.key_fingerprint(), true);
  compare("delegation", expected.delegation(), logged.delegation(), !expected.delegation().empty());
  if (expected.record_digest() != logged.record_digest())
    fields += (fields.empty() ? "" : ", ") + std::string("recordDigest");
  return fields;
}

// The response of a method about one resource; nullopt if it does not exist.
template <class Response, class Request>
absl::StatusOr<std::optional<Response>> Find(const CallFunction& call, const Request& request) {
  Response response;
  const absl::Status status = call(request, &response);
  if (absl::IsNotFound(status)) return std::optional<Response>();
  RETURN_IF_ERROR(status);
  return std::optional<Response>(std::move(response));
}

}  // namespace

void RecordVerification::AddEntry(int64_t index, const LogEntry& entry) {
  if (entry.kind() == v1::LOG_ENTRY_KIND_CONTACT_KEY) {
    keys_[entry.record()][entry.record_digest()] = index;
    return;
  }
  const std::string subject = SubjectOf(entry.kind());
  if (!subject.empty()) entries_[subject][{entry.record(), entry.version()}] = {index, entry};
}

RecordVerification::Record& RecordVerification::Add(const std::string& subject, Key key, std::string digest) {
  if (++read_ % kProgressInterval == 0 && progress_ != nullptr) progress_(read_);
  Record& record = records_[subject][std::move(key)];
  record.expected.set_record_digest(std::move(digest));
  return record;
}

void RecordVerification::AddFault(const std::string& subject, std::string text) {
  findings_.push_back({false, subject, std::move(text)});
}

absl::StatusOr<std::vector<Finding>> RecordVerification::Compare() {
  findings_.clear();
  records_.clear();
  for (auto* names : {&bucps_, &filings_, &notices_, &frozen_}) names->clear();
  compared_keys_ = read_ = 0;
  RETURN_IF_ERROR(ReadRoutings());
  RETURN_IF_ERROR(ReadBucps());
  RETURN_IF_ERROR(ReadDisputes());
  RETURN_IF_ERROR(ReadDeidentifications());
  RETURN_IF_ERROR(ReadFilings());
  RETURN_IF_ERROR(ReadNotices());
  RETURN_IF_ERROR(ReadEntities());
  for (const char* subject : kSubjects) CompareSubject(subject);
  const bool keys_hold = std::none_of(findings_.begin(), findings_.end(),
                                      [](const Finding& finding) { return finding.subject == "keys"; });
  if (keys_hold) findings_.push_back({true, "keys", std::to_string(compared_keys_) + " keys match the log"});
  return std::move(findings_);
}

absl::Status RecordVerification::ReadRoutings() {
  std::vector<std::string> names;
  RETURN_IF_ERROR(ForEachPage<review::v1::ListRoutingsResponse>(
      call_, review::v1::ListRoutingsRequest(), [&](const auto& page) {
        for (const auto& routing : page.routings()) {
          names.push_back(routing.name());
          frozen_.insert(routing.revision());
        }
        return absl::OkStatus();
      }));
  for (const std::string& routing : names) {
    RETURN_IF_ERROR(ReadOpinions(routing));
    RETURN_IF_ERROR(ReadSignatures(routing));
  }
  return absl::OkStatus();
}

absl::Status RecordVerification::ReadOpinions(const std::string& routing) {
  std::vector<std::string> amended;
  const auto add = [&](const review::v1::Opinion& opinion) {
    Record& record = Add("opinions", {opinion.name(), opinion.version()}, RecordDigest(opinion));
    record.expected.set_entity(opinion.entity());
    record.expected.set_digest(opinion.digest());
    record.expected.set_freeze_number(opinion.freeze_number());
    record.expected.set_delegation(opinion.on_behalf().delegation());
  };
  review::v1::ListOpinionsRequest list;
  list.set_parent(routing);
  RETURN_IF_ERROR(ForEachPage<review::v1::ListOpinionsResponse>(call_, list, [&](const auto& page) {
    for (const auto& opinion : page.opinions()) {
      add(opinion);
      if (opinion.version() > 1) amended.push_back(opinion.name());
    }
    return absl::OkStatus();
  }));
  for (const std::string& opinion : amended) {
    review::v1::ListOpinionVersionsRequest versions;
    versions.set_parent(opinion);
    RETURN_IF_ERROR(
        ForEachPage<review::v1::ListOpinionVersionsResponse>(call_, versions, [&](const auto& page) {
          for (const auto& version : page.opinions()) add(version);
          return absl::OkStatus();
        }));
  }
  return absl::OkStatus();
}

absl::Status RecordVerification::ReadSignatures(const std::string& routing) {
  review::v1::ListSignaturesRequest list;
  list.set_parent(routing);
  return ForEachPage<review::v1::ListSignaturesResponse>(call_, list, [&](const auto& page) {
    for (const auto& signature : page.signatures()) {
      Record& record = Add("signatures", {signature.name(), 0}, RecordDigest(signature));
      record.expected.set_entity(signature.entity());
      record.expected.set_freeze_number(signature.freeze_number());
      record.expected.set_delegation(signature.on_behalf().delegation());
      record.expected.set_digest(signature.digest());
      if (!signature.contact().empty())
        record.expected.set_key_fingerprint(transparency::KeyFingerprint(signature.public_key()));
    }
    return absl::OkStatus();
  });
}

absl::Status RecordVerification::ReadBucps() {
  RETURN_IF_ERROR(ForEachPage<drafting::v1::ListBucpsResponse>(call_, drafting::v1::ListBucpsRequest(),
                                                               [&](const auto& page) {
                                                                 for (const auto& bucp : page.bucps())
                                                                   bucps_.insert(bucp.name());
                                                                 return absl::OkStatus();
                                                               }));
  for (const std::string& name : bucps_) {
    drafting::v1::GetBucpRequest get;
    get.set_name(name);
    ASSIGN_OR_RETURN(const auto found, Find<drafting::v1::GetBucpResponse>(call_, get));
    if (found && found->bucp().has_execute_time()) {
      Record& record = Add("executions", {name, 0}, transparency::ExecutionDigest(found->bucp()));
      record.expected.set_digest(found->bucp().frozen_digest());
      record.expected.set_freeze_number(found->bucp().freeze_number());
    }
    RETURN_IF_ERROR(ReadRevisions(name));
  }
  return absl::OkStatus();
}

absl::Status RecordVerification::ReadRevisions(const std::string& bucp) {
  drafting::v1::ListRevisionsRequest list;
  list.set_parent(bucp);
  std::vector<std::string> frozen;
  RETURN_IF_ERROR(ForEachPage<drafting::v1::ListRevisionsResponse>(call_, list, [&](const auto& page) {
    for (const auto& revision : page.revisions()) {
      Record& record = Add("revisions", {revision.name(), 0}, RecordDigest(revision));
      record.expected.set_digest(revision.digest());
      record.must_be_logged = frozen_.contains(revision.name());
      if (record.must_be_logged) frozen.push_back(revision.name());
    }
    return absl::OkStatus();
  }));
  for (const std::string& name : frozen) {
    drafting::v1::GetRevisionRequest get;
    get.set_name(name);
    ASSIGN_OR_RETURN(const auto found, Find<drafting::v1::GetRevisionResponse>(call_, get));
    Record& record = records_["revisions"][{name, 0}];
    if (!found || digest::Digest(found->revision().content()) != record.expected.digest())
      record.fault = "its content does not have its digest";
  }
  return absl::OkStatus();
}

absl::Status RecordVerification::ReadDisputes() {
  std::vector<std::string> names;
  RETURN_IF_ERROR(ForEachPage<dispute::v1::ListDisputesResponse>(call_, dispute::v1::ListDisputesRequest(),
                                                                 [&](const auto& page) {
                                                                   for (const auto& dispute : page.disputes())
                                                                     names.push_back(dispute.name());
                                                                   return absl::OkStatus();
                                                                 }));
  for (const std::string& name : names) {
    dispute::v1::GetDisputeRequest get;
    get.set_name(name);
    ASSIGN_OR_RETURN(const auto found, Find<dispute::v1::GetDisputeResponse>(call_, get));
    if (found) Add("disputes", {name, 0}, RecordDigest(found->dispute()));
  }
  return absl::OkStatus();
}

absl::Status RecordVerification::ReadDeidentifications() {
  std::vector<std::string> names;
  RETURN_IF_ERROR(ForEachPage<dispute::v1::ListDeidentificationsResponse>(
      call_, dispute::v1::ListDeidentificationsRequest(), [&](const auto& page) {
        for (const auto& review : page.deidentifications()) names.push_back(review.name());
        return absl::OkStatus();
      }));
  for (const std::string& name : names) {
    dispute::v1::GetDeidentificationRequest get;
    get.set_name(name);
    ASSIGN_OR_RETURN(const auto found, Find<dispute::v1::GetDeidentificationResponse>(call_, get));
    if (found) Add("de-identification reviews", {name, 0}, RecordDigest(found->deidentification()));
  }
  return absl::OkStatus();
}

absl::Status RecordVerification::ReadFilings() {
  // The digest of each execution and its filing, by BUCP.
  std::map<std::string, std::pair<std::string, std::string>> executed;
  RETURN_IF_ERROR(
      ForEachPage<v1::ListFilingsResponse>(call_, v1::ListFilingsRequest(), [&](const auto& page) {
        for (const v1::Filing& filing : page.filings()) {
          filings_.insert(filing.name());
          if (!filing.bucp().empty() && filing.has_execute_time())
            executed[filing.bucp()] = {transparency::ExecutionDigest(filing), filing.name()};
        }
        return absl::OkStatus();
      }));
  // The register has the execution too, under the name of the BUCP.
  for (const auto& [bucp, execution] : executed) {
    const auto& [digest, filing] = execution;
    const auto found = records_["executions"].find({bucp, 0});
    if (found == records_["executions"].end()) {
      Add("executions", {bucp, 0}, digest).fault = "it is not executed in drafting";
    } else if (found->second.expected.record_digest() != digest) {
      found->second.fault = filing + " is of another execution";
    }
  }
  for (const std::string& name : filings_) RETURN_IF_ERROR(ReadTransfers(name));
  v1::ListReviewDatesRequest reviews;
  reviews.set_show_ended(true);
  return ForEachPage<v1::ListReviewDatesResponse>(call_, reviews, [&](const auto& page) {
    for (const v1::ReviewDate& review : page.reviews()) {
      // A date that was never set has no entry.
      Add("review dates", {review.filing(), 0}, RecordDigest(review)).must_be_logged = false;
    }
    return absl::OkStatus();
  });
}

absl::Status RecordVerification::ReadTransfers(const std::string& filing) {
  v1::ListTransfersRequest list;
  list.set_parent(filing);
  return ForEachPage<v1::ListTransfersResponse>(call_, list, [&](const auto& page) {
    for (const v1::Transfer& transfer : page.transfers())
      Add("transfers", {transfer.name(), 0}, RecordDigest(transfer)).expected.set_entity(transfer.reporter());
    return absl::OkStatus();
  });
}

absl::Status RecordVerification::ReadNotices() {
  RETURN_IF_ERROR(
      ForEachPage<v1::ListNoticesResponse>(call_, v1::ListNoticesRequest(), [&](const auto& page) {
        for (const v1::Notice& notice : page.notices()) {
          notices_.insert(notice.name());
          Add("acknowledgements", {notice.name(), 0}, RecordDigest(notice)).must_be_logged =
              std::any_of(notice.recipients().begin(), notice.recipients().end(),
                          [](const auto& recipient) { return recipient.has_acknowledge_time(); });
        }
        return absl::OkStatus();
      }));
  return ForEachPage<v1::ListDutiesResponse>(call_, v1::ListDutiesRequest(), [&](const auto& page) {
    for (const v1::Duty& duty : page.duties()) Add("duties", {duty.name(), 0}, RecordDigest(duty));
    return absl::OkStatus();
  });
}

absl::Status RecordVerification::ReadEntities() {
  std::vector<std::string> names;
  RETURN_IF_ERROR(ForEachPage<registry::v1::ListEntitiesResponse>(call_, registry::v1::ListEntitiesRequest(),
                                                                  [&](const auto& page) {
                                                                    for (const auto& entity : page.entities())
                                                                      names.push_back(entity.name());
                                                                    return absl::OkStatus();
                                                                  }));
  for (const std::string& name : names) {
    registry::v1::ListAccessionsRequest list;
    list.set_parent(name);
    RETURN_IF_ERROR(ForEachPage<registry::v1::ListAccessionsResponse>(call_, list, [&](const auto& page) {
      for (const auto& accession : page.accessions())
        Add("accessions", {accession.name(), 0}, RecordDigest(accession)).expected.set_entity(name);
      return absl::OkStatus();
    }));
    if (visibility_ != Visibility::kAll && name != own_) continue;
    RETURN_IF_ERROR(CompareKeys(name));
    RETURN_IF_ERROR(ReadStatements(name));
  }
  return absl::OkStatus();
}

absl::Status RecordVerification::ReadStatements(const std::string& entity) {
  registry::v1::ListCertificationsRequest certifications;
  certifications.set_parent(entity);
  RETURN_IF_ERROR(
      ForEachPage<registry::v1::ListCertificationsResponse>(call_, certifications, [&](const auto& page) {
        for (const auto& each : page.certifications())
          Add("certifications", {each.name(), 0}, RecordDigest(each)).expected.set_entity(entity);
        return absl::OkStatus();
      }));
  registry::v1::ListDelegationsRequest delegations;
  delegations.set_parent(entity);
  return ForEachPage<registry::v1::ListDelegationsResponse>(call_, delegations, [&](const auto& page) {
    for (const auto& each : page.delegations())
      Add("delegations", {each.name(), 0}, RecordDigest(each)).expected.set_entity(entity);
    return absl::OkStatus();
  });
}

absl::Status RecordVerification::CompareKeys(const std::string& entity) {
  std::vector<registry::v1::Contact> contacts;
  registry::v1::ListContactsRequest list;
  list.set_parent(entity);
  list.set_show_inactive(true);
  RETURN_IF_ERROR(ForEachPage<registry::v1::ListContactsResponse>(call_, list, [&](const auto& page) {
    contacts.insert(contacts.end(), page.contacts().begin(), page.contacts().end());
    return absl::OkStatus();
  }));
  const std::map<std::string, int64_t>& logged = keys_[entity];
  std::set<std::string> known;
  for (const registry::v1::Contact& contact : contacts) {
    known.insert(transparency::ContactKeyDigest(contact));
    if (!contact.public_key().empty()) {
      ++compared_keys_;
      if (!logged.contains(transparency::ContactKeyDigest(contact)))
        AddFault("keys", "edited: " + contact.name() + " publicKey is not that of an entry of the log");
    }
    if (logged.empty()) continue;
    registry::v1::ListContactRevisionsRequest revisions;
    revisions.set_parent(contact.name());
    // The newest comes first.
    std::string newest;
    RETURN_IF_ERROR(
        ForEachPage<registry::v1::ListContactRevisionsResponse>(call_, revisions, [&](const auto& page) {
          for (const auto& revision : page.revisions()) {
            const std::string key = transparency::ContactKeyDigest(revision.contact());
            known.insert(key);
            if (newest.empty()) newest = revision.contact().etag();
            if (!revision.contact().public_key().empty() && !logged.contains(key))
              AddFault("keys", "edited: revision " + revision.contact().etag() + " of " + contact.name() +
                                   " publicKey is not that of an entry of the log");
          }
          return absl::OkStatus();
        }));
    // A contact of the first releases has no revisions until it is changed.
    if (!newest.empty() && newest != contact.etag())
      AddFault("keys", "deleted: revision " + contact.etag() + " of " + contact.name());
  }
  for (const auto& [digest, index] : logged) {
    if (!known.contains(digest))
      AddFault("keys",
               "deleted: no contact of " + entity + " has or had the key of entry " + std::to_string(index));
  }
  return absl::OkStatus();
}

bool RecordVerification::IsHidden(const LogEntry& entry) const {
  if (visibility_ == Visibility::kAll) return false;
  if (!entry.bucp().empty() && !bucps_.contains(entry.bucp())) return true;
  if (!entry.filing().empty() && !filings_.contains(entry.filing())) return true;
  // Of the records of an entity, only accessions are visible to others.
  if (entry.record().starts_with("entities/") && entry.record().find("/accessions/") == std::string::npos &&
      entry.entity() != own_)
    return true;
  const std::string notice = entry.record().substr(0, entry.record().find("/duties/"));
  return notice.starts_with("notices/") && !notices_.contains(notice);
}

void RecordVerification::CompareSubject(const std::string& subject) {
  const std::map<Key, Record>& records = records_[subject];
  const std::map<Key, IndexedEntry>& entries = entries_[subject];
  const size_t before = findings_.size();
  size_t hidden = 0, compared = 0;
  for (const auto& [key, logged] : entries) {
    const std::string place = "entry " + std::to_string(logged.index);
    const auto record = records.find(key);
    if (record == records.end()) {
      if (IsHidden(logged.entry)) {
        ++hidden;
      } else if (logged.entry.kind() != v1::LOG_ENTRY_KIND_EXECUTION_REVOKED) {
        AddFault(subject, "deleted: " + TextOf(key) + ", which " + place + " records");
      }
      continue;
    }
    ++compared;
    const std::string fields = DifferingFields(record->second.expected, logged.entry);
    if (!fields.empty())
      AddFault(subject,
               "edited: " + TextOf(key) + " " + fields + " differs from " + place + ", its last one");
  }
  for (const auto& [key, record] : records) {
    if (!record.fault.empty()) AddFault(subject, "edited: " + TextOf(key) + ": " + record.fault);
    if (record.must_be_logged && !entries.contains(key))
      AddFault(subject, "added: " + TextOf(key) + " does not have an entry");
  }
  if (findings_.size() > before) return;
  findings_.push_back(
      {true, subject,
       std::to_string(compared) + " " + subject + " match the log" +
           (hidden == 0 ? "" : ", and " + std::to_string(hidden) + " are not visible to this caller")});
}

}  // namespace idea::cli
