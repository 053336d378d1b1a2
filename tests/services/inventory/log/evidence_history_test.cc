// What somebody who holds the keys of the log and of the services, and can write to every database, cannot
// make `ideactl verify` accept.
#include "services/cli/log/evidence_history.h"

#include <limits>

#include "google/protobuf/util/json_util.h"
#include "tests/services/inventory/log/log_proof_fixture.h"
#include "tests/support/log_key_file.h"
#include "tests/support/tokens/token_issuer.h"

namespace idea::inventory {
namespace {

using ::testing::Contains;
using ::testing::Each;
using testing::FailsWith;
using ::testing::Field;
using ::testing::HasSubstr;
using transparency::LogKey;

class Histories : public ProofsTest {
 protected:
  v1::Evidence Parsed(const std::string& bundle) {
    v1::Evidence evidence;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(bundle, &evidence).ok());
    return evidence;
  }
  // The forged bundle with a seal of the log's key.
  std::string Sealed(v1::Evidence evidence) {
    const LogKey key = *LogKey::Load(log_key_.path(), "idea.test/log");
    evidence.set_seal(key.SignNote(
        transparency::SealText("idea.test/log", "evidence/" + evidence.filing().name(), evidence)));
    return digest::CanonicalJson(evidence);
  }
  // The place of the entry about a record in the history.
  static int PlaceOf(const v1::Evidence& evidence, const std::string& record) {
    for (int i = 0; i < evidence.history_size(); ++i) {
      if (evidence.history(i).entry().find("\"" + record + "\"") != std::string::npos) return i;
    }
    ADD_FAILURE() << "no entry about " << record;
    return 0;
  }

  // A signature of the first signer with a key of the issuer, as review stores it.
  void SignWithKey(const std::string& kid) {
    const drafting::v1::Bucp& bucp = peers_.bucps.at(kBucp);
    review::v1::Signature& signature = peers_.whole_signatures.front();
    signature.set_person("p");
    signature.set_contact(signature.entity() + "/contacts/p");
    signature.set_contact_revision(1);
    signature.set_public_key(issuer_.PublicKey(kid));
    *signature.mutable_sign_time() = clock::ToProto(env_.clock.Now());
    review::v1::SignatureClaim claim;
    claim.set_revision(bucp.frozen_revision());
    claim.set_digest(signature.digest());
    claim.set_freeze_number(signature.freeze_number());
    claim.set_entity(signature.entity());
    claim.set_capacity(signature.capacity());
    claim.set_contact(signature.contact());
    claim.set_contact_revision(1);
    const std::string jws = issuer_.Sign(R"({"alg":"ES256"})", digest::CanonicalJson(claim), kid);
    signature.set_jws(jws.substr(0, jws.find('.')) + ".." + jws.substr(jws.rfind('.') + 1));
  }
  // Adds the entry of that key as registry does, whose clock differs by `skew`.
  void LogKeyOf(const std::string& kid, clock::Micros skew) {
    const review::v1::Signature& signature = peers_.whole_signatures.front();
    registry::v1::Contact contact;
    contact.set_name(signature.entity() + "/contacts/p");
    contact.set_person("p");
    contact.set_public_key(issuer_.PublicKey(kid));
    v1::AddLogEntriesRequest request;
    v1::LogEntry& entry = *request.add_entries();
    entry.set_kind(v1::LOG_ENTRY_KIND_CONTACT_KEY);
    entry.set_record(signature.entity());
    entry.set_entity(signature.entity());
    entry.set_record_digest(transparency::ContactKeyDigest(contact));
    entry.set_key_fingerprint(transparency::KeyFingerprint(contact.public_key()));
    *entry.mutable_time() = clock::ToProto(env_.clock.Now() + skew);
    EXPECT_THAT(harness_->Ask<v1::AddLogEntriesResponse>(testing::Service("registry"), request), IsOk());
  }

  // Files an agreement that was signed with a key whose entry has another clock's time.
  void ExpectKeyCounts(clock::Micros skew) {
    issuer_.AddEcKey("own");
    SignWithKey("own");
    LogKeyOf("own", skew);
    const auto findings = Verify(*Bundle(FileAsItIs(kBucp).name()));
    EXPECT_THAT(findings, Each(kHolds));
    EXPECT_THAT(findings, Contains(Field(&cli::Finding::text, HasSubstr("1 with a JWS of a key"))));
  }

  testing::TokenIssuer issuer_;
};

TEST_P(Histories, CountTheKeyOfARegistryWhoseClockIsSlow) { ExpectKeyCounts(-600 * clock::kSecond); }
TEST_P(Histories, CountTheKeyOfARegistryWhoseClockIsFast) { ExpectKeyCounts(600 * clock::kSecond); }

// Whatever the times say, and although the log has the other key and an entry of the changed signature.
TEST_P(Histories, DoNotCountAKeyThatReplacedTheOneOfTheSignature) {
  issuer_.AddEcKey("own");
  issuer_.AddEcKey("intruder");
  SignWithKey("own");
  LogKeyOf("own", 0);
  LogRecordsOf();
  SignWithKey("intruder");
  LogKeyOf("intruder", -3600 * clock::kSecond);
  LogRecordsOf();
  EXPECT_THAT(Verify(*Bundle(FileAsItIs(kBucp).name())),
              Faults("history", "before its entry, the log did not have its public key"));
}

TEST_P(Histories, HaveTheKeyBeforeTheSignature) {
  issuer_.AddEcKey("own");
  SignWithKey("own");
  const review::v1::Signature& signature = peers_.whole_signatures.front();
  v1::AddLogEntriesRequest request;
  v1::LogEntry& entry = *request.add_entries();
  entry.set_kind(v1::LOG_ENTRY_KIND_SIGNED);
  entry.set_record(signature.name());
  entry.set_entity(signature.entity());
  entry.set_record_digest(transparency::RecordDigest(signature));
  entry.set_key_fingerprint(transparency::KeyFingerprint(signature.public_key()));
  *entry.mutable_time() = clock::ToProto(env_.clock.Now());
  const auto add = [&] {
    return harness_->Ask<v1::AddLogEntriesResponse>(testing::Service("review"), request);
  };
  EXPECT_THAT(add(), FailsWith(Reason::ERROR_REASON_KEY_NOT_LOGGED));
  EXPECT_EQ(Checkpoint().size(), 0);
  LogKeyOf("own", 0);
  EXPECT_THAT(add(), IsOk());
  EXPECT_EQ(Checkpoint().size(), 2);
}

struct SealedForgery {
  const char* name;
  std::function<void(v1::Evidence&)> change;
  const char* subject;
  const char* text;
};

TEST_P(Histories, ShowWhatTheHolderOfTheLogsKeyForges) {
  const v1::Filing filing = FileSigned();
  LogRecordsOf();
  const v1::Filing other = FileSigned("bucps/2");
  LogRecordsOf("bucps/2");
  const v1::Evidence genuine = Parsed(*Bundle(filing.name()));
  EXPECT_THAT(Verify(Sealed(genuine)), Each(kHolds));
  const v1::LogLeaf strange_leaf = Prove(Checkpoint().size() - 1)->leaf();
  ASSERT_THAT(strange_leaf.entry(), HasSubstr("bucps/2"));
  const std::string opinion = "routings/1/opinions/1", signature = "routings/1/signatures/2";
  const testing::LogKeyFile stranger(testing::LogKeyFile::kSecondPem);
  const std::string strange = LogKey::Load(stranger.path(), "idea.test/log")->Sign(1, std::string(32, 'r'));
  const auto forge_checkpoint = [](const std::function<std::string(std::string)>& change) {
    return [change](v1::Evidence& it) { it.set_checkpoint(change(it.checkpoint())); };
  };
  const std::vector<SealedForgery> forgeries = {
      {"an opinion and its entry are left out",
       [&](auto& it) {
         it.clear_opinions();
         it.mutable_history()->DeleteSubrange(PlaceOf(it, opinion), 1);
       },
       "history", "left out"},
      {"a signature counts twice, once as somebody else wants it",
       [&](auto& it) {
         *it.add_records()->mutable_signature() = it.signatures(1);
         it.mutable_signatures(1)->set_person_name("Mx. Other");
       },
       "history", "twice"},
      {"an opinion counts twice",
       [&](auto& it) {
         *it.add_records()->mutable_opinion() = it.opinions(0);
         it.mutable_opinions(0)->set_text("I object.");
       },
       "history", "twice"},
      {"another signer", [](auto& it) { it.mutable_signatures(1)->set_person_name("Mx. Other"); }, "history",
       "edited: routings/1/signatures/2"},
      {"an entry is given twice", [](auto& it) { *it.add_history() = it.history(it.history_size() - 1); },
       "history", "order"},
      {"the entries in another order",
       [](auto& it) { it.mutable_history()->SwapElements(0, it.history_size() - 1); }, "history", "order"},
      {"the history of another agreement", [&](auto& it) { *it.add_history() = strange_leaf; }, "history",
       "about something else"},
      {"an entry that was changed",
       [](auto& it) { it.mutable_history(0)->mutable_entry()->replace(2, 1, "x"); }, "history",
       "not in the tree"},
      {"the receipt of another filing",
       [&](auto& it) { *it.mutable_filing()->mutable_receipt() = other.receipt(); }, "receipt", ""},
      {"the receipt of another log",
       [&](auto& it) { it.mutable_filing()->mutable_receipt()->mutable_leaf()->set_checkpoint(strange); },
       "receipt", "signature"},
      {"the checkpoint of another log", forge_checkpoint([&](const auto&) { return strange; }), "log",
       "signature"},
      {"a checkpoint with another text before it",
       forge_checkpoint([](const auto& note) { return "idea.test/log\n9\nAAAA\n\n" + note; }), "log", ""},
      {"a checkpoint with another text after it",
       forge_checkpoint([](const auto& note) { return note + "\nidea.test/log\n9\nAAAA\n"; }), "log", ""},
      {"a checkpoint without its last newline", forge_checkpoint([](auto note) {
         note.pop_back();
         return note;
       }),
       "log", ""},
      {"a huge number",
       [](auto& it) { it.mutable_history(0)->set_leaf_index(std::numeric_limits<int64_t>::max()); },
       "history", "not in the tree"},
      {"a negative number", [](auto& it) { it.mutable_history(0)->set_leaf_index(-1); }, "history",
       "not in the tree"},
      {"a tree of a huge size",
       [](auto& it) { it.mutable_history(0)->set_tree_size(std::numeric_limits<int64_t>::max()); }, "history",
       "not in the tree"},
      {"a longer proof", [](auto& it) { it.mutable_history(0)->add_inclusion_proof(std::string(32, 'x')); },
       "history", "not in the tree"},
      {"an empty hash in a proof", [](auto& it) { it.mutable_history(0)->add_inclusion_proof(""); },
       "history", "not in the tree"},
      {"an entry that is not an object", [](auto& it) { it.mutable_leaves(0)->set_entry("7"); }, "log", ""},
  };
  for (const SealedForgery& forgery : forgeries) {
    SCOPED_TRACE(forgery.name);
    v1::Evidence evidence = genuine;
    forgery.change(evidence);
    const auto findings = Verify(Sealed(evidence));
    EXPECT_THAT(findings, Faults(forgery.subject, forgery.text));
    EXPECT_THAT(findings, Contains(::testing::AllOf(kHolds, Field(&cli::Finding::subject, "seal"))));
  }
  // The same signature line twice, and lines of other names, say nothing more.
  v1::Evidence repeated = genuine;
  repeated.mutable_checkpoint()->append(genuine.checkpoint().substr(genuine.checkpoint().find("\n\n") + 2));
  EXPECT_THAT(Verify(Sealed(repeated)), Each(kHolds));
}

// A witness counts once, whatever lines a checkpoint repeats.
TEST_P(Histories, CountEachWitnessOnce) {
  const testing::LogKeyFile file(testing::LogKeyFile::kSecondPem);
  const testing::LogKeyFile other_file(testing::Ed25519Pem(std::string(32, 'w')));
  const auto load = [](const testing::LogKeyFile& from, const std::string& name) {
    return *transparency::NoteSigner::Load(from.path(), name, transparency::KeyType::kCosignature);
  };
  const transparency::NoteSigner witness = load(file, "cdo.example"),
                                 other = load(other_file, "dhcs.example");
  const std::string key = witness.key().verifier();
  const auto policy =
      transparency::Policy::Parse("witness cdo " + key + "\nwitness dhcs " + other.key().verifier() +
                                  "\ngroup both 2 cdo dhcs\nquorum both\n");
  ASSERT_THAT(policy, IsOk());
  v1::Evidence evidence = Parsed(*Bundle(FileSigned().name()));
  const std::string text = transparency::ParseNote(evidence.checkpoint())->text;
  for (const int64_t time : {1'900'000'000, 1'900'000'001, 1'900'000'001})
    evidence.mutable_checkpoint()->append(transparency::FormatSignature(witness.Cosign(text, time)));
  EXPECT_THAT(cli::VerifyEvidence(Sealed(evidence), verifier_, &*policy),
              Faults("witnesses", "1 of 2 witnesses"));
  evidence.mutable_checkpoint()->append(transparency::FormatSignature(other.Cosign(text, 1'900'000'002)));
  EXPECT_THAT(cli::VerifyEvidence(Sealed(evidence), verifier_, &*policy), Each(kHolds));
  // One key under two names is one office.
  EXPECT_FALSE(transparency::Policy::Parse("witness cdo " + key + "\nwitness too " + key +
                                           "\ngroup both 2 cdo too\nquorum both\n")
                   .ok());
}

INSTANTIATE_TEST_SUITE_P(Every, Histories, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::inventory
