#ifndef IDEA_TESTS_SERVICES_INVENTORY_INVENTORY_FIXTURE_H_
#define IDEA_TESTS_SERVICES_INVENTORY_INVENTORY_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/events/relay.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "common/transparency/checkpoint.h"
#include "common/transparency/leaf_digests.h"
#include "idea/dispute/v1/dispute.pb.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "idea/review/v1/review.pb.h"
#include "services/inventory/evidence/evidence_service.h"
#include "services/inventory/filing/filing_service.h"
#include "services/inventory/inventory_events.h"
#include "services/inventory/notice/termination_service.h"
#include "tests/services/registry/registry_fixture.h"
#include "tests/support/log_key_file.h"

extern const idea::config::EmbeddedFile k_inventory_schema[];

namespace idea::inventory {

using status::Reason;
using testing::At;
using testing::IsOk;

inline constexpr char kRecipient[] = "entities/department-x";
inline constexpr char kSecondRecipient[] = "entities/board-z";
inline constexpr char kProvider[] = "entities/department-y";
inline constexpr char kStranger[] = "entities/stranger";
inline constexpr char kBucp[] = "bucps/1";

// The responses of drafting and review to inventory.
struct Peers {
  std::map<std::string, drafting::v1::Bucp> bucps;
  // Digests of the signatures.
  std::vector<std::string> signatures;
  std::vector<review::v1::Signature> whole_signatures;
  // Of the routing and its opinion.
  int32_t freeze_number = 0;
  bool down = false;
  // Called when inventory reads the BUCP.
  std::function<void()> asked = [] {};

  absl::Status Answer(const google::protobuf::Message& request, google::protobuf::Message* response) const {
    if (down) return status::Error(Reason::ERROR_REASON_PEER_UNAVAILABLE, "nobody answers");
    if (const auto* get = dynamic_cast<const drafting::v1::GetBucpRequest*>(&request)) {
      asked();
      const auto bucp = bucps.find(get->name());
      if (bucp == bucps.end()) return status::NotFoundOrHidden(get->name());
      *static_cast<drafting::v1::GetBucpResponse*>(response)->mutable_bucp() = bucp->second;
    } else if (const auto* read = dynamic_cast<const drafting::v1::GetRevisionRequest*>(&request)) {
      asked();
      const drafting::v1::Bucp& bucp = bucps.at(ids::Parent(read->name()));
      auto& revision = *static_cast<drafting::v1::GetRevisionResponse*>(response)->mutable_revision();
      revision.set_name(read->name());
      revision.set_digest(bucp.frozen_digest());
      *revision.mutable_content() = bucp.content();
    } else if (dynamic_cast<const review::v1::ListRoutingsRequest*>(&request) != nullptr) {
      review::v1::Routing& routing =
          *static_cast<review::v1::ListRoutingsResponse*>(response)->add_routings();
      routing.set_name("routings/1");
      routing.set_freeze_number(freeze_number);
      routing.set_state(review::v1::ROUTING_STATE_COMPLETE);
    } else if (auto* list = dynamic_cast<review::v1::ListSignaturesResponse*>(response)) {
      for (const std::string& digest : signatures) list->add_signatures()->set_digest(digest);
      for (const review::v1::Signature& signature : whole_signatures) *list->add_signatures() = signature;
    } else {
      return AnswerAboutEvidence(request, response);
    }
    return absl::OkStatus();
  }

  std::string opinion_text = "No concern.";

  static drafting::v1::Revision RevisionOf(const drafting::v1::Bucp& bucp) {
    drafting::v1::Revision revision;
    revision.set_name(bucp.frozen_revision());
    revision.set_digest(bucp.frozen_digest());
    return revision;
  }
  review::v1::Opinion OpinionOn(const drafting::v1::Bucp& bucp) const {
    review::v1::Opinion opinion;
    opinion.set_name("routings/1/opinions/1");
    opinion.set_digest(bucp.frozen_digest());
    opinion.set_text(opinion_text);
    opinion.set_freeze_number(freeze_number);
    return opinion;
  }

  absl::Status AnswerAboutEvidence(const google::protobuf::Message& request,
                                   google::protobuf::Message* response) const {
    const drafting::v1::Bucp& bucp = bucps.begin()->second;
    if (auto* list = dynamic_cast<drafting::v1::ListRevisionsResponse*>(response)) {
      *list->add_revisions() = RevisionOf(bucp);
    } else if (auto* page = dynamic_cast<drafting::v1::RenderDocumentResponse*>(response)) {
      page->set_document("<h1>" + bucp.title() + "</h1>");
    } else if (auto* opinions = dynamic_cast<review::v1::ListOpinionsResponse*>(response)) {
      *opinions->add_opinions() = OpinionOn(bucp);
    } else if (dynamic_cast<dispute::v1::ListDisputesResponse*>(response) != nullptr) {
      return absl::OkStatus();
    } else {
      return absl::InternalError("nobody answers " + request.GetDescriptor()->name());
    }
    return absl::OkStatus();
  }
};

// Inventory with the real pipeline and a real registry. Every entity has the contact "p".
class Inventory : public testing::OnMigrated {
 protected:
  void SetUp() override {
    OnMigrated::SetUp();
    if (IsSkipped()) return;
    registry_database_ = testing::Fresh("memory");
    registry_ = std::make_unique<registry::RegistryHarness>(env_, *registry_database_);
    ASSERT_THAT(registry_->Import(
                    "CDO Office,,,office,s\nAgency A,A,,agency,s\nBoard Z,,,board,s\nStranger,,,board,s\n"
                    "Department X,DX,Agency A,department,s\nDepartment Y,DY,Agency A,department,s\n"),
                IsOk());
    for (const char* entity : {kRecipient, kSecondRecipient, kProvider, kStranger}) {
      ASSERT_THAT(registry_->AddContact(entity, "p", {common::v1::CONTACT_ROLE_DATA_COORDINATOR}), IsOk());
    }
    Execute(kBucp);
    Serve(log_key_.path());
  }

  // Starts the service with the log's key of that file.
  void Serve(const std::string& log_key) {
    const rpc::PeerClient ask = [this](std::string_view service, const rpc::Context&,
                                       const google::protobuf::Message& request,
                                       google::protobuf::Message* response) {
      return service == "registry"
                 ? registry_->harness().Send(testing::Service("inventory"), request, response)
                 : peers_.Answer(request, response);
    };
    log_ = std::make_unique<LogService>(*transparency::LogKey::Load(log_key, "idea.test/log"), policy_);
    notices_ = std::make_unique<NoticeService>(ask, *log_, testing::kCdoEntity, absl::UTCTimeZone());
    filings_ = std::make_unique<FilingService>(ask, *log_, testing::kCdoEntity);
    terminations_ = std::make_unique<TerminationService>(*log_, *notices_, testing::kCdoEntity);
    evidence_ = std::make_unique<EvidenceService>(ask, *log_);
    harness_ = std::make_unique<testing::ServiceHarness>("inventory", k_inventory_schema, env_, database(),
                                                         registry_->directory());
    rpc::Router& router = harness_->router();
    log_->Bind(router);
    filings_->Bind(router);
    terminations_->Bind(router);
    evidence_->Bind(router);
  }

  static std::string DigestOf(char fill) { return std::string(64, fill); }

  // Adds an executed agreement to drafting and review.
  drafting::v1::Bucp& Execute(const std::string& name) {
    drafting::v1::Bucp& bucp = peers_.bucps[name];
    bucp.set_name(name);
    bucp.set_title("Food aid");
    bucp.set_state(drafting::v1::STATE_EXECUTED);
    bucp.set_frozen_revision(name + "/revisions/3");
    bucp.set_frozen_digest(DigestOf('a'));
    *bucp.mutable_execute_time() = clock::ToProto(env_.clock.Now());
    bucp.mutable_content()->add_recipients(kRecipient);
    bucp.mutable_content()->add_recipients(kSecondRecipient);
    bucp.mutable_content()->add_providers(kProvider);
    bucp.mutable_content()->mutable_business_case()->mutable_data_categories()->add_categories("demographic");
    auto& technical = *bucp.mutable_content()->mutable_technical();
    for (const char* element : {"County", "Month of Service"}) {
      technical.mutable_data_elements()->add_elements()->set_field_name(element);
    }
    technical.mutable_data_users()->set_description("analysts");
    technical.mutable_destruction()->set_description("wiped");
    auto& administrative = *bucp.mutable_content()->mutable_administrative();
    administrative.mutable_redisclosure()->set_allowed(drafting::v1::ANSWER_NO);
    administrative.mutable_critical_dates()->mutable_start_date()->set_year(2026);
    administrative.mutable_critical_dates()->set_recurrence(drafting::v1::RECURRENCE_ONGOING);
    administrative.mutable_critical_dates()->set_frequency("monthly");
    peers_.signatures.assign(4, DigestOf('a'));
    return bucp;
  }
  absl::StatusOr<v1::Filing> Record(const std::string& name = kBucp, const std::string& amends = "") {
    const drafting::v1::Bucp& bucp = peers_.bucps.at(name);
    v1::RecordExecutionRequest request;
    request.set_bucp(name);
    request.set_title(bucp.title());
    request.set_revision(bucp.frozen_revision());
    request.set_digest(bucp.frozen_digest());
    request.set_freeze_number(bucp.freeze_number());
    *request.mutable_recipients() = bucp.content().recipients();
    *request.mutable_providers() = bucp.content().providers();
    request.set_amends(amends);
    *request.mutable_execute_time() = bucp.execute_time();
    if (bucp.has_create_time()) *request.mutable_draft_time() = bucp.create_time();
    ASSIGN_OR_RETURN(const auto response,
                     harness_->Ask<v1::RecordExecutionResponse>(testing::Service("drafting"), request));
    return response.filing();
  }
  absl::StatusOr<v1::Filing> File(const std::string& entity = kRecipient, char digest = 'a',
                                  const std::string& bucp = kBucp) {
    v1::FileBucpRequest request;
    request.set_bucp(bucp);
    request.set_digest(DigestOf(digest));
    request.set_feedback("went well");
    ASSIGN_OR_RETURN(const auto response, harness_->Ask<v1::FileBucpResponse>(At(entity, "p"), request));
    return response.filing();
  }
  // Adds the entries of the records that the peers have of a BUCP, as drafting and review do.
  void LogRecordsOf(const std::string& name = kBucp) {
    const drafting::v1::Bucp& bucp = peers_.bucps.at(name);
    const auto add = [&](const char* service, v1::LogEntryKind kind, const std::string& record,
                         const std::string& record_digest, const std::string& entity = "",
                         const std::string& fingerprint = "") {
      v1::AddLogEntriesRequest request;
      v1::LogEntry& entry = *request.add_entries();
      entry.set_kind(kind);
      entry.set_record(record);
      entry.set_record_digest(record_digest);
      entry.set_bucp(name);
      entry.set_entity(entity);
      entry.set_key_fingerprint(fingerprint);
      *entry.mutable_time() = clock::ToProto(env_.clock.Now());
      EXPECT_THAT(harness_->Ask<v1::AddLogEntriesResponse>(testing::Service(service), request), IsOk());
    };
    add("drafting", v1::LOG_ENTRY_KIND_REVISION_FROZEN, bucp.frozen_revision(),
        transparency::RecordDigest(Peers::RevisionOf(bucp)));
    add("drafting", v1::LOG_ENTRY_KIND_EXECUTED, name, transparency::ExecutionDigest(bucp));
    const review::v1::Opinion opinion = peers_.OpinionOn(peers_.bucps.begin()->second);
    add("review", v1::LOG_ENTRY_KIND_OPINION_REGISTERED, opinion.name(), transparency::RecordDigest(opinion));
    for (const review::v1::Signature& signature : peers_.whole_signatures)
      add("review", v1::LOG_ENTRY_KIND_SIGNED, signature.name(), transparency::RecordDigest(signature),
          signature.entity(),
          signature.contact().empty() ? "" : transparency::KeyFingerprint(signature.public_key()));
    const events::Target own = LogTarget(database(), *log_, env_.clock);
    for (const events::Event& event : harness_->Events()) EXPECT_THAT(own.deliver(event), IsOk());
  }
  absl::StatusOr<v1::Filing> Terminate(const std::string& name, const std::string& entity = kProvider) {
    v1::TerminateFilingRequest request;
    request.set_name(name);
    request.set_grounds(v1::GROUNDS_VIOLATION);
    request.set_reason("passed on");
    ASSIGN_OR_RETURN(const auto response,
                     harness_->Ask<v1::TerminateFilingResponse>(At(entity, "p"), request));
    return response.filing();
  }
  absl::StatusOr<v1::Filing> Get(const std::string& name, const testing::TestCaller& who = At(kProvider)) {
    v1::GetFilingRequest request;
    request.set_name(name);
    ASSIGN_OR_RETURN(const auto response, harness_->Ask<v1::GetFilingResponse>(who, request));
    return response.filing();
  }
  int List(const testing::TestCaller& who, const std::string& filter = "") {
    v1::ListFilingsRequest request;
    request.set_filter(filter);
    const auto response = harness_->Ask<v1::ListFilingsResponse>(who, request);
    EXPECT_THAT(response, IsOk());
    return response.ok() ? response->filings_size() : -1;
  }
  v1::GetCheckpointResponse Checkpoint() {
    const auto response = harness_->Ask<v1::GetCheckpointResponse>(At(kStranger), v1::GetCheckpointRequest());
    EXPECT_THAT(response, IsOk());
    return response.value_or(v1::GetCheckpointResponse());
  }
  absl::StatusOr<v1::GetInclusionProofResponse> Prove(int64_t leaf, int64_t size = 0) {
    v1::GetInclusionProofRequest request;
    request.set_leaf_index(leaf);
    request.set_tree_size(size);
    return harness_->Ask<v1::GetInclusionProofResponse>(At(kStranger), request);
  }
  absl::StatusOr<v1::GetTileResponse> Tile(const std::string& path) {
    v1::GetTileRequest request;
    request.set_path(path);
    return harness_->Ask<v1::GetTileResponse>(At(kStranger), request);
  }
  static std::vector<std::string> Hashes(const google::protobuf::RepeatedPtrField<std::string>& hashes) {
    return {hashes.begin(), hashes.end()};
  }
  events::Event LastEvent() { return harness_->Events().back(); }

  testing::TestEnv env_;
  std::unique_ptr<storage::Database> registry_database_;
  std::unique_ptr<registry::RegistryHarness> registry_;
  Peers peers_;
  const testing::LogKeyFile log_key_;
  // Set before Serve() to name witnesses of the log.
  std::optional<transparency::Policy> policy_;
  std::unique_ptr<LogService> log_;
  std::unique_ptr<NoticeService> notices_;
  std::unique_ptr<FilingService> filings_;
  std::unique_ptr<TerminationService> terminations_;
  std::unique_ptr<EvidenceService> evidence_;
  std::unique_ptr<testing::ServiceHarness> harness_;
};

}  // namespace idea::inventory

#endif  // IDEA_TESTS_SERVICES_INVENTORY_INVENTORY_FIXTURE_H_
