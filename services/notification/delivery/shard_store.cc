#include "services/notification/delivery/shard_store.h"

#include "common/status/status.h"
#include "services/notification/subscription/subscription_store.h"

namespace idea::notification {

bool ShardLeases::IsStale(std::map<std::string, Seen>& seen, const std::string& key, const Seen& now) const {
  Seen& last = seen[key];
  if (last.since == 0 || last.owner != now.owner || last.renewals != now.renewals) last = now;
  return now.since - last.since >= kLease;
}

absl::Status ShardLeases::Renew(storage::Transaction& db, clock::Micros steady) {
  const int64_t renewal = renewals_ + 1;
  ASSIGN_OR_RETURN(const storage::Rows replicas,
                   db.Query("SELECT owner, renewals FROM delivery_replicas WHERE owner <> $1", {owner_}));
  int64_t alive = 1;
  for (const storage::Row& row : replicas) {
    if (!IsStale(replicas_seen_, row.Text(0), {row.Text(0), row.Int(1), steady})) {
      ++alive;
    } else {
      RETURN_IF_ERROR(db.ExecuteDeferred("DELETE FROM delivery_replicas WHERE owner = $1", {row.Text(0)}));
    }
  }
  RETURN_IF_ERROR(db.ExecuteDeferred(
      "INSERT INTO delivery_replicas (owner, renewals) VALUES ($1, $2) ON CONFLICT (owner) DO UPDATE SET "
      "renewals = excluded.renewals",
      {owner_, renewal}));
  ASSIGN_OR_RETURN(
      const storage::Rows rows,
      db.Query("SELECT shard, owner, renewals FROM delivery_shards WHERE shard < $1", {kShards}));
  std::map<int64_t, Seen> found;
  for (const storage::Row& row : rows) found[row.Int(0)] = {row.Text(1), row.Int(2), steady};
  const auto share = static_cast<size_t>((kShards + alive - 1) / alive);
  planned_.clear();
  std::vector<int64_t> free, given_back;
  for (int64_t shard = 0; shard < kShards; ++shard) {
    const Seen& lease = found[shard];
    if (lease.owner == owner_) {
      (planned_.size() < share ? planned_ : given_back).push_back(shard);
    } else if (lease.owner.empty() || IsStale(shards_seen_, std::to_string(shard), lease)) {
      free.push_back(shard);
    }
  }
  for (const int64_t shard : free) {
    if (planned_.size() < share) planned_.push_back(shard);
  }
  const auto save = [&](int64_t shard, const std::string& owner) {
    return db.ExecuteDeferred(
        "INSERT INTO delivery_shards (shard, owner, renewals) VALUES ($1, $2, $3) ON CONFLICT (shard) DO "
        "UPDATE SET owner = excluded.owner, renewals = excluded.renewals",
        {shard, owner, renewal});
  };
  for (const int64_t shard : planned_) RETURN_IF_ERROR(save(shard, owner_));
  for (const int64_t shard : given_back) RETURN_IF_ERROR(save(shard, ""));
  return absl::OkStatus();
}

void ShardLeases::Commit(clock::Micros steady) {
  ++renewals_;
  owned_ = planned_;
  renewed_ = steady;
}

std::vector<int64_t> ShardLeases::Owned(clock::Micros steady) const {
  return steady - renewed_ < kLease ? owned_ : std::vector<int64_t>();
}

absl::Status ShardLeases::Return(storage::Transaction& db) {
  RETURN_IF_ERROR(db.ExecuteDeferred("UPDATE delivery_shards SET owner = '' WHERE owner = $1", {owner_}));
  return db.ExecuteDeferred("DELETE FROM delivery_replicas WHERE owner = $1", {owner_});
}

}  // namespace idea::notification
