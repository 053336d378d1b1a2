#include "common/config/config.h"

#include <algorithm>
#include <cstdlib>

#include "common/status/status.h"

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

// "--tls-dir" -> "IDEA_TLS_DIR".
std::string SettingOf(std::string_view flag) {
  std::string name = "IDEA_";
  for (const char c : flag.substr(2))
    name += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  return name;
}

// Printable in one line, at a limited length.
std::string Printable(std::string_view text) {
  constexpr size_t kMaxLength = 100;
  std::string out;
  for (const char c : text.substr(0, kMaxLength)) out += c >= ' ' && c != 0x7f ? c : '?';
  return text.size() > kMaxLength ? out + "..." : out;
}

const Setting* Find(std::string_view name) {
  for (const Setting& setting : Settings()) {
    if (setting.name == name) return &setting;
  }
  return nullptr;
}

std::vector<std::string_view> Names() {
  std::vector<std::string_view> names;
  for (const Setting& setting : Settings()) names.push_back(setting.name);
  return names;
}

}  // namespace

const std::vector<Setting>& Settings() {
  static const std::vector<Setting> settings = {
      {"IDEA_LISTEN", "127.0.0.1:7400", "host:port to serve gRPC on; port 0 takes a free one",
       Form::kAddress},
      {"IDEA_METRICS_LISTEN", "",
       "host:port to serve /metrics, /livez, /readyz, /build and /config on over HTTP without TLS; empty: "
       "not "
       "served",
       Form::kOptionalAddress},
      {"IDEA_READY_FILE", "", "file to write the gRPC address into once serving; empty: none"},
      {"IDEA_DATABASE", "sqlite:var/{service}.db", "database; {service} is replaced", Form::kDatabase, 0, 0,
       kSecret},
      {"IDEA_DATABASE_PASSWORD_FILE", "",
       "file with the password of PostgreSQL, read again for each connection; {service} is replaced; empty: "
       "that of IDEA_DATABASE, or none"},
      {"IDEA_DATABASE_WAIT_SECONDS", "60", "how long a start waits for PostgreSQL to answer before it fails",
       Form::kNumber, 0, 86'400},
      {"IDEA_RELAY_ATTEMPTS", "20",
       "how often an event is offered to a peer that answers without deciding before it is set aside",
       Form::kNumber, 1, 10'000},
      {"IDEA_RELAY_RETRY_MAX_MILLIS", "5000", "longest pause between two such attempts", Form::kNumber, 50,
       600'000},
      {"IDEA_RELAY_RETRY_ASIDE_SECONDS", "300",
       "longest pause between two attempts of an event that is set aside; the first is a 32nd of it",
       Form::kNumber, 1, 86'400},
      {"IDEA_STATEMENT_TIMEOUT_MILLIS", "15000",
       "longest time that PostgreSQL may take for one statement; 0: no limit", Form::kNumber, 0, 3'600'000},
      {"IDEA_LOCK_TIMEOUT_MILLIS", "10000",
       "longest time that a statement may wait for a lock of PostgreSQL; 0: no limit", Form::kNumber, 0,
       3'600'000},
      {"IDEA_IDLE_TRANSACTION_TIMEOUT_MILLIS", "10000",
       "longest pause between two statements of a transaction of PostgreSQL; 0: no limit", Form::kNumber, 0,
       3'600'000},
      {"IDEA_TLS_DIR", "var/certs/{service}",
       "folder with tls.crt, tls.key and ca.crt; {service} is replaced", Form::kPath},
      {"IDEA_TLS_CRL_FILE", "",
       "file with the revocation lists (CRLs, PEM) of the certificate authorities, read again within 4 s "
       "after "
       "it changed; empty: no certificate is revoked"},
      {"IDEA_TRUST_DOMAIN", "idea.local", "SPIFFE trust domain of the certificates that are accepted",
       Form::kTrustDomain},
      {"IDEA_CDO_ENTITY", "entities/office-of-data-and-innovation",
       "entity of the Statewide Chief Data Officer", Form::kEntity},
      {"IDEA_GOVERNOR_ENTITY", "entities/governors-office-cabinet-secretary",
       "entity of the Governor's Office", Form::kEntity},
      {"IDEA_TOKEN_ISSUER", "https://issuer.idea.local", "`iss` of people's tokens", Form::kText},
      {"IDEA_TOKEN_AUDIENCE", "idea-exchange", "`aud` of people's tokens", Form::kText},
      {"IDEA_TOKEN_MAX_LIFETIME_SECONDS", "86400",
       "longest time between now, or a person's token's `iat`, and its `exp`", Form::kNumber, 60, 31'536'000},
      {"IDEA_TOKEN_KEYS_DIR", "var/issuer/keys", "folder of the issuer's public keys, <kid>.pem each",
       Form::kPath},
      {"IDEA_REDIS", "127.0.0.1:6379",
       "Redis of the notification queue: host:port, unix:/path, redis://user@host:port/database, rediss:// "
       "with TLS, or redis-sentinel://host:port,host:port/master/database",
       Form::kRedis, 0, 0, kSecret},
      {"IDEA_REDIS_PASSWORD_FILE", "",
       "file with the password of Redis, read again for each connection; empty: that of IDEA_REDIS, or none"},
      {"IDEA_REDIS_TLS_DIR", "",
       "folder with ca.crt, and tls.crt and tls.key if Redis asks for a certificate, read again for each "
       "connection; empty: the system's authorities"},
      {"IDEA_REDIS_SENTINEL_USER", "", "user of the Sentinels; empty: their default user"},
      {"IDEA_REDIS_SENTINEL_PASSWORD_FILE", "",
       "file with the password of the Sentinels, read again for each connection; empty: none"},
      {"IDEA_EVENT_KEYS_FILE", "",
       "file of keys of 64 hexadecimal digits, one a line, the same for all services: the first one signs "
       "the "
       "events of the notification queue, each one verifies them; read again within 5 s after it changed; "
       "empty: events are not signed"},
      {"IDEA_REGISTRY_ADDRESS", "", "host:port of the registry service; empty: it runs in this process",
       Form::kOptionalAddress},
      {"IDEA_DRAFTING_ADDRESS", "", "host:port of the drafting service; empty: it runs in this process",
       Form::kOptionalAddress},
      {"IDEA_REVIEW_ADDRESS", "", "host:port of the review service; empty: it runs in this process",
       Form::kOptionalAddress},
      {"IDEA_DISPUTE_ADDRESS", "", "host:port of the dispute service; empty: it runs in this process",
       Form::kOptionalAddress},
      {"IDEA_INVENTORY_ADDRESS", "", "host:port of the inventory service; empty: it runs in this process",
       Form::kOptionalAddress},
      {"IDEA_NOTIFICATION_ADDRESS", "",
       "host:port of the notification service; empty: it runs in this process", Form::kOptionalAddress},
      {"IDEA_WORKERS", "0",
       "threads that serve departments' calls; half as many serve services' calls for them, a quarter those "
       "that these cause; "
       "0: as many as the database serves at once",
       Form::kNumber, 0, 1024},
      {"IDEA_QUEUE", "256", "calls that may wait for a worker before RESOURCE_EXHAUSTED", Form::kNumber, 1,
       65'536},
      {"IDEA_CALLER_QUEUE_PERCENT", "25",
       "part of the places and bytes of the queues that one caller may fill", Form::kNumber, 1, 100},
      {"IDEA_CALLER_READS_PER_SECOND", "5000", "reads per second of one department; 0: no limit",
       Form::kNumber, 0, 1'000'000},
      {"IDEA_CALLER_READS_BURST", "10000", "how many reads may come at once", Form::kNumber, 1, 1'000'000},
      {"IDEA_CALLER_WRITES_PER_SECOND", "1000", "writes per second of one department; 0: no limit",
       Form::kNumber, 0, 1'000'000},
      {"IDEA_CALLER_WRITES_BURST", "5000", "how many writes may come at once", Form::kNumber, 1, 1'000'000},
      {"IDEA_CALLER_OPENED_STREAMS_PER_SECOND", "50",
       "streams that one department opens per second; 0: no limit", Form::kNumber, 0, 1'000'000},
      {"IDEA_CALLER_OPENED_STREAMS_BURST", "400", "how many streams may be opened at once", Form::kNumber, 1,
       1'000'000},
      {"IDEA_CALLER_CHECKS_PER_SECOND", "50000",
       "exchange checks per second of one department, fifty of a batch counted as one; 0: no limit",
       Form::kNumber, 0, 10'000'000},
      {"IDEA_CALLER_CHECKS_BURST", "50000", "how many exchange checks may come at once", Form::kNumber, 1,
       10'000'000},
      {"IDEA_CALLER_STREAMS", "200", "open streams of one caller that the server writes", Form::kNumber, 1,
       100'000},
      {"IDEA_CALLER_UPLOADS", "8", "open streams of one caller that the client writes", Form::kNumber, 1,
       10'000},
      {"IDEA_CALLER_CONNECTIONS", "250", "open connections of one caller", Form::kNumber, 1, 100'000},
      {"IDEA_CALLER_SLOW_MESSAGES", "8", "messages of one caller that may take more than 250 ms to arrive",
       Form::kNumber, 1, 10'000},
      {"IDEA_MAX_CONNECTIONS", "1000", "open connections in total; fewer if the limit of open files is lower",
       Form::kNumber, 1, 100'000},
      {"IDEA_WATCHDOG_SECONDS", "30",
       "how long a server may accept no connection on its own port before its process ends; 0: not watched",
       Form::kNumber, 0, 3600},
      {"IDEA_MESSAGE_TIMEOUT_SECONDS", "30", "longest time that a request message may take to arrive",
       Form::kNumber, 1, 3600},
      {"IDEA_DRAIN_SECONDS", "10",
       "longest time that a stop takes, with running calls and the return of leases", Form::kNumber, 0, 3600},
      {"IDEA_STOP_GRACE_SECONDS", "3",
       "how long a stopping server refuses new calls as SHUTTING_DOWN before it closes its port; at most "
       "half "
       "of IDEA_DRAIN_SECONDS",
       Form::kNumber, 0, 3600},
      {"IDEA_KEEPALIVE_SECONDS", "30",
       "how long a connection may be silent before it is pinged; one that does not answer within 20 s is "
       "closed",
       Form::kNumber, 1, 86'400},
      {"IDEA_ERROR_DOMAIN", "idea-exchange.ca.gov",
       "`domain` of ErrorInfo in refusals; idea-exchange for clients that expect the name of release 0.1",
       Form::kTrustDomain},
      {"IDEA_REASONS_URL", "https://docs.idea.local/ERRORS.md",
       "address of the published docs/ERRORS.md, at most 500 characters; each refusal links to its reason "
       "there; empty: no link"},
      {"IDEA_HEARTBEAT_SECONDS", "30", "maximum time between two messages of a watch", Form::kNumber, 1, 60},
      {"IDEA_MAX_CONNECTION_AGE_SECONDS", "1200",
       "age, a tenth more or less at random, at which a connection takes no new calls, so that clients find "
       "new replicas",
       Form::kNumber, 1, 86'400},
      {"IDEA_MAX_CONNECTION_AGE_GRACE_SECONDS", "300",
       "time that calls and streams have to end on a connection that has reached its maximum age",
       Form::kNumber, 1, 86'400},
      {"IDEA_DIRECTORY_CACHE_SECONDS", "2",
       "how long a person's roles, once asked of the registry, are believed", Form::kNumber, 0, 3600},
      {"IDEA_ONE_PERSON_MAY_SIGN_TWICE", "false",
       "let one person sign as Executive Sponsor and as Data Coordinator of a department"},
      {"IDEA_LOG_KEY", "var/log.key",
       "private Ed25519 key in PEM that signs the transparency log, for nobody else to read", Form::kPath},
      {"IDEA_LOG_ORIGIN", "idea.local/log", "name of the transparency log and of its key", Form::kText},
      {"IDEA_LOG_POLICY", "",
       "file that names the witnesses of the transparency log, as C2SP tlog-policy; empty: none",
       Form::kByDefault},
      {"IDEA_LOG_WITNESS_CA", "",
       "authorities in PEM of the HTTPS servers of witnesses and time-stamps; empty: those of the system"},
      {"IDEA_LOG_TSA_URL", "",
       "time-stamping authority (RFC 3161) that stamps the log's newest checkpoint once an hour; empty: "
       "none"},
      {"IDEA_LOG_TSA_CA", "",
       "certificates in PEM that are trusted to issue that of the authority in IDEA_LOG_TSA_URL"},
      {"IDEA_EXCHANGE_FRESH_MILLIS", "1000",
       "how old the answer of an exchange check may be; what may be older is DENIED_UNKNOWN", Form::kNumber,
       1, 3'600'000},
      {"IDEA_EXCHANGE_AFTER_WITHDRAWAL", "false",
       "permit exchanges under agreements of a party that is no longer a signatory, with that as a "
       "condition"},
      {"IDEA_DISPUTES_BY_AGREEMENT", "false",
       "open disputes under agreement section 6.1 instead of the guidebook's process"},
      {"IDEA_HOLIDAYS_FILE", "",
       "file of the days that are not working days; empty: the built-in list, to be checked by the operator"},
      {"IDEA_TIME_ZONE", "America/Los_Angeles", "time zone in which days begin and end", Form::kText},
      {"IDEA_TECHNOLOGY_OPINION", "false",
       "ask every department for a technology opinion too (guidebook step 5)"},
      {"IDEA_REVIEW_REMINDER_DAYS", "",
       "ages in days at which a review task that is still open is reminded of, such as 7,30; empty: never"},
      {"IDEA_WEBHOOK_KEYS_FILE", "",
       "file of keys of 64 hexadecimal digits, one a line, the same for all replicas: the secrets of "
       "webhooks "
       "are derived from them, new ones from the first; read at each use; empty: no webhooks",
       Form::kByDefault},
      {"IDEA_WEBHOOK_CA_FILE", "",
       "authorities of the receivers of webhooks in PEM, in addition to the system's; empty: none"},
      {"IDEA_WEBHOOK_NETWORKS", "",
       "networks to which webhooks may be sent although they are not public, such as "
       "10.20.0.0/16,fd00:1::/64; empty: none"},
      {"IDEA_WEBHOOK_TIMEOUT_SECONDS", "10", "longest time that a receiver of a webhook may take to answer",
       Form::kNumber, 1, 60},
      {"IDEA_SMTP_URL", "",
       "mail server for subscriptions by mail: smtp://host:587, which must offer STARTTLS, or "
       "smtps://host:465; empty: no mail"},
      {"IDEA_SMTP_USER", "", "user of the mail server; empty: no login"},
      {"IDEA_SMTP_PASSWORD_FILE", "", "file with the password of that user, read again for each mail"},
      {"IDEA_SMTP_CA_FILE", "",
       "authorities of the mail server in PEM, in addition to the system's; empty: none"},
      {"IDEA_MAIL_FROM", "", "address from which mails are sent; required with IDEA_SMTP_URL"},
      {"IDEA_DELIVERY_ATTEMPTS", "20", "attempts to deliver an event until it is a dead letter",
       Form::kNumber, 1, 1000},
      {"IDEA_DELIVERY_RETRY_MIN_MILLIS", "1000",
       "pause after the first failed attempt, doubled after each further one", Form::kNumber, 1, 3'600'000},
      {"IDEA_DELIVERY_RETRY_MAX_SECONDS", "14400", "longest pause between two attempts", Form::kNumber, 1,
       604'800},
      {"IDEA_DELIVERY_LOG_AGE", "90", "days that deliveries stay in the log after their end", Form::kNumber,
       1, 3650},
      {"IDEA_LOG_LEVEL_FILE", "",
       "file with a log level that counts instead of IDEA_LOG_LEVEL; read again within 5 s after it changed, "
       "and on SIGHUP; empty: none"},
      {"IDEA_LOG_LEVEL", "info", "least level of the lines that are logged", Form::kLogLevel},
  };
  return settings;
}

absl::StatusOr<Config> Config::Load(int argc, const char* const* argv,
                                    const std::map<std::string, std::string>& env) {
  Config config;
  for (const Setting& setting : Settings()) config.values_[setting.name] = setting.fallback;
  for (const auto& [name, value] : env) {
    if (!name.starts_with("IDEA_")) continue;
    if (Find(name) != nullptr) {
      config.values_[name] = value;
    } else if (const std::string meant = NearMiss(name, Names()); !meant.empty()) {
      return absl::InvalidArgumentError("unknown setting " + name + "; did you mean " + meant + "?");
    } else {
      config.ignored_.push_back(name);
    }
  }
  RETURN_IF_ERROR(config.ReadFlags(argc, argv));
  for (const Setting& setting : Settings()) {
    const std::string& value = config.values_[setting.name];
    if (const std::string wanted = Expected(setting, value); !wanted.empty()) {
      return absl::InvalidArgumentError(std::string(setting.name) + " wants " + wanted + ", got " +
                                        (setting.secret ? "another text" : '"' + Printable(value) + '"'));
    }
  }
  return config;
}

absl::Status Config::ReadFlags(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view given = argv[i];
    if (given == "--help" || given == "-h") {
      help_ = true;
      continue;
    }
    if (given == "--version") {
      version_ = true;
      continue;
    }
    // The text after "=", or a text without "=", may be a secret.
    if (!given.starts_with("--"))
      return absl::InvalidArgumentError("argument " + std::to_string(i) +
                                        " is not a flag; --help lists them");
    const std::string_view flag = given.substr(0, given.find('='));
    const auto& all = Settings();
    const auto setting =
        std::find_if(all.begin(), all.end(), [&](const Setting& s) { return FlagOf(s.name) == flag; });
    if (setting == all.end()) {
      const std::string meant = NearMiss(SettingOf(flag), Names());
      return absl::InvalidArgumentError(
          "unknown flag " + Printable(flag) +
          (meant.empty() ? "; --help lists them" : "; did you mean " + FlagOf(meant) + "?"));
    }
    if (flag.size() < given.size()) {
      values_[setting->name] = given.substr(flag.size() + 1);
    } else if (++i < argc) {
      values_[setting->name] = argv[i];
    } else {
      return absl::InvalidArgumentError("flag " + std::string(given) + " wants a value");
    }
  }
  return absl::OkStatus();
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
  std::string out = "usage: " + std::string(process) + " [--flag value]... | --version\n       " +
                    std::string(process) +
                    " migrate plan|apply|status [--flag value]...\nexample: " + std::string(process) +
                    " --listen 127.0.0.1:7400 --database sqlite:var/{service}.db\n\nSettings, as environment "
                    "variable and flag:\n";
  for (const Setting& setting : Settings()) {
    out += "  " + std::string(setting.name) + ", " + FlagOf(setting.name) + "\n      " + setting.help;
    const std::string allowed = Allowed(setting);
    out += *setting.fallback == '\0' ? "\n" : " [" + std::string(setting.fallback) + "]\n";
    if (!allowed.empty()) out += "      wants " + allowed + "\n";
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
