#include "services/cli/log_walk.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "common/status/status.h"
#include "common/transparency/checkpoint.h"
#include "common/transparency/leaf_digests.h"
#include "common/transparency/merkle.h"
#include "common/transparency/tile_path.h"
#include "google/protobuf/util/json_util.h"
#include "idea/inventory/v1/filing.pb.h"
#include "idea/inventory/v1/log.pb.h"
#include "idea/inventory/v1/notice.pb.h"
#include "idea/inventory/v1/terms.pb.h"

namespace idea::cli {
namespace {

using inventory::v1::Filing;
using inventory::v1::LogEntry;
using transparency::kTileWidth;
using transparency::TilePath;

constexpr size_t kHashSize = 32;
constexpr int kPage = 1000;

absl::StatusOr<std::string> ReadTile(const Asker& ask, const TilePath& tile) {
  inventory::v1::GetTileRequest request;
  request.set_path(FormatTilePath(tile));
  inventory::v1::GetTileResponse response;
  RETURN_IF_ERROR(ask(request, &response));
  return std::move(*response.mutable_data());
}

bool IsBehindTheEnd(const absl::Status& status) {
  return status::ReasonOf(status) == status::Reason::ERROR_REASON_NOT_IN_LOG;
}

// The tiles of a level in a log of that size, the last one perhaps partial.
std::vector<TilePath> TilesOf(int level, int64_t size) {
  std::vector<TilePath> tiles;
  const int64_t hashes = size >> (8 * level);
  for (int64_t first = 0; first < hashes; first += kTileWidth) {
    tiles.push_back({level, false, first / kTileWidth, std::min(kTileWidth, hashes - first)});
  }
  return tiles;
}

// The entries of a bundle, each with its length in two bytes before it; nullopt if it is cut off.
std::optional<std::vector<std::string>> Split(const std::string& bundle) {
  std::vector<std::string> entries;
  for (size_t at = 0; at < bundle.size();) {
    if (bundle.size() - at < 2) return std::nullopt;
    const size_t size =
        static_cast<unsigned char>(bundle[at]) * 256U + static_cast<unsigned char>(bundle[at + 1]);
    if (bundle.size() - at - 2 < size) return std::nullopt;
    entries.push_back(bundle.substr(at + 2, size));
    at += 2 + size;
  }
  return entries;
}

// What the register has of a filing or notice.
struct Known {
  // That it is in the log.
  bool says_so = false;
  std::string digest;
};
using Register = std::map<std::string, Known>;

// What the log says last of one.
struct Last {
  int64_t place = 0;
  std::string digest;
};
using Log = std::map<std::string, Last>;

// The digest of what the register has under a name now; nullopt if there is nothing.
using Reread = std::function<absl::StatusOr<std::optional<std::string>>(const std::string& name)>;

class Walker {
 public:
  Walker(const Asker& ask, const std::string& verifiers, Sight sight, const Progress& progress,
         const transparency::Policy* policy)
      : ask_(ask), verifiers_(verifiers), sight_(sight), progress_(progress), policy_(policy) {}

  absl::StatusOr<Walk> Run(const std::string& earlier) {
    // The register first: what is filed meanwhile is in the log that is read after it.
    RETURN_IF_ERROR(ReadFilings());
    RETURN_IF_ERROR(ReadNotices());
    RETURN_IF_ERROR(ReadCheckpoint());
    if (!tree_) return std::move(walk_);
    if (!earlier.empty()) {
      const auto opened = transparency::OpenCheckpoint(earlier, verifiers_);
      if (!opened.ok()) return opened.status();
      earlier_ = *opened;
      if (earlier_->size > tree_->size) {
        return Found(false, "earlier checkpoint",
                     "rolled back: the log had " + std::to_string(earlier_->size) + " entries, and has " +
                         std::to_string(tree_->size));
      }
    }
    bool whole = true;
    RETURN_IF_ERROR(ReadEntries(whole));
    if (!whole) return std::move(walk_);
    RETURN_IF_ERROR(CompareUpperTiles());
    CompareTree();
    RETURN_IF_ERROR(
        Compare("filings", filings_, logged_filings_, [this](const auto& name) { return FilingNow(name); }));
    RETURN_IF_ERROR(
        Compare("notices", notices_, logged_notices_, [this](const auto& name) { return NoticeNow(name); }));
    return std::move(walk_);
  }

 private:
  Walk Found(bool holds, std::string subject, std::string text) {
    walk_.findings.push_back({holds, std::move(subject), std::move(text)});
    return walk_;
  }

  absl::Status ReadFilings() {
    inventory::v1::ListFilingsRequest request;
    request.set_page_size(kPage);
    do {
      inventory::v1::ListFilingsResponse page;
      RETURN_IF_ERROR(ask_(request, &page));
      for (const Filing& filing : page.filings()) {
        const bool logged = filing.has_receipt() || filing.state() == inventory::v1::FILING_STATE_ENDED;
        filings_[filing.name()] = {logged, transparency::FilingDigest(filing)};
        RETURN_IF_ERROR(CompareTerms(filing));
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return absl::OkStatus();
  }

  // The filing, and so its entry, holds their digest.
  absl::Status CompareTerms(const Filing& filing) {
    if (filing.terms_digest().empty()) return absl::OkStatus();
    inventory::v1::GetTermsRequest request;
    request.set_parent(filing.name());
    inventory::v1::GetTermsResponse response;
    const absl::Status status = ask_(request, &response);
    if (!status.ok() && !absl::IsNotFound(status)) return status;
    if (transparency::TermsDigest(response.terms()) != filing.terms_digest())
      Found(false, "filings",
            "edited: the terms of " + filing.name() + " are not those that it was filed with");
    return absl::OkStatus();
  }

  absl::Status ReadNotices() {
    inventory::v1::ListNoticesRequest request;
    request.set_page_size(kPage);
    do {
      inventory::v1::ListNoticesResponse page;
      RETURN_IF_ERROR(ask_(request, &page));
      for (const auto& notice : page.notices())
        notices_[notice.name()] = {true, transparency::NoticeDigest(notice)};
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return absl::OkStatus();
  }

  absl::Status ReadCheckpoint() {
    inventory::v1::GetCheckpointResponse response;
    RETURN_IF_ERROR(ask_(inventory::v1::GetCheckpointRequest(), &response));
    const auto tree = transparency::OpenCheckpoint(response.checkpoint(), verifiers_);
    if (!tree.ok()) {
      Found(false, "checkpoint", std::string(tree.status().message()));
      return absl::OkStatus();
    }
    tree_ = *tree;
    walk_.checkpoint = response.checkpoint();
    Found(true, "checkpoint", std::to_string(tree_->size) + " entries, signed by " + tree_->origin);
    if (policy_ == nullptr) return absl::OkStatus();
    cosigned_note_ = response.cosigned_checkpoint();
    if (const auto cosigned = transparency::OpenCheckpoint(cosigned_note_, verifiers_); cosigned.ok())
      cosigned_ = *cosigned;
    return absl::OkStatus();
  }

  // Hashes every entry, beside the leaves that the log has stored.
  absl::Status ReadEntries(bool& whole) {
    for (TilePath tile : TilesOf(0, tree_->size)) {
      progress_(tile.index * kTileWidth, tree_->size);
      const auto hashes = ReadTile(ask_, tile);
      tile.entries = true;
      const auto bundle = ReadTile(ask_, tile);
      const auto& failed = bundle.ok() ? hashes : bundle;
      if (!failed.ok() && !IsBehindTheEnd(failed.status())) return failed.status();
      const auto entries = bundle.ok() ? Split(*bundle) : std::nullopt;
      if (!failed.ok() || !entries || static_cast<int64_t>(entries->size()) != tile.width) {
        whole = false;
        Found(false, "entries",
              "truncated: entries are missing from " + std::to_string(tile.index * kTileWidth) + " to " +
                  std::to_string(tile.index * kTileWidth + tile.width - 1));
        return absl::OkStatus();
      }
      for (size_t i = 0; i < entries->size(); ++i)
        TakeEntry((*entries)[i], hashes->substr(i * kHashSize, kHashSize));
    }
    progress_(tree_->size, tree_->size);
    return absl::OkStatus();
  }

  void TakeEntry(const std::string& text, const std::string& stored) {
    const std::string hash = transparency::LeafHash(text);
    if (hash != stored && strange_.size() < kMaxStrange) strange_.emplace_back(edge_.size, hash, stored);
    LogEntry entry;
    if (google::protobuf::util::JsonStringToMessage(text, &entry).ok()) {
      // One about something else than the filing's own state has no digest of it.
      if (!entry.filing_digest().empty())
        logged_filings_[entry.filing()] = {edge_.size, entry.filing_digest()};
      if (!entry.notice().empty()) logged_notices_[entry.notice()] = {edge_.size, entry.notice_digest()};
    }
    for (const transparency::Node& node : edge_.Append(hash)) {
      if (node.level > 0 && node.level % 8 == 0) upper_[node.level / 8] += node.hash;
    }
    if (earlier_ && earlier_->size == edge_.size) earlier_root_ = edge_.Root();
    if (cosigned_ && cosigned_->size == edge_.size) cosigned_root_ = edge_.Root();
  }

  absl::Status CompareUpperTiles() {
    for (const auto& [level, hashes] : upper_) {
      for (const TilePath& tile : TilesOf(level, tree_->size)) {
        const auto stored = ReadTile(ask_, tile);
        if (!stored.ok() && !IsBehindTheEnd(stored.status())) return stored.status();
        const std::string made = hashes.substr(static_cast<size_t>(tile.index * kTileWidth) * kHashSize,
                                               static_cast<size_t>(tile.width) * kHashSize);
        if (!stored.ok() || *stored != made) Found(false, "tiles", "edited: " + FormatTilePath(tile));
      }
    }
    return absl::OkStatus();
  }

  // The leaves that do not fit their entries; in another order they are all still there.
  void CompareTree() {
    for (const auto& [place, hash, _] : strange_) {
      const std::string& mine = hash;
      const bool moved = std::any_of(strange_.begin(), strange_.end(),
                                     [&mine](const auto& other) { return std::get<2>(other) == mine; });
      Found(false, "entries",
            std::string(moved ? "reordered" : "edited") + ": entry " + std::to_string(place) +
                " is not the one that the log has hashed there");
    }
    if (strange_.empty() && edge_.Root() != tree_->root) {
      Found(false, "entries", "edited: the entries make another tree than the one that was signed");
    } else if (strange_.empty()) {
      Found(true, "entries", std::to_string(edge_.size) + " entries make the tree that was signed");
    }
    if (policy_ != nullptr) CompareCosigned();
    if (!earlier_) return;
    const std::string& then = earlier_->size == 0 ? earlier_->root : earlier_root_;
    const bool same = then == earlier_->root;
    Found(same, "earlier checkpoint",
          same
              ? "the log of " + std::to_string(earlier_->size) + " entries is a beginning of this one"
              : "forked: the first " + std::to_string(earlier_->size) + " entries are not those of that day");
  }

  void CompareCosigned() {
    const auto note = transparency::ParseNote(cosigned_note_);
    if (!cosigned_ || !note.ok()) {
      Found(false, "witnesses", "the log has no checkpoint that its witnesses have cosigned");
      return;
    }
    const std::string size = std::to_string(cosigned_->size);
    if (cosigned_root_ != cosigned_->root) {
      Found(false, "witnesses",
            "forked: the first " + size + " entries are not those that witnesses have cosigned");
      return;
    }
    const transparency::Policy::Outcome outcome = policy_->Check(*note);
    Found(outcome.is_met, "witnesses",
          outcome.text + ", the first " + size + " entries" +
              (outcome.is_met ? "" : "; the policy demands more"));
  }

  // All of one kind in the register and in the log.
  absl::Status Compare(const std::string& subject, const Register& known, const Log& logged,
                       const Reread& reread) {
    const auto faults = [this, &subject] {
      return std::count_if(walk_.findings.begin(), walk_.findings.end(),
                           [&](const Finding& f) { return f.subject == subject; });
    };
    size_t hidden = 0;
    for (const auto& [name, last] : logged) {
      const auto found = known.find(name);
      if (found != known.end() && found->second.digest == last.digest) continue;
      // It may have come or changed, with an entry of its own, after it was read.
      ASSIGN_OR_RETURN(const std::optional<std::string> now, reread(name));
      if (now == last.digest) continue;
      if (!now && sight_ == Sight::kOwn) {
        ++hidden;
        continue;
      }
      const std::string place = "entry " + std::to_string(last.place);
      Found(false, subject,
            now ? "edited: " + name + " is not what " + place + ", the last about it, tells of"
                : "deleted: " + place + " tells of " + name + ", which is not in the register");
    }
    for (const auto& [name, each] : known) {
      if (each.says_so && !logged.contains(name))
        Found(false, subject, "edited: " + name + " says that it is in the log, and is not");
    }
    if (faults() == 0)
      Found(true, subject,
            std::to_string(known.size()) + " " + subject + " are as the log tells of them" +
                (hidden == 0 ? "" : ", and " + std::to_string(hidden) + " are not for us to see"));
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<std::string>> FilingNow(const std::string& name) {
    inventory::v1::GetFilingRequest request;
    request.set_name(name);
    inventory::v1::GetFilingResponse response;
    const absl::Status status = ask_(request, &response);
    // Under its name there may be another one.
    if (absl::IsNotFound(status) || (status.ok() && response.filing().name() != name))
      return std::optional<std::string>();
    RETURN_IF_ERROR(status);
    return std::optional(transparency::FilingDigest(response.filing()));
  }

  absl::StatusOr<std::optional<std::string>> NoticeNow(const std::string& name) {
    inventory::v1::GetNoticeRequest request;
    request.set_name(name);
    inventory::v1::GetNoticeResponse response;
    const absl::Status status = ask_(request, &response);
    if (absl::IsNotFound(status) || (status.ok() && response.notice().name() != name))
      return std::optional<std::string>();
    RETURN_IF_ERROR(status);
    return std::optional(transparency::NoticeDigest(response.notice()));
  }

  static constexpr size_t kMaxStrange = 1000;

  const Asker& ask_;
  const std::string& verifiers_;
  const Sight sight_;
  const Progress& progress_;
  const transparency::Policy* const policy_;
  Walk walk_;
  std::optional<transparency::Checkpoint> tree_;
  std::optional<transparency::Checkpoint> earlier_;
  std::string earlier_root_;
  // What witnesses have cosigned: the note, and the root that the entries make at its size.
  std::string cosigned_note_, cosigned_root_;
  std::optional<transparency::Checkpoint> cosigned_;
  transparency::CompactRange edge_;
  std::map<int, std::string> upper_;
  // Entries whose hash is not the stored one: place, hash, stored hash.
  std::vector<std::tuple<int64_t, std::string, std::string>> strange_;
  Register filings_, notices_;
  Log logged_filings_, logged_notices_;
};

absl::Status Write(const std::filesystem::path& path, const std::string& bytes) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  const std::filesystem::path draft = path.string() + ".new";
  {
    std::ofstream file(draft, std::ios::binary);
    file << bytes;
    file.close();
    if (file.fail()) return absl::InvalidArgumentError("cannot write " + path.string());
  }
  std::filesystem::rename(draft, path, error);
  return error ? absl::InvalidArgumentError("cannot write " + path.string()) : absl::OkStatus();
}

}  // namespace

absl::StatusOr<Walk> VerifyLog(const Asker& ask, const std::string& verifiers, const std::string& earlier,
                               Sight sight, const Progress& progress, const transparency::Policy* policy) {
  return Walker(ask, verifiers, sight, progress, policy).Run(earlier);
}

absl::StatusOr<int64_t> ExportLog(const Asker& ask, const std::filesystem::path& folder,
                                  const Progress& progress) {
  inventory::v1::GetCheckpointResponse head;
  RETURN_IF_ERROR(ask(inventory::v1::GetCheckpointRequest(), &head));
  std::vector<TilePath> tiles;
  for (int level = 0; head.size() >> (8 * level) > 0; ++level) {
    for (const TilePath& tile : TilesOf(level, head.size())) {
      tiles.push_back(tile);
      if (level == 0) tiles.push_back({0, true, tile.index, tile.width});
    }
  }
  int64_t done = 0;
  for (const TilePath& tile : tiles) {
    progress(done++, static_cast<int64_t>(tiles.size()));
    const std::filesystem::path path = folder / FormatTilePath(tile);
    if (std::filesystem::exists(path)) continue;
    ASSIGN_OR_RETURN(const std::string bytes, ReadTile(ask, tile));
    RETURN_IF_ERROR(Write(path, bytes));
  }
  // Last: whoever reads it finds all that it speaks of.
  RETURN_IF_ERROR(Write(folder / "checkpoint", head.checkpoint()));
  return head.size();
}

}  // namespace idea::cli
