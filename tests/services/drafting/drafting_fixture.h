#ifndef IDEA_TESTS_SERVICES_DRAFTING_DRAFTING_FIXTURE_H_
#define IDEA_TESTS_SERVICES_DRAFTING_DRAFTING_FIXTURE_H_

#include <memory>
#include <string>
#include <vector>

#include "common/ids/ids.h"
#include "services/drafting/bucp/applicability_service.h"
#include "services/drafting/bucp/bucp_service.h"
#include "services/drafting/bucp/copy_service.h"
#include "services/drafting/bucp/lifecycle_service.h"
#include "services/drafting/bucp/related_service.h"
#include "services/drafting/bucp/revision_service.h"
#include "services/drafting/comment/comment_service.h"
#include "services/drafting/completeness/completeness_service.h"
#include "services/drafting/element/element_service.h"
#include "services/drafting/template/template_service.h"
#include "tests/services/drafting/demo_content.h"
#include "tests/services/registry/registry_fixture.h"

extern const idea::config::EmbeddedFile k_drafting_schema[];

namespace idea::drafting {

inline constexpr char kStranger[] = "entities/board-z";
inline constexpr char kOutsider[] = "entities/outsider";
inline constexpr char kDispute[] = "disputes/1";

// The drafting service with the real pipeline and a real registry. The demo's two departments and Board Z are
// signatories, Outsider is not. Each has the person "p", who may take every step.
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
    harness_ = std::make_unique<testing::ServiceHarness>("drafting", k_drafting_schema, env_, database(),
                                                         registry_->directory());
    Bind(harness_->router());
  }

  // Answers a call of drafting to another service.
  virtual absl::Status Answer(std::string_view, const google::protobuf::Message& request,
                              google::protobuf::Message* response) {
    if (registry_down_) return status::Error(status::Reason::ERROR_REASON_PEER_UNAVAILABLE, "nobody answers");
    return registry_->harness().Send(testing::Service("drafting"), request, response);
  }

  void Bind(rpc::Router& router) {
    applicability_.Bind(router);
    bucps_.Bind(router);
    lifecycle_.Bind(router);
    copies_.Bind(router);
    revisions_.Bind(router);
    related_.Bind(router);
    elements_.Bind(router);
    comments_.Bind(router);
    templates_.Bind(router);
    completeness_.Bind(router);
  }

  // Makes a call whose response has a BUCP.
  template <class Response, class Request>
  absl::StatusOr<v1::Bucp> AskForBucp(const testing::TestCaller& who, const Request& request) {
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
    return AskForBucp<v1::CreateBucpResponse>(By(entity), request);
  }
  absl::StatusOr<v1::Bucp> Get(const std::string& name, const std::string& entity = kRecipientDept) {
    return AskForBucp<v1::GetBucpResponse>(By(entity), Of<v1::GetBucpRequest>(name));
  }
  absl::StatusOr<v1::Bucp> Send(const std::string& name, const std::string& etag = "") {
    auto request = Of<v1::SendBucpRequest>(name);
    request.set_etag(etag);
    return AskForBucp<v1::SendBucpResponse>(By(kRecipientDept), request);
  }
  absl::StatusOr<v1::Bucp> Freeze(const std::string& name) {
    return AskForBucp<v1::FreezeBucpResponse>(By(kProviderDept), Of<v1::FreezeBucpRequest>(name));
  }
  absl::StatusOr<v1::Bucp> Amend(const std::string& name, const std::string& entity = kRecipientDept) {
    return AskForBucp<v1::AmendBucpResponse>(By(entity), Of<v1::AmendBucpRequest>(name));
  }
  // Replaces the parts that `paths` name by those of `content`.
  absl::StatusOr<v1::Bucp> Update(const std::string& name, const v1::Content& content,
                                  const std::vector<std::string>& paths,
                                  const std::string& entity = kRecipientDept,
                                  const v1::SectionEtags& etags = {}) {
    auto request = Of<v1::UpdateBucpRequest>(name);
    *request.mutable_content() = content;
    for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
    *request.mutable_section_etags() = etags;
    return AskForBucp<v1::UpdateBucpResponse>(By(entity), request);
  }

  // Commands of other services.
  absl::StatusOr<v1::Bucp> CompleteReviews(const std::string& name, const std::string& digest,
                                           int32_t freeze_number = 1) {
    auto request = Of<v1::CompleteReviewsRequest>(name);
    request.set_digest(digest);
    request.set_freeze_number(freeze_number);
    return AskForBucp<v1::CompleteReviewsResponse>(testing::Service("review"), request);
  }
  absl::StatusOr<v1::Bucp> CompleteSignatures(const std::string& name, const std::string& digest,
                                              int32_t freeze_number = 1) {
    auto request = Of<v1::CompleteSignaturesRequest>(name);
    request.set_digest(digest);
    request.set_freeze_number(freeze_number);
    return AskForBucp<v1::CompleteSignaturesResponse>(testing::Service("review"), request);
  }
  absl::StatusOr<v1::Bucp> Hold(const std::string& name, const std::string& dispute = kDispute) {
    auto request = Of<v1::HoldBucpRequest>(name);
    request.set_dispute(dispute);
    return AskForBucp<v1::HoldBucpResponse>(testing::Service("dispute"), request);
  }
  absl::StatusOr<v1::Bucp> Release(const std::string& name, const std::string& dispute = kDispute,
                                   bool approved = false) {
    auto request = Of<v1::ReleaseBucpRequest>(name);
    request.set_approved(approved);
    request.set_dispute(dispute);
    request.set_outcome("monthly");
    return AskForBucp<v1::ReleaseBucpResponse>(testing::Service("dispute"), request);
  }
  // Releases the BUCP because the dispute was withdrawn.
  absl::StatusOr<v1::Bucp> Withdrawn(const std::string& name, const std::string& dispute = kDispute) {
    auto request = Of<v1::ReleaseBucpRequest>(name);
    request.set_dispute(dispute);
    request.set_withdrawn(true);
    return AskForBucp<v1::ReleaseBucpResponse>(testing::Service("dispute"), request);
  }
  absl::StatusOr<v1::Bucp> Reject(const std::string& name, const std::string& dispute = kDispute) {
    auto request = Of<v1::RejectBucpRequest>(name);
    request.set_dispute(dispute);
    request.set_outcome("not approved");
    return AskForBucp<v1::RejectBucpResponse>(testing::Service("dispute"), request);
  }

  // Shortcuts to a state, with complete content, and optionally with the disputed-only fields.
  v1::Bucp Must(absl::StatusOr<v1::Bucp> bucp) {
    EXPECT_THAT(bucp, testing::IsOk());
    return bucp.ok() ? *std::move(bucp) : v1::Bucp();
  }
  v1::Bucp NewSent(bool with_disputed_fields = false) {
    v1::Content content = CompleteContent();
    if (with_disputed_fields) content.MergeFrom(DemoContentOf({"disputed.json", "disputed-provider.json"}));
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
  const rpc::PeerClient peers_ =
      [this](std::string_view service, const rpc::Context&, const google::protobuf::Message& request,
             google::protobuf::Message* response) { return Answer(service, request, response); };
  ApplicabilityService applicability_{peers_};
  BucpService bucps_{peers_};
  LifecycleService lifecycle_{peers_};
  CopyService copies_{peers_};
  RevisionService revisions_;
  ElementService elements_;
  RelatedService related_;
  CommentService comments_;
  TemplateService templates_;
  CompletenessService completeness_;
  std::unique_ptr<testing::ServiceHarness> harness_;
};

}  // namespace idea::drafting

#endif  // IDEA_TESTS_SERVICES_DRAFTING_DRAFTING_FIXTURE_H_
