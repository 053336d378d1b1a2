#include "services/inventory/exchange/exchange_follower.h"

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

// Filings that are loaded at once, and changes that are read at once.
constexpr int kPage = 2000;

}  // namespace

ExchangeFollower::ExchangeFollower(Parts parts, ExchangeIndex& index)
    : parts_(std::move(parts)),
      index_(index),
      follower_({.name = "exchange follower",
                 .service = "inventory",
                 .interval = parts_.bound / 4,
                 .notifier = &parts_.notifier},
                [this]() -> absl::StatusOr<int> {
                  RETURN_IF_ERROR(Pass());
                  return 0;
                }),
      reporter_({.name = "exchange health", .service = "inventory", .interval = parts_.bound / 8}, [this] {
        ReportHealth();
        return 0;
      }) {}

void ExchangeFollower::Start() {
  parts_.health(reported_fresh_);
  follower_.Start();
  reporter_.Start();
}

void ExchangeFollower::Stop() {
  follower_.Stop();
  reporter_.Stop();
}

bool ExchangeFollower::IsFresh() const {
  const int64_t begun = steady_at_;
  const int64_t bound = microseconds(parts_.bound).count();
  const clock::Micros elapsed = parts_.clock.Now() - wall_at_;
  return begun != 0 && clock::SteadyNow() - begun <= bound && -bound <= elapsed && elapsed <= bound;
}

absl::Status ExchangeFollower::Pass() {
  const int64_t steady = clock::SteadyNow();
  const clock::Micros wall = parts_.clock.Now();
  RETURN_IF_ERROR(loaded_ ? Catch() : Load());
  wall_at_ = wall;
  steady_at_ = steady;
  return absl::OkStatus();
}

struct ExchangeFollower::Snapshot {
  static absl::StatusOr<Snapshot> Read(storage::Transaction& db) {
    ASSIGN_OR_RETURN(events::Epochs epochs, events::Epochs::Read(db));
    ASSIGN_OR_RETURN(std::vector<std::string> unplaced, events::ReadUnplacedSubjects(db));
    return Snapshot{std::move(epochs), std::move(unplaced)};
  }
  events::Epochs epochs;
  // Subjects of the events without a position.
  std::vector<std::string> unplaced;
};

void ExchangeFollower::Remember(const Snapshot& snapshot) {
  if (epochs() == nullptr || epochs()->current() != snapshot.epochs.current()) {
    epochs_ = &all_epochs_.emplace_back(snapshot.epochs);
  }
  known_ = snapshot.epochs.head() + static_cast<int64_t>(snapshot.unplaced.size());
}

// What changes while it loads is read again by the next look.
absl::Status ExchangeFollower::Load() {
  std::optional<Snapshot> snapshot;
  std::vector<Lapse> lapses;
  RETURN_IF_ERROR(parts_.database.Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(lapses, ReadLapses(db));
    ASSIGN_OR_RETURN(snapshot, Snapshot::Read(db));
    return absl::OkStatus();
  }));
  index_.SetLapses(lapses);
  std::string last;
  for (size_t read = kPage; read == kPage && !follower_.stopping();) {
    std::vector<FilingAndTerms> page;
    RETURN_IF_ERROR(parts_.database.Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(page, ReadFilingsAfter(db, last, kPage));
      return absl::OkStatus();
    }));
    for (const FilingAndTerms& each : page) index_.Put(each.filing, each.terms);
    read = page.size();
    if (read > 0) last = page.back().filing.name();
  }
  position_ = snapshot->epochs.head();
  Remember(*snapshot);
  loaded_ = true;
  return absl::OkStatus();
}

// What another server has not got must not stay in the index. Until it is filled again nothing is permitted.
absl::Status ExchangeFollower::LoadAgain() {
  steady_at_ = 0;
  loaded_ = false;
  index_.Clear();
  return Load();
}

// An event without a position is read again when it has one: an etag that the index knows changes nothing.
absl::Status ExchangeFollower::Catch() {
  for (size_t read = kPage; read == kPage && !follower_.stopping();) {
    std::optional<Snapshot> snapshot;
    int64_t position = position_;
    std::vector<FilingAndTerms> changed;
    std::optional<std::vector<Lapse>> lapses;
    RETURN_IF_ERROR(parts_.database.Read([&](storage::Transaction& db) -> absl::Status {
      changed.clear();
      lapses.reset();
      ASSIGN_OR_RETURN(snapshot, Snapshot::Read(db));
      ASSIGN_OR_RETURN(const auto news, events::ReadSubjectsAfter(db, position_, kPage));
      read = news.size();
      std::set<std::string> subjects;
      for (const events::EventRef& mention : news) subjects.insert(mention.subject);
      if (read > 0) position = news.back().position;
      // With the last page all is known that has a position.
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
    if (snapshot->epochs.current() != epochs()->current()) return LoadAgain();
    if (lapses) index_.SetLapses(*lapses);
    for (const FilingAndTerms& each : changed) index_.Put(each.filing, each.terms);
    position_ = position;
    if (read < kPage) Remember(*snapshot);
  }
  return absl::OkStatus();
}

void ExchangeFollower::ReportHealth() {
  const bool fresh = IsFresh();
  if (fresh != reported_fresh_) parts_.health(reported_fresh_ = fresh);
}

}  // namespace idea::inventory
