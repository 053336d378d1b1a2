#include "common/log/thread.h"

#include <chrono>
#include <utility>

#include "common/log/log.h"
#include "common/status/status.h"

namespace idea::log {
namespace {

// Prevents a thread that fails each time from filling the log.
constexpr std::chrono::milliseconds kPause{100};

}  // namespace

std::thread StartThread(std::string name, std::function<void()> work) {
  return std::thread([name = std::move(name), work = std::move(work)] {
    while (true) {
      const absl::Status status = status::Catch([&] {
        work();
        return absl::OkStatus();
      });
      if (status.ok()) return;
      Line(Level::kError, "a thread failed and goes on")
          .With("thread", name)
          .With("text", std::string_view(status.message().data(), status.message().size()));
      std::this_thread::sleep_for(kPause);
    }
  });
}

}  // namespace idea::log
