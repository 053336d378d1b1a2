#include "common/transparency/tile_path.h"

#include <gtest/gtest.h>

namespace idea::transparency {
namespace {

TEST(TilePath, ReadsWhatTheTilesFormatWrites) {
  struct Case {
    const char* path;
    TilePath tile;
  };
  const Case cases[] = {{"tile/0/000", {0, false, 0, 256}},
                        {"tile/0/x001/067", {0, false, 1067, 256}},
                        {"tile/3/x001/x234/067.p/255", {3, false, 1234067, 255}},
                        {"tile/1/000.p/5", {1, false, 0, 5}},
                        {"tile/entries/x012/345", {0, true, 12345, 256}},
                        {"tile/entries/000.p/20", {0, true, 0, 20}}};
  for (const auto& [path, wanted] : cases) {
    const auto tile = ParseTilePath(path);
    ASSERT_TRUE(tile) << path;
    EXPECT_EQ(tile->level, wanted.level) << path;
    EXPECT_EQ(tile->entries, wanted.entries) << path;
    EXPECT_EQ(tile->index, wanted.index) << path;
    EXPECT_EQ(tile->width, wanted.width) << path;
  }
}

TEST(TilePath, TakesNothingElse) {
  for (const char* path : {"",
                           "tile",
                           "tile/0",
                           "tile/0/",
                           "tile/0/0",
                           "tile/0/00",
                           "tile/0/0000",
                           "tile/8/000",
                           "tile/-1/000",
                           "tile/00/000",
                           "tile/x/000",
                           "tile/0/x000/001",
                           "tile/0/001/067",
                           "tile/0/x001/x067",
                           "tile/0/000.p",
                           "tile/0/000.p/",
                           "tile/0/000.p/0",
                           "tile/0/000.p/256",
                           "tile/0/000.p/05",
                           "tile/0/000/",
                           "/tile/0/000",
                           "tile/0/x999/x999/x999/x999/x999/999",
                           "tile/0/x999/x999/x999/x999/x999/x999/999",
                           "tile/0/+01",
                           "tile/entries",
                           "tile/.p/5",
                           "tile/0/.p/5"}) {
    EXPECT_FALSE(ParseTilePath(path)) << path;
  }
}

}  // namespace
}  // namespace idea::transparency
