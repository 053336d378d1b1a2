// The walk of `ideactl log verify`, verified from the responses of the register alone.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/transparency/merkle.h"
#include "services/cli/log/log_export.h"
#include "services/inventory/log/log_store.h"
#include "tests/services/inventory/log/log_proof_fixture.h"

namespace idea::inventory {
namespace {

using cli::Finding;
using ::testing::Contains;
using ::testing::Each;
using ::testing::Field;
using ::testing::HasSubstr;

class ProofsOfTheLog : public ProofsTest {};

TEST_P(ProofsOfTheLog, CoverTheWholeLog) {
  EXPECT_THAT(Walk().findings, Each(kHolds));
  const v1::Filing filing = FileSigned();
  const cli::LogVerification before = Walk();
  EXPECT_THAT(before.findings, Each(kHolds));
  for (int i = 2; i < 6; ++i) FileSigned("bucps/" + std::to_string(i));
  ASSERT_THAT(Terminate(filing.name()), IsOk());
  ASSERT_THAT(Record("bucps/1"), IsOk());
  const cli::LogVerification after = Walk(before.checkpoint);
  EXPECT_THAT(after.findings, Each(kHolds));
  EXPECT_THAT(after.findings, Contains(Field(&Finding::text, HasSubstr("of 1 entries is a prefix"))));
}

struct Attack {
  const char* name;
  std::vector<std::string> statements;
  const char* subject;
  const char* found;
};
const std::vector<Attack>& Attacks() {
  static const std::vector<Attack>& attacks = *new std::vector<Attack>{
      {"an entry is edited",
       {"UPDATE log_entries SET entry = (SELECT entry FROM log_entries WHERE idx = 4) WHERE idx = 2"},
       "entries",
       "edited: entry 2"},
      {"entries are swapped",
       {"UPDATE log_entries SET idx = -1 WHERE idx = 1", "UPDATE log_entries SET idx = 1 WHERE idx = 2",
        "UPDATE log_entries SET idx = 2 WHERE idx = -1"},
       "entries",
       "reordered: entry 1"},
      {"entries and their hashes are swapped",
       {"UPDATE log_entries SET idx = -1 WHERE idx = 1", "UPDATE log_entries SET idx = 1 WHERE idx = 2",
        "UPDATE log_entries SET idx = 2 WHERE idx = -1", "UPDATE log_nodes SET idx = -1 WHERE idx = 1",
        "UPDATE log_nodes SET idx = 1 WHERE idx = 2", "UPDATE log_nodes SET idx = 2 WHERE idx = -1"},
       "entries",
       "edited: the tree of the entries is not"},
      {"an entry is deleted", {"DELETE FROM log_entries WHERE idx = 3"}, "entries", "truncated"},
      {"the end is cut off",
       {"DELETE FROM log_entries WHERE idx >= 4", "DELETE FROM log_nodes WHERE idx >= 4"},
       "entries",
       "truncated"},
      {"a filing is deleted", {"DELETE FROM filings WHERE bucp = 'bucps/3'"}, "filings", "deleted: entry 2"},
      {"two filings are exchanged",
       {"UPDATE filings SET body = (SELECT body FROM filings WHERE bucp = 'bucps/2') WHERE bucp = 'bucps/3'"},
       "filings",
       "which is not in the register"},
  };
  return attacks;
}

TEST_P(ProofsOfTheLog, FindChangesOfTheDatabase) {
  for (int i = 1; i < 6; ++i) FileSigned("bucps/" + std::to_string(i));
  const cli::LogVerification before = Walk();
  ASSERT_THAT(before.findings, Each(kHolds));
  const std::vector<std::string> tables = {"filings", "log_entries", "log_nodes", "log_edge"};
  for (const std::string& table : tables)
    Tamper(
        {"DROP TABLE IF EXISTS kept_" + table, "CREATE TABLE kept_" + table + " AS SELECT * FROM " + table});
  for (const Attack& attack : Attacks()) {
    SCOPED_TRACE(attack.name);
    Tamper(attack.statements);
    EXPECT_THAT(Walk().findings, Faults(attack.subject, attack.found));
    for (const std::string& table : tables) {
      Tamper({"DELETE FROM " + table, "INSERT INTO " + table + " SELECT * FROM kept_" + table});
    }
    ASSERT_THAT(Walk(before.checkpoint).findings, Each(kHolds));
  }
}

TEST_P(ProofsOfTheLog, FindAFilingThatWasEdited) {
  const v1::Filing filing = FileSigned();
  Rewrite(filing.name(), [](v1::Filing& f) { f.set_title("Something else"); });
  EXPECT_THAT(Walk().findings, Faults("filings", "edited: " + filing.name()));
}

// A filing that is not visible to a department does not count as deleted.
TEST_P(ProofsOfTheLog, AreComparedByADepartmentWithItsFilings) {
  const v1::Filing filing = FileSigned();
  ASSERT_THAT(Terminate(filing.name()), IsOk());
  const auto walk = [&](const char* entity, cli::Visibility visibility) {
    const auto walked = cli::VerifyLog(CallAs(entity), verifier_, "", visibility, [](int64_t, int64_t) {});
    EXPECT_THAT(walked, IsOk());
    return walked.value_or(cli::LogVerification()).findings;
  };
  EXPECT_THAT(walk(kStranger, cli::Visibility::kAll), Faults("filings", "deleted"));
  EXPECT_THAT(walk(kStranger, cli::Visibility::kOwn), Each(kHolds));
  EXPECT_THAT(walk(kStranger, cli::Visibility::kOwn),
              Contains(Field(&Finding::text, HasSubstr("0 filings match the log, and 1"))));
  EXPECT_THAT(walk(kProvider, cli::Visibility::kOwn), Each(kHolds));
  Rewrite(filing.name(), [](v1::Filing& f) { f.set_title("Something else"); });
  EXPECT_THAT(walk(kProvider, cli::Visibility::kOwn), Faults("filings", "edited: " + filing.name()));
}

TEST_P(ProofsOfTheLog, FindTermsThatWereEdited) {
  const v1::Filing filing = FileSigned();
  v1::Terms terms;
  terms.add_data_elements("Social Security Number");
  EXPECT_THAT(database().Write([&](storage::Transaction& db) {
    return db.Execute("UPDATE filing_terms SET body = $1", {storage::Blob{terms.SerializeAsString()}})
        .status();
  }),
              IsOk());
  EXPECT_THAT(Walk().findings, Faults("filings", "edited: the terms of " + filing.name()));
  Tamper({"DELETE FROM filing_terms"});
  EXPECT_THAT(Walk().findings, Faults("filings", "edited: the terms of " + filing.name()));
}

TEST_P(ProofsOfTheLog, FindANoticeThatWasEditedOrDeleted) {
  const v1::Filing filing = FileSigned();
  ASSERT_THAT(Terminate(filing.name()), IsOk());
  EXPECT_THAT(Walk().findings, Contains(Field(&Finding::text, HasSubstr("1 notices match the log"))));
  v1::Notice notice;
  EXPECT_THAT(database().Write([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(const auto row, db.QueryOne("SELECT body FROM notices", {}));
    notice.ParseFromString(row->Bytes(0));
    notice.set_text("Nothing happened.");
    return db.Execute("UPDATE notices SET body = $1", {storage::Blob{notice.SerializeAsString()}}).status();
  }),
              IsOk());
  EXPECT_THAT(Walk().findings, Faults("notices", "edited: " + notice.name()));
  Tamper({"DELETE FROM notices"});
  EXPECT_THAT(Walk().findings, Faults("notices", "is about " + notice.name() + ", which is not in"));
}

TEST_P(ProofsOfTheLog, FindAFilingThatWasRolledBack) {
  const v1::Filing filing = FileSigned();
  ASSERT_THAT(Terminate(filing.name()), IsOk());
  Rewrite(filing.name(), [&](v1::Filing& f) { f = filing; });
  EXPECT_THAT(Walk().findings, Faults("filings", "edited: " + filing.name()));
}

TEST_P(ProofsOfTheLog, FindAFilingWithoutALogEntry) {
  const v1::Filing filing = FileSigned();
  const auto other = Record("bucps/1");
  ASSERT_THAT(other, IsOk());
  Execute("bucps/9");
  const auto unfiled = Record("bucps/9");
  ASSERT_THAT(unfiled, IsOk());
  EXPECT_THAT(Walk().findings, Each(kHolds));
  Rewrite(unfiled->name(), [&](v1::Filing& f) { *f.mutable_receipt() = filing.receipt(); });
  EXPECT_THAT(Walk().findings, Faults("filings", "edited: " + unfiled->name()));
}

// The whole database is rolled back and then forks: the database alone cannot reveal it.
TEST_P(ProofsOfTheLog, FindAnEntryWithTheWrongPlace) {
  FileSigned();
  EXPECT_THAT(Walk().findings, Each(kHolds));
  v1::LogEntry entry;
  entry.set_kind(v1::LOG_ENTRY_KIND_REVISION_FROZEN);
  entry.set_bucp(kBucp);
  entry.set_sequence(9);
  ASSERT_THAT(database().Write([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(LogEnd end, ReadEnd(db, kBucp));
    return AppendEntry(db, std::move(end.edge), kBucp, digest::CanonicalJson(entry)).status();
  }),
              IsOk());
  EXPECT_THAT(
      Walk().findings,
      Faults("entries", "renumbered: entry 1 says that it is number 9 about bucps/1, and it is number 2"));
}

TEST_P(ProofsOfTheLog, FindALogThatWasRolledBackOrForked) {
  FileSigned("bucps/1");
  const std::vector<std::string> tables = {"filings",      "filing_list",  "filing_terms",
                                           "filing_words", "filing_texts", "log_entries",
                                           "log_nodes",    "log_edge",     "log_subjects"};
  for (const std::string& table : tables)
    Tamper(
        {"DROP TABLE IF EXISTS kept_" + table, "CREATE TABLE kept_" + table + " AS SELECT * FROM " + table});
  FileSigned("bucps/2");
  FileSigned("bucps/3");
  const cli::LogVerification before = Walk();
  for (const std::string& table : tables) {
    Tamper({"DELETE FROM " + table, "INSERT INTO " + table + " SELECT * FROM kept_" + table});
  }
  EXPECT_THAT(Walk().findings, Each(kHolds));
  EXPECT_THAT(Walk(before.checkpoint).findings, Faults("earlier checkpoint", "rolled back: the log had 3"));
  for (const char* name : {"bucps/4", "bucps/5", "bucps/6"}) FileSigned(name);
  EXPECT_THAT(Walk().findings, Each(kHolds));
  EXPECT_THAT(Walk(before.checkpoint).findings, Faults("earlier checkpoint", "forked: the first 3"));
}

TEST_P(ProofsOfTheLog, TrustNoOtherKey) {
  FileSigned();
  const cli::LogVerification before = Walk();
  EXPECT_THAT(cli::VerifyLog(CallAs(), "idea.test/log+00000000+AAAA", "", cli::Visibility::kAll,
                             [](int64_t, int64_t) {})
                  ->findings,
              Faults("checkpoint", "verifier"));
  EXPECT_FALSE(
      cli::VerifyLog(CallAs(), verifier_, "no checkpoint", cli::Visibility::kAll, [](int64_t, int64_t) {
      }).ok());
}

// The log's key is changed as services/inventory/README.md says: the log continues, and a client with both
// verifiers accepts signatures of both keys.
TEST_P(ProofsOfTheLog, HoldAfterAChangeOfTheKey) {
  const v1::Filing filing = FileSigned();
  const auto sealed_before = Bundle(filing.name());
  ASSERT_THAT(sealed_before, IsOk());
  const cli::LogVerification before = Walk();
  const std::string old_key = verifier_;
  const testing::LogKeyFile new_key(testing::LogKeyFile::kSecondPem);
  Serve(new_key.path());
  notices_->Bind(harness_->router());
  FileSigned("bucps/2");

  const std::string only_new = Checkpoint().verifier();
  ASSERT_NE(only_new, old_key);
  const std::string both = only_new + "\n" + old_key + "\n";
  const auto sealed_after = Bundle(filing.name());
  ASSERT_THAT(sealed_after, IsOk());
  EXPECT_THAT(Verify(*sealed_after, both), Each(kHolds));
  EXPECT_THAT(Verify(*sealed_before, both), Each(kHolds));
  EXPECT_THAT(Verify(*sealed_before, old_key), Each(kHolds));
  // One verifier does not accept signatures of the other key.
  EXPECT_THAT(Verify(*sealed_before, only_new), Faults("seal", "no signature is of"));
  EXPECT_THAT(Verify(*sealed_after, old_key), Faults("seal", "no signature is of"));
  EXPECT_THAT(Verify(*sealed_after, only_new), Faults("receipt", "no signature is of"));
  verifier_ = both;
  const cli::LogVerification after = Walk(before.checkpoint);
  EXPECT_THAT(after.findings, Each(kHolds));
  EXPECT_THAT(after.findings, Contains(Field(&Finding::text, HasSubstr("entries is a prefix"))));
}

// The root of a log exported as files, computed by the definitions of RFC 6962 and C2SP tlog-tiles alone:
// hashes each entry of each bundle, and compares each tile with the level below it. Uses only the `first`
// entries if that is not 0.
std::string RootOfTiles(const std::filesystem::path& folder, size_t size, size_t first = 0) {
  const auto hash = [](const std::string& bytes) { return absl::HexStringToBytes(ids::Sha256Hex(bytes)); };
  const auto read = [&](const std::string& kind, size_t index, size_t width) {
    // Less than a thousand tiles: one group of three digits.
    const std::string name = "tile/" + kind + "/" + absl::StrFormat("%03d", index) +
                             (width == 256 ? "" : ".p/" + std::to_string(width));
    std::ifstream file(folder / name, std::ios::binary);
    EXPECT_TRUE(file) << name;
    return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  };
  // The hash of up to 256 subtrees of one size.
  const std::function<std::string(const std::vector<std::string>&, size_t, size_t)> tree =
      [&](const std::vector<std::string>& parts, size_t begin, size_t end) {
        if (end - begin == 1) return parts[begin];
        size_t half = 1;
        while (half * 2 < end - begin) half *= 2;
        return hash(std::string(1, '\1') + tree(parts, begin, begin + half) + tree(parts, begin + half, end));
      };
  std::vector<std::string> leaves;
  std::string whole;
  for (size_t index = 0; index * 256 < size; ++index) {
    const size_t width = std::min<size_t>(256, size - index * 256);
    const std::string bundle = read("entries", index, width);
    std::vector<std::string> here;
    for (size_t at = 0; at < bundle.size();) {
      const size_t length =
          static_cast<unsigned char>(bundle[at]) * 256 + static_cast<unsigned char>(bundle[at + 1]);
      here.push_back(hash(std::string(1, '\0') + bundle.substr(at + 2, length)));
      at += 2 + length;
    }
    EXPECT_EQ(here.size(), width);
    EXPECT_EQ(absl::StrJoin(here, ""), read("0", index, width));
    if (width == 256) whole += tree(here, 0, here.size());
    leaves.insert(leaves.end(), here.begin(), here.end());
  }
  EXPECT_EQ(whole, read("1", 0, whole.size() / 32));
  return tree(leaves, 0, first == 0 ? leaves.size() : first);
}

// More entries than one tile has.
TEST_P(ProofsOfTheLog, AreExportedAsGrowingTiles) {
  const auto folder = std::filesystem::temp_directory_path() / ("idea-tiles-" + std::to_string(getpid()));
  const auto read = [&](const std::string& name) {
    std::ifstream file(folder / name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  };
  const auto quiet = [](int64_t, int64_t) {};
  EXPECT_EQ(*cli::ExportLog(CallAs(), folder, quiet), 0);
  ASSERT_THAT(database().Write([&](storage::Transaction& db) -> absl::Status {
    v1::LogEntry entry;
    for (int i = 0; i < 300; ++i) {
      entry.set_filing("filings/" + std::to_string(i));
      RETURN_IF_ERROR(log_->Append(db, entry).status());
    }
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_EQ(*cli::ExportLog(CallAs(), folder, quiet), 300);
  EXPECT_EQ(read("tile/0/000").size(), 256U * 32);
  EXPECT_EQ(read("tile/0/001.p/44").size(), 44U * 32);
  EXPECT_EQ(read("tile/1/000.p/1").size(), 32U);
  EXPECT_THAT(read("tile/entries/000"), HasSubstr("filings/255"));
  EXPECT_THAT(read("checkpoint"), HasSubstr("idea.test/log\n300\n"));
  EXPECT_EQ(*cli::ExportLog(CallAs(), folder, quiet), 300);
  EXPECT_EQ(RootOfTiles(folder, 300), transparency::OpenCheckpoint(read("checkpoint"), verifier_)->root);
  // Proofs across tiles, and the walk finds that the upper tile was edited.
  for (const int64_t leaf : {0, 100, 255, 256, 299}) {
    const auto proof = Prove(leaf);
    ASSERT_THAT(proof, IsOk());
    EXPECT_TRUE(transparency::ProvesInclusion(
        transparency::LeafHash(proof->leaf().entry()), leaf, 300, Hashes(proof->leaf().inclusion_proof()),
        transparency::OpenCheckpoint(proof->leaf().checkpoint(), verifier_)->root));
  }
  for (const int64_t from : {1, 44, 255, 256, 257, 299, 300}) {
    for (const int64_t to : {255, 256, 257, 298, 300}) {
      if (from > to) continue;
      v1::GetConsistencyProofRequest request;
      request.set_from_size(from);
      request.set_tree_size(to);
      const auto proof = harness_->Ask<v1::GetConsistencyProofResponse>(At(kStranger), request);
      ASSERT_THAT(proof, IsOk());
      EXPECT_TRUE(transparency::ProvesConsistency(
          from, to, RootOfTiles(folder, 300, from),
          transparency::OpenCheckpoint(proof->checkpoint(), verifier_)->root, Hashes(proof->proof())));
      EXPECT_EQ(transparency::OpenCheckpoint(proof->checkpoint(), verifier_)->root,
                RootOfTiles(folder, 300, to));
    }
  }
  Tamper(
      {"UPDATE log_nodes SET hash = (SELECT hash FROM log_nodes WHERE level = 0 AND idx = 0) WHERE level = "
       "8"});
  EXPECT_THAT(Walk().findings, Faults("tiles", "edited: tile/1/000.p/1"));
  std::filesystem::remove_all(folder);
}

INSTANTIATE_TEST_SUITE_P(Every, ProofsOfTheLog, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::inventory
