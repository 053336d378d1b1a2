#include "services/cli/log/log_tiles.h"

#include <algorithm>
#include <utility>

#include "common/status/status.h"
#include "idea/inventory/v1/inventory.pb.h"

namespace idea::cli {

using transparency::kTileWidth;
using transparency::TilePath;

absl::StatusOr<std::string> ReadTile(const CallFunction& call, const TilePath& tile) {
  inventory::v1::GetTileRequest request;
  request.set_path(FormatTilePath(tile));
  inventory::v1::GetTileResponse response;
  RETURN_IF_ERROR(call(request, &response));
  return std::move(*response.mutable_data());
}

std::vector<TilePath> TilesOf(int level, int64_t size) {
  std::vector<TilePath> tiles;
  const int64_t hashes = size >> (8 * level);
  for (int64_t first = 0; first < hashes; first += kTileWidth) {
    tiles.push_back({level, false, first / kTileWidth, std::min(kTileWidth, hashes - first)});
  }
  return tiles;
}

std::optional<std::vector<std::string>> SplitEntries(const std::string& bundle) {
  std::vector<std::string> entries;
  for (size_t at = 0; at < bundle.size();) {
    if (bundle.size() - at < 2) return std::nullopt;
    const size_t size =
        static_cast<unsigned char>(bundle[at]) * 256U + static_cast<unsigned char>(bundle[at + 1]);
    if (bundle.size() - at - 2 < size) return std::nullopt;
    entries.push_back(bundle.substr(at + 2, size));
    at += 2 + size;
  }
  return entries;
}

}  // namespace idea::cli
