#ifndef IDEA_COMMON_RPC_CERTIFICATE_FILES_H_
#define IDEA_COMMON_RPC_CERTIFICATE_FILES_H_

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/rpc/certificates.h"
#include "common/rpc/peer.h"
#include "common/rpc/revocations.h"

namespace grpc::experimental {
class FileWatcherCertificateProvider;
}

namespace idea::rpc {

// The certificate, key and authorities of one folder. gRPC receives them only after a check: files that are
// incomplete, unreadable, of another key, expired, or an authority instead of a leaf never replace good ones.
// Thread-safe.
class CertificateFiles {
 public:
  // A certificate in use, and its file.
  struct InUse {
    std::string file;
    // "certificate" for the leaf, "authority" for trusted certificates.
    std::string role;
    Certificate certificate;
  };

  // The object for a set of files, which lives until the process ends and reads them every two seconds.
  static CertificateFiles& Of(const TlsFiles& files);
  ~CertificateFiles();

  // Passes changed files to gRPC if they are good, and reads the revocation lists. Of() does so
  // automatically.
  void Refresh(clock::Micros now);

  // Whether a server can serve with the files in use. The failure names the file in one line.
  absl::Status Check(clock::Micros now) const;
  std::vector<InUse> Certificates() const;
  // The paths of the accepted content in this process.
  TlsFiles PathsInUse() const;
  // The number of times that changed files were refused.
  int64_t refused() const;
  // The certificates that the authorities have revoked.
  const Revocations& revocations() const { return revocations_; }

  std::shared_ptr<grpc::experimental::FileWatcherCertificateProvider> provider() const { return provider_; }

 private:
  class MemoryFile;
  struct Texts {
    std::string certificate;
    std::string key;
    std::string authority;
    bool operator==(const Texts&) const = default;
  };
  explicit CertificateFiles(TlsFiles files);
  absl::Status CheckIdentity(const Texts& texts) const;
  absl::Status CheckAuthority(const Texts& texts) const;
  // Checks files as a replacement for those in use.
  absl::Status CheckChanged(const Texts& texts, clock::Micros now) const;
  Texts Read() const;
  void Use(const Texts& texts);
  // Requires the lock.
  void RefreshIdentity(Texts texts, clock::Micros now);

  const TlsFiles files_;
  mutable std::mutex mutex_;
  // The files as last read, and as passed to gRPC.
  Texts read_;
  Texts used_;
  bool reported_ = true;
  int64_t refused_ = 0;
  Revocations revocations_;
  std::unique_ptr<MemoryFile> identity_;
  std::unique_ptr<MemoryFile> authorities_;
  std::shared_ptr<grpc::experimental::FileWatcherCertificateProvider> provider_;
};

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_CERTIFICATE_FILES_H_
