// Tokens as they arrive on the wire.
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <future>
#include <vector>

#include "common/rpc/wire.h"
#include "tests/common/rpc/suite_server.h"
#include "tests/support/matchers.h"

namespace idea::rpc {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::kDepartment;

absl::Status ListWith(const testing::SuiteServer& server, const std::vector<std::string>& tokens) {
  grpc::GenericStub stub(testing::ChannelTo(server.address(), testing::FilesOf(kDepartment)));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  for (const std::string& token : tokens) context.AddMetadata("authorization", "Bearer " + token);
  const grpc::ByteBuffer request = FromBytes("");
  grpc::ByteBuffer response;
  std::promise<grpc::Status> answered;
  stub.UnaryCall(&context, "/idea.registry.v1.RegistryService/ListEntities", grpc::StubOptions(), &request,
                 &response, [&](grpc::Status status) { answered.set_value(std::move(status)); });
  return FromGrpc(answered.get_future().get());
}

TEST(Tokens, OfOneCallAreOneOrNone) {
  const testing::SuiteServer server;
  const std::string good = server.TokenOf("somebody");
  EXPECT_THAT(ListWith(server, {}), IsOk());
  EXPECT_THAT(ListWith(server, {good}), IsOk());
  EXPECT_THAT(ListWith(server, {good, good}), FailsWith(status::Reason::ERROR_REASON_TOKEN_INVALID));
  EXPECT_THAT(ListWith(server, {good, "x.y.z"}), FailsWith(status::Reason::ERROR_REASON_TOKEN_INVALID));
  EXPECT_THAT(ListWith(server, {"x.y.z", good}), FailsWith(status::Reason::ERROR_REASON_TOKEN_INVALID));
}

}  // namespace
}  // namespace idea::rpc
