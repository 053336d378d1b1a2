#include "common/rpc/batch_reactor.h"

#include <utility>

#include "common/rpc/reactors.h"
#include "common/rpc/wire.h"
#include "common/status/status.h"
#include "common/validation/validation.h"

namespace idea::rpc {
BatchReactor::BatchReactor(grpc::CallbackServerContext& context, Incoming incoming, Pipeline& pipeline,
                           ServerState& state, Callers::Stream place)
    : ReadingReactor(context, std::move(incoming), state, std::move(place)),
      pieces_(!incoming_.method->descriptor->server_streaming()),
      pipeline_(pipeline) {
  ReadNext();
}

void BatchReactor::OnReadDone(bool ok) {
  if (!Resume()) return;
  if (!pieces_) incoming_.body.clear();
  if (ok && !AppendBytes(request_, incoming_.body)) {
    FinishWith(NoMessage());
    return;
  }
  request_.Clear();
  if (!ok && !pieces_) {
    Finish(grpc::Status::OK);
  } else if (ok && pieces_ && incoming_.body.size() <= validation::kMaxRequestBytes) {
    // The pipeline refuses a request that is too large, without its rest.
    ReadNext();
  } else if (const absl::Status queued = Submit([this] { Work(); }); !queued.ok()) {
    FinishWith(pipeline_.Refuse(incoming_, queued));
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
  Acquire();
  if (ok) {
    ReadNext();
  } else {
    Finish(grpc::Status::CANCELLED);
  }
}

}  // namespace idea::rpc
