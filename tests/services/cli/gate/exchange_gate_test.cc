#include "services/cli/gate/exchange_gate.h"

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <future>
#include <map>
#include <memory>
#include <string>

#include "common/rpc/wire.h"
#include "services/cli/gate/gate_http_server.h"
#include "tests/common/exchange/exchange_index_samples.h"
#include "tests/services/cli/gate/watch_script.h"
#include "tests/support/eventually.h"
#include "tests/support/matchers.h"

namespace idea::cli {
namespace {

using envoy::service::auth::v3::CheckRequest;
using envoy::service::auth::v3::CheckResponse;
using exchange::samples::kProvider;
using testing::Eventually;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kRules[] = R"(
rules:
  - path: /send
    fields:
      provider: {value: department-y}
      recipient: {header: x-recipient}
      data_elements: {header: x-elements}
)";

class Gate : public ::testing::Test {
 protected:
  Gate() : config_(*ParseGateConfig(kRules)) {
    follower_ = std::make_unique<ExchangeFollower>(ExchangeFollower::Options{
        script_.watch(), clock_, std::chrono::seconds(5), [](const std::string&) {}});
    gate_ = std::make_unique<ExchangeGate>(config_, *follower_);
    follower_->Start();
    script_.SendRules(kProvider);
    v1::Filing filing = exchange::samples::FilingOf(1);
    filing.clear_start_date();
    filing.clear_end_date();
    script_.SendAgreement(filing, exchange::samples::TermsOf({"County", "Month"}));
    script_.SendTime(clock_.Now());
    EXPECT_TRUE(Eventually([&] { return follower_->IsFresh(); }));
  }
  ~Gate() override { script_.Close(); }

  static CheckRequest RequestWith(const std::map<std::string, std::string>& headers) {
    CheckRequest request;
    auto& http = *request.mutable_attributes()->mutable_request()->mutable_http();
    http.set_method("POST");
    http.set_path("/send");
    http.set_host("x");
    for (const auto& [name, value] : headers) (*http.mutable_headers())[name] = value;
    return request;
  }
  template <class Response>
  static std::map<std::string, std::string> HeadersOf(const Response& response) {
    std::map<std::string, std::string> headers;
    for (const auto& option : response.headers()) {
      EXPECT_EQ(option.append_action(),
                envoy::config::core::v3::HeaderValueOption::OVERWRITE_IF_EXISTS_OR_ADD);
      headers[option.header().key()] = option.header().value();
    }
    return headers;
  }

  clock::FakeClock clock_;
  WatchScript script_;
  const GateConfig config_;
  std::unique_ptr<ExchangeFollower> follower_;
  std::unique_ptr<ExchangeGate> gate_;
};

TEST_F(Gate, PassesPermittedRequestsOnWithTheirEvidence) {
  const CheckResponse response =
      gate_->Authorize(RequestWith({{"x-recipient", "department-x"}, {"x-elements", "county,Month"}}));
  EXPECT_EQ(response.status().code(), 0);
  ASSERT_TRUE(response.has_ok_response());
  auto headers = HeadersOf(response.ok_response());
  EXPECT_EQ(headers["x-idea-verdict"], "PERMITTED");
  EXPECT_EQ(headers["x-idea-filing"], "filings/1");
  EXPECT_EQ(headers["x-idea-revision"], "bucps/1/revisions/3");
  EXPECT_EQ(headers["x-idea-as-of"], "2026-01-01T00:00:00.000Z");
  ASSERT_EQ(response.ok_response().headers_to_remove_size(), 1);
  EXPECT_EQ(response.ok_response().headers_to_remove(0), "x-idea-reason");
}

TEST_F(Gate, DeniesWithReasonsAndEvidence) {
  CheckResponse response =
      gate_->Authorize(RequestWith({{"x-recipient", "department-x"}, {"x-elements", "County,Name"}}));
  EXPECT_EQ(response.status().code(), 7);
  ASSERT_TRUE(response.has_denied_response());
  EXPECT_EQ(response.denied_response().status().code(), 403);
  auto headers = HeadersOf(response.denied_response());
  EXPECT_EQ(headers["x-idea-verdict"], "DENIED");
  EXPECT_EQ(headers["x-idea-reason"], "ELEMENT_NOT_COVERED");
  EXPECT_EQ(headers["x-idea-filing"], "filings/1");
  EXPECT_THAT(response.denied_response().body(), HasSubstr("\"data_elements\":[\"Name\"]"));

  clock_.Advance(6 * clock::kSecond);
  response = gate_->Authorize(RequestWith({{"x-recipient", "department-x"}, {"x-elements", "County"}}));
  EXPECT_EQ(response.status().code(), 14);
  EXPECT_EQ(response.denied_response().status().code(), 503);
  headers = HeadersOf(response.denied_response());
  EXPECT_EQ(headers["x-idea-verdict"], "DENIED_UNKNOWN");
  EXPECT_EQ(headers["x-idea-reason"], "INDEX_NOT_FRESH");
}

// Whatever a client adds to a request that is denied: it stays denied.
TEST_F(Gate, DeniesRequestsThatAreAmbiguous) {
  const auto deny = [&](const CheckRequest& request, int code, const std::string& reason) {
    const CheckResponse response = gate_->Authorize(request);
    EXPECT_NE(response.status().code(), 0) << request.ShortDebugString();
    EXPECT_FALSE(response.has_ok_response());
    EXPECT_EQ(response.denied_response().status().code(), code) << request.ShortDebugString();
    EXPECT_EQ(HeadersOf(response.denied_response())["x-idea-reason"], reason);
  };
  deny(CheckRequest(), 400, "INVALID_REQUEST");
  deny(RequestWith({}), 400, "INVALID_REQUEST");
  deny(RequestWith({{"x-recipient", "department-x,department-x"}, {"x-elements", "County"}}), 400,
       "INVALID_REQUEST");
  deny(RequestWith({{"x-recipient", "department-x"},
                    {"X-Recipient", "entities/department-x"},
                    {"x-elements", "County"}}),
       400, "INVALID_REQUEST");
  deny(RequestWith({{"x-recipient", "DEPARTMENT-X"}, {"x-elements", "County"}}), 403, "NO_AGREEMENT");
  deny(RequestWith({{"x-recipient", "department-x/"}, {"x-elements", "County"}}), 400, "INVALID_REQUEST");
  deny(RequestWith({{"x-recipient", "entities/department-x/contacts/1"}, {"x-elements", "County"}}), 400,
       "INVALID_REQUEST");
  deny(RequestWith({{"x-recipient", "department-x"}, {"x-elements", "County"}, {"x-Elements", "Name"}}), 403,
       "ELEMENT_NOT_COVERED");
  deny(RequestWith({{"x-recipient", "department-x"}, {"x-elements", "County%2CMonth"}}), 403,
       "ELEMENT_NOT_COVERED");
  deny(RequestWith({{"x-recipient", "department-x"}, {"x-elements", "Cou\xffnty"}}), 400, "INVALID_REQUEST");
  CheckRequest other = RequestWith({{"x-recipient", "department-x"}, {"x-elements", "County"}});
  other.mutable_attributes()->mutable_request()->mutable_http()->set_path("/other");
  deny(other, 403, "NO_RULE");
  // Both forms of headers at once.
  CheckRequest both = RequestWith({{"x-recipient", "department-x"}, {"x-elements", "County"}});
  auto* raw =
      both.mutable_attributes()->mutable_request()->mutable_http()->mutable_header_map()->add_headers();
  raw->set_key("x-recipient");
  raw->set_raw_value("department-z");
  deny(both, 400, "INVALID_REQUEST");
}

TEST_F(Gate, ReadsRawHeaders) {
  CheckRequest request = RequestWith({});
  auto& map = *request.mutable_attributes()->mutable_request()->mutable_http()->mutable_header_map();
  for (const auto& [name, value] :
       {std::pair{"x-recipient", "department-x"}, {"x-elements", "County"}, {"x-elements", "Month"}}) {
    auto& header = *map.add_headers();
    header.set_key(name);
    header.set_raw_value(value);
  }
  EXPECT_TRUE(gate_->Authorize(request).has_ok_response());
}

TEST_F(Gate, AnswersScripts) {
  const std::string query = "provider=department-y&recipient=department-x&data_elements=";
  EXPECT_EQ(gate_->Get("/readyz", "").code, 200);
  GateAnswer answer = gate_->Get("/check", query + "County");
  EXPECT_EQ(answer.code, 200);
  EXPECT_TRUE(answer.is_json);
  EXPECT_THAT(answer.body, HasSubstr("\"verdict\":\"VERDICT_PERMITTED\""));
  EXPECT_THAT(answer.body, HasSubstr("\"conditions\":{"));
  EXPECT_EQ(gate_->Get("/check", query + "Name").code, 403);
  EXPECT_EQ(gate_->Get("/check", query + "County&elements=Name").code, 400);
  EXPECT_EQ(gate_->Get("/check", "").code, 400);
  EXPECT_EQ(gate_->Get("/other", "").code, 404);
  clock_.Advance(6 * clock::kSecond);
  EXPECT_EQ(gate_->Get("/check", query + "County").code, 503);
  answer = gate_->Get("/readyz", "");
  EXPECT_EQ(answer.code, 503);
  EXPECT_THAT(answer.body, HasSubstr("nothing for too long"));
  const std::string metrics = gate_->Get("/metrics", "").body;
  EXPECT_THAT(metrics, HasSubstr("idea_gate_decisions_total{verdict=\"PERMITTED\"} 1\n"));
  EXPECT_THAT(metrics, HasSubstr("idea_gate_decisions_total{verdict=\"DENIED\"} 1\n"));
  EXPECT_THAT(metrics, HasSubstr("idea_gate_decisions_total{verdict=\"DENIED_UNKNOWN\"} 1\n"));
  EXPECT_THAT(metrics, HasSubstr("idea_gate_decisions_total{verdict=\"INVALID\"} 2\n"));
  EXPECT_THAT(metrics, HasSubstr("idea_gate_fresh 0\n"));
  EXPECT_THAT(metrics, HasSubstr("idea_gate_agreements 1\n"));
}

TEST_F(Gate, ServesGrpcAndHttp) {
  const auto server = rpc::LocalServer::Listen("127.0.0.1:0", gate_->Methods());
  ASSERT_TRUE(server.ok()) << server.status();
  grpc::GenericStub stub(grpc::CreateChannel((*server)->address(), grpc::InsecureChannelCredentials()));
  const auto call = [&](const std::string& path, const std::string& bytes, std::string& answer) {
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    const grpc::ByteBuffer request = rpc::FromBytes(bytes);
    grpc::ByteBuffer response;
    std::promise<grpc::Status> done;
    stub.UnaryCall(&context, path, {}, &request, &response,
                   [&](grpc::Status status) { done.set_value(status); });
    const grpc::Status status = done.get_future().get();
    answer.clear();
    rpc::AppendBytes(response, answer);
    return status;
  };
  std::string answer;
  CheckResponse envoys;
  ASSERT_TRUE(
      call("/envoy.service.auth.v3.Authorization/Check",
           RequestWith({{"x-recipient", "department-x"}, {"x-elements", "County"}}).SerializeAsString(),
           answer)
          .ok());
  ASSERT_TRUE(envoys.ParseFromString(answer));
  EXPECT_TRUE(envoys.has_ok_response());
  v1::CheckExchangeResponse ours;
  ASSERT_TRUE(call("/idea.inventory.v1.ExchangeService/CheckExchange",
                   exchange::samples::Question({"County"}).SerializeAsString(), answer)
                  .ok());
  ASSERT_TRUE(ours.ParseFromString(answer));
  EXPECT_EQ(ours.decision().verdict(), v1::VERDICT_PERMITTED);
  EXPECT_EQ(call("/idea.inventory.v1.ExchangeService/CheckExchange", "", answer).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(call("/idea.inventory.v1.ExchangeService/CheckExchange", "\x01\x02", answer).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(call("/idea.inventory.v1.ExchangeService/RecordTransfer", "", answer).error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
  const std::string health = "/grpc.health.v1.Health/Check";
  ASSERT_TRUE(call(health, "", answer).ok());
  EXPECT_EQ(answer, "\x08\x02");
  (*server)->SetServing(true);
  ASSERT_TRUE(call(health, "", answer).ok());
  EXPECT_EQ(answer, "\x08\x01");
  EXPECT_THAT(rpc::LocalServer::Listen((*server)->address(), {}).status(), Not(testing::IsOk()));

  const auto http = GateHttpServer::Listen("127.0.0.1:0", *gate_);
  ASSERT_TRUE(http.ok()) << http.status();
  EXPECT_GT((*http)->port(), 0);
}

}  // namespace
}  // namespace idea::cli
