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

// The event log of a service: audit trail, source of Watch streams, outbox of the relay, and store of
// answered requests, in one table with one insert.
namespace idea::events {

using Event = common::v1::Event;

// An event as read from the log.
struct LoggedEvent {
  // Its position in the log, from 1. Positions become visible in order on both engines: no event appears
  // before a position that was read. Events of one BUCP whose writers changed the root row of the BUCP are in
  // the order of their commits.
  int64_t position = 0;
  Event event;
};

// The record of an answered request.
struct Answer {
  std::string caller;
  std::string request_id;
  std::string request_digest;
  // The serialized response.
  std::string answer;
};

// An event as the handler describes it. The recorder adds actor, time and call.
struct EventDraft {
  // The verb of the rpc in past tense: "BucpSent".
  std::string_view type;
  std::string subject;
  std::string bucp = {};
  std::vector<std::string> audience = {};
  std::string_view citation = {};
  std::string summary = {};
  // The data that a peer needs to act on it; may be null.
  const google::protobuf::Message* data = nullptr;
};

// Collects the events of one write.
class EventRecorder {
 public:
  EventRecorder(clock::Micros now, common::v1::Actor actor, std::string request_id, std::string traceparent);
  // Records what a service does without a caller.
  static EventRecorder ForService(std::string service, clock::Micros now, std::string request_id = "",
                                  std::string traceparent = "");
  void Record(const EventDraft& draft);
  // The person on whose behalf the caller acts in the following events; nullopt if the caller acts for
  // themselves.
  void ActFor(const std::optional<common::v1::OnBehalf>& on_behalf);
  clock::Micros now() const { return now_; }
  // The time of the following events.
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

// Appends the events. The first one carries the answer, if given. The transaction is run again if another one
// answered the same request_id at the same moment, and then finds its answer.
absl::Status Append(storage::Transaction& db, const std::vector<Event>& events, const Answer* answer);

// The answer that `caller` received for `request_id`; nullopt if it was not answered.
absl::StatusOr<std::optional<Answer>> FindAnswer(storage::Transaction& db, std::string_view caller,
                                                 std::string_view request_id);

// Up to `limit` events after that position, in order.
absl::StatusOr<std::vector<LoggedEvent>> ReadAfter(storage::Transaction& db, int64_t position, int limit);

// The same for one BUCP.
absl::StatusOr<std::vector<LoggedEvent>> ReadOf(storage::Transaction& db, const std::string& bucp,
                                                int64_t position, int limit);

// The subject of an event, and its position.
struct EventRef {
  int64_t position = 0;
  std::string subject;
};
absl::StatusOr<std::vector<EventRef>> ReadSubjectsAfter(storage::Transaction& db, int64_t position,
                                                        int limit);

// The subjects of the committed events without a position. Together with the events that have one, these are
// all that this snapshot shows. Each normally gets a position within milliseconds. Empty on SQLite.
absl::StatusOr<std::vector<std::string>> ReadUnplacedSubjects(storage::Transaction& db);

}  // namespace idea::events

#endif  // IDEA_COMMON_EVENTS_EVENTS_H_
