#include "services/inventory/register/bulk_service.h"

#include <map>
#include <sstream>

#include "common/clock/date.h"
#include "common/digest/digest.h"
#include "tests/services/inventory/inventory_fixture.h"
#include "tests/services/inventory/register/bulk_fixture.h"

namespace idea::inventory {
namespace {

using ::testing::Contains;
using testing::FailsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Bulk : public BulkTest {};

TEST_P(Bulk, ImportsARowAsAFiling) {
  v1::EarlierFiling& row = Row("A-1");
  *row.mutable_draft_date() = DateOn(2022, 1, 1);
  row.add_data_elements("County");
  row.set_digest(DigestOf('b'));
  const auto done = Send();
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->added(), 1);
  EXPECT_THAT(done->refusals(), IsEmpty());

  const auto all = All();
  ASSERT_THAT(all, SizeIs(1));
  const v1::Filing& filing = all[0];
  EXPECT_EQ(filing.state(), v1::FILING_STATE_FILED);
  EXPECT_EQ(filing.source(), "inventory-form");
  EXPECT_EQ(filing.source_reference(), "A-1");
  EXPECT_EQ(filing.digest(), DigestOf('b'));
  EXPECT_EQ(clock::FromProto(filing.file_time()), clock::StartOfDay(DateOn(2022, 3, 15)));
  EXPECT_EQ(List(At(kProvider), "text : demographic"), 1);
  EXPECT_EQ(List(At(kStranger)), 0);

  // Its leaf has the kind IMPORTED and is proved.
  const auto& leaf = filing.receipt().leaf();
  EXPECT_EQ(Checkpoint().size(), 1);
  EXPECT_EQ(leaf.leaf_index(), 0);
  EXPECT_THAT(leaf.entry(), HasSubstr("LOG_ENTRY_KIND_IMPORTED"));
  EXPECT_THAT(Prove(0), IsOk());

  const auto shown =
      harness_->Ask<v1::ListPublicFilingsResponse>(At(kStranger), v1::ListPublicFilingsRequest());
  ASSERT_THAT(shown, IsOk());
  ASSERT_EQ(shown->filings_size(), 1);
  EXPECT_EQ(shown->filings(0).source(), "inventory-form");
  v1::GetStatisticsRequest count;
  *count.mutable_from() = DateOn(2022, 3, 1);
  *count.mutable_until() = DateOn(2022, 3, 2);
  const auto counted = harness_->Ask<v1::GetStatisticsResponse>(At(kProvider), count);
  ASSERT_THAT(counted, IsOk());
  EXPECT_EQ(counted->total().executed(), 1);
  EXPECT_EQ(counted->total().mean_days_to_execution(), 59);
  EXPECT_EQ(counted->total().mean_days_to_filing(), 14);
}

TEST_P(Bulk, AddsNothingWhenSentAgain) {
  Row("A-1");
  Row("A-2");
  ASSERT_THAT(Send(), IsOk());
  // Equal rows on other lines are the same rows.
  for (auto& row : *request_.mutable_rows()) row.set_line(row.line() + 100);
  Row("A-3");
  const auto again = Send();
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->known(), 2);
  EXPECT_EQ(again->added(), 1);
  EXPECT_THAT(All(), SizeIs(3));
  EXPECT_EQ(Checkpoint().size(), 3);
  // The same reference in another source is another agreement.
  request_.set_source("spreadsheet");
  EXPECT_EQ(Send()->added(), 3);
}

TEST_P(Bulk, RefusesAnInvalidRowAndImportsTheOthers) {
  const std::string good = "good";
  struct Case {
    const char* field;
    std::function<void(v1::EarlierFiling&)> spoil;
  };
  const std::vector<Case> cases = {
      {"title", [](auto& row) { row.clear_title(); }},
      {"title", [](auto& row) { row.set_title("two\nlines"); }},
      {"reference", [](auto& row) { row.clear_reference(); }},
      {"recipients", [](auto& row) { row.clear_recipients(); }},
      {"recipients", [](auto& row) { row.add_recipients("entities/nobody"); }},
      {"recipients[0]", [](auto& row) { row.set_recipients(0, "department x"); }},
      {"providers", [](auto& row) { row.add_providers(kRecipient); }},
      {"providers", [](auto& row) { row.add_providers(kProvider); }},
      {"digest", [](auto& row) { row.set_digest("abc"); }},
      {"execute_date", [](auto& row) { row.clear_execute_date(); }},
      {"execute_date", [](auto& row) { *row.mutable_execute_date() = DateOn(2022, 2, 30); }},
      {"execute_date", [](auto& row) { *row.mutable_execute_date() = DateOn(1969, 2, 1); }},
      {"draft_date", [](auto& row) { *row.mutable_draft_date() = DateOn(2022, 3, 2); }},
      {"file_date", [](auto& row) { *row.mutable_file_date() = DateOn(2022, 2, 1); }},
      {"file_date", [](auto& row) { *row.mutable_file_date() = DateOn(9999, 1, 1); }},
      {"end_date",
       [](auto& row) {
         *row.mutable_start_date() = DateOn(2022, 5, 1);
         *row.mutable_end_date() = DateOn(2022, 4, 30);
       }},
      {"ended_date", [](auto& row) { *row.mutable_ended_date() = DateOn(2022, 2, 1); }},
      {"ended_date", [](auto& row) { *row.mutable_ended_date() = DateOn(9999, 2, 1); }},
      {"end_reason", [](auto& row) { row.set_end_reason("why"); }},
      {"amends", [](auto& row) { row.set_amends("never imported"); }},
      {"reference", [&](auto& row) { row.set_reference(good); }},
  };
  Row(good);
  for (size_t i = 0; i < cases.size(); ++i) cases[i].spoil(Row("bad-" + std::to_string(i)));
  Row("last");
  const auto done = Send();
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->added(), 2);
  ASSERT_EQ(done->refusals_size(), static_cast<int>(cases.size()));
  EXPECT_EQ(done->refused(), done->refusals_size());
  for (int i = 0; i < done->refusals_size(); ++i) {
    EXPECT_EQ(done->refusals(i).line(), i + 2);
    EXPECT_THAT(done->refusals(i).field(), ::testing::StartsWith(cases[i].field)) << i;
    EXPECT_NE(done->refusals(i).reason(), "");
  }
  EXPECT_THAT(All(), SizeIs(2));
}

TEST_P(Bulk, EndsTheAmendedAgreement) {
  Row("A-1");
  v1::EarlierFiling& later = Row("A-2");
  later.set_amends("A-1");
  *later.mutable_execute_date() = DateOn(2023, 3, 1);
  *later.mutable_file_date() = DateOn(2023, 3, 1);
  ASSERT_THAT(Send(), IsOk());
  const auto all = All();
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[0].state(), v1::FILING_STATE_ENDED);
  EXPECT_EQ(all[0].end_reason(), "superseded by " + all[1].name());
  EXPECT_EQ(clock::FromProto(all[0].end_time()), clock::StartOfDay(DateOn(2023, 3, 1)));
  EXPECT_EQ(all[1].state(), v1::FILING_STATE_FILED);
  EXPECT_EQ(all[1].amends(), all[0].name());
  EXPECT_EQ(Checkpoint().size(), 3);
  const auto shown =
      harness_->Ask<v1::ListPublicFilingsResponse>(At(kStranger), v1::ListPublicFilingsRequest());
  std::set<std::string> amended;
  for (const auto& filing : shown->filings()) amended.insert(filing.amends());
  EXPECT_EQ(amended, (std::set<std::string>{"", all[0].name()}));
}

// One amendment in force replaces the agreement. Another one is imported only after the first has ended.
TEST_P(Bulk, ImportsOneAmendmentInForceOfEachAgreement) {
  Row("A-1");
  Row("A-2").set_amends("A-1");
  Row("A-3").set_amends("A-1");
  v1::EarlierFiling& ended = Row("A-4");
  ended.set_amends("A-1");
  *ended.mutable_ended_date() = DateOn(2023, 6, 1);
  const auto done = Send();
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->added(), 3);
  ASSERT_EQ(done->refusals_size(), 1);
  EXPECT_EQ(done->refusals(0).reference(), "A-3");
  EXPECT_EQ(done->refusals(0).field(), "amends");
  EXPECT_THAT(All("state = FILED"), SizeIs(1));
}

TEST_P(Bulk, ImportsPastAgreementsAsEnded) {
  *Row("expired").mutable_end_date() = DateOn(2023, 1, 31);
  v1::EarlierFiling& broken_off = Row("broken off");
  *broken_off.mutable_ended_date() = DateOn(2022, 6, 1);
  broken_off.set_end_reason("law changed");
  *Row("runs").mutable_end_date() = DateOn(9999, 1, 1);
  ASSERT_THAT(Send(), IsOk());
  const auto ended = All("state = ENDED");
  ASSERT_THAT(ended, SizeIs(2));
  EXPECT_EQ(ended[0].end_reason(), "law changed");
  EXPECT_EQ(clock::FromProto(ended[1].end_time()), clock::StartOfDay(DateOn(2023, 2, 1)));
  EXPECT_THAT(All("state = FILED"), SizeIs(1));
}

TEST_P(Bulk, StoresNothingWithValidateOnly) {
  Row("A-1");
  Row("A-2").clear_title();
  request_.set_validate_only(true);
  const auto asked = Send();
  ASSERT_THAT(asked, IsOk());
  EXPECT_EQ(asked->added(), 1);
  EXPECT_EQ(asked->refused(), 1);
  EXPECT_THAT(All(), IsEmpty());
  EXPECT_EQ(Checkpoint().size(), 0);
}

TEST_P(Bulk, IsOnlyForTheStatewideCdosOffice) {
  Row("A-1");
  EXPECT_THAT(Send(At(kProvider, "p")), FailsWith(Reason::ERROR_REASON_CALLER_NOT_ALLOWED));
  EXPECT_THAT(Send(At(testing::kCdoEntity)), FailsWith(Reason::ERROR_REASON_TOKEN_REQUIRED));
  request_.clear_rows();
  EXPECT_THAT(Send(), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

TEST_P(Bulk, PermitsAnExchangeOnlyOfNamedElements) {
  Row("with").add_data_elements("County");
  Row("without");
  ASSERT_THAT(Send(), IsOk());
  for (const v1::Filing& filing : All()) {
    v1::GetTermsRequest terms;
    terms.set_parent(filing.name());
    const auto got = harness_->Ask<v1::GetTermsResponse>(At(kProvider), terms);
    ASSERT_THAT(got, IsOk());
    EXPECT_EQ(got->terms().data_elements_size(), filing.source_reference() == "with" ? 1 : 0);
  }
  // Each has an event with its name, which the index follows.
  std::set<std::string> recorded;
  for (const auto& event : harness_->Events()) recorded.insert(event.subject());
  for (const v1::Filing& filing : All()) EXPECT_TRUE(recorded.contains(filing.name()));
}

TEST_P(Bulk, GivesTheSameDecisionsAfterAnImport) {
  const auto file = [this](const std::string& bucp, const char* provider, const char* element,
                           const std::string& amends) {
    env_.clock.Advance(clock::kSecond);
    drafting::v1::Bucp& executed = Execute(bucp);
    executed.set_amends(amends);
    auto& content = *executed.mutable_content();
    content.set_providers(0, provider);
    content.mutable_technical()->mutable_data_elements()->add_elements()->set_field_name(element);
    auto& dates = *content.mutable_administrative()->mutable_critical_dates();
    *dates.mutable_start_date() = DateOn(2026, 1, 1);
    *dates.mutable_end_date() = DateOn(2030, 12, 31);
    EXPECT_THAT(Record(bucp, amends), IsOk());
    const auto filed = File(kRecipient, 'a', bucp);
    EXPECT_THAT(filed, IsOk());
    return filed.value_or(v1::Filing()).name();
  };
  file("bucps/11", kProvider, "Name", "");
  file("bucps/12", kProvider, "Case Number", "bucps/11");
  ASSERT_THAT(Terminate(file("bucps/13", kStranger, "Name", ""), kStranger), IsOk());

  std::ostringstream lines;
  ASSERT_THAT(
      cli::ExportFilings(FeedAs(testing::kCdoEntity), cli::ExportForm::kJsonLines, lines, quiet_, at_once_),
      testing::IsOkAndHolds(3));
  env_.clock.Advance(clock::kDay);
  const auto before = Answers();
  Erase();
  ASSERT_THAT(All(), IsEmpty());
  std::istringstream in(lines.str());
  const auto done = cli::ImportFilings(Losing(1), in, "export", false, quiet_, at_once_);
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->added, 3);
  EXPECT_THAT(done->refusals, IsEmpty());
  EXPECT_THAT(Answers(), ::testing::ElementsAreArray(before));
  EXPECT_THAT(before, Contains(HasSubstr("VERDICT_PERMITTED")));
  EXPECT_THAT(before, Contains(HasSubstr("DENIAL_REASON_ENDED")));
  EXPECT_THAT(before, Contains(HasSubstr("DENIAL_REASON_ELEMENT_NOT_COVERED")));
}

// Nothing is stored, but a later batch knows the references of an earlier one.
TEST_P(Bulk, ValidatesAFileOfSeveralBatchesAsAWhole) {
  std::ostringstream lines;
  const auto line = [&](const std::string& reference, const std::string& title,
                        const std::string& amends = "") {
    v1::ImportFilingsRequest scratch;
    request_.Swap(&scratch);
    v1::EarlierFiling row = Row(reference);
    request_.Swap(&scratch);
    row.clear_line();
    row.set_title(title);
    row.set_amends(amends);
    lines << digest::CanonicalJson(row) << "\n";
  };
  line("A-0", "first");
  line("bad", "two\nlines");
  for (int i = 1; i < 600; ++i) line("A-" + std::to_string(i), "filler");
  line("A-0", "first");
  line("A-0", "another");
  line("B-1", "amends an earlier one", "A-1");
  line("B-2", "amends a refused one", "bad");
  std::istringstream in(lines.str());
  const auto validated = cli::ImportFilings(Losing(1), in, "export", true, quiet_, at_once_);
  ASSERT_THAT(validated, IsOk());
  EXPECT_THAT(All(), IsEmpty());
  std::istringstream again(lines.str());
  const auto done = cli::ImportFilings(Losing(0), again, "export", false, quiet_, at_once_);
  ASSERT_THAT(done, IsOk());
  for (const auto& file : {*validated, *done}) {
    EXPECT_EQ(file.added, 601);
    EXPECT_EQ(file.known, 1);
    std::map<int, std::string> refused;
    for (const auto& row : file.refusals) refused[row.line()] = row.field();
    EXPECT_EQ(refused, (std::map<int, std::string>{{2, "title"}, {603, "reference"}, {605, "amends"}}));
  }
}

// Messages and batches always stay below the maximum size of a call.
TEST_P(Bulk, SplitsMessagesToFitACall) {
  for (int i = 0; i < 20; ++i) {
    v1::EarlierFiling& row = Row("A-" + std::to_string(i));
    for (int element = 0; element < 1500; ++element) {
      row.add_data_elements(std::to_string(element) + std::string(190, 'x'));
    }
    if (i % 10 != 9) continue;
    ASSERT_EQ(Send()->added(), 10);
    request_.clear_rows();
  }
  v1::ExportFilingsRequest request;
  request.set_include_terms(true);
  int count = 0;
  do {
    const auto got = harness_->Watch<v1::ExportFilingsResponse>(At(kProvider), request);
    ASSERT_THAT(got, IsOk());
    for (const auto& message : *got) {
      EXPECT_LT(message.ByteSizeLong(), kMaxCallBytes);
      EXPECT_EQ(message.terms_size(), message.filings_size());
      count += message.filings_size();
      request.set_resume_token(message.resume_token());
    }
  } while (!request.resume_token().empty() && count < 20);
  EXPECT_EQ(count, 20);

  std::ostringstream lines;
  ASSERT_THAT(cli::ExportFilings(FeedAs(kProvider), cli::ExportForm::kJsonLines, lines, quiet_, at_once_),
              testing::IsOkAndHolds(20));
  std::istringstream in(lines.str());
  const cli::ImportStream small = [&](const auto& next, const auto& take) -> absl::Status {
    while (const v1::ImportFilingsRequest* batch = next()) {
      EXPECT_LT(batch->ByteSizeLong(), kMaxCallBytes);
      ASSIGN_OR_RETURN(const auto answer,
                       harness_->Ask<v1::ImportFilingsResponse>(At(testing::kCdoEntity, "p"), *batch));
      take(answer);
    }
    return absl::OkStatus();
  };
  const auto done = cli::ImportFilings(small, in, "export", false, quiet_, at_once_);
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->added, 20);
}

INSTANTIATE_TEST_SUITE_P(Every, Bulk, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::inventory
