#include "common/rpc/revocations.h"

#include <fstream>
#include <sstream>
#include <utility>

#include "common/log/log.h"
#include "common/status/status.h"

namespace idea::rpc {
namespace {

absl::StatusOr<std::vector<RevocationList>> Parse(const std::string& file, const std::string& text,
                                                  const std::string& authorities) {
  if (text.empty()) return absl::NotFoundError("cannot read " + file);
  auto lists = ReadRevocationLists(text, authorities);
  if (lists.ok() && lists->empty()) return absl::InvalidArgumentError(file + ": contains no revocation list");
  if (lists.ok()) return lists;
  return absl::Status(lists.status().code(), file + ": " + std::string(lists.status().message()));
}

}  // namespace

void Revocations::Refresh(const std::string& authorities) {
  if (file_.empty()) return;
  std::ostringstream content;
  content << std::ifstream(file_).rdbuf();
  std::string text = content.str();
  const std::lock_guard lock(mutex_);
  std::string read = authorities + text;
  // A file may be in the middle of a change, so a fault counts only if it persists.
  const bool changing = read != read_;
  read_ = std::move(read);
  if (changing) reported_ = false;
  if (read_ == used_) {
    status_ = absl::OkStatus();
    return;
  }
  const auto lists = Parse(file_, text, authorities);
  status_ = lists.status();
  if (lists.ok()) {
    lists_.clear();
    revoked_.clear();
    for (const RevocationList& list : *lists) {
      lists_.push_back({list.issuer, list.next_update});
      revoked_.insert(list.revoked.begin(), list.revoked.end());
    }
    used_ = read_;
    ++version_;
    log::Line(log::Level::kInfo, "new revocation lists are in use")
        .With("file", file_)
        .With("revoked", static_cast<int64_t>(revoked_.size()));
    return;
  }
  if (changing || std::exchange(reported_, true)) return;
  log::Line(log::Level::kWarn, "changed revocation lists cannot be used; the previous ones stay in use")
      .With("cause", std::string(status_.message()));
}

absl::Status Revocations::Check() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

bool Revocations::Contains(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  return revoked_.contains(id);
}

std::vector<Revocations::InUse> Revocations::lists() const {
  const std::lock_guard lock(mutex_);
  return lists_;
}

}  // namespace idea::rpc
