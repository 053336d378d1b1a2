#include <future>

#include "idea/inventory/v1/evidence.pb.h"
#include "tests/story/two_departments.h"

// Services that call each other in one process with one worker for each pool: no call waits for the worker
// that must serve it.
namespace idea::story {
namespace {

class OneWorker : public TwoDepartments {
 protected:
  OneWorker() { settings_["IDEA_WORKERS"] = "1"; }
};

// Each call asks the registry for the parties, and for the person's roles.
TEST_P(OneWorker, ServesParallelCallsThatEachCallAService) {
  std::vector<std::future<absl::Status>> calls;
  for (int i = 0; i < 16; ++i) {
    calls.push_back(std::async(std::launch::async, [this] {
      drafting::v1::CreateBucpRequest create;
      *create.mutable_content() = content_;
      create.set_request_id(ids::NewUuid());
      drafting::v1::CreateBucpResponse response;
      rpc::Peer peer("suite", server_->address(), testing::FilesOf(kX));
      return peer.Send(rpc::NewContext(std::chrono::seconds(20)), create, &response, server_->TokenOf("p"));
    }));
  }
  for (auto& call : calls) EXPECT_THAT(call.get(), IsOk());
}

// A command of a relay asks the sender for facts, and the evidence asks for a document whose author asks
// others in turn.
TEST_P(OneWorker, ServesCallsThatCallServicesThatCallServices) {
  PrepareUpToTheLastSignature();
  ASSERT_THAT(SignLast(), IsOk());
  Await("filing", [&] { return !FilingsAs(kX).empty(); });
  inventory::v1::FileBucpRequest file;
  file.set_bucp(bucp_);
  file.set_digest(digest_);
  Must<inventory::v1::FileBucpResponse>(kX, "p", file);
  inventory::v1::GetEvidenceRequest request;
  request.set_name(FilingsAs(kX)[0].name());
  EXPECT_THAT(Ask<inventory::v1::GetEvidenceResponse>(kX, "", request), IsOk());
}

INSTANTIATE_TEST_SUITE_P(Every, OneWorker, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::story
