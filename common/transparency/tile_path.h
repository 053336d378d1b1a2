#ifndef IDEA_COMMON_TRANSPARENCY_TILE_PATH_H_
#define IDEA_COMMON_TRANSPARENCY_TILE_PATH_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace idea::transparency {

inline constexpr int64_t kTileWidth = 256;

// A tile of the log as C2SP tlog-tiles names it.
struct TilePath {
  // In tiles: level 1 is the tree's level 8.
  int level = 0;
  // A bundle of entries, level 0.
  bool entries = false;
  int64_t index = 0;
  // 1 to 256.
  int64_t width = kTileWidth;
};

// "tile/0/x001/067", "tile/1/000.p/5", "tile/entries/000.p/20"; nullopt for anything else, such as a number
// that is not written the one way it can be.
std::optional<TilePath> ParseTilePath(std::string_view path);

// The one way to write it.
std::string FormatTilePath(const TilePath& tile);

}  // namespace idea::transparency

#endif  // IDEA_COMMON_TRANSPARENCY_TILE_PATH_H_
