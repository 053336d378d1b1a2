#ifndef IDEA_COMMON_EVENTS_RELAY_LINES_H_
#define IDEA_COMMON_EVENTS_RELAY_LINES_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/events/events.h"

namespace idea::events {

// The events that a relay has read and not finished: one line per BUCP, in the order of the log. One event of
// a line is delivered at a time; lines are independent. Not thread-safe.
class RelayLines {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // The line of an event: its BUCP, or its subject if it has none.
  static const std::string& LineOf(const Event& event);

  // Removes all lines: all events up to `position` are finished.
  void Reset(int64_t position);
  // Adds the next event of the log.
  void Add(LoggedEvent logged);
  // Records that the next event of the log is finished.
  void Skip(int64_t position) { read_to_ = position; }

  // The earliest event of the log that is first in its line and due at `now`. Its line is busy until one of
  // the calls below.
  std::optional<LoggedEvent> StartNext(Time now);
  // Records that a taken event is finished. This and the next two do nothing if it is not the first of its
  // line any more.
  void Finish(const LoggedEvent& taken);
  // Records a failure. Returns the number of failures of it that counted. The line stays busy.
  int CountFailure(const LoggedEvent& taken, bool counts);
  // Schedules the next attempt at `at`.
  void Retry(const LoggedEvent& taken, Time at);
  // Records that all events of the line are finished.
  void Remove(const std::string& line);

  // The positions of a line, in order.
  std::vector<int64_t> PositionsOf(const std::string& line) const;
  // Makes each line due.
  void RetryNow();
  // When the next line that is not busy is due; nullopt if there is none.
  std::optional<Time> NextDue() const;

  // All events up to here are finished.
  int64_t cursor() const { return open_.empty() ? read_to_ : *open_.begin() - 1; }
  // The last event that was read.
  int64_t read_to() const { return read_to_; }
  size_t size() const { return open_.size(); }
  size_t bytes() const { return bytes_; }

 private:
  struct Line {
    std::deque<LoggedEvent> events;
    bool busy = false;
    int failures = 0;
    Time due;
  };
  using Lines = std::map<std::string, Line>;
  // The line whose first event it is; end() if there is none.
  Lines::iterator Find(const LoggedEvent& taken);
  void Drop(Line& line);

  Lines lines_;
  std::set<int64_t> open_;
  int64_t read_to_ = 0;
  size_t bytes_ = 0;
};

}  // namespace idea::events

#endif  // IDEA_COMMON_EVENTS_RELAY_LINES_H_
