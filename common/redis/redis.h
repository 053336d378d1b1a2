#ifndef IDEA_COMMON_REDIS_REDIS_H_
#define IDEA_COMMON_REDIS_REDIS_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/config/redis_url.h"
#include "common/redis/event_keys.h"
#include "common/redis/failure.h"
#include "common/redis/options.h"
#include "common/redis/reply.h"
#include "common/redis/session.h"

// The notification queue: one Redis stream, filled from the event logs and read into the inboxes. It is never
// the only copy. The messages of each source form a chain: a message names its cursor (a position in the log
// of the source) and the cursor of the message before it. Redis also keeps the cursor of each source. The
// database of the reader keeps up to which cursor each chain is stored. If the two differ and no message is
// on its way, or if a message does not follow the stored ones, then Redis has lost data: the reader sets the
// source back to the stored cursor.
//
// With event keys, messages and cursors are signed. A message with a wrong signature is dropped, and a cursor
// with a wrong signature is ignored. Another client of Redis can delete and repeat genuine messages, which
// the chain repairs, but cannot put an event into an inbox.
namespace idea::redis {

// A blocking connection to Redis, to the master if the address names Sentinels. Connects when first used, and
// again after a failure or an error reply, because the server, its role or the password may have changed. Not
// thread-safe.
class Connection {
 public:
  Connection(Options options, std::chrono::milliseconds timeout);
  ~Connection();

  // Runs one command. Failures have a kind (failure.h). An error reply is a Reply of kind kError.
  absl::StatusOr<Reply> Run(const std::vector<std::string>& command);
  // Runs several commands in one round trip.
  absl::StatusOr<std::vector<Reply>> Pipeline(const std::vector<std::vector<std::string>>& commands);

  // Closes the connection if the Sentinels name another master. To be called regularly, but not between WATCH
  // and EXEC.
  void CheckMaster();

  // The timeout of a connection attempt and of a reply. Blocking commands must be shorter.
  std::chrono::milliseconds timeout() const { return timeout_; }
  const Options& options() const { return options_; }

 private:
  absl::Status Connect();
  const Options options_;
  const absl::StatusOr<config::RedisUrl> url_;
  const std::chrono::milliseconds timeout_;
  std::unique_ptr<Session> session_;
  // With Sentinels: the connected master, the time of the last question, and the Sentinel that answered.
  config::RedisUrl::Host master_;
  Deadline checked_;
  size_t sentinel_ = 0;
};

// One message of a queue.
struct Message {
  // Redis stream id.
  std::string id;
  // The source: "drafting".
  std::string source;
  // The cursors of this message and of the previous one in the log; "" at the beginning of the log. Both are
  // empty in a message of an earlier release.
  std::string cursor;
  std::string after;
  // A serialized idea.common.v1.Event.
  std::string body;
};

// The publishing side.
class Publisher {
 public:
  // `stream` is the key of the stream; `source` names the log.
  Publisher(Connection& connection, std::string stream, std::string source);

  // The cursor to continue after: of the last published message, or as set by the reader. Empty for the
  // beginning.
  absl::StatusOr<std::string> Cursor();
  // An event and its cursor.
  struct Entry {
    std::string cursor;
    std::string body;
  };
  // Appends the entries after `from` and moves the cursor to the last one, atomically. ABORTED if the cursor
  // is not `from`, because another replica was faster or the reader has moved it: read it again.
  absl::Status Publish(const std::string& from, const std::vector<Entry>& entries);

 private:
  Connection& connection_;
  const std::string stream_;
  const std::string source_;
  EventKeys keys_;
};

// The reading side. Any number of readers may each read the whole stream.
class Reader {
 public:
  Reader(Connection& connection, std::string stream);

  // Up to `limit` messages after those already read, in order. Waits up to `block` for the first one. Starts
  // from the beginning if the stream was replaced.
  absl::StatusOr<std::vector<Message>> Read(int limit, std::chrono::milliseconds block);
  // All sources that have published.
  absl::StatusOr<std::vector<std::string>> Sources();
  // Whether `stored` is not before `cursor`, as far as they are comparable.
  using Covers = bool (*)(std::string_view stored, std::string_view cursor);
  // Sets the cursor of the source to `stored`, so that it publishes the messages after it. Does nothing if
  // the cursor is already there, or if the messages up to the cursor may still be read. `stored` must include
  // every message that was read. Returns whether the cursor was changed.
  absl::StatusOr<bool> Reconcile(const std::string& source, const std::string& stored, Covers covers);
  // Sets the cursor of the source to `stored`, even if messages may still be read.
  absl::Status Rewind(const std::string& source, const std::string& stored);
  // The number of messages dropped because of wrong signatures.
  int64_t refused() const { return refused_; }
  // Removes messages that were read, approximately. To be called after they are stored.
  absl::Status Trim();

 private:
  std::vector<std::string> SetCommand(const std::string& source, const std::string& cursor) const;
  // The messages of a reply with valid signatures.
  std::vector<Message> Genuine(const Reply& reply);
  // Deletes the stream if the status says that one of its messages is larger than any that a service
  // publishes. The others are published again. Returns the status.
  absl::Status DropIfTooLarge(const absl::Status& status);
  // Whether messages up to the cursor may be unread. `next` is the reply to XREAD, `info` the reply to XINFO
  // STREAM.
  bool MayStillCome(const std::string& source, const std::string& cursor, const Reply& next,
                    const Reply& info);
  Connection& connection_;
  const std::string stream_;
  // The last message that was read, and the message up to which the stream was trimmed.
  std::string last_;
  std::string trimmed_;
  // A cursor whose messages are not stored yet, with the last message of the stream when it was first seen.
  // Messages up to the cursor are not after that message.
  struct Awaited {
    std::string cursor;
    std::string newest;
  };
  std::map<std::string, Awaited> awaited_;
  EventKeys keys_;
  int64_t refused_ = 0;
};

}  // namespace idea::redis

#endif  // IDEA_COMMON_REDIS_REDIS_H_
