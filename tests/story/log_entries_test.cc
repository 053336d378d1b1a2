// The transparency log has an entry for each record of every service.
#include <algorithm>

#include "tests/story/recorded_agreement.h"

namespace idea::story {
namespace {

using ::testing::IsSupersetOf;
using ::testing::Not;

class LogEntries : public RecordedAgreement {
 protected:
  // Waits until the relays of all services have handed over their events.
  void AwaitEntries() {
    const RecordDigests stored = Stored();
    Await("an entry for each record", [&] {
      const RecordDigests logged = LoggedDigests();
      return std::all_of(stored.begin(), stored.end(), [&](const auto& record) {
        const auto found = logged.find(record.first);
        return found != logged.end() && found->second == record.second;
      });
    });
  }
};

TEST_P(LogEntries, HaveTheDigestOfEachRecord) {
  AwaitEntries();
  const std::vector<inv::LogEntry> entries = Entries();
  std::vector<inv::LogEntryKind> kinds;
  for (const inv::LogEntry& entry : entries) kinds.push_back(entry.kind());
  using enum inv::LogEntryKind;
  EXPECT_THAT(
      kinds,
      IsSupersetOf({LOG_ENTRY_KIND_REVISION_FROZEN, LOG_ENTRY_KIND_OPINION_REGISTERED,
                    LOG_ENTRY_KIND_OPINION_CHANGED, LOG_ENTRY_KIND_SIGNED, LOG_ENTRY_KIND_EXECUTED,
                    LOG_ENTRY_KIND_DISPUTE_ENDED, LOG_ENTRY_KIND_NOTICE_ACKNOWLEDGED,
                    LOG_ENTRY_KIND_DUTY_OPENED, LOG_ENTRY_KIND_DUTY_COMPLETED,
                    LOG_ENTRY_KIND_TRANSFER_RECORDED, LOG_ENTRY_KIND_REVIEW_DATE_CHANGED,
                    LOG_ENTRY_KIND_ACCESSION_RECORDED, LOG_ENTRY_KIND_CONTACT_KEY,
                    LOG_ENTRY_KIND_CERTIFICATION_RECORDED, LOG_ENTRY_KIND_DELEGATION_RECORDED,
                    LOG_ENTRY_KIND_DEIDENTIFICATION_SUBMITTED, LOG_ENTRY_KIND_DEIDENTIFICATION_CHANGED}));
  size_t bytes = 0;
  for (const inv::LogEntry& entry : entries) {
    std::string text;
    ASSERT_TRUE(google::protobuf::util::MessageToJsonString(entry, &text).ok());
    bytes += text.size();
    EXPECT_THAT(text, Not(::testing::HasSubstr("sponsor"))) << "the name of a person";
    if (entry.kind() != LOG_ENTRY_KIND_SIGNED || entry.record() != signature_) continue;
    EXPECT_EQ(entry.key_fingerprint(), transparency::KeyFingerprint(issuer_.PublicKey("signer")));
    EXPECT_EQ(entry.entity(), kX);
    EXPECT_EQ(entry.bucp(), bucp_);
    EXPECT_EQ(entry.freeze_number(), 1);
    EXPECT_GE(clock::FromProto(entry.log_time()), clock::FromProto(entry.time()));
  }
  // The growth of the log with an agreement, for the report of the test.
  RecordProperty("entries", static_cast<int>(entries.size()));
  RecordProperty("bytes", static_cast<int>(bytes));
}

// A relay that starts again reads every event again and adds nothing. The records of a database whose log has
// no entries, as that of an earlier release, get them.
TEST_P(LogEntries, AreMadeAgainOnlyIfTheyAreMissing) {
  AwaitEntries();
  const int64_t size = LogSize();
  for (const char* service : {"registry", "drafting", "review", "dispute", "inventory"})
    Edit(service, {"DELETE FROM cursors WHERE name = 'log'"});
  SetKey(kY, "dhcs-sponsor");
  Await("the entry of another key", [&] { return LogSize() == size + 1; });

  Edit("inventory", {"DELETE FROM log_entries", "DELETE FROM log_nodes", "DELETE FROM log_edge",
                     "DELETE FROM log_subjects", "DELETE FROM log_records",
                     "UPDATE events SET caller = NULL, request_id = NULL WHERE type = 'LogEntriesAdded'"});
  for (const char* service : {"registry", "drafting", "review", "dispute", "inventory"})
    Edit(service, {"DELETE FROM cursors WHERE name = 'log'"});
  AwaitEntries();
}

INSTANTIATE_TEST_SUITE_P(Every, LogEntries, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::story
