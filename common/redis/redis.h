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

// The notification queue: one Redis stream, filled from the event logs and read into the inboxes. Never the
// only copy of anything. Each source's messages form a chain: a message names the cursor (a position in the
// source's log) at which it stands and the one that it follows. Beside the stream Redis keeps how far each
// source has come. The reader keeps in its own database how far it has stored each chain. If the two differ
// and no message is on its way, or a message does not follow what is stored, then Redis has lost something,
// whatever it was: the reader sets the source back to what is stored.
//
// With event keys, messages and cursors are signed. A message with a wrong signature is dropped, and a cursor
// with one counts as none. Another client of Redis can delete and repeat genuine messages, which the chain
// makes good, but cannot put an event into an inbox.
namespace idea::redis {

// One blocking connection to Redis, to the master if its address is that of Sentinels. Connects when first
// used and again after a failure or an error reply: what is asked for then may be another server, or the same
// one with another role or password. Not for two threads at once.
class Connection {
 public:
  Connection(Options options, std::chrono::milliseconds timeout);
  ~Connection();

  // Runs one command. A failure has a kind (failure.h); an error reply is a Reply of kind kError.
  absl::StatusOr<Reply> Run(const std::vector<std::string>& command);
  // Runs several in one round trip.
  absl::StatusOr<std::vector<Reply>> Pipeline(const std::vector<std::vector<std::string>>& commands);

  // Ends the connection if the Sentinels have named another master. To be called from time to time, but not
  // between WATCH and EXEC.
  void CheckMaster();

  // How long an answer is waited for, and before it a connection; a command that blocks must be done sooner.
  std::chrono::milliseconds timeout() const { return timeout_; }
  const Options& options() const { return options_; }

 private:
  absl::Status Connect();
  const Options options_;
  const absl::StatusOr<config::RedisUrl> url_;
  const std::chrono::milliseconds timeout_;
  std::unique_ptr<Session> session_;
  // Of Sentinels: the master that is connected, when they were last asked, and who answered.
  config::RedisUrl::Host master_;
  Deadline checked_;
  size_t sentinel_ = 0;
};

// One message of a queue.
struct Message {
  // Redis stream id.
  std::string id;
  // Which log it is from: "drafting".
  std::string source;
  // The cursor of this message, and of the one before it in the log; "" where the log begins. Both are empty
  // in a message of an earlier release.
  std::string cursor;
  std::string after;
  // Bytes of an idea.common.v1.Event.
  std::string body;
};

// The publishing end.
class Publisher {
 public:
  // `stream` is the key of the stream, `source` names the log.
  Publisher(Connection& connection, std::string stream, std::string source);

  // The cursor after which to go on: of the last message that was published, or where the reader has set it.
  // Empty for the beginning.
  absl::StatusOr<std::string> Cursor();
  // An event and its cursor.
  struct Entry {
    std::string cursor;
    std::string body;
  };
  // Appends the entries after `from` and moves the cursor to the last one, all or nothing. ABORTED if the
  // cursor is not `from`: another replica was faster, or the reader has set it back. Ask for it again.
  absl::Status Publish(const std::string& from, const std::vector<Entry>& entries);

 private:
  Connection& connection_;
  const std::string stream_;
  const std::string source_;
  EventKeys keys_;
};

// The reading end. Any number of readers may each read the whole stream.
class Reader {
 public:
  Reader(Connection& connection, std::string stream);

  // Up to `limit` messages after those that were read before, in their order; waits up to `block` for the
  // first. Begins again where the stream does when it is another one than before.
  absl::StatusOr<std::vector<Message>> Read(int limit, std::chrono::milliseconds block);
  // The sources that have ever published.
  absl::StatusOr<std::vector<std::string>> Sources();
  // Whether `stored` is not before `cursor`, as far as the two can be compared.
  using Covers = bool (*)(std::string_view stored, std::string_view cursor);
  // Sets the source's cursor to `stored`, so that it publishes what follows. Does nothing if the cursor is
  // there, or if the messages up to it may still be read. `stored` must include every message that was read.
  // Returns whether the cursor was another one.
  absl::StatusOr<bool> Reconcile(const std::string& source, const std::string& stored, Covers covers);
  // Sets the source's cursor to `stored`, even if messages may still be read.
  absl::Status Rewind(const std::string& source, const std::string& stored);
  // How many messages were dropped because their signature is wrong.
  int64_t refused() const { return refused_; }
  // Removes from the stream what was read, approximately. To be called when it is stored.
  absl::Status Trim();

 private:
  std::vector<std::string> SetCommand(const std::string& source, const std::string& cursor) const;
  // The messages of a reply whose signatures are right.
  std::vector<Message> Genuine(const Reply& reply);
  // Deletes the stream if the status says that a message of it is larger than any that a service publishes.
  // The others are published again. Returns the status.
  absl::Status DropIfTooLarge(const absl::Status& status);
  // Whether messages up to the cursor may be among those that were not read yet. `next` is the reply to
  // XREAD, `info` that to XINFO STREAM.
  bool MayStillCome(const std::string& source, const std::string& cursor, const Reply& next,
                    const Reply& info);
  Connection& connection_;
  const std::string stream_;
  // The last message that was read, and up to which one the stream was trimmed.
  std::string last_;
  std::string trimmed_;
  // A cursor whose messages are not stored yet, and the last message of the stream when it was first seen:
  // messages up to the cursor are not after it.
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
