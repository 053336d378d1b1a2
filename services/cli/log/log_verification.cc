#include "services/cli/log/log_verification.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/time/time.h"
#include "common/status/status.h"
#include "common/transparency/checkpoint.h"
#include "common/transparency/leaf_digests.h"
#include "common/transparency/merkle.h"
#include "common/transparency/tile_path.h"
#include "common/transparency/timestamp.h"
#include "google/protobuf/util/json_util.h"
#include "idea/inventory/v1/filing.pb.h"
#include "idea/inventory/v1/log.pb.h"
#include "idea/inventory/v1/notice.pb.h"
#include "idea/inventory/v1/terms.pb.h"
#include "services/cli/log/evidence_history.h"

namespace idea::cli {
namespace {

using inventory::v1::Filing;
using inventory::v1::LogEntry;
using transparency::kTileWidth;
using transparency::TilePath;

constexpr size_t kHashSize = 32;
// Number of comparisons of the records while new entries arrive, and the time between them.
constexpr int kMaxComparisons = 3;
constexpr std::chrono::milliseconds kEntryDelay{2'000};

bool IsPastTheEnd(const absl::Status& status) {
  return status::ReasonOf(status) == status::Reason::ERROR_REASON_NOT_IN_LOG;
}

// The register's state of a filing or notice.
struct RegisterEntry {
  // It has a receipt or has ended, so it must be in the log.
  bool claims_logged = false;
  std::string digest;
};
using RegisterEntries = std::map<std::string, RegisterEntry>;

// The last entry of the log about a filing or notice.
struct LogRecord {
  int64_t place = 0;
  std::string digest;
};
using LogRecords = std::map<std::string, LogRecord>;

// Reads the digest of a resource from the register; nullopt if it does not exist.
using Reader = std::function<absl::StatusOr<std::optional<std::string>>(const std::string& name)>;

class LogVerifier {
 public:
  LogVerifier(const CallFunction& call, const std::string& verifiers, Visibility visibility,
              const Progress& progress, const transparency::Policy* policy, RecordVerification* records,
              const WaitForLog& wait, const std::string* authorities)
      : call_(call),
        trusted_(verifiers),
        visibility_(visibility),
        progress_(progress),
        policy_(policy),
        records_(records),
        wait_(wait),
        authorities_(authorities) {}

  absl::StatusOr<LogVerification> Run(const std::string& earlier) {
    // The register is read first: the log, which is read after it, also has new filings.
    RETURN_IF_ERROR(ReadFilings());
    RETURN_IF_ERROR(ReadNotices());
    RETURN_IF_ERROR(ReadCheckpoint());
    if (!tree_) return std::move(result_);
    if (!earlier.empty()) {
      const auto opened = transparency::OpenCheckpoint(earlier, verifiers_);
      if (!opened.ok()) return opened.status();
      earlier_ = *opened;
      if (earlier_->size > tree_->size) {
        return AddFinding(false, "earlier checkpoint",
                          "rolled back: the log had " + std::to_string(earlier_->size) +
                              " entries, and has " + std::to_string(tree_->size));
      }
    }
    bool whole = true;
    RETURN_IF_ERROR(ReadEntries(whole));
    if (!whole) return std::move(result_);
    RETURN_IF_ERROR(CompareUpperTiles());
    CompareTree();
    CompareReceipts();
    RETURN_IF_ERROR(
        Compare("filings", filings_, logged_filings_, [this](const auto& name) { return FilingNow(name); }));
    RETURN_IF_ERROR(
        Compare("notices", notices_, logged_notices_, [this](const auto& name) { return NoticeNow(name); }));
    if (records_ != nullptr) RETURN_IF_ERROR(CompareRecords());
    return std::move(result_);
  }

 private:
  LogVerification AddFinding(bool holds, std::string subject, std::string text) {
    result_.findings.push_back({holds, std::move(subject), std::move(text)});
    return result_;
  }

  absl::Status ReadFilings() {
    return ForEachPage<inventory::v1::ListFilingsResponse>(
        call_, inventory::v1::ListFilingsRequest(), [this](const auto& page) {
          for (const Filing& filing : page.filings()) {
            const bool logged = filing.has_receipt() || filing.state() == inventory::v1::FILING_STATE_ENDED;
            filings_[filing.name()] = {logged, transparency::FilingDigest(filing)};
            if (filing.has_receipt() || filing.has_file_time()) CheckReceipt(filing);
            RETURN_IF_ERROR(CompareTerms(filing));
          }
          progress_(static_cast<int64_t>(filings_.size()), 0);
          return absl::OkStatus();
        });
  }

  // A receipt proves its entry in the tree that it was issued for. Whether the log has the entry is compared
  // when it is read.
  void CheckReceipt(const Filing& filing) {
    const inventory::v1::LogLeaf& leaf = filing.receipt().leaf();
    LogEntry entry;
    const bool is_entry = google::protobuf::util::JsonStringToMessage(leaf.entry(), &entry).ok();
    const auto tree = transparency::OpenCheckpoint(leaf.checkpoint(),
                                                   transparency::VerifiersFor(trusted_, leaf.checkpoint()));
    if (!is_entry || !tree.ok() || !IsInTree(leaf, *tree) || !IsReceiptOf(filing, entry)) {
      AddFinding(false, "receipts", "edited: the receipt of " + filing.name() + " does not prove its entry");
      return;
    }
    receipts_[leaf.leaf_index()] = {filing.name(), transparency::LeafHash(leaf.entry())};
  }

  // Reports receipts whose entry the log does not have.
  void CompareReceipts() {
    for (const auto& [index, receipt] : receipts_)
      AddFinding(
          false, "receipts",
          "edited: entry " + std::to_string(index) + " is not that of the receipt of " + receipt.first);
    const bool hold = std::none_of(result_.findings.begin(), result_.findings.end(),
                                   [](const Finding& f) { return f.subject == "receipts"; });
    if (hold)
      AddFinding(true, "receipts", std::to_string(proved_receipts_) + " receipts prove their entries");
  }

  // The filing contains the digest of its terms.
  absl::Status CompareTerms(const Filing& filing) {
    if (filing.terms_digest().empty()) return absl::OkStatus();
    inventory::v1::GetTermsRequest request;
    request.set_parent(filing.name());
    inventory::v1::GetTermsResponse response;
    const absl::Status status = call_(request, &response);
    if (!status.ok() && !absl::IsNotFound(status)) return status;
    if (transparency::TermsDigest(response.terms()) != filing.terms_digest())
      AddFinding(false, "filings",
                 "edited: the terms of " + filing.name() + " are not those that it was filed with");
    return absl::OkStatus();
  }

  absl::Status ReadNotices() {
    return ForEachPage<inventory::v1::ListNoticesResponse>(
        call_, inventory::v1::ListNoticesRequest(), [this](const auto& page) {
          for (const auto& notice : page.notices())
            notices_[notice.name()] = {true, transparency::NoticeDigest(notice)};
          return absl::OkStatus();
        });
  }

  absl::Status ReadCheckpoint() {
    inventory::v1::GetCheckpointResponse response;
    RETURN_IF_ERROR(call_(inventory::v1::GetCheckpointRequest(), &response));
    verifiers_ = transparency::VerifiersFor(trusted_, response.checkpoint());
    if (verifiers_.empty()) verifiers_ = trusted_;
    const auto tree = transparency::OpenCheckpoint(response.checkpoint(), verifiers_);
    if (!tree.ok()) {
      AddFinding(false, "checkpoint", std::string(tree.status().message()));
      return absl::OkStatus();
    }
    tree_ = *tree;
    result_.checkpoint = response.checkpoint();
    AddFinding(true, "checkpoint", std::to_string(tree_->size) + " entries, signed by " + tree_->origin);
    if (authorities_ != nullptr) {
      stamped_note_ = response.timestamped_checkpoint();
      timestamp_ = response.timestamp_token();
      if (const auto stamped = transparency::OpenCheckpoint(stamped_note_, verifiers_); stamped.ok())
        stamped_ = *stamped;
    }
    if (policy_ == nullptr) return absl::OkStatus();
    cosigned_note_ = response.cosigned_checkpoint();
    if (const auto cosigned = transparency::OpenCheckpoint(cosigned_note_, verifiers_); cosigned.ok())
      cosigned_ = *cosigned;
    return absl::OkStatus();
  }

  // Hashes every entry and compares it with the stored leaf.
  absl::Status ReadEntries(bool& whole) {
    for (TilePath tile : TilesOf(0, tree_->size)) {
      progress_(tile.index * kTileWidth, tree_->size);
      const auto hashes = ReadTile(call_, tile);
      tile.entries = true;
      const auto bundle = ReadTile(call_, tile);
      const auto& failed = bundle.ok() ? hashes : bundle;
      if (!failed.ok() && !IsPastTheEnd(failed.status())) return failed.status();
      const auto entries = bundle.ok() ? SplitEntries(*bundle) : std::nullopt;
      if (!failed.ok() || !entries || static_cast<int64_t>(entries->size()) != tile.width) {
        whole = false;
        AddFinding(false, "entries",
                   "truncated: entries are missing from " + std::to_string(tile.index * kTileWidth) + " to " +
                       std::to_string(tile.index * kTileWidth + tile.width - 1));
        return absl::OkStatus();
      }
      for (size_t i = 0; i < entries->size(); ++i)
        AddEntry((*entries)[i], hashes->substr(i * kHashSize, kHashSize));
    }
    progress_(tree_->size, tree_->size);
    return absl::OkStatus();
  }

  void AddEntry(const std::string& text, const std::string& stored) {
    const std::string hash = transparency::LeafHash(text);
    if (const auto receipt = receipts_.find(edge_.size);
        receipt != receipts_.end() && receipt->second.second == hash) {
      receipts_.erase(receipt);
      ++proved_receipts_;
    }
    if (hash != stored && mismatches_.size() < kMaxMismatches)
      mismatches_.emplace_back(edge_.size, hash, stored);
    LogEntry entry;
    if (google::protobuf::util::JsonStringToMessage(text, &entry).ok()) {
      // An entry without filing_digest does not change the filing's state.
      if (!entry.filing_digest().empty())
        logged_filings_[entry.filing()] = {edge_.size, entry.filing_digest()};
      if (records_ != nullptr) records_->AddEntry(edge_.size, entry);
      CheckSequence(entry);
      if (!entry.notice().empty()) logged_notices_[entry.notice()] = {edge_.size, entry.notice_digest()};
    }
    for (const transparency::Node& node : edge_.Append(hash)) {
      if (node.level > 0 && node.level % 8 == 0) upper_[node.level / 8] += node.hash;
    }
    if (earlier_ && earlier_->size == edge_.size) earlier_root_ = edge_.Root();
    if (cosigned_ && cosigned_->size == edge_.size) cosigned_root_ = edge_.Root();
    if (stamped_ && stamped_->size == edge_.size) stamped_root_ = edge_.Root();
  }

  // Entries about a BUCP are numbered, so that evidence cannot leave one out.
  void CheckSequence(const LogEntry& entry) {
    if (!transparency::IsInEvidence(entry)) return;
    const int32_t place = ++about_bucp_[entry.bucp()];
    if (entry.sequence() == 0 || entry.sequence() == place || renumbered_++ >= kMaxMismatches) return;
    AddFinding(false, "entries",
               "renumbered: entry " + std::to_string(edge_.size) + " says that it is number " +
                   std::to_string(entry.sequence()) + " about " + entry.bucp() + ", and it is number " +
                   std::to_string(place));
  }

  absl::Status CompareUpperTiles() {
    for (const auto& [level, hashes] : upper_) {
      for (const TilePath& tile : TilesOf(level, tree_->size)) {
        const auto stored = ReadTile(call_, tile);
        if (!stored.ok() && !IsPastTheEnd(stored.status())) return stored.status();
        const std::string made = hashes.substr(static_cast<size_t>(tile.index * kTileWidth) * kHashSize,
                                               static_cast<size_t>(tile.width) * kHashSize);
        if (!stored.ok() || *stored != made) AddFinding(false, "tiles", "edited: " + FormatTilePath(tile));
      }
    }
    return absl::OkStatus();
  }

  // Reports entries that do not match their leaves. A leaf that matches another entry was moved.
  void CompareTree() {
    for (const auto& [place, hash, _] : mismatches_) {
      const std::string& mine = hash;
      const bool moved = std::any_of(mismatches_.begin(), mismatches_.end(),
                                     [&mine](const auto& other) { return std::get<2>(other) == mine; });
      AddFinding(false, "entries",
                 std::string(moved ? "reordered" : "edited") + ": entry " + std::to_string(place) +
                     " does not match the stored leaf");
    }
    if (mismatches_.empty() && edge_.Root() != tree_->root) {
      AddFinding(false, "entries", "edited: the tree of the entries is not the one that was signed");
    } else if (mismatches_.empty()) {
      AddFinding(true, "entries", std::to_string(edge_.size) + " entries have the signed root hash");
    }
    if (policy_ != nullptr) CompareCosigned();
    if (authorities_ != nullptr) CompareStamped();
    if (!earlier_) return;
    const std::string& then = earlier_->size == 0 ? earlier_->root : earlier_root_;
    const bool same = then == earlier_->root;
    AddFinding(same, "earlier checkpoint",
               same ? "the log of " + std::to_string(earlier_->size) + " entries is a prefix of this one"
                    : "forked: the first " + std::to_string(earlier_->size) +
                          " entries are not those of the earlier checkpoint");
  }

  void CompareStamped() {
    if (!stamped_) {
      AddFinding(false, "timestamp", "the log does not have a checkpoint with a time-stamp");
    } else if (stamped_root_ != stamped_->root) {
      AddFinding(false, "timestamp",
                 "forked: the first " + std::to_string(stamped_->size) +
                     " entries are not those that the authority has stamped");
    } else {
      result_.findings.push_back(CheckTimestamp(stamped_note_, timestamp_, *authorities_));
    }
  }

  void CompareCosigned() {
    const auto note = transparency::ParseNote(cosigned_note_);
    if (!cosigned_ || !note.ok()) {
      AddFinding(false, "witnesses", "the log does not have a checkpoint that its witnesses have cosigned");
      return;
    }
    const std::string size = std::to_string(cosigned_->size);
    if (cosigned_root_ != cosigned_->root) {
      AddFinding(false, "witnesses",
                 "forked: the first " + size + " entries are not those that the witnesses cosigned");
      return;
    }
    const transparency::Policy::Outcome outcome = policy_->Check(*note);
    AddFinding(outcome.is_met, "witnesses",
               outcome.text + ", the first " + size + " entries" +
                   (outcome.is_met ? "" : "; the policy demands more"));
  }

  // Compares all filings, or all notices, of the register and of the log.
  absl::Status Compare(const std::string& subject, const RegisterEntries& known, const LogRecords& logged,
                       const Reader& read_now) {
    const auto faults = [this, &subject] {
      return std::count_if(result_.findings.begin(), result_.findings.end(),
                           [&](const Finding& f) { return f.subject == subject; });
    };
    size_t hidden = 0;
    for (const auto& [name, last] : logged) {
      const auto found = known.find(name);
      if (found != known.end() && found->second.digest == last.digest) continue;
      // It may have been created or changed, with a log entry, after it was read.
      ASSIGN_OR_RETURN(const std::optional<std::string> now, read_now(name));
      if (now == last.digest) continue;
      if (!now && visibility_ == Visibility::kOwn) {
        ++hidden;
        continue;
      }
      const std::string place = "entry " + std::to_string(last.place);
      AddFinding(false, subject,
                 now ? "edited: " + name + " does not have the digest of " + place + ", its last one"
                     : "deleted: " + place + " is about " + name + ", which is not in the register");
    }
    for (const auto& [name, each] : known) {
      if (each.claims_logged && !logged.contains(name))
        AddFinding(false, subject, "edited: " + name + " must be in the log, and is not");
    }
    if (faults() == 0)
      AddFinding(
          true, subject,
          std::to_string(known.size()) + " " + subject + " match the log" +
              (hidden == 0 ? "" : ", and " + std::to_string(hidden) + " are not visible to this caller"));
    return absl::OkStatus();
  }

  // An entry follows the change of a record within a second: if a record differs from its entry, waits for
  // later entries.
  absl::Status CompareRecords() {
    for (int attempt = 1;; ++attempt) {
      ASSIGN_OR_RETURN(std::vector<Finding> findings, records_->Compare());
      const bool hold =
          std::all_of(findings.begin(), findings.end(), [](const Finding& f) { return f.holds; });
      bool has_grown = false;
      if (!hold && wait_ != nullptr && attempt < kMaxComparisons) {
        wait_(kEntryDelay);
        ASSIGN_OR_RETURN(has_grown, ReadLaterEntries());
      }
      if (has_grown) continue;
      result_.findings.insert(result_.findings.end(), findings.begin(), findings.end());
      return absl::OkStatus();
    }
  }

  // Reads the entries since the last ones. Returns whether there are any that lead to a signed checkpoint.
  absl::StatusOr<bool> ReadLaterEntries() {
    ASSIGN_OR_RETURN(const auto head, Call<inventory::v1::GetCheckpointResponse>(
                                          call_, inventory::v1::GetCheckpointRequest()));
    const auto tree = transparency::OpenCheckpoint(head.checkpoint(), verifiers_);
    if (!tree.ok() || tree->size <= edge_.size) return false;
    transparency::CompactRange edge = edge_;
    std::vector<std::string> later;
    while (edge.size < tree->size) {
      const int64_t index = edge.size / kTileWidth, first = index * kTileWidth;
      ASSIGN_OR_RETURN(const std::string bundle,
                       ReadTile(call_, {0, true, index, std::min(kTileWidth, tree->size - first)}));
      const auto entries = SplitEntries(bundle);
      if (!entries || first + static_cast<int64_t>(entries->size()) <= edge.size) return false;
      for (auto i = static_cast<size_t>(edge.size - first); i < entries->size(); ++i) {
        edge.Append(transparency::LeafHash((*entries)[i]));
        later.push_back((*entries)[i]);
      }
    }
    if (edge.Root() != tree->root) return false;
    for (const std::string& text : later) {
      LogEntry entry;
      if (google::protobuf::util::JsonStringToMessage(text, &entry).ok())
        records_->AddEntry(edge_.size, entry);
      edge_.Append(transparency::LeafHash(text));
    }
    return true;
  }

  absl::StatusOr<std::optional<std::string>> FilingNow(const std::string& name) {
    inventory::v1::GetFilingRequest request;
    request.set_name(name);
    inventory::v1::GetFilingResponse response;
    const absl::Status status = call_(request, &response);
    // The server may return another filing for the name.
    if (absl::IsNotFound(status) || (status.ok() && response.filing().name() != name))
      return std::optional<std::string>();
    RETURN_IF_ERROR(status);
    return std::optional(transparency::FilingDigest(response.filing()));
  }

  absl::StatusOr<std::optional<std::string>> NoticeNow(const std::string& name) {
    inventory::v1::GetNoticeRequest request;
    request.set_name(name);
    inventory::v1::GetNoticeResponse response;
    const absl::Status status = call_(request, &response);
    if (absl::IsNotFound(status) || (status.ok() && response.notice().name() != name))
      return std::optional<std::string>();
    RETURN_IF_ERROR(status);
    return std::optional(transparency::NoticeDigest(response.notice()));
  }

  static constexpr size_t kMaxMismatches = 1000;

  const CallFunction& call_;
  // The trusted keys, and those of this log.
  const std::string& trusted_;
  std::string verifiers_;
  const Visibility visibility_;
  const Progress& progress_;
  const transparency::Policy* const policy_;
  RecordVerification* const records_;
  const WaitForLog& wait_;
  const std::string* const authorities_;
  LogVerification result_;
  std::optional<transparency::Checkpoint> tree_;
  std::optional<transparency::Checkpoint> earlier_;
  std::string earlier_root_;
  // The cosigned note, and the root of the entries at its size.
  std::string cosigned_note_, cosigned_root_;
  std::optional<transparency::Checkpoint> cosigned_, stamped_;
  std::string stamped_note_, timestamp_, stamped_root_;
  transparency::CompactRange edge_;
  std::map<int, std::string> upper_;
  // The filing and the hash of the entry of each receipt that the log was not yet found to have, by index.
  std::map<int64_t, std::pair<std::string, std::string>> receipts_;
  int64_t proved_receipts_ = 0;
  // The number of entries about each BUCP, and of those that say another one.
  std::map<std::string, int32_t> about_bucp_;
  size_t renumbered_ = 0;
  // Entries whose hash is not the stored one: index, hash, stored hash.
  std::vector<std::tuple<int64_t, std::string, std::string>> mismatches_;
  RegisterEntries filings_, notices_;
  LogRecords logged_filings_, logged_notices_;
};

}  // namespace

absl::StatusOr<LogVerification> VerifyLog(const CallFunction& call, const std::string& verifiers,
                                          const std::string& earlier, Visibility visibility,
                                          const Progress& progress, const transparency::Policy* policy,
                                          RecordVerification* records, const WaitForLog& wait,
                                          const std::string* authorities) {
  return LogVerifier(call, verifiers, visibility, progress, policy, records, wait, authorities).Run(earlier);
}

Finding CheckTimestamp(const std::string& checkpoint, const std::string& token,
                       const std::string& authorities) {
  const auto note = transparency::ParseNote(checkpoint);
  if (!note.ok()) return {false, "timestamp", std::string(note.status().message())};
  const auto time = transparency::VerifyTimestamp(token, note->text, authorities);
  if (!time.ok()) return {false, "timestamp", std::string(time.status().message())};
  const auto tree = transparency::ParseCheckpoint(note->text);
  return {true, "timestamp",
          "the first " + std::to_string(tree.ok() ? tree->size : 0) + " entries existed at " +
              absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", absl::FromUnixSeconds(*time), absl::UTCTimeZone())};
}

}  // namespace idea::cli
