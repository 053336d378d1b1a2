#ifndef IDEA_COMMON_RPC_REACTOR_H_
#define IDEA_COMMON_RPC_REACTOR_H_

#include <grpcpp/generic/async_generic_service.h>

#include <atomic>
#include <utility>

namespace idea::rpc {

// What the generic calls of a Listener have in common. A reactor ends itself, and no thread of gRPC owns it:
// the one that makes it starts an operation, another one hears of its end. gRPC orders the two by locks that
// ThreadSanitizer does not see in Debian's library, so a reactor says it too: what happened before an
// operation was started has happened for whoever calls Take() first thing in a reaction.
class Reactor : public grpc::ServerGenericBidiReactor {
 public:
  void OnDone() final {
    Take();
    delete this;
  }

 protected:
  using Base = grpc::ServerGenericBidiReactor;
  void Take() const { turns_.load(std::memory_order_acquire); }

  void StartSendInitialMetadata() {
    Give();
    Base::StartSendInitialMetadata();
  }
  void StartRead(grpc::ByteBuffer* into) {
    Give();
    Base::StartRead(into);
  }
  void StartWrite(const grpc::ByteBuffer* message) {
    Give();
    Base::StartWrite(message);
  }
  void StartWriteAndFinish(const grpc::ByteBuffer* message, grpc::WriteOptions options, grpc::Status status) {
    Give();
    Base::StartWriteAndFinish(message, options, std::move(status));
  }
  void Finish(grpc::Status status) {
    Give();
    Base::Finish(std::move(status));
  }

 private:
  void Give() { turns_.fetch_add(1, std::memory_order_release); }
  std::atomic<unsigned> turns_{0};
};

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_REACTOR_H_
