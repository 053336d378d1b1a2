#include "common/server/certificate_report.h"

#include <chrono>
#include <cstdlib>
#include <utility>

#include "absl/time/time.h"
#include "common/log/log.h"

namespace idea::server {
namespace {

// The time before its end at which a certificate is reported.
constexpr clock::Micros kCertificateExpiryMargin = 14 * clock::kDay;
constexpr std::chrono::minutes kReportInterval{1};

}  // namespace

CertificateReport::CertificateReport(std::vector<const rpc::CertificateFiles*> files,
                                     metrics::Metrics& metrics, const clock::Clock& clock)
    : files_(std::move(files)),
      metrics_(metrics),
      clock_(clock),
      loop_({.name = "certificate report", .interval = kReportInterval}, [this] { return Pass(); }) {}

int CertificateReport::Pass() {
  const clock::Micros now = clock_.Now();
  int lines = 0;
  for (const rpc::CertificateFiles* files : files_) {
    lines += ReportRevocations(files->revocations(), now);
    for (const auto& [file, role, certificate] : files->Certificates()) {
      metrics_.Set("idea_certificate_not_after_seconds", "When a certificate in use expires",
                   {{"file", file}, {"role", role}},
                   static_cast<double>(certificate.not_after / clock::kSecond));
      metrics_.Set("idea_certificate_refusals", "How often changed certificate files could not be used",
                   {{"file", file}}, static_cast<double>(files->refused()));
      if (certificate.not_after - now > kCertificateExpiryMargin) continue;
      if (!IsDue({file, certificate.not_after}, now)) continue;
      ++lines;
      log::Line(log::Level::kWarn,
                now > certificate.not_after ? "a certificate has expired" : "a certificate expires soon")
          .With("file", file)
          .With("role", role)
          .With("subject", certificate.subject)
          .With("not_after", absl::FormatTime(absl::FromUnixMicros(certificate.not_after)));
    }
  }
  return lines;
}

int CertificateReport::ReportRevocations(const rpc::Revocations& revocations, clock::Micros now) {
  int lines = 0;
  for (const rpc::Revocations::InUse& list : revocations.lists()) {
    if (list.next_update == 0) continue;
    metrics_.Set("idea_revocation_list_next_update_seconds",
                 "When the next revocation list of an authority is due", {{"issuer", list.issuer}},
                 static_cast<double>(list.next_update / clock::kSecond));
    if (now <= list.next_update || !IsDue({list.issuer, list.next_update}, now)) continue;
    ++lines;
    log::Line(log::Level::kWarn,
              "a revocation list is out of date; it stays in use until a new one is written")
        .With("file", revocations.file())
        .With("issuer", list.issuer)
        .With("next_update", absl::FormatTime(absl::FromUnixMicros(list.next_update)));
  }
  return lines;
}

bool CertificateReport::IsDue(const std::pair<std::string, clock::Micros>& what, clock::Micros now) {
  const auto [last, is_new] = logged_.try_emplace(what, now);
  // The clock may have been set back.
  if (!is_new && std::llabs(now - last->second) < clock::kDay) return false;
  last->second = now;
  return true;
}

}  // namespace idea::server
