#include "services/cli/log/log_export.h"

#include <fstream>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "idea/inventory/v1/inventory.pb.h"

namespace idea::cli {
namespace {

using transparency::TilePath;

absl::Status Write(const std::filesystem::path& path, const std::string& bytes) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  const std::filesystem::path draft = path.string() + ".new";
  {
    std::ofstream file(draft, std::ios::binary);
    file << bytes;
    file.close();
    if (file.fail()) return absl::InvalidArgumentError("cannot write " + path.string());
  }
  std::filesystem::rename(draft, path, error);
  return error ? absl::InvalidArgumentError("cannot write " + path.string()) : absl::OkStatus();
}

}  // namespace

absl::StatusOr<int64_t> ExportLog(const CallFunction& call, const std::filesystem::path& folder,
                                  const Progress& progress) {
  inventory::v1::GetCheckpointResponse head;
  RETURN_IF_ERROR(call(inventory::v1::GetCheckpointRequest(), &head));
  std::vector<TilePath> tiles;
  for (int level = 0; head.size() >> (8 * level) > 0; ++level) {
    for (const TilePath& tile : TilesOf(level, head.size())) {
      tiles.push_back(tile);
      if (level == 0) tiles.push_back({0, true, tile.index, tile.width});
    }
  }
  int64_t done = 0;
  for (const TilePath& tile : tiles) {
    progress(done++, static_cast<int64_t>(tiles.size()));
    const std::filesystem::path path = folder / FormatTilePath(tile);
    if (std::filesystem::exists(path)) continue;
    ASSIGN_OR_RETURN(const std::string bytes, ReadTile(call, tile));
    RETURN_IF_ERROR(Write(path, bytes));
  }
  // Last, so that every tile that the checkpoint covers exists.
  RETURN_IF_ERROR(Write(folder / "checkpoint", head.checkpoint()));
  return head.size();
}

}  // namespace idea::cli
