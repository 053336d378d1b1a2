#include "services/cli/log/evidence_freshness.h"

#include <algorithm>
#include <set>
#include <vector>

#include "common/clock/clock.h"
#include "common/clock/date.h"
#include "common/status/status.h"
#include "common/transparency/checkpoint.h"
#include "common/transparency/leaf_digests.h"
#include "google/protobuf/util/json_util.h"
#include "services/cli/log/log_folder.h"

namespace idea::cli {
namespace {

using inventory::v1::Evidence;
using inventory::v1::Filing;
using inventory::v1::LogEntry;
using transparency::Checkpoint;

// Number of entries that are read at once.
constexpr int64_t kBatch = transparency::kTileWidth;

// When the entry was made.
absl::Time TimeOf(const LogEntry& entry) {
  return absl::FromUnixMicros(clock::FromProto(entry.has_log_time() ? entry.log_time() : entry.time()));
}

bool IsEnd(const LogEntry& entry) {
  return entry.kind() == inventory::v1::LOG_ENTRY_KIND_TERMINATED ||
         entry.kind() == inventory::v1::LOG_ENTRY_KIND_SUPERSEDED ||
         entry.kind() == inventory::v1::LOG_ENTRY_KIND_EXPIRED;
}

std::string KindOf(const LogEntry& entry) {
  const std::string name = LogEntryKind_Name(entry.kind());
  constexpr std::string_view kPrefix = "LOG_ENTRY_KIND_";
  return name.starts_with(kPrefix) ? name.substr(kPrefix.size()) : "of an unknown kind";
}

// The entries of a log after those of a bundle.
struct LaterEntries {
  // About the agreement.
  int count = 0;
  std::string first;
  // The entry that ended the agreement.
  std::string end;
  absl::Time last_time;
  // An entry about the agreement that the bundle should have.
  std::string missing;
};

class Comparison {
 public:
  Comparison(const Evidence& evidence, const transparency::Policy* policy, absl::TimeZone zone)
      : evidence_(evidence), policy_(policy), zone_(zone) {}

  absl::StatusOr<EvidenceState> Run(std::string_view verifiers, const std::optional<GivenCheckpoint>& given) {
    ASSIGN_OR_RETURN(const Checkpoint own, transparency::OpenCheckpoint(evidence_.checkpoint(), verifiers));
    LogEntry entry;
    for (const auto* leaves : {&evidence_.leaves(), &evidence_.history()}) {
      for (const auto& leaf : *leaves) {
        entry.Clear();
        if (google::protobuf::util::JsonStringToMessage(leaf.entry(), &entry).ok()) SetTime(entry);
      }
    }
    SetWitnessTime(evidence_.checkpoint());
    state_.size = own.size;
    if (!given) return Describe("");
    ASSIGN_OR_RETURN(const Checkpoint other, transparency::OpenCheckpoint(given->note, verifiers));
    if (other.size < own.size) {
      state_.freshness = Freshness::kCurrent;
      return Describe("; the given checkpoint is older, of " + std::to_string(other.size) + " entries");
    }
    if (other.size == own.size && other.root != own.root) return Forked(other);
    const absl::StatusOr<LaterEntries> later = Read(LogFolder(given->folder, other.size), own, other);
    if (absl::IsDataLoss(later.status())) return Forked(other);
    if (later.ok() && !later->missing.empty()) {
      state_.freshness = Freshness::kIncomplete;
      state_.text = "INCOMPLETE: the bundle leaves out " + later->missing +
                    ", which is in the log of its own checkpoint of " + std::to_string(own.size) + " entries";
      return state_;
    }
    if (other.size == own.size) {
      SetWitnessTime(given->note);
      state_.freshness = Freshness::kCurrent;
      return Describe("");
    }
    if (!later.ok()) {
      state_.freshness = Freshness::kUnknown;
      return Describe("; the given checkpoint has " + std::to_string(other.size) +
                      " entries, and what the later ones say is not known: get a new bundle, or give the "
                      "checkpoint in a folder of `ideactl log mirror` (" +
                      std::string(later.status().message()) + ")");
    }
    state_.size = other.size;
    state_.time = later->last_time;
    state_.time_source = "LOG_ENTRY";
    SetWitnessTime(given->note);
    has_ended_since_ = !later->end.empty();
    state_.freshness = later->count == 0 ? Freshness::kCurrent : Freshness::kOutdated;
    if (later->count == 0) return Describe("");
    return Describe("; the bundle lacks " + std::to_string(later->count) + " later entries, " +
                    (has_ended_since_ ? later->end : later->first));
  }

 private:
  void SetTime(const LogEntry& entry) {
    if (!entry.has_time() || (state_.time && *state_.time >= TimeOf(entry))) return;
    state_.time = TimeOf(entry);
    state_.time_source = "LOG_ENTRY";
  }

  void SetWitnessTime(const std::string& checkpoint) {
    const auto note = transparency::ParseNote(checkpoint);
    if (policy_ == nullptr || !note.ok()) return;
    for (const transparency::Witness& witness : policy_->witnesses()) {
      for (const transparency::NoteSignature& signature : note->signatures) {
        if (!witness.key.Verifies(note->text, signature)) continue;
        const absl::Time time = absl::FromUnixSeconds(transparency::CosignTime(signature));
        if (state_.time && *state_.time >= time) continue;
        state_.time = time;
        state_.time_source = "WITNESS";
      }
    }
  }

  // The indexes of the entries about the agreement in the bundle.
  std::set<int64_t> KnownIndexes() const {
    std::set<int64_t> known;
    LogEntry entry;
    for (const auto* leaves : {&evidence_.leaves(), &evidence_.history()}) {
      for (const auto& leaf : *leaves) {
        entry.Clear();
        if (google::protobuf::util::JsonStringToMessage(leaf.entry(), &entry).ok() &&
            IsAboutTheAgreement(entry))
          known.insert(leaf.leaf_index());
      }
    }
    return known;
  }

  // The entries after the last one of the bundle, proved by the roots of both trees. DATA_LOSS if they are of
  // two histories. A bundle of the first format has no entries about records, and is read from its tree on.
  absl::StatusOr<LaterEntries> Read(const LogFolder& folder, const Checkpoint& own,
                                    const Checkpoint& other) const {
    const std::set<int64_t> known = KnownIndexes();
    const int64_t start = evidence_.history().empty() || known.empty() ? own.size : *known.rbegin() + 1;
    ASSIGN_OR_RETURN(transparency::CompactRange edge, folder.RangeOf(start));
    bool same_history = start < own.size || edge.Root() == own.root;
    LaterEntries later;
    LogEntry entry;
    for (int64_t first = start; first < other.size; first += kBatch) {
      const int64_t end = std::min(other.size, first + kBatch);
      ASSIGN_OR_RETURN(const std::vector<std::string> entries, folder.Entries(first, end));
      for (const std::string& text : entries) {
        edge.Append(transparency::LeafHash(text));
        if (edge.size == own.size) same_history = edge.Root() == own.root;
        entry.Clear();
        if (!google::protobuf::util::JsonStringToMessage(text, &entry).ok()) continue;
        later.last_time = TimeOf(entry);
        if (!IsAboutTheAgreement(entry)) continue;
        const std::string place =
            "entry " + std::to_string(edge.size - 1) + ", " + KindOf(entry) + " at " + InZone(TimeOf(entry));
        if (edge.size <= own.size) {
          later.missing = place;
          continue;
        }
        if (later.count++ == 0) later.first = "the first is " + place;
        if (IsEnd(entry)) later.end = "among them its end: " + place;
      }
    }
    if (edge.Root() != other.root)
      return absl::NotFoundError("the tiles beside the checkpoint are not those of its log");
    if (!same_history) return absl::DataLossError("two histories");
    return later;
  }

  bool IsAboutTheAgreement(const LogEntry& entry) const {
    const Filing& filing = evidence_.filing();
    if (transparency::IsInEvidence(entry)) return entry.bucp() == filing.bucp();
    // An imported filing does not have a BUCP.
    return entry.bucp().empty() && entry.filing() == filing.name() &&
           entry.kind() != inventory::v1::LOG_ENTRY_KIND_TRANSFER_RECORDED;
  }

  EvidenceState Forked(const Checkpoint& other) {
    state_.freshness = Freshness::kForked;
    state_.text = "FORK: the bundle of " + std::to_string(state_.size) +
                  " entries and the given checkpoint of " + std::to_string(other.size) +
                  " are both signed by the log, and are of two histories";
    return state_;
  }

  EvidenceState Describe(const std::string& more) {
    const Filing& filing = evidence_.filing();
    const absl::CivilDay day = state_.time ? absl::ToCivilDay(*state_.time, zone_) : absl::CivilDay();
    const bool has_ended = has_ended_since_ || filing.state() == inventory::v1::FILING_STATE_ENDED;
    const bool is_over = filing.has_end_date() && state_.time && clock::DayOf(filing.end_date()) < day;
    state_.is_in_force = !has_ended && !is_over;
    state_.text = state_.is_in_force ? "in force" : has_ended ? "ended" : "its last day has passed";
    state_.text += " as of checkpoint " + std::to_string(state_.size);
    if (state_.time) {
      state_.text += state_.time_source == "WITNESS" ? ", cosigned at " : ", not before ";
      state_.text += InZone(*state_.time);
    }
    state_.text += more;
    return state_;
  }

  std::string InZone(absl::Time time) const { return absl::FormatTime("%Y-%m-%d %H:%M:%S %Z", time, zone_); }

  const Evidence& evidence_;
  const transparency::Policy* const policy_;
  const absl::TimeZone zone_;
  EvidenceState state_;
  bool has_ended_since_ = false;
};

}  // namespace

std::string NameOf(Freshness freshness) {
  switch (freshness) {
    case Freshness::kNotCompared:
      return "NOT_COMPARED";
    case Freshness::kCurrent:
      return "CURRENT";
    case Freshness::kUnknown:
      return "UNKNOWN";
    case Freshness::kOutdated:
      return "OUTDATED";
    case Freshness::kForked:
      return "FORKED";
    case Freshness::kIncomplete:
      return "INCOMPLETE";
  }
  return "";
}

absl::StatusOr<EvidenceState> StateOf(const Evidence& evidence, std::string_view verifiers,
                                      const transparency::Policy* policy,
                                      const std::optional<GivenCheckpoint>& given, absl::TimeZone zone) {
  return Comparison(evidence, policy, zone).Run(verifiers, given);
}

}  // namespace idea::cli
