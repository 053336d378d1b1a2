#include <cstdlib>
#include <functional>
#include <random>

#include "tests/story/two_departments.h"

// Whatever people do, in whatever order and at the same moment: in the end somebody is asked for the next
// step, or it is over.
namespace idea::story {
namespace {

using dispute::v1::Dispute;
using drafting::v1::Bucp;
using review::v1::Routing;

// As many walks as WALKS says; a few to see that it holds.
int Walks() {
  const char* walks = std::getenv("WALKS");
  return walks == nullptr ? 6 : std::atoi(walks);
}
constexpr int kMoments = 40;

// The states of one BUCP in the services.
struct Standing {
  Bucp bucp;
  Routing routing;
  std::optional<Dispute> dispute;  // an open one
  int tasks = 0;                   // that can be done now
  int filings = 0;

  bool IsRouted() const {
    return !routing.name().empty() && routing.state() != review::v1::ROUTING_STATE_CLOSED;
  }
  bool IsHeld() const { return dispute && dispute->holds(); }
  bool IsAsked() const {
    return IsRouted() && routing.digest() == bucp.frozen_digest() && tasks > 0 && !IsHeld();
  }

  // Whether the services agree and somebody is asked for the next step, or it is over.
  bool GoesOn() const {
    if (dispute && dispute->waits_for().empty()) return false;
    switch (bucp.state()) {
      case drafting::v1::STATE_DRAFT:  // The parties write.
      case drafting::v1::STATE_SENT:
      case drafting::v1::STATE_WITHDRAWN:
      case drafting::v1::STATE_NOT_APPROVED:
        return !IsRouted() && !IsHeld() && tasks == 0;
      case drafting::v1::STATE_IN_REVIEW:
        return IsAsked() && routing.state() == review::v1::ROUTING_STATE_OPINIONS;
      case drafting::v1::STATE_SIGNING:
        return IsAsked() && (routing.state() == review::v1::ROUTING_STATE_SPONSORS ||
                             routing.state() == review::v1::ROUTING_STATE_COORDINATORS ||
                             // A department replaces an opinion that was carried over.
                             routing.state() == review::v1::ROUTING_STATE_OPINIONS);
      case drafting::v1::STATE_DISPUTED:
        return IsHeld() && dispute->name() == bucp.dispute() && tasks == 0 &&
               (IsRouted() ? routing.state() == review::v1::ROUTING_STATE_HELD
                           : bucp.held_from() == drafting::v1::STATE_SENT);
      case drafting::v1::STATE_EXECUTED:
        return routing.state() == review::v1::ROUTING_STATE_COMPLETE && filings == 1 && !IsHeld();
      default:
        return false;
    }
  }
  std::string Text() const {
    return drafting::v1::State_Name(bucp.state()) + ", " + review::v1::RoutingState_Name(routing.state()) +
           ", " + std::to_string(tasks) + " tasks, dispute " +
           (dispute ? dispute::v1::State_Name(dispute->state()) : "none") + ", filings " +
           std::to_string(filings);
  }
};

class NeverStuck : public TwoDepartments {
 protected:
  using Deed = std::pair<std::string, std::function<absl::Status()>>;

  Standing ReadStanding() {
    Standing standing;
    standing.bucp = BucpAs(kX);
    standing.routing = RoutingAs(kX);
    for (const Dispute& one : DisputesAs(kX)) {
      dispute::v1::GetDisputeRequest get;
      get.set_name(one.name());
      const Dispute whole = Must<dispute::v1::GetDisputeResponse>(kX, "", get).dispute();
      const auto state = whole.state();
      if (state < dispute::v1::STATE_RESOLVED || state == dispute::v1::STATE_UNDERSECRETARIES_DECIDE)
        standing.dispute = whole;
    }
    review::v1::ListTasksRequest tasks;
    tasks.set_filter("bucp = \"" + bucp_ + "\" AND state = TASK_STATE_OPEN");
    standing.tasks = Must<review::v1::ListTasksResponse>(kCdo, "", tasks).tasks_size();
    standing.filings = static_cast<int>(FilingsAs(kX).size());
    return standing;
  }

  template <class Response, class Request>
  absl::Status Do(const std::string& entity, const std::string& person, const Request& request) {
    return Ask<Response>(entity, person, request).status();
  }
  template <class Response, class Request>
  Deed Of(const std::string& name, const std::string& entity, const std::string& person, Request request) {
    return {Request::descriptor()->name() + " of " + entity + "/" + person, [=, this]() mutable {
              request.set_name(name);
              return Do<Response>(entity, person, request);
            }};
  }
  void AddDraftingDeeds(const Standing& at, std::vector<Deed>& deeds) {
    const std::string& bucp = at.bucp.name();
    using namespace drafting::v1;  // NOLINT(google-build-using-namespace)
    for (int i = 0; i < 3; ++i) {  // so that walks get somewhere
      deeds.push_back(Of<SendBucpResponse>(bucp, kX, "p", SendBucpRequest()));
      deeds.push_back(Of<FreezeBucpResponse>(bucp, kX, "p", FreezeBucpRequest()));
    }
    ReturnBucpRequest give_back;
    give_back.set_reason("not yet");
    if (rare_(random_) < 2) deeds.push_back(Of<ReturnBucpResponse>(bucp, kY, "p", give_back));
    UnfreezeBucpRequest unfreeze;
    unfreeze.set_reason("once more");
    if (rare_(random_) < 2) deeds.push_back(Of<UnfreezeBucpResponse>(bucp, kY, "p", unfreeze));
    UpdateBucpRequest update;
    update.mutable_content()->mutable_technical()->mutable_data_transfer()->set_description("line " +
                                                                                            ids::NewUuid());
    update.mutable_update_mask()->add_paths("technical.data_transfer");
    deeds.push_back(Of<UpdateBucpResponse>(bucp, kX, "p", update));
    WithdrawBucpRequest withdraw;
    withdraw.set_reason("no need");
    if (rare_(random_) == 0)
      deeds.push_back(Of<WithdrawBucpResponse>(bucp, kX, "cdss-coordinator", withdraw));
  }
  void AddReviewDeeds(const Standing& at, std::vector<Deed>& deeds) {
    const std::string &routing = at.routing.name(), &digest = at.routing.digest();
    if (routing.empty()) return;
    using namespace review::v1;  // NOLINT(google-build-using-namespace)
    for (const auto& [entity, side] : {std::pair<std::string, std::string>(kX, "cdss"), {kY, "dhcs"}}) {
      for (const auto discipline : {DISCIPLINE_LEGAL, DISCIPLINE_PRIVACY, DISCIPLINE_SECURITY}) {
        RegisterOpinionRequest opinion;
        opinion.set_routing(routing);
        opinion.set_discipline(discipline);
        opinion.set_position(POSITION_OPPOSES);
        opinion.set_text("no veto");
        opinion.set_digest(digest);
        deeds.emplace_back("opinion of " + entity, [this, who = entity, opinion] {
          return Do<RegisterOpinionResponse>(who, "p", opinion);
        });
      }
      for (const auto& [capacity, role] : {std::pair(CAPACITY_EXECUTIVE_SPONSOR, "-sponsor"),
                                           std::pair(CAPACITY_DATA_COORDINATOR, "-coordinator")}) {
        SignBucpRequest sign;
        sign.set_routing(routing);
        sign.set_capacity(capacity);
        sign.set_digest(digest);
        deeds.emplace_back("signature of " + entity + role, [this, who = entity, person = side + role, sign] {
          return Do<SignBucpResponse>(who, person, sign);
        });
      }
      RequestChangesRequest changes;
      changes.set_digest(digest);
      changes.set_reason("shorter");
      if (rare_(random_) == 0) deeds.push_back(Of<RequestChangesResponse>(routing, entity, "p", changes));
      ListOpinionsRequest list;
      list.set_parent(routing);
      const auto listed = Must<ListOpinionsResponse>(entity, "", list);
      for (const Opinion& opinion : listed.opinions()) {
        RefuseCarryOverRequest refuse;
        refuse.set_reason("read it again");
        deeds.push_back(Of<RefuseCarryOverResponse>(opinion.name(), entity, "p", refuse));
      }
    }
  }
  void AddDisputeDeeds(const Standing& at, std::vector<Deed>& deeds) {
    using namespace dispute::v1;  // NOLINT(google-build-using-namespace)
    if (!at.dispute && rare_(random_) < 2)
      deeds.emplace_back("objection", [this] { return Object().status(); });
    if (!at.dispute) return;
    const std::string& name = at.dispute->name();
    EscalateDisputeRequest escalate;
    escalate.set_recommendation("share it");
    SettleDisputeRequest settle;
    settle.set_outcome("monthly");
    SubmitStatementRequest state;
    state.set_text("our side");
    for (const auto& [entity, person] : {std::pair<std::string, std::string>(kX, "officer"), {kCdo, "cdo"}}) {
      deeds.push_back(Of<EscalateDisputeResponse>(name, entity, person, escalate));
      deeds.push_back(Of<SettleDisputeResponse>(name, entity, person, settle));
    }
    ConfirmSettlementRequest confirm;
    confirm.set_settlement(std::max(1, at.dispute->settlement().number()));
    for (const auto& [entity, side] : {std::pair<std::string, std::string>(kX, "cdss"), {kY, "dhcs"}})
      deeds.push_back(Of<ConfirmSettlementResponse>(name, entity, side + "-coordinator", confirm));
    for (const char* entity : {kX, kY})
      deeds.push_back(Of<SubmitStatementResponse>(name, entity, "p", state));
    for (const Decision decision : {DECISION_APPROVE, DECISION_DENY}) {
      DecideDisputeRequest decide;
      decide.set_decision(decision);
      decide.set_reasons("so be it");
      deeds.push_back(Of<DecideDisputeResponse>(name, kGovernor, "governor", decide));
    }
    WithdrawDisputeRequest withdraw;
    withdraw.set_reason("answered");
    deeds.push_back(Of<WithdrawDisputeResponse>(name, kY, "p", withdraw));
  }

  // Up to three people do something at once, whether it is their turn or not.
  void Act(const Standing& at) {
    std::vector<Deed> deeds;
    AddDraftingDeeds(at, deeds);
    AddReviewDeeds(at, deeds);
    AddDisputeDeeds(at, deeds);
    std::vector<std::thread> people;
    std::string did;
    std::vector<absl::Status> came_of(1 + random_() % 3);
    for (absl::Status& result : came_of) {
      const Deed& deed = deeds[random_() % deeds.size()];
      did += (did.empty() ? "" : " | ") + deed.first;
      people.emplace_back([&result, act = deed.second]() mutable { result = act(); });
    }
    for (std::thread& person : people) person.join();
    for (const absl::Status& result : came_of) {
      done_ += result.ok() ? 1 : 0;
      EXPECT_TRUE(result.ok() || status::ReasonOf(result) != Reason::ERROR_REASON_UNSPECIFIED) << result;
    }
    story_ += "\n  " + at.Text() + ": " + did;
  }
  // Waits until all events between the services are delivered.
  Standing Settled() {
    Standing standing;
    try {
      Await("next step", [&] { return (standing = ReadStanding()).GoesOn(); });
    } catch (const std::runtime_error& error) {
      ADD_FAILURE() << error.what() << ": " << standing.Text() << story_;
    }
    return standing;
  }

  std::mt19937 random_;
  std::uniform_int_distribution<int> rare_{0, 9};
  std::string story_;
  int done_ = 0;
};

TEST_P(NeverStuck, HoweverPeopleAct) {
  std::map<std::string, int> ends;
  for (int walk = 0; walk < Walks() && !HasFailure(); ++walk) {
    random_.seed(walk);
    drafting::v1::CreateBucpRequest create;
    *create.mutable_content() = content_;
    // Every other one lacks what only a disputed BUCP needs: it comes back from a dispute as a draft of both.
    if (walk % 2 == 1) create.mutable_content()->mutable_administrative()->clear_possible_alternatives();
    bucp_ = Must<drafting::v1::CreateBucpResponse>(kX, "p", create).bucp().name();
    story_ = "walk " + std::to_string(walk);
    Standing at = Settled();
    for (int moment = 0; moment < kMoments && !HasFailure(); ++moment) {
      Act(at);
      at = Settled();
    }
    ++ends[drafting::v1::State_Name(at.bucp.state())];
  }
  for (const auto& [state, times] : ends) std::printf("%d walks ended at %s\n", times, state.c_str());
  std::printf("%d steps were taken\n", done_);
  EXPECT_GT(done_, 3 * Walks()) << "nobody got anywhere";
}

INSTANTIATE_TEST_SUITE_P(Every, NeverStuck, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::story
