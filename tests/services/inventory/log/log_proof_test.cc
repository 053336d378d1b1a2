// The file of `ideactl verify`, verified from the responses of the register alone.
#include <algorithm>
#include <functional>
#include <set>

#include "google/protobuf/util/json_util.h"
#include "tests/services/inventory/log/log_proof_fixture.h"

namespace idea::inventory {
namespace {

using cli::Finding;
using ::testing::Contains;
using ::testing::Each;
using testing::FailsWith;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Not;

class Proofs : public ProofsTest {};

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
  EXPECT_THAT(findings, Contains(Field(&Finding::text, HasSubstr("3 entries in the log of "))));
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
  const auto parts = EvidenceParts(filing.name(), At(kProvider));
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
  // The verification does not depend on the backend.
  if (GetParam() != "sqlite") GTEST_SKIP() << "the bytes are flipped on SQLite";
  std::set<std::string> named;
  for (size_t i = 0; i < bundle->size(); ++i) {
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
  EXPECT_THAT(named, ::testing::UnorderedElementsAre("checkpoint", "consistencyProof", "document",
                                                     "documentHtml", "filing", "history", "leaves", "odrl",
                                                     "opinions", "revisions", "seal", "signatures"));
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

INSTANTIATE_TEST_SUITE_P(Every, Proofs, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::inventory
