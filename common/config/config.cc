#include "common/config/config.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <sstream>

extern char** environ;

namespace idea::config {
namespace {

// "IDEA_TLS_DIR" -> "--tls-dir".
std::string FlagOf(std::string_view setting) {
  std::string flag = "--";
  for (const char c : setting.substr(5))
    flag += c == '_' ? '-' : static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return flag;
}

const Setting* Find(std::string_view name) {
  for (const Setting& setting : Settings()) {
    if (setting.name == name) return &setting;
  }
  return nullptr;
}

bool IsNumber(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

// "7,30" as days; nullopt for what is no such list.
std::optional<std::vector<int>> ReadDays(const std::string& text) {
  std::vector<int> days;
  if (text.ends_with(',')) return std::nullopt;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    if (part.empty() || part.size() > 5 || !IsNumber(part)) return std::nullopt;
    days.push_back(std::stoi(part));
    if (days.back() < 1) return std::nullopt;
  }
  std::sort(days.begin(), days.end());
  days.erase(std::unique(days.begin(), days.end()), days.end());
  return days;
}

}  // namespace

const std::vector<Setting>& Settings() {
  static const std::vector<Setting> settings = {
      {"IDEA_LISTEN", "127.0.0.1:7400", "host:port to serve gRPC on; port 0 takes a free one"},
      {"IDEA_METRICS_LISTEN", "", "host:port to serve /metrics on over HTTP; empty: not served"},
      {"IDEA_READY_FILE", "", "file to write the gRPC address into once serving; empty: none"},
      {"IDEA_DATABASE", "sqlite:var/{service}.db",
       "database: sqlite:<path>, sqlite::memory: or postgresql://...; {service} is replaced"},
      {"IDEA_STATEMENT_TIMEOUT_MILLIS", "15000",
       "longest time that PostgreSQL may take for one statement; 0: no limit"},
      {"IDEA_LOCK_TIMEOUT_MILLIS", "10000",
       "longest time that a statement may wait for a lock of PostgreSQL; 0: no limit"},
      {"IDEA_IDLE_TRANSACTION_TIMEOUT_MILLIS", "10000",
       "longest pause between two statements of a transaction of PostgreSQL; 0: no limit"},
      {"IDEA_TLS_DIR", "var/certs/{service}",
       "folder with tls.crt, tls.key and ca.crt; {service} is replaced"},
      {"IDEA_TRUST_DOMAIN", "idea.local", "SPIFFE trust domain of the certificates that are accepted"},
      {"IDEA_CDO_ENTITY", "entities/office-of-data-and-innovation",
       "entity of the Statewide Chief Data Officer"},
      {"IDEA_GOVERNOR_ENTITY", "entities/governors-office-cabinet-secretary",
       "entity of the Governor's Office"},
      {"IDEA_TOKEN_ISSUER", "https://issuer.idea.local", "`iss` of people's tokens"},
      {"IDEA_TOKEN_AUDIENCE", "idea-exchange", "`aud` of people's tokens"},
      {"IDEA_TOKEN_KEYS_DIR", "var/issuer/keys", "folder of the issuer's public keys, <kid>.pem each"},
      {"IDEA_REDIS", "127.0.0.1:6379", "Redis of the notification queue: host:port or unix:/path"},
      {"IDEA_REGISTRY_ADDRESS", "", "host:port of the registry service; empty: it runs in this process"},
      {"IDEA_DRAFTING_ADDRESS", "", "host:port of the drafting service; empty: it runs in this process"},
      {"IDEA_REVIEW_ADDRESS", "", "host:port of the review service; empty: it runs in this process"},
      {"IDEA_DISPUTE_ADDRESS", "", "host:port of the dispute service; empty: it runs in this process"},
      {"IDEA_INVENTORY_ADDRESS", "", "host:port of the inventory service; empty: it runs in this process"},
      {"IDEA_NOTIFICATION_ADDRESS", "",
       "host:port of the notification service; empty: it runs in this process"},
      {"IDEA_WORKERS", "0",
       "threads that serve departments' calls, and as many each for calls of services with one hop and two; "
       "0: as many as the database serves at once"},
      {"IDEA_QUEUE", "256", "calls that may wait for a worker before RESOURCE_EXHAUSTED"},
      {"IDEA_DRAIN_SECONDS", "10",
       "longest time that a stop takes, with running calls and the return of leases"},
      {"IDEA_STOP_GRACE_SECONDS", "3",
       "how long a stopping server refuses new calls as SHUTTING_DOWN before it closes its port; at most half "
       "of IDEA_DRAIN_SECONDS"},
      {"IDEA_KEEPALIVE_SECONDS", "30",
       "how long a connection may be silent before it is pinged; one that does not answer within 20 s is "
       "closed"},
      {"IDEA_HEARTBEAT_SECONDS", "30", "maximum time between two messages of a watch"},
      {"IDEA_MAX_CONNECTION_AGE_SECONDS", "1200",
       "age, a tenth more or less at random, at which a connection takes no new calls, so that clients find "
       "new replicas"},
      {"IDEA_MAX_CONNECTION_AGE_GRACE_SECONDS", "300",
       "time that calls and streams have to end on a connection that has reached its maximum age"},
      {"IDEA_DIRECTORY_CACHE_SECONDS", "2",
       "how long a person's roles, once asked of the registry, are believed"},
      {"IDEA_ONE_PERSON_MAY_SIGN_TWICE", "false",
       "let one person sign as Executive Sponsor and as Data Coordinator of a department"},
      {"IDEA_LOG_KEY", "var/log.key",
       "private Ed25519 key in PEM that signs the transparency log, for nobody else to read"},
      {"IDEA_LOG_ORIGIN", "idea.local/log", "name of the transparency log and of its key"},
      {"IDEA_EXCHANGE_FRESH_MILLIS", "1000",
       "how old the answer of an exchange check may be; what may be older is DENIED_UNKNOWN"},
      {"IDEA_DISPUTES_BY_AGREEMENT", "false",
       "open disputes under agreement section 6.1 instead of the guidebook's process"},
      {"IDEA_HOLIDAYS_FILE", "",
       "file of the days that are no working days; empty: the built-in list, to be checked by the operator"},
      {"IDEA_TIME_ZONE", "America/Los_Angeles", "time zone in which days begin and end"},
      {"IDEA_TECHNOLOGY_OPINION", "false",
       "ask every department for a technology opinion too (guidebook step 5)"},
      {"IDEA_REVIEW_REMINDER_DAYS", "",
       "ages in days at which a review task that is still open is reminded of, such as 7,30; empty: never"},
      {"IDEA_LOG_LEVEL", "info", "debug, info, warn or error"},
  };
  return settings;
}

absl::StatusOr<Config> Config::Load(int argc, const char* const* argv,
                                    const std::map<std::string, std::string>& env) {
  Config config;
  for (const Setting& setting : Settings()) config.values_[setting.name] = setting.fallback;
  for (const auto& [name, value] : env) {
    if (!name.starts_with("IDEA_")) continue;
    if (Find(name) == nullptr)
      return absl::InvalidArgumentError("unknown setting " + name + "; --help lists them");
    config.values_[name] = value;
  }
  for (int i = 1; i < argc; ++i) {
    const std::string_view given = argv[i];
    if (given == "--help" || given == "-h") {
      config.help_ = true;
      continue;
    }
    const std::string_view flag = given.substr(0, given.find('='));
    const auto& all = Settings();
    const auto setting =
        std::find_if(all.begin(), all.end(), [&](const Setting& s) { return FlagOf(s.name) == flag; });
    if (setting == all.end()) {
      return absl::InvalidArgumentError("unknown flag " + std::string(given) + "; --help lists them");
    }
    if (flag.size() < given.size()) {
      config.values_[setting->name] = given.substr(flag.size() + 1);
    } else if (++i < argc) {
      config.values_[setting->name] = argv[i];
    } else {
      return absl::InvalidArgumentError("flag " + std::string(given) + " wants a value");
    }
  }
  for (const Setting& setting : Settings()) {
    const std::string& value = config.values_[setting.name];
    if (IsNumber(setting.fallback) && !IsNumber(value)) {
      return absl::InvalidArgumentError(std::string(setting.name) + " wants a number, got \"" + value + "\"");
    }
    if (std::string_view(setting.name).ends_with("_DAYS") && !ReadDays(value)) {
      return absl::InvalidArgumentError(std::string(setting.name) + " wants days such as 7,30, got \"" +
                                        value + "\"");
    }
    const std::string_view fallback = setting.fallback;
    if ((fallback == "true" || fallback == "false") && value != "true" && value != "false") {
      return absl::InvalidArgumentError(std::string(setting.name) + " wants true or false, got \"" + value +
                                        "\"");
    }
  }
  return config;
}

std::string Config::Text(std::string_view name, std::string_view service) const {
  std::string value = values_.find(name)->second;
  constexpr std::string_view kHole = "{service}";
  for (size_t at = value.find(kHole); at != std::string::npos; at = value.find(kHole, at + service.size())) {
    value.replace(at, kHole.size(), service);
  }
  return value;
}

int64_t Config::Number(std::string_view name) const { return std::strtoll(Text(name).c_str(), nullptr, 10); }

std::vector<int> Config::Days(std::string_view name) const { return *ReadDays(Text(name)); }

bool Config::Flag(std::string_view name) const { return Text(name) == "true"; }

std::string Config::Help(std::string_view process) {
  std::string out = "usage: " + std::string(process) +
                    " [--flag value]...\nexample: " + std::string(process) +
                    " --listen 127.0.0.1:7400 --database sqlite:var/{service}.db\n\nSettings, as environment "
                    "variable and flag:\n";
  for (const Setting& setting : Settings()) {
    out += "  " + std::string(setting.name) + ", " + FlagOf(setting.name) + "\n      " + setting.help;
    out += *setting.fallback == '\0' ? "\n" : " [" + std::string(setting.fallback) + "]\n";
  }
  return out;
}

std::map<std::string, std::string> Environment() {
  std::map<std::string, std::string> env;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view pair = *entry;
    const size_t equals = pair.find('=');
    if (equals != std::string_view::npos) env.emplace(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return env;
}

}  // namespace idea::config
