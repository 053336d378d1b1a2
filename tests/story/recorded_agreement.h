#ifndef IDEA_TESTS_STORY_RECORDED_AGREEMENT_H_
#define IDEA_TESTS_STORY_RECORDED_AGREEMENT_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/digest/digest.h"
#include "common/storage/database.h"
#include "common/transparency/leaf_digests.h"
#include "idea/dispute/v1/deidentification.pb.h"
#include "idea/inventory/v1/exchange_service.pb.h"
#include "idea/inventory/v1/inventory.pb.h"
#include "idea/inventory/v1/notice_service.pb.h"
#include "idea/inventory/v1/review_date.pb.h"
#include "tests/story/with_ideactl.h"
#include "tests/support/tokens/token_issuer.h"

namespace idea::story {

namespace inv = inventory::v1;

// A record and, of an opinion, its version; and the digest of its message. Of the keys of an entity, each is
// a record.
using RecordDigests = std::map<std::pair<std::string, int32_t>, std::string>;

// An agreement with a record of every kind that the log covers: a dispute that was withdrawn, an opinion with
// an amendment and a reconciled concern, signatures with and without a JWS, a filing, a notice with an
// acknowledgement and duties, a transfer and a review date.
class RecordedAgreement : public WithIdeactl {
 protected:
  void SetUp() override {
    WithIdeactl::SetUp();
    if (IsSkipped()) return;
    issuer_.AddEcKey("signer");
    SetKey(kX, "cdss-sponsor");
    Record();
  }

  // Gives the contact of a person a new signing key.
  void SetKey(const std::string& entity, const std::string& person) {
    registry::v1::UpdateContactRequest request;
    request.mutable_contact()->set_name(entity + "/contacts/" + person);
    request.mutable_contact()->set_public_key(issuer_.PublicKey("signer"));
    request.mutable_update_mask()->add_paths("public_key");
    Must<registry::v1::UpdateContactResponse>(entity, keepers_[entity], request);
  }

  void Record() {
    drafting::v1::CreateBucpRequest create;
    *create.mutable_content() = content_;
    bucp_ = Must<drafting::v1::CreateBucpResponse>(kX, "p", create).bucp().name();
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
    GiveOpinions();
    WithdrawADispute();
    SignWithJws();
    Must<review::v1::SignBucpResponse>(kY, "dhcs-sponsor", Signing(review::v1::CAPACITY_EXECUTIVE_SPONSOR));
    Must<review::v1::SignBucpResponse>(kX, "cdss-coordinator",
                                       Signing(review::v1::CAPACITY_DATA_COORDINATOR));
    Must<review::v1::SignBucpResponse>(kY, "dhcs-coordinator",
                                       Signing(review::v1::CAPACITY_DATA_COORDINATOR));
    Await("an execution", [&] { return BucpAs(kX).state() == drafting::v1::STATE_EXECUTED; });
    RecordInTheRegister();
    RecordStatements();
    ReviewDeidentifiedData();
  }

  void RecordStatements() {
    registry::v1::CreateCertificationRequest certify;
    certify.set_parent(kX);
    certify.mutable_certification()->mutable_certify_date()->set_year(2026);
    certify.mutable_certification()->mutable_certify_date()->set_month(1);
    certify.mutable_certification()->mutable_certify_date()->set_day(2);
    certify.mutable_certification()->set_certified_by("Mx. Officer");
    certify.mutable_certification()->set_evidence("binder 7");
    certification_ =
        Must<registry::v1::CreateCertificationResponse>(kX, keepers_[kX], certify).certification().name();
    registry::v1::CreateDelegationRequest delegate;
    delegate.set_parent(kX);
    delegate.mutable_delegation()->set_principal(std::string(kX) + "/contacts/cdss-coordinator");
    delegate.mutable_delegation()->set_delegate(std::string(kX) + "/contacts/p");
    delegate.mutable_delegation()->add_roles(common::v1::CONTACT_ROLE_DATA_COORDINATOR);
    delegate.mutable_delegation()->mutable_end_time()->set_seconds(4'000'000'000);
    delegation_ =
        Must<registry::v1::CreateDelegationResponse>(kX, "cdss-coordinator", delegate).delegation().name();
  }

  void ReviewDeidentifiedData() {
    dispute::v1::SubmitDeidentificationRequest submit;
    submit.set_bucp(bucp_);
    submit.set_description("a table of counties and months");
    submit.set_method("cells of less than 11 are suppressed");
    submit.set_intended_use("a public report");
    review_ = Must<dispute::v1::SubmitDeidentificationResponse>(kX, "p", submit).deidentification().name();
    dispute::v1::AnswerDeidentificationRequest answer;
    answer.set_name(review_);
    answer.set_assessment(dispute::v1::ASSESSMENT_ACCEPTS);
    answer.set_text("no cell is small");
    Must<dispute::v1::AnswerDeidentificationResponse>(kY, "p", answer);
  }

  void GiveOpinions() {
    for (const char* entity : {kX, kY}) {
      for (const auto discipline :
           {review::v1::DISCIPLINE_LEGAL, review::v1::DISCIPLINE_PRIVACY, review::v1::DISCIPLINE_SECURITY}) {
        review::v1::RegisterOpinionRequest opinion;
        opinion.set_routing(routing_);
        opinion.set_discipline(discipline);
        opinion.set_position(review::v1::POSITION_CONCERNS);
        opinion.set_text("one question");
        opinion.set_digest(digest_);
        review::v1::Concern& concern = *opinion.add_concerns();
        concern.set_kind(review::v1::CONCERN_KIND_QUESTION);
        concern.set_text("Who?");
        concern.set_state(review::v1::CONCERN_STATE_OPEN);
        opinion_ = Must<review::v1::RegisterOpinionResponse>(entity, "p", opinion).opinion().name();
      }
    }
    review::v1::ReconcileConcernRequest reconcile;
    reconcile.set_name(opinion_);
    reconcile.set_number(1);
    reconcile.set_resolution("the unit that asked");
    Must<review::v1::ReconcileConcernResponse>(kY, "p", reconcile);
    review::v1::AmendOpinionRequest amend;
    amend.set_name(opinion_);
    amend.set_position(review::v1::POSITION_SUPPORTS);
    amend.set_text("no concern is left");
    amend.set_digest(digest_);
    Must<review::v1::AmendOpinionResponse>(kY, "p", amend);
  }

  void WithdrawADispute() {
    const absl::StatusOr<dispute::v1::OpenDisputeResponse> opened = Object();
    ASSERT_THAT(opened, IsOk());
    dispute_ = opened->dispute().name();
    Await("a hold", [&] { return RoutingAs(kX).state() == review::v1::ROUTING_STATE_HELD; });
    dispute::v1::WithdrawDisputeRequest withdraw;
    withdraw.set_name(dispute_);
    withdraw.set_reason("agreed");
    Must<dispute::v1::WithdrawDisputeResponse>(kY, "p", withdraw);
    Await("a release", [&] { return RoutingAs(kX).state() == review::v1::ROUTING_STATE_SPONSORS; });
  }

  review::v1::SignBucpRequest Signing(review::v1::Capacity capacity) const {
    review::v1::SignBucpRequest sign;
    sign.set_routing(routing_);
    sign.set_capacity(capacity);
    sign.set_digest(digest_);
    return sign;
  }
  void SignWithJws() {
    const review::v1::Routing routing = RoutingAs(kX);
    review::v1::SignatureClaim claim;
    claim.set_revision(routing.revision());
    claim.set_digest(digest_);
    claim.set_freeze_number(routing.freeze_number());
    claim.set_entity(kX);
    claim.set_capacity(review::v1::CAPACITY_EXECUTIVE_SPONSOR);
    claim.set_contact(std::string(kX) + "/contacts/cdss-sponsor");
    claim.set_contact_revision(2);
    const std::string jws = issuer_.Sign(R"({"alg":"ES256"})", digest::CanonicalJson(claim), "signer");
    review::v1::SignBucpRequest sign = Signing(review::v1::CAPACITY_EXECUTIVE_SPONSOR);
    sign.set_jws(jws.substr(0, jws.find('.')) + ".." + jws.substr(jws.rfind('.') + 1));
    signature_ = Must<review::v1::SignBucpResponse>(kX, "cdss-sponsor", sign).signature().name();
  }

  void RecordInTheRegister() {
    inv::FileBucpRequest file;
    file.set_bucp(bucp_);
    file.set_digest(digest_);
    filing_ = Must<inv::FileBucpResponse>(kX, "cdss-coordinator", file).filing().name();
    inv::GiveNoticeRequest notice;
    notice.set_filing(filing_);
    notice.set_kind(inv::NOTICE_KIND_SECURITY_INCIDENT);
    notice.mutable_details()->set_description("A laptop with an encrypted disk was stolen.");
    notice_ = Must<inv::GiveNoticeResponse>(kX, "cdss-coordinator", notice).notice().name();
    inv::AcknowledgeNoticeRequest acknowledge;
    acknowledge.set_name(notice_);
    Must<inv::AcknowledgeNoticeResponse>(kY, "dhcs-coordinator", acknowledge);
    inv::ListDutiesRequest list;
    list.set_filter("entity = \"" + std::string(kX) + "\"");
    duty_ = Must<inv::ListDutiesResponse>(kX, "", list).duties(0).name();
    inv::CompleteDutyRequest complete;
    complete.set_name(duty_);
    complete.set_note("sent what was asked for");
    Must<inv::CompleteDutyResponse>(kX, "cdss-coordinator", complete);
    notice.set_kind(inv::NOTICE_KIND_UNAUTHORIZED_ACCESS);
    open_notice_ = Must<inv::GiveNoticeResponse>(kX, "cdss-coordinator", notice).notice().name();
    inv::RecordTransferRequest transfer;
    transfer.set_parent(filing_);
    transfer.set_provider(kY);
    transfer.set_recipient(kX);
    transfer.set_record_count(12);
    transfer.set_digest(std::string(64, 'c'));
    transfer_ = Must<inv::RecordTransferResponse>(kY, "", transfer).transfer().name();
    inv::RecordReviewRequest review;
    review.set_filing(filing_);
    review.set_outcome(inv::REVIEW_OUTCOME_STILL_RIGHT);
    review.set_note("no rule has changed");
    review.mutable_next_review_date()->set_year(2099);
    review.mutable_next_review_date()->set_month(1);
    review.mutable_next_review_date()->set_day(2);
    Must<inv::RecordReviewResponse>(kX, "cdss-coordinator", review);
  }

  int64_t LogSize() { return Must<inv::GetCheckpointResponse>(kCdo, "", inv::GetCheckpointRequest()).size(); }
  std::vector<inv::LogEntry> Entries() {
    std::vector<inv::LogEntry> entries;
    const int64_t size = LogSize();
    for (int64_t i = 0; i < size; ++i) {
      inv::GetInclusionProofRequest request;
      request.set_leaf_index(i);
      request.set_tree_size(size);
      const std::string text = Must<inv::GetInclusionProofResponse>(kCdo, "", request).leaf().entry();
      EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(text, &entries.emplace_back()).ok()) << text;
    }
    return entries;
  }
  // The last digest of each record in the log.
  RecordDigests LoggedDigests() {
    RecordDigests logged;
    for (const inv::LogEntry& entry : Entries()) {
      if (entry.record().empty()) continue;
      const bool is_key = entry.kind() == inv::LOG_ENTRY_KIND_CONTACT_KEY;
      logged[{entry.record() + (is_key ? "@" + entry.record_digest() : ""), entry.version()}] =
          entry.record_digest();
    }
    return logged;
  }

  // The digest of each record, as the Statewide CDO's office reads them.
  RecordDigests Stored() {
    using transparency::RecordDigest;
    RecordDigests stored;
    const auto add = [&](const std::string& name, const std::string& digest, int32_t version = 0) {
      stored[{name, version}] = digest;
    };
    const drafting::v1::Bucp bucp = BucpAs(kCdo);
    add(bucp.name(), transparency::ExecutionDigest(bucp));
    drafting::v1::GetRevisionRequest revision;
    revision.set_name(bucp.frozen_revision());
    add(bucp.frozen_revision(),
        RecordDigest(Must<drafting::v1::GetRevisionResponse>(kCdo, "", revision).revision()));
    AddReview(add);
    dispute::v1::GetDisputeRequest dispute;
    dispute.set_name(dispute_);
    add(dispute_, RecordDigest(Must<dispute::v1::GetDisputeResponse>(kCdo, "", dispute).dispute()));
    AddRegister(add);
    AddRegistry(add);
    dispute::v1::GetDeidentificationRequest review;
    review.set_name(review_);
    add(review_,
        RecordDigest(Must<dispute::v1::GetDeidentificationResponse>(kCdo, "", review).deidentification()));
    return stored;
  }
  template <class Add>
  void AddReview(const Add& add) {
    review::v1::ListOpinionsRequest opinions;
    opinions.set_parent(routing_);
    const auto found_opinions = Must<review::v1::ListOpinionsResponse>(kCdo, "", opinions);
    for (const auto& each : found_opinions.opinions()) {
      add(each.name(), transparency::RecordDigest(each), each.version());
      review::v1::ListOpinionVersionsRequest versions;
      versions.set_parent(each.name());
      const auto found_versions = Must<review::v1::ListOpinionVersionsResponse>(kCdo, "", versions);
      for (const auto& before : found_versions.opinions())
        add(before.name(), transparency::RecordDigest(before), before.version());
    }
    review::v1::ListSignaturesRequest signatures;
    signatures.set_parent(routing_);
    const auto found_signatures = Must<review::v1::ListSignaturesResponse>(kCdo, "", signatures);
    for (const auto& each : found_signatures.signatures()) add(each.name(), transparency::RecordDigest(each));
  }
  template <class Add>
  void AddRegister(const Add& add) {
    const auto found_notices = Must<inv::ListNoticesResponse>(kCdo, "", inv::ListNoticesRequest());
    for (const auto& notice : found_notices.notices()) {
      if (notice.name() == notice_) add(notice.name(), transparency::RecordDigest(notice));
    }
    const auto found_duties = Must<inv::ListDutiesResponse>(kCdo, "", inv::ListDutiesRequest());
    for (const auto& duty : found_duties.duties()) add(duty.name(), transparency::RecordDigest(duty));
    inv::ListTransfersRequest transfers;
    transfers.set_parent(filing_);
    const auto found_transfers = Must<inv::ListTransfersResponse>(kCdo, "", transfers);
    for (const auto& each : found_transfers.transfers()) add(each.name(), transparency::RecordDigest(each));
    const auto found_reviews = Must<inv::ListReviewDatesResponse>(kCdo, "", inv::ListReviewDatesRequest());
    for (const auto& each : found_reviews.reviews()) add(each.filing(), transparency::RecordDigest(each));
  }
  template <class Add>
  void AddRegistry(const Add& add) {
    for (const char* entity : {kX, kY}) {
      registry::v1::ListAccessionsRequest accessions;
      accessions.set_parent(entity);
      const auto found_accessions = Must<registry::v1::ListAccessionsResponse>(kCdo, "", accessions);
      for (const auto& each : found_accessions.accessions())
        add(each.name(), transparency::RecordDigest(each));
    }
    registry::v1::ListCertificationsRequest certifications;
    certifications.set_parent(kX);
    const auto found_certifications =
        Must<registry::v1::ListCertificationsResponse>(kCdo, "", certifications);
    for (const auto& each : found_certifications.certifications())
      add(each.name(), transparency::RecordDigest(each));
    registry::v1::ListDelegationsRequest delegations;
    delegations.set_parent(kX);
    const auto found_delegations = Must<registry::v1::ListDelegationsResponse>(kCdo, "", delegations);
    for (const auto& each : found_delegations.delegations())
      add(each.name(), transparency::RecordDigest(each));
    registry::v1::GetContactRequest contact;
    contact.set_name(std::string(kX) + "/contacts/cdss-sponsor");
    const std::string key =
        transparency::ContactKeyDigest(Must<registry::v1::GetContactResponse>(kCdo, "", contact).contact());
    add(std::string(kX) + "@" + key, key);
  }

  // The database of a service.
  std::string AddressOf(const std::string& service) const {
    std::string address = places_->address();
    return address.replace(address.find("{service}"), 9, service);
  }
  // Changes the database of a service while nobody serves.
  void Edit(const std::string& service, const std::vector<std::string>& statements) {
    server_.reset();
    {
      const auto database = storage::Open(AddressOf(service));
      ASSERT_THAT(database, IsOk());
      EXPECT_THAT((*database)->Write([&](storage::Transaction& db) -> absl::Status {
        for (const std::string& statement : statements) RETURN_IF_ERROR(db.Execute(statement, {}).status());
        return absl::OkStatus();
      }),
                  IsOk());
    }
    Open();
    WriteContext();
  }

  testing::TokenIssuer issuer_;
  std::string opinion_, dispute_, signature_, filing_, notice_, open_notice_, duty_, transfer_,
      certification_, delegation_, review_;
};

}  // namespace idea::story

#endif  // IDEA_TESTS_STORY_RECORDED_AGREEMENT_H_
