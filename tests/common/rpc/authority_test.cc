#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "common/rpc/wire.h"
#include "tests/common/rpc/suite_server.h"
#include "tests/support/matchers.h"
#include "tests/support/services.h"

namespace idea::rpc {
namespace {

using common::v1::CallerKind;
using common::v1::MethodPolicy;
using google::protobuf::MethodDescriptor;
using status::Reason;
using testing::SuiteServer;

// A caller and its kind.
struct CallerCase {
  // The folder of the certificate; empty for none.
  std::string caller;
  CallerKind kind;
};

const std::vector<CallerCase>& CallerCases() {
  static const std::vector<CallerCase> cases = {
      {"", common::v1::CALLER_KIND_UNSPECIFIED},      {testing::kDepartment, common::v1::CALLER_KIND_ENTITY},
      {testing::kCdo, common::v1::CALLER_KIND_CDO},   {testing::kGovernor, common::v1::CALLER_KIND_GOVERNOR},
      {"registry", common::v1::CALLER_KIND_SERVICE},  {"drafting", common::v1::CALLER_KIND_SERVICE},
      {"review", common::v1::CALLER_KIND_SERVICE},    {"dispute", common::v1::CALLER_KIND_SERVICE},
      {"inventory", common::v1::CALLER_KIND_SERVICE}, {"notification", common::v1::CALLER_KIND_SERVICE},
      {"suite", common::v1::CALLER_KIND_SERVICE},
  };
  return cases;
}

// The content of docs/AUTHORITY.md, repeated independently: the offices of the CDO and the Governor are
// departments too, and a service must be listed.
Reason Refusal(const MethodPolicy& policy, const CallerCase& caller_case) {
  const auto lists = [&](CallerKind kind) {
    return std::count(policy.callers().begin(), policy.callers().end(), kind) > 0;
  };
  if (caller_case.caller.empty()) return Reason::ERROR_REASON_CERTIFICATE_REQUIRED;
  const bool named = std::count(policy.services().begin(), policy.services().end(), caller_case.caller) > 0;
  const bool service = caller_case.kind == common::v1::CALLER_KIND_SERVICE;
  const bool open = service ? lists(caller_case.kind) && named
                            : lists(caller_case.kind) || lists(common::v1::CALLER_KIND_ENTITY);
  return open ? Reason::ERROR_REASON_UNSPECIFIED : Reason::ERROR_REASON_CALLER_NOT_ALLOWED;
}

class EveryCaller : public ::testing::TestWithParam<CallerCase> {
 protected:
  static void SetUpTestSuite() { suite_ = new SuiteServer(); }
  static void TearDownTestSuite() {
    delete suite_;
    suite_ = nullptr;
  }
  static SuiteServer* suite_;
};
SuiteServer* EveryCaller::suite_ = nullptr;

TEST_P(EveryCaller, IsLetInAtEveryMethodExactlyAsItsPolicySays) {
  const CallerCase& caller_case = GetParam();
  rpc::TlsFiles files = testing::FilesOf(caller_case.caller.empty() ? "suite" : caller_case.caller);
  if (caller_case.caller.empty()) files.certificate = files.key = "";
  auto channel = testing::ChannelTo(suite_->address(), files);
  for (const auto* service : testing::Services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const MethodDescriptor& method = *service->method(i);
      const Reason wanted = Refusal(method.options().GetExtension(common::v1::policy), caller_case);
      const std::string path = "/" + service->full_name() + "/" + method.name();
      if (wanted != Reason::ERROR_REASON_UNSPECIFIED) {
        // The server closes a connection without a certificate after some refusals.
        if (caller_case.caller.empty()) channel = testing::ChannelTo(suite_->address(), files);
        // The refusal does not wait for a message.
        EXPECT_THAT(FromGrpc(testing::BeginOnly(channel, path)), testing::FailsWith(wanted)) << path;
        continue;
      }
      // An empty request, or bytes that are not a message if an empty one would open a stream.
      const auto echo = testing::Exchange(channel, path, method.server_streaming() ? "\xff" : "");
      const absl::Status got = FromGrpc(echo.status);
      const Reason reason = status::ReasonOf(got);
      EXPECT_NE(reason, Reason::ERROR_REASON_CERTIFICATE_REQUIRED) << method.full_name();
      EXPECT_NE(reason, Reason::ERROR_REASON_CALLER_NOT_ALLOWED) << method.full_name();
      EXPECT_TRUE(got.ok() || reason != Reason::ERROR_REASON_UNSPECIFIED)
          << method.full_name() << ": " << got;
    }
  }
}

TEST(ACallerWithoutACertificate, LearnsNeitherWhichMethodsExistNorTheirMessages) {
  testing::SuiteServer suite;
  const auto channel = testing::ChannelTo(suite.address(), {"", "", testing::FilesOf("suite").authority});
  for (const std::string path :
       {"/idea.registry.v1.RegistryService/DropEntity", "/x", "/grpc.health.v2.Health/Check",
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"}) {
    EXPECT_THAT(FromGrpc(testing::BeginOnly(channel, path)),
                testing::FailsWith(Reason::ERROR_REASON_CERTIFICATE_REQUIRED))
        << path;
  }
}

std::string NameOf(const ::testing::TestParamInfo<CallerCase>& info) {
  std::string name = info.param.caller.empty() ? "nobody" : info.param.caller;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '/' || c == '-'; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Of, EveryCaller, ::testing::ValuesIn(CallerCases()), NameOf);

}  // namespace
}  // namespace idea::rpc
