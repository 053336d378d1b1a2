#include "services/registry/certification/certification_service.h"

#include "services/registry/registry_events.h"
#include "tests/services/registry/registry_fixture.h"

namespace idea::registry {
namespace {

using status::Reason;
using testing::At;
using ::testing::ElementsAre;
using testing::FailsWith;
using testing::IsOk;

class Certifications : public RegistryTest {
 protected:
  // The fake clock is at 2026-01-01.
  absl::StatusOr<v1::Certification> Certify(const std::string& entity, const google::type::Date& day,
                                            const std::string& evidence = "on file") {
    v1::CreateCertificationRequest request;
    request.set_parent(entity);
    *request.mutable_certification()->mutable_certify_date() = day;
    request.mutable_certification()->set_certified_by("CISO");
    request.mutable_certification()->set_evidence(evidence);
    ASSIGN_OR_RETURN(auto response, harness().Ask<v1::CreateCertificationResponse>(At(entity), request));
    return response.certification();
  }
  std::vector<std::string> List(const std::string& parent) {
    v1::ListCertificationsRequest request;
    request.set_parent(parent);
    request.set_page_size(1);
    std::vector<std::string> found;
    do {
      const auto page = harness().Ask<v1::ListCertificationsResponse>(At("entities/board-z"), request);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) break;
      for (const auto& one : page->certifications()) {
        found.push_back(one.name() + " " + std::to_string(one.age_days()));
      }
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return found;
  }
};

// A year that begins or ends with a leap day has as many days as the calendar says.
TEST_P(Certifications, AgeByTheCalendar) {
  const absl::TimeZone california = absl::FixedTimeZone(-8 * 3600);
  env_.clock.SetZone(california);
  const auto at_noon = [&](absl::CivilDay day) {
    return absl::ToUnixMicros(absl::FromCivil(absl::CivilHour(day) + 12, california));
  };
  struct Age {
    absl::CivilDay today;
    int days;
  };
  env_.clock.Set(at_noon(absl::CivilDay(2028, 2, 29)));
  ASSERT_THAT(Certify("entities/department-x", Day(2028, 2, 29)), IsOk());
  for (const auto& [today, days] :
       {Age{absl::CivilDay(2028, 3, 1), 1}, Age{absl::CivilDay(2028, 12, 31), 306},
        Age{absl::CivilDay(2029, 2, 28), 365}, Age{absl::CivilDay(2029, 3, 1), 366}}) {
    env_.clock.Set(at_noon(today));
    EXPECT_THAT(List("entities/department-x"),
                ElementsAre("entities/department-x/certifications/2028-02-29 " + std::to_string(days)));
  }
}

TEST_P(Certifications, AreRecordedByTheEntityAndAge) {
  const auto created = Certify("entities/department-x", Day(2025, 12, 2));
  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(created->name(), "entities/department-x/certifications/2025-12-02");
  EXPECT_EQ(created->age_days(), 30);
  EXPECT_EQ(created->certified_by(), "CISO");
  EXPECT_EQ(harness().Events().back().type(), kCertificationCreated);
  env_.clock.Advance(365LL * 24 * 3600 * clock::kSecond);
  ASSERT_THAT(Certify("entities/department-x", Day(2026, 12, 31)), IsOk());
  ASSERT_THAT(Certify("entities/board-z", Day(2026, 6, 1)), IsOk());
  EXPECT_THAT(List("entities/department-x"),
              ElementsAre("entities/department-x/certifications/2026-12-31 1",
                          "entities/department-x/certifications/2025-12-02 395"));
  EXPECT_THAT(List("entities/-"), ElementsAre("entities/department-x/certifications/2026-12-31 1",
                                              "entities/board-z/certifications/2026-06-01 214",
                                              "entities/department-x/certifications/2025-12-02 395"));
}

TEST_P(Certifications, AreRefusedFromOthersTwiceOrWithInvalidFields) {
  ASSERT_THAT(Certify("entities/department-x", Day(2026, 1, 1)), IsOk());
  EXPECT_THAT(Certify("entities/department-x", Day(2026, 1, 1)),
              FailsWith(Reason::ERROR_REASON_ALREADY_EXISTS));
  EXPECT_THAT(Certify("entities/department-x", Day(2026, 1, 2)),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(Certify("entities/department-x", Day(2025, 2, 29)),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(Certify("entities/department-x", Day(2025, 2, 28), ""),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(Certify("entities/department-x", Day(2025, 2, 28), std::string(501, 'x')),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(Certify("entities/not-registered", Day(2025, 2, 28)),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  v1::CreateCertificationRequest others;
  others.set_parent("entities/department-x");
  *others.mutable_certification()->mutable_certify_date() = Day(2025, 2, 28);
  others.mutable_certification()->set_evidence("on file");
  EXPECT_THAT(harness().Ask<v1::CreateCertificationResponse>(At("entities/board-z"), others),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(harness().Ask<v1::CreateCertificationResponse>(Cdo(), others),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  v1::ListCertificationsRequest request;
  request.set_parent("entities/nobody");
  EXPECT_THAT(harness().Ask<v1::ListCertificationsResponse>(X(), request),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(List("entities/department-x"),
              ElementsAre("entities/department-x/certifications/2026-01-01 0"));
}

INSTANTIATE_TEST_SUITE_P(Every, Certifications, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::registry
