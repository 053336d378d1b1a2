#ifndef IDEA_SERVICES_CLI_LOG_RECORD_VERIFICATION_H_
#define IDEA_SERVICES_CLI_LOG_RECORD_VERIFICATION_H_

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "idea/inventory/v1/log.pb.h"
#include "services/cli/call/call_function.h"
#include "services/cli/log/evidence_verification.h"

// Compares the records of every service with their entries in the log (kinds from 20 on), in both directions.
namespace idea::cli {

// The part of the suite that the caller sees: the Statewide CDO's office sees every record, a department only
// those of its agreements.
enum class Visibility { kAll, kOwn };

class RecordVerification {
 public:
  // Receives the number of records that were read, now and then.
  using OnRead = std::function<void(int64_t)>;

  // `call` reaches every service. `own` is the caller's entity. `progress` may be null.
  RecordVerification(const CallFunction& call, Visibility visibility, std::string own,
                     OnRead progress = nullptr)
      : call_(call), visibility_(visibility), own_(std::move(own)), progress_(std::move(progress)) {}

  // Takes an entry of the log, in their order.
  void AddEntry(int64_t index, const inventory::v1::LogEntry& entry);

  // Reads all records and returns a finding for each kind of records or, for those with faults, one for each
  // fault. It names the record and the field that differs from the entry; if only the digest differs,
  // "recordDigest". Fails only if a service does not answer.
  absl::StatusOr<std::vector<Finding>> Compare();

 private:
  // The name of a record, and the version of an opinion.
  using Key = std::pair<std::string, int32_t>;
  struct IndexedEntry {
    int64_t index = 0;
    inventory::v1::LogEntry entry;
  };
  // A record as it must be in its entry: the fields of the entry that the record determines.
  struct Record {
    inventory::v1::LogEntry expected;
    bool must_be_logged = true;
    // The record contradicts itself.
    std::string fault;
  };
  // By subject: "opinions".
  using Entries = std::map<std::string, std::map<Key, IndexedEntry>>;
  using Records = std::map<std::string, std::map<Key, Record>>;

  absl::Status ReadBucps();
  absl::Status ReadRevisions(const std::string& bucp);
  absl::Status ReadRoutings();
  absl::Status ReadOpinions(const std::string& routing);
  absl::Status ReadSignatures(const std::string& routing);
  absl::Status ReadDisputes();
  absl::Status ReadDeidentifications();
  absl::Status ReadNotices();
  absl::Status ReadFilings();
  absl::Status ReadTransfers(const std::string& filing);
  absl::Status ReadEntities();
  // The certifications and delegations of an entity.
  absl::Status ReadStatements(const std::string& entity);
  // Compares the keys of the contacts of an entity with its entries.
  absl::Status CompareKeys(const std::string& entity);

  Record& Add(const std::string& subject, Key key, std::string digest);
  bool IsHidden(const inventory::v1::LogEntry& entry) const;
  void CompareSubject(const std::string& subject);
  void AddFault(const std::string& subject, std::string text);

  const CallFunction& call_;
  const Visibility visibility_;
  const std::string own_;
  const OnRead progress_;
  Entries entries_;
  // The digests of the keys of each entity, with the index of the last entry.
  std::map<std::string, std::map<std::string, int64_t>> keys_;
  Records records_;
  // What the caller sees.
  std::set<std::string> bucps_, filings_, notices_, frozen_;
  int64_t compared_keys_ = 0, read_ = 0;
  std::vector<Finding> findings_;
};

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_LOG_RECORD_VERIFICATION_H_
