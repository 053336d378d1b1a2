#ifndef IDEA_COMMON_REDIS_REDIS_H_
#define IDEA_COMMON_REDIS_REDIS_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// The notification queue: one Redis stream, filled by the relays and read by a consumer group. Never the only
// copy of anything: Redis may be lost whole and is filled again from the event logs.
namespace idea::redis {

// A reply of Redis, by value.
struct Reply {
  enum class Kind { kNil, kInteger, kText, kList, kError };
  Kind kind = Kind::kNil;
  int64_t integer = 0;
  std::string text;
  std::vector<Reply> list;
};

// OK, or what an error reply means: NOT_FOUND for a stream or group that is not there (any more), UNAVAILABLE
// while Redis cannot serve (loading, out of memory, read-only), INTERNAL otherwise.
absl::Status StatusOf(const Reply& reply);

// One blocking connection to "host:port" or "unix:/path". Connects when first used and again after a failure.
// Not for two threads at once.
class Connection {
 public:
  Connection(std::string address, std::chrono::milliseconds timeout);
  ~Connection();

  // Runs one command. UNAVAILABLE when Redis cannot be reached or the answer did not come in time; an error
  // reply is a Reply of kind kError.
  absl::StatusOr<Reply> Run(const std::vector<std::string>& command);
  // Runs several in one round trip.
  absl::StatusOr<std::vector<Reply>> Pipeline(const std::vector<std::vector<std::string>>& commands);

  // How long an answer is waited for; a command that blocks must be done sooner.
  std::chrono::milliseconds timeout() const { return timeout_; }

 private:
  absl::Status Connect();
  struct Context;
  std::string address_;
  std::chrono::milliseconds timeout_;
  std::unique_ptr<Context> context_;
};

// One message of a queue.
struct Message {
  // Redis stream id.
  std::string id;
  // Who published it: the relay's name.
  std::string source;
  // Bytes of an idea.common.v1.Event.
  std::string body;
};

// The publishing end. The relay's position is kept in Redis, beside the messages and moved in the same MULTI:
// if Redis loses messages, it loses the position with them, so that the relay publishes them again.
class Publisher {
 public:
  // `stream` is the key of the stream, `source` this relay's name.
  Publisher(Connection& connection, std::string stream, std::string source);

  // The position after which to go on, as Publish stored it; empty for none.
  absl::StatusOr<std::string> Position();
  // Appends the bodies and moves the position from `from` to `to`, all or nothing. ABORTED if the position is
  // not `from` (another relay was faster, or Redis was lost): ask for the position again.
  absl::Status Publish(const std::vector<std::string>& bodies, const std::string& from,
                       const std::string& to);

 private:
  Connection& connection_;
  std::string stream_;
  std::string key_;
  std::string source_;
};

// The reading end: one member of a consumer group.
class Consumer {
 public:
  Consumer(Connection& connection, std::string stream, std::string group, std::string member);

  // Up to `limit` messages: first those that a dead member of the group left unacknowledged for `idle`, and
  // own ones from before a crash, then new ones; waits up to `block` for the first. Creates stream and group
  // if they are not there.
  absl::StatusOr<std::vector<Message>> Read(int limit, std::chrono::milliseconds block,
                                            std::chrono::milliseconds idle);
  // Acknowledges what is stored; then trims from the stream what every group has acknowledged, never more.
  absl::Status Acknowledge(const std::vector<Message>& messages);

 private:
  absl::StatusOr<std::vector<Message>> ReadOwn(int limit);
  absl::StatusOr<std::vector<Message>> Claim(int limit, std::chrono::milliseconds idle);
  absl::StatusOr<std::vector<Message>> ReadNew(int limit, std::chrono::milliseconds block);
  absl::StatusOr<std::vector<Message>> ReadAny(int limit, std::chrono::milliseconds block,
                                               std::chrono::milliseconds idle);
  absl::StatusOr<std::vector<Message>> Sort(const Reply& entries, bool& some_are_gone);
  absl::Status CreateGroup();
  absl::Status Trim();

  Connection& connection_;
  std::string stream_;
  std::string group_;
  std::string member_;
  // Whether everything that was handed to this member before is read again.
  bool recovered_ = false;
  // Where the search for the dead members' messages goes on.
  std::string claim_from_ = "0-0";
};

}  // namespace idea::redis

#endif  // IDEA_COMMON_REDIS_REDIS_H_
