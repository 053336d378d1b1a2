#ifndef IDEA_TESTS_SERVICES_DRAFTING_DRAFTING_FIXTURE_H_
#define IDEA_TESTS_SERVICES_DRAFTING_DRAFTING_FIXTURE_H_

#include <memory>
#include <string>
#include <vector>

#include "common/ids/ids.h"
#include "services/drafting/bucp/bucp_service.h"
#include "services/drafting/bucp/related_service.h"
#include "services/drafting/comment/comment_service.h"
#include "services/drafting/completeness/completeness_service.h"
#include "services/drafting/element/element_service.h"
#include "services/drafting/template/template_service.h"
#include "tests/services/drafting/story_content.h"
#include "tests/services/registry/registry_fixture.h"

extern const idea::config::EmbeddedFile k_drafting_schema[];

namespace idea::drafting {

inline constexpr char kStranger[] = "entities/board-z";
inline constexpr char kOutsider[] = "entities/outsider";
inline constexpr char kDispute[] = "disputes/1";

// The drafting service behind the real pipeline, beside a real registry. The demo's two departments and Board
// Z are signatories, Outsider is not; everybody has the person "p", who may take every step.
class DraftingTest : public testing::OnMigrated {
 protected:
  void SetUp() override {
    OnMigrated::SetUp();
    if (IsSkipped()) return;
    registry_database_ = testing::Fresh("memory");
    registry_ = std::make_unique<registry::RegistryHarness>(env_, *registry_database_);
    const std::string list = "idea-list-of-signatories\n";
    ASSERT_THAT(
        registry_->Import("CDO Office,,,office,s\nBoard Z,,,board," + list +
                          "California Department of Social Services,,,department," + list +
                          "Department of Health Care Services,,,department," + list + "Outsider,,,board,s\n"),
        testing::IsOk());
    for (const char* entity : {kRecipientDept, kProviderDept, kStranger, kOutsider}) {
      ASSERT_THAT(registry_->AddContact(entity, "p", {common::v1::CONTACT_ROLE_DATA_COORDINATOR}),
                  testing::IsOk());
    }
    // The contacts that the demo's content names.
    for (const auto& [entity, side] : {std::pair(kRecipientDept, "cdss"), std::pair(kProviderDept, "dhcs")}) {
      const std::string who = side;
      ASSERT_THAT(
          registry_->AddContact(entity, who + "-coordinator", {common::v1::CONTACT_ROLE_DATA_COORDINATOR}),
          testing::IsOk());
      ASSERT_THAT(
          registry_->AddContact(entity, who + "-sponsor", {common::v1::CONTACT_ROLE_EXECUTIVE_SPONSOR}),
          testing::IsOk());
    }
    ASSERT_THAT(registry_->AddContact(testing::kCdoEntity, "p", {common::v1::CONTACT_ROLE_STATEWIDE_CDO}),
                testing::IsOk());
    service_ = std::make_unique<DraftingService>([this](std::string_view, const rpc::Context&,
                                                        const google::protobuf::Message& request,
                                                        google::protobuf::Message* response) -> absl::Status {
      if (registry_down_)
        return status::Error(status::Reason::ERROR_REASON_PEER_UNAVAILABLE, "nobody answers");
      return registry_->harness().Send(testing::Service("drafting"), request, response);
    });
    harness_ = std::make_unique<testing::ServiceHarness>("drafting", k_drafting_schema, env_, database(),
                                                         registry_->directory());
    Bind(harness_->router());
  }

  void Bind(rpc::Router& router) {
    using S = DraftingService;
    S* service = service_.get();
    router.Bind(service, &S::GatherForAssessment, &S::AssessApplicability);
    router.Bind(service, &S::GatherForCreate, &S::CreateBucp);
    router.Bind(service, &S::GatherForUpdate, &S::UpdateBucp);
    router.Bind(service, &S::GetBucp);
    router.Bind(service, &S::ListBucps);
    router.Bind(service, &S::GetRevision);
    router.Bind(service, &S::ListRevisions);
    router.Bind(service, &S::DiffRevisions);
    router.BindWatch(service, &S::WatchBucp);
    elements_.Bind(router);
    comments_.Bind(router);
    templates_.Bind(router);
    completeness_.Bind(router);
    router.Bind(service, &S::SendBucp);
    router.Bind(service, &S::ShareBucp);
    router.Bind(service, &S::SetBucpSender);
    related_.Bind(router);
    router.Bind(service, &S::ReturnBucp);
    router.Bind(service, &S::GatherForFreeze, &S::FreezeBucp);
    router.Bind(service, &S::UnfreezeBucp);
    router.Bind(service, &S::WithdrawBucp);
    router.Bind(service, &S::AmendBucp);
    router.Bind(service, &S::GatherForCopy, &S::CopyBucp);
    router.Bind(service, &S::CompleteReviews);
    router.Bind(service, &S::CompleteSignatures);
    router.Bind(service, &S::HoldBucp);
    router.Bind(service, &S::ReleaseBucp);
    router.Bind(service, &S::RejectBucp);
    router.Bind(service, &S::RecordFiling);
    router.Bind(service, &S::EndBucp);
  }

  // Any call that answers with a BUCP.
  template <class Response, class Request>
  absl::StatusOr<v1::Bucp> Take(const testing::TestCaller& who, const Request& request) {
    ASSIGN_OR_RETURN(const auto response, harness_->Ask<Response>(who, request));
    return response.bucp();
  }
  template <class Request>
  static Request Of(const std::string& name) {
    Request request;
    request.set_name(name);
    return request;
  }
  static testing::TestCaller By(const std::string& entity) { return testing::At(entity, "p"); }

  absl::StatusOr<v1::Bucp> Create(const v1::Content& content, const std::string& entity = kRecipientDept) {
    v1::CreateBucpRequest request;
    *request.mutable_content() = content;
    return Take<v1::CreateBucpResponse>(By(entity), request);
  }
  absl::StatusOr<v1::Bucp> Get(const std::string& name, const std::string& entity = kRecipientDept) {
    return Take<v1::GetBucpResponse>(By(entity), Of<v1::GetBucpRequest>(name));
  }
  absl::StatusOr<v1::Bucp> Send(const std::string& name, const std::string& etag = "") {
    auto request = Of<v1::SendBucpRequest>(name);
    request.set_etag(etag);
    return Take<v1::SendBucpResponse>(By(kRecipientDept), request);
  }
  absl::StatusOr<v1::Bucp> Freeze(const std::string& name) {
    return Take<v1::FreezeBucpResponse>(By(kProviderDept), Of<v1::FreezeBucpRequest>(name));
  }
  absl::StatusOr<v1::Bucp> Amend(const std::string& name, const std::string& entity = kRecipientDept) {
    return Take<v1::AmendBucpResponse>(By(entity), Of<v1::AmendBucpRequest>(name));
  }
  // Replaces what `paths` name by what `content` has there.
  absl::StatusOr<v1::Bucp> Update(const std::string& name, const v1::Content& content,
                                  const std::vector<std::string>& paths,
                                  const std::string& entity = kRecipientDept,
                                  const v1::SectionEtags& etags = {}) {
    auto request = Of<v1::UpdateBucpRequest>(name);
    *request.mutable_content() = content;
    for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
    *request.mutable_section_etags() = etags;
    return Take<v1::UpdateBucpResponse>(By(entity), request);
  }

  // Commands of peers.
  absl::StatusOr<v1::Bucp> CompleteReviews(const std::string& name, const std::string& digest,
                                           int32_t freeze_number = 1) {
    auto request = Of<v1::CompleteReviewsRequest>(name);
    request.set_digest(digest);
    request.set_freeze_number(freeze_number);
    return Take<v1::CompleteReviewsResponse>(testing::Service("review"), request);
  }
  absl::StatusOr<v1::Bucp> CompleteSignatures(const std::string& name, const std::string& digest,
                                              int32_t freeze_number = 1) {
    auto request = Of<v1::CompleteSignaturesRequest>(name);
    request.set_digest(digest);
    request.set_freeze_number(freeze_number);
    return Take<v1::CompleteSignaturesResponse>(testing::Service("review"), request);
  }
  absl::StatusOr<v1::Bucp> Hold(const std::string& name, const std::string& dispute = kDispute) {
    auto request = Of<v1::HoldBucpRequest>(name);
    request.set_dispute(dispute);
    return Take<v1::HoldBucpResponse>(testing::Service("dispute"), request);
  }
  absl::StatusOr<v1::Bucp> Release(const std::string& name, const std::string& dispute = kDispute,
                                   bool approved = false) {
    auto request = Of<v1::ReleaseBucpRequest>(name);
    request.set_approved(approved);
    request.set_dispute(dispute);
    request.set_outcome("monthly");
    return Take<v1::ReleaseBucpResponse>(testing::Service("dispute"), request);
  }
  // The dispute is withdrawn.
  absl::StatusOr<v1::Bucp> Withdrawn(const std::string& name, const std::string& dispute = kDispute) {
    auto request = Of<v1::ReleaseBucpRequest>(name);
    request.set_dispute(dispute);
    request.set_withdrawn(true);
    return Take<v1::ReleaseBucpResponse>(testing::Service("dispute"), request);
  }
  absl::StatusOr<v1::Bucp> Reject(const std::string& name, const std::string& dispute = kDispute) {
    auto request = Of<v1::RejectBucpRequest>(name);
    request.set_dispute(dispute);
    request.set_outcome("not approved");
    return Take<v1::RejectBucpResponse>(testing::Service("dispute"), request);
  }

  // Shortcuts to a state, with complete content; the disputed-only fields too, if wanted.
  v1::Bucp Must(absl::StatusOr<v1::Bucp> bucp) {
    EXPECT_THAT(bucp, testing::IsOk());
    return bucp.ok() ? *std::move(bucp) : v1::Bucp();
  }
  v1::Bucp NewSent(bool with_disputed_fields = false) {
    v1::Content content = CompleteContent();
    if (with_disputed_fields) content.MergeFrom(StoryOf({"disputed.json", "disputed-provider.json"}));
    return Must(Send(Must(Create(content)).name()));
  }
  v1::Bucp NewFrozen(bool with_disputed_fields = false) {
    return Must(Freeze(NewSent(with_disputed_fields).name()));
  }
  v1::Bucp Sign(const v1::Bucp& frozen) {
    return Must(CompleteReviews(frozen.name(), frozen.frozen_digest()));
  }
  v1::Bucp NewExecuted() {
    const v1::Bucp frozen = Sign(NewFrozen());
    return Must(CompleteSignatures(frozen.name(), frozen.frozen_digest()));
  }
  events::Event LastEvent() { return harness_->Events().back(); }
  v1::BucpMoved LastMoved() {
    v1::BucpMoved moved;
    EXPECT_TRUE(LastEvent().data().UnpackTo(&moved));
    return moved;
  }

  testing::TestEnv env_;
  std::unique_ptr<storage::Database> registry_database_;
  std::unique_ptr<registry::RegistryHarness> registry_;
  bool registry_down_ = false;
  std::unique_ptr<DraftingService> service_;
  ElementService elements_;
  RelatedService related_;
  CommentService comments_;
  TemplateService templates_;
  CompletenessService completeness_;
  std::unique_ptr<testing::ServiceHarness> harness_;
};

}  // namespace idea::drafting

#endif  // IDEA_TESTS_SERVICES_DRAFTING_DRAFTING_FIXTURE_H_
