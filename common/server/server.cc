#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "common/config/describe.h"
#include "common/config/version.h"
#include "common/events/epochs.h"
#include "common/log/log.h"
#include "common/log/thread.h"
#include "common/metrics/metrics.h"
#include "common/rpc/context.h"
#include "common/rpc/listener.h"
#include "common/rpc/pipeline.h"
#include "common/server/app.h"
#include "common/server/directory.h"
#include "common/server/feed.h"
#include "common/server/load_report.h"
#include "common/server/open_database.h"
#include "common/server/process.h"
#include "common/server/sequencer.h"
#include "common/status/status.h"
#include "common/storage/password_file.h"

namespace idea::server {
namespace {

// The time within which a worker must run the task of the check.
constexpr std::chrono::seconds kWorkerTimeout{5};
constexpr std::chrono::milliseconds kFirstProbeTimeout{5'000};
// How often the gauges of what the tables hold are set.
constexpr std::chrono::milliseconds kRowReportInterval{15'000};
// The timeout of a request for the history of the log of a peer.
constexpr std::chrono::milliseconds kHistoryTimeout{1000};

std::string Upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  return out;
}

auth::Settings AuthSettings(const config::Config& config) {
  return {config.Text("IDEA_TRUST_DOMAIN"),
          config.Text("IDEA_CDO_ENTITY"),
          config.Text("IDEA_GOVERNOR_ENTITY"),
          config.Text("IDEA_TOKEN_ISSUER"),
          config.Text("IDEA_TOKEN_AUDIENCE"),
          config.Text("IDEA_TOKEN_KEYS_DIR"),
          config.Number("IDEA_TOKEN_MAX_LIFETIME_SECONDS") * clock::kSecond};
}

// "registry" -> "idea.registry.v1.RegistryService".
std::string GrpcServiceOf(std::string_view name) {
  return "idea." + std::string(name) + ".v1." + Upper(name.substr(0, 1)) + std::string(name.substr(1)) +
         "Service";
}

storage::Timeouts StorageTimeouts(const config::Config& config) {
  const auto millis = [&](const char* name) { return std::chrono::milliseconds(config.Number(name)); };
  return {.statement = millis("IDEA_STATEMENT_TIMEOUT_MILLIS"),
          .lock = millis("IDEA_LOCK_TIMEOUT_MILLIS"),
          .idle_in_transaction = millis("IDEA_IDLE_TRANSACTION_TIMEOUT_MILLIS")};
}

absl::StatusOr<std::string> LogHistoryOf(storage::Database& database) {
  std::string history;
  RETURN_IF_ERROR(database.Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(const events::Epochs epochs, events::Epochs::Read(db));
    history = epochs.Describe();
    return absl::OkStatus();
  }));
  return history;
}

rpc::ConnectionSettings ConnectionsOf(const config::Config& config) {
  const auto seconds = [&](std::string_view name) { return std::chrono::seconds(config.Number(name)); };
  rpc::ConnectionSettings settings;
  settings.keepalive_time = seconds("IDEA_KEEPALIVE_SECONDS");
  settings.max_age = seconds("IDEA_MAX_CONNECTION_AGE_SECONDS");
  settings.max_age_grace = seconds("IDEA_MAX_CONNECTION_AGE_GRACE_SECONDS");
  settings.stop_grace = seconds("IDEA_STOP_GRACE_SECONDS");
  settings.heartbeat = seconds("IDEA_HEARTBEAT_SECONDS");
  return settings;
}

// The certificate of a service or of the process, by its name.
rpc::TlsFiles TlsFilesOf(const config::Config& config, std::string_view name) {
  rpc::TlsFiles files = rpc::TlsFiles::In(config.Text("IDEA_TLS_DIR", name));
  files.revocations = config.Text("IDEA_TLS_CRL_FILE");
  return files;
}

// The certificates of the listener and of the services, which call their peers with separate ones.
std::vector<const rpc::CertificateFiles*> CertificateFilesOf(const config::Config& config,
                                                             const std::string& process,
                                                             const std::vector<Service>& services) {
  std::set<const rpc::CertificateFiles*> files = {&rpc::CertificateFiles::Of(TlsFilesOf(config, process))};
  for (const Service& service : services)
    files.insert(&rpc::CertificateFiles::Of(TlsFilesOf(config, service.name)));
  return {files.begin(), files.end()};
}

// The limits of callers.
rpc::ServerState::Limits LimitsOf(const config::Config& config) {
  const auto number = [&](const char* name) { return static_cast<int>(config.Number(name)); };
  const auto rate = [&](const char* per_second, const char* burst) {
    return rpc::Callers::Rate{static_cast<double>(config.Number(per_second)),
                              static_cast<double>(config.Number(burst))};
  };
  rpc::ServerState::Limits limits;
  limits.workers.queue = static_cast<size_t>(config.Number("IDEA_QUEUE"));
  limits.workers.share = static_cast<size_t>(config.Number("IDEA_CALLER_QUEUE_PERCENT"));
  limits.callers.reads = rate("IDEA_CALLER_READS_PER_SECOND", "IDEA_CALLER_READS_BURST");
  limits.callers.writes = rate("IDEA_CALLER_WRITES_PER_SECOND", "IDEA_CALLER_WRITES_BURST");
  limits.callers.opened_streams =
      rate("IDEA_CALLER_OPENED_STREAMS_PER_SECOND", "IDEA_CALLER_OPENED_STREAMS_BURST");
  limits.callers.checks = rate("IDEA_CALLER_CHECKS_PER_SECOND", "IDEA_CALLER_CHECKS_BURST");
  limits.callers.watches = number("IDEA_CALLER_STREAMS");
  limits.callers.uploads = number("IDEA_CALLER_UPLOADS");
  limits.connections.open = static_cast<size_t>(config.Number("IDEA_MAX_CONNECTIONS"));
  limits.connections.of_caller = static_cast<size_t>(config.Number("IDEA_CALLER_CONNECTIONS"));
  limits.reads.message = std::chrono::seconds(config.Number("IDEA_MESSAGE_TIMEOUT_SECONDS"));
  limits.reads.slow_of_caller = number("IDEA_CALLER_SLOW_MESSAGES");
  return limits;
}

// Identifies this process and the one that it replaces after a crash: no other process of the machine, or of
// the pod, can listen on the port. Empty if the port is not fixed.
std::string HolderOf(const config::Config& config) {
  const std::string listen = config.Text("IDEA_LISTEN");
  std::array<char, HOST_NAME_MAX + 1> host{};
  if (listen.ends_with(":0") || gethostname(host.data(), host.size() - 1) != 0) return "";
  return std::string(host.data()) + " " + listen;
}

}  // namespace

// One service inside a process: its database, its app and what runs beside it.
struct Process::Room {
  Room(const Service& of, std::string in, const config::Config& from, std::shared_future<std::string> here)
      : service(of), process(std::move(in)), config(from), self(std::move(here)) {}

  // The client of a peer. A peer without a configured address is in this process.
  rpc::Peer& PeerOf(std::string_view name) {
    const std::lock_guard lock(mutex);
    auto& peer = peers[std::string(name)];
    if (peer == nullptr) {
      std::string address = config.Text("IDEA_" + Upper(name) + "_ADDRESS");
      const bool here = address.empty();
      if (here) address = "localhost" + self.get().substr(self.get().rfind(':'));
      const std::string spiffe_id =
          "spiffe://" + config.Text("IDEA_TRUST_DOMAIN") + "/service/" + (here ? process : std::string(name));
      peer = std::make_unique<rpc::Peer>(std::string(name), address, TlsFilesOf(config, service.name),
                                         spiffe_id);
    }
    return *peer;
  }

  const Service service;
  // The name of the process, as in the certificate of its listener.
  const std::string process;
  const config::Config& config;
  std::shared_future<std::string> self;
  std::unique_ptr<storage::Database> database;
  events::Notifier notifier;
  std::mutex mutex;
  std::map<std::string, std::unique_ptr<rpc::Peer>, std::less<>> peers;
  std::unique_ptr<App> app;
  rpc::Router router;
  std::unique_ptr<PeerDirectory> peer_directory;
  // The directory from the registry, or the one of the service.
  auth::Directory* directory = nullptr;
  std::unique_ptr<rpc::Pipeline> pipeline;
  std::vector<std::unique_ptr<events::Relay>> relays;
  std::unique_ptr<Feed> feed;
  std::unique_ptr<Sequencer> sequencer;
};

Process::Process(std::string name, config::Config config, const clock::Clock& clock)
    : name_(std::move(name)),
      config_(std::move(config)),
      clock_(clock),
      metrics_(std::make_unique<metrics::Metrics>()),
      authenticator_(std::make_unique<auth::Authenticator>(AuthSettings(config_), clock)) {}

Process::~Process() { Stop(); }

absl::Status Process::Prepare(Room& room) {
  const std::string_view name = room.service.name;
  absl::StatusOr<std::unique_ptr<storage::Database>> database =
      storage::OpenWithPasswordFile(config_.Text("IDEA_DATABASE", name), StorageTimeouts(config_),
                                    config_.Text("IDEA_DATABASE_PASSWORD_FILE", name));
  if (!database.ok()) return In("database of " + std::string(name), database.status());
  room.database = *std::move(database);
  room.sequencer = std::make_unique<Sequencer>(std::string(name), *room.database, room.notifier);
  const rpc::PeerClient peers = [&room](std::string_view peer, const rpc::Context& context,
                                        const google::protobuf::Message& request,
                                        google::protobuf::Message* response) {
    return room.PeerOf(peer).Send(context, request, response);
  };
  room.app = room.service.make(ServiceDeps{config_, clock_, *room.database, room.notifier, *metrics_, peers,
                                           [this](const std::string& service, const std::string& cause) {
                                             listener_->SetNotServing(service, cause);
                                           }});
  if (const absl::Status fit = room.app->Check(); !fit.ok())
    return In("settings of " + std::string(name), fit);
  room.directory = room.app->directory();
  if (room.directory == nullptr) {
    room.peer_directory = std::make_unique<PeerDirectory>(
        peers, clock_, config_.Number("IDEA_DIRECTORY_CACHE_SECONDS") * clock::kSecond);
    room.directory = room.peer_directory.get();
  }
  room.pipeline = std::make_unique<rpc::Pipeline>(rpc::Pipeline::Deps{
      std::string(name), *authenticator_, *room.directory, *room.database, room.notifier, *metrics_, clock_});
  room.app->Bind(room.router);
  events::Relay::Settings relay;
  relay.service = std::string(name);
  relay.attempts = static_cast<int>(config_.Number("IDEA_RELAY_ATTEMPTS"));
  relay.retry_max = std::chrono::milliseconds(config_.Number("IDEA_RELAY_RETRY_MAX_MILLIS"));
  relay.retry_aside = std::chrono::seconds(config_.Number("IDEA_RELAY_RETRY_ASIDE_SECONDS"));
  relay.holder = HolderOf(config_);
  for (events::Target& target : room.app->Targets()) {
    const std::string peer = target.peer.value_or(target.name);
    if (!peer.empty()) {
      target.peer_history = [&room, peer]() -> absl::StatusOr<std::string> {
        ASSIGN_OR_RETURN(
            const rpc::HealthReport health,
            room.PeerOf(peer).CheckHealth(rpc::NewContext(kHistoryTimeout), GrpcServiceOf(peer)));
        return health.log_history;
      };
    }
    // Only the relay that is named after the peer restricts the calls of all.
    if (!target.peer) {
      target.expect_epoch = [&room, peer](const std::string& epoch) {
        room.PeerOf(peer).ExpectLogEpoch(epoch);
      };
    }
    relay.aside = [this, from = std::string(name), to = target.name](int64_t events) {
      metrics_->Set("idea_relay_set_aside",
                    "Events that failed again and again, and those that wait for them",
                    {{"service", from}, {"target", to}}, static_cast<double>(events));
    };
    relay.aside(0);
    room.relays.push_back(std::make_unique<events::Relay>(relay, Counted(std::move(target), name),
                                                          *room.database, room.notifier, clock_));
  }
  room.feed = std::make_unique<Feed>(std::string(name), redis::Options(config_), *room.database,
                                     room.notifier, *metrics_);
  return absl::OkStatus();
}

events::Target Process::Counted(events::Target target, std::string_view service) {
  target.deliver = [this, deliver = std::move(target.deliver), to = target.name,
                    from = std::string(service)](const events::Event& event) {
    const absl::Status status = deliver(event);
    if (status.ok()) {
      metrics_->CountRelayed(from, to, 1);
    } else {
      metrics_->CountRelayFailure(from, to, status::ReasonName(status));
    }
    return status;
  };
  return target;
}

absl::Status Process::Start(const std::vector<Service>& services) {
  status::SetWireSettings(
      {.domain = config_.Text("IDEA_ERROR_DOMAIN"), .reasons_url = config_.Text("IDEA_REASONS_URL")});
  const redis::Options redis(config_);
  RETURN_IF_ERROR(redis.Check());
  if (redis.event_keys_file.empty())
    log::Line(log::Level::kWarn,
              "IDEA_EVENT_KEYS_FILE is not set: clients of Redis can put events into inboxes");
  int parallelism = 0;
  std::promise<std::string> here;
  const std::shared_future<std::string> self = here.get_future().share();
  for (const Service& service : services) {
    rooms_.push_back(std::make_unique<Room>(service, name_, config_, self));
    RETURN_IF_ERROR(Prepare(*rooms_.back()));
    parallelism += rooms_.back()->database->Parallelism();
  }
  const auto workers = static_cast<int>(config_.Number("IDEA_WORKERS"));
  rpc::ServerState::Limits limits = LimitsOf(config_);
  limits.refused = [this](const std::string& limit) { metrics_->CountLimitRefusal(limit); };
  listener_ = std::make_unique<rpc::Listener>(*authenticator_, workers > 0 ? workers : parallelism, limits,
                                              ConnectionsOf(config_));
  listener_->SetVersion(config::Version() + " (commit " + config::Commit() + ")");
  for (const auto& room : rooms_) {
    operations_.Add(std::string(room->service.name), {room->database.get(), &room->notifier});
    RETURN_IF_ERROR(listener_->Add(room->router, *room->pipeline));
    listener_->SetLogHistory(GrpcServiceOf(room->service.name), [this, database = room->database.get()] {
      return serving_ ? LogHistoryOf(*database) : absl::StatusOr<std::string>("");
    });
  }
  operations_.Bind(operations_router_);
  Room& first = *rooms_.front();
  operations_pipeline_ = std::make_unique<rpc::Pipeline>(rpc::Pipeline::Deps{
      name_, *authenticator_, *first.directory, *first.database, first.notifier, *metrics_, clock_});
  RETURN_IF_ERROR(listener_->Add(operations_router_, *operations_pipeline_));
  listener_->HoldCalls();
  RETURN_IF_ERROR(listener_->Start(config_.Text("IDEA_LISTEN"), TlsFilesOf(config_, name_)));
  here.set_value(listener_->address());
  certificate_report_ =
      std::make_unique<CertificateReport>(CertificateFilesOf(config_, name_, services), *metrics_, clock_);
  certificate_report_->Start();
  metrics_->Set("idea_build_info", "What the program was built from",
                {{"version", config::Version()}, {"commit", config::Commit()}}, 1);
  AddReports();
  RETURN_IF_ERROR(ServeAdminPort());
  RETURN_IF_ERROR(OpenDatabases());
  listener_->AdmitCalls();
  serving_ = true;
  for (const auto& room : rooms_) {
    room->sequencer->Start();
    room->app->Start();
    for (const auto& relay : room->relays) relay->Start();
    room->feed->Start();
  }
  backlog_report_->Start();
  row_report_->Start();
  readiness_->Start();
  StartWatchdog();
  return absl::OkStatus();
}

absl::Status Process::ServeAdminPort() {
  const std::string address = config_.Text("IDEA_METRICS_LISTEN");
  if (address.empty()) return absl::OkStatus();
  AdminPort::Pages pages;
  pages.metrics = [this] { return MetricsText(); };
  pages.unready = [this] { return Unready(); };
  pages.build = R"({"process":")" + name_ + R"(","version":")" + config::Version() + R"(","commit":")" +
                config::Commit() + "\"}\n";
  pages.config = config::Describe(config_);
  ASSIGN_OR_RETURN(admin_port_, AdminPort::Listen(address, std::move(pages)));
  log::Line(log::Level::kInfo, "serving metrics and health")
      .With("address", address.substr(0, address.rfind(':') + 1) + std::to_string(admin_port_->port()));
  return absl::OkStatus();
}

std::string Process::Unready() const {
  if (stopping_) return "the process is stopping";
  if (!serving_) return "the process waits for its database";
  if (listener_->IsServing()) return "";
  std::string failing;
  for (const std::string& check : readiness_->Failing()) failing += (failing.empty() ? "" : ", ") + check;
  return failing.empty() ? "health is NOT_SERVING" : failing;
}

std::string Process::MetricsText() {
  ShowWorkers(*listener_, *metrics_);
  for (const auto& room : rooms_) {
    ShowConnections(std::string(room->service.name), *room->database, *metrics_);
    if (serving_) room->app->ShowLoad();
  }
  backlog_report_->ShowAges();
  return metrics_->Text();
}

void Process::AddReports() {
  backlog_report_ = std::make_unique<BacklogReport>(
      *metrics_, clock_,
      [this](const std::string& service, int64_t events) {
        listener_->SetDeadLetters(GrpcServiceOf(service), events);
      },
      BacklogReport::Settings{});
  row_report_ = std::make_unique<RowReport>(kRowReportInterval);
  for (const auto& room : rooms_) {
    backlog_report_->Add(std::string(room->service.name), *room->database,
                         [feed = room->feed.get()] { return feed->cursor(); });
    row_report_->Add(*room->database, *room->app);
  }
  AddChecks();
}

// A service that starts together with its database, or during a failover, waits for it. SQLite answers at
// once.
absl::Status Process::OpenDatabases() {
  const auto wait = std::chrono::seconds(config_.Text("IDEA_DATABASE").starts_with("postgres")
                                             ? config_.Number("IDEA_DATABASE_WAIT_SECONDS")
                                             : 0);
  const auto give_up = std::chrono::steady_clock::now() + wait;
  for (const auto& room : rooms_)
    RETURN_IF_ERROR(OpenDatabase(*room->database, room->service.name, room->service.schema, give_up));
  return absl::OkStatus();
}

void Process::AddChecks() {
  readiness_ = std::make_unique<Readiness>(
      [this](const std::string& cause) { listener_->SetNotReady(cause); }, *metrics_, Readiness::Settings{});
  for (const auto& room : rooms_) {
    readiness_->Add("database of " + std::string(room->service.name), [database = room->database.get()] {
      return database->Read([](storage::Transaction& db) { return db.Query("SELECT 1", {}).status(); });
    });
  }
  readiness_->Add("workers", [this] {
    const auto done = std::make_shared<std::promise<void>>();
    if (!listener_->Submit([done] { done->set_value(); }))
      return absl::ResourceExhaustedError("the queue of the workers is full");
    return done->get_future().wait_for(kWorkerTimeout) == std::future_status::ready
               ? absl::OkStatus()
               : absl::DeadlineExceededError("no worker was free");
  });
}

void Process::StartWatchdog() {
  const std::chrono::milliseconds limit = std::chrono::seconds(config_.Number("IDEA_WATCHDOG_SECONDS"));
  if (limit.count() == 0) return;
  // The duration of a failure, and of the pause before it.
  const auto timeout = limit / (2 * Watchdog::kMaxFailures);
  // If the probe never succeeds, for example because of a firewall, later failures prove nothing.
  if (const absl::Status status = listener_->Probe(std::max(timeout, kFirstProbeTimeout)); !status.ok()) {
    log::Line(log::Level::kWarn, "the process cannot connect to its own port; the watchdog is off")
        .With("address", listener_->address())
        .With("cause", std::string(status.message()));
    return;
  }
  watchdog_ = std::make_unique<Watchdog>(
      [this](std::chrono::milliseconds probe_timeout) { return listener_->Probe(probe_timeout); }, timeout,
      [this](const absl::Status& cause) {
        log::Line(log::Level::kError, "the server accepts no new connections; the process ends now")
            .With("address", listener_->address())
            .With("cause", std::string(cause.message()));
        // Acknowledged writes are stored, and leases expire.
        std::_Exit(1);
      });
}

const std::string& Process::address() const { return listener_->address(); }

void Process::Stop() {
  stopping_ = true;
  const std::chrono::milliseconds limit = std::chrono::seconds(config_.Number("IDEA_DRAIN_SECONDS"));
  const auto end = std::chrono::steady_clock::now() + limit;
  for (const auto& room : rooms_) {
    if (room->database != nullptr) room->database->EndBy(end);
  }
  if (watchdog_ != nullptr) watchdog_->Stop();
  // A process that never served has no calls to finish.
  if (listener_ != nullptr) listener_->Stop(serving_ ? limit * 4 / 5 : std::chrono::milliseconds(0));
  // Concurrently, because each may have to wait for a peer, a queue or a database that does not answer.
  std::vector<std::thread> stops;
  const auto stop = [&](auto& part) {
    if (part != nullptr) stops.push_back(log::StartThread("stop", [&part] { part->Stop(); }));
  };
  stop(readiness_);
  for (const auto& room : rooms_) {
    for (const auto& relay : room->relays) stop(relay);
    stop(room->feed);
    stop(room->app);
  }
  for (std::thread& thread : stops) thread.join();
  stops.clear();
  // Last, because the others may have written.
  for (const auto& room : rooms_) stop(room->sequencer);
  for (std::thread& thread : stops) thread.join();
  admin_port_.reset();
  certificate_report_.reset();
  backlog_report_.reset();
  row_report_.reset();
  readiness_.reset();
  watchdog_.reset();
  listener_.reset();
  rooms_.clear();
}

}  // namespace idea::server
