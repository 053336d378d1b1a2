#include "services/inventory/log/witness_worker.h"

#include <filesystem>
#include <memory>

#include "services/cli/log/witness.h"
#include "services/cli/log/witness_server.h"
#include "tests/services/inventory/inventory_fixture.h"
#include "tests/support/python_server.h"

namespace idea::inventory {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using transparency::KeyType;
using transparency::NoteSigner;

constexpr int64_t kTime = 1'800'000'000;

// A witness that other processes reach over HTTP.
class HttpWitness {
 public:
  HttpWitness(const std::string& name, const std::string& seed, const std::string& log)
      : file_(testing::Ed25519Pem(std::string(32, seed[0]))),
        key_(*NoteSigner::Load(file_.path(), name + ".example", KeyType::kCosignature)) {
    std::string pattern = ::testing::TempDir() + "witness.XXXXXX";
    folder_ = mkdtemp(pattern.data());
    witness_ = *cli::Witness::Open(folder_, key_, log);
    server_ = *cli::WitnessServer::Listen("127.0.0.1:0", *witness_, [] { return kTime; });
    line_ = "witness " + name + " " + key_.key().verifier() +
            " http://127.0.0.1:" + std::to_string(server_->port()) + "\n";
  }
  int port() const { return server_->port(); }
  ~HttpWitness() {
    server_.reset();
    witness_.reset();
    std::filesystem::remove_all(folder_);
  }
  // Its line in a policy.
  const std::string& line() const { return line_; }
  int64_t size() const { return witness_->Last("idea.test/log").size; }
  // Nobody listens at its port.
  void StopServing() { server_.reset(); }

 private:
  const testing::LogKeyFile file_;
  const NoteSigner key_;
  std::string folder_, line_;
  std::unique_ptr<cli::Witness> witness_;
  std::unique_ptr<cli::WitnessServer> server_;
};

class WitnessPushes : public Inventory {
 protected:
  void SetUp() override {
    Inventory::SetUp();
    if (IsSkipped()) return;
    const std::string log = Checkpoint().verifier();
    cdo_ = std::make_unique<HttpWitness>("cdo", "1", log);
    dhcs_ = std::make_unique<HttpWitness>("dhcs", "2", log);
    away_ = std::make_unique<HttpWitness>("away", "3", log);
    policy_ = *transparency::Policy::Parse(away_->line() + cdo_->line() + dhcs_->line() +
                                           "group two 2 away cdo dhcs\nquorum two\n");
    away_->StopServing();
    Serve(log_key_.path());
    worker_ = NewWorker();
  }
  std::unique_ptr<WitnessWorker> NewWorker(const std::string& ca_file = "") {
    return std::make_unique<WitnessWorker>(*log_, ca_file, database(), notifier_, env_.clock);
  }
  void Grow(int filings) {
    for (int i = 0; i < filings; ++i) {
      const std::string bucp = "bucps/grown-" + std::to_string(++grown_);
      Execute(bucp);
      ASSERT_THAT(File(kRecipient, 'a', bucp), IsOk());
    }
  }
  std::vector<std::string> Cosigners() {
    const std::string note = Checkpoint().cosigned_checkpoint();
    return note.empty() ? std::vector<std::string>()
                        : policy_->Check(*transparency::ParseNote(note)).cosigned_by;
  }

  events::Notifier notifier_;
  std::unique_ptr<HttpWitness> cdo_, dhcs_, away_;
  std::unique_ptr<WitnessWorker> worker_;
  int grown_ = 0;
};

TEST_P(WitnessPushes, ReachEveryWitnessThatAnswers) {
  EXPECT_THAT(worker_->Pass(), testing::IsOkAndHolds(0));
  Grow(3);
  // The witness that is away fails the pass, and the others cosign.
  const auto first = worker_->Pass();
  EXPECT_TRUE(absl::IsUnavailable(first.status())) << first.status();
  EXPECT_THAT(Cosigners(), ElementsAre("cdo", "dhcs"));
  EXPECT_THAT(Checkpoint().cosigned_checkpoint(), HasSubstr("\n3\n"));
  // It is not asked again at once.
  EXPECT_THAT(worker_->Pass(), testing::IsOkAndHolds(0));
  Grow(2);
  EXPECT_THAT(worker_->Pass(), testing::IsOkAndHolds(2));
  EXPECT_THAT(Checkpoint().cosigned_checkpoint(), HasSubstr("\n5\n"));
  EXPECT_EQ(cdo_->size(), 5);
  env_.clock.Advance(10 * clock::kSecond);
  EXPECT_TRUE(absl::IsUnavailable(worker_->Pass().status()));
}

TEST_P(WitnessPushes, GoToServersWithATrustedCertificate) {
  const testing::PythonServer proxy("tls_proxy.py", std::to_string(cdo_->port()));
  const testing::PythonServer stranger("tls_proxy.py", std::to_string(cdo_->port()));
  if (!proxy.is_running() || !stranger.is_running()) GTEST_SKIP() << "python3 or openssl is not installed";
  std::string line = cdo_->line();
  line = line.substr(0, line.find(" http://")) + " https://" + proxy.address() + "\n";
  policy_ = *transparency::Policy::Parse(line + "quorum cdo\n");
  Serve(log_key_.path());
  Grow(1);
  for (const std::string& authority : {std::string(), stranger.ca_file()}) {
    EXPECT_TRUE(absl::IsUnavailable(NewWorker(authority)->Pass().status()));
    EXPECT_TRUE(Cosigners().empty());
  }
  EXPECT_THAT(NewWorker(proxy.ca_file())->Pass(), testing::IsOkAndHolds(1));
  EXPECT_THAT(Cosigners(), ElementsAre("cdo"));
}

// A replica that starts does not know what the witnesses have.
TEST_P(WitnessPushes, ContinueAtWhatAWitnessHas) {
  Grow(3);
  worker_->Pass().IgnoreError();
  Grow(1);
  worker_ = NewWorker();
  worker_->Pass().IgnoreError();
  EXPECT_THAT(Cosigners(), ElementsAre("cdo", "dhcs"));
  EXPECT_EQ(dhcs_->size(), 4);
}

// A log that was put back to an earlier state, or that shows two histories, gets no cosignature.
TEST_P(WitnessPushes, DoNotCosignASecondHistory) {
  const std::vector<std::string> tables = {"filings",      "filing_list",  "filing_terms",
                                           "filing_words", "filing_texts", "log_entries",
                                           "log_nodes",    "log_edge",     "log_subjects"};
  const auto execute = [&](const std::string& statement) {
    EXPECT_THAT(
        database().Write([&](storage::Transaction& db) { return db.Execute(statement, {}).status(); }),
        IsOk());
  };
  Grow(1);
  for (const std::string& table : tables) {
    execute("DROP TABLE IF EXISTS kept_" + table);
    execute("CREATE TABLE kept_" + table + " AS SELECT * FROM " + table);
  }
  Grow(2);
  worker_->Pass().IgnoreError();
  ASSERT_THAT(Cosigners(), ElementsAre("cdo", "dhcs"));
  for (const std::string& table : tables) {
    execute("DELETE FROM " + table);
    execute("INSERT INTO " + table + " SELECT * FROM kept_" + table);
  }
  execute("DELETE FROM log_cosignatures");
  worker_ = NewWorker();
  EXPECT_FALSE(worker_->Pass().ok());
  EXPECT_TRUE(Cosigners().empty());
  Grow(4);
  env_.clock.Advance(3600 * clock::kSecond);
  EXPECT_FALSE(worker_->Pass().ok());
  EXPECT_TRUE(Cosigners().empty());
  EXPECT_EQ(cdo_->size(), 3);
}

INSTANTIATE_TEST_SUITE_P(Every, WitnessPushes, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::inventory
