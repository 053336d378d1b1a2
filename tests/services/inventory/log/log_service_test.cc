// Entries about records of other services.
#include "services/inventory/log/log_service.h"

#include "google/protobuf/util/json_util.h"
#include "tests/services/inventory/inventory_fixture.h"
#include "tests/support/refusals.h"

namespace idea::inventory {
namespace {

using testing::FailsWith;
using testing::FieldsOf;
using testing::IsOk;

class LogRecords : public Inventory {
 protected:
  static v1::LogEntry Opinion(char digest, int32_t version = 1) {
    v1::LogEntry entry;
    entry.set_kind(v1::LOG_ENTRY_KIND_OPINION_REGISTERED);
    entry.set_record("routings/1/opinions/1");
    entry.set_record_digest(std::string(64, digest));
    entry.set_version(version);
    entry.set_bucp(kBucp);
    entry.set_entity(kRecipient);
    entry.mutable_time()->set_seconds(1'800'000'000);
    return entry;
  }
  absl::StatusOr<v1::AddLogEntriesResponse> Add(const std::vector<v1::LogEntry>& entries,
                                                const std::string& service = "review") {
    v1::AddLogEntriesRequest request;
    for (const v1::LogEntry& entry : entries) *request.add_entries() = entry;
    return harness_->Ask<v1::AddLogEntriesResponse>(testing::Service(service), request);
  }
};

TEST_P(LogRecords, AreAddedUnlessTheLastEntryHasTheDigest) {
  auto added = Add({Opinion('a'), Opinion('a'), Opinion('b')});
  ASSERT_THAT(added, IsOk());
  EXPECT_EQ(added->added(), 2);
  EXPECT_EQ(added->size(), 2);
  EXPECT_EQ(Add({Opinion('b')})->added(), 0);
  EXPECT_EQ(Add({Opinion('b', 2)})->added(), 1) << "another version";
  EXPECT_EQ(Add({Opinion('a')})->added(), 1) << "back to an earlier state";
  EXPECT_EQ(Checkpoint().size(), 4);

  v1::GetInclusionProofRequest request;
  const auto proof = harness_->Ask<v1::GetInclusionProofResponse>(At(kStranger), request);
  ASSERT_THAT(proof, IsOk());
  EXPECT_THAT(proof->leaf().entry(), ::testing::HasSubstr(R"("logTime":")"));
}

// Those of a filing and of the records of its BUCP have one numbering.
TEST_P(LogRecords, AreNumberedForEachBucp) {
  ASSERT_THAT(Add({Opinion('a'), Opinion('b')}), IsOk());
  ASSERT_THAT(File(), IsOk());
  ASSERT_THAT(Add({Opinion('c'), Opinion('c')}), IsOk());
  Execute("bucps/2");
  ASSERT_THAT(File(kRecipient, 'a', "bucps/2"), IsOk());
  std::vector<int32_t> sequences;
  for (int64_t i = 0; i < Checkpoint().size(); ++i) {
    v1::LogEntry entry;
    ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(Prove(i)->leaf().entry(), &entry).ok());
    sequences.push_back(entry.sequence());
  }
  EXPECT_THAT(sequences, ::testing::ElementsAre(1, 2, 3, 4, 1));
}

// Two keys of an entity are two records.
TEST_P(LogRecords, OfKeysAreASet) {
  const auto key = [](char digest) {
    v1::LogEntry entry = Opinion(digest, 0);
    entry.set_kind(v1::LOG_ENTRY_KIND_CONTACT_KEY);
    entry.set_record(kRecipient);
    entry.clear_bucp();
    return entry;
  };
  EXPECT_EQ(Add({key('a'), key('b')}, "registry")->added(), 2);
  EXPECT_EQ(Add({key('a'), key('b')}, "registry")->added(), 0);
}

TEST_P(LogRecords, AreOfTheCallingService) {
  const auto refused = [&](const std::function<void(v1::LogEntry&)>& change, const std::string& field,
                           const std::string& service = "review") {
    v1::LogEntry entry = Opinion('a');
    change(entry);
    const auto added = Add({Opinion('b'), entry}, service);
    EXPECT_THAT(added, FailsWith(Reason::ERROR_REASON_INVALID_FIELD)) << field;
    EXPECT_THAT(FieldsOf(added.status()), ::testing::ElementsAre("entries[1]." + field));
  };
  refused([](auto& entry) { entry.set_kind(v1::LOG_ENTRY_KIND_EXECUTED); }, "kind");
  refused([](auto& entry) { entry.set_kind(v1::LOG_ENTRY_KIND_FILED); }, "kind");
  refused([](auto& entry) { entry.set_record("bucps/1"); }, "record");
  refused([](auto& entry) { entry.set_record_digest("none"); }, "record_digest");
  refused([](auto& entry) { entry.set_key_fingerprint("none"); }, "key_fingerprint");
  refused([](auto& entry) { entry.set_digest("none"); }, "digest");
  refused([](auto& entry) { entry.set_bucp("1"); }, "bucp");
  refused([](auto& entry) { entry.set_entity("x"); }, "entity");
  refused([](auto& entry) { entry.set_delegation("x"); }, "delegation");
  refused([](auto& entry) { entry.clear_time(); }, "time");
  refused([](auto& entry) { entry.set_filing("filings/1"); }, "filing");
  refused([](auto& entry) { entry.mutable_log_time()->set_seconds(1); }, "filing");
  refused([](auto& entry) { entry.set_sequence(1); }, "filing");
  EXPECT_THAT(Add({Opinion('a')}, "drafting"), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_EQ(Checkpoint().size(), 0) << "an invalid entry adds none of the others";
}

INSTANTIATE_TEST_SUITE_P(Every, LogRecords, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::inventory
