#include <sstream>

#include "services/inventory/register/bulk_service.h"
#include "tests/services/inventory/inventory_fixture.h"
#include "tests/services/inventory/register/bulk_fixture.h"

namespace idea::inventory {
namespace {

using testing::FailsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class BulkExport : public BulkTest {};

TEST_P(BulkExport, ExportsEverythingAndResumes) {
  for (int i = 0; i < 7; ++i) Row("A-" + std::to_string(i));
  // More filings than one message has.
  for (int batch = 0; batch < 90; ++batch) {
    for (int i = 0; i < 7; ++i) request_.mutable_rows(i)->set_reference("B" + std::to_string(batch * 7 + i));
    ASSERT_EQ(Send()->added(), 7);
  }
  v1::ExportFilingsRequest request;
  std::set<std::string> seen;
  int messages = 0, count = 0;
  do {
    const auto got = harness_->Watch<v1::ExportFilingsResponse>(At(kProvider), request);
    ASSERT_THAT(got, IsOk());
    for (const auto& message : *got) {
      EXPECT_EQ(message.total(), 630);
      for (const auto& filing : message.filings()) seen.insert(filing.name());
      count += message.filings_size();
      request.set_resume_token(message.resume_token());
      ++messages;
    }
  } while (!request.resume_token().empty() && messages < 10);
  EXPECT_EQ(messages, 2);
  EXPECT_EQ(count, 630);
  EXPECT_THAT(seen, SizeIs(630));
  const auto none = harness_->Watch<v1::ExportFilingsResponse>(At(kStranger), v1::ExportFilingsRequest());
  ASSERT_THAT(none, IsOk());
  EXPECT_THAT((*none)[0].filings(), IsEmpty());
  request.set_resume_token("another");
  EXPECT_THAT(harness_->Watch<v1::ExportFilingsResponse>(At(kProvider), request),
              FailsWith(Reason::ERROR_REASON_PAGE_TOKEN_INVALID));
}

TEST_P(BulkExport, ExportsLinesThatCanBeImported) {
  v1::EarlierFiling& row = Row("A-1");
  row.set_title("Food \"aid\"");
  *row.mutable_start_date() = DateOn(2022, 4, 1);
  *row.mutable_draft_date() = DateOn(2022, 2, 1);
  Row("A-2").set_amends("A-1");
  ASSERT_EQ(Send()->added(), 2);
  std::ostringstream lines;
  ASSERT_THAT(
      cli::ExportFilings(FeedAs(testing::kCdoEntity), cli::ExportForm::kJsonLines, lines, quiet_, at_once_),
      testing::IsOkAndHolds(2));
  std::istringstream in(lines.str() + "\n{\"title\": 5, \"no\": 1}\n");
  const auto done = cli::ImportFilings(Losing(2), in, "export", false, quiet_, at_once_);
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->added, 2);
  ASSERT_THAT(done->refusals, SizeIs(1));
  EXPECT_EQ(done->refusals[0].line(), 4);
  const auto all = All();
  ASSERT_THAT(all, SizeIs(4));
  for (const int first : {0, 2}) {
    v1::Filing was = all[first], is = all[first + 1];
    EXPECT_NE(was.name(), is.name());
    for (v1::Filing* filing : {&was, &is}) {
      for (auto clear : {&v1::Filing::clear_name, &v1::Filing::clear_receipt, &v1::Filing::clear_source,
                         &v1::Filing::clear_source_reference, &v1::Filing::clear_amends,
                         &v1::Filing::clear_etag, &v1::Filing::clear_end_reason}) {
        (filing->*clear)();
      }
    }
    EXPECT_EQ(was.SerializeAsString(), is.SerializeAsString());
  }
  // Sending the file again adds nothing.
  std::istringstream again(lines.str());
  EXPECT_EQ(cli::ImportFilings(Losing(0), again, "export", false, quiet_, at_once_)->known, 2);
}

// The terms are exported too: an empty register makes the same decisions after the import.
TEST_P(BulkExport, ExportsTheVisibleFilingsAsCsv) {
  Row("A-1").set_title("Food \"aid\"");
  ASSERT_EQ(Send()->added(), 1);
  std::ostringstream csv, nothing;
  EXPECT_THAT(cli::ExportFilings(FeedAs(kProvider), cli::ExportForm::kCsv, csv, quiet_, at_once_),
              testing::IsOkAndHolds(1));
  EXPECT_THAT(csv.str(),
              HasSubstr("\"Food \"\"aid\"\"\",FILED,entities/department-x,entities/department-y,"));
  EXPECT_THAT(cli::ExportFilings(FeedAs(kStranger), cli::ExportForm::kJsonLines, nothing, quiet_, at_once_),
              testing::IsOkAndHolds(0));
  EXPECT_EQ(nothing.str(), "");
}

TEST_P(BulkExport, StopsResumingAStreamWithoutProgress) {
  int attempts = 0;
  const cli::ExportStream broken = [&](const v1::ExportFilingsRequest&, const auto&) {
    ++attempts;
    return status::Error(Reason::ERROR_REASON_PEER_UNAVAILABLE, "away").ToStatus();
  };
  std::ostringstream out;
  EXPECT_THAT(cli::ExportFilings(broken, cli::ExportForm::kCsv, out, quiet_, at_once_),
              FailsWith(Reason::ERROR_REASON_PEER_UNAVAILABLE));
  EXPECT_EQ(attempts, cli::kFruitlessAttempts);
}

INSTANTIATE_TEST_SUITE_P(Every, BulkExport, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::inventory
