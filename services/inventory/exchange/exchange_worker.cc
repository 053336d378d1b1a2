#include "services/inventory/exchange/exchange_worker.h"

#include <limits>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/inventory/exchange/lapse_store.h"
#include "services/inventory/filing/filing_store.h"

namespace idea::inventory {
namespace {

using std::chrono::microseconds;

// Maximum number of filings or changes in one read.
constexpr int kPage = 2000;

}  // namespace

ExchangeWorker::ExchangeWorker(Options options, exchange::ExchangeIndex& index)
    : options_(std::move(options)),
      index_(index),
      loop_({.name = "exchange worker",
             .service = "inventory",
             .interval = options_.bound / 4,
             .notifier = &options_.notifier},
            [this]() -> absl::StatusOr<int> {
              RETURN_IF_ERROR(Pass());
              return 0;
            }),
      reporter_({.name = "exchange health", .service = "inventory", .interval = options_.bound / 8}, [this] {
        ReportHealth();
        return 0;
      }) {}

void ExchangeWorker::Start() {
  options_.health(reported_fresh_);
  loop_.Start();
  reporter_.Start();
}

void ExchangeWorker::Stop() {
  loop_.Stop();
  reporter_.Stop();
}

bool ExchangeWorker::IsFresh() const {
  const int64_t begun = steady_at_;
  const int64_t bound = microseconds(options_.bound).count();
  const clock::Micros elapsed = options_.clock.Now() - wall_at_;
  return begun != 0 && clock::SteadyNow() - begun <= bound && -bound <= elapsed && elapsed <= bound;
}

std::chrono::duration<double> ExchangeWorker::Age() const {
  const int64_t begun = steady_at_;
  if (begun == 0) return std::chrono::duration<double>(std::numeric_limits<double>::infinity());
  return microseconds(clock::SteadyNow() - begun);
}

absl::Status ExchangeWorker::Pass() {
  const int64_t steady = clock::SteadyNow();
  const clock::Micros wall = options_.clock.Now();
  RETURN_IF_ERROR(loaded_ ? CatchUp() : Load());
  wall_at_ = wall;
  steady_at_ = steady;
  return absl::OkStatus();
}

struct ExchangeWorker::Snapshot {
  static absl::StatusOr<Snapshot> Read(storage::Transaction& db) {
    ASSIGN_OR_RETURN(events::Epochs epochs, events::Epochs::Read(db));
    ASSIGN_OR_RETURN(std::vector<std::string> unplaced, events::ReadUnplacedSubjects(db));
    return Snapshot{std::move(epochs), std::move(unplaced)};
  }
  events::Epochs epochs;
  // Subjects of the events without a position.
  std::vector<std::string> unplaced;
};

void ExchangeWorker::Apply(const Snapshot& snapshot) {
  if (epochs() == nullptr || epochs()->current() != snapshot.epochs.current()) {
    epochs_ = &all_epochs_.emplace_back(snapshot.epochs);
  }
  known_ = snapshot.epochs.head() + static_cast<int64_t>(snapshot.unplaced.size());
}

// The next pass reads filings again that change during the load.
absl::Status ExchangeWorker::Load() {
  std::optional<Snapshot> snapshot;
  std::vector<exchange::Lapse> lapses;
  RETURN_IF_ERROR(options_.database.Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(lapses, ReadLapses(db));
    ASSIGN_OR_RETURN(snapshot, Snapshot::Read(db));
    return absl::OkStatus();
  }));
  index_.SetLapses(lapses);
  std::string last;
  for (size_t read = kPage; read == kPage && !loop_.stopping();) {
    std::vector<FilingAndTerms> page;
    RETURN_IF_ERROR(options_.database.Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(page, ReadFilingsAfter(db, last, kPage));
      return absl::OkStatus();
    }));
    for (const FilingAndTerms& each : page) index_.Put(each.filing, each.terms);
    read = page.size();
    if (read > 0) last = page.back().filing.name();
  }
  position_ = snapshot->epochs.head();
  Apply(*snapshot);
  loaded_ = true;
  return absl::OkStatus();
}

// After a failover, filings that the new server does not have must leave the index. Until it is loaded again
// it permits nothing.
absl::Status ExchangeWorker::Reload() {
  steady_at_ = 0;
  loaded_ = false;
  index_.Clear();
  return Load();
}

// Reads an event without a position again when it has one. The index ignores an etag that it has.
absl::Status ExchangeWorker::CatchUp() {
  for (size_t read = kPage; read == kPage && !loop_.stopping();) {
    std::optional<Snapshot> snapshot;
    int64_t position = position_;
    std::vector<FilingAndTerms> changed;
    std::optional<std::vector<exchange::Lapse>> lapses;
    RETURN_IF_ERROR(options_.database.Read([&](storage::Transaction& db) -> absl::Status {
      changed.clear();
      lapses.reset();
      ASSIGN_OR_RETURN(snapshot, Snapshot::Read(db));
      ASSIGN_OR_RETURN(const auto refs, events::ReadSubjectsAfter(db, position_, kPage));
      read = refs.size();
      std::set<std::string> subjects;
      for (const events::EventRef& ref : refs) subjects.insert(ref.subject);
      if (read > 0) position = refs.back().position;
      // After the last page, all events with a position have been read.
      if (read < kPage) subjects.insert(snapshot->unplaced.begin(), snapshot->unplaced.end());
      for (const std::string& subject : subjects) {
        if (subject == kLapsesSubject) {
          ASSIGN_OR_RETURN(lapses, ReadLapses(db));
        }
        if (!ids::MatchesPattern(subject, "filings/*")) continue;
        ASSIGN_OR_RETURN(changed.emplace_back(), FindFilingAndTerms(db, subject));
      }
      return absl::OkStatus();
    }));
    if (snapshot->epochs.current() != epochs()->current()) return Reload();
    if (lapses) index_.SetLapses(*lapses);
    for (const FilingAndTerms& each : changed) index_.Put(each.filing, each.terms);
    position_ = position;
    if (read < kPage) Apply(*snapshot);
  }
  return absl::OkStatus();
}

void ExchangeWorker::ReportHealth() {
  const bool fresh = IsFresh();
  if (fresh != reported_fresh_) options_.health(reported_fresh_ = fresh);
}

}  // namespace idea::inventory
