#ifndef IDEA_TESTS_COMMON_EVENTS_RELAY_FIXTURE_H_
#define IDEA_TESTS_COMMON_EVENTS_RELAY_FIXTURE_H_

#include "common/events/relay.h"
#include "tests/common/events/event_log.h"

namespace idea::events {

inline constexpr std::chrono::milliseconds kLease{10'000};
inline constexpr clock::Micros kLeaseMicros = 10 * clock::kSecond;

inline absl::Status Down() {
  return status::Error(status::Reason::ERROR_REASON_PEER_UNAVAILABLE, "the peer is down");
}
inline absl::Status Refusal() {
  return status::Error(status::Reason::ERROR_REASON_STEP_NOT_ALLOWED, "the peer refuses");
}

// A target that records accepted events. `answer` may make it fail.
struct Peer {
  Subjects accepted;
  std::function<absl::Status(const Event&)> answer = [](const Event&) { return absl::OkStatus(); };
  Target AsTarget() {
    return {"review",
            [this](const Event& event) {
              const absl::Status status = answer(event);
              if (status.ok()) accepted.push_back(event.subject());
              return status;
            },
            nullptr};
  }
};

class RelayTest : public OnEventLog {
 protected:
  std::unique_ptr<Relay> Make(Target target, std::chrono::milliseconds retry = std::chrono::milliseconds(1)) {
    return std::make_unique<Relay>(SettingsOf(retry), std::move(target), database(), notifier_, clock_);
  }
  static Relay::Settings SettingsOf(std::chrono::milliseconds retry) {
    Relay::Settings settings;
    settings.service = "drafting";
    settings.lease = kLease;
    settings.retry_min = settings.retry_max = retry;
    return settings;
  }

  // Writes events about one BUCP.
  void HappenTo(const std::string& bucp, const Subjects& subjects) {
    EventRecorder recorder(clock::kSecond, {}, "request", "");
    for (const std::string& subject : subjects) recorder.Record({"BucpSent", subject, bucp});
    const std::vector<Event> events = recorder.events();
    ASSERT_THAT(database().Write([&](storage::Transaction& db) { return Append(db, events, nullptr); }),
                testing::IsOk());
  }

  // Writes events and waits until they are readable.
  void Happen(const Subjects& subjects) {
    const size_t before = Read().size();
    ASSERT_THAT(Record(subjects), testing::IsOk());
    ReadSoon(before + subjects.size());
  }

  clock::FakeClock clock_;
  Notifier notifier_;
  Peer peer_;
};

}  // namespace idea::events

#endif  // IDEA_TESTS_COMMON_EVENTS_RELAY_FIXTURE_H_
