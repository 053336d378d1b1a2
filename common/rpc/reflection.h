#ifndef IDEA_COMMON_RPC_REFLECTION_H_
#define IDEA_COMMON_RPC_REFLECTION_H_

#include <set>
#include <string>

#include "common/rpc/reads.h"
#include "common/rpc/server_state.h"

namespace idea::rpc {

// Server reflection. Versions v1 and v1alpha have the same messages on the wire, so one reactor serves both.
// The library of Debian supports only v1alpha, and only services that it dispatches itself.
class ReflectionReactor : public ReadingReactor {
 public:
  // `services` are the full names to list; they must outlive the call.
  ReflectionReactor(grpc::CallbackServerContext& context, Incoming incoming, ServerState& state,
                    Callers::Stream place, const std::set<std::string>& services);
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;

  static bool IsReflection(const std::string& path);

 private:
  const std::set<std::string>& services_;
  grpc::ByteBuffer response_;
};

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_REFLECTION_H_
