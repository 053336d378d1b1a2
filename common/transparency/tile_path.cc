#include "common/transparency/tile_path.h"

#include <charconv>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"

namespace idea::transparency {
namespace {

constexpr int kMaxLevel = 63 / 8;
// With more groups of three digits, the entries of a tile would exceed 64 bits.
constexpr size_t kMaxGroups = 5;

std::optional<int64_t> Number(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

// Formats 1234067 as "x001/x234/067".
std::string Grouped(int64_t index) {
  std::string path = absl::StrFormat("%03d", index % 1000);
  while ((index /= 1000) > 0) path = absl::StrFormat("x%03d/%s", index % 1000, path);
  return path;
}

}  // namespace

std::optional<TilePath> ParseTilePath(std::string_view path) {
  TilePath tile;
  // Debian's abseil has its own string_view type.
  std::vector<std::string> words = absl::StrSplit(absl::string_view(path.data(), path.size()), '/');
  if (words.size() < 3 || words[0] != "tile") return std::nullopt;
  tile.entries = words[1] == "entries";
  if (!tile.entries) {
    const auto level = Number(words[1]);
    if (!level || *level > kMaxLevel) return std::nullopt;
    tile.level = static_cast<int>(*level);
  }
  // The rest of the path is checked by formatting it again.
  if (words[words.size() - 2].ends_with(".p")) {
    const auto width = Number(words.back());
    if (!width || *width < 1 || *width >= kTileWidth) return std::nullopt;
    tile.width = *width;
    words.pop_back();
    words.back().resize(words.back().size() - 2);
  }
  if (words.size() > 2 + kMaxGroups) return std::nullopt;
  for (size_t i = 2; i < words.size(); ++i) {
    std::string_view group = words[i];
    if (i + 1 < words.size() && !group.empty()) group.remove_prefix(1);
    const auto number = Number(group);
    if (!number || *number > 999) return std::nullopt;
    tile.index = tile.index * 1000 + *number;
  }
  if (FormatTilePath(tile) != path) return std::nullopt;
  return tile;
}

std::string FormatTilePath(const TilePath& tile) {
  const std::string level = tile.entries ? "entries" : absl::StrCat(tile.level);
  const std::string tail = tile.width < kTileWidth ? absl::StrCat(".p/", tile.width) : "";
  return absl::StrCat("tile/", level, "/", Grouped(tile.index), tail);
}

}  // namespace idea::transparency
