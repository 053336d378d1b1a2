#include "services/cli/cli_app.h"

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "common/auth/jws.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "google/protobuf/text_format.h"
#include "grpc/health/v1/health.pb.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "idea/inventory/v1/exchange.pb.h"
#include "idea/notification/v1/notification.pb.h"
#include "tests/services/cli/ideactl_fixture.h"
#include "tests/support/matchers.h"
#include "tests/support/tokens/token_issuer.h"

namespace idea::cli {
namespace {

using testing::Bytes;
using testing::Certificates;
using testing::Ideactl;

using idea::testing::Received;
using idea::testing::Reply;
using idea::testing::WireServer;
using status::Error;
using status::Reason;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kClaim[] =
    R"({"capacity":"CAPACITY_DATA_COORDINATOR","digest":"%","entity":"entities/x","revision":"bucps/1/revisions/3"})";

TEST_F(Ideactl, PrintsAClaimForAnotherSignerWithoutAServer) {
  const std::string digest(64, 'a');
  const std::string claim = std::regex_replace(kClaim, std::regex("%"), digest);
  const std::vector<std::string> words = {"signatures", "claim",      "bucps/1/revisions/3",
                                          "--digest",   digest,       "--entity",
                                          "entities/x", "--capacity", "data_coordinator"};
  EXPECT_EQ(Run(words), kDone) << err_;
  EXPECT_EQ(out_, claim);

  testing::TokenIssuer issuer;
  issuer.AddEcKey("mine");
  std::ofstream(issuer.folder() + "/mine.key") << issuer.PrivateKey("mine");
  auto signing = words;
  signing.insert(signing.end(), {"--signing-key", issuer.folder() + "/mine.key"});
  EXPECT_EQ(Run(signing), kDone) << err_;
  out_.pop_back();  // the end of the line
  EXPECT_THAT(auth::CheckDetachedJws(out_, claim, issuer.PublicKey("mine")), testing::IsOk());
}

TEST_F(Ideactl, RefusesAnInvalidClaim) {
  testing::TokenIssuer issuer;
  issuer.AddEcKey("mine");
  const std::string digest(64, 'a'), folder = issuer.folder();
  const struct {
    std::vector<std::string> words;
    const char* expected;
  } cases[] = {
      {{"bucps/1/revisions/3", "--digest", digest, "--entity", "entities/x"}, "--capacity"},
      {{"bucps/1", "--digest", digest, "--entity", "entities/x", "--capacity", "data_coordinator"},
       "revision"},
      {{"bucps/1/revisions/3", "--digest", "a", "--entity", "entities/x", "--capacity", "data_coordinator"},
       "digest"},
      {{"bucps/1/revisions/3", "--digest", digest, "--entity", "entities/x", "--capacity", "data_coordinator",
        "--signing-key", folder + "/none"},
       "cannot read"},
      // The public half.
      {{"bucps/1/revisions/3", "--digest", digest, "--entity", "entities/x", "--capacity", "data_coordinator",
        "--signing-key", folder + "/mine.pem"},
       "a private key is required"}};
  for (const auto& c : cases) {
    std::vector<std::string> words = {"signatures", "claim"};
    words.insert(words.end(), c.words.begin(), c.words.end());
    EXPECT_EQ(Run(words), kUsage) << err_;
    EXPECT_THAT(err_, HasSubstr(c.expected));
    EXPECT_EQ(out_, "");
  }
}

TEST_F(Ideactl, CallsAMethodAsAPersonAndPrintsTheAnswer) {
  Serve([](const Received&) {
    return Reply{
        {Bytes<drafting::v1::SendBucpResponse>("bucp { name: 'bucps/1' title: 't' state: STATE_SENT }")}, {}};
  });
  EXPECT_EQ(Run({"--as", "cdss/program", "bucps", "send", "bucps/1"}), kDone) << err_;
  EXPECT_THAT(out_, HasSubstr("bucps/1"));
  EXPECT_THAT(out_, HasSubstr("SENT"));
  ASSERT_EQ(Calls().size(), 1u);
  EXPECT_EQ(Calls()[0].method, "/idea.drafting.v1.DraftingService/SendBucp");
  EXPECT_EQ(Calls()[0].metadata["authorization"], "Bearer a.b.c");
  drafting::v1::SendBucpRequest request;
  ASSERT_TRUE(request.ParseFromString(Calls()[0].body));
  EXPECT_EQ(request.name(), "bucps/1");
  EXPECT_TRUE(ids::IsUuid4(request.request_id()));
}

TEST_F(Ideactl, WritesTheFileOfAnAnswer) {
  Serve([](const Received&) {
    return Reply{{Bytes<drafting::v1::RenderDocumentResponse>(
                     "document: 'PK\\000\\001' file_name: 'bucp.docx' digest: 'ab'")},
                 {}};
  });
  const std::string path = Certificates() + "/rendered.docx";
  EXPECT_EQ(Run({"bucps", "render", "bucps/1", "--format", "docx", "--out", path}), kDone) << err_;
  std::ifstream file(path, std::ios::binary);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), std::string("PK\0\1", 4));
  EXPECT_EQ(err_, "wrote " + path + " (4 bytes)\n");
  EXPECT_THAT(out_, HasSubstr("bucp.docx"));
  EXPECT_EQ(Run({"bucps", "render", "bucps/1", "--format", "docx", "--out", "-"}), kDone) << err_;
  EXPECT_EQ(out_, std::string("PK\0\1", 4));
  EXPECT_EQ(Run({"bucps", "render", "bucps/1", "--format", "docx"}), kDone) << err_;
  EXPECT_THAT(out_, HasSubstr("document: 4 bytes"));
  EXPECT_EQ(Run({"bucps", "render", "bucps/1", "--format", "docx", "--out", "/nowhere/at/all"}), kUsage);
  EXPECT_THAT(err_, HasSubstr("cannot write"));
  EXPECT_EQ(Run({"bucps", "get", "bucps/1", "--out", path}), kUsage);
}

TEST_F(Ideactl, WritesACsvTableToAFile) {
  Serve([](const Received&) {
    return Reply{{Bytes<drafting::v1::ExportDataElementsResponse>("csv: 'a,b\\n1,2\\n' rows: 1")}, {}};
  });
  const std::string path = Certificates() + "/elements.csv";
  for (const std::string noun : {"elements", "entities"}) {
    EXPECT_EQ(Run(noun == "elements" ? std::vector<std::string>{noun, "export", "bucps/1", "--out", path}
                                     : std::vector<std::string>{noun, "export", "--out", path}),
              kDone)
        << err_;
    std::ifstream file(path, std::ios::binary);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "a,b\n1,2\n");
  }
}

// Two pages.
Reply Page(const Received& call) {
  drafting::v1::ListBucpsRequest request;
  request.ParseFromString(call.body);
  return {{Bytes<drafting::v1::ListBucpsResponse>(request.page_token().empty()
                                                      ? "bucps { name: 'bucps/1' } next_page_token: 'second'"
                                                      : "bucps { name: 'bucps/2' }")},
          {}};
}

TEST_F(Ideactl, FollowsAListToItsEnd) {
  Serve(Page);
  EXPECT_EQ(Run({"bucps", "list", "-o", "json"}), kDone) << err_;
  EXPECT_EQ(
      out_,
      "{\n \"bucps\": [\n  {\n   \"name\": \"bucps/1\"\n  },\n  {\n   \"name\": \"bucps/2\"\n  }\n ]\n}\n");
  EXPECT_EQ(Calls().size(), 2u);
}

TEST_F(Ideactl, StopsAfterOnePage) {
  Serve(Page);
  EXPECT_EQ(Run({"bucps", "list", "--page-size", "1"}), kDone) << err_;
  EXPECT_EQ(out_.find("bucps/2"), std::string::npos);
  EXPECT_EQ(err_, "next page: --page-token second\n");
  EXPECT_EQ(Calls().size(), 1u);
}

TEST_F(Ideactl, ExplainsARefusal) {
  Serve([](const Received&) {
    return Reply{
        {}, Error(Reason::ERROR_REASON_STEP_NOT_ALLOWED, "a draft is not signed").With("state", "DRAFT")};
  });
  EXPECT_EQ(Run({"bucps", "send", "bucps/1"}), kState);
  EXPECT_THAT(
      err_,
      StartsWith("STEP_NOT_ALLOWED: a draft is not signed\n  state: DRAFT\n  fix: The line `state` is"));
  EXPECT_EQ(out_, "");
}

TEST_F(Ideactl, PrintsTheFlagThatRepeatsTheRequest) {
  Serve([](const Received&) {
    return Reply{{}, Error(Reason::ERROR_REASON_OVERLOADED, "all workers are busy")};
  });
  EXPECT_EQ(Run({"bucps", "send", "bucps/1", "--request-id", "4f9c7e2e-6a58-4a53-9d5b-0d8f6a2f3c11"}),
            kTryAgain);
  EXPECT_THAT(err_, HasSubstr("  endpoint: " + server_->address() + "\n"));
  EXPECT_THAT(err_, HasSubstr("  again: --request-id 4f9c7e2e-6a58-4a53-9d5b-0d8f6a2f3c11\n"));
}

TEST_F(Ideactl, RetriesWithTheSameRequestId) {
  Serve([n = std::make_shared<int>(0)](const Received&) {
    if (++*n < 4) return Reply{{}, Error(Reason::ERROR_REASON_OVERLOADED, "all workers are busy")};
    return Reply{{Bytes<drafting::v1::SendBucpResponse>("bucp { name: 'bucps/1' state: STATE_SENT }")}, {}};
  });
  EXPECT_EQ(Run({"bucps", "send", "bucps/1"}), kDone) << err_;
  EXPECT_EQ(err_, "");
  ASSERT_EQ(Calls().size(), 4u);
  for (const Received& call : Calls()) EXPECT_EQ(call.body, Calls()[0].body) << "another request_id";
  EXPECT_EQ(pauses_, 3);
}

TEST_F(Ideactl, RetriesWithinTheTimeoutUnlessNoRetryIsGiven) {
  Serve([](const Received&) { return Reply{{}, Error(Reason::ERROR_REASON_OVERLOADED, "busy")}; });
  const clock::Micros begun = clock_.Now();
  EXPECT_EQ(Run({"bucps", "send", "bucps/1", "--timeout", "10"}), kTryAgain);
  EXPECT_GT(pauses_, 2);
  EXPECT_LT(clock_.Now() - begun, 10 * clock::kSecond);
  for (const char* flag : {"--no-retry", "--no-retry=true"}) {
    pauses_ = 0;
    EXPECT_EQ(Run({flag, "bucps", "send", "bucps/1"}), kTryAgain);
    EXPECT_EQ(pauses_, 0);
  }
  // A permanent refusal and a failed connection are not retried.
  Serve([](const Received&) { return Reply{{}, Error(Reason::ERROR_REASON_STEP_NOT_ALLOWED, "no")}; });
  EXPECT_EQ(Run({"bucps", "send", "bucps/1"}), kState);
  EXPECT_EQ(Run({"--endpoint", "localhost:1", "bucps", "send", "bucps/1"}), kRefused);
  EXPECT_EQ(pauses_, 0);
}

TEST_F(Ideactl, PrintsTheRefusalBeforeTheRetryForWhichTheTimeWasTooShort) {
  Serve([n = std::make_shared<int>(0)](const Received&) {
    if (++*n == 1) return Reply{{}, Error(Reason::ERROR_REASON_OVERLOADED, "all workers are busy")};
    return Reply{{}, Error(Reason::ERROR_REASON_DEADLINE_SPENT, "the remaining time is too short")};
  });
  EXPECT_EQ(Run({"bucps", "send", "bucps/1"}), kTryAgain);
  EXPECT_THAT(err_, StartsWith("OVERLOADED: all workers are busy\n"));
  EXPECT_EQ(pauses_, 1);
  pauses_ = 0;
  // Without an earlier refusal, the deadline is the reason.
  Serve([](const Received&) { return Reply{{}, Error(Reason::ERROR_REASON_DEADLINE_SPENT, "too short")}; });
  EXPECT_EQ(Run({"bucps", "send", "bucps/1"}), kTryAgain);
  EXPECT_THAT(err_, StartsWith("DEADLINE_SPENT: too short\n"));
  EXPECT_EQ(pauses_, 0);
}

TEST_F(Ideactl, ReturnsTheVerdictAsExitCode) {
  std::string verdict;
  Serve([&](const Received&) {
    return Reply{{Bytes<inventory::v1::CheckExchangeResponse>("decision { verdict: " + verdict + " }")}, {}};
  });
  for (const auto& [name, code] : {std::pair{"PERMITTED", 0}, {"DENIED", 1}, {"DENIED_UNKNOWN", 9}}) {
    verdict = std::string("VERDICT_") + name;
    const std::vector<std::string> words = {"exchange",   "check",           "entities/a",
                                            "entities/b", "--data-elements", "x"};
    EXPECT_EQ(Run(words), code) << err_;
    EXPECT_THAT(out_, HasSubstr(name));
    std::vector<std::string> quiet = words;
    quiet.insert(quiet.begin(), "--quiet");
    EXPECT_EQ(Run(quiet), code) << err_;
    EXPECT_EQ(out_ + err_, "");
  }
}

TEST_F(Ideactl, PrintsErrorsAsJsonWithJsonOutput) {
  Serve([](const Received&) { return Reply{{}, Error(Reason::ERROR_REASON_NOT_FOUND, "no such BUCP")}; });
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"-o", "json", "bucps", "get", "bucps/1"},
           {"bucps", "get", "bucps/1", "--output=jsonl"},
           {"bucps", "get", "bucps/1", "-ojsonpath=.bucp"},
           {"-o", "yaml", "bucps", "get"},
           {"-o", "json", "bucps", "gett"},
           {"--endpoint", "localhost:1", "-o", "json", "bucps", "get", "bucps/1"}}) {
    const ExitCode code = Run(words);
    const auto json = nlohmann::json::parse(err_, nullptr, false);
    ASSERT_TRUE(json.is_object()) << err_;
    EXPECT_EQ(json["error"]["exitCode"], code);
    EXPECT_NE(code, kDone);
  }
}

TEST_F(Ideactl, TracesCalls) {
  Serve(Page);
  EXPECT_EQ(Run({"bucps", "list", "--trace"}), kDone);
  for (const std::string& part :
       std::vector<std::string>{"> idea.drafting.v1/ListBucps\n", "endpoint: " + server_->address(),
                                "traceparent: 00-", "request-id: ", "< OK in "})
    EXPECT_THAT(err_, HasSubstr(part));
  Serve([](const Received&) { return Reply{{}, Error(Reason::ERROR_REASON_NOT_FOUND, "no such BUCP")}; });
  EXPECT_EQ(Run({"bucps", "get", "bucps/1", "--trace"}), kNotFound);
  EXPECT_THAT(err_, HasSubstr("< NOT_FOUND NOT_FOUND in "));
  EXPECT_THAT(err_, HasSubstr("  trailer: [type.googleapis.com/google.rpc.ErrorInfo]"));
}

TEST_F(Ideactl, ChoosesColumns) {
  Serve(Page);
  EXPECT_EQ(Run({"bucps", "list", "--columns", "name,state", "--no-headers"}), kDone) << err_;
  EXPECT_EQ(out_, "bucps/1  -\nbucps/2  -\n");
  EXPECT_EQ(Run({"bucps", "list", "--columns", "nam"}), kUsage);
  EXPECT_THAT(err_, StartsWith("ideactl: --columns: \"nam\" is not a column; did you mean name?"));
}

TEST_F(Ideactl, ReportsARefusedConnection) {
  Serve(Page);
  EXPECT_EQ(Run({"--endpoint", "localhost:1", "--timeout", "5", "bucps", "list"}), kRefused);
  EXPECT_THAT(err_, StartsWith("NO_CONNECTION: no connection to localhost:1: Connection refused"));
}

TEST_F(Ideactl, DoesNotCallWithWrongUsage) {
  Serve(Page);
  EXPECT_EQ(Run({"bucps", "return", "bucps/1"}), kUsage);
  EXPECT_EQ(err_, "ideactl: --reason is missing; expected text or @file\n");
  EXPECT_EQ(Run({"bucps", "get"}), kUsage);
  EXPECT_EQ(err_, "ideactl: <name> is missing; expected bucps/*\n");
  EXPECT_EQ(Run({"bucps", "list", "--page-size", "x"}), kUsage);
  EXPECT_EQ(err_, "ideactl: --page-size: expected whole number\n");
  EXPECT_TRUE(Calls().empty());
}

// The items after the resume token, one or two a call; the connection breaks after each call.
Reply Inbox(const Received& call) {
  notification::v1::WatchInboxRequest request;
  request.ParseFromString(call.body);
  const int from = request.resume_token().empty() ? 0 : std::stoi(request.resume_token());
  Reply reply{{}, Error(Reason::ERROR_REASON_SHUTTING_DOWN, "the server goes away")};
  for (int i = from + 1; i <= from + 2; ++i) {
    const std::string n = std::to_string(i);
    reply.messages.push_back(Bytes<notification::v1::WatchInboxResponse>("item { event { event_id: '" + n +
                                                                         "' } resume_token: '" + n + "' }"));
  }
  return reply;
}

TEST_F(Ideactl, ResumesABrokenStream) {
  Serve(Inbox);
  EXPECT_EQ(Run({"inbox", "watch", "entities/a", "-o", "json", "--limit", "5"}), kDone) << err_;
  std::string expected;
  for (const std::string n : {"1", "2", "3", "4", "5"}) {
    expected += R"({"item":{"event":{"eventId":")" + n + R"("},"resumeToken":")" + n + "\"}}\n";
  }
  EXPECT_EQ(out_, expected);
  EXPECT_EQ(Calls().size(), 3u);
}

TEST_F(Ideactl, HidesHeartbeatsAndResumesAfterThem) {
  Serve([](const Received& call) {
    notification::v1::WatchInboxRequest request;
    request.ParseFromString(call.body);
    const std::string token = request.resume_token();
    const auto message = [](const std::string& text) {
      return Bytes<notification::v1::WatchInboxResponse>(text);
    };
    Reply reply{{}, Error(Reason::ERROR_REASON_SHUTTING_DOWN, "the server goes away")};
    if (token.empty()) {
      reply.messages = {message("heartbeat: true resume_token: 'a' item { resume_token: 'a' }")};
    } else {
      reply.messages = {message("heartbeat: true resume_token: 'a'"),
                        message("item { event { event_id: '" + token + "' } } resume_token: 'b'")};
    }
    return reply;
  });
  EXPECT_EQ(Run({"inbox", "watch", "entities/a", "-o", "json", "--limit", "1"}), kDone) << err_;
  EXPECT_EQ(out_, R"({"item":{"event":{"eventId":"a"}},"resumeToken":"b"})"
                  "\n");
}

TEST_F(Ideactl, GivesUpAStreamThatNeverOpens) {
  Serve([](const Received&) { return Reply{{}, Error(Reason::ERROR_REASON_SHUTTING_DOWN, "not yet")}; });
  EXPECT_EQ(Run({"inbox", "watch", "entities/a"}), kTryAgain);
  EXPECT_EQ(Calls().size(), 25u) << "five streams, each of which gRPC attempts five times";
  Serve([](const Received&) { return Reply{{}, Error(Reason::ERROR_REASON_NOT_FOUND, "no such inbox")}; });
  Calls().clear();
  EXPECT_EQ(Run({"inbox", "watch", "entities/a"}), kNotFound);
  EXPECT_EQ(Calls().size(), 1u);
}

// SENT, then IN_REVIEW from the third call on.
WireServer::Handler Moving() {
  return [n = 0](const Received&) mutable {
    const std::string state = ++n < 3 ? "STATE_SENT" : "STATE_IN_REVIEW";
    return Reply{{Bytes<drafting::v1::GetBucpResponse>("bucp { name: 'bucps/1' state: " + state + " }")}, {}};
  };
}

TEST_F(Ideactl, WaitsUntilAFieldHasAValue) {
  for (const char* condition :
       {"state=IN_REVIEW", "state=STATE_IN_REVIEW", "bucp.state=EXECUTED,in_review"}) {
    Serve([handle = std::make_shared<WireServer::Handler>(Moving())](const Received& call) {
      return (*handle)(call);
    });
    Calls().clear();
    EXPECT_EQ(Run({"wait", "bucps", "bucps/1", "--for", condition}), kDone) << err_;
    EXPECT_EQ(Calls().size(), 3u);
  }
}

TEST_F(Ideactl, StopsWaitingAtTheTimeout) {
  Serve([](const Received&) {
    return Reply{{Bytes<drafting::v1::GetBucpResponse>("bucp { name: 'bucps/1' state: STATE_SENT }")}, {}};
  });
  const clock::Micros begun = clock_.Now();
  EXPECT_EQ(Run({"wait", "bucps", "bucps/1", "--for", "state=EXECUTED", "--timeout", "5"}), kTimedOut);
  EXPECT_EQ(err_, "TIMED_OUT: state of bucps/1 is SENT\n");
  EXPECT_EQ(clock_.Now() - begun, 5 * clock::kSecond);
  EXPECT_GT(pauses_, 4);
}

TEST_F(Ideactl, WaitsIndependentlyOfTheWallClock) {
  Serve([this](const Received&) {
    clock_.Set(clock_.Now() + (Calls().size() % 2 == 0 ? -2 : 1) * 3600 * clock::kSecond);
    return Reply{{Bytes<drafting::v1::GetBucpResponse>("bucp { name: 'bucps/1' state: STATE_SENT }")}, {}};
  });
  const clock::Micros begun = clock_.Steady();
  EXPECT_EQ(Run({"wait", "bucps", "bucps/1", "--for", "state=EXECUTED", "--timeout", "5"}), kTimedOut);
  EXPECT_EQ(clock_.Steady() - begun, 5 * clock::kSecond);
  EXPECT_GT(pauses_, 4);
}

TEST_F(Ideactl, WaitsForAnUnavailableServerButNotAfterARefusal) {
  Serve([n = std::make_shared<int>(0)](const Received&) {
    if (++*n < 3) return Reply{{}, Error(Reason::ERROR_REASON_STORAGE_UNAVAILABLE, "away")};
    return Reply{{}, Error(Reason::ERROR_REASON_NOT_FOUND, "no such BUCP")};
  });
  EXPECT_EQ(Run({"wait", "bucps", "bucps/1", "--for", "state=EXECUTED"}), kNotFound);
  EXPECT_EQ(Calls().size(), 3u);
}

TEST_F(Ideactl, RefusesToWaitForUnknownFields) {
  Serve(Page);
  EXPECT_EQ(Run({"wait", "inbox", "x", "--for", "state=EXECUTED"}), kUsage);
  EXPECT_EQ(err_, "ideactl: wait: \"inbox\" is not a noun with the verb get\n");
  EXPECT_EQ(Run({"wait", "bucps", "bucps/1", "--for", "mood=GOOD"}), kUsage);
  EXPECT_EQ(err_, "ideactl: --for: \"mood\" is not a field of bucps\n");
  for (const char* condition : {"state", "state=", "state=,"}) {
    EXPECT_EQ(Run({"wait", "bucps", "bucps/1", "--for", condition}), kUsage);
    EXPECT_EQ(err_, "ideactl: --for: expected field=VALUE\n");
  }
}

TEST_F(Ideactl, ChecksHealth) {
  std::string status = "SERVING";
  Serve([&](const Received& call) {
    grpc::health::v1::HealthCheckRequest request;
    request.ParseFromString(call.body);
    if (request.service() == "nobody") return Reply{{}, Error(Reason::ERROR_REASON_NOT_FOUND, "unknown")};
    return Reply{{Bytes<grpc::health::v1::HealthCheckResponse>("status: " + status)}, {}};
  });
  EXPECT_EQ(Run({"health", "--service", "registry"}), kDone) << err_;
  EXPECT_EQ(out_, "SERVING\n");
  EXPECT_EQ(Calls()[0].method, "/grpc.health.v1.Health/Check");
  EXPECT_EQ(Calls()[0].body,
            Bytes<grpc::health::v1::HealthCheckRequest>("service: 'idea.registry.v1.RegistryService'"));
  status = "NOT_SERVING";
  EXPECT_EQ(Run({"health"}), kTryAgain);
  EXPECT_EQ(out_, "NOT_SERVING\n");
  EXPECT_EQ(Run({"health", "--service", "nobody"}), kNotFound);
}

TEST_F(Ideactl, ChecksHealthOfEveryServerOfTheContext) {
  Serve([&](const Received& call) {
    const bool serves = call.body.find("review") == std::string::npos;
    return Reply{
        {Bytes<grpc::health::v1::HealthCheckResponse>(serves ? "status: SERVING" : "status: NOT_SERVING")},
        {}};
  });
  std::ofstream(Certificates() + "/entities/cdss/context.json")
      << R"({"ca": "ca.crt", "as": "cdss", "endpoints": {"review": ")" << server_->address()
      << R"(", "drafting": ")" << server_->address()
      << R"("}, "identities": {"cdss": {"cert": "tls.crt", "key": "tls.key"}}})";
  EXPECT_EQ(Run({"health"}), kTryAgain) << err_;
  EXPECT_EQ(out_, "drafting: SERVING\nreview: NOT_SERVING\n");
}

// A server that answers every request with NOT_FOUND.
TEST_F(Ideactl, ReportsProofsThatDoNotHold) {
  const std::string folder = Certificates() + "/entities/cdss/";
  const std::string key = folder + "log.pub";
  const std::string bundle = folder + "bundle.json";
  std::ofstream(key) << "example.org/log+00000000+AAAA\nand more\n";
  std::ofstream(bundle) << R"({"format":"idea-evidence/1"})";
  EXPECT_EQ(Run({"verify", bundle, "--key", key}), kNotProved);
  EXPECT_THAT(out_, HasSubstr("seal"));
  EXPECT_THAT(out_, HasSubstr("NOT VERIFIED"));
  EXPECT_EQ(Run({"verify", bundle, "--key", key, "-o", "json"}), kNotProved);
  EXPECT_THAT(out_, HasSubstr("\"verified\": false"));
  EXPECT_EQ(Run({"verify", bundle}), kUsage);
  EXPECT_EQ(Run({"verify", folder + "none.json", "--key", key}), kUsage);
  EXPECT_EQ(err_, "ideactl: cannot read " + folder + "none.json\n");
  EXPECT_EQ(Run({"verify", bundle, "--key", folder}), kUsage);
  Serve([](const Received&) { return Reply{{}, Error(Reason::ERROR_REASON_NOT_FOUND, "nobody knows")}; });
  EXPECT_EQ(Run({"log", "verify", "--key", key}), kNotFound);
  EXPECT_THAT(err_, HasSubstr("nobody knows"));
  EXPECT_EQ(Run({"log", "export", folder + "tiles"}), kNotFound);
}

TEST_F(Ideactl, ListsItsMethods) {
  Serve(Page);
  EXPECT_EQ(Run({"methods"}), kDone);
  EXPECT_THAT(out_, HasSubstr("idea.registry.v1.RegistryService/GetEntity"));
  EXPECT_EQ(Run({"methods", "-o", "json"}), kDone);
  EXPECT_THAT(out_, HasSubstr("\"rpc\": \"idea.inventory.v1.InventoryService/FileBucp\""));
}

}  // namespace
}  // namespace idea::cli
