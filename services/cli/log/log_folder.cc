#include "services/cli/log/log_folder.h"

#include <algorithm>

#include "common/status/status.h"
#include "services/cli/context/state_file.h"
#include "services/cli/log/log_tiles.h"

namespace idea::cli {
namespace {

using transparency::kTileWidth;

constexpr size_t kHashSize = 32;
constexpr int kLevelsOfTile = 8;

}  // namespace

absl::StatusOr<std::string> LogFolder::Read(int level, int64_t index, bool entries) const {
  const int64_t width = std::min(kTileWidth, (size_ >> (kLevelsOfTile * level)) - index * kTileWidth);
  if (width <= 0) return absl::NotFoundError("a tile after the end of the log");
  const std::filesystem::path path = folder_ / transparency::FormatTilePath({level, entries, index, width});
  std::optional<std::string> bytes = ReadWhole(path);
  if (!bytes || (!entries && bytes->size() != static_cast<size_t>(width) * kHashSize))
    return absl::NotFoundError(path.string() + " is missing or damaged");
  return *std::move(bytes);
}

absl::StatusOr<std::string> LogFolder::Node(int level, int64_t index) const {
  const int height = level % kLevelsOfTile;
  const int64_t first = index << height;
  ASSIGN_OR_RETURN(const std::string tile, Read(level / kLevelsOfTile, first / kTileWidth));
  std::vector<std::string> hashes;
  for (int64_t i = 0; i < int64_t{1} << height; ++i) {
    const auto at = static_cast<size_t>(first % kTileWidth + i) * kHashSize;
    if (at + kHashSize > tile.size()) return absl::NotFoundError("a node after the end of the log");
    hashes.push_back(tile.substr(at, kHashSize));
  }
  for (; hashes.size() > 1; hashes.resize(hashes.size() / 2)) {
    for (size_t i = 0; i + 1 < hashes.size(); i += 2)
      hashes[i / 2] = transparency::NodeHash(hashes[i], hashes[i + 1]);
  }
  return hashes.front();
}

absl::StatusOr<transparency::CompactRange> LogFolder::RangeOf(int64_t size) const {
  transparency::CompactRange edge;
  edge.size = size;
  for (int level = 62; level >= 0; --level) {
    if ((size >> level & 1) == 0) continue;
    ASSIGN_OR_RETURN(std::string peak, Node(level, (size >> level) - 1));
    edge.peaks.push_back(std::move(peak));
  }
  return edge;
}

absl::StatusOr<std::vector<std::string>> LogFolder::Entries(int64_t first, int64_t end) const {
  std::vector<std::string> entries;
  for (int64_t index = first / kTileWidth; index * kTileWidth < end; ++index) {
    ASSIGN_OR_RETURN(const std::string bundle, Read(0, index, true));
    const auto read = SplitEntries(bundle);
    const int64_t from = std::max<int64_t>(0, first - index * kTileWidth);
    const int64_t to = std::min(kTileWidth, end - index * kTileWidth);
    if (!read || static_cast<int64_t>(read->size()) < to)
      return absl::NotFoundError("the entries from " + std::to_string(index * kTileWidth) +
                                 " on are damaged");
    entries.insert(entries.end(), read->begin() + from, read->begin() + to);
  }
  return entries;
}

}  // namespace idea::cli
