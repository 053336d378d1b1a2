#include "common/events/cloud_event.h"

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>

#include <nlohmann/json.hpp>

namespace idea::events {
namespace {

constexpr char kTypePrefix[] = "idea.v1.";

nlohmann::json DataOf(const common::v1::Event& event) {
  std::string text;
  if (google::protobuf::util::MessageToJsonString(event, &text).ok()) return nlohmann::json::parse(text);
  // The data is a message of a later release, which this one cannot write.
  common::v1::Event known = event;
  known.clear_data();
  text.clear();
  if (!google::protobuf::util::MessageToJsonString(known, &text).ok()) return nlohmann::json::object();
  return nlohmann::json::parse(text);
}

}  // namespace

std::string ToStructuredJson(const common::v1::Event& event, const std::string& trust_domain) {
  nlohmann::json json = {{"specversion", "1.0"},
                         {"id", event.event_id()},
                         {"source", "//" + trust_domain},
                         {"type", kTypePrefix + event.type()},
                         {"subject", event.subject()},
                         {"time", google::protobuf::util::TimeUtil::ToString(event.time())},
                         {"datacontenttype", "application/json"},
                         {"partitionkey", event.bucp().empty() ? event.subject() : event.bucp()},
                         {"data", DataOf(event)}};
  if (!event.traceparent().empty()) json["traceparent"] = event.traceparent();
  return json.dump();
}

}  // namespace idea::events
