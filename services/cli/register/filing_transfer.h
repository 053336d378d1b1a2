#ifndef IDEA_SERVICES_CLI_REGISTER_FILING_TRANSFER_H_
#define IDEA_SERVICES_CLI_REGISTER_FILING_TRANSFER_H_

#include <cstdint>
#include <functional>
#include <istream>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "idea/inventory/v1/bulk.pb.h"
#include "services/cli/call/call_function.h"

// Copies the register to a file, and filings from a file to the register.
namespace idea::cli {

// Calls ExportFilings and passes its messages to `take` until the stream ends.
using ExportStream =
    std::function<absl::Status(const inventory::v1::ExportFilingsRequest& request,
                               const std::function<void(const inventory::v1::ExportFilingsResponse&)>& take)>;
// Calls ImportFilings with the messages of `next` (null at the end), and passes each answer to `take` before
// the next message.
using ImportStream =
    std::function<absl::Status(const std::function<const inventory::v1::ImportFilingsRequest*()>& next,
                               const std::function<void(const inventory::v1::ImportFilingsResponse&)>& take)>;

// Maximum number of consecutive attempts without a message. `pause` waits before the next attempt.
inline constexpr int kFruitlessAttempts = 5;
using Pause = std::function<void()>;

enum class ExportForm { kCsv, kJsonLines };

// Writes every filing that the caller sees. JSON lines can be imported by ImportFilings. Resumes a broken
// stream. Returns the number of filings.
absl::StatusOr<int64_t> ExportFilings(const ExportStream& stream, ExportForm form, std::ostream& out,
                                      const Progress& progress, const Pause& pause);

struct ImportedFile {
  int64_t added = 0, known = 0;
  std::vector<inventory::v1::RefusedRow> refusals;
};

// Sends a file of JSON lines (EarlierFiling) in batches. A malformed line is refused here. `done` of progress
// is the number of lines with an answer.
absl::StatusOr<ImportedFile> ImportFilings(const ImportStream& stream, std::istream& in,
                                           const std::string& source, bool validate_only,
                                           const Progress& progress, const Pause& pause);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_REGISTER_FILING_TRANSFER_H_
