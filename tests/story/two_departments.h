#ifndef IDEA_TESTS_STORY_TWO_DEPARTMENTS_H_
#define IDEA_TESTS_STORY_TWO_DEPARTMENTS_H_

#include <google/protobuf/util/json_util.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/ids/ids.h"
#include "common/status/status.h"
#include "idea/dispute/v1/dispute_service.pb.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "idea/inventory/v1/filing.pb.h"
#include "idea/registry/v1/registry.pb.h"
#include "idea/review/v1/review.pb.h"
#include "tests/common/rpc/suite_server.h"
#include "tests/services/drafting/demo_content.h"
#include "tests/support/backends.h"
#include "tests/support/eventually.h"
#include "tests/support/matchers.h"

// A BUCP between two departments, through the real services, their databases and their relays.
namespace idea::story {

using status::Reason;
using testing::IsOk;
using testing::kCdo, testing::kGovernor;

inline constexpr char kX[] = "entities/department-x";
inline constexpr char kY[] = "entities/department-y";

// The BUCP of the demo between departments X and Y, with what a disputed one needs.
inline drafting::v1::Content ContentOfXAndY() {
  drafting::v1::Content content = drafting::CompleteContent();
  content.MergeFrom(drafting::DemoContentOf({"disputed.json", "disputed-provider.json"}));
  std::string json;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(content, &json).ok());
  for (const auto& [from, to] :
       {std::pair<std::string, std::string>(drafting::kRecipientDept, kX), {drafting::kProviderDept, kY}}) {
    for (size_t at = 0; (at = json.find(from, at)) != std::string::npos; at += to.size()) {
      json.replace(at, from.size(), to);
    }
  }
  content.Clear();
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(json, &content).ok());
  return content;
}

// Departments X and Y, both under the Governor's authority, with everybody they need. X wants data of Y.
class TwoDepartments : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (const std::string why = testing::WhyNot(GetParam()); !why.empty()) GTEST_SKIP() << why;
    places_.emplace(GetParam(), std::vector<std::string>{"registry", "drafting", "review", "dispute",
                                                         "inventory", "notification"});
    Open();
    registry::v1::ImportSignatoriesRequest import;
    import.add_csv(
        "name,acronym,parent_agency,kind,source\nCDO Office,,,office,s\nGovernors Office,,,office,s\n"
        "Department X,,,department,idea-list-of-signatories\n"
        "Department Y,,,department,idea-list-of-signatories\n");
    ASSERT_THAT(Ask<registry::v1::ImportSignatoriesResponse>(kCdo, "", import), IsOk());
    using namespace common::v1;  // NOLINT(google-build-using-namespace): the roles, by their own names
    AddContact(kCdo, "cdo", {CONTACT_ROLE_STATEWIDE_CDO});
    AddContact(kGovernor, "governor", {CONTACT_ROLE_GOVERNORS_OFFICE});
    for (const auto& [entity, side] : {std::pair<std::string, std::string>(kX, "cdss"), {kY, "dhcs"}}) {
      AddContact(entity, side + "-coordinator", {CONTACT_ROLE_DATA_COORDINATOR});
      AddContact(entity, "p",
                 {CONTACT_ROLE_PROGRAM, CONTACT_ROLE_LEGAL, CONTACT_ROLE_PRIVACY, CONTACT_ROLE_SECURITY});
      AddContact(entity, "officer", {CONTACT_ROLE_AGENCY_CDO});
      AddContact(entity, "undersecretary", {CONTACT_ROLE_UNDERSECRETARY});
      AddContact(entity, side + "-sponsor", {CONTACT_ROLE_EXECUTIVE_SPONSOR});
      registry::v1::SetGovernorAuthorityRequest authority;
      authority.set_name(entity);
      authority.set_governor_authority(registry::v1::GOVERNOR_AUTHORITY_UNDER);
      ASSERT_THAT(Ask<registry::v1::SetGovernorAuthorityResponse>(kCdo, "cdo", authority), IsOk());
    }
  }
  void TearDown() override { server_.reset(); }

  // All services on their databases, as they are or as if they had been dropped and started again.
  void Open() {
    server_.reset();
    server_.emplace(places_->address(), settings_);
  }

  // The token's subject of "p", "officer" and so on: department Y has separate people.
  static std::string SubjectOf(const std::string& entity, const std::string& person) {
    const bool by_side = person.starts_with("cdss-") || person.starts_with("dhcs-");
    return entity == kY && !person.empty() && !by_side ? "y-" + person : person;
  }

  // One call as a person of an entity, sent again as clients do until the answer is final.
  template <class Response, class Request>
  absl::StatusOr<Response> Ask(const std::string& entity, const std::string& person, Request request) {
    const auto* id = Request::descriptor()->FindFieldByName("request_id");
    if (id != nullptr && Request::GetReflection()->GetString(request, id).empty()) {
      Request::GetReflection()->SetString(&request, id, ids::NewUuid());
    }
    const std::string token = person.empty() ? "" : server_->TokenOf(SubjectOf(entity, person));
    absl::StatusOr<Response> response;
    testing::Eventually([&] {
      response = Response();
      if (absl::Status sent =
              server_->Of(entity).Send(rpc::NewContext(std::chrono::seconds(20)), request, &*response, token);
          !sent.ok()) {
        response = std::move(sent);
      }
      return !status::IsRetryable(response.status()) &&
             status::ReasonOf(response.status()) != Reason::ERROR_REASON_CONCURRENT_CHANGE;
    });
    return response;
  }
  template <class Response, class Request>
  Response Must(const std::string& entity, const std::string& person, const Request& request) {
    auto response = Ask<Response>(entity, person, request);
    if (!response.ok())
      throw std::runtime_error(Request::descriptor()->name() + ": " + response.status().ToString());
    return *std::move(response);
  }
  // The first one by the platform alone, the others by that one.
  void AddContact(const std::string& entity, const std::string& person,
                  const std::vector<common::v1::ContactRole>& roles) {
    registry::v1::CreateContactRequest request;
    request.set_parent(entity);
    request.mutable_contact()->set_person(SubjectOf(entity, person));
    request.mutable_contact()->set_display_name("Mx. " + person);
    request.mutable_contact()->set_email(person + "@example.org");
    for (const auto role : roles) request.mutable_contact()->add_roles(role);
    Must<registry::v1::CreateContactResponse>(entity, keepers_[entity], request);
    if (keepers_[entity].empty()) keepers_[entity] = person;
  }

  // Drafted, frozen and signed by all but Y's coordinator.
  void PrepareUpToTheLastSignature() {
    drafting::v1::CreateBucpRequest create;
    *create.mutable_content() = content_;
    bucp_ = Must<drafting::v1::CreateBucpResponse>(kX, "p", create).bucp().name();
    SignAllButTheLast();
  }
  // The draft `bucp_`, sent, frozen and signed by all but Y's coordinator.
  void SignAllButTheLast() {
    drafting::v1::SendBucpRequest send;
    send.set_name(bucp_);
    Must<drafting::v1::SendBucpResponse>(kX, "p", send);
    drafting::v1::FreezeBucpRequest freeze;
    freeze.set_name(bucp_);
    digest_ = Must<drafting::v1::FreezeBucpResponse>(kX, "p", freeze).bucp().frozen_digest();
    Await("a routing", [&] {
      routing_ = RoutingAs(kX).name();
      return !routing_.empty();
    });
    for (const char* entity : {kX, kY}) {
      for (const auto discipline :
           {review::v1::DISCIPLINE_LEGAL, review::v1::DISCIPLINE_PRIVACY, review::v1::DISCIPLINE_SECURITY}) {
        review::v1::RegisterOpinionRequest opinion;
        opinion.set_routing(routing_);
        opinion.set_discipline(discipline);
        opinion.set_position(review::v1::POSITION_SUPPORTS);
        opinion.set_text("no concern");
        opinion.set_digest(digest_);
        Must<review::v1::RegisterOpinionResponse>(entity, "p", opinion);
      }
    }
    ASSERT_THAT(Sign(kX, "cdss-sponsor", review::v1::CAPACITY_EXECUTIVE_SPONSOR), IsOk());
    ASSERT_THAT(Sign(kY, "dhcs-sponsor", review::v1::CAPACITY_EXECUTIVE_SPONSOR), IsOk());
    ASSERT_THAT(Sign(kX, "cdss-coordinator", review::v1::CAPACITY_DATA_COORDINATOR), IsOk());
  }
  absl::Status Sign(const std::string& entity, const std::string& person, review::v1::Capacity capacity) {
    review::v1::SignBucpRequest sign;
    sign.set_routing(routing_);
    sign.set_capacity(capacity);
    sign.set_digest(digest_);
    return Ask<review::v1::SignBucpResponse>(entity, person, sign).status();
  }
  absl::Status SignLast() { return Sign(kY, "dhcs-coordinator", review::v1::CAPACITY_DATA_COORDINATOR); }
  absl::StatusOr<dispute::v1::OpenDisputeResponse> Object() {
    dispute::v1::OpenDisputeRequest open;
    open.set_bucp(bucp_);
    open.set_category(dispute::v1::CATEGORY_PROVIDER_OBJECTS);
    open.set_objection("too wide");
    return Ask<dispute::v1::OpenDisputeResponse>(kY, "p", open);
  }

  drafting::v1::Bucp BucpAs(const std::string& entity) {
    drafting::v1::GetBucpRequest request;
    request.set_name(bucp_);
    return Must<drafting::v1::GetBucpResponse>(entity, "", request).bucp();
  }
  review::v1::Routing RoutingAs(const std::string& entity) {
    review::v1::ListRoutingsRequest request;
    request.set_filter("bucp = \"" + bucp_ + "\"");
    const auto page = Must<review::v1::ListRoutingsResponse>(entity, "", request);
    return page.routings().empty() ? review::v1::Routing() : page.routings(0);
  }
  std::vector<dispute::v1::Dispute> DisputesAs(const std::string& entity) {
    dispute::v1::ListDisputesRequest request;
    request.set_filter("bucp = \"" + bucp_ + "\"");
    const auto page = Must<dispute::v1::ListDisputesResponse>(entity, "", request);
    return {page.disputes().begin(), page.disputes().end()};
  }
  std::vector<inventory::v1::Filing> FilingsAs(const std::string& entity) {
    inventory::v1::ListFilingsRequest request;
    request.set_filter("bucp = \"" + bucp_ + "\"");
    const auto page = Must<inventory::v1::ListFilingsResponse>(entity, "", request);
    return {page.filings().begin(), page.filings().end()};
  }
  template <class Condition>
  void Await(const std::string& what, const Condition& holds) {
    if (!testing::Eventually(holds)) throw std::runtime_error("no " + what + " of " + bucp_);
  }

  drafting::v1::Content content_ = ContentOfXAndY();
  std::optional<testing::Places> places_;
  std::optional<testing::SuiteServer> server_;
  // The first person who was hired, by entity.
  std::map<std::string, std::string> keepers_;
  std::string bucp_, digest_, routing_;
  // Settings in addition to the default ones.
  std::map<std::string, std::string> settings_;
};

}  // namespace idea::story

#endif  // IDEA_TESTS_STORY_TWO_DEPARTMENTS_H_
