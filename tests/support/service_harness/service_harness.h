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

// Who makes a call: a certificate, and a person if there is one.
struct TestCaller {
  // "entity/department-x" or "service/drafting": the path of the SPIFFE id.
  std::string certificate;
  // Subject of the person's token; empty: the platform on its own.
  std::string person = {};
};

// Who an entity's ("entities/{id}") caller is.
TestCaller At(const std::string& entity, const std::string& person = "");
// Who a peer service is.
TestCaller Service(const std::string& name);

// What every desk of a test shares: the clock, who issues tokens and who checks them.
struct TestEnv {
  TestEnv();
  // The `authorization` metadata of a person; empty for nobody.
  std::string TokenOf(const std::string& person) const;

  clock::FakeClock clock;
  TokenIssuer issuer;
  auth::Authenticator authenticator;
};

// One service behind the real pipeline, without the wire: bind it to router(), then call it as anybody.
class ServiceHarness {
 public:
  // Migrates the database. `directory` says which roles people have.
  ServiceHarness(const std::string& service, const config::EmbeddedFile* schema, TestEnv& env,
                 storage::Database& database, auth::Directory& directory);

  rpc::Router& router() { return router_; }

  // Serves a request of any method. A write without a request_id gets a fresh one.
  absl::Status Send(const TestCaller& who, const google::protobuf::Message& request,
                    google::protobuf::Message* response);

  template <class Response, class Request>
  absl::StatusOr<Response> Ask(const TestCaller& who, const Request& request) {
    Response response;
    if (const absl::Status status = Send(who, request, &response); !status.ok()) return status;
    return response;
  }

  // What a stream that is opened now sends at once.
  absl::StatusOr<std::vector<std::string>> SendToWatch(const TestCaller& who,
                                                       const google::protobuf::Message& request);
  template <class Response, class Request>
  absl::StatusOr<std::vector<Response>> Watch(const TestCaller& who, const Request& request) {
    ASSIGN_OR_RETURN(const auto messages, SendToWatch(who, request));
    std::vector<Response> responses(messages.size());
    for (size_t i = 0; i < messages.size(); ++i) EXPECT_TRUE(responses[i].ParseFromString(messages[i]));
    return responses;
  }

  // Every event that was told so far, in order.
  std::vector<events::Event> Events();

 private:
  // The call as it comes in; its method is null if nobody bound it.
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
