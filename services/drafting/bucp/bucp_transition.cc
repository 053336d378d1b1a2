#include "services/drafting/bucp/bucp_transition.h"

#include "common/clock/date.h"
#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "common/status/status.h"
#include "services/drafting/bucp/bucp_store.h"
#include "services/drafting/bucp/revision_store.h"
#include "services/drafting/drafting_events.h"
#include "services/drafting/template/gap_rules.h"
#include "services/drafting/template/template_store.h"

namespace idea::drafting {
namespace {

using status::Error;
using status::Reason;

// The guidebook step for changes of an agreement in force, including amendments.
constexpr std::string_view kAmending = "8";

bool IsCurrent(const Freeze& freeze, const v1::Bucp& bucp) {
  return freeze.digest == bucp.frozen_digest() && freeze.number == bucp.freeze_number();
}

absl::Status CheckEtag(const v1::Bucp& bucp, const std::string& etag) {
  if (etag.empty() || etag == bucp.etag()) return absl::OkStatus();
  return Error(Reason::ERROR_REASON_STALE_ETAG, bucp.name() + " was changed since it was read")
      .With("etag", bucp.etag());
}

// Adds to the error of the flow what the caller needs to know next.
absl::Status Explain(const absl::Status& refusal, const std::optional<Freeze>& freeze, const v1::Bucp& bucp,
                     const std::vector<v1::Gap>& gaps) {
  const Reason reason = status::ReasonOf(refusal);
  if (reason == Reason::ERROR_REASON_STEP_NOT_ALLOWED && bucp.state() == v1::STATE_DISPUTED) {
    return Error(Reason::ERROR_REASON_BUCP_ON_HOLD, "a dispute holds " + bucp.name())
        .With("dispute", bucp.dispute());
  }
  if (reason == Reason::ERROR_REASON_FREEZE_MISMATCH) {
    if (freeze->digest != bucp.frozen_digest()) {
      return Error(Reason::ERROR_REASON_DIGEST_MISMATCH, "the digest is not that of the frozen revision")
          .With("digest", bucp.frozen_digest());
    }
    return Error(reason, std::string(refusal.message()))
        .With("freeze_number", std::to_string(bucp.freeze_number()));
  }
  if (reason != Reason::ERROR_REASON_INCOMPLETE) return refusal;
  Error error(reason, std::string(refusal.message()));
  for (const v1::Gap& gap : gaps) error.Precondition("FIELD_REQUIRED", gap.field(), gap.problem());
  return error;
}

// "guidebook step 4", "agreement 6.1".
std::string CitationOf(std::string_view guide) {
  return (guide.starts_with("agreement") ? "" : "guidebook step ") + std::string(guide);
}

using Step = flow::Step<v1::State, BucpFacts>;
using Data = std::unique_ptr<google::protobuf::Message>;

// The data that review needs to route a frozen revision.
Data FrozenData(const v1::Bucp& bucp) {
  auto data = std::make_unique<v1::FrozenRevision>();
  data->set_bucp(bucp.name());
  data->set_title(bucp.title());
  data->set_revision(bucp.frozen_revision());
  data->set_digest(bucp.frozen_digest());
  data->set_freeze_number(bucp.freeze_number());
  *data->mutable_recipients() = bucp.content().recipients();
  *data->mutable_providers() = bucp.content().providers();
  return data;
}

// The data that inventory needs to expect a filing.
Data ExecutedData(const v1::Bucp& bucp) {
  auto data = std::make_unique<v1::ExecutedAgreement>();
  data->set_bucp(bucp.name());
  data->set_title(bucp.title());
  data->set_revision(bucp.frozen_revision());
  data->set_digest(bucp.frozen_digest());
  data->set_freeze_number(bucp.freeze_number());
  *data->mutable_recipients() = bucp.content().recipients();
  *data->mutable_providers() = bucp.content().providers();
  data->set_amends(bucp.amends());
  *data->mutable_execute_time() = bucp.execute_time();
  data->set_disputed(bucp.disputed());
  *data->mutable_create_time() = bucp.create_time();
  return data;
}

// Values before the step, which the step may clear.
struct Before {
  std::string digest;
  std::string dispute;
};

Data MovedData(const Step& step, const v1::Bucp& bucp, const Before& before, const std::string& reason) {
  auto data = std::make_unique<v1::BucpMoved>();
  data->set_bucp(bucp.name());
  data->set_from(step.from);
  data->set_to(step.to);
  data->set_digest(before.digest);
  data->set_freeze_number(bucp.freeze_number());
  data->set_reason(reason);
  data->set_dispute(bucp.dispute().empty() ? before.dispute : bucp.dispute());
  return data;
}

Data DataOf(const Step& step, const v1::Bucp& bucp, const Before& before, const std::string& reason) {
  if (step.tell == kBucpFrozen) return FrozenData(bucp);
  if (step.tell == kBucpExecuted) return ExecutedData(bucp);
  return MovedData(step, bucp, before, reason);
}

absl::StatusOr<bool> AmendsNothingInForce(const StepScope& scope, const v1::Bucp& bucp) {
  if (bucp.amends().empty()) return false;
  ASSIGN_OR_RETURN(const v1::Bucp amended, FindBucp(scope.db, bucp.amends()));
  return !IsInForce(amended, scope.today);
}

}  // namespace

bool IsInForce(const v1::Bucp& bucp, absl::CivilDay today) {
  if (bucp.state() != v1::STATE_EXECUTED && bucp.state() != v1::STATE_FILED) return false;
  const auto& dates = bucp.content().administrative().critical_dates();
  const auto& last = dates.end_date();
  return !dates.has_end_date() || today <= clock::DayOf(last);
}

absl::StatusOr<v1::Bucp> Transition(rpc::Call& call, const StepRequest& request) {
  ASSIGN_OR_RETURN(v1::Bucp bucp, FindVisible(call, request.name));
  const flow::Roles roles = RolesOf(call.caller(), bucp);
  return Transition(ScopeOf(call), request, roles, std::move(bucp));
}

absl::StatusOr<v1::Bucp> Transition(const StepScope& scope, const StepRequest& request, flow::Roles roles,
                                    v1::Bucp bucp) {
  const v1::State from = bucp.state();
  if (request.withdrawn) bucp.set_disputed(bucp.disputed_before());
  // Only guards use these facts. An edit has none.
  std::vector<v1::Gap> gaps, sending;
  bool amends_nothing_in_force = false;
  if (flow::IsGuarded(kBucpFlow, from, request.on)) {
    ASSIGN_OR_RETURN(amends_nothing_in_force, AmendsNothingInForce(scope, bucp));
    ASSIGN_OR_RETURN(const v1::Template bucp_template, FindTemplate(scope.db, bucp.template_()));
    gaps = FindGaps(bucp.content(), bucp.disputed(), bucp_template);
    sending = FindSendingGaps(bucp.content(), bucp.disputed(), bucp_template);
  }
  const BucpFacts facts = {
      .sendable = sending.empty(),
      .complete = gaps.empty(),
      .same_freeze = !request.freeze || IsCurrent(*request.freeze, bucp),
      .same_dispute = request.dispute == bucp.dispute(),
      .held_from = bucp.held_from(),
      .amends_nothing_in_force = amends_nothing_in_force,
  };
  const auto step = flow::Decide(kBucpFlow, from, request.on, roles, facts);
  if (!step.ok()) {
    return Explain(step.status(), request.freeze, bucp, request.on == "SendBucp" ? sending : gaps);
  }
  RETURN_IF_ERROR(CheckEtag(bucp, request.etag));
  const Before before = {bucp.frozen_digest(), bucp.dispute()};
  bucp.set_state(step->to);
  if (request.change) RETURN_IF_ERROR(request.change(bucp));
  // The BUCP is edited again, so it no longer has a frozen revision.
  if (step->to == v1::STATE_SENT) {
    bucp.clear_frozen_revision();
    bucp.clear_frozen_digest();
  }
  std::string reason = request.reason, summary = request.summary;
  if (step->to == v1::STATE_NOT_APPROVED) bucp.clear_execute_time();
  if (step->to == v1::STATE_NOT_APPROVED && step->guide == kAmending) {
    summary = "not approved";
    reason = bucp.amends() + ", which it amends, is no longer in force";
  }
  *bucp.mutable_update_time() = clock::ToProto(scope.recorder.now());
  RETURN_IF_ERROR(SaveBucp(scope.db, from, bucp));
  const std::string citation = CitationOf(step->guide);
  const Data data = DataOf(*step, bucp, before, reason);
  scope.recorder.Record({
      .type = step->tell,
      .subject = bucp.name(),
      .bucp = bucp.name(),
      .audience = AudienceOf(bucp),
      .citation = citation,
      .summary = summary + (reason.empty() ? "" : ": " + reason),
      .data = data.get(),
  });
  return bucp;
}

absl::Status ForgetHold(v1::Bucp& bucp) {
  bucp.clear_dispute();
  bucp.clear_disputed_before();
  bucp.clear_held_from();
  return absl::OkStatus();
}

absl::Status ReleaseFromLostDispute(const StepScope& scope, const v1::BucpMoved& held) {
  ASSIGN_OR_RETURN(v1::Bucp bucp, FindBucp(scope.db, held.bucp()));
  if (bucp.state() != v1::STATE_DISPUTED || bucp.dispute() != held.dispute()) return absl::OkStatus();
  const StepRequest release = {.on = "ReleaseBucp",
                               .name = bucp.name(),
                               .dispute = held.dispute(),
                               .withdrawn = true,
                               .reason = held.dispute() + " was lost when a database was restored",
                               .summary = "released, for the dispute no longer exists",
                               .change = ForgetHold};
  return Transition(scope, release, flow::kDispute, std::move(bucp)).status();
}

absl::StatusOr<v1::Bucp> StartDraft(rpc::Call& call, const v1::Content& content, const DraftOrigin& origin) {
  const bool several = content.recipients_size() > 1 || content.providers_size() > 1;
  ASSIGN_OR_RETURN(const v1::Template chosen, origin.bucp_template.empty()
                                                  ? NewestTemplate(call.db(), several)
                                                  : FindTemplate(call.db(), origin.bucp_template));
  v1::Bucp bucp;
  bucp.set_template_(chosen.name());
  bucp.set_name(ids::kBucps.Name(ids::NewUuid()));
  bucp.set_title(content.business_case().use_case_name().title());
  bucp.set_state(v1::STATE_DRAFT);
  *bucp.mutable_content() = content;
  bucp.set_revision(1);
  bucp.set_amends(origin.amends);
  bucp.set_copied_from(origin.copied_from);
  for (auto* etag : {bucp.mutable_section_etags()->mutable_parties(),
                     bucp.mutable_section_etags()->mutable_business_case(),
                     bucp.mutable_section_etags()->mutable_technical(),
                     bucp.mutable_section_etags()->mutable_administrative()}) {
    *etag = "1";
  }
  *bucp.mutable_create_time() = clock::ToProto(call.now());
  *bucp.mutable_update_time() = clock::ToProto(call.now());
  RETURN_IF_ERROR(InsertBucp(call.db(), bucp));
  RETURN_IF_ERROR(InsertRevision(call.db(), bucp, call.caller(), call.now()));
  const bool amends = !origin.amends.empty();
  call.Record({
      .type = amends ? kAmendmentStarted : kBucpCreated,
      .subject = bucp.name(),
      .bucp = bucp.name(),
      .audience = AudienceOf(bucp),
      .citation = amends ? "guidebook step 8" : "guidebook step 3",
      .summary = amends                       ? "amendment of " + origin.amends + " started"
                 : origin.copied_from.empty() ? "draft started"
                                              : "draft started as a copy of " + origin.copied_from,
  });
  return bucp;
}

}  // namespace idea::drafting
