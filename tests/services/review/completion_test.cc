#include <atomic>
#include <barrier>
#include <cstdlib>
#include <optional>
#include <thread>

#include "services/review/review_events.h"
#include "services/review/routing_rules.h"
#include "services/review/routing_store.h"
#include "tests/services/review/review_fixture.h"

namespace idea::review {
namespace {

constexpr int kClients = 16;
constexpr int kReplicas = 2;

// The number of rounds. COMPLETION_ROUNDS sets another one: 1,000 for a thorough run.
int Rounds() {
  const char* rounds = std::getenv("COMPLETION_ROUNDS");
  return rounds == nullptr ? 50 : std::atoi(rounds);
}

// Two replicas of the service, each with its own connection to one database.
class Completion : public Review {
 protected:
  void SetUp() override {
    Review::SetUp();
    if (IsSkipped()) return;
    place_.emplace(GetParam());
    for (int i = 0; i < kReplicas; ++i) {
      databases_.push_back(*storage::Open(place_->address()));
      harnesses_.push_back(std::make_unique<testing::ServiceHarness>(
          "review", k_review_schema, env_, *databases_.back(), registry_->directory()));
      service_->Bind(harnesses_.back()->router());
    }
  }

  // A routing that waits for the signatures of one stage only.
  std::string StoreAt(v1::RoutingState state, int round) {
    v1::Routing routing;
    routing.set_name("routings/r" + std::to_string(round));
    routing.set_bucp("bucps/" + std::to_string(round));
    routing.set_digest(DigestOf('a'));
    routing.add_recipients(kX);
    routing.add_providers(kY);
    routing.set_state(state);
    *routing.mutable_create_time() = clock::ToProto(env_.clock.Now());
    AddSteps(routing);
    for (v1::RoutingStep& step : *routing.mutable_steps()) step.set_done(StageOf(step) != state);
    EXPECT_THAT(databases_[0]->Write([&](storage::Transaction& db) { return InsertRouting(db, routing); }),
                IsOk());
    return routing.name();
  }

  // One client's signature, sent again as clients do until the answer is final.
  absl::Status SignThrough(testing::ServiceHarness& harness, const std::string& routing,
                           const std::string& entity) {
    v1::SignBucpRequest request;
    request.set_routing(routing);
    request.set_capacity(v1::CAPACITY_DATA_COORDINATOR);
    request.set_digest(DigestOf('a'));
    absl::Status status;
    do {
      status = harness.Ask<v1::SignBucpResponse>(At(entity, "coordinator"), request).status();
    } while (status::ReasonOf(status) == Reason::ERROR_REASON_CONCURRENT_CHANGE ||
             status::IsRetryable(status));
    return status;
  }

  std::optional<testing::Place> place_;
  std::vector<std::unique_ptr<storage::Database>> databases_;
  std::vector<std::unique_ptr<testing::ServiceHarness>> harnesses_;
};

TEST_P(Completion, HappensOnceForAnyInterleavingOfTheLastSignatures) {
  const int rounds = Rounds();
  std::atomic<int> done = 0, again = 0, other = 0;
  std::string routing;
  std::barrier start(kClients + 1), end(kClients + 1);
  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([&, &harness = *harnesses_[i % kReplicas], entity = i % 4 < 2 ? kX : kY] {
      for (int round = 0; round < rounds; ++round) {
        start.arrive_and_wait();
        const absl::Status status = SignThrough(harness, routing, entity);
        const bool late = status::ReasonOf(status) == Reason::ERROR_REASON_ALREADY_DONE;
        ++(status.ok() ? done : late ? again : other);
        end.arrive_and_wait();
      }
    });
  }
  for (int round = 0; round < rounds; ++round) {
    routing = StoreAt(v1::ROUTING_STATE_COORDINATORS, round);
    start.arrive_and_wait();
    end.arrive_and_wait();
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(done, rounds * 2);
  EXPECT_EQ(again, rounds * (kClients - 2));
  EXPECT_EQ(other, 0);
  std::map<std::string, int> completed;
  for (const events::Event& event : harnesses_[0]->Events()) {
    if (event.type() == kRoutingCompleted) ++completed[event.subject()];
  }
  EXPECT_EQ(completed.size(), static_cast<size_t>(rounds));
  for (const auto& [subject, times] : completed) EXPECT_EQ(times, 1) << subject;
}

INSTANTIATE_TEST_SUITE_P(Every, Completion, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::review
