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

// A stream's id: "<milliseconds>-<number>".
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

// The value of `name` in a flat list of names and values; "" if there is none.
std::string TextOf(const Reply& flat, std::string_view name) {
  for (size_t i = 0; i + 1 < flat.list.size(); i += 2) {
    if (flat.list[i].text == name) return flat.list[i + 1].text;
  }
  return "";
}

// The messages in the answer of XREAD of one stream: nil, or [[stream, [[id, [name, value, ...]], ...]]].
std::vector<Message> MessagesIn(const Reply& answer) {
  std::vector<Message> messages;
  if (answer.list.empty() || answer.list[0].list.size() < 2) return messages;
  for (const Reply& entry : answer.list[0].list[1].list) {
    if (entry.list.size() < 2) continue;
    const Reply& fields = entry.list[1];
    messages.push_back({entry.list[0].text, TextOf(fields, "source"), TextOf(fields, "cursor"),
                        TextOf(fields, "after"), TextOf(fields, "body")});
  }
  return messages;
}

std::vector<std::string> SetCommand(const std::string& key, const std::string& cursor) {
  if (cursor.empty()) return {"DEL", key};
  return {"SET", key, cursor};
}

}  // namespace

Reader::Reader(Connection& connection, std::string stream)
    : connection_(connection), stream_(std::move(stream)), last_(kBeginning) {}

absl::StatusOr<std::vector<Message>> Reader::Read(int limit, milliseconds block) {
  // A stream that was lost begins again, perhaps with lower ids if the clock was set back.
  ASSIGN_OR_RETURN(const Reply info, connection_.Run({"XINFO", "STREAM", stream_}));
  const absl::Status found = StatusOf(info);
  if (!found.ok() && !absl::IsNotFound(found)) return found;
  if (!found.ok() || ParseId(TextOf(info, "last-generated-id")) < ParseId(last_)) last_ = kBeginning;
  std::vector<std::string> command = {"XREAD", "COUNT", std::to_string(limit)};
  // Longer than the socket waits would look like a lost connection; 0 would be for ever.
  const milliseconds wait = std::min(block, connection_.timeout() / 2);
  if (wait.count() > 0) command.insert(command.end(), {"BLOCK", std::to_string(wait.count())});
  command.insert(command.end(), {"STREAMS", stream_, last_});
  ASSIGN_OR_RETURN(const Reply reply, connection_.Run(command));
  RETURN_IF_ERROR(StatusOf(reply));
  std::vector<Message> messages = MessagesIn(reply);
  if (!messages.empty()) last_ = messages.back().id;
  return messages;
}

absl::StatusOr<std::vector<std::string>> Reader::Sources() {
  ASSIGN_OR_RETURN(const Reply reply, connection_.Run({"SMEMBERS", SourcesKey(stream_)}));
  RETURN_IF_ERROR(StatusOf(reply));
  std::vector<std::string> sources;
  for (const Reply& source : reply.list) sources.push_back(source.text);
  return sources;
}

// A source moves its cursor together with its messages: while the cursor is watched, none comes.
absl::StatusOr<bool> Reader::Reconcile(const std::string& source, const std::string& stored) {
  const std::string key = CursorKey(stream_, source);
  ASSIGN_OR_RETURN(const std::vector<Reply> replies,
                   connection_.Pipeline(
                       {{"WATCH", key}, {"GET", key}, {"XREAD", "COUNT", "1", "STREAMS", stream_, last_}}));
  for (const Reply& reply : replies) RETURN_IF_ERROR(StatusOf(reply));
  if (replies[1].text == stored || !MessagesIn(replies[2]).empty()) {
    RETURN_IF_ERROR(connection_.Run({"UNWATCH"}).status());
    return false;
  }
  const absl::Status set = Commit(connection_, {{"MULTI"}, SetCommand(key, stored)});
  if (absl::IsAborted(set)) return false;
  RETURN_IF_ERROR(set);
  return true;
}

absl::Status Reader::Rewind(const std::string& source, const std::string& stored) {
  ASSIGN_OR_RETURN(const Reply reply, connection_.Run(SetCommand(CursorKey(stream_, source), stored)));
  return StatusOf(reply);
}

absl::Status Reader::Trim() {
  ASSIGN_OR_RETURN(const Reply reply, connection_.Run({"XTRIM", stream_, "MINID", "~", last_}));
  return StatusOf(reply);
}

}  // namespace idea::redis
