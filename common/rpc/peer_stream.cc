#include <grpcpp/completion_queue.h>

#include "common/rpc/peer.h"
#include "common/rpc/peer_channel.h"
#include "common/rpc/router.h"
#include "common/rpc/wire.h"

namespace idea::rpc {

using google::protobuf::Message;

absl::Status Peer::Stream(const Context& context, const Message& request, Message* scratch,
                          const std::function<bool(const Message&)>& on_message, const std::string& token) {
  const auto* method = FindMethod(request.GetDescriptor());
  if (method == nullptr) return absl::InternalError(request.GetTypeName() + " is no request of any rpc");
  grpc::ClientContext call;
  Prepare(call, context, token);
  grpc::CompletionQueue queue;
  // One operation is under way at a time, so an event needs no name.
  const auto done = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  auto stream = channel_->stub.PrepareCall(&call, PathOf(*method), &queue);
  stream->StartCall(nullptr);
  bool going = done();
  if (going) {
    stream->WriteLast(request, grpc::WriteOptions(), nullptr);
    going = done();
  }
  bool enough = false;
  while (going && !enough) {
    stream->Read(scratch, nullptr);
    going = done();
    if (going && !on_message(*scratch)) enough = true;
  }
  if (enough) call.TryCancel();
  grpc::Status status;
  stream->Finish(&status, nullptr);
  done();
  return enough ? absl::OkStatus() : Explain(name_, FromGrpc(status));
}

}  // namespace idea::rpc
