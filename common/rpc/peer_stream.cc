#include <grpcpp/completion_queue.h>

#include "common/rpc/peer.h"
#include "common/rpc/peer_channel.h"
#include "common/rpc/peer_diagnosis.h"
#include "common/rpc/router.h"
#include "common/rpc/wire.h"
#include "common/status/status.h"

namespace idea::rpc {

using google::protobuf::Message;

namespace {

// Waits for the current operation. There is only one at a time, so events need no tag.
bool Done(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  return queue.Next(&tag, &ok) && ok;
}

}  // namespace

absl::Status Peer::Stream(const Context& context, const Message& request, Message* scratch,
                          const std::function<bool(const Message&)>& on_message, const std::string& token) {
  const auto* method = FindMethod(request.GetDescriptor());
  if (method == nullptr) return absl::InternalError(request.GetTypeName() + " is not the request of an rpc");
  RETURN_IF_ERROR(CheckRequestSize(request));
  grpc::ClientContext call;
  RETURN_IF_ERROR(Prepare(call, context, token));
  grpc::CompletionQueue queue;
  const std::shared_ptr<Channel> channel = Current();
  auto stream = channel->stub.PrepareCall(&call, PathOf(*method), &queue);
  stream->StartCall(nullptr);
  bool going = Done(queue);
  if (going) {
    stream->WriteLast(request, grpc::WriteOptions(), nullptr);
    going = Done(queue);
  }
  bool enough = false;
  while (going && !enough) {
    stream->Read(scratch, nullptr);
    going = Done(queue);
    if (going && !on_message(*scratch)) enough = true;
  }
  if (enough) call.TryCancel();
  grpc::Status status;
  stream->Finish(&status, nullptr);
  Done(queue);
  return enough ? absl::OkStatus() : diagnosis_->Explain(FromGrpc(status), channel->IsConnected());
}

absl::Status Peer::Converse(const Context& context, const std::function<const Message*()>& next,
                            Message* scratch, const std::function<void(const Message&)>& on_message,
                            const std::string& token) {
  const Message* request = next();
  if (request == nullptr) return absl::OkStatus();
  const auto* method = FindMethod(request->GetDescriptor());
  if (method == nullptr) return absl::InternalError(request->GetTypeName() + " is not the request of an rpc");
  grpc::ClientContext call;
  RETURN_IF_ERROR(Prepare(call, context, token));
  grpc::CompletionQueue queue;
  const std::shared_ptr<Channel> channel = Current();
  auto stream = channel->stub.PrepareCall(&call, PathOf(*method), &queue);
  stream->StartCall(nullptr);
  bool going = Done(queue);
  absl::Status fits;
  for (; going && request != nullptr; request = going ? next() : nullptr) {
    fits = CheckRequestSize(*request);
    if (!fits.ok()) break;
    stream->Write(*request, nullptr);
    going = Done(queue);
    if (!going) break;
    stream->Read(scratch, nullptr);
    going = Done(queue);
    if (going) on_message(*scratch);
  }
  if (!fits.ok()) {
    call.TryCancel();
  } else if (going) {
    stream->WritesDone(nullptr);
    Done(queue);
  }
  grpc::Status status;
  stream->Finish(&status, nullptr);
  Done(queue);
  RETURN_IF_ERROR(fits);
  return diagnosis_->Explain(FromGrpc(status), channel->IsConnected());
}

}  // namespace idea::rpc
