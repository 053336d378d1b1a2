#include "common/server/readiness.h"

#include <utility>

#include "common/log/log.h"
#include "common/status/status.h"

namespace idea::server {

Readiness::Readiness(SetNotReady set_not_ready, metrics::Metrics& metrics, Settings settings)
    : set_not_ready_(std::move(set_not_ready)), metrics_(metrics), settings_(settings) {}

Readiness::~Readiness() { Stop(); }

void Readiness::Add(std::string name, std::function<absl::Status()> check) {
  checks_.push_back(
      std::make_unique<Check>(Check{std::move(name), std::move(check), {}, 0, true, absl::OkStatus()}));
}

void Readiness::AddLoop(const char* name, std::chrono::milliseconds interval, std::function<void()> pass) {
  loops_.emplace_back(BackgroundLoop::Options{.name = name, .interval = interval}, [pass = std::move(pass)] {
    pass();
    return 0;
  });
}

void Readiness::Start() {
  for (const auto& check : checks_) {
    check->succeeded = Clock::now();
    Show(*check);
    AddLoop("check", settings_.interval, [this, check = check.get()] { Run(*check); });
  }
  AddLoop("readiness", settings_.interval / 8, [this] { Judge(); });
  for (BackgroundLoop& loop : loops_) loop.Start();
}

std::vector<std::string> Readiness::Failing() {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& check : checks_) {
    if (!check->passes) names.push_back(check->name);
  }
  return names;
}

void Readiness::Stop() {
  // All of them first, because each check may hang.
  for (BackgroundLoop& loop : loops_) loop.RequestStop();
  loops_.clear();
}

void Readiness::Show(const Check& check) {
  metrics_.Set("idea_health_check", "Whether the check passes that the process needs to be ready: 1 or 0",
               {{"check", check.name}}, check.passes ? 1 : 0);
}

void Readiness::Run(Check& check) {
  const absl::Status status = status::Catch([&] { return check.run(); });
  const std::lock_guard lock(mutex_);
  if (status.ok()) {
    check.succeeded = Clock::now();
    ++check.successes;
  } else {
    check.failure = status;
    check.successes = 0;
  }
}

void Readiness::Judge() {
  {
    const std::lock_guard lock(mutex_);
    std::string now = Update(Clock::now());
    if (now == failing_) return;
    failing_ = std::move(now);
  }
  set_not_ready_(failing_);
}

std::string Readiness::Update(Clock::time_point now) {
  std::string failing;
  for (const auto& check : checks_) {
    const bool was = check->passes;
    if (was && now - check->succeeded > settings_.max_silence) {
      check->passes = false;
      check->successes = 0;
      log::Line(log::Level::kError, "the process is not ready: a check fails")
          .With("check", check->name)
          .With("cause", check->failure.ok() ? "no answer" : std::string(check->failure.message()));
    } else if (!was && check->successes >= 2) {
      check->passes = true;
      log::Line(log::Level::kInfo, "a check passes again").With("check", check->name);
    }
    if (check->passes != was) {
      check->failure = absl::OkStatus();
      Show(*check);
    }
    if (!check->passes) failing += (failing.empty() ? "" : ", ") + check->name;
  }
  return failing;
}

}  // namespace idea::server
