// Opinions and signatures by the name of the BUCP, as people give them with ideactl: from its sending to its
// execution.
#include "common/ids/resource_names.h"
#include "tests/story/with_ideactl.h"

namespace idea::story {
namespace {

using ::testing::HasSubstr;
using Args = std::vector<std::string>;

class SignByBucp : public WithIdeactl {
 protected:
  void SetUp() override {
    WithIdeactl::SetUp();
    if (IsSkipped()) return;
    WritePeople();
    drafting::v1::CreateBucpRequest create;
    *create.mutable_content() = content_;
    bucp_ = Must<drafting::v1::CreateBucpResponse>(kX, "p", create).bucp().name();
    ASSERT_EQ(Do({"--as", "x/p", "bucps", "send", bucp_}), cli::kDone) << err_;
    ASSERT_EQ(Do({"--as", "x/p", "bucps", "freeze", bucp_}), cli::kDone) << err_;
    Await("a routing", [&] { return !RoutingAs(kX).name().empty(); });
  }

  // The people of both departments, each with a token.
  void WritePeople() {
    nlohmann::json context = {{"ca", testing::FilesOf(kCdo).authority},
                              {"endpoints", {{"default", server_->address()}}}};
    for (const auto& [name, entity] : {std::pair<std::string, std::string>("x", kX), {"y", kY}}) {
      const rpc::TlsFiles files = testing::FilesOf(entity);
      nlohmann::json people;
      for (const std::string person : {"p", name == "x" ? "cdss-sponsor" : "dhcs-sponsor",
                                       name == "x" ? "cdss-coordinator" : "dhcs-coordinator"}) {
        const std::string path = folder_ / (name + "-" + person + ".jwt");
        std::ofstream(path) << server_->TokenOf(SubjectOf(entity, person)) << "\n";
        people[person.substr(person.find('-') + 1)] = path;
      }
      context["identities"][name] = {{"cert", files.certificate}, {"key", files.key}, {"people", people}};
    }
    std::ofstream(folder_ / "people.json") << context.dump();
  }

  // Runs ideactl with the correct time. `typed` is the input at a terminal; empty means that standard input
  // is not a terminal.
  cli::ExitCode Do(Args words, const std::string& typed = "") {
    words.insert(words.begin(), {"--context", (folder_ / "people.json").string()});
    std::istringstream in(typed);
    std::ostringstream out, err;
    const clock::SystemClock clock;
    cli::Environment env{in, out,   err,
                         {}, clock, [](std::chrono::milliseconds) { std::this_thread::yield(); }};
    env.in_is_terminal = !typed.empty();
    const cli::ExitCode code = cli::Run(words, env);
    out_ = out.str();
    err_ = err.str();
    return code;
  }
};

TEST_P(SignByBucp, TakesAnAgreementToItsExecution) {
  // Of three opinions none is meant; the last one is.
  EXPECT_EQ(Do({"--as", "x/p", "opine", bucp_, "--position", "supports", "--text", "fine", "--yes"}),
            cli::kUsage);
  EXPECT_THAT(err_, HasSubstr("--discipline is missing: p can do so for LEGAL, PRIVACY, SECURITY"));
  EXPECT_EQ(Do({"--as", "x", "opine", bucp_, "--position", "supports", "--text", "fine", "--yes"}),
            cli::kUsage);
  EXPECT_THAT(err_, HasSubstr("this is a step of a person"));
  for (const std::string side : {"x", "y"}) {
    for (const std::string discipline : {"legal", "privacy"}) {
      ASSERT_EQ(Do({"--as", side + "/p", "opine", bucp_, "--discipline", discipline, "--position", "supports",
                    "--text", "fine", "-y"}),
                cli::kDone)
          << err_;
    }
    ASSERT_EQ(Do({"--as", side + "/p", "opine", bucp_, "--position", "concerns", "--text", "one question",
                  "--yes", "--concerns", R"([{"kind": "question", "text": "Who?", "state": "open"}])"}),
              cli::kDone)
        << err_;
    EXPECT_THAT(err_, HasSubstr("opine as SECURITY:"));
  }
  // Prints the revision to sign. Requires --yes without a terminal. The answer "no" signs nothing.
  const Args sign = {"--as", "x/sponsor", "sign", bucp_};
  EXPECT_EQ(Do(sign), cli::kUsage);
  EXPECT_THAT(err_, HasSubstr("give --yes"));
  EXPECT_EQ(Do(sign, "n\n"), cli::kUsage);
  for (const std::string& part : Args{
           "sign as EXECUTIVE_SPONSOR:", "title: ", "bucp: " + bucp_, "recipients: " + std::string(kX),
           "providers: " + std::string(kY), "digest: " + RoutingAs(kX).digest(),
           "open concerns: 2\n    entities/department-x, SECURITY: Who?", "Go on? [y/N]", "nothing was sent"})
    EXPECT_THAT(err_, HasSubstr(part));
  EXPECT_EQ(Do({"--as", "x/sponsor", "sign", bucp_, "--dry-run"}), cli::kDone) << err_;
  review::v1::ListSignaturesRequest list;
  list.set_parent(RoutingAs(kX).name());
  EXPECT_EQ(Must<review::v1::ListSignaturesResponse>(kX, "", list).signatures_size(), 0);
  EXPECT_EQ(Do({"--as", "x/sponsor", "sign", bucp_, "--digest", std::string(64, 'a'), "--yes"}), cli::kUsage);
  EXPECT_THAT(err_, HasSubstr("read it before you sign"));

  ASSERT_EQ(Do(sign, "y\n"), cli::kDone) << err_;
  EXPECT_EQ(Do(sign, "y\n"), cli::kUsage) << "twice";
  EXPECT_THAT(err_, HasSubstr("cdss-sponsor has nothing to sign on " + bucp_ + " now"));
  ASSERT_EQ(Do({"--as", "y/sponsor", "sign", RoutingAs(kX).name(), "--yes", "--quiet"}), cli::kDone) << err_;
  EXPECT_EQ(out_ + err_, "");
  ASSERT_EQ(Do({"--as", "x/coordinator", "sign", ids::kBucps.IdIn(bucp_).substr(0, 8), "--yes"}), cli::kDone)
      << err_;
  ASSERT_EQ(Do({"--as", "y/coordinator", "sign", bucp_, "--yes"}), cli::kDone) << err_;
  Await("an execution", [&] { return BucpAs(kX).state() == drafting::v1::STATE_EXECUTED; });
  EXPECT_EQ(Do({"--as", "y/coordinator", "sign", "bucps/" + ids::NewUuid(), "--yes"}), cli::kUsage);
  EXPECT_THAT(err_, HasSubstr("is not under review"));
}

TEST_P(SignByBucp, FindsNothingWrongInAContextThatWorks) {
  EXPECT_EQ(Do({"--as", "x/sponsor", "doctor"}), cli::kDone) << out_;
  for (const std::string& part : Args{"certificate", "/entity/department-x", "token", "cdss-sponsor",
                                      "EXECUTIVE_SPONSOR", "endpoint default", "SERVING, version ", "clock"})
    EXPECT_THAT(out_, HasSubstr(part));
  std::ofstream(folder_ / "x-cdss-sponsor.jwt") << "a.b\n";
  EXPECT_EQ(Do({"--as", "x/sponsor", "doctor"}), cli::kDenied) << out_;
  EXPECT_EQ(Do({"--as", "x", "--endpoint", "localhost:1", "doctor"}), cli::kRefused) << out_;
}

INSTANTIATE_TEST_SUITE_P(Every, SignByBucp, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::story
