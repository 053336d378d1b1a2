#ifndef IDEA_TESTS_SERVICES_DRAFTING_DOCUMENT_DOCUMENTS_FIXTURE_H_
#define IDEA_TESTS_SERVICES_DRAFTING_DOCUMENT_DOCUMENTS_FIXTURE_H_

#include <memory>
#include <string>

#include "services/drafting/document/document_service.h"
#include "services/review/review_service.h"
#include "tests/services/drafting/drafting_fixture.h"

extern const idea::config::EmbeddedFile k_review_schema[];

// Documents with the real pipeline, a real registry and a real review.
namespace idea::drafting {

class Documents : public DraftingTest {
 protected:
  void SetUp() override {
    DraftingTest::SetUp();
    if (IsSkipped()) return;
    review_database_ = testing::Fresh("memory");
    review_harness_ = std::make_unique<testing::ServiceHarness>("review", k_review_schema, env_,
                                                                *review_database_, registry_->directory());
    review_.Bind(review_harness_->router());
    documents_.Bind(harness_->router());
    using enum common::v1::ContactRole;
    for (const char* entity : {kRecipientDept, kProviderDept}) {
      const std::string short_name = entity == std::string(kRecipientDept) ? "cdss" : "dhcs";
      AddContact(entity, short_name + "-program", CONTACT_ROLE_PROGRAM);
      AddContact(entity, short_name + "-legal", CONTACT_ROLE_LEGAL);
    }
  }
  absl::Status Answer(std::string_view service, const google::protobuf::Message& request,
                      google::protobuf::Message* response) override {
    if (service == "registry") return DraftingTest::Answer(service, request, response);
    if (review_down_) return status::Error(status::Reason::ERROR_REASON_PEER_UNAVAILABLE, "nobody answers");
    return review_harness_->Send(testing::Service("drafting"), request, response);
  }
  void AddContact(const std::string& entity, const std::string& person, common::v1::ContactRole role) {
    ASSERT_THAT(registry_->AddContact(entity, person, {role}), testing::IsOk());
  }

  absl::StatusOr<v1::RenderDocumentResponse> Render(const std::string& name, v1::DocumentFormat format,
                                                    const std::string& entity = kRecipientDept,
                                                    v1::DocumentView view = v1::DOCUMENT_VIEW_FULL,
                                                    int revision = 0) {
    auto request = Of<v1::RenderDocumentRequest>(name);
    request.set_format(format);
    request.set_view(view);
    request.set_revision(revision);
    return harness_->Ask<v1::RenderDocumentResponse>(By(entity), request);
  }
  absl::StatusOr<v1::ImportDocumentResponse> Import(const std::string& docx, bool validate_only = false,
                                                    const std::string& entity = kRecipientDept) {
    v1::ImportDocumentRequest request;
    request.set_document(docx);
    request.set_validate_only(validate_only);
    return harness_->Ask<v1::ImportDocumentResponse>(By(entity), request);
  }
  absl::StatusOr<v1::RenderMessageResponse> Message(const std::string& name, v1::MessageKind kind,
                                                    const std::string& entity = kRecipientDept) {
    auto request = Of<v1::RenderMessageRequest>(name);
    request.set_kind(kind);
    return harness_->Ask<v1::RenderMessageResponse>(By(entity), request);
  }
  std::string DocxOf(const std::string& name) {
    const auto rendered = Render(name, v1::DOCUMENT_FORMAT_DOCX);
    EXPECT_THAT(rendered, testing::IsOk());
    return rendered.ok() ? rendered->document() : "";
  }
  // The routing that drafting's event would open.
  std::string Route(const v1::Bucp& frozen) {
    review::v1::OpenRoutingRequest open;
    open.set_bucp(frozen.name());
    open.set_revision(frozen.frozen_revision());
    open.set_digest(frozen.frozen_digest());
    open.set_freeze_number(frozen.freeze_number());
    open.add_recipients(kRecipientDept);
    open.add_providers(kProviderDept);
    const auto routing =
        review_harness_->Ask<review::v1::OpenRoutingResponse>(testing::Service("drafting"), open);
    EXPECT_THAT(routing, testing::IsOk());
    return routing.ok() ? routing->routing().name() : "";
  }
  // Registers an opinion on it.
  void Opine(const v1::Bucp& frozen, review::v1::Position position = review::v1::POSITION_SUPPORTS) {
    review::v1::RegisterOpinionRequest opinion;
    opinion.set_routing(Route(frozen));
    opinion.set_discipline(review::v1::DISCIPLINE_LEGAL);
    opinion.set_position(position);
    opinion.set_text("read");
    opinion.set_digest(frozen.frozen_digest());
    ASSERT_THAT(review_harness_->Ask<review::v1::RegisterOpinionResponse>(
                    testing::At(kProviderDept, "dhcs-legal"), opinion),
                testing::IsOk());
  }

  bool review_down_ = false;
  review::ReviewService review_{
      {},
      [this](std::string_view service, const rpc::Context&, const google::protobuf::Message& request,
             google::protobuf::Message* response) {
        testing::ServiceHarness& peer = service == "registry" ? registry_->harness() : *harness_;
        return peer.Send(testing::Service("review"), request, response);
      }};
  std::unique_ptr<storage::Database> review_database_;
  std::unique_ptr<testing::ServiceHarness> review_harness_;
  DocumentService documents_{peers_, bucps_};
};

}  // namespace idea::drafting

#endif  // IDEA_TESTS_SERVICES_DRAFTING_DOCUMENT_DOCUMENTS_FIXTURE_H_
