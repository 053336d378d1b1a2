#include "common/rpc/certificate_files.h"

#include <fcntl.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>
#include <tuple>
#include <utility>

#include "common/log/log.h"
#include "common/log/thread.h"
#include "common/status/status.h"

namespace idea::rpc {
namespace {

// The intervals at which the files are read, and at which gRPC reads the accepted content, in seconds.
constexpr std::chrono::seconds kReadInterval{2};
constexpr unsigned kProviderInterval = 2;
// gRPC aborts on an empty certificate, but refuses this one.
constexpr char kNothing[] = "no certificate\n";

std::string TextOf(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

absl::Status Named(const std::string& file, const absl::Status& status) {
  return absl::Status(status.code(), file + ": " + std::string(status.message()));
}

}  // namespace

// A file in memory whose path stays while its content is replaced atomically. gRPC reads it twice, for key
// and certificate, and starts again if the modification time has changed in between, so each content gets its
// own.
class CertificateFiles::MemoryFile {
 public:
  MemoryFile() : descriptor_(Create(kNothing)) {}
  ~MemoryFile() { close(descriptor_); }
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }
  void Replace(const std::string& text) {
    const int fresh = Create(text);
    dup3(fresh, descriptor_, O_CLOEXEC);
    close(fresh);
  }

 private:
  int Create(const std::string& text) {
    const int descriptor = memfd_create("certificates", MFD_CLOEXEC);
    size_t written = 0;
    while (written < text.size()) {
      const ssize_t count = write(descriptor, text.data() + written, text.size() - written);
      if (count <= 0) break;
      written += static_cast<size_t>(count);
    }
    const timespec version = {.tv_sec = ++versions_, .tv_nsec = 0};
    const std::array<timespec, 2> times = {version, version};
    futimens(descriptor, times.data());
    return descriptor;
  }

  time_t versions_ = 0;
  int descriptor_;
};

CertificateFiles::CertificateFiles(TlsFiles files)
    : files_(std::move(files)),
      revocations_(files_.revocations),
      identity_(std::make_unique<MemoryFile>()),
      authorities_(std::make_unique<MemoryFile>()) {
  read_ = Read();
  // At first, files that gRPC can read are used whatever their dates: servers report to callers what is
  // wrong.
  Texts usable;
  if (CheckIdentity(read_).ok())
    std::tie(usable.certificate, usable.key) = std::tie(read_.certificate, read_.key);
  if (CheckAuthority(read_).ok()) usable.authority = read_.authority;
  Use(usable);
  revocations_.Refresh(used_.authority);
  provider_ = std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      identity_->path(), identity_->path(), authorities_->path(), kProviderInterval);
}

CertificateFiles::~CertificateFiles() = default;

CertificateFiles& CertificateFiles::Of(const TlsFiles& files) {
  // Never destroyed, because threads of gRPC and ours use it until the process ends.
  static auto& mutex = *new std::mutex;
  static auto& all = *new std::map<std::tuple<std::string, std::string, std::string, std::string>,
                                   std::unique_ptr<CertificateFiles>>;
  static const bool started = [] {
    log::StartThread("certificates", [] {
      const clock::SystemClock clock;
      while (true) {
        std::this_thread::sleep_for(kReadInterval);
        std::vector<CertificateFiles*> now;
        {
          const std::lock_guard lock(mutex);
          for (const auto& [name, one] : all) now.push_back(one.get());
        }
        for (CertificateFiles* one : now) one->Refresh(clock.Now());
      }
    }).detach();
    return true;
  }();
  static_cast<void>(started);
  const std::lock_guard lock(mutex);
  auto& found = all[{files.certificate, files.key, files.authority, files.revocations}];
  if (found == nullptr) found.reset(new CertificateFiles(files));
  return *found;
}

CertificateFiles::Texts CertificateFiles::Read() const {
  return {TextOf(files_.certificate), TextOf(files_.key), TextOf(files_.authority)};
}

absl::Status CertificateFiles::CheckIdentity(const Texts& texts) const {
  for (const auto& [file, text] :
       {std::pair(&files_.certificate, &texts.certificate), {&files_.key, &texts.key}}) {
    if (text->empty()) return absl::NotFoundError("cannot read " + *file);
  }
  if (const auto chain = ReadCertificates(texts.certificate); !chain.ok())
    return Named(files_.certificate, chain.status());
  const absl::Status key = CheckKey(texts.certificate, texts.key);
  return key.ok() ? key : Named(files_.key, key);
}

absl::Status CertificateFiles::CheckAuthority(const Texts& texts) const {
  if (texts.authority.empty()) return absl::NotFoundError("cannot read " + files_.authority);
  const auto authorities = ReadCertificates(texts.authority);
  return authorities.ok() ? absl::OkStatus() : Named(files_.authority, authorities.status());
}

absl::Status CertificateFiles::CheckChanged(const Texts& texts, clock::Micros now) const {
  RETURN_IF_ERROR(CheckIdentity(texts));
  RETURN_IF_ERROR(CheckAuthority(texts));
  const Certificate leaf = ReadCertificates(texts.certificate)->front();
  if (leaf.is_authority) {
    return absl::InvalidArgumentError(files_.certificate +
                                      ": is the certificate of an authority (CA:TRUE); a leaf is required");
  }
  if (const absl::Status valid = CheckValidity(leaf, now); !valid.ok())
    return Named(files_.certificate, valid);
  absl::Status first;
  const std::vector<Certificate> authorities = ReadCertificates(texts.authority).value();
  for (const Certificate& authority : authorities) {
    const absl::Status valid = CheckValidity(authority, now);
    if (valid.ok()) return absl::OkStatus();
    if (first.ok()) first = Named(files_.authority, valid);
  }
  return first;
}

void CertificateFiles::Use(const Texts& texts) {
  if (texts.certificate != used_.certificate || texts.key != used_.key)
    identity_->Replace(texts.key + "\n" + texts.certificate);
  if (texts.authority != used_.authority) authorities_->Replace(texts.authority);
  used_ = texts;
}

void CertificateFiles::Refresh(clock::Micros now) {
  Texts texts = Read();
  const std::lock_guard lock(mutex_);
  RefreshIdentity(std::move(texts), now);
  revocations_.Refresh(used_.authority);
}

void CertificateFiles::RefreshIdentity(Texts texts, clock::Micros now) {
  // Files are written one after another, so a fault counts only if it persists.
  const bool changing = texts != read_;
  read_ = std::move(texts);
  if (changing) reported_ = false;
  if (read_ == used_) return;
  const absl::Status good = CheckChanged(read_, now);
  if (good.ok()) {
    Use(read_);
    log::Line(log::Level::kInfo, "new certificates are in use").With("file", files_.certificate);
    return;
  }
  if (changing || std::exchange(reported_, true)) return;
  ++refused_;
  log::Line(log::Level::kWarn, "changed certificates cannot be used; the previous ones stay in use")
      .With("cause", std::string(good.message()));
}

absl::Status CertificateFiles::Check(clock::Micros now) const {
  const std::lock_guard lock(mutex_);
  const bool usable = CheckIdentity(used_).ok() && CheckAuthority(used_).ok();
  RETURN_IF_ERROR(CheckChanged(usable ? used_ : read_, now));
  return revocations_.Check();
}

std::vector<CertificateFiles::InUse> CertificateFiles::Certificates() const {
  const std::lock_guard lock(mutex_);
  std::vector<InUse> found;
  if (const auto chain = ReadCertificates(used_.certificate); chain.ok())
    found.push_back({files_.certificate, "certificate", chain->front()});
  if (const auto authorities = ReadCertificates(used_.authority); authorities.ok()) {
    for (const Certificate& one : *authorities) found.push_back({files_.authority, "authority", one});
  }
  return found;
}

TlsFiles CertificateFiles::PathsInUse() const {
  return {identity_->path(), identity_->path(), authorities_->path()};
}

int64_t CertificateFiles::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

}  // namespace idea::rpc
