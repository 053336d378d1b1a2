#ifndef IDEA_TESTS_SUPPORT_SERVICE_HARNESS_SERVICE_HARNESS_H_
#define IDEA_TESTS_SUPPORT_SERVICE_HARNESS_SERVICE_HARNESS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/auth/auth.h"
#include "common/clock/clock.h"
#include "common/config/embedded.h"
#include "common/events/events.h"
#include "common/metrics/metrics.h"
#include "common/rpc/pipeline.h"
#include "common/rpc/router.h"
#include "common/status/status.h"
#include "common/storage/database.h"
#include "tests/support/matchers.h"
#include "tests/support/tokens/token_issuer.h"

namespace idea::testing {

inline constexpr char kCdoEntity[] = "entities/cdo-office";
inline constexpr char kGovernorEntity[] = "entities/governors-office";

// The caller of a test: a certificate, and optionally a person.
struct TestCaller {
  // "entity/department-x" or "service/drafting": the path of the SPIFFE id.
  std::string certificate;
  // The subject of the token of the person; empty for a platform.
  std::string person = {};
};

// A caller of an entity ("entities/{id}").
TestCaller At(const std::string& entity, const std::string& person = "");
// A peer service.
TestCaller Service(const std::string& name);

// The environment that all harnesses of a test share: the clock, the token issuer and the authenticator.
struct TestEnv {
  TestEnv();
  // The `authorization` metadata of a person; empty without a person.
  std::string TokenOf(const std::string& person) const;

  clock::FakeClock clock;
  TokenIssuer issuer;
  auth::Authenticator authenticator;
};

// A service with the real pipeline, without the wire: bind it to router(), then call it as any caller.
class ServiceHarness {
 public:
  // Migrates the database. `directory` has the roles of persons.
  ServiceHarness(const std::string& service, const config::EmbeddedFile* schema, TestEnv& env,
                 storage::Database& database, auth::Directory& directory);

  rpc::Router& router() { return router_; }

  // Serves a request of any method. A write without a request_id gets a new one.
  absl::Status Send(const TestCaller& who, const google::protobuf::Message& request,
                    google::protobuf::Message* response);

  template <class Response, class Request>
  absl::StatusOr<Response> Ask(const TestCaller& who, const Request& request) {
    Response response;
    if (const absl::Status status = Send(who, request, &response); !status.ok()) return status;
    return response;
  }

  // The first messages of a stream that is opened now.
  absl::StatusOr<std::vector<std::string>> SendToWatch(const TestCaller& who,
                                                       const google::protobuf::Message& request);
  template <class Response, class Request>
  absl::StatusOr<std::vector<Response>> Watch(const TestCaller& who, const Request& request) {
    ASSIGN_OR_RETURN(const auto messages, SendToWatch(who, request));
    std::vector<Response> responses(messages.size());
    for (size_t i = 0; i < messages.size(); ++i) EXPECT_TRUE(responses[i].ParseFromString(messages[i]));
    return responses;
  }

  // A watch whose messages are read step by step.
  absl::StatusOr<std::unique_ptr<rpc::Pipeline::Stream>> OpenWatch(const TestCaller& who,
                                                                   const google::protobuf::Message& request) {
    return pipeline_.Open(IncomingOf(who, request));
  }

  // All recorded events, in order.
  std::vector<events::Event> Events();

 private:
  // The call as received; its method is null if it is not bound.
  rpc::Incoming IncomingOf(const TestCaller& who, const google::protobuf::Message& request) const;

  TestEnv& env_;
  storage::Database& database_;
  events::Notifier notifier_;
  metrics::Metrics metrics_;
  rpc::Router router_;
  rpc::Pipeline pipeline_;
};

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_SERVICE_HARNESS_SERVICE_HARNESS_H_
