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

// A call with no more than this left before its deadline is refused as DEADLINE_SPENT: it would be answered
// too late. A write takes a transaction and an fsync, a read at least a turn of a worker.
inline constexpr std::chrono::milliseconds kDeadlineMargin{20};
// The same for an inline method, which answers from memory within microseconds: any time left is enough.
inline constexpr std::chrono::milliseconds kInlineMargin{0};

// What the wire knows of a call before anybody has looked at it.
struct Incoming {
  const Method* method = nullptr;
  // Address of the client, as PeerAddress gives it.
  std::string peer;
  // URI SAN of the client's certificate; empty without one.
  std::string spiffe_id;
  // Filled in by Pipeline::Identify.
  auth::Caller caller;
  // Metadata `authorization`, `x-request-id`, `traceparent`.
  std::string authorization;
  std::string request_id;
  std::string traceparent;
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  // Metadata `x-idea-hops` of a service's call; 0 for every other caller.
  int hops = 0;
  // Metadata kLogEpochMetadata of a service's call.
  std::string log_epoch;
  std::chrono::steady_clock::time_point received = std::chrono::steady_clock::now();
  // Bytes of the request message.
  std::string body;
};

// The life of every call to one service, in one place (DESIGN: "One call, once"):
//   who is it -> may they call this -> is it well formed -> is there time left
//   -> INLINE: handler;  READ: snapshot -> handler;  WRITE: one transaction { answered before? : handler,
//   remember the answer, append the events }
//   -> metric, one log line.
class Pipeline {
 public:
  // Each must outlive the pipeline.
  struct Parts {
    std::string service;
    const auth::Authenticator& authenticator;
    auth::Directory& directory;
    storage::Database& database;
    events::Notifier& notifier;
    metrics::Metrics& metrics;
    const clock::Clock& clock;
  };
  explicit Pipeline(Parts parts) : parts_(std::move(parts)) {}

  // Whether the caller may call the method, by its certificate alone: asked before the message is read. Fills
  // in `caller`. A refusal is counted and logged.
  absl::Status Identify(Incoming& incoming) const;

  // Counts and logs a call that is refused before it is served. Returns `status`.
  absl::Status Refuse(const Incoming& incoming, absl::Status status) const;

  // A unary call. On OK `answer` holds the bytes of the response. `charge` is asked before an inline method
  // works, with how many calls this one counts for: as many as it has `requests`, at least one. A refusal
  // ends the call.
  using Charge = std::function<absl::Status(double calls)>;
  absl::Status Serve(const Incoming& incoming, std::string& answer, const Charge& charge = nullptr);

  // A stream that has been admitted: asked again and again for what comes next.
  class Stream {
   public:
    // Bytes of the next messages; none when there is nothing new.
    absl::StatusOr<std::vector<std::string>> Next();
    // The message that shows that the stream is alive and where to resume; none if its messages have no
    // heartbeat.
    std::vector<std::string> Heartbeat() const;
    // Nothing comes behind what Next() returned.
    bool ended() const { return ended_; }
    // The one log line and metric, when the stream ends.
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
    // Where a heartbeat resumes.
    int64_t sent_ = 0;
    bool ended_ = false;
  };
  absl::StatusOr<std::unique_ptr<Stream>> Open(const Incoming& incoming);

  events::Notifier& notifier() { return parts_.notifier; }

 private:
  // Who calls, and with which request, made in `arena`; or why they may not.
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
  Parts parts_;
};

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_PIPELINE_H_
