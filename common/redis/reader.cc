#include <algorithm>
#include <charconv>
#include <compare>
#include <utility>

#include "common/redis/keys.h"
#include "common/redis/redis.h"
#include "common/status/status.h"

namespace idea::redis {
namespace {

using std::chrono::milliseconds;

constexpr char kBeginning[] = "0-0";

// The id of a message in a stream: "<milliseconds>-<number>".
struct StreamId {
  uint64_t time = 0;
  uint64_t number = 0;
  auto operator<=>(const StreamId&) const = default;
};

StreamId ParseId(std::string_view text) {
  StreamId id;
  const char* end = text.data() + text.size();
  const auto [dash, failure] = std::from_chars(text.data(), end, id.time);
  if (failure == std::errc() && dash != end) std::from_chars(dash + 1, end, id.number);
  return id;
}

// The value of `name` in a flat list of names and values; "" if it is missing.
std::string TextOf(const Reply& flat, std::string_view name) {
  for (size_t i = 0; i + 1 < flat.list.size(); i += 2) {
    if (flat.list[i].text == name) return flat.list[i + 1].text;
  }
  return "";
}

// A message and its signature.
struct Signed {
  Message message;
  std::string signature;
};

// The messages in the reply to XREAD for one stream: nil, or [[stream, [[id, [name, value, ...]], ...]]].
std::vector<Signed> MessagesIn(const Reply& answer) {
  std::vector<Signed> messages;
  if (answer.list.empty() || answer.list[0].list.size() < 2) return messages;
  for (const Reply& entry : answer.list[0].list[1].list) {
    if (entry.list.size() < 2) continue;
    const Reply& fields = entry.list[1];
    messages.push_back({{entry.list[0].text, TextOf(fields, "source"), TextOf(fields, "cursor"),
                         TextOf(fields, "after"), TextOf(fields, "body")},
                        TextOf(fields, "signature")});
  }
  return messages;
}

}  // namespace

Reader::Reader(Connection& connection, std::string stream)
    : connection_(connection),
      stream_(std::move(stream)),
      last_(kBeginning),
      keys_(connection.options().event_keys_file) {}

// Without a cursor, the source publishes from the beginning.
std::vector<std::string> Reader::SetCommand(const std::string& source, const std::string& cursor) const {
  const std::string key = CursorKey(stream_, source);
  if (cursor.empty()) return {"DEL", key};
  return {"SET", key, SignedCursor(keys_, stream_, source, cursor)};
}

absl::StatusOr<std::vector<Message>> Reader::Read(int limit, milliseconds block) {
  RETURN_IF_ERROR(keys_.Refresh());
  connection_.CheckMaster();
  // A lost stream starts again, possibly with lower ids if the clock was set back.
  const absl::StatusOr<Reply> info = connection_.Run({"XINFO", "STREAM", stream_});
  RETURN_IF_ERROR(DropIfTooLarge(info.status()));
  ASSIGN_OR_RETURN(const bool deleted, DeleteIfWrongType(connection_, *info, stream_));
  const absl::Status found = deleted ? absl::NotFoundError("deleted") : StatusOf(*info);
  if (!found.ok() && !absl::IsNotFound(found)) return found;
  if (!found.ok() || ParseId(TextOf(*info, "last-generated-id")) < ParseId(last_)) last_ = kBeginning;
  // A longer wait than the timeout of the socket would look like a lost connection. 0 would be unlimited.
  const milliseconds wait = std::min(block, connection_.timeout() / 2);
  while (true) {
    std::vector<std::string> command = {"XREAD", "COUNT", std::to_string(limit)};
    if (wait.count() > 0) command.insert(command.end(), {"BLOCK", std::to_string(wait.count())});
    command.insert(command.end(), {"STREAMS", stream_, last_});
    const absl::StatusOr<Reply> reply = connection_.Run(command);
    if (absl::IsResourceExhausted(reply.status()) && limit > 1) {
      limit = std::max(1, limit / 10);
      continue;
    }
    RETURN_IF_ERROR(DropIfTooLarge(reply.status()));
    RETURN_IF_ERROR(StatusOf(*reply));
    return Genuine(*reply);
  }
}

absl::Status Reader::DropIfTooLarge(const absl::Status& status) {
  if (absl::IsResourceExhausted(status)) RETURN_IF_ERROR(connection_.Run({"DEL", stream_}).status());
  return status;
}

std::vector<Message> Reader::Genuine(const Reply& reply) {
  std::vector<Message> messages;
  for (Signed& entry : MessagesIn(reply)) {
    Message& message = entry.message;
    last_ = message.id;
    if (keys_.Verify(SignedFields(stream_, message.source, message.cursor, message.after, message.body),
                     entry.signature)) {
      messages.push_back(std::move(message));
    } else {
      ++refused_;
    }
  }
  return messages;
}

absl::StatusOr<std::vector<std::string>> Reader::Sources() {
  ASSIGN_OR_RETURN(const Reply reply, connection_.Run({"SMEMBERS", SourcesKey(stream_)}));
  RETURN_IF_ERROR(DeleteIfWrongType(connection_, reply, SourcesKey(stream_)).status());
  RETURN_IF_ERROR(StatusOf(reply));
  std::vector<std::string> sources;
  for (const Reply& source : reply.list) sources.push_back(source.text);
  return sources;
}

// A source moves its cursor together with its messages, so none arrives while the cursor is watched.
absl::StatusOr<bool> Reader::Reconcile(const std::string& source, const std::string& stored, Covers covers) {
  const std::string key = CursorKey(stream_, source);
  ASSIGN_OR_RETURN(const std::vector<Reply> replies,
                   connection_.Pipeline({{"WATCH", key},
                                         {"GET", key},
                                         {"XREAD", "COUNT", "1", "STREAMS", stream_, last_},
                                         {"XINFO", "STREAM", stream_}}));
  ASSIGN_OR_RETURN(const bool deleted, DeleteIfWrongType(connection_, replies[1], key));
  if (deleted) return true;
  for (const Reply& reply : replies) {
    if (const absl::Status status = StatusOf(reply); !absl::IsNotFound(status)) RETURN_IF_ERROR(status);
  }
  const std::string cursor = CursorIn(keys_, stream_, source, replies[1]);
  const bool same = cursor == stored;
  // The source repeats stored messages. It may move its cursor too often for a transaction.
  if (!same && (cursor.empty() || covers(stored, cursor))) {
    RETURN_IF_ERROR(connection_.Run({"UNWATCH"}).status());
    RETURN_IF_ERROR(Rewind(source, stored));
    return true;
  }
  // Replaces a signature by an earlier key with one by the first key.
  if (same ? stored.empty() || replies[1].text == SignedCursor(keys_, stream_, source, stored)
           : MayStillCome(source, cursor, replies[2], replies[3])) {
    RETURN_IF_ERROR(connection_.Run({"UNWATCH"}).status());
    return false;
  }
  const absl::Status set = Commit(connection_, {{"MULTI"}, SetCommand(source, stored)});
  if (absl::IsAborted(set)) return false;
  RETURN_IF_ERROR(set);
  awaited_.erase(source);
  return !same;
}

bool Reader::MayStillCome(const std::string& source, const std::string& cursor, const Reply& next,
                          const Reply& info) {
  if (MessagesIn(next).empty()) return false;
  const std::string newest = TextOf(info, "last-generated-id");
  Awaited& awaited = awaited_[source];
  if (awaited.cursor != cursor || ParseId(newest) < ParseId(awaited.newest)) awaited = {cursor, newest};
  return ParseId(last_) < ParseId(awaited.newest);
}

absl::Status Reader::Rewind(const std::string& source, const std::string& stored) {
  awaited_.erase(source);
  ASSIGN_OR_RETURN(const Reply reply, connection_.Run(SetCommand(source, stored)));
  return StatusOf(reply);
}

absl::Status Reader::Trim() {
  if (trimmed_ == last_) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Reply reply, connection_.Run({"XTRIM", stream_, "MINID", "~", last_}));
  RETURN_IF_ERROR(StatusOf(reply));
  trimmed_ = last_;
  return absl::OkStatus();
}

}  // namespace idea::redis
