// The proofs of the register, verified from its responses alone: the file of `ideactl verify` and the walk of
// `ideactl log verify`.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <numeric>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/digest/digest.h"
#include "common/transparency/merkle.h"
#include "google/protobuf/util/json_util.h"
#include "services/cli/log/evidence_verification.h"
#include "services/cli/log/log_export.h"
#include "services/cli/log/log_verification.h"
#include "tests/services/inventory/inventory_fixture.h"
#include "tests/services/inventory/log/second_verifier.h"

namespace idea::inventory {
namespace {

using cli::Finding;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using testing::FailsWith;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Not;

const auto kHolds = Field(&Finding::holds, true);
auto Faults(const std::string& subject, const std::string& text) {
  return Contains(AllOf(Field(&Finding::holds, false), Field(&Finding::subject, subject),
                        Field(&Finding::text, HasSubstr(text))));
}

class Proofs : public Inventory {
 protected:
  void SetUp() override {
    Inventory::SetUp();
    if (IsSkipped()) return;
    notices_->Bind(harness_->router());
    Sign(kBucp);
    verifier_ = Checkpoint().verifier();
  }

  // Every party has signed the digest of the BUCP's content.
  void Sign(const std::string& name, const std::string& education_agency = "") {
    peers_.bucps.erase(name);
    drafting::v1::Bucp& bucp = Execute(name);
    bucp.set_freeze_number(peers_.freeze_number);
    if (!education_agency.empty()) {
      bucp.mutable_content()->mutable_administrative()->mutable_education_records()->set_source_agency(
          education_agency);
    }
    bucp.set_frozen_digest(digest::Digest(bucp.content()));
    peers_.signatures.clear();
    peers_.whole_signatures.clear();
    for (const char* entity : {kRecipient, kSecondRecipient, kProvider}) {
      for (const auto capacity :
           {review::v1::CAPACITY_EXECUTIVE_SPONSOR, review::v1::CAPACITY_DATA_COORDINATOR}) {
        review::v1::Signature& signature = peers_.whole_signatures.emplace_back();
        signature.set_name("routings/1/signatures/" + std::to_string(peers_.whole_signatures.size()));
        signature.set_entity(entity);
        signature.set_capacity(capacity);
        signature.set_digest(bucp.frozen_digest());
        signature.set_freeze_number(peers_.freeze_number);
      }
    }
  }
  v1::Filing FileSigned(const std::string& name = kBucp) {
    Sign(name);
    return FileAsItIs(name);
  }
  v1::Filing FileAsItIs(const std::string& name) {
    v1::FileBucpRequest request;
    request.set_bucp(name);
    request.set_digest(peers_.bucps.at(name).frozen_digest());
    const auto response = harness_->Ask<v1::FileBucpResponse>(At(kRecipient, "p"), request);
    EXPECT_THAT(response, IsOk());
    return response.ok() ? response->filing() : v1::Filing();
  }
  absl::StatusOr<std::string> Bundle(const std::string& name,
                                     const testing::TestCaller& who = At(kProvider)) {
    ASSIGN_OR_RETURN(const auto parts, Parts(name, who));
    return std::accumulate(parts.begin(), parts.end(), std::string());
  }
  // The parts of the file. Each fits a client that accepts 4 MiB.
  absl::StatusOr<std::vector<std::string>> Parts(const std::string& name, const testing::TestCaller& who) {
    v1::GetEvidenceRequest request;
    request.set_name(name);
    std::vector<std::string> parts;
    do {
      ASSIGN_OR_RETURN(const auto response, harness_->Ask<v1::GetEvidenceResponse>(who, request));
      EXPECT_LT(response.ByteSizeLong(), 4U << 20);
      parts.push_back(response.bundle());
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    return parts;
  }
  std::vector<Finding> Verify(const std::string& bundle) { return Verify(bundle, verifier_); }
  std::vector<Finding> Verify(const std::string& bundle, const std::string& keys) {
    const std::vector<Finding> findings = cli::VerifyEvidence(bundle, keys);
    second_verifier_.Add(
        bundle, keys,
        std::all_of(findings.begin(), findings.end(), [](const Finding& finding) { return finding.holds; }));
    return findings;
  }
  cli::CallFunction CallAs(const std::string& entity = testing::kCdoEntity) {
    return [this, entity](const google::protobuf::Message& request, google::protobuf::Message* response) {
      return harness_->Send(At(entity), request, response);
    };
  }
  // `ideactl log verify` as the Statewide CDO's office.
  cli::LogVerification Walk(const std::string& earlier = "") {
    const auto walk =
        cli::VerifyLog(CallAs(), verifier_, earlier, cli::Visibility::kAll, [](int64_t, int64_t) {});
    EXPECT_THAT(walk, IsOk());
    return walk.value_or(cli::LogVerification());
  }
  // Writes to the database as an intruder.
  void Tamper(const std::vector<std::string>& statements) {
    EXPECT_THAT(database().Write([&](storage::Transaction& db) -> absl::Status {
      for (const std::string& statement : statements) RETURN_IF_ERROR(db.Execute(statement, {}).status());
      return absl::OkStatus();
    }),
                IsOk());
  }
  // Replaces the row of a filing by the result of `change`.
  void Rewrite(const std::string& name, const std::function<void(v1::Filing&)>& change) {
    v1::Filing filing = *Get(name);
    change(filing);
    EXPECT_THAT(database().Write([&](storage::Transaction& db) {
      return db
          .Execute("UPDATE filings SET body = $1 WHERE bucp = $2",
                   {storage::Blob{filing.SerializeAsString()}, filing.bucp()})
          .status();
    }),
                IsOk());
  }

  void TearDown() override {
    second_verifier_.ExpectAgreement();
    Inventory::TearDown();
  }

  std::string verifier_;
  testing::SecondVerifier second_verifier_;
};

TEST_P(Proofs, CoverAFilingAndItsEnd) {
  const v1::Filing filing = FileSigned();
  auto bundle = Bundle(filing.name());
  ASSERT_THAT(bundle, IsOk());
  EXPECT_THAT(Verify(*bundle), Each(kHolds));
  FileSigned("bucps/2");
  ASSERT_THAT(Terminate(filing.name()), IsOk());
  bundle = Bundle(filing.name(), At(testing::kCdoEntity));
  ASSERT_THAT(bundle, IsOk());
  const auto findings = Verify(*bundle);
  EXPECT_THAT(findings, Each(kHolds));
  EXPECT_THAT(findings, Contains(Field(&Finding::text, HasSubstr("3 entries in the log of 4"))));
  EXPECT_THAT(findings, Contains(Field(&Finding::text, HasSubstr("1 notice"))));
  v1::Evidence forged;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(*bundle, &forged).ok());
  forged.mutable_notices(0)->set_text("Nothing happened.");
  EXPECT_THAT(Verify(digest::CanonicalJson(forged)),
              Faults("notices", "does not have the digest of an entry"));
}

TEST_P(Proofs, AreReturnedInPartsThatAClientAccepts) {
  const v1::Filing filing = FileSigned();
  peers_.opinion_text = std::string(5 << 20, 'x');
  const auto parts = Parts(filing.name(), At(kProvider));
  ASSERT_THAT(parts, IsOk());
  EXPECT_EQ(parts->size(), 2U);
  EXPECT_THAT(Verify(*Bundle(filing.name())), Each(kHolds));
  // Evidence added between two parts does not get into the second.
  v1::GetEvidenceRequest request;
  request.set_name(filing.name());
  const auto first = harness_->Ask<v1::GetEvidenceResponse>(At(kProvider), request);
  ASSERT_THAT(first, IsOk());
  request.set_page_token(first->next_page_token());
  EXPECT_THAT(harness_->Ask<v1::GetEvidenceResponse>(At(kProvider), request), IsOk());
  peers_.opinion_text += "y";
  EXPECT_THAT(harness_->Ask<v1::GetEvidenceResponse>(At(kProvider), request),
              FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID));
}

TEST_P(Proofs, CoverAnAgreementFiledAfterItsEnd) {
  const auto recorded = Record();
  ASSERT_THAT(recorded, IsOk());
  ASSERT_THAT(Terminate(recorded->name()), IsOk());
  EXPECT_THAT(Bundle(recorded->name()), FailsWith(Reason::ERROR_REASON_NOT_FILED));
  EXPECT_EQ(FileSigned().state(), v1::FILING_STATE_ENDED);
  const auto bundle = Bundle(recorded->name(), At(testing::kCdoEntity));
  ASSERT_THAT(bundle, IsOk());
  EXPECT_THAT(Verify(*bundle), Each(kHolds));
  EXPECT_THAT(Walk().findings, Each(kHolds));
}

TEST_P(Proofs, CoverTheNoticesOnAFiling) {
  const v1::Filing filing = FileSigned();
  ASSERT_THAT(Terminate(filing.name()), IsOk());
  for (const char* entity : {kProvider, testing::kCdoEntity}) {
    const auto bundle = Bundle(filing.name(), At(entity));
    ASSERT_THAT(bundle, IsOk());
    const auto findings = Verify(*bundle);
    EXPECT_THAT(findings, Each(kHolds));
    EXPECT_THAT(findings, Contains(Field(&Finding::text, HasSubstr("1 notice, each as the log has it"))));
  }
  v1::Evidence evidence;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(*Bundle(filing.name()), &evidence).ok());
  evidence.mutable_notices(0)->set_text("nothing happened");
  EXPECT_THAT(Verify(digest::CanonicalJson(evidence)),
              Faults("notices", "does not have the digest of an entry"));
  EXPECT_THAT(Verify(digest::CanonicalJson(evidence)), Faults("seal", "notices/0"));
}

TEST_P(Proofs, CoverOnlyTheFreezeThatWasExecuted) {
  peers_.freeze_number = 2;
  const v1::Filing filing = FileSigned();
  EXPECT_EQ(filing.freeze_number(), 2);
  const auto bundle = Bundle(filing.name());
  ASSERT_THAT(bundle, IsOk());
  EXPECT_THAT(Verify(*bundle), Each(kHolds));
  v1::Evidence evidence;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(*bundle, &evidence).ok());
  evidence.mutable_signatures(2)->set_freeze_number(1);
  EXPECT_THAT(Verify(digest::CanonicalJson(evidence)),
              Faults("signatures", "routings/1/signatures/3 is of another freeze"));
  evidence.mutable_opinions(0)->set_freeze_number(1);
  EXPECT_THAT(Verify(digest::CanonicalJson(evidence)), Faults("opinions", "is of another freeze"));
  evidence.mutable_opinions(0)->set_carried_from("routings/0/opinions/1");
  EXPECT_THAT(Verify(digest::CanonicalJson(evidence)), Not(Faults("opinions", "is of another freeze")));

  // The register has the freeze number whichever of the two commands comes first.
  Sign("bucps/2");
  EXPECT_EQ(Record("bucps/2")->freeze_number(), 2);
  // A complete routing of another freeze was not executed.
  peers_.freeze_number = 1;
  v1::FileBucpRequest other;
  other.set_bucp("bucps/2");
  other.set_digest(peers_.bucps.at("bucps/2").frozen_digest());
  EXPECT_THAT(harness_->Ask<v1::FileBucpResponse>(At(kRecipient, "p"), other),
              FailsWith(Reason::ERROR_REASON_DIGEST_MISMATCH));
}

TEST_P(Proofs, CoverTheSignatureOfTheEducationAgency) {
  Sign(kBucp, kStranger);
  const v1::Filing filing = FileAsItIs(kBucp);
  EXPECT_THAT(Verify(*Bundle(filing.name())),
              Faults("signatures", "has not signed as CAPACITY_EDUCATION_AGENCY"));
  review::v1::Signature signature = peers_.whole_signatures.back();
  signature.set_name("routings/1/signatures/agency");
  signature.set_entity(kStranger);
  signature.set_capacity(review::v1::CAPACITY_EDUCATION_AGENCY);
  peers_.whole_signatures.push_back(signature);
  EXPECT_THAT(Verify(*Bundle(filing.name())), Each(kHolds));
}

TEST_P(Proofs, AreOnlyForPartiesToAFiledAgreement) {
  const auto recorded = Record();
  ASSERT_THAT(recorded, IsOk());
  EXPECT_THAT(Bundle(recorded->name()), FailsWith(Reason::ERROR_REASON_NOT_FILED));
  EXPECT_THAT(Bundle(recorded->name(), At(kStranger)), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Bundle("filings/none"), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Bundle("bucps/1"), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  const std::string filed = FileSigned("bucps/2").name();
  peers_.down = true;
  EXPECT_THAT(Bundle(filed), FailsWith(Reason::ERROR_REASON_PEER_UNAVAILABLE));
}

// The name of the member of a JSON object that contains a byte of its text. Empty for punctuation between
// members.
std::string MemberAt(const std::string& json, size_t at) {
  int depth = 0;
  bool in_text = false, is_key = false;
  std::string key, member;
  for (size_t i = 0; i <= at; ++i) {
    if (in_text && json[i] == '\\') {
      ++i;
    } else if (json[i] == '"') {
      in_text = !in_text;
      if (in_text && is_key) key.clear();
    } else if (in_text) {
      if (is_key) key += json[i];
    } else if (json[i] == '{' || json[i] == '[') {
      is_key = ++depth == 1;
    } else if (json[i] == '}' || json[i] == ']') {
      --depth;
    } else if (depth == 1 && json[i] == ':') {
      is_key = false;
      member = key;
    } else if (depth == 1 && json[i] == ',') {
      is_key = true;
      member.clear();
    }
  }
  return member;
}

TEST_P(Proofs, NameThePartOfEveryChangedByte) {
  const auto bundle = Bundle(FileSigned().name());
  ASSERT_THAT(bundle, IsOk());
  // Every byte of the seal, at the end, and a part of the other bytes on each backend.
  constexpr size_t kSeal = 200;
  constexpr size_t kStep = 7;
  std::set<std::string> named;
  for (size_t i = GetParam() == "sqlite" ? 0 : kStep / 2; i < bundle->size();
       i += i + kSeal < bundle->size() ? kStep : 1) {
    std::string changed = *bundle;
    changed[i] ^= 1;
    const std::vector<Finding> findings = Verify(changed);
    const std::string member = MemberAt(*bundle, i);
    // If the file cannot be parsed, the result names the position, otherwise the part.
    const auto names = [&](const Finding& finding) {
      return !finding.holds && (finding.subject == "file" || finding.subject == member ||
                                (!member.empty() && finding.text.starts_with(member)));
    };
    EXPECT_TRUE(std::any_of(findings.begin(), findings.end(), names)) << "byte " << i << " of " << member;
    if (findings[0].holds) named.insert(member);
  }
  EXPECT_THAT(named,
              ::testing::UnorderedElementsAre("checkpoint", "document", "documentHtml", "filing", "leaves",
                                              "odrl", "opinions", "revisions", "seal", "signatures"));
  EXPECT_THAT(Verify(bundle->substr(0, bundle->size() / 2)), Faults("file", "not an evidence bundle"));
  EXPECT_THAT(Verify(*bundle + "\n"), Faults("file", "from byte " + std::to_string(bundle->size())));
  EXPECT_THAT(Verify("{}"), Faults("file", "format"));
  EXPECT_THAT(cli::VerifyEvidence(*bundle, "idea.test/log+00000000+AAAA"), Faults("seal", "verifier"));
}

// Each forgery is in canonical form, so that only its content reveals it.
struct Forgery {
  const char* name;
  std::function<void(v1::Evidence&)> change;
  const char* subject;
  const char* part;
};
const std::vector<Forgery>& Forgeries() {
  static const std::vector<Forgery>& forgeries = *new std::vector<Forgery>{
      {"another title", [](v1::Evidence& e) { e.mutable_filing()->set_title("x"); }, "log", "filing"},
      {"another document",
       [](v1::Evidence& e) { e.mutable_document()->mutable_content()->add_providers("entities/e"); },
       "document", "document"},
      {"another page", [](v1::Evidence& e) { e.set_document_html("<h1>x</h1>"); }, "seal", "documentHtml"},
      {"another opinion", [](v1::Evidence& e) { e.mutable_opinions(0)->set_text("x"); }, "seal",
       "opinions/0"},
      {"an opinion on something else", [](v1::Evidence& e) { e.mutable_opinions(0)->set_digest("x"); },
       "opinions", "opinions/0"},
      {"a signature less", [](v1::Evidence& e) { e.mutable_signatures()->RemoveLast(); }, "signatures",
       "missing"},
      {"a signature on something else", [](v1::Evidence& e) { e.mutable_signatures(3)->set_digest("x"); },
       "signatures", "signatures/3"},
      {"a JWS of nobody", [](v1::Evidence& e) { e.mutable_signatures(1)->set_jws("e30..AA"); }, "signatures",
       "signatures/1"},
      {"another revision", [](v1::Evidence& e) { e.mutable_revisions(0)->set_digest("x"); }, "document",
       "revisions/0"},
      {"no entry", [](v1::Evidence& e) { e.clear_leaves(); }, "log", "missing"},
      {"another entry", [](v1::Evidence& e) { e.mutable_leaves(0)->set_entry("{}"); }, "log", "leaves/0"},
      {"another receipt",
       [](v1::Evidence& e) { e.mutable_filing()->mutable_receipt()->mutable_leaf()->set_leaf_index(1); },
       "receipt", "filing"},
      {"no consistency", [](v1::Evidence& e) { e.clear_consistency_proof(); }, "receipt", "missing"},
  };
  return forgeries;
}

TEST_P(Proofs, NameTheForgedPart) {
  const v1::Filing filing = FileSigned();
  for (int i = 2; i < 6; ++i) FileSigned("bucps/" + std::to_string(i));
  const auto bundle = Bundle(filing.name());
  ASSERT_THAT(bundle, IsOk());
  for (const Forgery& forgery : Forgeries()) {
    SCOPED_TRACE(forgery.name);
    v1::Evidence evidence;
    ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(*bundle, &evidence).ok());
    forgery.change(evidence);
    const auto findings = Verify(digest::CanonicalJson(evidence));
    EXPECT_THAT(findings, Faults("seal", forgery.part));
    EXPECT_THAT(findings, Faults(forgery.subject, ""));
  }
}

// The walk.

TEST_P(Proofs, CoverTheWholeLog) {
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

TEST_P(Proofs, FindChangesOfTheDatabase) {
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

TEST_P(Proofs, FindAFilingThatWasEdited) {
  const v1::Filing filing = FileSigned();
  Rewrite(filing.name(), [](v1::Filing& f) { f.set_title("Something else"); });
  EXPECT_THAT(Walk().findings, Faults("filings", "edited: " + filing.name()));
}

// A filing that is not visible to a department does not count as deleted.
TEST_P(Proofs, AreComparedByADepartmentWithItsFilings) {
  const v1::Filing filing = FileSigned();
  ASSERT_THAT(Terminate(filing.name()), IsOk());
  const auto walk = [&](const char* entity, cli::Visibility sight) {
    const auto walked = cli::VerifyLog(CallAs(entity), verifier_, "", sight, [](int64_t, int64_t) {});
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

TEST_P(Proofs, FindTermsThatWereEdited) {
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

TEST_P(Proofs, FindANoticeThatWasEditedOrDeleted) {
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

TEST_P(Proofs, FindAFilingThatWasRolledBack) {
  const v1::Filing filing = FileSigned();
  ASSERT_THAT(Terminate(filing.name()), IsOk());
  Rewrite(filing.name(), [&](v1::Filing& f) { f = filing; });
  EXPECT_THAT(Walk().findings, Faults("filings", "edited: " + filing.name()));
}

TEST_P(Proofs, FindAFilingWithoutALogEntry) {
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
TEST_P(Proofs, FindALogThatWasRolledBackOrForked) {
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

TEST_P(Proofs, TrustNoOtherKey) {
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
TEST_P(Proofs, HoldAfterAChangeOfTheKey) {
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
  EXPECT_THAT(after.findings, Contains(Field(&Finding::text, HasSubstr("of 1 entries is a prefix"))));
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
TEST_P(Proofs, AreExportedAsGrowingTiles) {
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

INSTANTIATE_TEST_SUITE_P(Every, Proofs, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::inventory
