#include "common/redis/keys.h"
#include "common/redis/redis.h"
#include "common/status/status.h"

namespace idea::redis {

Publisher::Publisher(Connection& connection, std::string stream, std::string source)
    : connection_(connection), stream_(std::move(stream)), source_(std::move(source)) {}

absl::StatusOr<std::string> Publisher::Cursor() {
  ASSIGN_OR_RETURN(const Reply reply, connection_.Run({"GET", CursorKey(stream_, source_)}));
  RETURN_IF_ERROR(StatusOf(reply));
  return reply.text;
}

absl::Status Publisher::Publish(const std::string& from, const std::vector<Entry>& entries) {
  if (entries.empty()) return absl::OkStatus();
  const std::string key = CursorKey(stream_, source_);
  ASSIGN_OR_RETURN(const std::vector<Reply> cursor, connection_.Pipeline({{"WATCH", key}, {"GET", key}}));
  for (const Reply& reply : cursor) RETURN_IF_ERROR(StatusOf(reply));
  if (cursor[1].text != from) {
    RETURN_IF_ERROR(connection_.Run({"UNWATCH"}).status());
    return absl::AbortedError("redis: the cursor is another");
  }
  std::vector<std::vector<std::string>> commands = {{"MULTI"}};
  const std::string* after = &from;
  for (const Entry& entry : entries) {
    commands.push_back({"XADD", stream_, "*", "source", source_, "cursor", entry.cursor, "after", *after,
                        "body", entry.body});
    after = &entry.cursor;
  }
  commands.push_back({"SET", key, *after});
  commands.push_back({"SADD", SourcesKey(stream_), source_});
  return Commit(connection_, std::move(commands));
}

absl::Status Commit(Connection& connection, std::vector<std::vector<std::string>> commands) {
  commands.push_back({"EXEC"});
  ASSIGN_OR_RETURN(const std::vector<Reply> replies, connection.Pipeline(commands));
  for (const Reply& reply : replies) RETURN_IF_ERROR(StatusOf(reply));
  const Reply& done = replies.back();
  if (done.kind == Reply::Kind::kNil)
    return absl::AbortedError("redis: another one has changed it meanwhile");
  for (const Reply& reply : done.list) RETURN_IF_ERROR(StatusOf(reply));
  return absl::OkStatus();
}

}  // namespace idea::redis
