#ifndef IDEA_COMMON_EVENTS_EVENTS_H_
#define IDEA_COMMON_EVENTS_EVENTS_H_

#include <chrono>
#include <compare>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/config/embedded.h"
#include "common/storage/database.h"
#include "idea/common/v1/event.pb.h"

extern const idea::config::EmbeddedFile k_events_schema[];

// The event log of a service: audit trail, source of the Watch streams, outbox of the relay and memory of
// answered requests, in one table and one insert.
namespace idea::events {

using Event = common::v1::Event;

// A place in the log. Ordered by the transaction that wrote, then by number: on PostgreSQL a number may
// become visible after a higher one, a transaction below the horizon may not.
struct Position {
  int64_t txid = 0;
  int64_t seq = 0;
  auto operator<=>(const Position&) const = default;
  // Opaque text for resume tokens and cursors, and back.
  std::string ToToken() const;
  static std::optional<Position> FromToken(std::string_view token);
};

// An event as read from the log.
struct Logged {
  Position at;
  Event event;
};

// The memory of one answered request.
struct Answer {
  std::string caller;
  std::string request_id;
  std::string request_digest;
  // Bytes of the response.
  std::string answer;
};

// What a handler says happened; the scribe adds who, when and in which call.
struct Happening {
  // Past tense, the verb of the rpc: "BucpSent".
  std::string_view type;
  std::string subject;
  std::string bucp = {};
  std::vector<std::string> audience = {};
  std::string_view citation = {};
  std::string summary = {};
  // What a peer needs to act on it; may be null.
  const google::protobuf::Message* data = nullptr;
};

// Collects the events of one write.
class Scribe {
 public:
  Scribe(clock::Micros now, common::v1::Actor actor, std::string request_id, std::string traceparent);
  void Tell(const Happening& happening);
  clock::Micros now() const { return now_; }
  const std::vector<Event>& told() const { return told_; }
  void Clear() { told_.clear(); }

 private:
  clock::Micros now_;
  common::v1::Actor actor_;
  std::string request_id_;
  std::string traceparent_;
  std::vector<Event> told_;
};

// Appends the events; the first carries the answer, if there is one. The transaction is run again when
// another one answered the same request_id just now: then it finds its answer.
absl::Status Append(storage::Transaction& db, const std::vector<Event>& events, const Answer* answer);

// The answer that `caller` got to `request_id`; nullopt if none.
absl::StatusOr<std::optional<Answer>> FindAnswer(storage::Transaction& db, std::string_view caller,
                                                 std::string_view request_id);

// Up to `limit` events behind `after`, in order, none of which can be preceded by one that is still to come.
absl::StatusOr<std::vector<Logged>> ReadAfter(storage::Transaction& db, Position after, int limit);

// The same of one BUCP alone.
absl::StatusOr<std::vector<Logged>> ReadOf(storage::Transaction& db, const std::string& bucp, Position after,
                                           int limit);

// Where the log ends now: nothing that is still to come can precede it.
absl::StatusOr<Position> End(storage::Transaction& db);

// How far somebody has read who does not wait for transactions that are still under way: everything up to
// `after`, and behind it the numbers in `seen`. Others may become visible between them.
struct Frontier {
  Position after;
  std::set<int64_t> seen;
  // Opaque text, and back.
  std::string ToToken() const;
  static std::optional<Frontier> FromToken(std::string_view token);
};

// A place in the log and what its event is about.
struct Mention {
  Position at;
  std::string subject;
};

// Up to `limit` events that are visible now and that `frontier` does not have, which it has afterwards. A
// long transaction, of whomever, hides nothing that others have committed.
absl::StatusOr<std::vector<Mention>> ReadVisible(storage::Transaction& db, Frontier& frontier, int limit);

// All that is visible now.
absl::StatusOr<Frontier> VisibleNow(storage::Transaction& db);

// How many events are visible. Of two moments the later one has no fewer, and it has all that the earlier one
// had.
absl::StatusOr<int64_t> CountVisible(storage::Transaction& db);

// Wakes those who wait for new events in this process; other replicas' events are found by asking again now
// and then.
class Signal {
 public:
  void Raise();
  // Waits until raised since `seen`, or `timeout`. Returns the new count.
  uint64_t Wait(uint64_t seen, std::chrono::milliseconds timeout);
  uint64_t Count();

 private:
  std::mutex mutex_;
  std::condition_variable raised_;
  uint64_t count_ = 0;
};

}  // namespace idea::events

#endif  // IDEA_COMMON_EVENTS_EVENTS_H_
