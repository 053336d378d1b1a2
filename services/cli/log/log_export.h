#ifndef IDEA_SERVICES_CLI_LOG_LOG_EXPORT_H_
#define IDEA_SERVICES_CLI_LOG_LOG_EXPORT_H_

#include <cstdint>
#include <filesystem>

#include "absl/status/statusor.h"
#include "services/cli/log/log_tiles.h"

namespace idea::cli {

// Writes the log as files: `checkpoint`, and the tiles under their names in C2SP tlog-tiles. Leaves existing
// full tiles alone, so a later export adds only new ones. Returns the number of entries.
absl::StatusOr<int64_t> ExportLog(const CallFunction& call, const std::filesystem::path& folder,
                                  const Progress& progress);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_LOG_LOG_EXPORT_H_
