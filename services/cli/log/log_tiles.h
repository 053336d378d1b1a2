#ifndef IDEA_SERVICES_CLI_LOG_LOG_TILES_H_
#define IDEA_SERVICES_CLI_LOG_LOG_TILES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/transparency/tile_path.h"
#include "services/cli/call/call_function.h"

// Reads the tiles of the transparency log with the register's methods.
namespace idea::cli {

// The bytes of a tile. NOT_IN_LOG if the log is shorter.
absl::StatusOr<std::string> ReadTile(const CallFunction& call, const transparency::TilePath& tile);

// The tiles of a level in a log of that size. The last one may be partial.
std::vector<transparency::TilePath> TilesOf(int level, int64_t size);

// Splits a bundle of entries, where two bytes with the length precede each entry; nullopt if it is truncated.
std::optional<std::vector<std::string>> SplitEntries(const std::string& bundle);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_LOG_LOG_TILES_H_
