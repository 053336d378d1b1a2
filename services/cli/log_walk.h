#ifndef IDEA_SERVICES_CLI_LOG_WALK_H_
#define IDEA_SERVICES_CLI_LOG_WALK_H_

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "services/cli/evidence.h"

// Reads the whole transparency log through the register's methods, and believes nothing that it can hash
// itself.
namespace idea::cli {

// Calls the method of the request's type and fills the response.
using Asker = std::function<absl::Status(const google::protobuf::Message& request,
                                         google::protobuf::Message* response)>;
// Told from time to time: done of all.
using Progress = std::function<void(int64_t done, int64_t all)>;

struct Walk {
  std::vector<Finding> findings;
  // The checkpoint that all of it holds for; to be given as `earlier` the next time.
  std::string checkpoint;
};

// What the caller sees of the register: the Statewide CDO's office all of it, a department its own. Of what
// others have only the log speaks.
enum class Sight { kAll, kOwn };

// Compares the log with its own checkpoint, with its tiles, with an earlier checkpoint (empty: none) and with
// every filing, its terms and every notice that the caller sees; `verifiers` are the log's keys. With a
// policy, enough witnesses must have cosigned a beginning of the log. Fails only where it cannot be read.
absl::StatusOr<Walk> VerifyLog(const Asker& ask, const std::string& verifiers, const std::string& earlier,
                               Sight sight, const Progress& progress,
                               const transparency::Policy* policy = nullptr);

// Writes the log as files: `checkpoint` and the tiles under the names that C2SP tlog-tiles gives them. Full
// tiles that are there already are left alone, so that a second export adds only what is new. Returns how
// many entries it has.
absl::StatusOr<int64_t> ExportLog(const Asker& ask, const std::filesystem::path& folder,
                                  const Progress& progress);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_LOG_WALK_H_
