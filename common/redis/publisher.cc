#include "common/redis/redis.h"
#include "common/status/status.h"

namespace idea::redis {

Publisher::Publisher(Connection& connection, std::string stream, std::string source)
    : connection_(connection),
      stream_(std::move(stream)),
      key_(stream_ + ":position:" + source),
      source_(std::move(source)) {}

absl::StatusOr<std::string> Publisher::Position() {
  ASSIGN_OR_RETURN(const Reply reply, connection_.Run({"GET", key_}));
  RETURN_IF_ERROR(StatusOf(reply));
  return reply.text;
}

absl::Status Publisher::Publish(const std::vector<std::string>& bodies, const std::string& from,
                                const std::string& to) {
  ASSIGN_OR_RETURN(const std::vector<Reply> position, connection_.Pipeline({{"WATCH", key_}, {"GET", key_}}));
  for (const Reply& reply : position) RETURN_IF_ERROR(StatusOf(reply));
  if (position[1].text != from) {
    RETURN_IF_ERROR(connection_.Run({"UNWATCH"}).status());
    return absl::AbortedError("redis: the position is another");
  }
  std::vector<std::vector<std::string>> commands = {{"MULTI"}};
  for (const std::string& body : bodies) {
    commands.push_back({"XADD", stream_, "*", "source", source_, "body", body});
  }
  commands.push_back({"SET", key_, to});
  commands.push_back({"EXEC"});
  ASSIGN_OR_RETURN(const std::vector<Reply> replies, connection_.Pipeline(commands));
  for (const Reply& reply : replies) RETURN_IF_ERROR(StatusOf(reply));
  const Reply& done = replies.back();
  if (done.kind == Reply::Kind::kNil) return absl::AbortedError("redis: another one has published meanwhile");
  for (const Reply& reply : done.list) RETURN_IF_ERROR(StatusOf(reply));
  return absl::OkStatus();
}

}  // namespace idea::redis
