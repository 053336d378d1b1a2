// A page token is for the caller that received it, whatever the list.
#include <google/protobuf/dynamic_message.h>
#include <gtest/gtest.h>

#include "common/listing/caller_token.h"
#include "common/rpc/wire.h"
#include "tests/common/rpc/suite_server.h"
#include "tests/support/matchers.h"
#include "tests/support/services.h"

namespace idea::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;
using status::Reason;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<const MethodDescriptor*> ListMethods() {
  std::vector<const MethodDescriptor*> methods;
  for (const auto* service : testing::Services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const MethodDescriptor* method = service->method(i);
      if (method->output_type()->FindFieldByName("next_page_token") != nullptr) methods.push_back(method);
    }
  }
  return methods;
}

// A caller that the policy admits.
std::string CallerOf(const common::v1::MethodPolicy& policy) {
  const auto admits = [&](common::v1::CallerKind kind) {
    return std::count(policy.callers().begin(), policy.callers().end(), kind) > 0;
  };
  if (admits(common::v1::CALLER_KIND_ENTITY)) return testing::kDepartment;
  if (admits(common::v1::CALLER_KIND_CDO)) return testing::kCdo;
  if (admits(common::v1::CALLER_KIND_GOVERNOR)) return testing::kGovernor;
  return policy.services(0);
}

// Sets each resource name of the request to one that its rule accepts.
void SetNames(google::protobuf::Message& request) {
  for (int i = 0; i < request.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = request.GetDescriptor()->field(i);
    std::string name = field->options().GetExtension(common::v1::rule).resource();
    if (name.empty() || field->is_repeated()) continue;
    for (size_t at = name.find('*'); at != std::string::npos; at = name.find('*')) name.replace(at, 1, "1");
    request.GetReflection()->SetString(&request, field, name);
  }
}

TEST(APageToken, OfAnotherCallerIsRefusedByEveryListMethod) {
  const testing::SuiteServer suite;
  const auto methods = ListMethods();
  ASSERT_GT(methods.size(), 20u);
  for (const MethodDescriptor* method : methods) {
    const auto& policy = method->options().GetExtension(common::v1::policy);
    const FieldDescriptor* field = method->input_type()->FindFieldByName("page_token");
    ASSERT_TRUE(field != nullptr && field->type() == FieldDescriptor::TYPE_STRING) << method->full_name();
    ASSERT_TRUE(policy.person().empty()) << method->full_name() << ": this test sends no person's token";
    const std::string caller = CallerOf(policy);
    const auto channel = testing::ChannelTo(suite.address(), testing::FilesOf(caller));
    const auto send = [&](const std::string& receiver) {
      google::protobuf::DynamicMessageFactory factory;
      const std::unique_ptr<google::protobuf::Message> request(
          factory.GetPrototype(method->input_type())->New());
      SetNames(*request);
      request->GetReflection()->SetString(request.get(), field, listing::BindToCaller(receiver, "token"));
      const std::string path = "/" + method->service()->full_name() + "/" + method->name();
      return FromGrpc(testing::Exchange(channel, path, request->SerializeAsString()).status);
    };
    const absl::Status refused = send(testing::kOtherDepartment);
    EXPECT_THAT(refused, testing::FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID)) << method->full_name();
    EXPECT_THAT(std::string(refused.message()), HasSubstr("the same caller")) << method->full_name();
    EXPECT_THAT(std::string(send(caller).message()), Not(HasSubstr("the same caller")))
        << method->full_name();
  }
}

}  // namespace
}  // namespace idea::rpc
