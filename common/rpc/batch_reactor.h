#ifndef IDEA_COMMON_RPC_BATCH_REACTOR_H_
#define IDEA_COMMON_RPC_BATCH_REACTOR_H_

#include <mutex>
#include <set>
#include <string>

#include "common/rpc/pipeline.h"
#include "common/rpc/reactor.h"
#include "common/rpc/workers.h"

namespace idea::rpc {

class BatchReactor;

// The streams of batches that wait for their caller: a server that stops does not wait with them.
class BatchStreams {
 public:
  // Starts the next read; false if the server is stopping.
  bool Read(BatchReactor* reactor);
  // Whether the stream that waited goes on; false if it was ended meanwhile.
  bool Resume(BatchReactor* reactor);
  // Ends those that wait; the others end behind the batch that is under way.
  void EndAll();

 private:
  std::mutex mutex_;
  std::set<BatchReactor*> waiting_;
  bool ending_ = false;
};

// A method whose rpc streams both ways: each message is a call of its own, served like a unary one (admitted,
// validated, in its own transaction, answered once by its request_id), and answered before the next is read.
// So a caller has one batch under way, and a stream that broke goes on by sending again. A refusal ends it.
// Or one whose rpc only the caller streams: the messages are the pieces of one call, served behind the last.
// Encodings that follow each other are the encoding of the messages merged: lists go on, bytes of lists too.
class BatchReactor : public Reactor {
 public:
  BatchReactor(grpc::CallbackServerContext& context, Incoming incoming, Pipeline& pipeline, Workers& workers,
               BatchStreams& streams);
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;

 private:
  friend class BatchStreams;
  void ReadNext();
  void Work();
  Incoming incoming_;
  const bool pieces_;
  Pipeline& pipeline_;
  Workers& workers_;
  BatchStreams& streams_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_BATCH_REACTOR_H_
