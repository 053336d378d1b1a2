#include <hiredis/hiredis.h>
#include <sys/time.h>

#include <charconv>
#include <csignal>
#include <mutex>

#include "common/redis/redis.h"

namespace idea::redis {
namespace {

constexpr std::string_view kUnix = "unix:";

using OwnedContext = std::unique_ptr<redisContext, decltype(&redisFree)>;

timeval Seconds(std::chrono::milliseconds time) {
  return {static_cast<time_t>(time.count() / 1000), static_cast<suseconds_t>(time.count() % 1000 * 1000)};
}

// Splits "host:port", also "[::1]:port".
bool SplitAddress(std::string_view address, std::string& host, int& port) {
  const size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) return false;
  host = std::string(address.substr(0, colon));
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  const auto [end, failure] =
      std::from_chars(address.data() + colon + 1, address.data() + address.size(), port);
  return failure == std::errc() && end == address.data() + address.size() && !host.empty();
}

redisContext* Open(const std::string& address, std::chrono::milliseconds timeout) {
  if (address.starts_with(kUnix)) {
    return redisConnectUnixWithTimeout(address.c_str() + kUnix.size(), Seconds(timeout));
  }
  std::string host;
  int port = 0;
  return SplitAddress(address, host, port) ? redisConnectWithTimeout(host.c_str(), port, Seconds(timeout))
                                           : nullptr;
}

// hiredis writes with write(2): a Redis that went away would end the process.
void IgnoreBrokenPipes() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction now = {};
    if (sigaction(SIGPIPE, nullptr, &now) == 0 && now.sa_handler == SIG_DFL) std::signal(SIGPIPE, SIG_IGN);
  });
}

void Append(redisContext* context, const std::vector<std::string>& command) {
  std::vector<const char*> words;
  std::vector<size_t> sizes;
  for (const std::string& word : command) {
    words.push_back(word.data());
    sizes.push_back(word.size());
  }
  redisAppendCommandArgv(context, static_cast<int>(words.size()), words.data(), sizes.data());
}

Reply Copy(const redisReply& from) {
  Reply reply;
  switch (from.type) {
    case REDIS_REPLY_INTEGER:
      reply.kind = Reply::Kind::kInteger;
      reply.integer = from.integer;
      break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_ERROR:
      reply.kind = from.type == REDIS_REPLY_ERROR ? Reply::Kind::kError : Reply::Kind::kText;
      reply.text.assign(from.str, static_cast<size_t>(from.len));
      break;
    case REDIS_REPLY_ARRAY:
      reply.kind = Reply::Kind::kList;
      reply.list.reserve(from.elements);
      for (size_t i = 0; i < from.elements; ++i) reply.list.push_back(Copy(*from.element[i]));
      break;
    default:
      break;
  }
  return reply;
}

}  // namespace

absl::Status StatusOf(const Reply& reply) {
  if (reply.kind != Reply::Kind::kError) return absl::OkStatus();
  const std::string_view text = reply.text;
  const std::string message = "redis: " + reply.text;
  if (text.starts_with("NOGROUP") || text.starts_with("ERR no such key")) return absl::NotFoundError(message);
  for (const std::string_view passing : {"LOADING", "BUSY ", "OOM", "MISCONF", "READONLY", "MASTERDOWN",
                                         "NOREPLICAS", "TRYAGAIN", "CLUSTERDOWN"}) {
    if (text.starts_with(passing)) return absl::UnavailableError(message);
  }
  return absl::InternalError(message);
}

struct Connection::Context {
  OwnedContext redis{nullptr, &redisFree};
};

Connection::Connection(std::string address, std::chrono::milliseconds timeout)
    : address_(std::move(address)), timeout_(timeout), context_(std::make_unique<Context>()) {}

Connection::~Connection() = default;

absl::Status Connection::Connect() {
  if (context_->redis != nullptr) return absl::OkStatus();
  IgnoreBrokenPipes();
  OwnedContext redis(Open(address_, timeout_), &redisFree);
  if (redis == nullptr) return absl::UnavailableError("redis: the address must be host:port or unix:/path");
  if (redis->err != 0) return absl::UnavailableError(std::string("redis: ") + redis->errstr);
  if (redisSetTimeout(redis.get(), Seconds(timeout_)) != REDIS_OK) {
    return absl::UnavailableError("redis: the connection takes no timeout");
  }
  context_->redis = std::move(redis);
  return absl::OkStatus();
}

absl::StatusOr<Reply> Connection::Run(const std::vector<std::string>& command) {
  absl::StatusOr<std::vector<Reply>> replies = Pipeline({command});
  if (!replies.ok()) return replies.status();
  return std::move(replies->front());
}

absl::StatusOr<std::vector<Reply>> Connection::Pipeline(
    const std::vector<std::vector<std::string>>& commands) {
  if (const absl::Status status = Connect(); !status.ok()) return status;
  redisContext& redis = *context_->redis;
  for (const auto& command : commands) Append(&redis, command);
  std::vector<Reply> replies;
  replies.reserve(commands.size());
  while (replies.size() < commands.size()) {
    void* got = nullptr;
    if (redisGetReply(&redis, &got) != REDIS_OK || got == nullptr) {
      const std::string why(std::string_view(redis.errstr));
      // What comes late on this connection would be taken for the answer to the next command.
      context_->redis.reset();
      return absl::UnavailableError("redis: no answer: " + why);
    }
    replies.push_back(Copy(*static_cast<redisReply*>(got)));
    freeReplyObject(got);
  }
  return replies;
}

}  // namespace idea::redis
