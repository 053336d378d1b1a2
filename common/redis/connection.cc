#include <algorithm>

#include "common/redis/redis.h"
#include "common/status/status.h"

namespace idea::redis {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// The interval at which the Sentinels are asked for the master. A former master that they cannot reach does
// not know that it was replaced.
constexpr milliseconds kMasterCheckInterval{5000};
// A share of the timeout, so that a Sentinel that does not answer leaves time for the others.
constexpr int kSentinelShare = 4;

// Whether a reply, or a reply inside it, is an error that may concern the connection rather than the command.
bool EndsConnection(const Reply& reply) {
  if (reply.kind == Reply::Kind::kError) return !absl::IsNotFound(StatusOf(reply));
  return std::any_of(reply.list.begin(), reply.list.end(), EndsConnection);
}

}  // namespace

Connection::Connection(Options options, milliseconds timeout)
    : options_(std::move(options)), url_(config::ParseRedisUrl(options_.url)), timeout_(timeout) {}

Connection::~Connection() = default;

absl::Status Connection::Connect() {
  if (!url_.ok()) return Failure("CONNECT", "the address wants " + std::string(url_.status().message()));
  if (session_ != nullptr) return absl::OkStatus();
  const Deadline deadline = steady_clock::now() + timeout_;
  if (!url_->is_sentinel()) {
    ASSIGN_OR_RETURN(session_, Session::Open(*url_, options_, deadline));
    return absl::OkStatus();
  }
  absl::Status last = Failure("NO_MASTER", "no Sentinel has answered");
  for (size_t tries = 0; tries < url_->hosts.size(); ++tries) {
    // Another Sentinel may know a later master.
    const auto soon = [&] { return std::min(deadline, steady_clock::now() + timeout_ / kSentinelShare); };
    const auto master = Session::QuerySentinel(*url_, url_->hosts[sentinel_], options_, soon());
    absl::StatusOr<std::unique_ptr<Session>> session =
        master.ok() ? Session::OpenMaster(*url_, *master, options_, soon()) : master.status();
    if (session.ok()) {
      session_ = *std::move(session);
      master_ = *master;
      checked_ = steady_clock::now();
      return absl::OkStatus();
    }
    last = session.status();
    sentinel_ = (sentinel_ + 1) % url_->hosts.size();
  }
  return last;
}

void Connection::CheckMaster() {
  const auto now = steady_clock::now();
  if (session_ == nullptr || !url_->is_sentinel() || now - checked_ < kMasterCheckInterval) return;
  checked_ = now;
  const auto master =
      Session::QuerySentinel(*url_, url_->hosts[sentinel_], options_, now + timeout_ / kSentinelShare);
  if (!master.ok()) sentinel_ = (sentinel_ + 1) % url_->hosts.size();
  if (master.ok() && *master != master_) session_.reset();
}

absl::StatusOr<Reply> Connection::Run(const std::vector<std::string>& command) {
  absl::StatusOr<std::vector<Reply>> replies = Pipeline({command});
  if (!replies.ok()) return replies.status();
  return std::move(replies->front());
}

absl::StatusOr<std::vector<Reply>> Connection::Pipeline(
    const std::vector<std::vector<std::string>>& commands) {
  RETURN_IF_ERROR(Connect());
  absl::StatusOr<std::vector<Reply>> replies = session_->Run(commands, steady_clock::now() + timeout_);
  // A late reply on this connection would be taken for the reply to the next command.
  if (!replies.ok() || std::any_of(replies->begin(), replies->end(), EndsConnection)) session_.reset();
  return replies;
}

}  // namespace idea::redis
