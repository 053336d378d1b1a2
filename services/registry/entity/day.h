#ifndef IDEA_SERVICES_REGISTRY_ENTITY_DAY_H_
#define IDEA_SERVICES_REGISTRY_ENTITY_DAY_H_

#include <string>

#include "absl/time/civil_time.h"
#include "google/type/date.pb.h"

// Calendar days as the database keeps them: "YYYY-MM-DD", which sorts as time goes; empty for none.
namespace idea::registry {

std::string DayOf(const google::type::Date& date);

std::string DayOf(absl::CivilDay day);

// The day asked about, or else today.
template <class Request>
std::string DayAsked(const Request& request, absl::CivilDay today) {
  return request.has_on() ? DayOf(request.on()) : DayOf(today);
}

// Of a day that is not empty.
google::type::Date DateOf(const std::string& day);

// How many days `to` is after `from`.
int DaysBetween(const std::string& from, const std::string& to);

}  // namespace idea::registry

#endif  // IDEA_SERVICES_REGISTRY_ENTITY_DAY_H_
