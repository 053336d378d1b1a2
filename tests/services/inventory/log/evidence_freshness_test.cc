// The state of an agreement that a bundle proves with a newer checkpoint of the log.
#include "services/cli/log/evidence_freshness.h"

#include <filesystem>

#include "google/protobuf/util/json_util.h"
#include "services/cli/context/state_file.h"
#include "services/cli/log/log_export.h"
#include "services/cli/log/log_folder.h"
#include "tests/services/inventory/inventory_fixture.h"

namespace idea::inventory {
namespace {

using cli::EvidenceState;
using cli::Freshness;
using ::testing::HasSubstr;
using transparency::LogKey;
using transparency::NoteSigner;

class EvidenceFreshness : public Inventory {
 protected:
  void SetUp() override {
    Inventory::SetUp();
    if (IsSkipped()) return;
    notices_->Bind(harness_->router());
    std::string pattern = ::testing::TempDir() + "freshness.XXXXXX";
    folder_ = mkdtemp(pattern.data());
    const auto filing = File();
    ASSERT_THAT(filing, IsOk());
    filing_ = filing->name();
    verifier_ = Checkpoint().verifier();
  }
  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
    Inventory::TearDown();
  }

  v1::Evidence Bundle() {
    v1::GetEvidenceRequest request;
    request.set_name(filing_);
    const auto response = harness_->Ask<v1::GetEvidenceResponse>(At(kProvider), request);
    EXPECT_THAT(response, IsOk());
    v1::Evidence evidence;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(response->bundle(), &evidence).ok());
    return evidence;
  }
  // The log as files in a new folder.
  cli::GivenCheckpoint Export() {
    const std::filesystem::path folder = folder_ / std::to_string(++exports_);
    const auto call = [this](const google::protobuf::Message& request, google::protobuf::Message* response) {
      return harness_->Send(At(kStranger), request, response);
    };
    EXPECT_THAT(cli::ExportLog(call, folder, [](int64_t, int64_t) {}), IsOk());
    return {*cli::ReadWhole(folder / "checkpoint"), folder};
  }
  EvidenceState State(const v1::Evidence& evidence, const std::optional<cli::GivenCheckpoint>& given,
                      const transparency::Policy* policy = nullptr) {
    const auto state = cli::StateOf(evidence, verifier_, policy, given, absl::UTCTimeZone());
    EXPECT_THAT(state, IsOk());
    return state.value_or(EvidenceState());
  }
  void FileOther(const std::string& bucp) {
    Execute(bucp);
    ASSERT_THAT(File(kRecipient, 'a', bucp), IsOk());
  }

  std::filesystem::path folder_;
  int exports_ = 0;
  std::string filing_, verifier_;
};

TEST_P(EvidenceFreshness, IsThatOfItsCheckpointWithoutAnother) {
  const EvidenceState state = State(Bundle(), std::nullopt);
  EXPECT_EQ(state.freshness, Freshness::kNotCompared);
  EXPECT_TRUE(state.is_in_force);
  EXPECT_EQ(state.size, 1);
  EXPECT_EQ(state.time, absl::FromUnixMicros(env_.clock.Now()));
  EXPECT_EQ(state.time_source, "LOG_ENTRY");
  EXPECT_THAT(state.text, HasSubstr("in force as of checkpoint 1, not before "));
}

TEST_P(EvidenceFreshness, GrowsWithTheLogThatSaysNothingMore) {
  const v1::Evidence bundle = Bundle();
  EXPECT_EQ(State(bundle, Export()).freshness, Freshness::kCurrent);
  env_.clock.Advance(clock::kSecond);
  FileOther("bucps/2");
  const cli::GivenCheckpoint newer = Export();
  const EvidenceState state = State(bundle, newer);
  EXPECT_EQ(state.freshness, Freshness::kCurrent);
  EXPECT_EQ(state.size, 2);
  EXPECT_EQ(state.time, absl::FromUnixMicros(env_.clock.Now()));
  EXPECT_THAT(state.text, HasSubstr("in force as of checkpoint 2"));
  // The older checkpoint does not make the newer bundle outdated.
  const v1::Evidence later = Bundle();
  EXPECT_EQ(State(later, cli::GivenCheckpoint{bundle.checkpoint(), folder_}).freshness, Freshness::kCurrent);
}

TEST_P(EvidenceFreshness, IsUnknownWithoutTheLaterEntries) {
  const v1::Evidence bundle = Bundle();
  FileOther("bucps/2");
  cli::GivenCheckpoint newer = Export();
  EXPECT_EQ(State(bundle, cli::GivenCheckpoint{newer.note, folder_}).freshness, Freshness::kUnknown);
  // Tiles that are not those of the checkpoint prove nothing.
  std::string damaged = *cli::ReadWhole(newer.folder / "tile/entries/000.p/2");
  damaged.back() ^= 1;
  ASSERT_THAT(cli::WriteDurably(newer.folder / "tile/entries/000.p/2", damaged), IsOk());
  const EvidenceState state = State(bundle, newer);
  EXPECT_EQ(state.freshness, Freshness::kUnknown);
  EXPECT_THAT(state.text, HasSubstr("not those of its log"));
}

TEST_P(EvidenceFreshness, IsOutdatedAfterTheEnd) {
  const v1::Evidence bundle = Bundle();
  FileOther("bucps/2");
  ASSERT_THAT(Terminate(filing_), IsOk());
  const EvidenceState state = State(bundle, Export());
  EXPECT_EQ(state.freshness, Freshness::kOutdated);
  EXPECT_FALSE(state.is_in_force);
  EXPECT_THAT(state.text, HasSubstr("ended as of checkpoint "));
  EXPECT_THAT(state.text, HasSubstr("its end: entry 2, TERMINATED"));
  const EvidenceState fresh = State(Bundle(), Export());
  EXPECT_EQ(fresh.freshness, Freshness::kCurrent);
  EXPECT_FALSE(fresh.is_in_force);
}

// The holder of the log's key can seal an earlier bundle with a newer checkpoint that witnesses have
// cosigned.
TEST_P(EvidenceFreshness, ShowsABundleThatLeavesOutTheEnd) {
  LogRecordsOf();
  v1::Evidence bundle = Bundle();
  ASSERT_THAT(Terminate(filing_), IsOk());
  FileOther("bucps/2");
  const cli::GivenCheckpoint newer = Export();
  bundle.set_checkpoint(newer.note);
  EXPECT_EQ(State(bundle, std::nullopt).freshness, Freshness::kNotCompared);
  const EvidenceState state = State(bundle, newer);
  EXPECT_EQ(state.freshness, Freshness::kIncomplete);
  EXPECT_FALSE(state.is_in_force);
  EXPECT_THAT(state.text, HasSubstr("INCOMPLETE: the bundle leaves out entry "));
  FileOther("bucps/3");
  EXPECT_EQ(State(bundle, Export()).freshness, Freshness::kIncomplete);
}

TEST_P(EvidenceFreshness, NeverComesFromAnotherHistory) {
  const v1::Evidence bundle = Bundle();
  const LogKey key = *LogKey::Load(log_key_.path(), "idea.test/log");
  const cli::GivenCheckpoint forked = {key.Sign(1, std::string(32, 'r')), folder_};
  EXPECT_EQ(State(bundle, forked).freshness, Freshness::kForked);
  // Another history of another size, with its tiles.
  const cli::GivenCheckpoint other = {
      [&] {
        transparency::CompactRange edge;
        std::string hashes, entries;
        for (const char* entry : {"{}", "[]"}) {
          edge.Append(transparency::LeafHash(entry));
          hashes += transparency::LeafHash(entry);
          entries += std::string("\0\2", 2) + entry;
        }
        std::filesystem::create_directories(folder_ / "tile/0/000.p");
        std::filesystem::create_directories(folder_ / "tile/entries/000.p");
        EXPECT_THAT(cli::WriteDurably(folder_ / "tile/0/000.p/2", hashes), IsOk());
        EXPECT_THAT(cli::WriteDurably(folder_ / "tile/entries/000.p/2", entries), IsOk());
        return key.Sign(2, edge.Root());
      }(),
      folder_};
  EXPECT_EQ(State(bundle, other).freshness, Freshness::kForked);
  // A checkpoint that the log has not signed is not compared.
  const testing::LogKeyFile stranger(testing::LogKeyFile::kSecondPem);
  const cli::GivenCheckpoint strange = {
      LogKey::Load(stranger.path(), "idea.test/log")->Sign(1, std::string(32, 'r')), folder_};
  EXPECT_FALSE(cli::StateOf(bundle, verifier_, nullptr, strange, absl::UTCTimeZone()).ok());
}

TEST_P(EvidenceFreshness, HasTheTimeOfATrustedWitness) {
  constexpr int64_t kCosigned = 1'900'000'000;
  const testing::LogKeyFile witness_key(testing::LogKeyFile::kSecondPem);
  const auto witness =
      NoteSigner::Load(witness_key.path(), "cdo.example", transparency::KeyType::kCosignature);
  const auto policy =
      transparency::Policy::Parse("witness cdo " + witness->key().verifier() + "\nquorum cdo\n");
  ASSERT_THAT(policy, IsOk());
  v1::Evidence bundle = Bundle();
  const std::string text = transparency::ParseNote(bundle.checkpoint())->text;
  bundle.mutable_checkpoint()->append(transparency::FormatSignature(witness->Cosign(text, kCosigned)));
  const EvidenceState state = State(bundle, std::nullopt, &*policy);
  EXPECT_EQ(state.time, absl::FromUnixSeconds(kCosigned));
  EXPECT_EQ(state.time_source, "WITNESS");
  EXPECT_THAT(state.text, HasSubstr("cosigned at 2030-03-17"));
  EXPECT_EQ(State(bundle, std::nullopt).time_source, "LOG_ENTRY");
}

INSTANTIATE_TEST_SUITE_P(Every, EvidenceFreshness, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::inventory
