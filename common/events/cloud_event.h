#ifndef IDEA_COMMON_EVENTS_CLOUD_EVENT_H_
#define IDEA_COMMON_EVENTS_CLOUD_EVENT_H_

#include <string>

#include "idea/common/v1/event.pb.h"

namespace idea::events {

// The content type of ToStructuredJson.
inline constexpr char kStructuredContentType[] = "application/cloudevents+json; charset=utf-8";

// The event as CloudEvents 1.0 in JSON, structured mode. `data` is the event itself in the JSON form of
// protobuf. `partitionkey` names what is delivered in order: the BUCP, or the subject of an event without
// one. `source` is "//<trust domain>".
std::string ToStructuredJson(const common::v1::Event& event, const std::string& trust_domain);

}  // namespace idea::events

#endif  // IDEA_COMMON_EVENTS_CLOUD_EVENT_H_
