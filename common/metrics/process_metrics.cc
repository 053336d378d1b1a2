#include "common/metrics/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>

namespace idea::metrics {
namespace {

using prometheus::MetricFamily, prometheus::MetricType;

MetricFamily Family(const char* name, const char* help, MetricType type, double value) {
  MetricFamily family{name, help, type, {}};
  prometheus::ClientMetric& metric = family.metric.emplace_back();
  (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  return family;
}

// The fields of proc(5) /proc/self/stat after the name of the program, which may contain spaces. The first
// one is field 3.
std::vector<std::string> ReadStat() {
  std::ifstream file("/proc/self/stat");
  std::string text;
  std::getline(file, text);
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  return {std::istream_iterator<std::string>(fields), {}};
}

// When the machine was started, in seconds since 1970.
std::optional<double> ReadBootTime() {
  std::ifstream file("/proc/stat");
  for (std::string word; file >> word;) {
    double seconds = 0;
    if (word == "btime" && file >> seconds) return seconds;
  }
  return std::nullopt;
}

}  // namespace

std::vector<MetricFamily> ProcessMetrics() {
  std::vector<MetricFamily> families;
  const auto add = [&](const char* name, const char* help, MetricType type, double value) {
    families.push_back(Family(name, help, type, value));
  };
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  if (const std::vector<std::string> stat = ReadStat(); stat.size() > 21) {
    const auto field = [&](size_t number) { return std::stod(stat[number - 3]); };
    add("process_cpu_seconds_total", "Time on a processor, in user and system mode.", MetricType::Counter,
        (field(14) + field(15)) / ticks);
    add("process_threads", "Number of threads.", MetricType::Gauge, field(20));
    if (const auto booted = ReadBootTime()) {
      add("process_start_time_seconds", "When the process was started, in seconds since 1970.",
          MetricType::Gauge, *booted + field(22) / ticks);
    }
    add("process_virtual_memory_bytes", "Size of the address space.", MetricType::Gauge, field(23));
    add("process_resident_memory_bytes", "Size of the resident memory.", MetricType::Gauge,
        field(24) * static_cast<double>(sysconf(_SC_PAGESIZE)));
  }
  std::error_code failure;
  const std::filesystem::directory_iterator files("/proc/self/fd", failure);
  if (!failure) {
    add("process_open_fds", "Number of open file descriptors.", MetricType::Gauge,
        static_cast<double>(std::distance(begin(files), end(files))));
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    add("process_max_fds", "Maximum number of open file descriptors.", MetricType::Gauge,
        static_cast<double>(limit.rlim_cur));
  }
  return families;
}

}  // namespace idea::metrics
