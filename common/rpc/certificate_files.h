#ifndef IDEA_COMMON_RPC_CERTIFICATE_FILES_H_
#define IDEA_COMMON_RPC_CERTIFICATE_FILES_H_

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/rpc/certificates.h"
#include "common/rpc/peer.h"

namespace grpc::experimental {
class FileWatcherCertificateProvider;
}

namespace idea::rpc {

// The certificate, key and authorities of one folder. gRPC gets them only after they were checked: files that
// are half written, unreadable, of another key, expired, or an authority's where a leaf belongs never replace
// good ones, which stay in use. Safe for many threads.
class CertificateFiles {
 public:
  // A certificate in use, with the file that it is from.
  struct InUse {
    std::string file;
    // "certificate" for the leaf, "authority" for those that are trusted.
    std::string role;
    Certificate certificate;
  };

  // One for each set of files, for the life of the process; read again every two seconds.
  static CertificateFiles& Of(const TlsFiles& files);
  ~CertificateFiles();

  // Hands changed files to gRPC if they are good. Of() does so by itself.
  void Refresh(clock::Micros now);

  // Whether a server can serve with what is in use. The failure is one line that names the file.
  absl::Status Check(clock::Micros now) const;
  std::vector<InUse> Certificates() const;
  // Paths at which this process reads what is in use.
  TlsFiles PathsInUse() const;
  // How often changed files were refused.
  int64_t refused() const;

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
  // As a replacement for what is in use.
  absl::Status CheckChanged(const Texts& texts, clock::Micros now) const;
  Texts Read() const;
  void Use(const Texts& texts);

  const TlsFiles files_;
  mutable std::mutex mutex_;
  // As the files were read last, and as gRPC has them.
  Texts read_;
  Texts used_;
  bool reported_ = true;
  int64_t refused_ = 0;
  std::unique_ptr<MemoryFile> identity_;
  std::unique_ptr<MemoryFile> authorities_;
  std::shared_ptr<grpc::experimental::FileWatcherCertificateProvider> provider_;
};

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_CERTIFICATE_FILES_H_
