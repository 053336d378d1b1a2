#ifndef IDEA_COMMON_RPC_BATCH_REACTOR_H_
#define IDEA_COMMON_RPC_BATCH_REACTOR_H_

#include "common/rpc/reads.h"
#include "common/rpc/server_state.h"

namespace idea::rpc {

// A method whose rpc streams both ways: each message is a call of its own, served like a unary one (admitted,
// validated, in its own transaction, answered once by its request_id), and answered before the next is read.
// So a caller has one batch under way, and a stream that broke goes on by sending again. A refusal ends it.
// Or one whose rpc only the caller streams: the messages are the pieces of one call, served behind the last.
// Encodings that follow each other are the encoding of the messages merged: lists go on, bytes of lists too.
class BatchReactor : public ReadingReactor {
 public:
  BatchReactor(grpc::CallbackServerContext& context, Incoming incoming, Pipeline& pipeline,
               ServerState& state, Callers::Stream place);
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;

 private:
  void Work();
  const bool pieces_;
  Pipeline& pipeline_;
  grpc::ByteBuffer response_;
};

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_BATCH_REACTOR_H_
