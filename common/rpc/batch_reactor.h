#ifndef IDEA_COMMON_RPC_BATCH_REACTOR_H_
#define IDEA_COMMON_RPC_BATCH_REACTOR_H_

#include "common/rpc/reads.h"
#include "common/rpc/server_state.h"

namespace idea::rpc {

// A method whose rpc streams both ways: each message is a separate call, served like a unary one (admitted,
// validated, in its own transaction, idempotent by its request_id), and answered before the next is read. So
// a caller has one batch in progress, and continues a broken stream by sending again. A refusal ends the
// stream. Or a method whose rpc only the caller streams: the messages are the parts of one call, served after
// the last one. Concatenated encodings are the encoding of the merged messages: lists continue, and so do
// lists of bytes.
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
