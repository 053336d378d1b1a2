#include "tests/support/service_harness/service_harness.h"

#include <gtest/gtest.h>

#include "common/events/positions.h"
#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "tests/support/matchers.h"

namespace idea::testing {
namespace {

constexpr char kTrustDomain[] = "idea.test";
constexpr char kIssuer[] = "https://issuer.test";
constexpr char kAudience[] = "idea";
constexpr char kKey[] = "key";

auth::Settings SettingsOf(const TokenIssuer& issuer) {
  return {kTrustDomain, kCdoEntity, kGovernorEntity, kIssuer, kAudience, issuer.folder()};
}

std::string WithRequestId(const google::protobuf::Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("request_id");
  const auto* reflection = request.GetReflection();
  if (field == nullptr || !reflection->GetString(request, field).empty()) return request.SerializeAsString();
  const std::unique_ptr<google::protobuf::Message> copy(request.New());
  copy->CopyFrom(request);
  reflection->SetString(copy.get(), field, ids::NewUuid());
  return copy->SerializeAsString();
}

}  // namespace

TestCaller At(const std::string& entity, const std::string& person) {
  return {"entity/" + ids::kEntities.IdIn(entity), person};
}

TestCaller Service(const std::string& name) { return {"service/" + name}; }

TestEnv::TestEnv() : authenticator(SettingsOf(issuer), clock) { issuer.AddEcKey(kKey); }

std::string TestEnv::TokenOf(const std::string& person) const {
  if (person.empty()) return "";
  const std::string header = std::string(R"({"alg":"ES256","typ":"JWT","kid":")") + kKey + R"("})";
  const std::string payload = std::string(R"({"iss":")") + kIssuer + R"(","aud":")" + kAudience +
                              R"(","sub":")" + person + R"(","exp":)" +
                              std::to_string(clock.Now() / clock::kSecond + 300) + "}";
  return "Bearer " + issuer.Sign(header, payload, kKey);
}

ServiceHarness::ServiceHarness(const std::string& service, const config::EmbeddedFile* schema, TestEnv& env,
                               storage::Database& database, auth::Directory& directory)
    : env_(env),
      database_(database),
      pipeline_({service, env.authenticator, directory, database, notifier_, metrics_, env.clock}) {
  EXPECT_THAT(storage::Migrate(database, "events", k_events_schema), IsOk());
  EXPECT_THAT(storage::Migrate(database, service, schema), IsOk());
}

rpc::Incoming ServiceHarness::IncomingOf(const TestCaller& who,
                                         const google::protobuf::Message& request) const {
  rpc::Incoming incoming;
  for (const auto& [path, method] : router_.methods()) {
    if (method.descriptor == rpc::FindMethod(request.GetDescriptor())) incoming.method = &method;
  }
  incoming.spiffe_id = std::string("spiffe://") + kTrustDomain + "/" + who.certificate;
  incoming.authorization = env_.TokenOf(who.person);
  incoming.body = WithRequestId(request);
  return incoming;
}

absl::Status ServiceHarness::Send(const TestCaller& who, const google::protobuf::Message& request,
                                  google::protobuf::Message* response) {
  const rpc::Incoming incoming = IncomingOf(who, request);
  if (incoming.method == nullptr) {
    return absl::UnimplementedError("not bound: " + request.GetDescriptor()->full_name());
  }
  std::string answer;
  if (const absl::Status status = pipeline_.Serve(incoming, answer); !status.ok()) return status;
  EXPECT_TRUE(response->ParseFromString(answer));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> ServiceHarness::SendToWatch(
    const TestCaller& who, const google::protobuf::Message& request) {
  RETURN_IF_ERROR(events::PlaceEvents(database_));
  ASSIGN_OR_RETURN(const auto stream, pipeline_.Open(IncomingOf(who, request)));
  return stream->Next();
}

std::vector<events::Event> ServiceHarness::Events() {
  std::vector<events::Event> recorded;
  const absl::Status read = database_.Read([&](storage::Transaction& db) -> absl::Status {
    recorded.clear();
    ASSIGN_OR_RETURN(const auto rows, db.Query("SELECT body FROM events ORDER BY seq", {}));
    for (const storage::Row& row : rows) EXPECT_TRUE(recorded.emplace_back().ParseFromString(row.Bytes(0)));
    return absl::OkStatus();
  });
  EXPECT_THAT(read, IsOk());
  return recorded;
}

}  // namespace idea::testing
