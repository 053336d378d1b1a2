#include "common/rpc/peer_identity.h"

#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "common/log/log.h"
#include "common/rpc/certificate_files.h"

namespace idea::rpc {
namespace {

using grpc::experimental::ExternalCertificateVerifier;
using grpc::experimental::TlsCustomVerificationCheckRequest;

class IdentityVerifier : public ExternalCertificateVerifier {
 public:
  IdentityVerifier(std::string spiffe_id, const CertificateFiles* files)
      : spiffe_id_(std::move(spiffe_id)), files_(*files) {}

  // Both checks complete before this returns, so the callback is never called.
  bool Verify(TlsCustomVerificationCheckRequest* request, std::function<void(grpc::Status)> callback,
              grpc::Status* sync_status) override {
    host_name_.Verify(request, std::move(callback), sync_status);
    if (!sync_status->ok()) return true;
    const std::vector<grpc::string_ref> uris = request->uri_names();
    if (uris.size() == 1 && std::string_view(uris[0].data(), uris[0].size()) == spiffe_id_) {
      if (IsRevoked(*request)) *sync_status = grpc::Status(grpc::StatusCode::UNAUTHENTICATED, kRevokedText);
      return true;
    }
    log::Line(log::Level::kWarn, "a server has another identity than its name")
        .With("expected", spiffe_id_)
        .With("found", uris.empty() ? std::string_view() : std::string_view(uris[0].data(), uris[0].size()));
    *sync_status = grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "the server is not " + spiffe_id_);
    return true;
  }
  void Cancel(TlsCustomVerificationCheckRequest*) override {}

 private:
  bool IsRevoked(const TlsCustomVerificationCheckRequest& request) const {
    const grpc::string_ref pem = request.peer_cert();
    const auto certificate = ReadCertificates(std::string(pem.data(), pem.size()));
    return certificate.ok() && files_.revocations().Contains(certificate->front().id);
  }

  const std::string spiffe_id_;
  const CertificateFiles& files_;
  grpc::experimental::HostNameCertificateVerifier host_name_;
};

}  // namespace

std::shared_ptr<grpc::experimental::CertificateVerifier> ExpectIdentity(const std::string& spiffe_id,
                                                                        const CertificateFiles& files) {
  return ExternalCertificateVerifier::Create<IdentityVerifier>(spiffe_id, &files);
}

}  // namespace idea::rpc
