// What ideactl does with the log for its user: receipts, bundles, mirrors, and the warning of another
// history.
#include <fstream>
#include <nlohmann/json.hpp>

#include "services/cli/context/state_file.h"
#include "services/cli/log/receipt_file.h"
#include "tests/story/recorded_agreement.h"

namespace idea::story {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class LogClient : public RecordedAgreement {
 protected:
  void SetUp() override {
    RecordedAgreement::SetUp();
    if (IsSkipped()) return;
    key_ = folder_ / "log.pub";
    ASSERT_EQ(Run({"log", "checkpoint", "-o", "jsonpath=.verifier"}), cli::kDone) << err_;
    std::ofstream(key_) << out_;
  }
  std::string Read(const std::string& path) { return cli::ReadWhole(path).value_or(""); }
  // The exit code of a verifier in another language.
  static int Python(const std::string& script, const std::string& arguments) {
    const std::string command = "/usr/bin/python3 -B " + std::string(IDEA_SOURCE_DIR) + "/tests/verifier/" +
                                script + " " + arguments + " >/dev/null 2>&1";
    return std::system(command.c_str());
  }

  std::string key_;
};

TEST_P(LogClient, WritesAReceiptThatEveryVerifierAccepts) {
  if (Python("verify_proof.py", "2>&1 | grep -q usage") != 0)
    GTEST_SKIP() << "python3-cryptography is missing";
  const std::string file = folder_ / "receipt.tlog-proof";
  ASSERT_EQ(Run({"--as", "x", "filings", "receipt", filing_, "--out", file}), cli::kDone) << err_;
  EXPECT_THAT(Read(file), StartsWith("c2sp.org/tlog-proof@v1\nextra "));
  EXPECT_EQ(Run({"verify", file, "--key", key_}), cli::kDone) << out_ << err_;
  EXPECT_THAT(out_, HasSubstr(filing_));
  EXPECT_EQ(Python("verify_proof.py", key_ + " " + file), 0);
  // No changed byte is accepted by either of them.
  const std::string receipt = Read(file), keys = Read(key_);
  for (size_t at = 0; at < receipt.size(); ++at) {
    std::string changed = receipt;
    changed[at] ^= 1;
    bool all_hold = true;
    for (const cli::Finding& finding : cli::VerifyReceipt(changed, keys, nullptr))
      all_hold = all_hold && finding.holds;
    EXPECT_FALSE(all_hold) << at;
    if (at % (1 + receipt.size() / 20) != 0) continue;
    std::ofstream(file, std::ios::binary) << changed;
    EXPECT_EQ(Run({"verify", file, "--key", key_}), cli::kNotProved) << at;
    EXPECT_NE(Python("verify_proof.py", key_ + " " + file), 0) << at;
  }
  EXPECT_NE(Python("verify_proof.py", key_ + " " + file), 0);
  EXPECT_EQ(Run({"--as", "x", "filings", "receipt", "filings/none"}), cli::kNotFound);
}

TEST_P(LogClient, WarnsOfAnotherHistory) {
  variables_["XDG_STATE_HOME"] = folder_ / "state";
  ASSERT_EQ(Run({"log", "checkpoint"}), cli::kDone) << err_;
  ASSERT_EQ(Run({"--as", "x", "filings", "get", filing_}), cli::kDone) << err_;
  // The log is replaced by another one that the same key signs.
  Edit("inventory",
       {"UPDATE log_edge SET size = 1, peaks = (SELECT hash FROM log_nodes WHERE level = 0 AND idx = 1)"});
  EXPECT_EQ(Run({"log", "checkpoint"}), cli::kNotProved);
  EXPECT_THAT(err_, HasSubstr("two histories"));
  EXPECT_THAT(err_, HasSubstr("checkpoints.json"));
}

TEST_P(LogClient, MirrorsAndMonitorsForAParty) {
  const std::string mirror = folder_ / "mirror";
  ASSERT_EQ(Run({"--as", "x", "log", "mirror", mirror, "--key", key_, "--once", "--monitor"}), cli::kDone)
      << err_;
  EXPECT_EQ(out_, "");
  const int64_t before = LogSize();
  inv::TerminateFilingRequest end;
  end.set_name(filing_);
  end.set_grounds(inv::GROUNDS_VIOLATION);
  end.set_reason("passed on");
  Must<inv::TerminateFilingResponse>(kY, "dhcs-coordinator", end);
  Await("the entry", [&] { return LogSize() > before; });
  ASSERT_EQ(Run({"--as", "x", "log", "mirror", mirror, "--key", key_, "--once", "--monitor"}), cli::kDone)
      << err_;
  EXPECT_THAT(out_, HasSubstr("TERMINATED"));
  EXPECT_THAT(out_, HasSubstr(filing_));
  ASSERT_EQ(Run({"--as", "x", "log", "mirror", mirror, "--key", key_, "--once", "--monitor"}), cli::kDone);
  EXPECT_EQ(out_, "");
}

TEST_P(LogClient, ReportsABundleAsOutdatedAfterTheEnd) {
  const std::string bundle = folder_ / "bundle.json", mirror = folder_ / "mirror";
  const auto checkpoint = [&] {
    EXPECT_EQ(Run({"log", "mirror", mirror, "--key", key_, "--once"}), cli::kDone) << err_;
    return mirror + "/checkpoint";
  };
  ASSERT_EQ(Run({"--as", "x", "filings", "evidence", filing_, "--out", bundle}), cli::kDone) << err_;
  EXPECT_EQ(Run({"verify", bundle, "--key", key_}), cli::kDone) << out_;
  EXPECT_THAT(out_, HasSubstr("in force as of checkpoint"));
  EXPECT_THAT(out_, HasSubstr("the word of the department's platform"));
  EXPECT_EQ(Python("verify_bundle.py", key_ + " " + bundle), 0);
  inv::TerminateFilingRequest end;
  end.set_name(filing_);
  end.set_grounds(inv::GROUNDS_VIOLATION);
  end.set_reason("passed on");
  Must<inv::TerminateFilingResponse>(kY, "dhcs-coordinator", end);
  EXPECT_EQ(Run({"verify", bundle, "--key", key_, "--checkpoint", checkpoint(), "-o", "json"}),
            cli::kOutdated);
  const auto result = nlohmann::json::parse(out_);
  EXPECT_EQ(result["verified"], true);
  EXPECT_EQ(result["freshness"]["result"], "OUTDATED");
  EXPECT_EQ(result["freshness"]["inForce"], false);
  // A checkpoint alone does not say what the later entries are.
  std::ofstream(folder_ / "alone.txt") << Read(mirror + "/checkpoint");
  EXPECT_EQ(Run({"verify", bundle, "--key", key_, "--checkpoint", folder_ / "alone.txt"}), cli::kOutdated);
  EXPECT_THAT(out_, HasSubstr("UNKNOWN"));
  EXPECT_THAT(out_, HasSubstr("verified, but outdated"));
}

INSTANTIATE_TEST_SUITE_P(Every, LogClient, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::story
