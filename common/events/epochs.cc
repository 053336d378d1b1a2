#include "common/events/epochs.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "common/ids/ids.h"
#include "common/log/log.h"
#include "common/status/status.h"

namespace idea::events {
namespace {

using storage::Engine;

constexpr int64_t kFirst = 1;
constexpr size_t kIdSize = 16;
constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();

// A checksum that detects tokens of another scope. Forging one gains nothing, because it only selects a
// position in data that the bearer may read. FNV-1a, because each exchange check computes one.
std::string SealOf(std::string_view scope) {
  uint32_t hash = 2166136261;
  for (const char c : scope) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619;
  std::string seal(8, '0');
  for (char& digit : seal) {
    digit = "0123456789abcdef"[hash >> 28];
    hash <<= 4;
  }
  return seal;
}

// "<epoch>.<position>".
struct Place {
  std::string_view epoch;
  int64_t position = 0;
};

std::optional<Place> ParsePlace(std::string_view text) {
  const size_t dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  Place place{text.substr(0, dot)};
  const char* end = text.data() + text.size();
  const auto [last, bad] = std::from_chars(text.data() + dot + 1, end, place.position);
  if (bad != std::errc() || last != end || place.position < 0) return std::nullopt;
  return place;
}

std::string HeadOf(Engine engine) {
  return engine == Engine::kSqlite ? "(SELECT COALESCE(MAX(seq), 0) FROM events)"
                                   : "(SELECT COALESCE(MAX(position), 0) FROM event_positions)";
}

struct Latest {
  int64_t number;
  storage::Location location;
};

absl::StatusOr<Latest> FindLatest(storage::Transaction& db) {
  ASSIGN_OR_RETURN(const auto row,
                   db.QueryOne("SELECT number, copy, timeline FROM event_epochs WHERE number >= $1 "
                               "ORDER BY number DESC LIMIT 1",
                               {kFirst}));
  if (!row) return absl::DataLossError("the event log has no epoch");
  return Latest{row->Int(0), {row->Text(1), row->Text(2)}};
}

absl::Status Begin(storage::Transaction& db, const Latest& latest, const storage::Location& now,
                   bool replays) {
  log::Line(log::Level::kWarn, "the database was restored or moved, or another server has taken it over")
      .With("before", latest.location.copy + " " + latest.location.timeline)
      .With("now", now.copy + " " + now.timeline);
  // They may refer to events that are no longer in the log.
  if (replays)
    RETURN_IF_ERROR(db.ExecuteDeferred("DELETE FROM peer_marks WHERE position > $1", {int64_t{-1}}));
  std::string id(kIdSize, '0');
  ids::WriteRandomHex(id.data(), id.size());
  return db.ExecuteDeferred(
      "INSERT INTO event_epochs (number, id, head, copy, timeline, replays) VALUES ($1, $2, " +
          HeadOf(db.engine()) + ", $3, $4, $5)",
      {latest.number + 1, id, now.copy, now.timeline, int64_t{replays}},
      storage::FailIfExists(absl::AbortedError("another replica has begun an epoch")));
}

}  // namespace

absl::StatusOr<Epochs> Epochs::Read(storage::Transaction& db) {
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT id, head, replays, " + HeadOf(db.engine()) +
                                " FROM event_epochs WHERE number >= $1 ORDER BY number",
                            {kFirst}));
  if (rows.empty()) return absl::DataLossError("the event log has no epoch");
  return Epochs(rows);
}

Epochs::Epochs(const storage::Rows& rows) : head_(rows.front().Int(3)) {
  for (const storage::Row& row : rows) epochs_.push_back({row.Text(0), row.Int(1), row.Int(2) != 0});
}

std::vector<Epochs::Epoch>::const_iterator Epochs::Find(std::string_view id) const {
  if (id.empty()) return epochs_.begin();
  return std::find_if(epochs_.begin(), epochs_.end(), [&](const Epoch& epoch) { return epoch.id == id; });
}

int64_t Epochs::CommonHead(std::vector<Epoch>::const_iterator epoch, int64_t head) const {
  while (++epoch != epochs_.end()) head = epoch->replays ? 0 : std::min(head, epoch->head);
  return head;
}

std::string Epochs::Describe() const {
  const size_t first = epochs_.size() - std::min<size_t>(epochs_.size(), kMaxDescribed);
  std::string text;
  for (auto epoch = epochs_.begin() + static_cast<int64_t>(first); epoch != epochs_.end(); ++epoch) {
    text += (text.empty() ? "" : ",") + epoch->id + "." + std::to_string(CommonHead(epoch, head_));
  }
  return text;
}

std::string Epochs::TokenOf(int64_t position, std::string_view scope) const {
  return CursorOf(position) + "." + SealOf(scope);
}

absl::StatusOr<int64_t> Epochs::Resolve(std::string_view token, std::string_view scope,
                                        std::string_view field, bool may_be_ahead) const {
  if (token.empty()) return 0;
  const auto invalid = [&](std::string_view text) {
    return status::Error(status::Reason::ERROR_REASON_PAGE_TOKEN_INVALID,
                         std::string(field) + std::string(text))
        .Field(std::string(field), "a token of a response to the same request, or none");
  };
  const size_t dot = token.rfind('.');
  const auto place = ParsePlace(token.substr(0, dot == std::string_view::npos ? 0 : dot));
  if (!place || place->epoch.size() != kIdSize || token.substr(dot + 1) != SealOf(scope)) {
    return invalid(" must be a token that an answer to the same request carried");
  }
  const auto epoch = Find(place->epoch);
  if (epoch == epochs_.end() || place->position > CommonHead(epoch, may_be_ahead ? kNoLimit : head_)) {
    return invalid(
        " is of another database, or of what this one lost when it was restored: begin again without it and "
        "pass "
        "over the events whose event_id you know");
  }
  return place->position;
}

int64_t Epochs::ReplayAfter(std::string_view cursor) const {
  const auto place = ParsePlace(cursor);
  if (!place) return 0;
  const auto epoch = Find(place->epoch);
  if (epoch == epochs_.end()) return 0;
  return IsAhead(cursor) ? 0 : std::min(place->position, CommonHead(epoch, head_));
}

bool Epochs::Covers(std::string_view stored, std::string_view cursor) {
  const auto left = ParsePlace(stored);
  const auto right = ParsePlace(cursor);
  return left && right && left->epoch == right->epoch && left->position >= right->position;
}

absl::Status EnsureEpoch(storage::Transaction& db) {
  ASSIGN_OR_RETURN(const storage::Location now, db.FindLocation());
  ASSIGN_OR_RETURN(const Latest latest, FindLatest(db));
  if (now == latest.location) return absl::OkStatus();
  if (latest.location.copy.empty()) {
    return db.ExecuteDeferred("UPDATE event_epochs SET copy = $1, timeline = $2 WHERE number = $3",
                              {now.copy, now.timeline, latest.number});
  }
  return Begin(db, latest, now, /*replays=*/latest.location.copy == kStatedCopy);
}

absl::StatusOr<bool> IsElsewhere(storage::Transaction& db) {
  ASSIGN_OR_RETURN(const storage::Location now, db.FindLocation());
  ASSIGN_OR_RETURN(const Latest latest, FindLatest(db));
  return now != latest.location;
}

absl::Status BeginEpoch(storage::Transaction& db, bool exact) {
  ASSIGN_OR_RETURN(const storage::Location now, db.FindLocation());
  ASSIGN_OR_RETURN(const Latest latest, FindLatest(db));
  return Begin(db, latest, now, !exact);
}

bool Epochs::IsAhead(std::string_view cursor) const {
  const auto place = ParsePlace(cursor);
  return place && place->epoch == current() && place->position > head_;
}

bool Epochs::Knows(std::string_view cursor) const {
  const auto place = ParsePlace(cursor);
  return place && Find(place->epoch) != epochs_.end();
}

absl::Status EndEpochOf(storage::Transaction& db, std::string_view cursor) {
  ASSIGN_OR_RETURN(const Epochs epochs, Epochs::Read(db));
  return epochs.IsAhead(cursor) ? BeginEpoch(db, /*exact=*/false) : absl::OkStatus();
}

}  // namespace idea::events
