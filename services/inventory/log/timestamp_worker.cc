#include "services/inventory/log/timestamp_worker.h"

#include <fstream>
#include <iterator>

#include "common/outbound/http_post.h"
#include "common/status/status.h"
#include "common/transparency/timestamp.h"
#include "services/inventory/log/log_store.h"
#include "services/inventory/log/timestamp_store.h"

namespace idea::inventory {
namespace {

constexpr int kOk = 200;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

absl::Status TimestampWorker::Check(const Options& options) {
  if (options.url.empty() ||
      ReadFile(options.ca_file).find("-----BEGIN CERTIFICATE-----") != std::string::npos)
    return absl::OkStatus();
  return absl::FailedPreconditionError(
      "IDEA_LOG_TSA_CA: must be a file with the certificates that are trusted to issue that of the "
      "time-stamping authority in IDEA_LOG_TSA_URL");
}

void TimestampWorker::Start() {
  if (!options_.url.empty()) loop_.Start();
}

void TimestampWorker::Stop() {
  stopping_ = true;
  loop_.Stop();
}

absl::StatusOr<int> TimestampWorker::Pass() {
  StampedCheckpoint stamped;
  bool is_due = false;
  RETURN_IF_ERROR(database_.Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(const transparency::CompactRange edge, ReadCompactRange(db));
    ASSIGN_OR_RETURN(const auto last, NewestTimestamp(db, edge.size));
    stamped.size = edge.size;
    stamped.time = clock_.Now();
    ASSIGN_OR_RETURN(stamped.checkpoint, log_.NewestCheckpoint(db));
    is_due =
        edge.size > 0 && (!last || (last->size < edge.size && last->time + kStampInterval <= stamped.time));
    return absl::OkStatus();
  }));
  if (!is_due) return 0;
  ASSIGN_OR_RETURN(const transparency::Note note, transparency::ParseNote(stamped.checkpoint));
  ASSIGN_OR_RETURN(const outbound::HttpAnswer answer,
                   outbound::Post({.url = options_.url,
                                   .content_type = "application/timestamp-query",
                                   .body = transparency::TimestampRequest(note.text),
                                   .ca_file = options_.tls_ca_file,
                                   .timeout = kTimeout,
                                   .cancelled = &stopping_}));
  if (answer.status != kOk)
    return absl::UnavailableError("the time-stamping authority answers with HTTP status " +
                                  std::to_string(answer.status));
  ASSIGN_OR_RETURN(stamped.token, transparency::TimestampToken(answer.body));
  RETURN_IF_ERROR(
      transparency::VerifyTimestamp(stamped.token, note.text, ReadFile(options_.ca_file)).status());
  RETURN_IF_ERROR(database_.Write([&](storage::Transaction& db) { return SaveTimestamp(db, stamped); }));
  return 1;
}

}  // namespace idea::inventory
