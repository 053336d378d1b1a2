#include <algorithm>
#include <charconv>
#include <compare>

#include "common/redis/redis.h"
#include "common/status/status.h"

namespace idea::redis {
namespace {

using std::chrono::milliseconds;

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

// The value behind `name` in a flat list of names and values; null if there is none.
const Reply* FieldOf(const Reply& flat, std::string_view name) {
  for (size_t i = 0; i + 1 < flat.list.size(); i += 2) {
    if (flat.list[i].text == name) return &flat.list[i + 1];
  }
  return nullptr;
}

std::string TextOf(const Reply& flat, std::string_view name) {
  const Reply* value = FieldOf(flat, name);
  return value == nullptr ? "" : value->text;
}

// The entries in the answer of XREADGROUP of one stream: nil, or [[stream, entries]].
const Reply& EntriesOf(const Reply& answer) {
  static const Reply none;
  return answer.list.empty() || answer.list[0].list.size() < 2 ? none : answer.list[0].list[1];
}

}  // namespace

Consumer::Consumer(Connection& connection, std::string stream, std::string group, std::string member)
    : connection_(connection),
      stream_(std::move(stream)),
      group_(std::move(group)),
      member_(std::move(member)) {}

absl::StatusOr<std::vector<Message>> Consumer::Read(int limit, milliseconds block, milliseconds idle) {
  absl::StatusOr<std::vector<Message>> messages = ReadAny(limit, block, idle);
  if (absl::IsNotFound(messages.status())) {
    // The first time, or Redis has lost everything.
    recovered_ = false;
    claim_from_ = "0-0";
    RETURN_IF_ERROR(CreateGroup());
    messages = ReadAny(limit, block, idle);
  }
  // The answer may be lost on the way: then the messages are this member's and nobody has seen them.
  if (!messages.ok()) recovered_ = false;
  return messages;
}

absl::StatusOr<std::vector<Message>> Consumer::ReadAny(int limit, milliseconds block, milliseconds idle) {
  ASSIGN_OR_RETURN(std::vector<Message> messages, ReadOwn(limit));
  if (!messages.empty()) return messages;
  ASSIGN_OR_RETURN(messages, Claim(limit, idle));
  if (!messages.empty()) return messages;
  return ReadNew(limit, block);
}

absl::StatusOr<std::vector<Message>> Consumer::ReadOwn(int limit) {
  while (!recovered_) {
    ASSIGN_OR_RETURN(const Reply reply, connection_.Run({"XREADGROUP", "GROUP", group_, member_, "COUNT",
                                                         std::to_string(limit), "STREAMS", stream_, "0"}));
    RETURN_IF_ERROR(StatusOf(reply));
    bool some_are_gone = false;
    ASSIGN_OR_RETURN(std::vector<Message> messages, Sort(EntriesOf(reply), some_are_gone));
    if (!messages.empty()) return messages;
    recovered_ = !some_are_gone;
  }
  return std::vector<Message>();
}

absl::StatusOr<std::vector<Message>> Consumer::Claim(int limit, milliseconds idle) {
  ASSIGN_OR_RETURN(const Reply reply,
                   connection_.Run({"XAUTOCLAIM", stream_, group_, member_, std::to_string(idle.count()),
                                    claim_from_, "COUNT", std::to_string(limit)}));
  RETURN_IF_ERROR(StatusOf(reply));
  if (reply.list.size() < 2)
    return absl::InternalError("redis: XAUTOCLAIM answers otherwise than documented");
  claim_from_ = reply.list[0].text;
  bool some_are_gone = false;
  return Sort(reply.list[1], some_are_gone);
}

absl::StatusOr<std::vector<Message>> Consumer::ReadNew(int limit, milliseconds block) {
  std::vector<std::string> command = {"XREADGROUP", "GROUP", group_, member_, "COUNT", std::to_string(limit)};
  // Longer than the socket waits would look like a lost connection; 0 would be for ever.
  const milliseconds wait = std::min(block, connection_.timeout() / 2);
  if (wait.count() > 0) command.insert(command.end(), {"BLOCK", std::to_string(wait.count())});
  command.insert(command.end(), {"STREAMS", stream_, ">"});
  ASSIGN_OR_RETURN(const Reply reply, connection_.Run(command));
  if (reply.kind == Reply::Kind::kError && reply.text.starts_with("UNBLOCKED")) {
    return absl::NotFoundError("redis: the stream was removed");
  }
  RETURN_IF_ERROR(StatusOf(reply));
  bool some_are_gone = false;
  return Sort(EntriesOf(reply), some_are_gone);
}

// Takes the messages out of entries [id, [name, value, ...]] and acknowledges those whose body is no more:
// [id, nil].
absl::StatusOr<std::vector<Message>> Consumer::Sort(const Reply& entries, bool& some_are_gone) {
  std::vector<Message> messages;
  std::vector<std::string> gone = {"XACK", stream_, group_};
  for (const Reply& entry : entries.list) {
    if (entry.list.size() < 2) continue;
    if (entry.list[1].kind == Reply::Kind::kNil) {
      gone.push_back(entry.list[0].text);
      continue;
    }
    messages.push_back({entry.list[0].text, TextOf(entry.list[1], "source"), TextOf(entry.list[1], "body")});
  }
  some_are_gone = gone.size() > 3;
  if (some_are_gone) {
    ASSIGN_OR_RETURN(const Reply reply, connection_.Run(gone));
    RETURN_IF_ERROR(StatusOf(reply));
  }
  return messages;
}

absl::Status Consumer::CreateGroup() {
  ASSIGN_OR_RETURN(const Reply reply,
                   connection_.Run({"XGROUP", "CREATE", stream_, group_, "0", "MKSTREAM"}));
  if (reply.kind == Reply::Kind::kError && reply.text.starts_with("BUSYGROUP")) return absl::OkStatus();
  return StatusOf(reply);
}

absl::Status Consumer::Acknowledge(const std::vector<Message>& messages) {
  if (messages.empty()) return absl::OkStatus();
  std::vector<std::string> command = {"XACK", stream_, group_};
  for (const Message& message : messages) command.push_back(message.id);
  ASSIGN_OR_RETURN(const Reply reply, connection_.Run(command));
  RETURN_IF_ERROR(StatusOf(reply));
  const absl::Status trimmed = Trim();
  // Redis has lost stream or group just now: nothing is left to trim.
  return absl::IsNotFound(trimmed) ? absl::OkStatus() : trimmed;
}

absl::Status Consumer::Trim() {
  ASSIGN_OR_RETURN(const Reply groups, connection_.Run({"XINFO", "GROUPS", stream_}));
  RETURN_IF_ERROR(StatusOf(groups));
  std::vector<std::vector<std::string>> questions;
  for (const Reply& group : groups.list) questions.push_back({"XPENDING", stream_, TextOf(group, "name")});
  if (questions.empty()) return absl::OkStatus();
  // Asked later than `last-delivered-id`: what is pending by then and was not before is behind it.
  ASSIGN_OR_RETURN(const std::vector<Reply> pending, connection_.Pipeline(questions));
  std::string keep_from;
  for (size_t i = 0; i < pending.size(); ++i) {
    RETURN_IF_ERROR(StatusOf(pending[i]));
    const bool some = pending[i].list.size() >= 2 && pending[i].list[0].integer > 0;
    const std::string bound = some ? pending[i].list[1].text : TextOf(groups.list[i], "last-delivered-id");
    if (keep_from.empty() || ParseId(bound) < ParseId(keep_from)) keep_from = bound;
  }
  ASSIGN_OR_RETURN(const Reply trimmed, connection_.Run({"XTRIM", stream_, "MINID", "~", keep_from}));
  return StatusOf(trimmed);
}

}  // namespace idea::redis
