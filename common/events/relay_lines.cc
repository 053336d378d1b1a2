#include "common/events/relay_lines.h"

#include <algorithm>
#include <utility>

namespace idea::events {

const std::string& RelayLines::LineOf(const Event& event) {
  return event.bucp().empty() ? event.subject() : event.bucp();
}

void RelayLines::Reset(int64_t position) {
  lines_.clear();
  open_.clear();
  bytes_ = 0;
  read_to_ = position;
}

void RelayLines::Add(LoggedEvent logged) {
  read_to_ = logged.position;
  open_.insert(logged.position);
  bytes_ += logged.event.ByteSizeLong();
  lines_[LineOf(logged.event)].events.push_back(std::move(logged));
}

std::optional<LoggedEvent> RelayLines::StartNext(Time now) {
  Line* first = nullptr;
  for (auto& [name, line] : lines_) {
    if (line.busy || line.due > now) continue;
    if (first == nullptr || line.events.front().position < first->events.front().position) first = &line;
  }
  if (first == nullptr) return std::nullopt;
  first->busy = true;
  return first->events.front();
}

void RelayLines::Drop(Line& line) {
  open_.erase(line.events.front().position);
  bytes_ -= line.events.front().event.ByteSizeLong();
  line.events.pop_front();
}

RelayLines::Lines::iterator RelayLines::Find(const LoggedEvent& taken) {
  const auto found = lines_.find(LineOf(taken.event));
  const bool first = found != lines_.end() && found->second.events.front().position == taken.position;
  return first ? found : lines_.end();
}

void RelayLines::Finish(const LoggedEvent& taken) {
  const auto found = Find(taken);
  if (found == lines_.end()) return;
  Drop(found->second);
  if (found->second.events.empty()) {
    lines_.erase(found);
    return;
  }
  found->second.busy = false;
  found->second.failures = 0;
  found->second.due = Time();
}

int RelayLines::CountFailure(const LoggedEvent& taken, bool counts) {
  const auto found = Find(taken);
  return found == lines_.end() ? 0 : found->second.failures += counts ? 1 : 0;
}

void RelayLines::Retry(const LoggedEvent& taken, Time at) {
  const auto found = Find(taken);
  if (found == lines_.end()) return;
  found->second.busy = false;
  found->second.due = at;
}

void RelayLines::Remove(const std::string& name) {
  const auto found = lines_.find(name);
  if (found == lines_.end()) return;
  while (!found->second.events.empty()) Drop(found->second);
  lines_.erase(found);
}

std::vector<int64_t> RelayLines::PositionsOf(const std::string& name) const {
  std::vector<int64_t> positions;
  const auto found = lines_.find(name);
  if (found == lines_.end()) return positions;
  for (const LoggedEvent& logged : found->second.events) positions.push_back(logged.position);
  return positions;
}

void RelayLines::RetryNow() {
  for (auto& [name, line] : lines_) line.due = Time();
}

std::optional<RelayLines::Time> RelayLines::NextDue() const {
  std::optional<Time> next;
  for (const auto& [name, line] : lines_) {
    if (!line.busy && (!next || line.due < *next)) next = line.due;
  }
  return next;
}

}  // namespace idea::events
