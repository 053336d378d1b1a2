#ifndef IDEA_TESTS_SERVICES_DISPUTE_DISPUTE_FIXTURE_H_
#define IDEA_TESTS_SERVICES_DISPUTE_DISPUTE_FIXTURE_H_

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "common/events/relay.h"
#include "idea/review/v1/review.pb.h"
#include "services/dispute/deidentification_service.h"
#include "services/dispute/dispute_events.h"
#include "services/dispute/dispute_service.h"
#include "tests/services/registry/registry_fixture.h"

extern const idea::config::EmbeddedFile k_dispute_schema[];
extern const idea::config::EmbeddedFile k_dispute_holidays[];

namespace idea::dispute {

inline constexpr char kRecipientDept[] = "entities/department-x";
inline constexpr char kProviderDept[] = "entities/department-y";
inline constexpr char kAgency[] = "entities/agency-a";
inline constexpr char kBoard[] = "entities/board-z";
inline constexpr char kBucp[] = "bucps/1";

// A fake of drafting and review: BUCPs that can be read, and a list of the commands and claims that arrived.
class DraftingCounter {
 public:
  drafting::v1::Bucp& Add(const std::string& name, const std::vector<std::string>& recipients,
                          const std::vector<std::string>& providers) {
    drafting::v1::Bucp& bucp = bucps_[name];
    bucp.set_name(name);
    bucp.set_title("Food aid");
    bucp.set_state(drafting::v1::STATE_IN_REVIEW);
    bucp.set_first_shown_revision(1);
    for (const std::string& entity : recipients) bucp.mutable_content()->add_recipients(entity);
    for (const std::string& entity : providers) bucp.mutable_content()->add_providers(entity);
    return bucp;
  }
  drafting::v1::Bucp& bucp(const std::string& name) { return bucps_.at(name); }

  // Sets the answer of review to claims.
  void AnswerClaims(absl::Status answer) { claim_ = std::move(answer); }

  // Sets the answer to commands.
  void AnswerCommands(absl::Status answer) { answer_ = std::move(answer); }

  // Sets the answer to reads. OK returns the BUCP.
  void AnswerQuestions(absl::Status answer) { questions_ = std::move(answer); }

  absl::Status Answer(const google::protobuf::Message& request, google::protobuf::Message* response) {
    // A test may make concurrent calls.
    const std::lock_guard lock(mutex_);
    if (const auto* claim = dynamic_cast<const review::v1::ClaimPartRequest*>(&request)) {
      claims.push_back(claim->person() + " for " + claim->entity() + " on " + claim->bucp());
      if (claim->act().empty()) recorded.push_back(claims.back());
      if (!claim->act().empty() && claim_.ok()) acts.insert(claim->act());
      return claim_;
    }
    if (const auto* release = dynamic_cast<const review::v1::ReleasePartRequest*>(&request)) {
      acts.erase(release->act());
      return absl::OkStatus();
    }
    if (const auto* get = dynamic_cast<const drafting::v1::GetBucpRequest*>(&request)) {
      RETURN_IF_ERROR(questions_);
      const auto bucp = bucps_.find(get->name());
      if (bucp == bucps_.end())
        return status::Error(Reason::ERROR_REASON_NOT_FOUND, "the BUCP does not exist");
      *static_cast<drafting::v1::GetBucpResponse*>(response)->mutable_bucp() = bucp->second;
      return absl::OkStatus();
    }
    if (answer_.ok())
      commands.push_back(request.GetDescriptor()->name() + " {" + request.ShortDebugString() + "}");
    return answer_;
  }

  // "HoldBucpRequest {name: ...}", in the order in which the commands were accepted.
  std::vector<std::string> commands;
  // "p for entities/x on bucps/1", in the same order.
  std::vector<std::string> claims;
  // The claims of acts that took place, and the acts whose claims were not released.
  std::vector<std::string> recorded;
  std::set<std::string> acts;

 private:
  std::mutex mutex_;
  std::map<std::string, drafting::v1::Bucp> bucps_;
  absl::Status answer_;
  absl::Status questions_;
  absl::Status claim_;
};

// The dispute service with the real pipeline and a real registry. BUCP kBucp is between the departments X
// (recipient) and Y (provider) of Agency A. All are under the Governor's authority, except Board Z. Every
// entity has the person "p" in every role that it may have.
class DisputeTest : public testing::OnMigrated {
 protected:
  void SetUp() override {
    OnMigrated::SetUp();
    if (IsSkipped()) return;
    registry_database_ = testing::Fresh("memory");
    registry_ = std::make_unique<registry::RegistryHarness>(env_, *registry_database_);
    ASSERT_THAT(
        registry_->Import("CDO Office,,,office,s\nGovernors Office,,,office,s\nAgency A,A,,agency,s\n"
                          "Department X,DX,Agency A,department,s\nDepartment Y,DY,Agency A,department,s\n"
                          "Board Z,,,board,s\nStranger,,,board,s\n"),
        testing::IsOk());
    ASSERT_THAT(registry_->AddContact(testing::kCdoEntity, "cdo", {common::v1::CONTACT_ROLE_STATEWIDE_CDO}),
                testing::IsOk());
    ASSERT_THAT(
        registry_->AddContact(testing::kGovernorEntity, "p", {common::v1::CONTACT_ROLE_GOVERNORS_OFFICE}),
        testing::IsOk());
    for (const char* entity : {kAgency, kRecipientDept, kProviderDept, kBoard, "entities/stranger"}) {
      ASSERT_THAT(registry_->AddContact(entity, "p", {common::v1::CONTACT_ROLE_PROGRAM}), testing::IsOk());
      ASSERT_THAT(registry_->AddContact(entity, "officer", {common::v1::CONTACT_ROLE_AGENCY_CDO}),
                  testing::IsOk());
      ASSERT_THAT(registry_->AddContact(entity, "coordinator", {common::v1::CONTACT_ROLE_DATA_COORDINATOR}),
                  testing::IsOk());
    }
    ASSERT_THAT(registry_->SetAuthority(kRecipientDept, registry::v1::GOVERNOR_AUTHORITY_UNDER),
                testing::IsOk());
    ASSERT_THAT(registry_->SetAuthority(kProviderDept, registry::v1::GOVERNOR_AUTHORITY_UNDER),
                testing::IsOk());
    ASSERT_THAT(registry_->SetAuthority(kBoard, registry::v1::GOVERNOR_AUTHORITY_OUTSIDE), testing::IsOk());
    drafting_.Add(kBucp, {kRecipientDept}, {kProviderDept});
    const auto days = WorkingDays::Parse(k_dispute_holidays[0].text, "America/Los_Angeles");
    ASSERT_THAT(days, testing::IsOk());
    days_ = *days;
    Serve(v1::PROCESS_GUIDEBOOK);
    events::Target drafting = DraftingTarget(peers_);
    drafting.refused = VoidOnRefusal(offices_);
    relay_ = std::make_unique<events::Relay>(events::Relay::Settings{.service = "dispute"},
                                             std::move(drafting), database(), notifier_, env_.clock);
  }

  // Creates the service again. It opens new disputes under this process.
  void Serve(v1::Process process) {
    service_ = std::make_unique<DisputeService>(offices_, process, days_, peers_);
    reviews_ = std::make_unique<DeidentificationService>(days_, peers_);
    harness_ = std::make_unique<testing::ServiceHarness>("dispute", k_dispute_schema, env_, database(),
                                                         registry_->directory());
    service_->Bind(harness_->router());
    reviews_->Bind(harness_->router());
  }

  // Sends the request as a person of an entity. `Response` has the dispute.
  template <class Response, class Request>
  absl::StatusOr<v1::Dispute> Do(const testing::TestCaller& who, const Request& request) {
    ASSIGN_OR_RETURN(auto response, harness_->Ask<Response>(who, request));
    return response.dispute();
  }

  static v1::Costs SomeCosts() {
    v1::Costs costs;
    v1::CostItem& item = *costs.add_items();
    item.set_purpose("monthly extract");
    item.set_amount_cents(1'250'000);
    costs.set_frequency("twelve a year");
    return costs;
  }

  absl::StatusOr<v1::Dispute> Open(const std::string& entity = kProviderDept,
                                   v1::Category category = v1::CATEGORY_PROVIDER_OBJECTS,
                                   const std::string& bucp = kBucp) {
    v1::OpenDisputeRequest request;
    request.set_bucp(bucp);
    request.set_category(category);
    request.set_objection("too wide");
    if (category == v1::CATEGORY_COSTS) *request.mutable_costs() = SomeCosts();
    ASSIGN_OR_RETURN(auto response,
                     harness_->Ask<v1::OpenDisputeResponse>(testing::At(entity, "p"), request));
    return response.dispute();
  }
  absl::StatusOr<v1::Dispute> Submit(const std::string& name, const std::string& entity) {
    v1::SubmitStatementRequest request;
    request.set_name(name);
    request.set_text("our side");
    ASSIGN_OR_RETURN(auto response,
                     harness_->Ask<v1::SubmitStatementResponse>(testing::At(entity, "p"), request));
    return response.dispute();
  }
  absl::StatusOr<v1::Dispute> Settle(const std::string& name, const testing::TestCaller& who) {
    v1::SettleDisputeRequest request;
    request.set_name(name);
    request.set_outcome("monthly, without names");
    ASSIGN_OR_RETURN(auto response, harness_->Ask<v1::SettleDisputeResponse>(who, request));
    return response.dispute();
  }
  // Confirms the current settlement, or the given one.
  absl::StatusOr<v1::Dispute> Confirm(const std::string& name, const testing::TestCaller& who,
                                      int settlement = 0) {
    v1::ConfirmSettlementRequest request;
    request.set_name(name);
    request.set_settlement(settlement == 0 ? Get(name)->settlement().number() : settlement);
    ASSIGN_OR_RETURN(auto response, harness_->Ask<v1::ConfirmSettlementResponse>(who, request));
    return response.dispute();
  }
  // The agency's officer proposes, and both departments agree.
  absl::StatusOr<v1::Dispute> SettleByAll(const std::string& name) {
    RETURN_IF_ERROR(Settle(name, Officer(kAgency)).status());
    RETURN_IF_ERROR(Confirm(name, Coordinator(kRecipientDept)).status());
    return Confirm(name, Coordinator(kProviderDept));
  }
  // Ends the dispute as drafting does for a withdrawn BUCP.
  absl::StatusOr<v1::Dispute> End(const std::string& name) {
    v1::EndDisputeRequest request;
    request.set_name(name);
    request.set_reason("program ended");
    ASSIGN_OR_RETURN(auto response,
                     harness_->Ask<v1::EndDisputeResponse>(testing::Service("drafting"), request));
    return response.dispute();
  }
  // Records a meeting of today as the Statewide CDO.
  absl::StatusOr<v1::Dispute> Meet(const std::string& name) {
    v1::RecordMeetingRequest request;
    request.set_name(name);
    request.mutable_meeting()->mutable_date()->set_year(2025);
    request.mutable_meeting()->mutable_date()->set_month(12);
    request.mutable_meeting()->mutable_date()->set_day(31);
    request.mutable_meeting()->add_attendees("both departments");
    request.mutable_meeting()->set_summary("no agreement");
    return Do<v1::RecordMeetingResponse>(Cdo(), request);
  }
  absl::StatusOr<v1::Dispute> Escalate(const std::string& name, const testing::TestCaller& who,
                                       const std::string& no_meeting_reason = "") {
    v1::EscalateDisputeRequest request;
    request.set_name(name);
    request.set_no_meeting_reason(no_meeting_reason);
    request.set_recommendation("share less");
    ASSIGN_OR_RETURN(auto response, harness_->Ask<v1::EscalateDisputeResponse>(who, request));
    return response.dispute();
  }
  absl::StatusOr<v1::Dispute> Decide(const std::string& name, v1::Decision decision) {
    v1::DecideDisputeRequest request;
    request.set_name(name);
    request.set_decision(decision);
    request.set_reasons("the program depends on it");
    ASSIGN_OR_RETURN(auto response, harness_->Ask<v1::DecideDisputeResponse>(
                                        testing::At(testing::kGovernorEntity, "p"), request));
    return response.dispute();
  }
  absl::StatusOr<v1::Dispute> Withdraw(const std::string& name, const std::string& entity = kProviderDept) {
    v1::WithdrawDisputeRequest request;
    request.set_name(name);
    request.set_reason("answered");
    ASSIGN_OR_RETURN(auto response,
                     harness_->Ask<v1::WithdrawDisputeResponse>(testing::At(entity, "p"), request));
    return response.dispute();
  }
  absl::StatusOr<v1::Dispute> Get(const std::string& name, const testing::TestCaller& who = Cdo()) {
    v1::GetDisputeRequest request;
    request.set_name(name);
    ASSIGN_OR_RETURN(auto response, harness_->Ask<v1::GetDisputeResponse>(who, request));
    return response.dispute();
  }
  // A dispute that waits for statements, because the board is outside the Governor's authority.
  v1::Dispute OpenWithBoard() {
    drafting_.Add("bucps/2", {kRecipientDept}, {kBoard});
    const auto opened = Open(kBoard, v1::CATEGORY_PROVIDER_OBJECTS, "bucps/2");
    EXPECT_THAT(opened, testing::IsOk());
    return opened.ok() ? *opened : v1::Dispute();
  }
  // A dispute that the Statewide CDO mediates.
  v1::Dispute OpenAtCdo() {
    const std::string name = Open()->name();
    EXPECT_THAT(Escalate(name, Officer(kAgency)), testing::IsOk());
    EXPECT_THAT(Submit(name, kRecipientDept), testing::IsOk());
    const auto last = Submit(name, kProviderDept);
    EXPECT_THAT(last, testing::IsOk());
    return last.ok() ? *last : v1::Dispute();
  }
  static testing::TestCaller Cdo() { return testing::At(testing::kCdoEntity, "cdo"); }
  static testing::TestCaller Coordinator(const std::string& entity) {
    return testing::At(entity, "coordinator");
  }
  static testing::TestCaller Officer(const std::string& entity) { return testing::At(entity, "officer"); }

  testing::TestEnv env_;
  std::unique_ptr<storage::Database> registry_database_;
  std::unique_ptr<registry::RegistryHarness> registry_;
  DraftingCounter drafting_;
  const Offices offices_{testing::kCdoEntity, testing::kGovernorEntity};
  const rpc::PeerClient peers_ = [this](std::string_view service, const rpc::Context&,
                                        const google::protobuf::Message& request,
                                        google::protobuf::Message* response) {
    return service == "registry" ? registry_->harness().Send(testing::Service("dispute"), request, response)
                                 : drafting_.Answer(request, response);
  };
  WorkingDays days_;
  std::unique_ptr<DisputeService> service_;
  std::unique_ptr<DeidentificationService> reviews_;
  std::unique_ptr<testing::ServiceHarness> harness_;
  events::Notifier notifier_;
  std::unique_ptr<events::Relay> relay_;
};

}  // namespace idea::dispute

#endif  // IDEA_TESTS_SERVICES_DISPUTE_DISPUTE_FIXTURE_H_
