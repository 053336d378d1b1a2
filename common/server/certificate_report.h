#ifndef IDEA_COMMON_SERVER_CERTIFICATE_REPORT_H_
#define IDEA_COMMON_SERVER_CERTIFICATE_REPORT_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/clock/clock.h"
#include "common/metrics/metrics.h"
#include "common/rpc/certificate_files.h"
#include "common/server/background_loop.h"

namespace idea::server {

// Reports when the certificates of a process expire: the gauge idea_certificate_not_after_seconds{file,
// role}, in seconds since 1970, and a log line at the start and daily for each one that has expired or
// expires within kCertificateExpiryMargin. idea_certificate_refusals{file} counts changed files that could
// not be used. The same for revocation lists: idea_revocation_list_next_update_seconds{issuer}, and a log
// line daily for each one that is out of date.
class CertificateReport {
 public:
  // `files` must outlive the report.
  CertificateReport(std::vector<const rpc::CertificateFiles*> files, metrics::Metrics& metrics,
                    const clock::Clock& clock);

  // Runs a pass every minute until the destruction.
  void Start() { loop_.Start(); }
  // One pass. Returns the number of log lines.
  int Pass();

 private:
  int ReportRevocations(const rpc::Revocations& revocations, clock::Micros now);
  // Whether it was not logged within a day. Records that it is logged now.
  bool IsDue(const std::pair<std::string, clock::Micros>& what, clock::Micros now);

  const std::vector<const rpc::CertificateFiles*> files_;
  metrics::Metrics& metrics_;
  const clock::Clock& clock_;
  // When a certificate or list was last logged, by file or issuer and expiry: a new one is logged separately.
  std::map<std::pair<std::string, clock::Micros>, clock::Micros> logged_;
  BackgroundLoop loop_;
};

}  // namespace idea::server

#endif  // IDEA_COMMON_SERVER_CERTIFICATE_REPORT_H_
