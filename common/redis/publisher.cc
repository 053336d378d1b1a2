#include "common/redis/keys.h"
#include "common/redis/redis.h"
#include "common/status/status.h"

namespace idea::redis {

Publisher::Publisher(Connection& connection, std::string stream, std::string source)
    : connection_(connection),
      stream_(std::move(stream)),
      source_(std::move(source)),
      keys_(connection.options().event_keys_file) {}

absl::StatusOr<std::string> Publisher::Cursor() {
  RETURN_IF_ERROR(keys_.Refresh());
  connection_.CheckMaster();
  const std::string key = CursorKey(stream_, source_);
  ASSIGN_OR_RETURN(const Reply reply, connection_.Run({"GET", key}));
  ASSIGN_OR_RETURN(const bool deleted, DeleteIfWrongType(connection_, reply, key));
  if (deleted) return "";
  RETURN_IF_ERROR(StatusOf(reply));
  return CursorIn(keys_, stream_, source_, reply);
}

absl::Status Publisher::Publish(const std::string& from, const std::vector<Entry>& entries) {
  if (entries.empty()) return absl::OkStatus();
  const std::string key = CursorKey(stream_, source_);
  ASSIGN_OR_RETURN(const std::vector<Reply> cursor, connection_.Pipeline({{"WATCH", key}, {"GET", key}}));
  for (const Reply& reply : cursor) RETURN_IF_ERROR(StatusOf(reply));
  if (CursorIn(keys_, stream_, source_, cursor[1]) != from) {
    RETURN_IF_ERROR(connection_.Run({"UNWATCH"}).status());
    return absl::AbortedError("redis: the cursor has changed");
  }
  std::vector<std::vector<std::string>> commands = {{"MULTI"}};
  const std::string* after = &from;
  for (const Entry& entry : entries) {
    commands.push_back({"XADD", stream_, "*", "source", source_, "cursor", entry.cursor, "after", *after,
                        "body", entry.body});
    const std::string signature =
        keys_.Sign(SignedFields(stream_, source_, entry.cursor, *after, entry.body));
    if (!signature.empty()) commands.back().insert(commands.back().end(), {"signature", signature});
    after = &entry.cursor;
  }
  commands.push_back({"SET", key, SignedCursor(keys_, stream_, source_, *after)});
  commands.push_back({"SADD", SourcesKey(stream_), source_});
  const absl::Status published = Commit(connection_, std::move(commands));
  // The stored keys prevent it: another client has stored another type there, or a message with the highest
  // possible id. Redis has only copies, so they can be deleted.
  if (absl::IsInternal(published)) {
    RETURN_IF_ERROR(connection_.Run({"DEL", stream_, SourcesKey(stream_)}).status());
  }
  return published;
}

std::string SignedCursor(const EventKeys& keys, const std::string& stream, const std::string& source,
                         const std::string& cursor) {
  const std::string signature = keys.Sign({"cursor", stream, source, cursor});
  return signature.empty() ? cursor : cursor + " " + signature;
}

std::string CursorIn(const EventKeys& keys, const std::string& stream, const std::string& source,
                     const Reply& reply) {
  const size_t space = reply.text.find(' ');
  const std::string cursor = reply.text.substr(0, space);
  const std::string_view signature =
      space == std::string::npos ? "" : std::string_view(reply.text).substr(space + 1);
  return keys.Verify({"cursor", stream, source, cursor}, signature) ? cursor : "";
}

absl::StatusOr<bool> DeleteIfWrongType(Connection& connection, const Reply& reply, const std::string& key) {
  if (KindOf(StatusOf(reply)) != "WRONGTYPE") return false;
  RETURN_IF_ERROR(connection.Run({"DEL", key}).status());
  return true;
}

absl::Status Commit(Connection& connection, std::vector<std::vector<std::string>> commands) {
  commands.push_back({"EXEC"});
  ASSIGN_OR_RETURN(const std::vector<Reply> replies, connection.Pipeline(commands));
  for (const Reply& reply : replies) RETURN_IF_ERROR(StatusOf(reply));
  const Reply& done = replies.back();
  if (done.kind == Reply::Kind::kNil) return absl::AbortedError("redis: another client has changed the key");
  for (const Reply& reply : done.list) RETURN_IF_ERROR(StatusOf(reply));
  return absl::OkStatus();
}

}  // namespace idea::redis
