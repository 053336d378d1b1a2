#include <gtest/gtest.h>

#include "common/clock/date.h"
#include "idea/common/v1/options.pb.h"
#include "tests/services/inventory/notice/notice_fixture.h"

namespace idea::inventory {
namespace {

using enum v1::NoticeKind;
using status::Reason;
using testing::At;
using ::testing::ElementsAre;
using testing::FailsWith;
using testing::FieldsOf;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using ::testing::StartsWith;

// "department-y DATA_COORDINATOR", followed by "copy" if it is a copy.
std::vector<std::string> AddresseesOf(const v1::Notice& notice) {
  std::vector<std::string> out;
  for (const v1::NoticeRecipient& recipient : notice.recipients()) {
    out.push_back(recipient.entity().substr(9) + " " + flow::NameOf(recipient.role()) +
                  (recipient.copy() ? " copy" : ""));
  }
  return out;
}

struct Clause {
  v1::NoticeKind kind;
  const char* citation;
  // The roles that may give it: r(ecipient), p(rovider), c(do).
  const char* givers;
  std::vector<std::string> addressees;
  // The details that are missing if none is given.
  std::vector<std::string> missing;
  // The duties that follow while the agreement is in force: "department-x" without a due date, "department-x
  // 45" with one after 45 days.
  std::vector<std::string> duties;
};

const std::vector<std::string> kToY = {"department-y DATA_COORDINATOR"};
const std::vector<std::string> kToXZ = {"department-x DATA_COORDINATOR", "board-z DATA_COORDINATOR"};
const std::vector<std::string> kToXZAndOfficers = {"department-x DATA_COORDINATOR",
                                                   "board-z DATA_COORDINATOR", "agency-a AGENCY_CDO",
                                                   "agency-b AGENCY_INFORMATION_OFFICER"};
const std::vector<Clause> kClauses = {
    {NOTICE_KIND_UNAUTHORIZED_ACCESS, "agreement 8.5", "r", kToY, {"description"}, {"department-x"}},
    {NOTICE_KIND_SECURITY_INCIDENT, "agreement 8.6", "r", kToY, {"description"}, {"department-x"}},
    {NOTICE_KIND_RULE_CHANGE, "agreement 5.14", "p", kToXZAndOfficers, {"description", "deletion_terms"}, {}},
    {NOTICE_KIND_RECIPIENT_ACTS,
     "agreement 5.14",
     "p",
     kToXZAndOfficers,
     {"description", "deletion_terms"},
     {}},
    {NOTICE_KIND_VIOLATION,
     "agreement 7.4",
     "p",
     {"department-x DATA_COORDINATOR", "board-z DATA_COORDINATOR", "cdo-office STATEWIDE_CDO",
      "agency-a AGENCY_CDO copy", "agency-b AGENCY_INFORMATION_OFFICER copy"},
     {"description", "deletion_terms"},
     {}},
    {NOTICE_KIND_NO_LONGER_NEEDED,
     "agreement 8.8",
     "r",
     {"board-z DATA_COORDINATOR", "department-y DATA_COORDINATOR", "cdo-office STATEWIDE_CDO"},
     {"description", "deletion_terms"},
     {}},
    {NOTICE_KIND_RECORDS_REQUEST,
     "agreement 5.18",
     "r",
     kToY,
     {"description", "requester"},
     {"department-x", "department-y", "department-y"}},
    {NOTICE_KIND_SUBPOENA,
     "agreement 5.18",
     "r",
     kToY,
     {"description", "requester"},
     {"department-x", "department-y"}},
    {NOTICE_KIND_CANNOT_RETURN_OR_DESTROY,
     "agreement 8.8",
     "r",
     {"department-y DATA_COORDINATOR", "cdo-office STATEWIDE_CDO"},
     {"description", "method", "protections", "date"},
     {}},
    {NOTICE_KIND_ACCESS_REMOVED_MISUSE, "agreement 5.12", "rp", kToY, {"description", "date"}, {}},
    {NOTICE_KIND_ACCESS_REMOVED_ROLE_CHANGE, "agreement 5.13", "rp", kToY, {"description", "date"}, {}},
    {NOTICE_KIND_MODIFIED_DATA, "agreement 5.11", "rp", kToY, {"product"}, {}},
    {NOTICE_KIND_CERTIFICATION_REMINDER,
     "agreement 5.16",
     "c",
     {"department-x DATA_COORDINATOR", "board-z DATA_COORDINATOR", "department-y DATA_COORDINATOR"},
     {},
     {"department-x", "board-z", "department-y"}},
    {NOTICE_KIND_DESTRUCTION_ATTESTATION, "agreement 8.8, Addendum B 4.1", "r", kToY, {"method", "date"}, {}},
    {NOTICE_KIND_STUDY_REPORT,
     "agreement Addendum B 3.5",
     "r",
     kToY,
     {"description", "product", "date"},
     {"department-y 45"}},
    {NOTICE_KIND_STUDY_COMMENTS,
     "agreement Addendum B 3.6",
     "p",
     kToXZ,
     {"description", "product"},
     {"department-x 15", "board-z 15"}},
};

TEST_P(Notices, HaveTheGiversAndAddresseesOfTheirClause) {
  // All except the notice that the register gives (expiry_worker_test).
  ASSERT_EQ(kClauses.size() + 1, kNoticeKinds.size());
  for (const Clause& clause : kClauses) {
    SCOPED_TRACE(flow::NameOf(clause.kind));
    const std::string givers = clause.givers;
    for (const auto& [letter, entity] :
         {std::pair<char, std::string>{'r', kX}, {'p', kY}, {'c', testing::kCdoEntity}}) {
      const auto preview = Give(clause.kind, At(entity, "p"), AllDetails(), true);
      if (givers.find(letter) == std::string::npos) {
        EXPECT_THAT(preview, FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP)) << entity;
        EXPECT_NE(status::MetadataOf(preview.status(), "by"), "");
        continue;
      }
      ASSERT_THAT(preview, IsOk()) << entity;
      EXPECT_EQ(preview->citation(), clause.citation);
      EXPECT_THAT(preview->text(), Not(HasSubstr("{")));
      EXPECT_EQ(preview->name(), "");
      if (letter == givers[0]) {
        EXPECT_EQ(AddresseesOf(*preview), clause.addressees);
      }
    }
    EXPECT_THAT(Give(clause.kind, kStranger), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
    EXPECT_THAT(Give(clause.kind, kAgencyA).ok(), false);
  }
  EXPECT_THAT(AddresseesOf(*Give(NOTICE_KIND_MODIFIED_DATA, At(kY, "p"), AllDetails(), true)),
              ElementsAre(kToXZ[0], kToXZ[1]));
}

TEST_P(Notices, NameEveryMissingDetail) {
  for (const Clause& clause : kClauses) {
    SCOPED_TRACE(flow::NameOf(clause.kind));
    const std::string giver = clause.givers[0] == 'r'   ? kX
                              : clause.givers[0] == 'p' ? kY
                                                        : testing::kCdoEntity;
    const auto refused = Give(clause.kind, At(giver, "p"), {});
    std::vector<std::string> missing;
    for (const std::string& field : clause.missing) missing.push_back("details." + field);
    if (missing.empty()) {
      EXPECT_THAT(refused, IsOk());
      continue;
    }
    EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
    EXPECT_EQ(FieldsOf(refused.status()), missing);
  }
  // The data defaults to the categories of the BUCP.
  content_.clear_business_case();
  filing_ = Execute("bucps/2");
  EXPECT_THAT(FieldsOf(Give(NOTICE_KIND_SECURITY_INCIDENT, At(kX, "p"), {}).status()),
              ElementsAre("details.data", "details.description"));
}

// The clauses that ideactl accepts for a kind are those of the table.
TEST(NoticeKinds, CarryTheSectionsOfTheirRule) {
  for (const NoticeRule& rule : kNoticeKinds) {
    const auto& options = v1::NoticeKind_descriptor()->FindValueByNumber(rule.kind)->options();
    std::string sections = "agreement";
    for (int i = 0; i < options.ExtensionSize(common::v1::clause); ++i)
      sections += (i > 0 ? ", " : " ") + options.GetExtension(common::v1::clause, i);
    EXPECT_EQ(sections, rule.citation) << flow::NameOf(rule.kind);
  }
}

TEST_P(Notices, CreateDuties) {
  for (const Clause& clause : kClauses) {
    SCOPED_TRACE(flow::NameOf(clause.kind));
    const std::string giver = clause.givers[0] == 'r'   ? kX
                              : clause.givers[0] == 'p' ? kY
                                                        : testing::kCdoEntity;
    const std::string name = Given(clause.kind, giver);
    std::vector<std::string> found;
    for (const v1::Duty& duty : Duties(testing::kCdoEntity, "notice = \"" + name + "\"")) {
      std::string days;
      for (int n = 1; n < 100 && duty.has_due_date() && days.empty(); ++n) {
        if (clock::DayOf(Today(n)) == clock::DayOf(duty.due_date())) days = " " + std::to_string(n);
      }
      found.push_back(duty.entity().substr(9) + days);
      EXPECT_EQ(duty.state(), v1::DUTY_STATE_OPEN);
      EXPECT_THAT(duty.citation(), StartsWith("agreement "));
    }
    EXPECT_EQ(found, clause.duties);
  }
}

}  // namespace
}  // namespace idea::inventory
