#ifndef IDEA_SERVICES_INVENTORY_EXCHANGE_EXCHANGE_INDEX_H_
#define IDEA_SERVICES_INVENTORY_EXCHANGE_EXCHANGE_INDEX_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "common/clock/clock.h"
#include "google/type/date.pb.h"
#include "idea/inventory/v1/exchange.pb.h"
#include "idea/inventory/v1/filing.pb.h"
#include "idea/inventory/v1/terms.pb.h"
#include "services/inventory/exchange/purpose_limits.h"
#include "services/inventory/exchange/readers_lock.h"
#include "services/inventory/exchange/text_pool.h"

namespace idea::inventory {

// A day as a number: days since 1970-01-01.
using Day = int32_t;
inline constexpr Day kNoStart = std::numeric_limits<Day>::min();
inline constexpr Day kNoEnd = std::numeric_limits<Day>::max();

Day DayNumber(const google::type::Date& date);
google::type::Date DateOf(Day day);

// A time in which a party that had been a signatory was none: from its first day until before its last.
struct Lapse {
  std::string entity;
  Day start = 0;
  // The first day on which it is a signatory again; kNoEnd if none is known.
  Day end = kNoEnd;
  auto operator<=>(const Lapse&) const = default;
};

// Every agreement of the register in memory, to say within microseconds what may be sent. Only knows what it
// is told: no I/O, no clock. Equal texts and equal sets of elements and parties are kept once. Safe for many
// threads.
class ExchangeIndex {
 public:
  // `permits_lapsed`: an exchange goes on after a party is no longer a signatory.
  explicit ExchangeIndex(bool permits_lapsed = false);

  // Takes an agreement in, or what has changed of one: its end and its etag; an older etag than the known one
  // changes nothing.
  void Put(const v1::Filing& filing, const v1::Terms& terms);

  // Takes in who is no longer a signatory, in place of what was known of it.
  void SetLapses(const std::vector<Lapse>& lapses);
  // Forgets everything: the database has lost some of it.
  void Clear();

  // The etag that a filing is known with; 0 if it is not known, or `asker` is no party to it.
  int64_t VersionOf(std::string_view filing, std::string_view asker) const;

  // For which moment is asked, and which day that is where the departments are.
  struct Moment {
    clock::Micros at = 0;
    Day day = 0;
    // It is the present: what was ended is ended, even if a clock elsewhere is ahead of ours.
    bool now = true;
  };
  // Answers a question: verdict, filing, revision, end date, conditions, lapsed parties, denials. `asker` is
  // the entity that asks; empty: one that sees every agreement. The conditions are in the bytes of the
  // decision only.
  void Decide(const v1::CheckExchangeRequest& question, Moment moment, std::string_view asker,
              v1::ExchangeDecision& decision) const;

  size_t size() const;
  // What all of it takes, in bytes.
  size_t bytes() const;

 private:
  // Numbers of the pools; the names of filing and revision lie one behind the other, and that of the BUCP
  // begins the revision's. Names have less than 256 characters. One cache line.
  struct alignas(64) Entry {
    const char* names = nullptr;
    clock::Micros executed = 0;
    // 0: it was not ended.
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
    // What the agreement has beside the entry, so that others cost no look-up: kElementsByProvider,
    // kPurposeClass.
    uint8_t extras = 0;

    std::string_view Filing() const { return {names, filing_size}; }
    std::string_view Revision() const { return {names + filing_size, revision_size}; }
    std::string_view Bucp() const { return {names + filing_size, bucp_size}; }
  };
  static_assert(sizeof(Entry) == 64);
  // Finds entries by a name that lies in them.
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

  // What a question comes to: its texts as numbers of the pools.
  struct Asked;

  // Bits of Entry::extras.
  static constexpr uint8_t kElementsByProvider = 1;
  static constexpr uint8_t kPurposeClass = 2;

  template <class Pool>
  uint32_t AddSet(Pool& members, const google::protobuf::RepeatedPtrField<std::string>& texts);
  // Keeps what an agreement has beside its entry.
  void AddExtras(uint32_t number, const v1::Filing& filing, const v1::Terms& terms);
  // The set of elements that a provider provides under an agreement.
  uint32_t ElementsOf(uint32_t number, std::optional<uint32_t> provider) const;
  // Whether the agreement permits the class of use that is asked for, if one is.
  bool AllowsUse(uint32_t number, const Asked& asked) const;
  bool Has(uint32_t set, std::optional<uint32_t> member) const;
  bool IsFor(const Entry& entry, const Asked& asked) const;
  bool Permits(uint32_t number, const Asked& asked, Moment moment) const;
  void Permit(const Entry& entry, v1::ExchangeDecision& decision) const;
  void Deny(uint32_t number, const Asked& asked, Moment moment, v1::ExchangeDecision& decision) const;
  void FindLapsed(const std::optional<uint32_t>& party, const std::string& name, Day day,
                  v1::ExchangeDecision& decision) const;
  void DenyWithout(const Asked& asked, std::string_view asker, v1::ExchangeDecision& decision) const;
  bool Sees(const Entry& entry, std::string_view asker) const;
  // Whether an agreement is told of rather than another one that permits the same.
  bool IsBefore(uint32_t left, uint32_t right) const;
  // Puts an agreement where it belongs in the lists of its pairs, or takes it out of them.
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
  // Sets as the bytes of their members' numbers, in order.
  TextPool sets_;
  Names<&Entry::Filing> by_filing_;
  Names<&Entry::Bucp> by_bucp_;
  // Of agreements with kElementsByProvider: the set of elements, by agreement and provider.
  absl::flat_hash_map<uint64_t, uint32_t> provided_;
  // Of agreements with kPurposeClass.
  absl::flat_hash_map<uint32_t, PurposeLimits> purpose_limits_;
  // By the number of the party.
  absl::flat_hash_map<uint32_t, std::vector<Lapse>> lapses_;
  // Agreements by provider and recipient, those that end last first: the first that permits is the answer.
  absl::flat_hash_map<uint64_t, std::vector<uint32_t>> by_pair_;
};

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_EXCHANGE_EXCHANGE_INDEX_H_
