#ifndef IDEA_COMMON_EXCHANGE_EXCHANGE_INDEX_H_
#define IDEA_COMMON_EXCHANGE_EXCHANGE_INDEX_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "common/auth/visibility.h"
#include "common/clock/clock.h"
#include "common/exchange/text_pool.h"
#include "google/type/date.pb.h"
#include "idea/inventory/v1/exchange.pb.h"
#include "idea/inventory/v1/filing.pb.h"
#include "idea/inventory/v1/terms.pb.h"

namespace idea::exchange {

namespace v1 = inventory::v1;

// A day as a number: days since 1970-01-01.
using Day = int32_t;
inline constexpr Day kNoStart = std::numeric_limits<Day>::min();
inline constexpr Day kNoEnd = std::numeric_limits<Day>::max();

Day DayNumber(const google::type::Date& date);
google::type::Date DateOf(Day day);

// A time in which a former signatory was not a signatory: from `start` to the day before `end`.
struct Lapse {
  std::string entity;
  Day start = 0;
  // The first day on which it is a signatory again; kNoEnd if none is known.
  Day end = kNoEnd;
  auto operator<=>(const Lapse&) const = default;
};

// A purpose class in a form that is fast to compare: what an agreement permits, or what a request intends.
struct PurposeLimits {
  explicit PurposeLimits(const drafting::v1::PurposeClass& purpose);
  PurposeLimits() = default;
  // Whether an agreement with these limits permits `intended`. Uses that are not agreed on are not permitted.
  bool Allow(const PurposeLimits& intended) const;

  // A bit for each PurposeKind. A kind that this release does not know sets the bit kUnknownKind, which no
  // agreement permits.
  static constexpr uint32_t kUnknownKind = 1;
  uint32_t kinds = 0;
  bool redisclosure = false;
  bool commercial = false;
  bool deidentified_only = false;
  // 0: no limit, or not stated.
  int32_t retention_days = 0;
};

// A shared mutex for data that is read constantly and written rarely. Reader threads use separate slots, so
// that they do not contend for one cache line. A writer locks every slot.
class ReadersLock {
 public:
  void lock_shared() { slots_[ThisThreadsSlot()].mutex.lock_shared(); }
  void unlock_shared() { slots_[ThisThreadsSlot()].mutex.unlock_shared(); }
  void lock() {
    for (Slot& slot : slots_) slot.mutex.lock();
  }
  void unlock() {
    for (Slot& slot : slots_) slot.mutex.unlock();
  }

 private:
  struct alignas(64) Slot {
    std::shared_mutex mutex;
  };
  static constexpr size_t kSlots = 16;
  static size_t ThisThreadsSlot() {
    static std::atomic<size_t> threads{0};
    thread_local const size_t slot = threads++ % kSlots;
    return slot;
  }
  std::array<Slot, kSlots> slots_;
};

// All agreements of the register in memory. Decides within microseconds whether data may be sent. No I/O, no
// clock. Equal texts and equal sets of elements and parties are stored once. Thread-safe.
class ExchangeIndex {
 public:
  // `permits_lapsed`: an exchange may continue after a party is no longer a signatory.
  explicit ExchangeIndex(bool permits_lapsed = false);
  bool permits_lapsed() const { return permits_lapsed_; }

  // Adds an agreement, or updates its end and etag. Ignores a filing whose etag is not newer than the known
  // one.
  void Put(const v1::Filing& filing, const v1::Terms& terms);

  // Replaces all lapses.
  void SetLapses(const std::vector<Lapse>& lapses);
  // Removes everything.
  void Clear();

  // The known etag of a filing. 0 if the filing is not known or not visible.
  int64_t VersionOf(std::string_view filing, auth::Visibility visibility) const;

  // The time to decide for, and its day in the time zone of the register.
  struct Moment {
    clock::Micros at = 0;
    Day day = 0;
    // Whether it is the present: an ended agreement is then ended even if its end time is later, because the
    // clock of another replica is ahead.
    bool now = true;
  };
  // Sets verdict, filing, revision, end date, conditions, lapsed parties and denials of `decision`. The
  // conditions are set as unknown bytes: they are present only after serialization.
  void Decide(const v1::CheckExchangeRequest& request, Moment moment, auth::Visibility visibility,
              v1::ExchangeDecision& decision) const;

  size_t size() const;
  // The memory that the index takes, in bytes.
  size_t bytes() const;

 private:
  // One agreement: numbers of the pools, and the names of filing and revision, which are adjacent. The name
  // of the BUCP is a prefix of the revision's. Names have less than 256 characters. One cache line.
  struct alignas(64) Entry {
    const char* names = nullptr;
    clock::Micros executed = 0;
    // 0: not ended.
    clock::Micros ended = 0;
    int64_t version = 0;
    Day start = kNoStart;
    Day end = kNoEnd;
    uint32_t title = 0;
    uint32_t elements = 0;
    uint32_t providers = 0;
    uint32_t recipients = 0;
    uint32_t conditions = 0;
    uint8_t filing_size = 0;
    uint8_t bucp_size = 0;
    uint8_t revision_size = 0;
    // kElementsByProvider, kPurposeClass: what is stored outside of the entry.
    uint8_t extras = 0;

    std::string_view Filing() const { return {names, filing_size}; }
    std::string_view Revision() const { return {names + filing_size, revision_size}; }
    std::string_view Bucp() const { return {names + filing_size, bucp_size}; }
  };
  static_assert(sizeof(Entry) == 64);
  // Hashes and compares entries by one of their names.
  template <std::string_view (Entry::*name)() const>
  struct ByName {
    using is_transparent = void;
    const std::deque<Entry>* entries;
    static std::string_view NameOf(std::string_view text) { return text; }
    std::string_view NameOf(uint32_t number) const { return ((*entries)[number].*name)(); }
    template <class Key>
    size_t operator()(const Key& key) const {
      return std::hash<std::string_view>()(NameOf(key));
    }
    template <class Left, class Right>
    bool operator()(const Left& left, const Right& right) const {
      return NameOf(left) == NameOf(right);
    }
  };
  template <std::string_view (Entry::*name)() const>
  using Names = absl::flat_hash_set<uint32_t, ByName<name>, ByName<name>>;

  // A request, with its texts as numbers of the pools.
  struct Query;

  // Bits of Entry::extras.
  static constexpr uint8_t kElementsByProvider = 1;
  static constexpr uint8_t kPurposeClass = 2;

  template <class Pool>
  uint32_t AddSet(Pool& members, const google::protobuf::RepeatedPtrField<std::string>& texts);
  // Stores what an agreement has outside of its entry.
  void AddExtras(uint32_t number, const v1::Filing& filing, const v1::Terms& terms);
  // The set of elements that a provider provides under an agreement.
  uint32_t ElementsOf(uint32_t number, std::optional<uint32_t> provider) const;
  // Whether the agreement permits the class of use of the query, if it has one.
  bool AllowsUse(uint32_t number, const Query& query) const;
  bool Has(uint32_t set, std::optional<uint32_t> member) const;
  bool IsFor(const Entry& entry, const Query& query) const;
  bool Permits(uint32_t number, const Query& query, Moment moment) const;
  void Permit(const Entry& entry, v1::ExchangeDecision& decision) const;
  void Deny(uint32_t number, const Query& query, Moment moment, v1::ExchangeDecision& decision) const;
  void FindLapsed(const std::optional<uint32_t>& party, const std::string& name, Day day,
                  v1::ExchangeDecision& decision) const;
  void DenyWithout(const Query& query, auth::Visibility visibility, v1::ExchangeDecision& decision) const;
  bool IsVisible(const Entry& entry, auth::Visibility visibility) const;
  // Whether the first of two agreements that permit the same is preferred.
  bool IsBefore(uint32_t left, uint32_t right) const;
  // Applies `change` to the list of each pair of provider and recipient of an agreement.
  template <class Change>
  void ChangePairs(const Entry& entry, Change change);
  const std::vector<uint32_t>* Between(std::optional<uint32_t> provider,
                                       std::optional<uint32_t> recipient) const;

  const bool permits_lapsed_;
  mutable ReadersLock lock_;
  std::deque<Entry> entries_;
  Arena names_;
  TextPool parties_, titles_, conditions_;
  NamePool elements_;
  // Sets as the bytes of the sorted numbers of their members.
  TextPool sets_;
  Names<&Entry::Filing> by_filing_;
  Names<&Entry::Bucp> by_bucp_;
  // For agreements with kElementsByProvider: the set of elements, by agreement and provider.
  absl::flat_hash_map<uint64_t, uint32_t> provided_;
  // For agreements with kPurposeClass.
  absl::flat_hash_map<uint32_t, PurposeLimits> purpose_limits_;
  // By the number of the party.
  absl::flat_hash_map<uint32_t, std::vector<Lapse>> lapses_;
  // Agreements by provider and recipient, the latest end first. The first that permits is the decision.
  absl::flat_hash_map<uint64_t, std::vector<uint32_t>> by_pair_;
};

}  // namespace idea::exchange

#endif  // IDEA_COMMON_EXCHANGE_EXCHANGE_INDEX_H_
