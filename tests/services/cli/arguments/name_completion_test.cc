#include "services/cli/arguments/name_completion.h"

#include "common/status/status.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "idea/inventory/v1/exchange.pb.h"
#include "idea/notification/v1/notification.pb.h"
#include "idea/registry/v1/registry.pb.h"
#include "tests/services/cli/ideactl_fixture.h"

namespace idea::cli {
namespace {

using testing::Bytes;
using testing::Certificates;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Received;
using testing::Reply;

constexpr char kEntities[] =
    "entities { name: 'entities/department-of-social-services' display_name: 'Department of Social Services' "
    "acronym: 'DSS' }"
    "entities { name: 'entities/department-of-health' display_name: 'Department of Health Care Services' "
    "acronym: 'DHCS' }"
    "entities { name: 'entities/commission-a' display_name: 'Commission on Aging' acronym: 'CCC' }"
    "entities { name: 'entities/commission-b' display_name: 'Coastal Commission' acronym: 'CCC' }";
constexpr char kBucps[] =
    "bucps { name: 'bucps/30a9c2e0-0000-4000-8000-000000000000' title: 'Food' }"
    "bucps { name: 'bucps/30b00000-0000-4000-8000-000000000000' title: 'Housing' }"
    "bucps { name: 'bucps/3' title: 'Old' }";

// A server that lists entities and BUCPs, and answers other requests with an empty message.
class Names : public testing::Ideactl {
 protected:
  void SetUp() override {
    Serve([](const Received& call) {
      if (call.method.ends_with("/ListEntities"))
        return Reply{{Bytes<registry::v1::ListEntitiesResponse>(kEntities)}, {}};
      if (call.method.ends_with("/ListBucps"))
        return Reply{{Bytes<drafting::v1::ListBucpsResponse>(kBucps)}, {}};
      return Reply{{""}, {}};
    });
  }

  // The request of the last call.
  template <class Request>
  Request Last() {
    Request request;
    EXPECT_TRUE(request.ParseFromString(Calls().back().body));
    return request;
  }

  std::string EntityOf(const std::string& typed) {
    EXPECT_EQ(Run({"entities", "get", typed}), kDone) << err_;
    return Last<registry::v1::GetEntityRequest>().name();
  }
  std::string BucpOf(const std::string& typed) {
    EXPECT_EQ(Run({"bucps", "get", typed}), kDone) << err_;
    return Last<drafting::v1::GetBucpRequest>().name();
  }
};

TEST_F(Names, OfEntitiesMayBeAnAcronymOrWords) {
  for (const char* typed :
       {"dhcs", "DHCS", "department-of-health", "Health Care", "department of health care services"})
    EXPECT_EQ(EntityOf(typed), "entities/department-of-health") << typed;
  EXPECT_EQ(EntityOf("social services"), "entities/department-of-social-services");
  // An identity of the context file: the entity of its certificate.
  EXPECT_EQ(EntityOf("cdss"), "entities/cdss");
}

TEST_F(Names, ThatMeanSeveralOrNoneAreWrongUsage) {
  EXPECT_EQ(Run({"entities", "get", "ccc"}), kUsage);
  EXPECT_THAT(err_, HasSubstr("\"ccc\" is the acronym of 2 entities: give more of it; entities/commission-a "
                              "(Commission on Aging), "));
  EXPECT_EQ(Run({"entities", "get", "services"}), kUsage);
  EXPECT_THAT(err_, HasSubstr("is in the names of 2 entities"));
  EXPECT_EQ(Run({"entities", "get", "dhsc"}), kUsage);
  EXPECT_THAT(err_, HasSubstr("is not the name of any of the entities that you see; did you mean "));
  EXPECT_EQ(Run({"bucps", "get", "30"}), kUsage);
  EXPECT_THAT(err_, HasSubstr("\"30\" is the beginning of 2 bucps"));
  EXPECT_EQ(Run({"bucps", "get", "f"}), kUsage);
  EXPECT_THAT(err_, HasSubstr("is not the name of any of the bucps"));
}

TEST_F(Names, OfPartiesMayBeOutsideOfTheRegistry) {
  EXPECT_EQ(Run({"bucps", "assess", "--public-records", "no", "--internal-use", "no", "--parties",
                 "dss,County of Alameda"}),
            kUsage);
  EXPECT_THAT(err_, HasSubstr("--outside-parties"));
}

TEST_F(Names, MayBeAPrefixOfAnId) {
  EXPECT_EQ(BucpOf("30a9"), "bucps/30a9c2e0-0000-4000-8000-000000000000");
  EXPECT_EQ(BucpOf("30A9"), "bucps/30a9c2e0-0000-4000-8000-000000000000");
  // A complete id precedes prefixes.
  EXPECT_EQ(BucpOf("3"), "bucps/3");
  EXPECT_EQ(Run({"revisions", "get", "30b/revisions/2"}), kDone) << err_;
  EXPECT_EQ(Last<drafting::v1::GetRevisionRequest>().name(),
            "bucps/30b00000-0000-4000-8000-000000000000/revisions/2");
}

TEST_F(Names, AreNotLookedUpIfComplete) {
  for (const char* typed : {"bucps/1", "bucps/30a9", "30A9C2E0-0000-4000-8000-000000000000"}) {
    Calls().clear();
    EXPECT_THAT(BucpOf(typed), HasSubstr(typed[0] == 'b' ? typed : "bucps/30A9C2E0"));
    EXPECT_EQ(Calls().size(), 1u) << typed;
  }
}

TEST_F(Names, AreCompletedInListsAndInMessages) {
  EXPECT_EQ(Run({"exchange", "check", "dhcs", "dss", "--data-elements", "x"}), kUnknown) << err_;
  EXPECT_EQ(Last<inventory::v1::CheckExchangeRequest>().provider(), "entities/department-of-health");
  EXPECT_EQ(Last<inventory::v1::CheckExchangeRequest>().recipient(),
            "entities/department-of-social-services");
  Calls().clear();
  EXPECT_EQ(Run({"bucps", "create", "--content",
                 R"({"recipients": ["dss"], "providers": ["dhcs", "entities/x"]})"}),
            kDone)
      << err_;
  const auto content = Last<drafting::v1::CreateBucpRequest>().content();
  EXPECT_THAT(content.recipients(), ElementsAre("entities/department-of-social-services"));
  EXPECT_THAT(content.providers(), ElementsAre("entities/department-of-health", "entities/x"));
  EXPECT_EQ(Calls().size(), 2u) << "one list for all names";
}

TEST_F(Names, DefaultToTheCallersOwnEntity) {
  EXPECT_EQ(Run({"inbox", "list"}), kDone) << err_;
  EXPECT_EQ(Last<notification::v1::ListInboxRequest>().parent(), "entities/cdss");
  EXPECT_EQ(Run({"contacts", "create", "--contact", "{}"}), kDone) << err_;
  EXPECT_EQ(Last<registry::v1::CreateContactRequest>().parent(), "entities/cdss");
  EXPECT_EQ(Run({"entities", "get"}), kDone) << err_;
  EXPECT_EQ(Last<registry::v1::GetEntityRequest>().name(), "entities/cdss");
  // Not when the CDO's office changes a department: the missing name is not its own office.
  EXPECT_EQ(Run({"accessions", "withdraw", "--withdraw-date", "2026-01-01", "--evidence", "x"}), kUsage);
  EXPECT_EQ(Run({"entities", "set-governor-authority", "--governor-authority", "UNDER"}), kUsage);
}

TEST_F(Names, FailAsTheListDoes) {
  Serve([](const Received&) {
    return Reply{{}, status::Error(status::Reason::ERROR_REASON_ROLE_REQUIRED, "no")};
  });
  EXPECT_EQ(Run({"bucps", "get", "30a9"}), kDenied);
  EXPECT_THAT(err_, HasSubstr("ROLE_REQUIRED"));
}

}  // namespace
}  // namespace idea::cli
