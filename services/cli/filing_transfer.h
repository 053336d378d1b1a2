#ifndef IDEA_SERVICES_CLI_FILING_TRANSFER_H_
#define IDEA_SERVICES_CLI_FILING_TRANSFER_H_

#include <cstdint>
#include <functional>
#include <istream>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "idea/inventory/v1/bulk.pb.h"
#include "services/cli/log_verification.h"

// The register in bulk: into a file as it streams, and out of one batch by batch.
namespace idea::cli {

// Hands the messages of ExportFilings to `take`, until the stream ends.
using Feed =
    std::function<absl::Status(const inventory::v1::ExportFilingsRequest& request,
                               const std::function<void(const inventory::v1::ExportFilingsResponse&)>& take)>;
// Sends what `next` returns, null at the end, to ImportFilings, and hands each answer to `take` before it
// asks for the next.
using Conversation =
    std::function<absl::Status(const std::function<const inventory::v1::ImportFilingsRequest*()>& next,
                               const std::function<void(const inventory::v1::ImportFilingsResponse&)>& take)>;

// A stream that breaks so often without a message is given up. `pause` waits before the next attempt.
inline constexpr int kFruitlessAttempts = 5;
using Pause = std::function<void()>;

enum class ExportForm { kCsv, kJsonLines };

// Writes every filing that the caller sees. JSON lines are rows that ImportFilings takes. A stream that
// breaks is taken up where it was. Returns how many.
absl::StatusOr<int64_t> ExportFilings(const Feed& feed, ExportForm form, std::ostream& out,
                                      const Progress& progress, const Pause& pause);

struct ImportedFile {
  int64_t added = 0, known = 0;
  std::vector<inventory::v1::RefusedRow> refusals;
};

// Sends a file of JSON lines (EarlierFiling), in batches. A line that is none is refused here. `done` of
// progress is the number of lines that are answered.
absl::StatusOr<ImportedFile> ImportFilings(const Conversation& conversation, std::istream& in,
                                           const std::string& source, bool validate_only,
                                           const Progress& progress, const Pause& pause);

}  // namespace idea::cli

#endif  // IDEA_SERVICES_CLI_FILING_TRANSFER_H_
