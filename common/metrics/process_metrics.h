#ifndef IDEA_COMMON_METRICS_PROCESS_METRICS_H_
#define IDEA_COMMON_METRICS_PROCESS_METRICS_H_

#include <prometheus/metric_family.h>

#include <vector>

namespace idea::metrics {

// The metrics of the process that client libraries of Prometheus share: process_cpu_seconds_total,
// process_resident_memory_bytes, process_virtual_memory_bytes, process_threads, process_open_fds,
// process_max_fds and process_start_time_seconds. One that the system does not provide is left out.
std::vector<prometheus::MetricFamily> ProcessMetrics();

}  // namespace idea::metrics

#endif  // IDEA_COMMON_METRICS_PROCESS_METRICS_H_
