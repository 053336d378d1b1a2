#ifndef IDEA_SERVICES_CLI_LOG_LOG_FOLDER_H_
#define IDEA_SERVICES_CLI_LOG_LOG_FOLDER_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/transparency/merkle.h"
#include "common/transparency/tile_path.h"

namespace idea::cli {

// The files of a log of `size` entries, as `ideactl log mirror` and `ideactl log export` write them: tiles
// under their names in C2SP tlog-tiles. Nothing that it returns is verified; a file that is missing or too
// short is NOT_FOUND.
class LogFolder {
 public:
  LogFolder(std::filesystem::path folder, int64_t size) : folder_(std::move(folder)), size_(size) {}

  // The hashes of a tile, or the bundle of its entries.
  absl::StatusOr<std::string> Read(int level, int64_t index, bool entries = false) const;
  // A node of the tree, for roots and proofs.
  absl::StatusOr<std::string> Node(int level, int64_t index) const;
  // The right edge of the tree of the first `size` entries.
  absl::StatusOr<transparency::CompactRange> RangeOf(int64_t size) const;
  // The entries from `first` to before `end`.
  absl::StatusOr<std::vector<std::string>> Entries(int64_t first, int64_t end) const;

 private:
  const std::filesystem::path folder_;
  const int64_t size_;
};

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_LOG_LOG_FOLDER_H_
