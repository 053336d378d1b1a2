#ifndef IDEA_COMMON_SERVER_SEQUENCER_H_
#define IDEA_COMMON_SERVER_SEQUENCER_H_

#include <chrono>
#include <string>

#include "absl/status/statusor.h"
#include "common/events/notifier.h"
#include "common/server/background_loop.h"
#include "common/storage/database.h"

namespace idea::server {

// Gives positions to events (events::PlaceEvents) after each write of this process, and once a second for
// writers that crashed before that, and wakes the readers. Also checks the history of the log once a second.
class Sequencer {
 public:
  Sequencer(std::string service, storage::Database& database, events::Notifier& notifier);
  ~Sequencer() { Stop(); }
  void Start() { loop_.Start(); }
  // Returns when the last writes are in the checked history. Does nothing before Start() and the second time.
  void Stop();

 private:
  absl::StatusOr<int> Pass();

  storage::Database& database_;
  events::Notifier& notifier_;
  std::chrono::steady_clock::time_point check_at_{};
  std::chrono::steady_clock::time_point announce_at_{};
  BackgroundLoop loop_;
};

}  // namespace idea::server

#endif  // IDEA_COMMON_SERVER_SEQUENCER_H_
