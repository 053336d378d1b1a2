#include "services/cli/log/log_mirror.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "common/ids/ids.h"
#include "common/status/status.h"
#include "common/transparency/merkle.h"
#include "idea/inventory/v1/inventory.pb.h"
#include "services/cli/context/state_file.h"
#include "services/cli/log/log_folder.h"
#include "services/cli/log/log_tiles.h"

namespace idea::cli {
namespace {

using transparency::Checkpoint;
using transparency::kTileWidth;
using transparency::TilePath;

constexpr size_t kHashSize = 32;
constexpr int kLevelsOfTile = 8;
// Everybody may read the files.
constexpr int kMode = 0644;

// Writes the tiles of a log that grows. A tile is a new file, which appears when it is complete. All of them
// are on disk after Sync().
class TileWriter {
 public:
  explicit TileWriter(const std::filesystem::path& folder) : folder_(folder) {}

  absl::Status Write(const TilePath& tile, const std::string& bytes) {
    const std::filesystem::path path = folder_ / FormatTilePath(tile);
    std::error_code error;
    std::filesystem::create_directories(path.parent_path(), error);
    const std::filesystem::path draft = path.string() + ".new";
    std::ofstream file(draft, std::ios::binary);
    file << bytes;
    file.close();
    if (!file.fail()) std::filesystem::rename(draft, path, error);
    if (file.fail() || error) return absl::InternalError("cannot write " + path.string());
    written_.push_back(path);
    if (tile.width == kTileWidth) outdated_.push_back(path.string() + ".p");
    return absl::OkStatus();
  }
  // A file that exists already and belongs to the new tiles.
  void Adopt(const TilePath& tile) { written_.push_back(folder_ / FormatTilePath(tile)); }

  absl::Status Sync() const {
    const int folder = open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = folder >= 0 && syncfs(folder) == 0;
    if (folder >= 0) close(folder);
    return synced ? absl::OkStatus() : absl::InternalError("cannot write " + folder_.string());
  }
  void RemoveAll() const {
    std::error_code ignored;
    for (const auto& path : written_) std::filesystem::remove(path, ignored);
  }
  // The folders of partial tiles whose full ones were written.
  const std::vector<std::filesystem::path>& outdated() const { return outdated_; }

 private:
  const std::filesystem::path folder_;
  std::vector<std::filesystem::path> written_, outdated_;
};

// The tile of each level at the right edge, which grows.
class GrowingTiles {
 public:
  GrowingTiles(TileWriter& writer, int64_t size) : writer_(writer), size_(size) {}

  // Reads the partial tiles of the log so far.
  absl::Status Read(const LogFolder& folder) {
    for (int level = 0; size_ >> (kLevelsOfTile * level) > 0; ++level) {
      const int64_t count = size_ >> (kLevelsOfTile * level);
      if (count % kTileWidth == 0) continue;
      ASSIGN_OR_RETURN(hashes_[level], folder.Read(level, count / kTileWidth));
    }
    if (size_ % kTileWidth == 0) return absl::OkStatus();
    ASSIGN_OR_RETURN(entries_, folder.Read(0, size_ / kTileWidth, true));
    return absl::OkStatus();
  }

  absl::Status Add(const std::string& entry, const std::vector<transparency::Node>& nodes) {
    entries_ += {static_cast<char>(entry.size() >> 8), static_cast<char>(entry.size() & 255)};
    entries_ += entry;
    for (const transparency::Node& node : nodes) {
      if (node.level % kLevelsOfTile != 0) continue;
      const int level = node.level / kLevelsOfTile;
      std::string& hashes = hashes_[level];
      hashes += node.hash;
      if (hashes.size() < kTileWidth * kHashSize) continue;
      RETURN_IF_ERROR(writer_.Write({level, false, node.index / kTileWidth, kTileWidth}, hashes));
      hashes.clear();
    }
    if (++size_ % kTileWidth != 0) return absl::OkStatus();
    RETURN_IF_ERROR(writer_.Write({0, true, size_ / kTileWidth - 1, kTileWidth}, entries_));
    entries_.clear();
    return absl::OkStatus();
  }

  absl::Status WritePartial() {
    for (const auto& [level, hashes] : hashes_) {
      if (hashes.empty()) continue;
      const int64_t index = (size_ >> (kLevelsOfTile * level)) / kTileWidth;
      const auto width = static_cast<int64_t>(hashes.size() / kHashSize);
      RETURN_IF_ERROR(writer_.Write({level, false, index, width}, hashes));
    }
    if (entries_.empty()) return absl::OkStatus();
    return writer_.Write({0, true, size_ / kTileWidth, size_ % kTileWidth}, entries_);
  }

 private:
  TileWriter& writer_;
  int64_t size_;
  std::map<int, std::string> hashes_;
  std::string entries_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<LogMirror>> LogMirror::Open(const std::filesystem::path& folder,
                                                           std::string verifiers, bool cosigned_only) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const int lock = open((folder / ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return absl::FailedPreconditionError("cannot write to the folder " + folder.string());
  std::unique_ptr<LogMirror> mirror(new LogMirror(folder, lock, std::move(verifiers), cosigned_only));
  if (flock(lock, LOCK_EX | LOCK_NB) != 0)
    return absl::FailedPreconditionError("another process mirrors into the folder " + folder.string());
  RETURN_IF_ERROR(mirror->ReadState());
  return mirror;
}

LogMirror::~LogMirror() { close(lock_); }

absl::Status LogMirror::ReadState() {
  const std::filesystem::path path = folder_ / "checkpoint";
  if (!std::filesystem::exists(path)) return absl::OkStatus();
  note_ = ReadWhole(path).value_or("");
  const auto damaged = [&](const std::string& why) {
    return absl::FailedPreconditionError(folder_.string() + " is damaged, mirror into a new folder: " + why);
  };
  const auto tree = transparency::OpenCheckpoint(note_, transparency::VerifiersFor(verifiers_, note_));
  if (!tree.ok()) return damaged(std::string(tree.status().message()));
  const auto edge = LogFolder(folder_, tree->size).RangeOf(tree->size);
  if (!edge.ok()) return damaged(std::string(edge.status().message()));
  if (edge->Root() != tree->root) return damaged("the tiles do not have the root of the checkpoint");
  tree_ = *tree;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> LogMirror::EntriesFrom(int64_t first) const {
  return LogFolder(folder_, tree_.size).Entries(first, tree_.size);
}

absl::Status LogMirror::Contradiction(const std::string& text, const std::string& note) const {
  const std::filesystem::path path = folder_ / (".conflict-" + ids::Sha256Hex(note).substr(0, 16));
  return absl::DataLossError(
      text + (WriteDurably(path, note).ok() ? "; the checkpoint is kept in " + path.string() : ""));
}

absl::Status LogMirror::Follow(const CallFunction& call, const Progress& progress) {
  ASSIGN_OR_RETURN(const auto head,
                   Call<inventory::v1::GetCheckpointResponse>(call, inventory::v1::GetCheckpointRequest()));
  const std::string& note = cosigned_only_ ? head.cosigned_checkpoint() : head.checkpoint();
  if (!note.empty()) RETURN_IF_ERROR(FollowTo(note, call, progress));
  return KeepTimestamp(head.timestamped_checkpoint(), head.timestamp_token());
}

absl::Status LogMirror::KeepTimestamp(const std::string& note, const std::string& token) const {
  const std::filesystem::path stamped = folder_ / "timestamped-checkpoint", stamp = folder_ / "timestamp.der";
  if (note.empty() || (ReadWhole(stamped).value_or("") == note && ReadWhole(stamp).value_or("") == token))
    return absl::OkStatus();
  const auto then = transparency::OpenCheckpoint(note, transparency::VerifiersFor(verifiers_, note));
  if (!then.ok())
    return absl::DataLossError("the checkpoint with a time-stamp: " + std::string(then.status().message()));
  // A mirror of cosigned checkpoints may have to wait for its entries.
  if (then->size > tree_.size) return absl::OkStatus();
  ASSIGN_OR_RETURN(const transparency::CompactRange edge, LogFolder(folder_, tree_.size).RangeOf(then->size));
  if (then->origin != tree_.origin || edge.Root() != then->root)
    return Contradiction("forked: the checkpoint with a time-stamp is not of the log in the folder", note);
  RETURN_IF_ERROR(WriteDurably(stamp, token, kMode));
  return WriteDurably(stamped, note, kMode);
}

absl::Status LogMirror::FollowTo(const std::string& note, const CallFunction& call,
                                 const Progress& progress) {
  const auto next = transparency::OpenCheckpoint(note, transparency::VerifiersFor(verifiers_, note));
  if (!next.ok()) return absl::DataLossError("the log's checkpoint: " + std::string(next.status().message()));
  if (tree_.size > 0 && next->origin != tree_.origin)
    return Contradiction("the folder has the log " + tree_.origin + ", and this is " + next->origin, note);
  if (next->size < tree_.size) {
    // The folder may have followed checkpoints without cosignatures before.
    if (cosigned_only_) return absl::OkStatus();
    return Contradiction("the log shows " + std::to_string(next->size) + " entries and had " +
                             std::to_string(tree_.size) + ": it was cut off, or another one is shown here",
                         note);
  }
  if (next->size == tree_.size) {
    if (next->size > 0 && next->root != tree_.root)
      return Contradiction("forked: the log has signed another tree of " + std::to_string(next->size) +
                               " entries than the one in the folder",
                           note);
    if (note == note_) return absl::OkStatus();
  }
  absl::StatusOr<std::vector<std::filesystem::path>> outdated = std::vector<std::filesystem::path>();
  if (next->size > tree_.size) outdated = Extend(call, *next, progress);
  if (absl::IsDataLoss(outdated.status()))
    return Contradiction(std::string(outdated.status().message()), note);
  RETURN_IF_ERROR(outdated.status());
  RETURN_IF_ERROR(WriteDurably(folder_ / "checkpoint", note, kMode));
  tree_ = *next;
  note_ = note;
  std::error_code ignored;
  for (const auto& folder : *outdated) std::filesystem::remove_all(folder, ignored);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::filesystem::path>> LogMirror::Extend(const CallFunction& call,
                                                                     const Checkpoint& next,
                                                                     const Progress& progress) {
  const LogFolder before(folder_, tree_.size);
  ASSIGN_OR_RETURN(transparency::CompactRange edge, before.RangeOf(tree_.size));
  TileWriter writer(folder_);
  GrowingTiles tiles(writer, tree_.size);
  RETURN_IF_ERROR(tiles.Read(before));
  while (edge.size < next.size) {
    progress(edge.size, next.size);
    const int64_t index = edge.size / kTileWidth, first = index * kTileWidth;
    const TilePath path = {0, true, index, std::min(kTileWidth, next.size - first)};
    std::optional<std::string> bundle;
    // A bundle that is complete and new was left by a pass that was killed.
    if (path.width == kTileWidth && edge.size == first) bundle = ReadWhole(folder_ / FormatTilePath(path));
    if (bundle) {
      writer.Adopt(path);
    } else {
      ASSIGN_OR_RETURN(bundle, ReadTile(call, path));
    }
    const auto entries = SplitEntries(*bundle);
    if (!entries || static_cast<int64_t>(entries->size()) != path.width) {
      writer.RemoveAll();
      return absl::DataLossError("entries are missing from " + std::to_string(first) + " on");
    }
    for (auto i = static_cast<size_t>(edge.size - first); i < entries->size(); ++i)
      RETURN_IF_ERROR(tiles.Add((*entries)[i], edge.Append(transparency::LeafHash((*entries)[i]))));
  }
  progress(next.size, next.size);
  if (edge.Root() != next.root) {
    writer.RemoveAll();
    return absl::DataLossError("forked: the entries up to " + std::to_string(next.size) +
                               ", after those in the folder, are not those that the log has signed");
  }
  RETURN_IF_ERROR(tiles.WritePartial());
  RETURN_IF_ERROR(writer.Sync());
  return writer.outdated();
}

}  // namespace idea::cli
