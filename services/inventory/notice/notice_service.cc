#include "services/inventory/notice/notice_service.h"

#include <algorithm>
#include <set>

#include "common/clock/date.h"
#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "common/listing/limit.h"
#include "common/server/registry_client.h"
#include "common/status/status.h"
#include "common/transparency/leaf_digests.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "services/inventory/filing/filing_access.h"
#include "services/inventory/filing/filing_store.h"
#include "services/inventory/inventory_events.h"
#include "services/inventory/log/log_store.h"
#include "services/inventory/notice/notice_store.h"

namespace idea::inventory {
namespace {

using status::Error;
using status::Reason;

flow::Roles GiverRolesOf(const auth::Caller& caller, const v1::Filing& filing) {
  const bool is_cdo = caller.kind == common::v1::CALLER_KIND_CDO;
  return RolesOf(caller, filing) | (is_cdo ? flow::kCdo : flow::Roles{0});
}

// `what` is a clause such as "the duty is".
absl::Status NotYours(const std::string& what, const std::string& by) {
  return Error(Reason::ERROR_REASON_NOT_YOUR_STEP, what + " of: " + by).With("by", by);
}

v1::LogEntry EntryOf(const v1::Notice& notice) {
  v1::LogEntry entry;
  entry.set_kind(v1::LOG_ENTRY_KIND_NOTICE);
  *entry.mutable_time() = notice.give_time();
  entry.set_filing(notice.filing());
  entry.set_bucp(notice.bucp());
  entry.set_notice(notice.name());
  entry.set_notice_kind(flow::NameOf(notice.kind()));
  entry.set_notice_digest(notice.digest());
  return entry;
}

// As in drafting: if the BUCP says so, or if it does not say and has a section about education records.
bool ConcernsEducationRecords(const drafting::v1::Content& content) {
  const auto answer = content.business_case().data_categories().education_records();
  return answer == drafting::v1::ANSWER_YES ||
         (answer != drafting::v1::ANSWER_NO && content.administrative().has_education_records());
}

constexpr char kTermsOfTheBucp[] = "as the business use case proposal says";
constexpr char kDataOfTheBucp[] = "the data that it names";

v1::NoticeKind KindOf(v1::Grounds grounds) {
  if (grounds == v1::GROUNDS_VIOLATION) return v1::NOTICE_KIND_VIOLATION;
  if (grounds == v1::GROUNDS_NO_LONGER_NEEDED) return v1::NOTICE_KIND_NO_LONGER_NEEDED;
  return grounds == v1::GROUNDS_RECIPIENT_ACTS ? v1::NOTICE_KIND_RECIPIENT_ACTS : v1::NOTICE_KIND_RULE_CHANGE;
}

int DaysBetween(const google::protobuf::Timestamp& from, clock::Micros to) {
  return static_cast<int>((to - clock::FromProto(from)) / clock::kDay);
}

}  // namespace

void NoticeService::Bind(rpc::Router& router) {
  using S = NoticeService;
  router.Bind(this, &S::GatherForGiving, &S::GiveNotice, kLogLane);
  router.Bind(this, &S::GetNotice);
  router.Bind(this, &S::ListNotices);
  router.Bind(this, &S::AcknowledgeNotice);
  router.Bind(this, &S::ListDuties);
  router.Bind(this, &S::CompleteDuty);
  // In the lane of the reminders, so that it sees a reminder that is given at the same time.
  router.Bind(this, &S::RecordCertification, kLogLane);
}

absl::CivilDay NoticeService::DayAt(clock::Micros at) const { return clock::DayOf(at, zone_); }

v1::Notice NoticeService::WithAge(v1::Notice notice, clock::Micros now) const {
  notice.set_age_days(DaysBetween(notice.give_time(), now));
  return notice;
}

v1::Duty NoticeService::WithAge(v1::Duty duty, clock::Micros now) const {
  const bool open = duty.state() == v1::DUTY_STATE_OPEN;
  const clock::Micros until = open ? now : clock::FromProto(duty.complete_time());
  duty.set_age_days(DaysBetween(duty.create_time(), until));
  duty.set_overdue(open && duty.has_due_date() && DayAt(now) > clock::DayOf(duty.due_date()));
  return duty;
}

void NoticeService::RecordEvent(events::EventRecorder& recorder, const v1::Notice& notice,
                                std::string_view type, const std::string& summary) {
  std::set<std::string> audience = {notice.giver()};
  for (const v1::NoticeRecipient& recipient : notice.recipients()) audience.insert(recipient.entity());
  recorder.Record({.type = type,
                   .subject = notice.name(),
                   .bucp = notice.bucp(),
                   .audience = {audience.begin(), audience.end()},
                   .citation = notice.citation(),
                   .summary = summary});
}

absl::StatusOr<NoticeFacts> NoticeService::Gather(const rpc::Context& context, clock::Micros now,
                                                  v1::Filing filing) const {
  NoticeFacts facts;
  facts.cdo_entity = cdo_entity_;
  facts.today = DayAt(now);
  facts.categories.assign(filing.data_categories().begin(), filing.data_categories().end());
  drafting::v1::GetRevisionRequest ask_revision;
  ask_revision.set_name(filing.revision());
  drafting::v1::GetRevisionResponse revision;
  // Drafting has no revision of an agreement that was imported.
  const absl::Status read =
      filing.revision().empty() ? absl::OkStatus() : peers_.Send(context, ask_revision, &revision);
  if (status::ReasonOf(read) != Reason::ERROR_REASON_NOT_FOUND) RETURN_IF_ERROR(read);
  facts.education_records = ConcernsEducationRecords(revision.revision().content());

  const server::RegistryClient registry(peers_, context);
  const auto describe = [&](const std::string& entity) -> absl::Status {
    if (facts.entities.contains(entity)) return absl::OkStatus();
    ASSIGN_OR_RETURN(std::optional<registry::v1::Entity> found, registry.FindEntity(entity));
    registry::v1::Entity& described = facts.entities[entity];
    if (found) described = *std::move(found);
    described.set_name(entity);
    if (!found) return absl::OkStatus();
    ASSIGN_OR_RETURN(facts.contacts[entity], registry.ListContacts(entity));
    return absl::OkStatus();
  };
  for (const auto* side : {&filing.recipients(), &filing.providers()}) {
    for (const std::string& party : *side) {
      RETURN_IF_ERROR(describe(party));
      RETURN_IF_ERROR(describe(AgencyOf(facts.entities[party])));
    }
  }
  RETURN_IF_ERROR(describe(cdo_entity_));
  facts.filing = std::move(filing);
  return facts;
}

absl::StatusOr<NoticeFacts> NoticeService::GatherForGiving(rpc::Call& call,
                                                           const v1::GiveNoticeRequest& request) {
  v1::Filing filing;
  RETURN_IF_ERROR(call.ReadSnapshot([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(filing, FindVisible(db, call.caller(), request.filing()));
    return absl::OkStatus();
  }));
  return Gather(call.context(), call.now(), std::move(filing));
}

absl::StatusOr<v1::GiveNoticeResponse> NoticeService::GiveNotice(rpc::Call& call,
                                                                 const v1::GiveNoticeRequest& request,
                                                                 const NoticeFacts& facts) {
  const NoticeRule* rule = FindRule(request.kind());
  if (rule == nullptr) {
    return Error(Reason::ERROR_REASON_INVALID_FIELD, "kind: a kind of notice")
        .Field("kind", "a kind of notice");
  }
  const std::string citation(rule->citation);
  if ((GiverRolesOf(call.caller(), facts.filing) & rule->givers) == 0) {
    return NotYours("a notice under " + citation + " is", flow::NamesOf(rule->givers));
  }
  // The filing may have changed since the gather step.
  NoticeFacts now = facts;
  ASSIGN_OR_RETURN(now.filing, FindFiling(call.db(), request.filing()));
  if (rule->ends && now.filing.state() == v1::FILING_STATE_ENDED) {
    return Error(Reason::ERROR_REASON_STEP_NOT_ALLOWED, "the agreement has ended")
        .With("state", flow::NameOf(now.filing.state()));
  }
  RETURN_IF_ERROR(listing::CheckLimit(call.db(), listing::kNoticesOnFiling,
                                      "notices WHERE filing = $1 AND giver = $2 AND kind = $3",
                                      {request.filing(), call.caller().entity, int64_t{rule->kind}}));
  v1::GiveNoticeResponse response;
  ASSIGN_OR_RETURN(*response.mutable_notice(), Give(AuthorOf(call), *rule, now, request.details()));
  if (request.validate_only()) {
    response.mutable_notice()->clear_name();
    response.mutable_notice()->clear_digest();
    response.mutable_notice()->clear_leaf();
  }
  return response;
}

NoticeService::NoticeAuthor NoticeService::AuthorOf(rpc::Call& call) {
  const auth::Caller& caller = call.caller();
  return {call.db(), call.recorder(), caller.entity, caller.person, caller.person_name, caller.on_behalf};
}

absl::StatusOr<v1::Notice> NoticeService::Give(const NoticeAuthor& author, const NoticeRule& rule,
                                               const NoticeFacts& facts,
                                               const v1::NoticeDetails& details) const {
  v1::Notice notice;
  notice.set_name(ids::kNotices.Name(ids::NewUuid()));
  notice.set_kind(rule.kind);
  notice.set_filing(facts.filing.name());
  notice.set_bucp(facts.filing.bucp());
  notice.set_giver(author.entity);
  notice.set_person(author.person);
  notice.set_person_name(author.person_name);
  if (author.on_behalf) *notice.mutable_on_behalf() = *author.on_behalf;
  *notice.mutable_details() = details;
  *notice.mutable_give_time() = clock::ToProto(author.recorder.now());
  RETURN_IF_ERROR(WriteNotice(rule, facts, notice));
  notice.set_digest(transparency::NoticeDigest(notice));
  notice.set_state(v1::NOTICE_STATE_GIVEN);
  ASSIGN_OR_RETURN(*notice.mutable_leaf(), log_.Append(author.db, EntryOf(notice)));
  RETURN_IF_ERROR(InsertNotice(author.db, notice));
  for (const v1::Duty& duty : DutiesOf(rule, facts, notice)) {
    std::optional<clock::Micros> due;
    if (duty.has_due_date())
      due = absl::ToUnixMicros(absl::FromCivil(clock::DayOf(duty.due_date()) + 1, zone_));
    RETURN_IF_ERROR(InsertDuty(author.db, duty, due));
  }
  RecordEvent(author.recorder, notice, event::kNoticeGiven, notice.subject());
  RETURN_IF_ERROR(Answer(author, rule, notice));
  return notice;
}

absl::Status NoticeService::Answer(const NoticeAuthor& author, const NoticeRule& rule,
                                   const v1::Notice& answer) {
  std::vector<v1::NoticeKind> kinds(rule.answers.begin(), rule.answers.end());
  std::erase(kinds, v1::NOTICE_KIND_UNSPECIFIED);
  ASSIGN_OR_RETURN(const std::vector<v1::Duty> duties,
                   FindOpenDuties(author.db, answer.filing(), answer.giver(), kinds));
  for (v1::Duty duty : duties) {
    ASSIGN_OR_RETURN(const v1::Notice notice,
                     FindNotice(author.db, ids::Parent(duty.name()), auth::Visibility::All()));
    // The comments are on one of several reports.
    if (notice.details().product() != answer.details().product() &&
        duty.kind() == v1::NOTICE_KIND_STUDY_REPORT)
      continue;
    duty.set_note(answer.subject());
    duty.set_answer(answer.name());
    RETURN_IF_ERROR(Complete(author, notice, duty));
  }
  return absl::OkStatus();
}

absl::Status NoticeService::Complete(const NoticeAuthor& author, const v1::Notice& notice, v1::Duty& duty) {
  duty.set_state(v1::DUTY_STATE_DONE);
  *duty.mutable_complete_time() = clock::ToProto(author.recorder.now());
  duty.set_person(author.person);
  duty.set_person_name(author.person_name);
  if (author.on_behalf) *duty.mutable_on_behalf() = *author.on_behalf;
  RETURN_IF_ERROR(SaveDone(author.db, duty));
  RecordEvent(author.recorder, notice, event::kDutyCompleted, author.entity + ": " + duty.text());
  return absl::OkStatus();
}

absl::Status NoticeService::GiveTermination(rpc::Call& call, const NoticeFacts& facts,
                                            const v1::Filing& filing,
                                            const v1::TerminateFilingRequest& request) const {
  NoticeFacts ended = facts;
  ended.filing = filing;
  v1::NoticeDetails details;
  details.set_description(request.reason());
  details.set_deletion_terms(request.deletion_terms().empty() ? kTermsOfTheBucp : request.deletion_terms());
  if (facts.categories.empty()) details.set_data(kDataOfTheBucp);
  return Give(AuthorOf(call), *FindRule(KindOf(request.grounds())), ended, details).status();
}

absl::Status NoticeService::GiveExpiry(storage::Transaction& db, events::EventRecorder& recorder,
                                       const NoticeFacts& facts) const {
  v1::NoticeDetails details;
  *details.mutable_date() = facts.filing.end_date();
  if (facts.categories.empty()) details.set_data(kDataOfTheBucp);
  return Give({db, recorder, cdo_entity_}, *FindRule(v1::NOTICE_KIND_LAST_DAY_OVER), facts, details).status();
}

absl::StatusOr<v1::GetNoticeResponse> NoticeService::GetNotice(rpc::Call& call,
                                                               const v1::GetNoticeRequest& request) {
  v1::GetNoticeResponse response;
  ASSIGN_OR_RETURN(v1::Notice notice, FindNotice(call.db(), request.name(), VisibilityOf(call.caller())));
  *response.mutable_notice() = WithAge(std::move(notice), call.now());
  return response;
}

absl::StatusOr<v1::ListNoticesResponse> NoticeService::ListNotices(rpc::Call& call,
                                                                   const v1::ListNoticesRequest& request) {
  ASSIGN_OR_RETURN(auto response, inventory::ListNotices(call.db(), request, VisibilityOf(call.caller())));
  for (v1::Notice& notice : *response.mutable_notices()) notice = WithAge(notice, call.now());
  return response;
}

absl::StatusOr<v1::AcknowledgeNoticeResponse> NoticeService::AcknowledgeNotice(
    rpc::Call& call, const v1::AcknowledgeNoticeRequest& request) {
  const auth::Caller& caller = call.caller();
  ASSIGN_OR_RETURN(v1::Notice notice, FindNotice(call.db(), request.name(), VisibilityOf(caller)));
  ASSIGN_OR_RETURN(const int64_t version, VersionOf(call.db(), request.name()));
  auto& recipients = *notice.mutable_recipients();
  const auto mine = std::find_if(recipients.begin(), recipients.end(),
                                 [&](const auto& recipient) { return recipient.entity() == caller.entity; });
  if (mine == recipients.end()) return NotYours("an acknowledgement is", "an addressee of the notice");
  if (mine->has_acknowledge_time()) {
    return Error(Reason::ERROR_REASON_ALREADY_DONE, caller.entity + " has acknowledged the notice");
  }
  *mine->mutable_acknowledge_time() = clock::ToProto(call.now());
  mine->set_person(caller.person);
  mine->set_person_name(caller.person_name);
  if (caller.on_behalf) *mine->mutable_on_behalf() = *caller.on_behalf;
  if (std::all_of(recipients.begin(), recipients.end(),
                  [](const auto& recipient) { return recipient.has_acknowledge_time(); })) {
    notice.set_state(v1::NOTICE_STATE_ACKNOWLEDGED);
  }
  RETURN_IF_ERROR(SaveNotice(call.db(), notice, version));
  RecordEvent(call.recorder(), notice, event::kNoticeAcknowledged,
              caller.entity + " acknowledged: " + notice.subject());
  v1::AcknowledgeNoticeResponse response;
  *response.mutable_notice() = WithAge(std::move(notice), call.now());
  return response;
}

absl::StatusOr<v1::ListDutiesResponse> NoticeService::ListDuties(rpc::Call& call,
                                                                 const v1::ListDutiesRequest& request) {
  ASSIGN_OR_RETURN(auto response, inventory::ListDuties(call.db(), request, VisibilityOf(call.caller())));
  for (v1::Duty& duty : *response.mutable_duties()) duty = WithAge(duty, call.now());
  return response;
}

absl::StatusOr<v1::CompleteDutyResponse> NoticeService::CompleteDuty(rpc::Call& call,
                                                                     const v1::CompleteDutyRequest& request) {
  const auth::Caller& caller = call.caller();
  ASSIGN_OR_RETURN(const v1::Notice notice,
                   FindNotice(call.db(), ids::Parent(request.name()), VisibilityOf(caller)));
  ASSIGN_OR_RETURN(v1::Duty duty, FindDuty(call.db(), request.name()));
  if (duty.entity() != caller.entity) return NotYours("the duty is", duty.entity());
  if (duty.state() == v1::DUTY_STATE_DONE)
    return Error(Reason::ERROR_REASON_ALREADY_DONE, "the duty is done");
  duty.set_note(request.note());
  RETURN_IF_ERROR(Complete(AuthorOf(call), notice, duty));
  v1::CompleteDutyResponse response;
  *response.mutable_duty() = WithAge(std::move(duty), call.now());
  return response;
}

absl::StatusOr<v1::RecordCertificationResponse> NoticeService::RecordCertification(
    rpc::Call& call, const v1::RecordCertificationRequest& request) {
  const std::string entity = ids::Parent(request.certification());
  ASSIGN_OR_RETURN(
      const std::vector<v1::Duty> duties,
      FindOpenDuties(call.db(), entity, kAnsweredByCertification, clock::FromProto(request.record_time())));
  const NoticeAuthor author = {call.db(), call.recorder(), entity, request.person()};
  v1::RecordCertificationResponse response;
  for (v1::Duty duty : duties) {
    ASSIGN_OR_RETURN(const v1::Notice notice,
                     FindNotice(call.db(), ids::Parent(duty.name()), auth::Visibility::All()));
    duty.set_note("certification of " + ids::kCertifications.IdIn(request.certification()));
    duty.set_answer(request.certification());
    RETURN_IF_ERROR(Complete(author, notice, duty));
    response.add_duties(duty.name());
  }
  call.Record({.type = event::kCertificationRecorded,
               .subject = request.certification(),
               .citation = "agreement 5.16",
               .summary = "Closed " + std::to_string(duties.size()) + " duties."});
  return response;
}

}  // namespace idea::inventory
