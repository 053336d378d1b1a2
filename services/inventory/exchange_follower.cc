#include "services/inventory/exchange_follower.h"

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/ids/ids.h"
#include "common/log/log.h"
#include "common/log/thread.h"
#include "common/status/status.h"
#include "services/inventory/filing_store.h"
#include "services/inventory/lapse_store.h"

namespace idea::inventory {
namespace {

using std::chrono::microseconds;

// Filings that are loaded at once, and changes that are read at once.
constexpr int kPage = 2000;

}  // namespace

ExchangeFollower::ExchangeFollower(Parts parts, ExchangeIndex& index)
    : parts_(std::move(parts)), index_(index) {}

ExchangeFollower::~ExchangeFollower() { Stop(); }

void ExchangeFollower::Start() {
  follower_ = log::StartThread("exchange follower", [this] { Follow(); });
  watcher_ = log::StartThread("exchange watcher", [this] { Watch(); });
}

void ExchangeFollower::Stop() {
  if (!follower_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stopped_.notify_all();
  parts_.news.Raise();
  follower_.join();
  watcher_.join();
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

// What changes while it loads is read again by the next look.
absl::Status ExchangeFollower::Load() {
  int64_t known = 0;
  std::vector<Lapse> lapses;
  RETURN_IF_ERROR(parts_.database.Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(lapses, ReadLapses(db));
    ASSIGN_OR_RETURN(frontier_, events::VisibleNow(db));
    ASSIGN_OR_RETURN(known, events::CountVisible(db));
    return absl::OkStatus();
  }));
  index_.SetLapses(lapses);
  std::string last;
  for (size_t read = kPage; read == kPage && !stopping_;) {
    std::vector<FilingAndTerms> page;
    RETURN_IF_ERROR(parts_.database.Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(page, ReadFilingsAfter(db, last, kPage));
      return absl::OkStatus();
    }));
    for (const FilingAndTerms& each : page) index_.Put(each.filing, each.terms);
    read = page.size();
    if (read > 0) last = page.back().filing.name();
  }
  known_ = known;
  loaded_ = true;
  return absl::OkStatus();
}

absl::Status ExchangeFollower::Catch() {
  int64_t known = known_;
  for (size_t read = kPage; read == kPage && !stopping_;) {
    events::Frontier frontier;
    std::vector<FilingAndTerms> changed;
    std::optional<std::vector<Lapse>> lapses;
    RETURN_IF_ERROR(parts_.database.Read([&](storage::Transaction& db) -> absl::Status {
      frontier = frontier_;
      changed.clear();
      lapses.reset();
      ASSIGN_OR_RETURN(const std::vector<events::Mention> news, events::ReadVisible(db, frontier, kPage));
      read = news.size();
      std::set<std::string> filings;
      for (const events::Mention& mention : news) {
        if (ids::MatchesPattern(mention.subject, "filings/*")) filings.insert(mention.subject);
        if (mention.subject != kLapsesSubject || lapses) continue;
        ASSIGN_OR_RETURN(lapses, ReadLapses(db));
      }
      for (const std::string& filing : filings) {
        ASSIGN_OR_RETURN(changed.emplace_back(), FindFilingAndTerms(db, filing));
      }
      return absl::OkStatus();
    }));
    if (lapses) index_.SetLapses(*lapses);
    for (const FilingAndTerms& each : changed) index_.Put(each.filing, each.terms);
    frontier_ = std::move(frontier);
    known += static_cast<int64_t>(read);
  }
  known_ = known;
  return absl::OkStatus();
}

void ExchangeFollower::Follow() {
  uint64_t seen = parts_.news.Count();
  bool well = true;
  while (!stopping_) {
    const absl::Status passed = Pass();
    if (!passed.ok() && well) {
      log::Line(log::Level::kWarn, "the exchange index cannot be kept fresh")
          .With("reason", status::ReasonName(passed))
          .With("text", std::string(passed.message()));
    }
    well = passed.ok();
    seen = parts_.news.Wait(seen, parts_.bound / 4);
  }
}

void ExchangeFollower::Watch() {
  bool told = false;
  parts_.health(told);
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    stopped_.wait_for(lock, parts_.bound / 8, [this] { return stopping_.load(); });
    if (const bool fresh = IsFresh(); fresh != told) parts_.health(told = fresh);
  }
}

}  // namespace idea::inventory
