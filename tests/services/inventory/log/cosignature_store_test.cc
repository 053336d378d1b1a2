// Witnesses of the transparency log: their cosignatures, and how the register uses them.
#include "services/inventory/log/cosignature_store.h"

#include <filesystem>
#include <memory>

#include "common/digest/digest.h"
#include "services/cli/log/evidence_verification.h"
#include "services/cli/log/log_verification.h"
#include "services/cli/log/witness.h"
#include "tests/services/inventory/inventory_fixture.h"

namespace idea::inventory {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::EndsWith;
using testing::FailsWith;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::Not;
using transparency::KeyType;
using transparency::NoteSigner;

constexpr int64_t kTime = 1'800'000'000;

class Cosignatures : public Inventory {
 protected:
  void SetUp() override {
    Inventory::SetUp();
    if (IsSkipped()) return;
    UsePolicy("group two 2 cdo governor dhcs\nquorum two\n");
  }

  void UsePolicy(const std::string& quorum) {
    const auto policy = transparency::Policy::Parse(
        "witness cdo " + cdo_.key().verifier() + "\nwitness governor " + governor_.key().verifier() +
        "\nwitness dhcs " + dhcs_.key().verifier() + "\n" + quorum);
    ASSERT_THAT(policy, IsOk());
    policy_ = *policy;
    Serve(log_key_.path());
    notices_->Bind(harness_->router());
  }
  // Files this number of agreements, with a leaf each.
  void Grow(int filings) {
    for (int i = 0; i < filings; ++i) {
      const std::string bucp = "bucps/grown-" + std::to_string(++grown_);
      Execute(bucp);
      ASSERT_THAT(File(kRecipient, 'a', bucp), IsOk());
    }
  }
  std::string TextAt(int64_t size) {
    v1::GetConsistencyProofRequest request;
    request.set_tree_size(size);
    const auto response = harness_->Ask<v1::GetConsistencyProofResponse>(At(kStranger), request);
    EXPECT_THAT(response, IsOk());
    return response.ok() ? transparency::ParseNote(response->checkpoint())->text : "";
  }
  absl::StatusOr<v1::AddCosignatureResponse> Add(int64_t size, const std::string& line) {
    v1::AddCosignatureRequest request;
    request.set_size(size);
    request.set_cosignature(line);
    return harness_->Ask<v1::AddCosignatureResponse>(At(kStranger), request);
  }
  absl::StatusOr<v1::AddCosignatureResponse> Cosign(const NoteSigner& witness, int64_t size) {
    return Add(size, transparency::FormatSignature(witness.Cosign(TextAt(size), kTime)));
  }
  std::vector<std::string> WitnessesOf(const std::string& checkpoint) const {
    return policy_->Check(*transparency::ParseNote(checkpoint)).cosigned_by;
  }

  const testing::LogKeyFile files_[3]{testing::LogKeyFile(testing::Ed25519Pem(std::string(32, '1'))),
                                      testing::LogKeyFile(testing::Ed25519Pem(std::string(32, '2'))),
                                      testing::LogKeyFile(testing::Ed25519Pem(std::string(32, '3')))};
  const NoteSigner cdo_ = *NoteSigner::Load(files_[0].path(), "cdo.example", KeyType::kCosignature);
  const NoteSigner governor_ = *NoteSigner::Load(files_[1].path(), "governor.example", KeyType::kCosignature);
  const NoteSigner dhcs_ = *NoteSigner::Load(files_[2].path(), "dhcs.example", KeyType::kCosignature);
  int grown_ = 0;
};

TEST_P(Cosignatures, AgreeOnOneCheckpoint) {
  Grow(2);
  const auto added = Cosign(cdo_, 2);
  ASSERT_THAT(added, IsOk());
  EXPECT_EQ(added->witness(), "cdo");
  Grow(1);
  v1::GetCheckpointResponse checkpoint = Checkpoint();
  EXPECT_EQ(checkpoint.size(), 3);
  EXPECT_EQ(checkpoint.cosigned_checkpoint(), "");
  EXPECT_THAT(checkpoint.pending_checkpoint(), HasSubstr("\n2\n"));
  EXPECT_THAT(WitnessesOf(checkpoint.pending_checkpoint()), ::testing::ElementsAre("cdo"));

  ASSERT_THAT(Cosign(dhcs_, 2), IsOk());
  ASSERT_THAT(Cosign(governor_, 3), IsOk());
  checkpoint = Checkpoint();
  EXPECT_THAT(WitnessesOf(checkpoint.cosigned_checkpoint()), ::testing::ElementsAre("cdo", "dhcs"));
  EXPECT_THAT(transparency::OpenCheckpoint(checkpoint.cosigned_checkpoint(), checkpoint.verifier()), IsOk());
  EXPECT_THAT(WitnessesOf(checkpoint.pending_checkpoint()), ::testing::ElementsAre("governor"));

  ASSERT_THAT(Cosign(cdo_, 3), IsOk());
  checkpoint = Checkpoint();
  EXPECT_THAT(checkpoint.cosigned_checkpoint(), HasSubstr("\n3\n"));
  EXPECT_EQ(checkpoint.pending_checkpoint(), "");
  // A late witness adds to the stored cosignatures. The older checkpoint is deleted.
  ASSERT_THAT(Cosign(dhcs_, 3), IsOk());
  EXPECT_THAT(WitnessesOf(Checkpoint().cosigned_checkpoint()), ::testing::SizeIs(3));
  EXPECT_THAT(database().Read([](storage::Transaction& db) -> absl::Status {
    EXPECT_THAT(*ReadCosignatures(db), AllOf(::testing::SizeIs(3), Each(Field(&Cosignature::size, 3))));
    return absl::OkStatus();
  }),
              IsOk());
}

TEST_P(Cosignatures, AreStoredOnceUpToAMaximum) {
  UsePolicy("group all all cdo governor dhcs\nquorum all\n");
  Grow(kMaxCosignatures + 5);
  for (int64_t size = 1; size <= kMaxCosignatures + 5; ++size) ASSERT_THAT(Cosign(cdo_, size), IsOk());
  const std::string later = transparency::FormatSignature(cdo_.Cosign(TextAt(50), kTime + 1));
  ASSERT_THAT(Add(50, later), IsOk());
  EXPECT_THAT(database().Read([&](storage::Transaction& db) -> absl::Status {
    const auto kept = *ReadCosignatures(db);
    EXPECT_THAT(kept,
                AllOf(::testing::SizeIs(kMaxCosignatures), Each(Field(&Cosignature::line, Not(later)))));
    EXPECT_EQ(kept.front().size, kMaxCosignatures + 5);
    return absl::OkStatus();
  }),
              IsOk());
}

TEST_P(Cosignatures, OfAnotherKeyOrTreeAreRefused) {
  Grow(2);
  const auto refused = [&](const std::string& line, const std::string& why, int64_t size = 2) {
    const auto added = Add(size, line);
    EXPECT_THAT(added, FailsWith(Reason::ERROR_REASON_SIGNATURE_INVALID)) << line;
    EXPECT_THAT(added.status().message(), HasSubstr(why));
  };
  const std::string text = TextAt(2);
  const std::string good = transparency::FormatSignature(cdo_.Cosign(text, kTime));
  const auto stranger = NoteSigner::Load(log_key_.path(), "stranger.example", KeyType::kCosignature);
  const auto not_cosigned = NoteSigner::Load(files_[0].path(), "cdo.example", KeyType::kSignature);
  refused("cosigned", "not one signature line");
  refused(good + good, "not one signature line");
  refused(good + "\n", "not one signature line");
  refused(transparency::FormatSignature(stranger->Cosign(text, kTime)), "no witness of the log's policy");
  refused(transparency::FormatSignature(not_cosigned->Sign(text)), "no witness of the log's policy");
  refused(good, "tree of 1 entries", 1);
  refused(transparency::FormatSignature(cdo_.Cosign(text + "x\n", kTime)), "tree of 2 entries");
  EXPECT_THAT(Add(3, good), FailsWith(Reason::ERROR_REASON_NOT_IN_LOG));
  EXPECT_THAT(Add(0, good), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(Checkpoint().pending_checkpoint(), IsEmpty());
  // The newline at the end may be missing: it is easily lost on a command line.
  EXPECT_THAT(Add(2, good.substr(0, good.size() - 1)), IsOk());
  EXPECT_THAT(Checkpoint().pending_checkpoint(), EndsWith(good));
  policy_.reset();
  Serve(log_key_.path());
  refused(good, "no policy");
  EXPECT_EQ(Checkpoint().pending_checkpoint(), "");
}

TEST_P(Cosignatures, AreInTheEvidenceThatTheyCover) {
  Execute(kBucp);
  const auto filing = File();
  ASSERT_THAT(filing, IsOk());
  const auto checkpoint_of_evidence = [&] {
    v1::Evidence evidence, proof;
    EXPECT_THAT(database().Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(const std::vector<int64_t> leaves, LogService::FindLeaves(db, *filing));
      ASSIGN_OR_RETURN(const int64_t size, log_->Prove(db, *filing, leaves.back(), evidence, proof));
      evidence.clear_leaves();
      return LogService::ForEachLeaf(db, leaves, size,
                                     [&](v1::LogLeaf leaf) { *evidence.add_leaves() = std::move(leaf); });
    }),
                IsOk());
    EXPECT_THAT(transparency::OpenCheckpoint(evidence.checkpoint(), Checkpoint().verifier()), IsOk());
    for (const v1::LogLeaf& leaf : evidence.leaves()) {
      EXPECT_THAT(evidence.checkpoint(), HasSubstr("\n" + std::to_string(leaf.tree_size()) + "\n"));
    }
    return evidence.checkpoint();
  };
  ASSERT_THAT(Cosign(cdo_, 1), IsOk());
  ASSERT_THAT(Cosign(dhcs_, 1), IsOk());
  Grow(2);
  EXPECT_THAT(WitnessesOf(checkpoint_of_evidence()), ::testing::ElementsAre("cdo", "dhcs"));
  // The end of the agreement is an entry that no witness has cosigned yet.
  ASSERT_THAT(Terminate(filing->name()), IsOk());
  const int64_t size = Checkpoint().size();
  EXPECT_THAT(WitnessesOf(checkpoint_of_evidence()), IsEmpty());
  ASSERT_THAT(Cosign(cdo_, size), IsOk());
  ASSERT_THAT(Cosign(governor_, size), IsOk());
  EXPECT_THAT(WitnessesOf(checkpoint_of_evidence()), ::testing::ElementsAre("cdo", "governor"));
}

// A witness of `ideactl log witness` in a separate folder.
class WitnessAt {
 public:
  WitnessAt(const transparency::NoteSigner& key, const std::string& log) {
    std::string pattern = ::testing::TempDir() + "witness.XXXXXX";
    folder_ = mkdtemp(pattern.data());
    auto opened = cli::Witness::Open(folder_, key, log);
    EXPECT_THAT(opened, IsOk());
    witness_ = std::move(*opened);
  }
  ~WitnessAt() { std::filesystem::remove_all(folder_); }
  absl::StatusOr<std::string> Run(const cli::CallFunction& ask) {
    return cli::WitnessOnce(ask, *witness_, kTime);
  }

 private:
  std::string folder_;
  std::unique_ptr<cli::Witness> witness_;
};

TEST_P(Cosignatures, AreMadeForTheSameCheckpoint) {
  const cli::CallFunction ask = [this](const google::protobuf::Message& request,
                                       google::protobuf::Message* response) {
    return harness_->Send(At(kStranger), request, response);
  };
  const std::string log = Checkpoint().verifier();
  WitnessAt cdo(cdo_, log), dhcs(dhcs_, log), governor(governor_, log);
  EXPECT_THAT(cdo.Run(ask), testing::IsOkAndHolds("the log is empty"));
  Grow(3);
  EXPECT_THAT(cdo.Run(ask), testing::IsOkAndHolds("cosigned the log of 3 entries as cdo"));
  EXPECT_THAT(cdo.Run(ask), testing::IsOkAndHolds("nothing new after entry 3"));
  Grow(2);
  // Not at 5: two witnesses that run at different times would never cosign the same tree.
  EXPECT_THAT(dhcs.Run(ask), testing::IsOkAndHolds("cosigned the log of 3 entries as dhcs"));
  EXPECT_THAT(WitnessesOf(Checkpoint().cosigned_checkpoint()), ::testing::ElementsAre("cdo", "dhcs"));
  EXPECT_THAT(governor.Run(ask), testing::IsOkAndHolds("cosigned the log of 5 entries as governor"));
  EXPECT_THAT(cdo.Run(ask), testing::IsOkAndHolds("cosigned the log of 5 entries as cdo"));
  EXPECT_THAT(Checkpoint().cosigned_checkpoint(), HasSubstr("\n5\n"));
  EXPECT_THAT(dhcs.Run(ask), testing::IsOkAndHolds("cosigned the log of 5 entries as dhcs"));
  EXPECT_THAT(dhcs.Run(ask), testing::IsOkAndHolds("nothing new after entry 5"));
}

TEST_P(Cosignatures, AreNotMadeForASecondHistory) {
  const cli::CallFunction ask = [this](const google::protobuf::Message& request,
                                       google::protobuf::Message* response) {
    return harness_->Send(At(testing::kCdoEntity), request, response);
  };
  const std::string log = Checkpoint().verifier();
  WitnessAt cdo(cdo_, log), dhcs(dhcs_, log);
  const auto walk = [&] {
    return cli::VerifyLog(
        ask, log, "", cli::Visibility::kAll, [](int64_t, int64_t) {}, &*policy_);
  };
  const auto tamper = [&](const std::vector<std::string>& statements) {
    ASSERT_THAT(database().Write([&](storage::Transaction& db) -> absl::Status {
      for (const std::string& statement : statements) RETURN_IF_ERROR(db.Execute(statement, {}).status());
      return absl::OkStatus();
    }),
                IsOk());
  };
  const std::vector<std::string> tables = {"filings",      "filing_list",  "filing_terms",
                                           "filing_words", "filing_texts", "log_entries",
                                           "log_nodes",    "log_edge",     "log_subjects"};
  Grow(1);
  for (const std::string& table : tables)
    tamper({"CREATE TABLE kept_" + table + " AS SELECT * FROM " + table});
  Grow(2);
  const auto witnesses = [](bool holds, const std::string& text) {
    return ::testing::Contains(AllOf(Field(&cli::Finding::subject, "witnesses"),
                                     Field(&cli::Finding::holds, holds),
                                     Field(&cli::Finding::text, HasSubstr(text))));
  };
  EXPECT_THAT(walk()->findings, witnesses(false, "does not have a checkpoint"));
  ASSERT_THAT(cdo.Run(ask), IsOk());
  ASSERT_THAT(dhcs.Run(ask), IsOk());
  EXPECT_THAT(walk()->findings,
              witnesses(true, "2 of 3 witnesses have cosigned: cdo, dhcs, the first 3 entries"));
  const std::string seen = Checkpoint().cosigned_checkpoint();
  // A second history for other departments: the log starts again after its first entry.
  for (const std::string& table : tables) {
    tamper({"DELETE FROM " + table, "INSERT INTO " + table + " SELECT * FROM kept_" + table});
  }
  const absl::Status cut_off = cdo.Run(ask).status();
  EXPECT_TRUE(absl::IsDataLoss(cut_off));
  EXPECT_THAT(cut_off.message(), HasSubstr("1 entries and had 3"));
  Grow(5);
  const absl::Status forked = dhcs.Run(ask).status();
  EXPECT_TRUE(absl::IsDataLoss(forked));
  EXPECT_THAT(forked.message(), AllOf(HasSubstr("only grown"), HasSubstr("kept in")));
  EXPECT_THAT(walk()->findings, witnesses(false, "does not have a checkpoint"));
  // The old cosigned checkpoint does not help either.
  const cli::CallFunction lie = [&](const google::protobuf::Message& request,
                                    google::protobuf::Message* response) {
    RETURN_IF_ERROR(ask(request, response));
    if (auto* checkpoint = dynamic_cast<v1::GetCheckpointResponse*>(response))
      checkpoint->set_cosigned_checkpoint(seen);
    return absl::OkStatus();
  };
  EXPECT_THAT(cli::VerifyLog(
                  lie, log, "", cli::Visibility::kAll, [](int64_t, int64_t) {}, &*policy_)
                  ->findings,
              witnesses(false, "forked: the first 3 entries"));
  UsePolicy("quorum governor\n");
  EXPECT_THAT(walk()->findings, witnesses(false, "does not have a checkpoint"));
}

TEST_P(Cosignatures, AreRequiredByAPolicy) {
  Execute(kBucp);
  const auto filing = File();
  ASSERT_THAT(filing, IsOk());
  const auto findings = [&] {
    v1::Evidence evidence;
    evidence.set_format("idea-evidence/1");
    *evidence.mutable_filing() = *filing;
    EXPECT_THAT(database().Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(const std::vector<int64_t> leaves, LogService::FindLeaves(db, *filing));
      ASSIGN_OR_RETURN(const int64_t size, log_->Prove(db, *filing, leaves.back(), evidence, evidence));
      return LogService::ForEachLeaf(db, leaves, size,
                                     [&](v1::LogLeaf leaf) { *evidence.add_leaves() = std::move(leaf); });
    }),
                IsOk());
    return cli::VerifyEvidence(digest::CanonicalJson(evidence), Checkpoint().verifier(), &*policy_);
  };
  const auto witnesses = [](bool holds, const std::string& text) {
    return ::testing::Contains(AllOf(Field(&cli::Finding::subject, "witnesses"),
                                     Field(&cli::Finding::holds, holds),
                                     Field(&cli::Finding::text, HasSubstr(text))));
  };
  ASSERT_THAT(Cosign(cdo_, 1), IsOk());
  EXPECT_THAT(findings(), witnesses(false, "0 of 3 witnesses have cosigned; the policy demands more"));
  ASSERT_THAT(Cosign(governor_, 1), IsOk());
  EXPECT_THAT(findings(), witnesses(true, "2 of 3 witnesses have cosigned: cdo, governor"));
}

INSTANTIATE_TEST_SUITE_P(Every, Cosignatures, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::inventory
