#include "common/auth/auth.h"
#include "common/status/status.h"
#include "tests/support/matchers.h"

namespace idea::auth {
namespace {

using common::v1::CallerKind;
using common::v1::MethodPolicy;
using status::Reason;
using testing::FailsWith;
using testing::IsOk;

Settings Exchange() {
  return {.trust_domain = "idea.test",
          .cdo_entity = "entities/office-of-data-and-innovation",
          .governor_entity = "entities/governors-office"};
}

class SpiffeId : public ::testing::Test {
 protected:
  absl::StatusOr<Caller> Read(std::string_view id) const { return authenticator_.FromSpiffeId(id); }

 private:
  clock::FakeClock clock_;
  Authenticator authenticator_{Exchange(), clock_};
};

TEST_F(SpiffeId, NamesTheDepartmentTheOfficeOrTheService) {
  struct Case {
    std::string id, key;
    CallerKind kind;
  };
  const std::vector<Case> cases = {
      {"spiffe://idea.test/entity/cdss", "entities/cdss", common::v1::CALLER_KIND_ENTITY},
      {"spiffe://idea.test/entity/cdss/platform/eu-1", "entities/cdss", common::v1::CALLER_KIND_ENTITY},
      {"spiffe://idea.test/entity/office-of-data-and-innovation", "entities/office-of-data-and-innovation",
       common::v1::CALLER_KIND_CDO},
      {"spiffe://idea.test/entity/governors-office/x", "entities/governors-office",
       common::v1::CALLER_KIND_GOVERNOR},
      {"spiffe://idea.test/service/review", "services/review", common::v1::CALLER_KIND_SERVICE},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.id);
    const auto caller = Read(c.id);
    ASSERT_THAT(caller, IsOk());
    EXPECT_EQ(caller->kind, c.kind);
    EXPECT_EQ(caller->Key(), c.key);
    EXPECT_EQ(caller->person, "");
  }
}

TEST_F(SpiffeId, OfAnyOtherShapeIsRefused) {
  for (const std::string id : {"",
                               "cdss",
                               "spiffe://",
                               "spiffe://idea.test",
                               "spiffe://idea.test/",
                               "spiffe://idea.test/entity",
                               "spiffe://idea.test/entity/",
                               "spiffe://idea.test/entity//x",
                               "spiffe://idea.test/entity/cdss/",
                               "spiffe://idea.test/entity/cdss//x",
                               "spiffe://idea.test/entity/..",
                               "spiffe://idea.test/entity/cdss/../dhcs",
                               "spiffe://idea.test/entity/cd%73s",
                               "spiffe://idea.test/entity/a b",
                               "spiffe://idea.test/entity/cdss?x=1",
                               "spiffe://idea.test/service/",
                               "spiffe://idea.test/service/review/x",
                               "spiffe://idea.test/services/review",
                               "spiffe://idea.test/person/r.okafor",
                               "spiffe://IDEA.test/entity/cdss",
                               "SPIFFE://idea.test/entity/cdss",
                               "spiffe://idea.test.evil/entity/cdss",
                               "spiffe://evil/idea.test/entity/cdss",
                               "spiffe:///entity/cdss",
                               "https://idea.test/entity/cdss"}) {
    SCOPED_TRACE(id);
    EXPECT_THAT(Read(id), FailsWith(Reason::ERROR_REASON_CERTIFICATE_REQUIRED));
  }
  EXPECT_THAT(Read("spiffe://idea.test/entity/" + std::string(101, 'a')),
              FailsWith(Reason::ERROR_REASON_CERTIFICATE_REQUIRED));
  std::string deep = "spiffe://idea.test/entity/cdss";
  while (deep.size() <= 2048) deep += "/x";
  EXPECT_THAT(Read(deep), FailsWith(Reason::ERROR_REASON_CERTIFICATE_REQUIRED));
}

TEST_F(SpiffeId, OfNoTrustDomainIsRefusedWhereNoneIsSet) {
  const clock::FakeClock clock;
  EXPECT_THAT(Authenticator(Settings{}, clock).FromSpiffeId("spiffe:///entity/cdss"),
              FailsWith(Reason::ERROR_REASON_CERTIFICATE_REQUIRED));
}

Caller Of(CallerKind kind, const std::string& service = "") {
  Caller caller;
  caller.kind = kind;
  caller.service = service;
  return caller;
}

MethodPolicy Policy(const std::vector<CallerKind>& callers, const std::vector<std::string>& services = {}) {
  MethodPolicy policy;
  for (const CallerKind kind : callers) policy.add_callers(kind);
  for (const std::string& service : services) policy.add_services(service);
  return policy;
}

TEST(CheckCaller, AdmitsTheKindsOfThePolicyAndNobodyElse) {
  const auto entity = common::v1::CALLER_KIND_ENTITY, service = common::v1::CALLER_KIND_SERVICE,
             cdo = common::v1::CALLER_KIND_CDO, governor = common::v1::CALLER_KIND_GOVERNOR;
  const std::vector<Caller> callers = {Of(entity),
                                       Of(cdo),
                                       Of(governor),
                                       Of(service, "review"),
                                       Of(service, "dispute"),
                                       Of(common::v1::CALLER_KIND_UNSPECIFIED)};
  struct Case {
    std::string name;
    MethodPolicy policy;
    std::string admits;
  };
  const std::vector<Case> cases = {
      {"nobody", Policy({}), "......"},
      {"unspecified is nobody", Policy({common::v1::CALLER_KIND_UNSPECIFIED}), "......"},
      {"departments, and the two offices as such", Policy({entity}), "xxx..."},
      {"the CDO alone", Policy({cdo}), ".x...."},
      {"the Governor's Office alone", Policy({governor}), "..x..."},
      {"one service", Policy({service}, {"review"}), "...x.."},
      {"services, none of which is named", Policy({service}), "......"},
      {"a named service where only departments may", Policy({entity}, {"review"}), "xxx..."},
      {"several", Policy({cdo, service}, {"dispute", "review"}), ".x.xx."},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    for (size_t i = 0; i < callers.size(); ++i) {
      SCOPED_TRACE(i);
      const absl::Status status = CheckCaller(c.policy, callers[i]);
      if (c.admits[i] == 'x') {
        EXPECT_THAT(status, IsOk());
      } else {
        EXPECT_THAT(status, FailsWith(Reason::ERROR_REASON_CALLER_NOT_ALLOWED));
      }
    }
  }
}

TEST(CheckPerson, WantsOneOfTheRolesOfThePolicy) {
  MethodPolicy policy;
  policy.add_person(common::v1::CONTACT_ROLE_LEGAL);
  policy.add_person(common::v1::CONTACT_ROLE_PRIVACY);
  Caller caller = Of(common::v1::CALLER_KIND_ENTITY);
  EXPECT_THAT(CheckPerson(policy, caller), FailsWith(Reason::ERROR_REASON_TOKEN_REQUIRED));
  caller.person = "r.okafor";
  EXPECT_THAT(CheckPerson(policy, caller), FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
  caller.roles = {common::v1::CONTACT_ROLE_SECURITY};
  const absl::Status refused = CheckPerson(policy, caller);
  EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
  EXPECT_EQ(status::MetadataOf(refused, "roles"), "CONTACT_ROLE_LEGAL,CONTACT_ROLE_PRIVACY");
  caller.roles.push_back(common::v1::CONTACT_ROLE_PRIVACY);
  EXPECT_THAT(CheckPerson(policy, caller), IsOk());
}

TEST(CheckPerson, AsksNobodyWhereNoRoleIsWantedAndNoService) {
  EXPECT_THAT(CheckPerson(MethodPolicy(), Of(common::v1::CALLER_KIND_ENTITY)), IsOk());
  MethodPolicy policy;
  policy.add_person(common::v1::CONTACT_ROLE_LEGAL);
  EXPECT_THAT(CheckPerson(policy, Of(common::v1::CALLER_KIND_SERVICE, "review")), IsOk());
}

}  // namespace
}  // namespace idea::auth
