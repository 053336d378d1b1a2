#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "common/digest/digest.h"
#include "common/ids/ids.h"
#include "common/transparency/checkpoint.h"
#include "common/transparency/merkle.h"
#include "common/transparency/tile_path.h"
#include "idea/inventory/v1/inventory.pb.h"
#include "services/cli/log/log_verification.h"
#include "services/cli/log/record_verification.h"
#include "tests/bench/bench.h"
#include "tests/support/log_key_file.h"

// Measures `ideactl log verify` of a generated log, next to hashing the same bytes once: the time, and the
// memory that it adds. The argument is the number of entries, 1,000,000 without one. Of an agreement, the log
// has 20 entries.
namespace idea::cli {
namespace {

using bench::Must;
using inventory::v1::LogEntry;
using transparency::kTileWidth;

constexpr int kEntriesOfAgreement = 20;

double Seconds(std::chrono::steady_clock::duration spent) {
  return std::chrono::duration<double>(spent).count();
}

template <class Work>
double SecondsOf(const Work& work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return Seconds(std::chrono::steady_clock::now() - began);
}

int64_t PeakKilobytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

LogEntry EntryAt(int64_t index) {
  const std::string agreement = std::to_string(index / kEntriesOfAgreement);
  LogEntry entry;
  entry.set_kind(inventory::v1::LOG_ENTRY_KIND_OPINION_REGISTERED);
  entry.mutable_time()->set_seconds(1'800'000'000 + index);
  *entry.mutable_log_time() = entry.time();
  entry.set_bucp("bucps/" + ids::Sha256Hex(agreement).substr(0, 32));
  entry.set_record("routings/" + agreement + "/opinions/" + std::to_string(index));
  entry.set_record_digest(ids::Sha256Hex(entry.record()));
  entry.set_digest(ids::Sha256Hex(entry.bucp()));
  entry.set_entity("entities/department-" + std::to_string(index % 50));
  entry.set_version(1);
  entry.set_freeze_number(1);
  entry.set_sequence(static_cast<int32_t>(index % kEntriesOfAgreement + 1));
  return entry;
}

// A log whose tiles are served from memory.
class GeneratedLog {
 public:
  explicit GeneratedLog(int64_t size) : key_(*transparency::LogKey::Load(file_.path(), "idea.bench/log")) {
    for (int64_t i = 0; i < size; ++i) {
      entries_.push_back(digest::CanonicalJson(EntryAt(i)));
      for (const transparency::Node& node : edge_.Append(transparency::LeafHash(entries_.back()))) {
        if (node.level % 8 == 0) Level(node.level / 8) += node.hash;
      }
    }
  }
  const std::vector<std::string>& entries() const { return entries_; }
  std::string verifier() const { return key_.verifier(); }

  absl::Status Answer(const google::protobuf::Message& request, google::protobuf::Message* response) {
    if (auto* head = dynamic_cast<inventory::v1::GetCheckpointResponse*>(response)) {
      head->set_checkpoint(key_.Sign(edge_.size, edge_.Root()));
    } else if (const auto* get = dynamic_cast<const inventory::v1::GetTileRequest*>(&request)) {
      *static_cast<inventory::v1::GetTileResponse*>(response)->mutable_data() =
          Tile(*transparency::ParseTilePath(get->path()));
    }
    // There are no filings and notices.
    return absl::OkStatus();
  }

 private:
  std::string& Level(int level) {
    if (hashes_.size() <= static_cast<size_t>(level)) hashes_.resize(static_cast<size_t>(level) + 1);
    return hashes_[static_cast<size_t>(level)];
  }
  std::string Tile(const transparency::TilePath& tile) {
    const auto first = static_cast<size_t>(tile.index * kTileWidth), width = static_cast<size_t>(tile.width);
    if (!tile.entries) return Level(tile.level).substr(first * 32, width * 32);
    std::string bundle;
    for (size_t i = first; i < first + width; ++i) {
      bundle += static_cast<char>(entries_[i].size() >> 8);
      bundle += static_cast<char>(entries_[i].size() & 255);
      bundle += entries_[i];
    }
    return bundle;
  }

  const testing::LogKeyFile file_;
  const transparency::LogKey key_;
  std::vector<std::string> entries_;
  transparency::CompactRange edge_;
  std::vector<std::string> hashes_;
};

void Run(int64_t size) {
  GeneratedLog log(size);
  int64_t bytes = 0;
  const double hashing = SecondsOf([&] {
    for (const std::string& entry : log.entries()) {
      bytes += static_cast<int64_t>(entry.size());
      transparency::LeafHash(entry);
    }
  });
  const CallFunction call = [&log](const google::protobuf::Message& request,
                                   google::protobuf::Message* response) {
    return log.Answer(request, response);
  };
  const int64_t before = PeakKilobytes();
  const double verifying = SecondsOf([&] {
    const auto verified =
        VerifyLog(call, log.verifier(), "", Visibility::kAll, [](int64_t done, int64_t all) {
          if (all > 0 && done % (all / 10 / kTileWidth * kTileWidth + kTileWidth) == 0)
            std::fprintf(stderr, "%lld of %lld\n", static_cast<long long>(done), static_cast<long long>(all));
        });
    Must(verified.status());
    for (const Finding& finding : verified->findings) {
      if (!finding.holds) Must(absl::InternalError(finding.text));
    }
  });
  const int64_t after = PeakKilobytes();
  RecordVerification records(call, Visibility::kAll, "");
  const double keeping = SecondsOf([&] {
    for (int64_t i = 0; i < size; ++i) records.AddEntry(i, EntryAt(i));
  });
  std::printf("%lld entries, %lld bytes each\n", static_cast<long long>(size),
              static_cast<long long>(bytes / size));
  std::printf("hash of each entry          %7.2f s  1.0\n", hashing);
  std::printf("log verify, without records %7.2f s %4.1f  %lld KB more memory\n", verifying,
              verifying / hashing, static_cast<long long>(after - before));
  std::printf("last entry of each record   %7.2f s %4.1f  %lld bytes for each record\n", keeping,
              keeping / hashing, static_cast<long long>((PeakKilobytes() - after) * 1024 / size));
}

}  // namespace
}  // namespace idea::cli

int main(int argc, char** argv) {
  idea::cli::Run(argc > 1 ? std::strtoll(argv[1], nullptr, 10) : 1'000'000);
  return 0;
}
