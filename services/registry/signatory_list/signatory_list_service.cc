#include "services/registry/signatory_list/signatory_list_service.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "common/clock/date.h"
#include "common/csv/csv.h"
#include "common/flow/flow.h"
#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "common/status/status.h"
#include "services/registry/accession/accession_store.h"
#include "services/registry/accession/standing_rules.h"
#include "services/registry/entity/entity_store.h"
#include "services/registry/registry_events.h"
#include "services/registry/signatory_list/published_list.h"
#include "services/registry/signatory_list/signatory_list.h"

namespace idea::registry {
namespace {

constexpr int kMaxDifferences = 1000;

absl::StatusOr<SignatoryList> ReadList(const v1::ImportSignatoriesRequest& request) {
  if (request.csv().empty() == request.markdown().empty()) {
    return status::Error(status::Reason::ERROR_REASON_INVALID_FIELD, "csv: set either csv or markdown")
        .Field("csv", "set the list as csv, or the published page as markdown");
  }
  const auto& pieces = request.csv().empty() ? request.markdown() : request.csv();
  const std::string list = absl::StrJoin(pieces, "");
  const auto size = static_cast<int64_t>(list.size());
  if (request.size() != size && (pieces.size() > 1 || request.size() != 0)) {
    return status::Error(status::Reason::ERROR_REASON_INVALID_FIELD,
                         "size: " + std::to_string(size) + " bytes arrived; did the stream break off?")
        .Field("size", "must be the size in bytes of the whole list if it comes in several pieces");
  }
  return request.markdown().empty() ? ReadSignatories(list) : ReadPublishedList(list);
}

// Lets the entity report to `parent` from `day` on, until its next parentage begins.
void SetParent(v1::Entity& entity, const std::string& parent, const std::string& day) {
  auto& parentages = *entity.mutable_parentages();
  auto at = std::find_if(parentages.begin(), parentages.end(),
                         [&](const v1::Parentage& p) { return clock::DateText(p.start_date()) >= day; });
  if (at == parentages.end() || clock::DateText(at->start_date()) != day) {
    const auto index = static_cast<int>(at - parentages.begin());
    parentages.Add();
    for (int i = parentages.size() - 1; i > index; --i) parentages.SwapElements(i, i - 1);
    at = parentages.begin() + index;
    *at->mutable_start_date() = clock::DateFromText(day);
  }
  at->set_parent(parent);
}

// One import: the state of the registry before it, and the outcome of each row.
class Import {
 public:
  Import(storage::Transaction& db, clock::Micros now, std::string day)
      : db_(db), now_(now), day_(std::move(day)) {}

  absl::StatusOr<v1::ImportSignatoriesResponse> Run(SignatoryList list) {
    ASSIGN_OR_RETURN(entities_, AllEntities(db_, day_));
    ASSIGN_OR_RETURN(accessions_, AllAccessions(db_));
    done_.set_rows_read(list.rows_read);
    std::set<std::string> listed;
    for (const PlacedRow& placed : PlaceSignatories(list, Existing())) {
      listed.insert(placed.name);
      RETURN_IF_ERROR(Store(placed));
      official_ |= InstrumentOf(placed.row.source) == v1::INSTRUMENT_OFFICIAL_LIST;
    }
    if (official_) ReportMissing(listed);
    for (v1::ImportProblem& problem : list.problems) problems_.push_back(std::move(problem));
    std::sort(problems_.begin(), problems_.end(),
              [](const auto& a, const auto& b) { return a.line() < b.line(); });
    done_.mutable_problems()->Assign(problems_.begin(), problems_.end());
    done_.set_rows_placed(done_.rows_read() - done_.problems_size());
    return std::move(done_);
  }

 private:
  // Whether a row was stored, was already in the registry, or is a problem.
  enum class Outcome { kStored, kSame, kRefused };

  std::vector<ExistingEntity> Existing() const {
    std::vector<ExistingEntity> existing;
    for (const auto& [name, entity] : entities_) {
      ExistingEntity& names = existing.emplace_back(ExistingEntity{name, entity.display_name(), {}});
      for (const v1::FormerName& former : entity.former_names())
        names.former.push_back(former.display_name());
    }
    return existing;
  }

  absl::Status Store(const PlacedRow& placed) {
    const v1::Instrument instrument = InstrumentOf(placed.row.source);
    const std::string accession = AccessionName(placed.name, instrument, "");
    const auto recorded = accessions_.find(accession);
    const bool signs = instrument != v1::INSTRUMENT_UNSPECIFIED && recorded == accessions_.end();
    const bool withdrawn = recorded != accessions_.end() && !recorded->second.empty();
    if (withdrawn && !placed.row.exported && !HasAccessionInForce(placed.name)) {
      problems_.push_back(Problem(placed.row.line, placed.row.display_name,
                                  "the entity withdrew on " + recorded->second + ": record a new accession"));
      return absl::OkStatus();
    }
    Outcome outcome = Outcome::kStored;
    if (placed.exists) {
      ASSIGN_OR_RETURN(outcome, Change(placed));
    } else {
      RETURN_IF_ERROR(Add(placed));
    }
    if (outcome == Outcome::kRefused) return absl::OkStatus();
    if (signs) return Sign(placed, accession, instrument);
    if (outcome == Outcome::kSame) done_.set_unchanged(done_.unchanged() + 1);
    return absl::OkStatus();
  }

  // Whether an accession of the entity is in force.
  bool HasAccessionInForce(const std::string& entity) const {
    const std::string prefix = ids::kAccessions.Name(entity, "");
    for (auto at = accessions_.lower_bound(prefix); at != accessions_.end(); ++at) {
      if (!at->first.starts_with(prefix)) break;
      if (at->second.empty()) return true;
    }
    return false;
  }

  absl::Status Add(const PlacedRow& placed) {
    v1::Entity entity;
    entity.set_name(placed.name);
    entity.set_display_name(placed.row.display_name);
    entity.set_acronym(placed.row.acronym);
    entity.set_kind(placed.row.kind);
    entity.set_governor_authority(v1::GOVERNOR_AUTHORITY_UNKNOWN);
    entity.set_hipaa_status(v1::HIPAA_STATUS_UNKNOWN);
    entity.set_source(placed.row.source);
    if (!placed.parent.empty()) entity.add_parentages()->set_parent(placed.parent);
    RETURN_IF_ERROR(InsertEntity(db_, entity, now_));
    done_.set_entities_added(done_.entities_added() + 1);
    Report(v1::IMPORT_DIFFERENCE_KIND_ADDED, placed.row.line, placed.name, placed.row.display_name,
           placed.parent.empty() ? "new" : "new, reports to " + placed.parent);
    return absl::OkStatus();
  }

  // Changes the entity where the row differs.
  absl::StatusOr<Outcome> Change(const PlacedRow& placed) {
    v1::Entity& entity = entities_.at(placed.name);
    std::string detail;
    const auto note = [&](const std::string& what, const std::string& was, const std::string& is) {
      detail += (detail.empty() ? "" : "; ") + what + " " + (was.empty() ? "none" : was) + " -> " + is;
    };
    if (!placed.row.acronym.empty() && placed.row.acronym != entity.acronym()) {
      note("acronym", entity.acronym(), placed.row.acronym);
      entity.set_acronym(placed.row.acronym);
    }
    if (!placed.row.published && placed.row.kind != entity.kind()) {
      note("kind", std::string(KindText(entity.kind())), std::string(KindText(placed.row.kind)));
      entity.set_kind(placed.row.kind);
    }
    if (!placed.parent.empty() && placed.parent != entity.parent()) {
      ASSIGN_OR_RETURN(const bool is_above, IsAbove(db_, entity.name(), {placed.parent}));
      if (is_above || (entity.has_end_date() && day_ >= clock::DateText(entity.end_date()))) {
        problems_.push_back(Problem(placed.row.line, placed.row.display_name,
                                    is_above
                                        ? placed.parent + " reports to it"
                                        : "it ceased to exist on " + clock::DateText(entity.end_date())));
        return Outcome::kRefused;
      }
      note("parent", entity.parent(), placed.parent);
      SetParent(entity, placed.parent, day_);
    }
    if (detail.empty()) return Outcome::kSame;
    RETURN_IF_ERROR(UpdateEntity(db_, entity, now_));
    done_.set_entities_changed(done_.entities_changed() + 1);
    Report(v1::IMPORT_DIFFERENCE_KIND_CHANGED, placed.row.line, placed.name, entity.display_name(), detail);
    return Outcome::kStored;
  }

  absl::Status Sign(const PlacedRow& placed, const std::string& name, v1::Instrument instrument) {
    v1::Accession accession;
    accession.set_name(name);
    accession.set_instrument(instrument);
    accession.set_evidence(placed.row.source);
    done_.set_accessions_added(done_.accessions_added() + 1);
    return InsertAccession(db_, placed.name, accession, now_);
  }

  void ReportMissing(const std::set<std::string>& listed) {
    for (const auto& [name, entity] : entities_) {
      const auto official = accessions_.find(AccessionName(name, v1::INSTRUMENT_OFFICIAL_LIST, ""));
      if (official == accessions_.end() || !official->second.empty() || listed.contains(name)) continue;
      Report(v1::IMPORT_DIFFERENCE_KIND_MISSING, 0, name, entity.display_name(),
             "not on the list: has it withdrawn?");
    }
  }

  void Report(v1::ImportDifferenceKind kind, int line, const std::string& entity,
              const std::string& display_name, const std::string& detail) {
    if (done_.differences_size() == kMaxDifferences) return;
    v1::ImportDifference& difference = *done_.add_differences();
    difference.set_kind(kind);
    difference.set_line(line);
    difference.set_entity(entity);
    difference.set_display_name(display_name);
    difference.set_detail(detail);
  }

  storage::Transaction& db_;
  const clock::Micros now_;
  const std::string day_;
  std::map<std::string, v1::Entity> entities_;
  std::map<std::string, std::string> accessions_;
  std::vector<v1::ImportProblem> problems_;
  bool official_ = false;
  v1::ImportSignatoriesResponse done_;
};

std::string SummaryOf(const v1::ImportSignatoriesResponse& done) {
  return "List of signatories imported: " + std::to_string(done.rows_placed()) + " of " +
         std::to_string(done.rows_read()) + " rows placed, " + std::to_string(done.entities_added()) +
         " new entities, " + std::to_string(done.entities_changed()) + " changed, " +
         std::to_string(done.accessions_added()) + " new accessions, " +
         std::to_string(done.problems_size()) + " problems.";
}

std::string Flag(bool value) { return value ? "true" : "false"; }

}  // namespace

void SignatoryListService::Bind(rpc::Router& router) {
  router.Bind(this, &SignatoryListService::ImportSignatories);
  router.Bind(this, &SignatoryListService::ExportEntities);
}

absl::StatusOr<v1::ImportSignatoriesResponse> SignatoryListService::ImportSignatories(
    rpc::Call& call, const v1::ImportSignatoriesRequest& request) {
  ASSIGN_OR_RETURN(SignatoryList list, ReadList(request));
  const std::string day = clock::DateText(request.list_date(), call.today());
  ASSIGN_OR_RETURN(auto response, Import(call.db(), call.now(), day).Run(std::move(list)));
  call.Record({.type = kSignatoriesImported,
               .subject = "entities",
               .citation = "guidebook step 2",
               .summary = SummaryOf(response)});
  return response;
}

absl::StatusOr<v1::ExportEntitiesResponse> SignatoryListService::ExportEntities(
    rpc::Call& call, const v1::ExportEntitiesRequest& request) {
  const std::string day = clock::DateText(request.on(), call.today());
  ASSIGN_OR_RETURN(const auto entities, AllEntities(call.db(), day));
  ASSIGN_OR_RETURN(auto lineages, AllLineages(call.db(), day));
  v1::ExportEntitiesResponse response;
  std::string& csv = *response.mutable_csv();
  csv = csv::CsvLine(ExportColumns());
  for (const auto& [name, entity] : entities) {
    const v1::SignatoryConfirmation standing = Confirm(name, lineages[name], day);
    const auto parent = entities.find(entity.parent());
    csv += csv::CsvLine({entity.display_name(), entity.acronym(),
                         parent == entities.end() ? "" : parent->second.display_name(),
                         std::string(KindText(entity.kind())), entity.source(), name,
                         Flag(entity.own_statutory_authority()), flow::NameOf(entity.governor_authority()),
                         flow::NameOf(entity.hipaa_status()), Flag(entity.education_agency()),
                         clock::DateText(entity.end_date()), flow::NameOf(standing.standing()),
                         standing.through(), clock::DateText(standing.since())});
  }
  return response;
}

}  // namespace idea::registry
