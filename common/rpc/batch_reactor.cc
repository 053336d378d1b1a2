#include "common/rpc/batch_reactor.h"

#include <utility>

#include "common/rpc/reactors.h"
#include "common/rpc/wire.h"
#include "common/status/status.h"
#include "common/validation/validation.h"

namespace idea::rpc {
namespace {

using status::Error;
using status::Reason;

absl::Status Stopping() {
  return Error(Reason::ERROR_REASON_SHUTTING_DOWN, "the server is stopping; send on elsewhere");
}

}  // namespace

bool BatchStreams::Read(BatchReactor* reactor) {
  const std::lock_guard lock(mutex_);
  if (ending_) return false;
  reactor->StartRead(&reactor->request_);
  waiting_.insert(reactor);
  return true;
}

bool BatchStreams::Resume(BatchReactor* reactor) {
  const std::lock_guard lock(mutex_);
  return waiting_.erase(reactor) == 1;
}

void BatchStreams::EndAll() {
  std::set<BatchReactor*> waiting;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    waiting.swap(waiting_);
  }
  for (BatchReactor* reactor : waiting) reactor->FinishWith(Stopping());
}

BatchReactor::BatchReactor(grpc::CallbackServerContext& context, Incoming incoming, Pipeline& pipeline,
                           Workers& workers, BatchStreams& streams)
    : Reactor(context, incoming.request_id),
      incoming_(std::move(incoming)),
      pieces_(!incoming_.method->descriptor->server_streaming()),
      pipeline_(pipeline),
      workers_(workers),
      streams_(streams) {
  ReadNext();
}

void BatchReactor::ReadNext() {
  if (!streams_.Read(this)) FinishWith(Stopping());
}

void BatchReactor::OnReadDone(bool ok) {
  Take();
  if (!streams_.Resume(this)) return;
  if (!pieces_) incoming_.body.clear();
  if (ok && !AppendBytes(request_, incoming_.body)) {
    FinishWith(NoMessage());
    return;
  }
  request_.Clear();
  if (!ok && !pieces_) {
    Finish(grpc::Status::OK);
  } else if (ok && pieces_ && incoming_.body.size() <= validation::kLargestRequest) {
    // What is too large is refused by the pipeline, without its rest.
    ReadNext();
  } else if (!workers_.Submit([this] { Work(); })) {
    FinishWith(Overloaded());
  }
}

void BatchReactor::Work() {
  incoming_.received = std::chrono::steady_clock::now();
  std::string answer;
  const absl::Status status = pipeline_.Serve(incoming_, answer);
  if (!status.ok()) {
    FinishWith(status);
    return;
  }
  response_ = FromBytes(answer);
  if (pieces_) {
    StartWriteAndFinish(&response_, grpc::WriteOptions(), grpc::Status::OK);
  } else {
    StartWrite(&response_);
  }
}

void BatchReactor::OnWriteDone(bool ok) {
  Take();
  if (ok) {
    ReadNext();
  } else {
    Finish(grpc::Status::CANCELLED);
  }
}

}  // namespace idea::rpc
