#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <thread>

#include "common/config/version.h"
#include "common/log/log.h"
#include "common/log/standard_error.h"
#include "common/log/thread.h"
#include "common/rpc/memory.h"
#include "common/server/app.h"
#include "common/server/level_file.h"
#include "common/server/migrate_command.h"
#include "common/server/process.h"

namespace idea::server {
namespace {

// Libraries log to the same place: a refused TLS handshake, bytes that are not UTF-8, and what libpq writes
// to standard error while it connects.
void TakeOverLogs() {
  log::TakeOverStandardError();
  gpr_set_log_function([](gpr_log_func_args* said) {
    log::Line(said->severity == GPR_LOG_SEVERITY_ERROR ? log::Level::kWarn : log::Level::kDebug, "grpc")
        .With("text", said->message);
  });
  google::protobuf::SetLogHandler([](google::protobuf::LogLevel, const char*, int, const std::string& text) {
    log::Line(log::Level::kWarn, "protobuf").With("text", text);
  });
}

// Ends the process if it has not stopped within the limit, so that a stop is bounded even if something hangs.
// Acknowledged writes are stored, and leases expire.
class StopLimit {
 public:
  explicit StopLimit(std::chrono::seconds limit)
      : thread_(log::StartThread("stop limit", [this, limit] { Wait(limit); })) {}
  ~StopLimit() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

 private:
  void Wait(std::chrono::seconds limit) {
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, limit, [this] { return stopped_; })) return;
    log::Line(log::Level::kError, "the stop took longer than IDEA_DRAIN_SECONDS; the process ends now")
        .With("seconds", int64_t{limit.count()});
    std::_Exit(1);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  std::thread thread_;
};

// The time for work that ends only after the calls in progress were cancelled.
constexpr std::chrono::seconds kStopMargin{1};

// How often the level file is read.
constexpr timespec kLevelFileInterval{5, 0};

// All later threads inherit the mask, so only AwaitStop() receives these signals.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

// Returns the signal that ends the process. SIGHUP reloads the log level here. gRPC reads changed
// certificates within seconds, with or without a signal.
int AwaitStop(const sigset_t& signals, LevelFile& level) {
  while (true) {
    const int signal = sigtimedwait(&signals, nullptr, &kLevelFileInterval);
    if (signal == SIGTERM || signal == SIGINT) return signal;
    level.Apply().IgnoreError();  // It logs the failure.
    if (signal == SIGHUP) {
      log::Line(log::Level::kInfo, "reloaded on SIGHUP; changed certificates count within 5 s")
          .With("log_level", level.current());
    }
  }
}

}  // namespace

int Run(int argc, char** argv, std::string_view process, const std::vector<Service>& services) {
  const sigset_t signals = BlockSignals();
  umask(S_IRWXG | S_IRWXO);  // Files of a server are private to its user.
  const auto fail = [&](int code, const absl::Status& status) {
    dprintf(STDERR_FILENO, "%s: %s\n", std::string(process).c_str(), std::string(status.message()).c_str());
    return code;
  };
  // The flags follow the action: the first of them takes the place of the name of the program.
  const bool migrate = argc > 1 && std::string_view(argv[1]) == "migrate";
  const std::string action = migrate && argc > 2 ? argv[2] : "";
  const int skipped = migrate ? std::min(argc - 1, 2) : 0;
  absl::StatusOr<config::Config> config =
      config::Config::Load(argc - skipped, argv + skipped, config::Environment());
  if (!config.ok()) return fail(2, config.status());
  if (config->help()) {
    std::fputs(config::Config::Help(process).c_str(), stdout);
    return 0;
  }
  if (migrate) return RunMigrate(action, process, *config, services);
  if (config->version()) {
    std::puts(config::VersionLine(std::string(process)).c_str());
    return 0;
  }
  LevelFile level(config->Text("IDEA_LOG_LEVEL"), config->Text("IDEA_LOG_LEVEL_FILE"));
  if (const absl::Status read = level.Apply(); !read.ok()) return fail(2, read);
  TakeOverLogs();
  rpc::BoundMemory();
  if (!config->ignored().empty()) {
    std::string names;
    for (const std::string& name : config->ignored()) names += (names.empty() ? "" : " ") + name;
    log::Line(log::Level::kWarn, "environment variables that are not settings are ignored")
        .With("names", names);
  }

  const std::chrono::seconds drain(config->Number("IDEA_DRAIN_SECONDS"));
  const std::string ready_file = config->Text("IDEA_READY_FILE");
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(config->Text("IDEA_TIME_ZONE"), &zone)) {
    return fail(2, absl::InvalidArgumentError("IDEA_TIME_ZONE: unknown time zone"));
  }
  const clock::SystemClock clock(zone);
  Process running(std::string(process), *std::move(config), clock);
  if (const absl::Status started = running.Start(services); !started.ok()) {
    if (!absl::IsCancelled(started)) return fail(1, started);
    log::Line(log::Level::kInfo, "stopped")
        .With("process", process)
        .With("cause", std::string(started.message()));
    return 0;
  }
  log::Line(log::Level::kInfo, "serving").With("process", process).With("address", running.address());
  if (!ready_file.empty()) {
    std::ofstream ready(ready_file + ".new");
    ready << running.address() << '\n';
    ready.close();
    if (!ready || std::rename((ready_file + ".new").c_str(), ready_file.c_str()) != 0) {
      return fail(1, absl::UnavailableError("cannot write " + ready_file));
    }
  }
  const int signal = AwaitStop(signals, level);
  log::Line(log::Level::kInfo, "stopping").With("process", process).With("signal", int64_t{signal});
  {
    const StopLimit stop_limit(drain + kStopMargin);
    running.Stop();
  }
  log::Line(log::Level::kInfo, "stopped").With("process", process);
  return 0;
}

}  // namespace idea::server
