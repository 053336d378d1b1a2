#ifndef IDEA_COMMON_TRANSPARENCY_TILE_PATH_H_
#define IDEA_COMMON_TRANSPARENCY_TILE_PATH_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace idea::transparency {

inline constexpr int64_t kTileWidth = 256;

// A tile of the log, named as in C2SP tlog-tiles.
struct TilePath {
  // The level in tiles: level 1 is level 8 of the tree.
  int level = 0;
  // Whether it is a bundle of entries, of level 0.
  bool entries = false;
  int64_t index = 0;
  // 1 to 256.
  int64_t width = kTileWidth;
};

// Parses "tile/0/x001/067", "tile/1/000.p/5", "tile/entries/000.p/20". nullopt for any other text, including
// non-canonical numbers.
std::optional<TilePath> ParseTilePath(std::string_view path);

// The canonical path.
std::string FormatTilePath(const TilePath& tile);

}  // namespace idea::transparency

#endif  // IDEA_COMMON_TRANSPARENCY_TILE_PATH_H_
