// Witnesses of the transparency log: what they sign, and what the register makes of it.
#include "services/cli/evidence.h"
#include "services/inventory/cosignature_store.h"
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
  }
  // Files so many agreements, a leaf each.
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
    const auto response = desk_->Ask<v1::GetConsistencyProofResponse>(At(kStranger), request);
    EXPECT_THAT(response, IsOk());
    return response.ok() ? transparency::ParseNote(response->checkpoint())->text : "";
  }
  absl::StatusOr<v1::AddCosignatureResponse> Add(int64_t size, const std::string& line) {
    v1::AddCosignatureRequest request;
    request.set_size(size);
    request.set_cosignature(line);
    return desk_->Ask<v1::AddCosignatureResponse>(At(kStranger), request);
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

TEST_P(Cosignatures, MeetAtOneCheckpoint) {
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
  // A witness that is late adds to what is kept, and the older checkpoint is not kept.
  ASSERT_THAT(Cosign(dhcs_, 3), IsOk());
  EXPECT_THAT(WitnessesOf(Checkpoint().cosigned_checkpoint()), ::testing::SizeIs(3));
  EXPECT_THAT(database().Read([](storage::Transaction& db) -> absl::Status {
    EXPECT_THAT(*ReadCosignatures(db), AllOf(::testing::SizeIs(3), Each(Field(&Cosignature::size, 3))));
    return absl::OkStatus();
  }),
              IsOk());
}

TEST_P(Cosignatures, AreKeptOnceAndInBounds) {
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
  refused(transparency::FormatSignature(stranger->Cosign(text, kTime)), "not of a witness");
  refused(transparency::FormatSignature(not_cosigned->Sign(text)), "not of a witness");
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
    v1::Evidence evidence;
    *evidence.mutable_filing() = *filing;
    EXPECT_THAT(database().Read([&](storage::Transaction& db) { return log_->Prove(db, evidence); }), IsOk());
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
  // Its end is an entry that no witness has seen yet.
  ASSERT_THAT(Terminate(filing->name()), IsOk());
  const int64_t size = Checkpoint().size();
  EXPECT_THAT(WitnessesOf(checkpoint_of_evidence()), IsEmpty());
  ASSERT_THAT(Cosign(cdo_, size), IsOk());
  ASSERT_THAT(Cosign(governor_, size), IsOk());
  EXPECT_THAT(WitnessesOf(checkpoint_of_evidence()), ::testing::ElementsAre("cdo", "governor"));
}

INSTANTIATE_TEST_SUITE_P(Every, Cosignatures, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::inventory
