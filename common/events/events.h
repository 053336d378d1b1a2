#ifndef IDEA_COMMON_EVENTS_EVENTS_H_
#define IDEA_COMMON_EVENTS_EVENTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/config/embedded.h"
#include "common/events/notifier.h"
#include "common/storage/database.h"
#include "idea/common/v1/event.pb.h"

extern const idea::config::EmbeddedFile k_events_schema[];

// The event log of a service: audit trail, source of the Watch streams, outbox of the relay and memory of
// answered requests, in one table and one insert.
namespace idea::events {

using Event = common::v1::Event;

// An event as read from the log.
struct LoggedEvent {
  // Its place in the log, from 1. Positions become visible in their order, on either engine: nothing appears
  // before a position that was read. Events of one BUCP whose writers changed the BUCP's root row have the
  // order of their commits.
  int64_t position = 0;
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

// What a handler says happened; the recorder adds who, when and in which call.
struct EventDraft {
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
class EventRecorder {
 public:
  EventRecorder(clock::Micros now, common::v1::Actor actor, std::string request_id, std::string traceparent);
  void Record(const EventDraft& draft);
  // For whom the person acts in what is told from now on; nullopt: for themselves.
  void ActFor(const std::optional<common::v1::OnBehalf>& on_behalf);
  clock::Micros now() const { return now_; }
  // The time of what is told from now on.
  void SetNow(clock::Micros now) { now_ = now; }
  const std::vector<Event>& events() const { return events_; }
  void Clear() { events_.clear(); }

 private:
  clock::Micros now_;
  common::v1::Actor actor_;
  std::string request_id_;
  std::string traceparent_;
  std::vector<Event> events_;
};

// Appends the events; the first carries the answer, if there is one. The transaction is run again when
// another one answered the same request_id just now: then it finds its answer.
absl::Status Append(storage::Transaction& db, const std::vector<Event>& events, const Answer* answer);

// The answer that `caller` got to `request_id`; nullopt if none.
absl::StatusOr<std::optional<Answer>> FindAnswer(storage::Transaction& db, std::string_view caller,
                                                 std::string_view request_id);

// Up to `limit` events after that position, in their order.
absl::StatusOr<std::vector<LoggedEvent>> ReadAfter(storage::Transaction& db, int64_t position, int limit);

// The same of one BUCP alone.
absl::StatusOr<std::vector<LoggedEvent>> ReadOf(storage::Transaction& db, const std::string& bucp,
                                                int64_t position, int limit);

// What an event is about, and its place in the log.
struct EventRef {
  int64_t position = 0;
  std::string subject;
};
absl::StatusOr<std::vector<EventRef>> ReadSubjectsAfter(storage::Transaction& db, int64_t position,
                                                        int limit);

// The subjects of the events that are committed and have no position yet: with the events that have one they
// are all that this snapshot shows. Each of them has a position within milliseconds, as a rule. None on
// SQLite.
absl::StatusOr<std::vector<std::string>> ReadUnplacedSubjects(storage::Transaction& db);

}  // namespace idea::events

#endif  // IDEA_COMMON_EVENTS_EVENTS_H_
