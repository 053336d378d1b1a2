#ifndef IDEA_TESTS_COMMON_EXCHANGE_EXCHANGE_INDEX_SAMPLES_H_
#define IDEA_TESTS_COMMON_EXCHANGE_EXCHANGE_INDEX_SAMPLES_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/exchange/exchange_index.h"

// Agreements and requests for tests of the index.
namespace idea::exchange::samples {

inline constexpr char kProvider[] = "entities/department-y";
inline constexpr char kRecipient[] = "entities/department-x";
inline constexpr clock::Micros kExecuted = 1'000 * clock::kSecond;
inline constexpr Day kStart = 100;
inline constexpr Day kEnd = 200;

inline v1::Filing FilingOf(int n) {
  v1::Filing filing;
  const std::string id = std::to_string(n);
  filing.set_name("filings/" + id);
  filing.set_bucp("bucps/" + id);
  filing.set_revision("bucps/" + id + "/revisions/3");
  filing.set_title("Use case " + id);
  filing.add_providers(kProvider);
  filing.add_recipients(kRecipient);
  *filing.mutable_execute_time() = clock::ToProto(kExecuted);
  *filing.mutable_start_date() = DateOf(kStart);
  *filing.mutable_end_date() = DateOf(kEnd);
  filing.set_state(v1::FILING_STATE_FILED);
  filing.set_etag("1");
  return filing;
}

inline v1::Terms TermsOf(const std::vector<std::string>& elements) {
  v1::Terms terms;
  terms.set_purpose("outreach");
  terms.mutable_redisclosure()->set_allowed(drafting::v1::ANSWER_NO);
  terms.mutable_destruction()->set_description("wiped");
  for (const std::string& element : elements) terms.add_data_elements(element);
  return terms;
}

inline void End(v1::Filing& filing, clock::Micros at) {
  filing.set_state(v1::FILING_STATE_ENDED);
  *filing.mutable_end_time() = clock::ToProto(at);
  filing.set_etag("2");
}

inline v1::CheckExchangeRequest Question(const std::vector<std::string>& elements,
                                         const std::string& purpose = "") {
  v1::CheckExchangeRequest question;
  question.set_provider(kProvider);
  question.set_recipient(kRecipient);
  for (const std::string& element : elements) question.add_data_elements(element);
  question.set_purpose(purpose);
  return question;
}

inline v1::ExchangeDecision Ask(const ExchangeIndex& index, const v1::CheckExchangeRequest& question,
                                ExchangeIndex::Moment moment = {kExecuted, kStart, true},
                                const std::string& caller = kProvider) {
  v1::ExchangeDecision decision;
  index.Decide(question, moment, caller.empty() ? auth::Visibility::All() : auth::Visibility::Of(caller),
               decision);
  // Serialized as on the wire.
  v1::ExchangeDecision received;
  EXPECT_TRUE(received.ParseFromString(decision.SerializeAsString()));
  return received;
}

inline std::vector<v1::DenialReason> Reasons(const v1::ExchangeDecision& decision) {
  std::vector<v1::DenialReason> reasons;
  for (const v1::Denial& denial : decision.denials()) reasons.push_back(denial.reason());
  return reasons;
}

}  // namespace idea::exchange::samples

#endif  // IDEA_TESTS_COMMON_EXCHANGE_EXCHANGE_INDEX_SAMPLES_H_
