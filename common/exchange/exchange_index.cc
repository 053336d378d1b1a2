#include "common/exchange/exchange_index.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/ascii.h"
#include "common/validation/text.h"

namespace idea::exchange {
namespace {

constexpr int kMaxDenials = 100;
constexpr size_t kMaxTextLength = 300;

v1::ExchangeConditions ConditionsOf(const v1::Terms& terms) {
  v1::ExchangeConditions conditions;
  conditions.set_purpose(terms.purpose());
  validation::Truncate(kMaxTextLength, *conditions.mutable_purpose());
  if (terms.has_data_users()) {
    auto& users = *conditions.mutable_data_users() = terms.data_users();
    validation::Truncate(kMaxTextLength, *users.mutable_description());
    validation::Truncate(kMaxTextLength, *users.mutable_contractor_use());
  }
  if (terms.has_destruction()) {
    auto& destruction = *conditions.mutable_destruction() = terms.destruction();
    validation::Truncate(kMaxTextLength, *destruction.mutable_description());
  }
  if (terms.has_purpose_class()) *conditions.mutable_purpose_class() = terms.purpose_class();
  if (terms.has_redisclosure()) {
    auto& redisclosure = *conditions.mutable_redisclosure() = terms.redisclosure();
    validation::Truncate(kMaxTextLength, *redisclosure.mutable_terms());
  }
  return conditions;
}

uint64_t PairOf(uint32_t provider, uint32_t recipient) { return uint64_t{provider} << 32 | recipient; }

// The members of a set, from its bytes.
size_t CountOf(std::string_view set) { return set.size() / sizeof(uint32_t); }
uint32_t MemberOf(std::string_view set, size_t n) {
  uint32_t member = 0;
  std::memcpy(&member, set.data() + n * sizeof(member), sizeof(member));
  return member;
}

void Add(v1::ExchangeDecision& decision, v1::DenialReason reason, std::string_view filing = {},
         std::string_view party = {}) {
  if (decision.denials_size() >= kMaxDenials) return;
  v1::Denial& denial = *decision.add_denials();
  denial.set_reason(reason);
  denial.set_filing(filing.data(), filing.size());
  denial.set_party(party.data(), party.size());
}

bool IsExecuted(clock::Micros executed, ExchangeIndex::Moment moment) {
  return moment.now || executed <= moment.at;
}

bool IsEnded(clock::Micros ended, Day end, ExchangeIndex::Moment moment) {
  return end < moment.day || (ended != 0 && (moment.now || ended <= moment.at));
}

}  // namespace

PurposeLimits::PurposeLimits(const drafting::v1::PurposeClass& purpose)
    : redisclosure(purpose.redisclosure() == drafting::v1::ANSWER_YES),
      commercial(purpose.commercial_use() == drafting::v1::ANSWER_YES),
      deidentified_only(purpose.deidentified_only() == drafting::v1::ANSWER_YES),
      retention_days(purpose.retention_days()) {
  for (const int kind : purpose.kinds())
    kinds |= drafting::v1::PurposeKind_IsValid(kind) ? uint32_t{1} << kind : kUnknownKind;
}

bool PurposeLimits::Allow(const PurposeLimits& intended) const {
  return (intended.kinds & ~(kinds & ~kUnknownKind)) == 0 && (redisclosure || !intended.redisclosure) &&
         (commercial || !intended.commercial) && (intended.deidentified_only || !deidentified_only) &&
         (retention_days == 0 || intended.retention_days <= retention_days);
}

Day DayNumber(const google::type::Date& date) {
  const std::chrono::sys_days days = std::chrono::year(date.year()) / date.month() / date.day();
  return static_cast<Day>(days.time_since_epoch().count());
}

google::type::Date DateOf(Day day) {
  const std::chrono::year_month_day days{std::chrono::sys_days(std::chrono::days(day))};
  google::type::Date date;
  date.set_year(int{days.year()});
  date.set_month(static_cast<int32_t>(unsigned{days.month()}));
  date.set_day(static_cast<int32_t>(unsigned{days.day()}));
  return date;
}

struct ExchangeIndex::Query {
  const v1::CheckExchangeRequest& request;
  std::optional<uint32_t> provider;
  std::optional<uint32_t> recipient;
  // The elements of the request, in their order.
  absl::InlinedVector<std::optional<uint32_t>, 16> elements = {};
  // The purpose of the request, if it is the title of a use case.
  std::optional<uint32_t> title = {};
};

ExchangeIndex::ExchangeIndex(bool permits_lapsed)
    : permits_lapsed_(permits_lapsed),
      by_filing_(0, {&entries_}, {&entries_}),
      by_bucp_(0, {&entries_}, {&entries_}) {}

template <class Pool>
uint32_t ExchangeIndex::AddSet(Pool& members, const google::protobuf::RepeatedPtrField<std::string>& texts) {
  std::vector<uint32_t> numbers;
  numbers.reserve(static_cast<size_t>(texts.size()));
  for (const std::string& text : texts) numbers.push_back(members.Add(text));
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return sets_.Add({reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(uint32_t)});
}

bool ExchangeIndex::Has(uint32_t set, std::optional<uint32_t> member) const {
  if (!member) return false;
  const std::string_view members = sets_.Text(set);
  size_t low = 0;
  size_t high = CountOf(members);
  while (low < high) {
    const size_t middle = (low + high) / 2;
    const uint32_t found = MemberOf(members, middle);
    if (found == *member) return true;
    if (found < *member) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return false;
}

bool ExchangeIndex::IsBefore(uint32_t left, uint32_t right) const {
  const Entry& a = entries_[left];
  const Entry& b = entries_[right];
  return a.end != b.end ? a.end > b.end : a.Filing() < b.Filing();
}

template <class Change>
void ExchangeIndex::ChangePairs(const Entry& entry, Change change) {
  const std::string_view providers = sets_.Text(entry.providers);
  const std::string_view recipients = sets_.Text(entry.recipients);
  for (size_t p = 0; p < CountOf(providers); ++p) {
    for (size_t r = 0; r < CountOf(recipients); ++r) {
      change(by_pair_[PairOf(MemberOf(providers, p), MemberOf(recipients, r))]);
    }
  }
}

void ExchangeIndex::Put(const v1::Filing& filing, const v1::Terms& terms) {
  const std::unique_lock lock(lock_);
  const auto known = by_filing_.find(std::string_view(filing.name()));
  const bool is_new = known == by_filing_.end();
  const int64_t version = std::strtoll(filing.etag().c_str(), nullptr, 10);
  if (!is_new && entries_[*known].version >= version) return;

  const auto number = is_new ? static_cast<uint32_t>(entries_.size()) : *known;
  Entry& entry = is_new ? entries_.emplace_back() : entries_[number];
  if (is_new) {
    entry.names = names_.Keep(filing.name() + filing.revision()).data();
    entry.filing_size = static_cast<uint8_t>(filing.name().size());
    entry.revision_size = static_cast<uint8_t>(filing.revision().size());
    if (filing.revision().starts_with(filing.bucp() + "/"))
      entry.bucp_size = static_cast<uint8_t>(filing.bucp().size());
    entry.title = titles_.Add(absl::AsciiStrToLower(filing.title()));
    entry.elements = AddSet(elements_, terms.data_elements());
    entry.providers = AddSet(parties_, filing.providers());
    entry.recipients = AddSet(parties_, filing.recipients());
    entry.conditions = conditions_.Add(ConditionsOf(terms).SerializeAsString());
    AddExtras(number, filing, terms);
    by_filing_.insert(number);
    by_bucp_.insert(number);
  } else {
    ChangePairs(entry, [&](std::vector<uint32_t>& pair) { std::erase(pair, number); });
  }
  entry.version = version;
  entry.executed = clock::FromProto(filing.execute_time());
  const bool ended = filing.state() == v1::FILING_STATE_ENDED;
  // An ended filing without a time has always been ended.
  entry.ended = ended ? std::max<clock::Micros>(1, clock::FromProto(filing.end_time())) : 0;
  entry.start = filing.has_start_date() ? DayNumber(filing.start_date()) : kNoStart;
  entry.end = filing.has_end_date() ? DayNumber(filing.end_date()) : kNoEnd;
  ChangePairs(entry, [&](std::vector<uint32_t>& pair) {
    const auto before = [this](uint32_t left, uint32_t right) { return IsBefore(left, right); };
    pair.insert(std::upper_bound(pair.begin(), pair.end(), number, before), number);
  });
}

void ExchangeIndex::AddExtras(uint32_t number, const v1::Filing& filing, const v1::Terms& terms) {
  Entry& entry = entries_[number];
  if (terms.has_purpose_class()) {
    entry.extras |= kPurposeClass;
    purpose_limits_[number] = PurposeLimits(terms.purpose_class());
  }
  if (terms.element_providers().empty()) return;
  entry.extras |= kElementsByProvider;
  absl::flat_hash_map<std::string, const v1::ElementProviders*> by_name;
  for (const v1::ElementProviders& only : terms.element_providers()) by_name[only.data_element()] = &only;
  for (const std::string& provider : filing.providers()) {
    google::protobuf::RepeatedPtrField<std::string> provided;
    for (const std::string& element : terms.data_elements()) {
      const auto only = by_name.find(element);
      const bool provides = only == by_name.end() ||
                            std::find(only->second->providers().begin(), only->second->providers().end(),
                                      provider) != only->second->providers().end();
      if (provides) *provided.Add() = element;
    }
    provided_[PairOf(number, parties_.Add(provider))] = AddSet(elements_, provided);
  }
}

uint32_t ExchangeIndex::ElementsOf(uint32_t number, std::optional<uint32_t> provider) const {
  const Entry& entry = entries_[number];
  if ((entry.extras & kElementsByProvider) == 0) return entry.elements;
  return provided_.at(PairOf(number, *provider));
}

bool ExchangeIndex::AllowsUse(uint32_t number, const Query& query) const {
  if (!query.request.has_purpose_class()) return true;
  if ((entries_[number].extras & kPurposeClass) == 0) return false;
  return purpose_limits_.at(number).Allow(PurposeLimits(query.request.purpose_class()));
}

void ExchangeIndex::SetLapses(const std::vector<Lapse>& lapses) {
  const std::unique_lock lock(lock_);
  lapses_.clear();
  for (const Lapse& lapse : lapses) lapses_[parties_.Add(lapse.entity)].push_back(lapse);
}

// Adds the party to the lapsed parties of the decision if it is not a signatory on the day.
void ExchangeIndex::FindLapsed(const std::optional<uint32_t>& party, const std::string& name, Day day,
                               v1::ExchangeDecision& decision) const {
  const auto found = party ? lapses_.find(*party) : lapses_.end();
  if (found == lapses_.end()) return;
  for (const Lapse& lapse : found->second) {
    if (day < lapse.start || lapse.end <= day) continue;
    v1::LapsedParty& lapsed = *decision.add_lapsed_parties();
    lapsed.set_entity(name);
    *lapsed.mutable_since() = DateOf(lapse.start);
  }
}

void ExchangeIndex::Clear() {
  const std::unique_lock lock(lock_);
  lapses_.clear();
  provided_.clear();
  purpose_limits_.clear();
  by_pair_.clear();
  by_filing_.clear();
  by_bucp_.clear();
  entries_.clear();
  names_ = Arena();
  for (TextPool* pool : {&parties_, &titles_, &conditions_, &sets_}) *pool = TextPool();
  elements_ = NamePool();
}

bool ExchangeIndex::IsVisible(const Entry& entry, auth::Visibility visibility) const {
  if (visibility.all()) return true;
  const auto self = parties_.Find(visibility.entity());
  return Has(entry.providers, self) || Has(entry.recipients, self);
}

int64_t ExchangeIndex::VersionOf(std::string_view filing, auth::Visibility visibility) const {
  const std::shared_lock lock(lock_);
  const auto found = by_filing_.find(filing);
  if (found == by_filing_.end() || !IsVisible(entries_[*found], visibility)) return 0;
  return entries_[*found].version;
}

const std::vector<uint32_t>* ExchangeIndex::Between(std::optional<uint32_t> provider,
                                                    std::optional<uint32_t> recipient) const {
  if (!provider || !recipient) return nullptr;
  const auto found = by_pair_.find(PairOf(*provider, *recipient));
  return found == by_pair_.end() ? nullptr : &found->second;
}

bool ExchangeIndex::IsFor(const Entry& entry, const Query& query) const {
  return query.request.purpose().empty() || query.request.purpose() == entry.Bucp() ||
         (query.title && *query.title == entry.title);
}

bool ExchangeIndex::Permits(uint32_t number, const Query& query, Moment moment) const {
  const Entry& entry = entries_[number];
  if (!IsExecuted(entry.executed, moment) || moment.day < entry.start ||
      IsEnded(entry.ended, entry.end, moment) || !IsFor(entry, query) || !AllowsUse(number, query)) {
    return false;
  }
  const uint32_t elements = ElementsOf(number, query.provider);
  return std::all_of(query.elements.begin(), query.elements.end(),
                     [&](const auto& element) { return Has(elements, element); });
}

void ExchangeIndex::Deny(uint32_t number, const Query& query, Moment moment,
                         v1::ExchangeDecision& decision) const {
  const Entry& entry = entries_[number];
  if (!IsFor(entry, query)) {
    Add(decision, v1::DENIAL_REASON_PURPOSE_NOT_COVERED, entry.Filing());
    return;
  }
  if (!IsExecuted(entry.executed, moment)) Add(decision, v1::DENIAL_REASON_NOT_EXECUTED, entry.Filing());
  if (moment.day < entry.start) Add(decision, v1::DENIAL_REASON_NOT_STARTED, entry.Filing());
  if (IsEnded(entry.ended, entry.end, moment)) Add(decision, v1::DENIAL_REASON_ENDED, entry.Filing());
  if (!permits_lapsed_) {
    for (const v1::LapsedParty& lapsed : decision.lapsed_parties())
      Add(decision, v1::DENIAL_REASON_NO_LONGER_SIGNATORY, entry.Filing(), lapsed.entity());
  }
  if (!AllowsUse(number, query)) Add(decision, v1::DENIAL_REASON_PURPOSE_CLASS_NOT_COVERED, entry.Filing());
  const uint32_t elements = ElementsOf(number, query.provider);
  v1::Denial missing;
  for (size_t i = 0; i < query.elements.size() && missing.data_elements_size() < kMaxDenials; ++i) {
    if (!Has(elements, query.elements[i]))
      missing.add_data_elements(query.request.data_elements(static_cast<int>(i)));
  }
  if (missing.data_elements().empty() || decision.denials_size() >= kMaxDenials) return;
  missing.set_reason(v1::DENIAL_REASON_ELEMENT_NOT_COVERED);
  missing.set_filing(entry.Filing().data(), entry.Filing().size());
  *decision.add_denials() = std::move(missing);
}

// Denies a request of two parties without an agreement in which the first is a provider and the second a
// recipient.
void ExchangeIndex::DenyWithout(const Query& query, auth::Visibility visibility,
                                v1::ExchangeDecision& decision) const {
  const auto named = by_bucp_.find(std::string_view(query.request.purpose()));
  if (named != by_bucp_.end() && IsVisible(entries_[*named], visibility)) {
    const Entry& entry = entries_[*named];
    if (!Has(entry.providers, query.provider)) {
      Add(decision, v1::DENIAL_REASON_PARTY_NOT_COVERED, entry.Filing(), query.request.provider());
    }
    if (!Has(entry.recipients, query.recipient)) {
      Add(decision, v1::DENIAL_REASON_PARTY_NOT_COVERED, entry.Filing(), query.request.recipient());
    }
    return;
  }
  if (const auto* reversed = Between(query.recipient, query.provider)) {
    for (const uint32_t number : *reversed) {
      const Entry& entry = entries_[number];
      if (IsFor(entry, query))
        Add(decision, v1::DENIAL_REASON_PARTY_NOT_COVERED, entry.Filing(), query.request.provider());
    }
  }
  if (decision.denials().empty()) Add(decision, v1::DENIAL_REASON_NO_AGREEMENT);
}

void ExchangeIndex::Decide(const v1::CheckExchangeRequest& request, Moment moment,
                           auth::Visibility visibility, v1::ExchangeDecision& decision) const {
  decision.set_verdict(v1::VERDICT_DENIED);
  if (!visibility.Covers(request.provider()) && !visibility.Covers(request.recipient())) {
    Add(decision, v1::DENIAL_REASON_NO_AGREEMENT);
    return;
  }
  const std::shared_lock lock(lock_);
  Query query{request, parties_.Find(request.provider()), parties_.Find(request.recipient())};
  const std::vector<uint32_t>* between = Between(query.provider, query.recipient);
  if (!request.purpose().empty()) query.title = titles_.Find(absl::AsciiStrToLower(request.purpose()));
  if (between == nullptr) {
    DenyWithout(query, visibility, decision);
    return;
  }
  for (const std::string& element : request.data_elements()) {
    query.elements.push_back(elements_.Find(element));
  }
  if (!lapses_.empty()) {
    FindLapsed(query.provider, request.provider(), moment.day, decision);
    if (request.recipient() != request.provider())
      FindLapsed(query.recipient, request.recipient(), moment.day, decision);
  }
  const bool barred = !permits_lapsed_ && !decision.lapsed_parties().empty();
  for (const uint32_t number : *between) {
    if (barred) break;
    if (Permits(number, query, moment)) return Permit(entries_[number], decision);
  }
  for (const uint32_t number : *between) {
    if (decision.denials_size() >= kMaxDenials) return;
    Deny(number, query, moment, decision);
  }
}

void ExchangeIndex::Permit(const Entry& entry, v1::ExchangeDecision& decision) const {
  decision.set_verdict(v1::VERDICT_PERMITTED);
  decision.set_filing(entry.Filing().data(), entry.Filing().size());
  decision.set_revision(entry.Revision().data(), entry.Revision().size());
  if (entry.end != kNoEnd) *decision.mutable_end_date() = DateOf(entry.end);
  // Stored as serialized bytes: an unknown field has the same wire format as the parsed field.
  const std::string_view conditions = conditions_.Text(entry.conditions);
  decision.GetReflection()
      ->MutableUnknownFields(&decision)
      ->AddLengthDelimited(v1::ExchangeDecision::kConditionsFieldNumber)
      ->assign(conditions.data(), conditions.size());
}

size_t ExchangeIndex::size() const {
  const std::shared_lock lock(lock_);
  return entries_.size();
}

size_t ExchangeIndex::bytes() const {
  const std::shared_lock lock(lock_);
  size_t bytes = entries_.size() * sizeof(Entry) + names_.bytes();
  for (const TextPool* pool : {&parties_, &titles_, &conditions_, &sets_}) bytes += pool->bytes();
  bytes += elements_.bytes();
  bytes += provided_.capacity() * (sizeof(uint64_t) + sizeof(uint32_t) + 1);
  bytes += purpose_limits_.capacity() * (sizeof(uint32_t) + sizeof(PurposeLimits) + 1);
  bytes += (by_filing_.capacity() + by_bucp_.capacity()) * (sizeof(uint32_t) + 1);
  bytes += by_pair_.capacity() * (sizeof(uint64_t) + sizeof(std::vector<uint32_t>) + 1);
  for (const auto& [pair, numbers] : by_pair_) bytes += numbers.capacity() * sizeof(uint32_t);
  return bytes;
}

}  // namespace idea::exchange
