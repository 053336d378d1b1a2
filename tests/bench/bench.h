#ifndef IDEA_TESTS_BENCH_BENCH_H_
#define IDEA_TESTS_BENCH_BENCH_H_

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/ids/ids.h"
#include "common/storage/database.h"

// Shared by the benchmarks.
namespace idea::bench {

struct Spent {
  double median, p99;
};

// The time of `rounds` runs of `run(i)`, in milliseconds.
template <class Run>
Spent Measure(int rounds, Run run) {
  std::vector<double> times;
  for (int i = 0; i < rounds; ++i) {
    const auto began = std::chrono::steady_clock::now();
    run(i);
    times.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count());
  }
  std::sort(times.begin(), times.end());
  return {times[times.size() / 2], times[times.size() * 99 / 100]};
}

inline void Must(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "bench: %s\n", status.ToString().c_str());
  std::exit(1);
}

// A new SQLite file with the schema of a service, removed with this object. In a given folder it is kept and
// reused.
class Scratch {
 public:
  Scratch(const std::string& service, const config::EmbeddedFile* schema, const char* kept = nullptr)
      : keeps_(kept != nullptr),
        folder_(keeps_ ? std::filesystem::path(kept)
                       : std::filesystem::temp_directory_path() / ("bench-" + ids::NewUuid())) {
    std::filesystem::create_directories(folder_);
    is_new_ = !std::filesystem::exists(file());
    auto opened = storage::Open("sqlite:" + file());
    Must(opened.status());
    database_ = *std::move(opened);
    Must(storage::Migrate(*database_, service, schema));
  }
  ~Scratch() {
    database_.reset();
    if (!keeps_) std::filesystem::remove_all(folder_);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::string file() const { return folder_ / "bench.db"; }
  storage::Database& database() { return *database_; }
  bool is_new() const { return is_new_; }

 private:
  const bool keeps_;
  bool is_new_ = false;
  const std::filesystem::path folder_;
  std::unique_ptr<storage::Database> database_;
};

}  // namespace idea::bench

#endif  // IDEA_TESTS_BENCH_BENCH_H_
