#ifndef IDEA_SERVICES_INVENTORY_NOTICE_NOTICE_SERVICE_H_
#define IDEA_SERVICES_INVENTORY_NOTICE_NOTICE_SERVICE_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/call.h"
#include "common/rpc/peer_client.h"
#include "common/rpc/router.h"
#include "idea/inventory/v1/duty.pb.h"
#include "idea/inventory/v1/filing.pb.h"
#include "idea/inventory/v1/notice.pb.h"
#include "services/inventory/log/log_service.h"
#include "services/inventory/notice/notice_text.h"

namespace idea::inventory {

// Implements idea.inventory.v1.NoticeService, and gives the notices of terminations and last days.
class NoticeService {
 public:
  // `log` gets an entry of every notice. Days are those of `zone`.
  NoticeService(rpc::PeerClient peers, const LogService& log, std::string cdo_entity, absl::TimeZone zone)
      : peers_(std::move(peers)), log_(log), cdo_entity_(std::move(cdo_entity)), zone_(zone) {}

  // Binds every method.
  void Bind(rpc::Router& router);

  // Reads the parties from the registry and the executed revision from drafting. Runs before the transaction.
  absl::StatusOr<NoticeFacts> Gather(const rpc::Context& context, clock::Micros now, v1::Filing filing) const;

  // Gives the notice of a termination in the transaction of the termination; `filing` as it is then.
  absl::Status GiveTermination(rpc::Call& call, const NoticeFacts& facts, const v1::Filing& filing,
                               const v1::TerminateFilingRequest& request) const;

  // Gives the notice that the last day of an agreement has passed, in the transaction in which it ends;
  // `facts` has the filing as it is then. The giver is the Statewide CDO's office.
  absl::Status GiveExpiry(storage::Transaction& db, events::EventRecorder& recorder,
                          const NoticeFacts& facts) const;

 private:
  // The author of a notice or of the completion of a duty, and the transaction.
  struct NoticeAuthor {
    storage::Transaction& db;
    events::EventRecorder& recorder;
    std::string entity;
    std::string person = {};
    std::string person_name = {};
    // Set if the person acts for somebody else.
    std::optional<common::v1::OnBehalf> on_behalf = {};
  };
  static NoticeAuthor AuthorOf(rpc::Call& call);

  // Stores the notice on the filing in `facts` with its log entry, duties and event.
  absl::StatusOr<v1::Notice> Give(const NoticeAuthor& author, const NoticeRule& rule,
                                  const NoticeFacts& facts, const v1::NoticeDetails& details) const;
  // Completes the duties that a notice fulfills.
  static absl::Status Answer(const NoticeAuthor& author, const NoticeRule& rule, const v1::Notice& answer);
  // Stores a duty, which has its note, as done.
  static absl::Status Complete(const NoticeAuthor& author, const v1::Notice& notice, v1::Duty& duty);

  absl::StatusOr<NoticeFacts> GatherForGiving(rpc::Call& call, const v1::GiveNoticeRequest& request);
  absl::StatusOr<v1::GiveNoticeResponse> GiveNotice(rpc::Call& call, const v1::GiveNoticeRequest& request,
                                                    const NoticeFacts& facts);
  absl::StatusOr<v1::GetNoticeResponse> GetNotice(rpc::Call& call, const v1::GetNoticeRequest& request);
  absl::StatusOr<v1::ListNoticesResponse> ListNotices(rpc::Call& call, const v1::ListNoticesRequest& request);
  absl::StatusOr<v1::AcknowledgeNoticeResponse> AcknowledgeNotice(
      rpc::Call& call, const v1::AcknowledgeNoticeRequest& request);
  absl::StatusOr<v1::ListDutiesResponse> ListDuties(rpc::Call& call, const v1::ListDutiesRequest& request);
  absl::StatusOr<v1::CompleteDutyResponse> CompleteDuty(rpc::Call& call,
                                                        const v1::CompleteDutyRequest& request);
  absl::StatusOr<v1::RecordCertificationResponse> RecordCertification(
      rpc::Call& call, const v1::RecordCertificationRequest& request);

  absl::CivilDay DayAt(clock::Micros at) const;
  // Sets the age of a notice or duty.
  v1::Notice WithAge(v1::Notice notice, clock::Micros now) const;
  v1::Duty WithAge(v1::Duty duty, clock::Micros now) const;
  static void RecordEvent(events::EventRecorder& recorder, const v1::Notice& notice, std::string_view type,
                          const std::string& summary);

  const rpc::PeerClient peers_;
  const LogService& log_;
  const std::string cdo_entity_;
  const absl::TimeZone zone_;
};

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_NOTICE_NOTICE_SERVICE_H_
