#ifndef IDEA_TESTS_SERVICES_INVENTORY_NOTICE_NOTICE_FIXTURE_H_
#define IDEA_TESTS_SERVICES_INVENTORY_NOTICE_NOTICE_FIXTURE_H_

#include <memory>
#include <string>
#include <vector>

#include "common/clock/date.h"
#include "services/inventory/filing/filing_service.h"
#include "services/inventory/notice/termination_service.h"
#include "tests/services/registry/registry_fixture.h"
#include "tests/support/log_key_file.h"
#include "tests/support/refusals.h"

extern const idea::config::EmbeddedFile k_inventory_schema[];

namespace idea::inventory {

inline constexpr char kX[] = "entities/department-x";
inline constexpr char kZ[] = "entities/board-z";
inline constexpr char kY[] = "entities/department-y";
inline constexpr char kAgencyA[] = "entities/agency-a";
inline constexpr char kAgencyB[] = "entities/agency-b";
inline constexpr char kStranger[] = "entities/stranger";
inline constexpr char kBucp[] = "bucps/1";
using clock::kDay;

// Notices on one agreement: Data Recipients Department X (of Agency A) and Board Z, Data Provider Department
// Y (of Agency B, which has an Agency Information Officer instead of an Agency CDO). Every entity has the
// contact "p", the agencies have the contact "officer".
class Notices : public testing::OnMigrated {
 protected:
  void SetUp() override {
    OnMigrated::SetUp();
    if (IsSkipped()) return;
    registry_database_ = testing::Fresh("memory");
    registry_ = std::make_unique<registry::RegistryHarness>(env_, *registry_database_);
    ASSERT_THAT(registry_->Import("CDO Office,,,office,s\nAgency A,A,,agency,s\nAgency B,B,,agency,s\n"
                                  "Board Z,,,board,s\nStranger,,,board,s\n"
                                  "Department X,DX,Agency A,department,s\n"
                                  "Department Y,DY,Agency B,department,s\n"),
                testing::IsOk());
    using namespace common::v1;  // NOLINT(google-build-using-namespace): the roles, by their own names
    for (const char* entity : {kX, kZ, kY, kStranger}) {
      ASSERT_THAT(registry_->AddContact(entity, "p", {CONTACT_ROLE_DATA_COORDINATOR}), testing::IsOk());
      ASSERT_THAT(registry_->AddContact(entity, "sponsor", {CONTACT_ROLE_EXECUTIVE_SPONSOR}),
                  testing::IsOk());
    }
    ASSERT_THAT(registry_->AddContact(kAgencyA, "officer", {CONTACT_ROLE_AGENCY_CDO}), testing::IsOk());
    ASSERT_THAT(registry_->AddContact(kAgencyB, "officer", {CONTACT_ROLE_AGENCY_INFORMATION_OFFICER}),
                testing::IsOk());
    ASSERT_THAT(registry_->AddContact(testing::kCdoEntity, "p", {CONTACT_ROLE_STATEWIDE_CDO}),
                testing::IsOk());
    content_.add_recipients(kX);
    content_.add_recipients(kZ);
    content_.add_providers(kY);
    content_.mutable_business_case()->mutable_data_categories()->add_categories("demographic");
    const auto ask = [this](std::string_view service, const rpc::Context&,
                            const google::protobuf::Message& request,
                            google::protobuf::Message* response) -> absl::Status {
      if (down_ == service)
        return status::Error(status::Reason::ERROR_REASON_PEER_UNAVAILABLE, "nobody answers");
      if (service == "registry") {
        return registry_->harness().Send(testing::Service("inventory"), request, response);
      }
      if (const auto* get = dynamic_cast<const drafting::v1::GetBucpRequest*>(&request)) {
        auto& bucp = *static_cast<drafting::v1::GetBucpResponse*>(response)->mutable_bucp();
        bucp.set_name(get->name());
        bucp.set_title("Food aid");
        bucp.set_frozen_revision("bucps/1/revisions/3");
        bucp.set_frozen_digest(std::string(64, 'a'));
        *bucp.mutable_execute_time() = clock::ToProto(env_.clock.Now());
        *bucp.mutable_content() = content_;
        return absl::OkStatus();
      }
      auto& revision = *static_cast<drafting::v1::GetRevisionResponse*>(response)->mutable_revision();
      revision.set_digest(std::string(64, 'a'));
      *revision.mutable_content() = content_;
      return absl::OkStatus();
    };
    log_ = std::make_unique<LogService>(*transparency::LogKey::Load(log_key_.path(), "idea.test/log"));
    absl::TimeZone zone;
    ASSERT_TRUE(absl::LoadTimeZone("America/Los_Angeles", &zone));
    notices_ = std::make_unique<NoticeService>(ask, *log_, testing::kCdoEntity, zone);
    filings_ = std::make_unique<FilingService>(ask, *log_, testing::kCdoEntity);
    terminations_ = std::make_unique<TerminationService>(*log_, *notices_, testing::kCdoEntity);
    harness_ = std::make_unique<testing::ServiceHarness>("inventory", k_inventory_schema, env_, database(),
                                                         registry_->directory());
    rpc::Router& router = harness_->router();
    log_->Bind(router);
    filings_->Bind(router);
    notices_->Bind(router);
    terminations_->Bind(router);
    filing_ = Execute();
  }

  std::string Execute(const std::string& bucp = kBucp) {
    v1::RecordExecutionRequest request;
    request.set_bucp(bucp);
    request.set_title("Food aid");
    request.set_revision("bucps/1/revisions/3");
    request.set_digest(std::string(64, 'a'));
    request.add_recipients(kX);
    request.add_recipients(kZ);
    request.add_providers(kY);
    *request.mutable_execute_time() = clock::ToProto(env_.clock.Now());
    const auto response = harness_->Ask<v1::RecordExecutionResponse>(testing::Service("drafting"), request);
    EXPECT_THAT(response, testing::IsOk());
    return response.ok() ? response->filing().name() : "";
  }

  // Every detail that a notice may require.
  v1::NoticeDetails AllDetails() {
    v1::NoticeDetails details;
    details.set_data("names and addresses");
    details.set_description("it happened");
    details.set_deletion_terms("within 30 days");
    details.set_method("shredding");
    details.set_protections("locked away");
    details.set_requester("The Daily");
    details.set_product("Yearly report");
    *details.mutable_date() = Today();
    return details;
  }
  // The day of the test's clock in California, which may differ from that in UTC.
  google::type::Date Today(int plus = 0) {
    absl::TimeZone zone;
    EXPECT_TRUE(absl::LoadTimeZone("America/Los_Angeles", &zone));
    return clock::DateOf(absl::ToCivilDay(absl::FromUnixMicros(env_.clock.Now()), zone) + plus);
  }

  absl::StatusOr<v1::Notice> Give(v1::NoticeKind kind, const testing::TestCaller& who,
                                  const v1::NoticeDetails& details, bool validate_only = false) {
    v1::GiveNoticeRequest request;
    request.set_filing(filing_);
    request.set_kind(kind);
    *request.mutable_details() = details;
    request.set_validate_only(validate_only);
    ASSIGN_OR_RETURN(const auto response, harness_->Ask<v1::GiveNoticeResponse>(who, request));
    return response.notice();
  }
  absl::StatusOr<v1::Notice> Give(v1::NoticeKind kind, const std::string& entity = kX) {
    return Give(kind, testing::At(entity, "p"), AllDetails());
  }
  std::string Given(v1::NoticeKind kind, const std::string& entity = kX) {
    const auto notice = Give(kind, entity);
    EXPECT_THAT(notice, testing::IsOk());
    return notice.ok() ? notice->name() : "";
  }
  absl::StatusOr<v1::Notice> Get(const std::string& name, const std::string& entity) {
    v1::GetNoticeRequest request;
    request.set_name(name);
    ASSIGN_OR_RETURN(const auto response, harness_->Ask<v1::GetNoticeResponse>(testing::At(entity), request));
    return response.notice();
  }
  absl::StatusOr<v1::Notice> Acknowledge(const std::string& name, const testing::TestCaller& who) {
    v1::AcknowledgeNoticeRequest request;
    request.set_name(name);
    ASSIGN_OR_RETURN(const auto response, harness_->Ask<v1::AcknowledgeNoticeResponse>(who, request));
    return response.notice();
  }
  std::vector<std::string> List(const std::string& entity, const std::string& filter = "") {
    v1::ListNoticesRequest request;
    request.set_filter(filter);
    const auto response = harness_->Ask<v1::ListNoticesResponse>(testing::At(entity), request);
    EXPECT_THAT(response, testing::IsOk());
    std::vector<std::string> names;
    if (response.ok())
      for (const v1::Notice& notice : response->notices()) names.push_back(notice.name());
    return names;
  }
  std::vector<v1::Duty> Duties(const std::string& entity, const std::string& filter = "") {
    v1::ListDutiesRequest request;
    request.set_filter(filter);
    const auto response = harness_->Ask<v1::ListDutiesResponse>(testing::At(entity), request);
    EXPECT_THAT(response, testing::IsOk());
    if (!response.ok()) return {};
    return {response->duties().begin(), response->duties().end()};
  }
  absl::StatusOr<v1::Duty> Complete(const std::string& name, const testing::TestCaller& who) {
    v1::CompleteDutyRequest request;
    request.set_name(name);
    request.set_note("done by letter");
    ASSIGN_OR_RETURN(const auto response, harness_->Ask<v1::CompleteDutyResponse>(who, request));
    return response.duty();
  }
  absl::StatusOr<v1::Filing> Terminate(v1::Grounds grounds, const std::string& terms = "") {
    v1::TerminateFilingRequest request;
    request.set_name(filing_);
    request.set_grounds(grounds);
    request.set_reason("passed on to a vendor");
    request.set_deletion_terms(terms);
    ASSIGN_OR_RETURN(const auto response,
                     harness_->Ask<v1::TerminateFilingResponse>(testing::At(kY, "p"), request));
    return response.filing();
  }
  int64_t LogSize() {
    const auto response =
        harness_->Ask<v1::GetCheckpointResponse>(testing::At(kStranger), v1::GetCheckpointRequest());
    EXPECT_THAT(response, testing::IsOk());
    return response.ok() ? response->size() : -1;
  }

  testing::TestEnv env_;
  std::unique_ptr<storage::Database> registry_database_;
  std::unique_ptr<registry::RegistryHarness> registry_;
  drafting::v1::Content content_;
  std::string down_;
  const testing::LogKeyFile log_key_;
  std::unique_ptr<LogService> log_;
  std::unique_ptr<NoticeService> notices_;
  std::unique_ptr<FilingService> filings_;
  std::unique_ptr<TerminationService> terminations_;
  std::unique_ptr<testing::ServiceHarness> harness_;
  std::string filing_;
};

}  // namespace idea::inventory

#endif  // IDEA_TESTS_SERVICES_INVENTORY_NOTICE_NOTICE_FIXTURE_H_
