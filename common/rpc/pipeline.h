#ifndef IDEA_COMMON_RPC_PIPELINE_H_
#define IDEA_COMMON_RPC_PIPELINE_H_

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/auth/auth.h"
#include "common/clock/clock.h"
#include "common/events/events.h"
#include "common/metrics/metrics.h"
#include "common/rpc/call.h"
#include "common/rpc/router.h"
#include "common/storage/database.h"

namespace idea::rpc {

// A call with at most this time left before its deadline is refused as DEADLINE_SPENT, because it would be
// answered too late. A write takes a transaction and an fsync, a read at least a turn of a worker.
inline constexpr std::chrono::milliseconds kDeadlineMargin{20};
// The same for an inline method, which answers from memory within microseconds, so any time suffices.
inline constexpr std::chrono::milliseconds kInlineMargin{0};

// A call as received, before any check.
struct Incoming {
  const Method* method = nullptr;
  // The address of the client, from PeerAddress().
  std::string peer;
  // The URI SAN of the certificate of the client; empty without one.
  std::string spiffe_id;
  // Set by Pipeline::Identify().
  auth::Caller caller;
  // Metadata `authorization`, `x-request-id`, `traceparent`.
  std::string authorization;
  std::string request_id;
  std::string traceparent;
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  // Metadata `x-idea-hops` of a call by a service; 0 for other callers.
  int hops = 0;
  // Metadata kLogEpochMetadata of a call by a service.
  std::string log_epoch;
  std::chrono::steady_clock::time_point received = std::chrono::steady_clock::now();
  // The serialized request.
  std::string body;
};

// The processing of every call to one service:
//   authenticate -> check authority -> validate -> check deadline
//   -> INLINE: handler;  READ: snapshot -> handler;  WRITE: one transaction { replay? : handler, store the
//   answer, append the events }
//   -> metric, one log line.
class Pipeline {
 public:
  // Each must outlive the pipeline.
  struct Deps {
    std::string service;
    const auth::Authenticator& authenticator;
    auth::Directory& directory;
    storage::Database& database;
    events::Notifier& notifier;
    metrics::Metrics& metrics;
    const clock::Clock& clock;
  };
  explicit Pipeline(Deps deps) : deps_(std::move(deps)) {}

  // Checks by its certificate only whether the caller may call the method, before the message is read. Sets
  // `caller`. A refusal is counted and logged.
  absl::Status Identify(Incoming& incoming) const;

  // Counts and logs a call that is refused before it is served. Returns `status`.
  absl::Status Refuse(const Incoming& incoming, absl::Status status) const;

  // Serves a unary call. On OK `answer` is the serialized response. Before an inline method runs, `charge`
  // receives the number of calls that it counts for: as many as it has `requests`, at least one. A refusal of
  // `charge` ends the call.
  using Charge = std::function<absl::Status(double calls)>;
  absl::Status Serve(const Incoming& incoming, std::string& answer, const Charge& charge = nullptr);

  // An admitted stream, which is repeatedly asked for the next messages.
  class Stream {
   public:
    // The next serialized messages; empty if there are no new ones.
    absl::StatusOr<std::vector<std::string>> Next();
    // The message that shows that the stream is alive and where to resume; nullopt if its messages have no
    // heartbeat.
    std::vector<std::string> Heartbeat() const;
    // Whether the messages of the last Next() are the last ones.
    bool ended() const { return ended_; }
    // Writes the log line and the metric at the end of the stream.
    void End(const absl::Status& status);

   private:
    friend class Pipeline;
    Pipeline* pipeline_ = nullptr;
    Incoming incoming_;
    Context context_;
    auth::Caller caller_;
    google::protobuf::Arena arena_;
    google::protobuf::Message* request_ = nullptr;
    std::string token_;
    // The position to resume from in a heartbeat.
    int64_t sent_ = 0;
    bool ended_ = false;
  };
  absl::StatusOr<std::unique_ptr<Stream>> Open(const Incoming& incoming);

  events::Notifier& notifier() { return deps_.notifier; }

 private:
  // Identifies the caller and parses the request in `arena`, or refuses.
  absl::Status CheckCertificate(const Incoming& incoming, auth::Caller& caller) const;
  absl::Status Admit(const Incoming& incoming, Context& context, auth::Caller& caller,
                     google::protobuf::Arena* arena, google::protobuf::Message*& request) const;
  // Whether an outsider may read this: see MethodPolicy.outsiders.
  absl::Status CheckReader(const common::v1::MethodPolicy& policy, const auth::Caller& caller,
                           const google::protobuf::Message& request) const;
  absl::Status Read(Call& call, const Method& method, const google::protobuf::Message& request,
                    std::string& answer);
  absl::Status Write(Call& call, events::Notifier& notifier, const Method& method,
                     const google::protobuf::Message& request, const std::string& log_epoch,
                     std::string& answer);
  Call MakeCall(const Context& context, const auth::Caller& caller, storage::Database& database) const;
  void Account(const Incoming& incoming, const Context& context, const auth::Caller& caller,
               const absl::Status& status) const;
  Deps deps_;
};

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_PIPELINE_H_
