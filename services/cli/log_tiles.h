#ifndef IDEA_SERVICES_CLI_LOG_TILES_H_
#define IDEA_SERVICES_CLI_LOG_TILES_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/transparency/tile_path.h"
#include "google/protobuf/message.h"

// Reads the tiles of the transparency log with the register's methods.
namespace idea::cli {

// Calls the method of the request's type and fills the response.
using Asker = std::function<absl::Status(const google::protobuf::Message& request,
                                         google::protobuf::Message* response)>;
// Called as work proceeds: `done` items of `all`; 0 if their number is not known.
using Progress = std::function<void(int64_t done, int64_t all)>;

// The bytes of a tile. NOT_IN_LOG if the log is shorter.
absl::StatusOr<std::string> ReadTile(const Asker& ask, const transparency::TilePath& tile);

// The tiles of a level in a log of that size. The last one may be partial.
std::vector<transparency::TilePath> TilesOf(int level, int64_t size);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_LOG_TILES_H_
