#include <algorithm>
#include <functional>

#include "common/events/events.h"
#include "common/storage/database.h"
#include "tests/story/two_departments.h"

// A whole dispute with every service dropped and opened again before and after each step, and each step sent
// twice.
namespace idea::story {
namespace {

using dispute::v1::Dispute;

class DisputeRestart : public TwoDepartments {
 protected:
  // A write of a person. With the same request id it is the same call.
  using Deed = std::function<void(const std::string& request_id)>;

  // A request on the dispute.
  template <class Request>
  Request On(const std::string& request_id) {
    Request request;
    request.set_name(dispute_);
    request.set_request_id(request_id);
    return request;
  }
  Deed Opens() {
    return [this](const std::string& id) {
      dispute::v1::OpenDisputeRequest open;
      open.set_bucp(bucp_);
      open.set_category(dispute::v1::CATEGORY_PROVIDER_OBJECTS);
      open.set_objection("too wide");
      open.set_request_id(id);
      dispute_ = Must<dispute::v1::OpenDisputeResponse>(kY, "p", open).dispute().name();
    };
  }
  Deed Meets(const std::string& entity, const std::string& person) {
    return [=, this](const std::string& id) {
      auto meet = On<dispute::v1::RecordMeetingRequest>(id);
      meet.mutable_meeting()->mutable_date()->set_year(2026);
      meet.mutable_meeting()->mutable_date()->set_month(1);
      meet.mutable_meeting()->mutable_date()->set_day(5);
      meet.mutable_meeting()->add_attendees("both coordinators");
      meet.mutable_meeting()->set_summary("closer");
      Must<dispute::v1::RecordMeetingResponse>(entity, person, meet);
    };
  }
  Deed Escalates(const std::string& entity, const std::string& person) {
    return [=, this](const std::string& id) {
      auto escalate = On<dispute::v1::EscalateDisputeRequest>(id);
      escalate.set_recommendation("share it");
      Must<dispute::v1::EscalateDisputeResponse>(entity, person, escalate);
    };
  }
  Deed States(const std::string& entity, const std::string& person) {
    return [=, this](const std::string& id) {
      auto submit = On<dispute::v1::SubmitStatementRequest>(id);
      submit.set_text("our side");
      Must<dispute::v1::SubmitStatementResponse>(entity, person, submit);
    };
  }
  Deed Amends(const std::string& entity, const std::string& person) {
    return [=, this](const std::string& id) {
      auto amend = On<dispute::v1::AmendStatementRequest>(id);
      amend.set_text("our side, shorter");
      Must<dispute::v1::AmendStatementResponse>(entity, person, amend);
    };
  }
  Deed Decides(const std::string& entity, const std::string& person, dispute::v1::Decision decision) {
    return [=, this](const std::string& id) {
      auto decide = On<dispute::v1::DecideDisputeRequest>(id);
      decide.set_decision(decision);
      decide.set_reasons("the program depends on it");
      Must<dispute::v1::DecideDisputeResponse>(entity, person, decide);
    };
  }
  Deed SignsLast() {
    return [this](const std::string& id) {
      Await("release", [&] { return RoutingAs(kY).state() != review::v1::ROUTING_STATE_HELD; });
      review::v1::SignBucpRequest sign;
      sign.set_routing(routing_);
      sign.set_capacity(review::v1::CAPACITY_DATA_COORDINATOR);
      sign.set_digest(digest_);
      sign.set_request_id(id);
      Must<review::v1::SignBucpResponse>(kY, "dhcs-coordinator", sign);
    };
  }
  std::vector<Deed> ByTheGuidebook() {
    return {Opens(),
            Meets(kX, "officer"),
            Escalates(kY, "officer"),
            States(kX, "p"),
            Amends(kX, "p"),
            States(kY, "p"),
            Meets(kCdo, "cdo"),
            Escalates(kCdo, "cdo"),
            Decides(kGovernor, "governor", dispute::v1::DECISION_APPROVE),
            SignsLast()};
  }
  std::vector<Deed> ByTheAgreement() {
    return {Opens(),
            Meets(kX, "officer"),
            Escalates(kY, "officer"),
            States(kX, "officer"),
            Amends(kX, "officer"),
            States(kY, "officer"),
            Meets(kCdo, "cdo"),
            Escalates(kCdo, "cdo"),
            Decides(kX, "undersecretary", dispute::v1::DECISION_APPROVE),
            Decides(kY, "undersecretary", dispute::v1::DECISION_DENY),
            Meets(kCdo, "cdo"),
            Escalates(kCdo, "cdo"),
            Decides(kGovernor, "governor", dispute::v1::DECISION_APPROVE),
            SignsLast()};
  }

  // Plays them all up to the executed agreement and says what is left of it: every event of the BUCP in the
  // logs of its services, and every step of the dispute.
  std::vector<std::string> Play(const std::vector<Deed>& deeds, bool restarts) {
    PrepareUpToTheLastSignature();
    // In some cases drafting receives the opinions during or after the dispute.
    Await("signing", [&] { return BucpAs(kX).state() == drafting::v1::STATE_SIGNING; });
    bool held = false;
    for (const Deed& deed : deeds) {
      const std::string id = ids::NewUuid();
      if (restarts) Open();
      deed(id);
      if (restarts) {
        Open();
        deed(id);
      }
      // Another test covers a release that arrives at review before its hold.
      if (!held) Await("hold", [&] { return RoutingAs(kX).state() == review::v1::ROUTING_STATE_HELD; });
      held = true;
    }
    Await("execution",
          [&] { return BucpAs(kX).state() == drafting::v1::STATE_EXECUTED && FilingsAs(kX).size() == 1; });
    std::vector<std::string> left;
    dispute::v1::GetDisputeRequest get;
    get.set_name(dispute_);
    const Dispute dispute = Must<dispute::v1::GetDisputeResponse>(kX, "", get).dispute();
    for (dispute::v1::DisputeStep step : dispute.history()) {
      step.clear_time();
      left.push_back(step.ShortDebugString());
    }
    for (const dispute::v1::Statement& statement : dispute.statements()) left.push_back(statement.text());
    left.push_back(std::to_string(dispute.meetings_size()) + " meetings");
    for (const char* service : {"drafting", "review", "dispute", "inventory"}) AddEvents(service, left);
    return left;
  }
  void AddEvents(const std::string& service, std::vector<std::string>& left) {
    std::string address = places_->address();
    const std::string what = "{service}";
    address.replace(address.find(what), what.size(), service);
    const auto database = storage::Open(address);
    ASSERT_THAT(database, IsOk());
    std::vector<std::string> types;
    ASSERT_THAT((*database)->Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(const auto logged, events::ReadOf(db, bucp_, {}, 1000));
      for (const events::LoggedEvent& one : logged) types.push_back(service + ": " + one.event.type());
      return absl::OkStatus();
    }),
                IsOk());
    left.insert(left.end(), types.begin(), types.end());
  }

  std::string dispute_;
};

TEST_P(DisputeRestart, AtEveryStepOfTheGuidebookEndsAsIfNothingHadHappened) {
  const auto calm = Play(ByTheGuidebook(), false);
  EXPECT_EQ(std::count(calm.begin(), calm.end(), "review: OpinionsCompleted"), 1)
      << "drafting received it before the dispute";
  EXPECT_THAT(Play(ByTheGuidebook(), true), ::testing::ElementsAreArray(calm));
}

TEST_P(DisputeRestart, AtEveryStepOfTheAgreementEndsAsIfNothingHadHappened) {
  settings_["IDEA_DISPUTES_BY_AGREEMENT"] = "true";
  Open();
  const auto calm = Play(ByTheAgreement(), false);
  EXPECT_THAT(Play(ByTheAgreement(), true), ::testing::ElementsAreArray(calm));
}

// The Data Recipient gives up while the dispute holds the BUCP; everything is dropped before and after, and
// the call is sent twice.
TEST_P(DisputeRestart, WhenTheRecipientWithdrawsEndsTheDispute) {
  PrepareUpToTheLastSignature();
  Opens()(ids::NewUuid());
  Await("hold", [&] { return RoutingAs(kX).state() == review::v1::ROUTING_STATE_HELD; });
  drafting::v1::WithdrawBucpRequest withdraw;
  withdraw.set_name(bucp_);
  withdraw.set_reason("program ended");
  withdraw.set_request_id(ids::NewUuid());
  for (int sent = 0; sent < 2; ++sent) {
    Open();
    Must<drafting::v1::WithdrawBucpResponse>(kX, "cdss-coordinator", withdraw);
  }
  Open();
  Await("end of the dispute", [&] {
    return DisputesAs(kY).front().state() == dispute::v1::STATE_WITHDRAWN &&
           RoutingAs(kY).state() == review::v1::ROUTING_STATE_CLOSED;
  });
  EXPECT_EQ(BucpAs(kY).state(), drafting::v1::STATE_WITHDRAWN);
  EXPECT_EQ(DisputesAs(kY).front().outcome(), "The Data Recipient withdrew the BUCP: program ended");
}

INSTANTIATE_TEST_SUITE_P(Every, DisputeRestart, ::testing::ValuesIn(testing::Backends()),
                         testing::BackendName);

}  // namespace
}  // namespace idea::story
