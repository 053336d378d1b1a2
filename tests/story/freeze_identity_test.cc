#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/events/relay.h"
#include "common/ids/ids.h"
#include "common/rpc/peer_client.h"
#include "services/drafting/bucp/bucp_service.h"
#include "services/drafting/bucp/lifecycle_service.h"
#include "services/drafting/bucp/revision_service.h"
#include "services/drafting/drafting_events.h"
#include "services/review/review_events.h"
#include "services/review/review_service.h"
#include "tests/services/drafting/demo_content.h"
#include "tests/services/registry/registry_fixture.h"

extern const idea::config::EmbeddedFile k_drafting_schema[];
extern const idea::config::EmbeddedFile k_review_schema[];

// A freeze has an identity: whatever is given on one freeze counts for no other, however late commands
// arrive.
namespace idea::story {
namespace {

using drafting::kProviderDept;
using drafting::kRecipientDept;
using status::Reason;
using testing::FailsWith;
using testing::IsOk;
using testing::Service;

constexpr char kDispute[] = "disputes/1";
constexpr review::v1::Discipline kDisciplines[] = {
    review::v1::DISCIPLINE_LEGAL, review::v1::DISCIPLINE_PRIVACY, review::v1::DISCIPLINE_SECURITY};
constexpr review::v1::Capacity kCapacities[] = {review::v1::CAPACITY_EXECUTIVE_SPONSOR,
                                                review::v1::CAPACITY_DATA_COORDINATOR};

// As many walks as WALKS says; a few to see that it holds.
int Walks() {
  const char* walks = std::getenv("WALKS");
  return walks == nullptr ? 40 : std::atoi(walks);
}
constexpr int kMoments = 120;

// Drafting and review with the real pipeline. Their commands to each other wait in outboxes until a test
// delivers them, in the order of the log, as the relay does.
class FreezeIdentity : public ::testing::Test {
 protected:
  // The events of one service that are commands for the other.
  struct Outbox {
    testing::ServiceHarness* from;
    events::Target target;
    size_t next = 0;
  };

  void SetUp() override {
    registry_ = std::make_unique<registry::RegistryHarness>(env_, *registry_database_);
    ASSERT_THAT(
        registry_->Import("CDO Office,,,office,s\n"
                          "California Department of Social Services,,,department,idea-list-of-signatories\n"
                          "Department of Health Care Services,,,department,idea-list-of-signatories\n"),
        IsOk());
    using namespace common::v1;  // NOLINT(google-build-using-namespace): the roles
    for (const auto& [entity, side] : {std::pair(kRecipientDept, "cdss"), std::pair(kProviderDept, "dhcs")}) {
      const std::string who = side;
      ASSERT_THAT(registry_->AddContact(entity, who + "-coordinator", {CONTACT_ROLE_DATA_COORDINATOR}),
                  IsOk());
      ASSERT_THAT(registry_->AddContact(entity, who + "-sponsor", {CONTACT_ROLE_EXECUTIVE_SPONSOR}), IsOk());
      ASSERT_THAT(registry_->AddContact(entity, who + "-p",
                                        {CONTACT_ROLE_PROGRAM, CONTACT_ROLE_LEGAL, CONTACT_ROLE_PRIVACY,
                                         CONTACT_ROLE_SECURITY}),
                  IsOk());
    }
    const rpc::PeerClient registry = [this](std::string_view, const rpc::Context&,
                                            const google::protobuf::Message& request,
                                            google::protobuf::Message* response) {
      return registry_->harness().Send(Service("drafting"), request, response);
    };
    drafting_bucps_ = std::make_unique<drafting::BucpService>(registry);
    drafting_lifecycle_ = std::make_unique<drafting::LifecycleService>(registry);
    review_service_ = std::make_unique<review::ReviewService>(
        review::ReviewService::Settings(),
        [this](std::string_view service, const rpc::Context&, const google::protobuf::Message& request,
               google::protobuf::Message* response) {
          testing::ServiceHarness& harness = service == "registry" ? registry_->harness() : *drafting_;
          return harness.Send(Service("review"), request, response);
        });
    Begin();
  }

  // Both services on empty databases, with a BUCP that was sent.
  void Begin() {
    drafting_.reset();
    review_.reset();
    databases_.clear();
    for (int i = 0; i < 2; ++i) databases_.push_back(testing::Fresh("memory"));
    drafting_ = std::make_unique<testing::ServiceHarness>("drafting", k_drafting_schema, env_, *databases_[0],
                                                          registry_->directory());
    review_ = std::make_unique<testing::ServiceHarness>("review", k_review_schema, env_, *databases_[1],
                                                        registry_->directory());
    drafting_bucps_->Bind(drafting_->router());
    drafting_lifecycle_->Bind(drafting_->router());
    drafting_revisions_.Bind(drafting_->router());
    review_service_->Bind(review_->router());
    drafting::v1::CreateBucpRequest create;
    *create.mutable_content() = drafting::CompleteContent();
    create.mutable_content()->MergeFrom(drafting::DemoContentOf({"disputed.json", "disputed-provider.json"}));
    bucp_ = Must<drafting::v1::CreateBucpResponse>(*drafting_, testing::At(kRecipientDept, "cdss-p"), create)
                .bucp()
                .name();
    drafting::v1::SendBucpRequest send;
    send.set_name(bucp_);
    Must<drafting::v1::SendBucpResponse>(*drafting_, testing::At(kRecipientDept, "cdss-p"), send);
    to_review_ = {drafting_.get(),
                  drafting::ReviewTarget([this](std::string_view, const rpc::Context&, const auto& request,
                                                google::protobuf::Message* response) {
                    return review_->Send(Service("drafting"), request, response);
                  }),
                  drafting_->Events().size()};
    to_drafting_ = {review_.get(),
                    review::DraftingTarget([this](std::string_view, const rpc::Context&, const auto& request,
                                                  google::protobuf::Message* response) {
                      return drafting_->Send(Service("review"), request, response);
                    }),
                    review_->Events().size()};
  }

  template <class Response, class Request>
  Response Must(testing::ServiceHarness& harness, const testing::TestCaller& who, const Request& request) {
    auto response = harness.Ask<Response>(who, request);
    EXPECT_THAT(response, IsOk()) << Request::descriptor()->name();
    return response.value_or(Response());
  }

  // --- what people and the dispute service do ---

  absl::StatusOr<drafting::v1::Bucp> Freeze() {
    drafting::v1::FreezeBucpRequest request;
    request.set_name(bucp_);
    ASSIGN_OR_RETURN(auto response, drafting_->Ask<drafting::v1::FreezeBucpResponse>(
                                        testing::At(kRecipientDept, "cdss-p"), request));
    return response.bucp();
  }
  absl::Status Unfreeze() {
    drafting::v1::UnfreezeBucpRequest request;
    request.set_name(bucp_);
    request.set_reason("once more");
    return drafting_->Ask<drafting::v1::UnfreezeBucpResponse>(testing::At(kProviderDept, "dhcs-p"), request)
        .status();
  }
  absl::Status Edit(const std::string& path, const drafting::v1::Content& content) {
    drafting::v1::UpdateBucpRequest request;
    request.set_name(bucp_);
    *request.mutable_content() = content;
    request.mutable_update_mask()->add_paths(path);
    return drafting_->Ask<drafting::v1::UpdateBucpResponse>(testing::At(kRecipientDept, "cdss-p"), request)
        .status();
  }
  absl::Status Hold() {
    drafting::v1::HoldBucpRequest request;
    request.set_name(bucp_);
    request.set_dispute(kDispute);
    return drafting_->Ask<drafting::v1::HoldBucpResponse>(Service("dispute"), request).status();
  }
  absl::Status Release() {
    drafting::v1::ReleaseBucpRequest request;
    request.set_name(bucp_);
    request.set_dispute(kDispute);
    request.set_outcome("settled");
    return drafting_->Ask<drafting::v1::ReleaseBucpResponse>(Service("dispute"), request).status();
  }
  absl::StatusOr<review::v1::Routing> Opine(const review::v1::Routing& routing, const std::string& entity,
                                            review::v1::Discipline discipline) {
    review::v1::RegisterOpinionRequest request;
    request.set_routing(routing.name());
    request.set_discipline(discipline);
    request.set_position(review::v1::POSITION_SUPPORTS);
    request.set_text("no concern");
    request.set_digest(routing.digest());
    ASSIGN_OR_RETURN(auto response,
                     review_->Ask<review::v1::RegisterOpinionResponse>(
                         testing::At(entity, entity == kRecipientDept ? "cdss-p" : "dhcs-p"), request));
    return response.routing();
  }
  absl::StatusOr<review::v1::Routing> Sign(const review::v1::Routing& routing, const std::string& entity,
                                           review::v1::Capacity capacity) {
    review::v1::SignBucpRequest request;
    request.set_routing(routing.name());
    request.set_capacity(capacity);
    request.set_digest(routing.digest());
    const std::string person =
        std::string(entity == kRecipientDept ? "cdss" : "dhcs") +
        (capacity == review::v1::CAPACITY_DATA_COORDINATOR ? "-coordinator" : "-sponsor");
    ASSIGN_OR_RETURN(auto response,
                     review_->Ask<review::v1::SignBucpResponse>(testing::At(entity, person), request));
    return response.routing();
  }
  absl::StatusOr<review::v1::Routing> RequestChanges(const review::v1::Routing& routing) {
    review::v1::RequestChangesRequest request;
    request.set_name(routing.name());
    request.set_digest(routing.digest());
    request.set_reason("by portal, please");
    ASSIGN_OR_RETURN(auto response, review_->Ask<review::v1::RequestChangesResponse>(
                                        testing::At(kProviderDept, "dhcs-p"), request));
    return response.routing();
  }
  void OpineAndSignAll(const review::v1::Routing& routing) {
    for (const char* entity : {kRecipientDept, kProviderDept}) {
      for (const auto discipline : kDisciplines) EXPECT_THAT(Opine(routing, entity, discipline), IsOk());
    }
    for (const auto capacity : kCapacities) {
      for (const char* entity : {kRecipientDept, kProviderDept})
        EXPECT_THAT(Sign(routing, entity, capacity), IsOk());
    }
  }

  // --- deliveries ---

  // Hands over the next event; nullopt if none waits.
  std::optional<std::pair<events::Event, absl::Status>> Deliver(Outbox& outbox) {
    const std::vector<events::Event> recorded = outbox.from->Events();
    if (outbox.next >= recorded.size()) return std::nullopt;
    const events::Event& event = recorded[outbox.next++];
    const absl::Status delivered = outbox.target.deliver(event);
    EXPECT_TRUE(delivered.ok() || status::IsRefusal(delivered)) << event.type() << ": " << delivered;
    return std::pair(event, delivered);
  }
  void DeliverAll() {
    while (Deliver(to_review_) || Deliver(to_drafting_)) {
    }
  }

  // --- what there is ---

  drafting::v1::Bucp Bucp() {
    drafting::v1::GetBucpRequest request;
    request.set_name(bucp_);
    return Must<drafting::v1::GetBucpResponse>(*drafting_, testing::At(kRecipientDept), request).bucp();
  }
  // Every routing, by the number of its freeze.
  std::map<int32_t, review::v1::Routing> Routings() {
    review::v1::ListRoutingsRequest request;
    request.set_filter("bucp = \"" + bucp_ + "\"");
    request.set_page_size(1000);
    std::map<int32_t, review::v1::Routing> routings;
    const auto page = Must<review::v1::ListRoutingsResponse>(*review_, testing::At(kRecipientDept), request);
    for (const review::v1::Routing& routing : page.routings()) {
      EXPECT_TRUE(routings.emplace(routing.freeze_number(), routing).second)
          << "two routings of freeze " << routing.freeze_number();
    }
    return routings;
  }

  testing::TestEnv env_;
  const std::unique_ptr<storage::Database> registry_database_ = testing::Fresh("memory");
  std::vector<std::unique_ptr<storage::Database>> databases_;
  std::unique_ptr<registry::RegistryHarness> registry_;
  std::unique_ptr<drafting::BucpService> drafting_bucps_;
  std::unique_ptr<drafting::LifecycleService> drafting_lifecycle_;
  drafting::RevisionService drafting_revisions_;
  std::unique_ptr<review::ReviewService> review_service_;
  std::unique_ptr<testing::ServiceHarness> drafting_, review_;
  Outbox to_review_, to_drafting_;
  std::string bucp_;
};

TEST_F(FreezeIdentity, SignaturesOfOneFreezeExecuteNoOther) {
  const auto first = Freeze();
  ASSERT_THAT(first, IsOk());
  DeliverAll();
  const review::v1::Routing routing = Routings().at(1);
  OpineAndSignAll(routing);
  // Before drafting receives it, the BUCP is unfrozen and frozen again without an edit.
  ASSERT_THAT(Unfreeze(), IsOk());
  const auto second = Freeze();
  ASSERT_THAT(second, IsOk());
  ASSERT_EQ(second->frozen_digest(), first->frozen_digest());
  while (Deliver(to_drafting_)) {
  }
  EXPECT_EQ(Bucp().state(), drafting::v1::STATE_IN_REVIEW) << "the signatures are of the first freeze";
  DeliverAll();
  // The opinions stand, for nothing was edited; the signatures do not.
  EXPECT_EQ(Bucp().state(), drafting::v1::STATE_SIGNING);
  const review::v1::Routing current = Routings().at(2);
  EXPECT_EQ(current.state(), review::v1::ROUTING_STATE_SPONSORS);
  EXPECT_THAT(Sign(routing, kProviderDept, review::v1::CAPACITY_DATA_COORDINATOR),
              FailsWith(Reason::ERROR_REASON_ALREADY_DONE));
  for (const auto capacity : kCapacities) {
    for (const char* entity : {kRecipientDept, kProviderDept})
      EXPECT_THAT(Sign(current, entity, capacity), IsOk());
  }
  DeliverAll();
  EXPECT_EQ(Bucp().state(), drafting::v1::STATE_EXECUTED);
  EXPECT_EQ(Bucp().freeze_number(), 2);
}

TEST_F(FreezeIdentity, ChangesRequestedOfOneFreezeUndoNoLaterOne) {
  ASSERT_THAT(Freeze(), IsOk());
  DeliverAll();
  ASSERT_THAT(RequestChanges(Routings().at(1)), IsOk());
  ASSERT_THAT(Unfreeze(), IsOk());
  ASSERT_THAT(Freeze(), IsOk());
  std::optional<std::pair<events::Event, absl::Status>> delivered;
  while ((delivered = Deliver(to_drafting_)) && delivered->first.type() != "ChangesRequested") {
  }
  ASSERT_TRUE(delivered);
  EXPECT_THAT(delivered->second, FailsWith(Reason::ERROR_REASON_FREEZE_MISMATCH));
  EXPECT_EQ(status::MetadataOf(delivered->second, "freeze_number"), "2");
  DeliverAll();
  EXPECT_EQ(Bucp().state(), drafting::v1::STATE_IN_REVIEW);
  EXPECT_EQ(Routings().at(2).state(), review::v1::ROUTING_STATE_OPINIONS);
}

// The expected result of a walk: the opinions and signatures of each freeze.
struct Model {
  struct FreezeRecord {
    std::set<std::pair<std::string, int>> opinions, signatures;
    // The part of the content that the security opinion covers.
    int transfer = 0;
    bool changes_requested = false;
    bool IsComplete() const { return opinions.size() == 6 && signatures.size() == 4; }
  };
  std::map<int32_t, FreezeRecord> freezes;
  int32_t last_routed = 0;
  int transfer = 0;

  // Review opens the routing of a freeze: what the discipline looks at is as it was, or the opinion is stale.
  void Route(int32_t number) {
    if (number <= last_routed) return;
    for (const auto& opinion : freezes[last_routed].opinions) {
      const bool stale = opinion.second == review::v1::DISCIPLINE_SECURITY &&
                         freezes[number].transfer != freezes[last_routed].transfer;
      if (!stale) freezes[number].opinions.insert(opinion);
    }
    last_routed = number;
  }
};

TEST_F(FreezeIdentity, HoldsHoweverStepsAndDeliveriesInterleave) {
  std::map<std::string, int> ends;
  int refused = 0;
  for (int walk = 0; walk < Walks() && !HasFailure(); ++walk) {
    std::mt19937 random(walk);
    const auto roll = [&](size_t sides) { return random() % sides; };
    if (walk > 0) Begin();
    Model model;
    std::string story = "walk " + std::to_string(walk) + ":";
    int executions = 0;
    // Every execution must be of the current freeze, with all required opinions and signatures.
    const auto check_execution = [&](const events::Event& cause, const absl::Status& delivered) {
      if (cause.type() != "RoutingCompleted" || !delivered.ok() ||
          Bucp().state() != drafting::v1::STATE_EXECUTED)
        return;
      int now = 0;
      for (const events::Event& event : drafting_->Events())
        now += event.type() == "BucpExecuted" && event.subject() == bucp_ ? 1 : 0;
      EXPECT_LE(now, 1) << story;
      if (now == executions) return;
      executions = now;
      const int32_t number = Bucp().freeze_number();
      EXPECT_EQ(number, static_cast<int32_t>(model.freezes.rbegin()->first)) << story;
      EXPECT_TRUE(model.freezes[number].IsComplete()) << story;
      EXPECT_EQ(Routings()[number].state(), review::v1::ROUTING_STATE_COMPLETE) << story;
    };
    const auto deliver_to_drafting = [&] {
      const drafting::v1::Bucp before = Bucp();
      const auto delivered = Deliver(to_drafting_);
      if (!delivered) return false;
      refused += delivered->second.ok() ? 0 : 1;
      check_execution(delivered->first, delivered->second);
      if (delivered->first.type() == "ChangesRequested" && before.state() != drafting::v1::STATE_SENT &&
          Bucp().state() == drafting::v1::STATE_SENT) {
        EXPECT_TRUE(model.freezes[before.freeze_number()].changes_requested) << story;
      }
      return true;
    };
    const auto deliver_to_review = [&] {
      const auto delivered = Deliver(to_review_);
      if (!delivered) return false;
      drafting::v1::FrozenRevision frozen;
      if (delivered->second.ok() && delivered->first.data().UnpackTo(&frozen))
        model.Route(frozen.freeze_number());
      return true;
    };
    const auto some_routing = [&]() -> review::v1::Routing {
      const auto routings = Routings();
      if (routings.empty()) return {};
      // The newest, or one that people still have on their screens.
      const size_t back = roll(3) == 0 ? roll(routings.size()) : 0;
      return std::next(routings.rbegin(), static_cast<long>(back))->second;
    };
    for (int moment = 0; moment < kMoments && !HasFailure(); ++moment) {
      env_.clock.Advance(clock::kSecond);
      const std::string entity = roll(2) == 0 ? kRecipientDept : kProviderDept;
      const size_t what = roll(32);
      story += " " + std::to_string(what);
      if (what < 3) {
        if (const auto frozen = Freeze(); frozen.ok())
          model.freezes[frozen->freeze_number()].transfer = model.transfer;
      } else if (what == 3) {
        static_cast<void>(Unfreeze());
      } else if (what < 12) {
        const auto discipline = kDisciplines[roll(3)];
        const auto routing = Opine(some_routing(), entity, discipline);
        if (routing.ok()) model.freezes[routing->freeze_number()].opinions.emplace(entity, discipline);
      } else if (what < 19) {
        const auto capacity = kCapacities[roll(2)];
        const auto routing = Sign(some_routing(), entity, capacity);
        if (routing.ok()) model.freezes[routing->freeze_number()].signatures.emplace(entity, capacity);
      } else if (what == 19) {
        const auto routing =
            roll(3) == 0 ? RequestChanges(some_routing()) : absl::StatusOr<review::v1::Routing>();
        if (routing.ok()) model.freezes[routing->freeze_number()].changes_requested = true;
      } else if (what == 20) {
        static_cast<void>(Hold());
      } else if (what == 21) {
        static_cast<void>(Release());
      } else if (what == 22) {
        drafting::v1::Content content;
        content.mutable_technical()->mutable_data_transfer()->set_description("by line " +
                                                                              std::to_string(moment));
        if (Edit("technical.data_transfer", content).ok()) model.transfer = moment;
      } else if (what < 27) {
        deliver_to_review();
      } else if (what < 30) {
        deliver_to_drafting();
      } else if (what == 30) {
        // A relay that died before it moved its cursor delivers again.
        Outbox& outbox = roll(2) == 0 ? to_review_ : to_drafting_;
        outbox.next -= std::min<size_t>(outbox.next, roll(4));
      } else {
        // A command of any age that somebody sends again as a new one.
        const auto recorded = review_->Events();
        if (recorded.empty()) continue;
        events::Event late = recorded[roll(recorded.size())];
        late.set_event_id(ids::NewUuid());
        const absl::Status delivered = to_drafting_.target.deliver(late);
        EXPECT_TRUE(delivered.ok() || status::IsRefusal(delivered)) << delivered;
        if (late.bucp() == bucp_) check_execution(late, delivered);
      }
    }
    // Everybody does what is still to do: the BUCP is executed, and by its current freeze.
    for (int round = 0; round < 10 && Bucp().state() != drafting::v1::STATE_EXECUTED && !HasFailure();
         ++round) {
      while (deliver_to_review() || deliver_to_drafting()) {
      }
      if (Release().ok()) continue;
      if (const auto frozen = Freeze(); frozen.ok()) {
        model.freezes[frozen->freeze_number()].transfer = model.transfer;
        continue;
      }
      const auto current = Routings()[Bucp().freeze_number()];
      for (const char* each : {kRecipientDept, kProviderDept}) {
        for (const auto discipline : kDisciplines) {
          if (Opine(current, each, discipline).ok())
            model.freezes[current.freeze_number()].opinions.emplace(each, discipline);
        }
      }
      for (const auto capacity : kCapacities) {
        for (const char* each : {kRecipientDept, kProviderDept}) {
          if (Sign(current, each, capacity).ok())
            model.freezes[current.freeze_number()].signatures.emplace(each, capacity);
        }
      }
    }
    EXPECT_EQ(Bucp().state(), drafting::v1::STATE_EXECUTED) << story;
    EXPECT_EQ(executions, 1) << story;
    const auto routings = Routings();
    for (const auto& [number, routing] : routings) {
      const auto wanted = number == Bucp().freeze_number() ? review::v1::ROUTING_STATE_COMPLETE
                                                           : review::v1::ROUTING_STATE_CLOSED;
      EXPECT_EQ(routing.state(), wanted) << "freeze " << number << ", " << story;
    }
    ++ends[std::to_string(Bucp().freeze_number()) + " freezes"];
  }
  for (const auto& [end, times] : ends) std::printf("%d walks ended after %s\n", times, end.c_str());
  std::printf("%d commands were refused\n", refused);
  EXPECT_GT(refused, 0) << "no command came too late";
}

}  // namespace
}  // namespace idea::story
