#include "common/rpc/drain.h"

#include <grpc/grpc.h>
#include <grpcpp/version_info.h>

#include <functional>
#include <string>

// The core of gRPC has these functions, which Shutdown() uses, and declares them in headers that are not
// installed. With a release that changes them, the program does not link.
namespace grpc_core {
class Server {
 public:
  void StopListening();
  void SendGoaways();
  bool HasOpenConnections();
};
}  // namespace grpc_core

namespace idea::rpc {
namespace {

static_assert(GRPC_CPP_VERSION_MAJOR == 1 && GRPC_CPP_VERSION_MINOR == 51,
              "look whether grpc_core::Server still has these functions, and whether a grpc_server is one");

grpc_core::Server& CoreOf(grpc::Server& server) {
  return *reinterpret_cast<grpc_core::Server*>(server.c_server());
}

// Runs `work` in the execution context of the core of gRPC, and completes what it schedules before this
// function returns. The only way there from outside is a callback of the core: copying an argument of a
// server that is never started.
void RunInCore(const std::function<void()>& work) {
  struct Errand {
    const std::function<void()>& work;
    bool done;
  } errand{work, false};
  static const grpc_arg_pointer_vtable kTable = {[](void* pointer) {
                                                   auto* const once = static_cast<Errand*>(pointer);
                                                   if (!once->done) once->work();
                                                   once->done = true;
                                                   return pointer;
                                                 },
                                                 [](void*) {},
                                                 [](void* one, void* other) {
                                                   return one < other ? -1 : one > other ? 1 : 0;
                                                 }};
  std::string key = "idea.errand";
  grpc_arg argument;
  argument.type = GRPC_ARG_POINTER;
  argument.key = key.data();
  argument.value.pointer = {&errand, &kTable};
  const grpc_channel_args arguments = {1, &argument};
  grpc_server_destroy(grpc_server_create(&arguments, nullptr));
}

}  // namespace

void StopListening(grpc::Server& server) {
  RunInCore([&] { CoreOf(server).StopListening(); });
}

void SendGoaways(grpc::Server& server) {
  RunInCore([&] { CoreOf(server).SendGoaways(); });
}

bool HasOpenConnections(grpc::Server& server) {
  bool open = false;
  RunInCore([&] { open = CoreOf(server).HasOpenConnections(); });
  return open;
}

}  // namespace idea::rpc
