#ifndef IDEA_COMMON_RPC_REACTOR_H_
#define IDEA_COMMON_RPC_REACTOR_H_

#include <grpcpp/generic/async_generic_service.h>

#include <atomic>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/rpc/wire.h"

namespace idea::rpc {

// The base of the generic calls of a Listener. A reactor ends itself, and is not owned by one thread of gRPC:
// the creating thread starts an operation, another one receives its end. gRPC synchronizes them by locks that
// ThreadSanitizer cannot see in the library of Debian, so a reactor does it too: each reaction begins with
// Acquire(), after which everything before the start of the operation is visible. Every answer has the
// metadata `x-request-id`, before its first message and at its end. A refusal without a message has it only
// at its end, because clients do not retry a call whose answer has begun.
class Reactor : public grpc::ServerGenericBidiReactor {
 public:
  // Without metadata.
  Reactor() = default;
  Reactor(grpc::CallbackServerContext& context, std::string request_id)
      : context_(&context), request_id_(std::move(request_id)) {
    context.AddTrailingMetadata("x-request-id", request_id_);
  }
  void OnDone() final {
    Acquire();
    delete this;
  }

 protected:
  using Base = grpc::ServerGenericBidiReactor;
  void Acquire() const { turns_.load(std::memory_order_acquire); }

  void StartSendInitialMetadata() {
    AddInitialMetadata();
    Release();
    Base::StartSendInitialMetadata();
  }
  void StartRead(grpc::ByteBuffer* into) {
    Release();
    Base::StartRead(into);
  }
  void StartWrite(const grpc::ByteBuffer* message) {
    AddInitialMetadata();
    Release();
    Base::StartWrite(message);
  }
  void StartWriteAndFinish(const grpc::ByteBuffer* message, grpc::WriteOptions options, grpc::Status status) {
    AddInitialMetadata();
    Release();
    Base::StartWriteAndFinish(message, options, std::move(status));
  }
  void Finish(grpc::Status status) {
    Release();
    Base::Finish(std::move(status));
  }

  // To be called before the first message.
  void AddTrailingMetadata(const std::string& key, const std::string& value) {
    if (context_ != nullptr) context_->AddTrailingMetadata(key, value);
  }

  // Ends the call with the status and its details.
  void FinishWith(const absl::Status& status) { Finish(ToGrpc(status, request_id_)); }

 private:
  void AddInitialMetadata() {
    if (context_ != nullptr) context_->AddInitialMetadata("x-request-id", request_id_);
    context_ = nullptr;
  }
  void Release() { turns_.fetch_add(1, std::memory_order_release); }
  // Null after the initial metadata is complete.
  grpc::CallbackServerContext* context_ = nullptr;
  std::string request_id_;
  std::atomic<unsigned> turns_{0};
};

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_REACTOR_H_
