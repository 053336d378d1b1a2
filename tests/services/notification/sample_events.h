#ifndef IDEA_TESTS_SERVICES_NOTIFICATION_SAMPLE_EVENTS_H_
#define IDEA_TESTS_SERVICES_NOTIFICATION_SAMPLE_EVENTS_H_

#include <string>
#include <vector>

#include "common/clock/clock.h"
#include "common/events/events.h"

extern const idea::config::EmbeddedFile k_notification_schema[];

namespace idea::notification {

// An event of another service's log.
inline events::Event SampleEvent(const std::string& id, const std::vector<std::string>& audience,
                                 const std::string& bucp = "bucps/1", clock::Micros time = clock::kSecond) {
  events::Event event;
  event.set_event_id(id);
  event.set_type("BucpSent");
  event.set_subject(bucp);
  event.set_bucp(bucp);
  for (const std::string& entity : audience) event.add_audience(entity);
  *event.mutable_time() = clock::ToProto(time);
  return event;
}

inline std::vector<std::string> IdsOf(const std::vector<events::LoggedEvent>& items) {
  std::vector<std::string> ids;
  for (const events::LoggedEvent& item : items) ids.push_back(item.event.event_id());
  return ids;
}

}  // namespace idea::notification

#endif  // IDEA_TESTS_SERVICES_NOTIFICATION_SAMPLE_EVENTS_H_
