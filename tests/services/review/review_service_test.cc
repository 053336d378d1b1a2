#include "services/review/review_service.h"

#include <atomic>
#include <thread>

#include "tests/services/registry/registry_fixture.h"

extern const idea::config::EmbeddedFile k_review_schema[];

namespace idea::review {
namespace {

using status::Reason;
using testing::At;
using ::testing::ElementsAre;
using testing::FailsWith;
using testing::IsOk;

constexpr char kX[] = "entities/department-x";
constexpr char kY[] = "entities/department-y";
constexpr char kBucp[] = "bucps/1";

// The review service behind the real pipeline, beside a real registry. Each department has the persons
// "legal", "privacy", "security", "sponsor", "coordinator", and "both", who holds the last two roles.
class Review : public testing::OnBackend {
 protected:
  void SetUp() override {
    OnBackend::SetUp();
    if (IsSkipped()) return;
    registry_database_ = testing::Fresh("memory");
    registry_ = std::make_unique<registry::RegistryDesk>(office_, *registry_database_);
    ASSERT_THAT(
        registry_->Import("CDO Office,,,office,s\nAgency A,A,,agency,s\nStranger,,,board,s\n"
                          "Department X,DX,Agency A,department,s\nDepartment Y,DY,Agency A,department,s\n"),
        IsOk());
    const std::pair<const char*, std::vector<common::v1::ContactRole>> people[] = {
        {"legal", {common::v1::CONTACT_ROLE_LEGAL}},
        {"privacy", {common::v1::CONTACT_ROLE_PRIVACY}},
        {"security", {common::v1::CONTACT_ROLE_SECURITY}},
        {"sponsor", {common::v1::CONTACT_ROLE_EXECUTIVE_SPONSOR}},
        {"coordinator", {common::v1::CONTACT_ROLE_DATA_COORDINATOR}},
        {"both", {common::v1::CONTACT_ROLE_EXECUTIVE_SPONSOR, common::v1::CONTACT_ROLE_DATA_COORDINATOR}}};
    for (const char* entity : {kX, kY, "entities/stranger"}) {
      for (const auto& [person, roles] : people) ASSERT_THAT(registry_->Hire(entity, person, roles), IsOk());
    }
    Serve(false);
  }

  // The service anew, with its one setting.
  void Serve(bool one_person_may_sign_twice) {
    service_ = std::make_unique<ReviewService>(one_person_may_sign_twice);
    desk_ = std::make_unique<testing::Desk>("review", k_review_schema, office_, database(),
                                            registry_->directory());
    using S = ReviewService;
    rpc::Router& router = desk_->router();
    router.Bind(service_.get(), &S::OpenRouting);
    router.Bind(service_.get(), &S::CloseRouting);
    router.Bind(service_.get(), &S::HoldRouting);
    router.Bind(service_.get(), &S::ReleaseRouting);
    router.Bind(service_.get(), &S::GetRouting);
    router.Bind(service_.get(), &S::ListRoutings);
    router.Bind(service_.get(), &S::RegisterOpinion);
    router.Bind(service_.get(), &S::ListOpinions);
    router.Bind(service_.get(), &S::SignBucp);
    router.Bind(service_.get(), &S::ListSignatures);
  }

  static std::string DigestOf(char fill) { return std::string(64, fill); }

  v1::Routing Open(const char* recipient = kX, const char* provider = kY, char digest = 'a') {
    v1::OpenRoutingRequest request;
    request.set_bucp(kBucp);
    request.set_title("Food aid");
    request.set_revision("bucps/1/revisions/3");
    request.set_digest(DigestOf(digest));
    request.add_recipients(recipient);
    request.add_providers(provider);
    const auto opened = desk_->Ask<v1::OpenRoutingResponse>(testing::Service("drafting"), request);
    EXPECT_THAT(opened, IsOk());
    return opened.ok() ? opened->routing() : v1::Routing();
  }
  template <class Response, class Request>
  absl::StatusOr<v1::Routing> Command() {
    Request request;
    request.set_bucp(kBucp);
    request.set_digest(DigestOf('a'));
    ASSIGN_OR_RETURN(const auto response, desk_->Ask<Response>(testing::Service("drafting"), request));
    return response.routing();
  }
  absl::StatusOr<v1::Routing> Hold() { return Command<v1::HoldRoutingResponse, v1::HoldRoutingRequest>(); }
  absl::StatusOr<v1::Routing> Release() {
    return Command<v1::ReleaseRoutingResponse, v1::ReleaseRoutingRequest>();
  }
  absl::StatusOr<v1::Routing> Close() { return Command<v1::CloseRoutingResponse, v1::CloseRoutingRequest>(); }

  absl::StatusOr<v1::Routing> Opine(const std::string& routing, const std::string& entity,
                                    v1::Discipline discipline, const std::string& person, char digest = 'a') {
    v1::RegisterOpinionRequest request;
    request.set_routing(routing);
    request.set_discipline(discipline);
    request.set_position(v1::POSITION_OPPOSES);
    request.set_text("too wide");
    request.set_digest(DigestOf(digest));
    ASSIGN_OR_RETURN(const auto response,
                     desk_->Ask<v1::RegisterOpinionResponse>(At(entity, person), request));
    return response.routing();
  }
  absl::StatusOr<v1::Routing> Sign(const std::string& routing, const std::string& entity,
                                   v1::Capacity capacity, const std::string& person, char digest = 'a') {
    v1::SignBucpRequest request;
    request.set_routing(routing);
    request.set_capacity(capacity);
    request.set_digest(DigestOf(digest));
    ASSIGN_OR_RETURN(const auto response, desk_->Ask<v1::SignBucpResponse>(At(entity, person), request));
    return response.routing();
  }
  absl::StatusOr<v1::Routing> SignAsSponsor(const std::string& routing, const std::string& entity,
                                            const std::string& person = "sponsor") {
    return Sign(routing, entity, v1::CAPACITY_EXECUTIVE_SPONSOR, person);
  }
  absl::StatusOr<v1::Routing> SignAsCoordinator(const std::string& routing, const std::string& entity,
                                                const std::string& person = "coordinator") {
    return Sign(routing, entity, v1::CAPACITY_DATA_COORDINATOR, person);
  }
  void OpineAll(const std::string& routing, const std::vector<const char*>& entities) {
    for (const char* entity : entities) {
      EXPECT_THAT(Opine(routing, entity, v1::DISCIPLINE_LEGAL, "legal"), IsOk());
      EXPECT_THAT(Opine(routing, entity, v1::DISCIPLINE_PRIVACY, "privacy"), IsOk());
      EXPECT_THAT(Opine(routing, entity, v1::DISCIPLINE_SECURITY, "security"), IsOk());
    }
  }
  // With every opinion, and every sponsor's signature.
  std::string OpenAtCoordinators() {
    const std::string name = Open().name();
    OpineAll(name, {kX, kY});
    EXPECT_THAT(SignAsSponsor(name, kX), IsOk());
    EXPECT_THAT(SignAsSponsor(name, kY), IsOk());
    return name;
  }
  v1::Routing Get(const std::string& name) {
    v1::GetRoutingRequest request;
    request.set_name(name);
    const auto got = desk_->Ask<v1::GetRoutingResponse>(At(kX), request);
    EXPECT_THAT(got, IsOk());
    return got.ok() ? got->routing() : v1::Routing();
  }
  int Told(const std::string& type) {
    int count = 0;
    for (const events::Event& event : desk_->Told()) count += event.type() == type ? 1 : 0;
    return count;
  }

  testing::Office office_;
  std::unique_ptr<storage::Database> registry_database_;
  std::unique_ptr<registry::RegistryDesk> registry_;
  std::unique_ptr<ReviewService> service_;
  std::unique_ptr<testing::Desk> desk_;
};

TEST_P(Review, AsksEveryDepartmentForThreeOpinionsAndTwoSignatures) {
  const v1::Routing routing = Open();
  EXPECT_EQ(routing.state(), v1::ROUTING_STATE_OPINIONS);
  EXPECT_EQ(routing.steps_size(), 10);
  EXPECT_EQ(Get(routing.name()).ShortDebugString(), routing.ShortDebugString());
  EXPECT_EQ(Told("RoutingOpened"), 1);
}

TEST_P(Review, IsTheSameRoutingForTheSameRevision) {
  const v1::Routing first = Open();
  EXPECT_EQ(Open().name(), first.name());
  EXPECT_NE(Open(kX, kY, 'b').name(), first.name());
  ASSERT_THAT(Close(), IsOk());
  EXPECT_NE(Open().name(), first.name());
}

TEST_P(Review, TakesAnOpinionFromTheRightPersonOnTheRightRevisionOnce) {
  const std::string name = Open().name();
  EXPECT_THAT(Opine(name, kX, v1::DISCIPLINE_LEGAL, "privacy"),
              FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
  EXPECT_THAT(Opine(name, kX, v1::DISCIPLINE_LEGAL, "sponsor"),
              FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
  EXPECT_THAT(Opine(name, kX, v1::DISCIPLINE_LEGAL, ""), FailsWith(Reason::ERROR_REASON_TOKEN_REQUIRED));
  EXPECT_THAT(Opine(name, kX, static_cast<v1::Discipline>(99), "legal"),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(Opine(name, kX, v1::DISCIPLINE_LEGAL, "legal", 'b'),
              FailsWith(Reason::ERROR_REASON_DIGEST_MISMATCH));
  ASSERT_THAT(Opine(name, kX, v1::DISCIPLINE_LEGAL, "legal"), IsOk());
  EXPECT_THAT(Opine(name, kX, v1::DISCIPLINE_LEGAL, "legal"), FailsWith(Reason::ERROR_REASON_ALREADY_DONE));
  EXPECT_THAT(Opine(name, kY, v1::DISCIPLINE_LEGAL, "legal"), IsOk());
  v1::ListOpinionsRequest list;
  list.set_parent(name);
  const auto opinions = desk_->Ask<v1::ListOpinionsResponse>(At(kY), list);
  ASSERT_THAT(opinions, IsOk());
  ASSERT_EQ(opinions->opinions_size(), 2);
  EXPECT_EQ(opinions->opinions(0).entity(), kX);
  EXPECT_EQ(opinions->opinions(0).person_name(), "Mx. legal");
  EXPECT_EQ(opinions->opinions(0).digest(), DigestOf('a'));
  EXPECT_EQ(opinions->opinions(1).entity(), kY);
}

TEST_P(Review, GoesOnToTheSponsorsThoughEverybodyOpposes) {
  const std::string name = Open().name();
  OpineAll(name, {kX});
  EXPECT_EQ(Told("OpinionsCompleted"), 0);
  OpineAll(name, {kY});
  EXPECT_EQ(Get(name).state(), v1::ROUTING_STATE_SPONSORS);
  EXPECT_EQ(Told("OpinionsCompleted"), 1);
  EXPECT_EQ(Told("OpinionRegistered"), 6);
}

TEST_P(Review, IsHiddenFromStrangers) {
  const std::string name = Open().name();
  v1::GetRoutingRequest get;
  get.set_name(name);
  EXPECT_THAT(desk_->Ask<v1::GetRoutingResponse>(At("entities/stranger"), get),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(desk_->Ask<v1::GetRoutingResponse>(At(testing::kCdoEntity), get), IsOk());
  EXPECT_THAT(desk_->Ask<v1::GetRoutingResponse>(testing::Service("inventory"), get), IsOk());
  EXPECT_THAT(Opine(name, "entities/stranger", v1::DISCIPLINE_LEGAL, "legal"),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(SignAsSponsor(name, "entities/stranger"), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  v1::ListRoutingsRequest list;
  EXPECT_EQ(desk_->Ask<v1::ListRoutingsResponse>(At("entities/stranger"), list)->routings_size(), 0);
  EXPECT_EQ(desk_->Ask<v1::ListRoutingsResponse>(At(kY), list)->routings_size(), 1);
}

TEST_P(Review, TakesNothingMoreOnceClosed) {
  const std::string name = Open().name();
  ASSERT_THAT(Close(), IsOk());
  EXPECT_EQ(Get(name).state(), v1::ROUTING_STATE_CLOSED);
  EXPECT_THAT(Opine(name, kX, v1::DISCIPLINE_LEGAL, "legal"),
              FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_THAT(SignAsSponsor(name, kX), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_THAT(Close(), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
}

TEST_P(Review, IsSignedBySponsorsAndThenByCoordinators) {
  const std::string name = Open().name();
  EXPECT_THAT(SignAsSponsor(name, kX), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  OpineAll(name, {kX, kY});
  EXPECT_THAT(SignAsCoordinator(name, kX), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_THAT(SignAsSponsor(name, kX, "coordinator"), FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
  EXPECT_THAT(Sign(name, kX, v1::CAPACITY_EXECUTIVE_SPONSOR, "sponsor", 'b'),
              FailsWith(Reason::ERROR_REASON_DIGEST_MISMATCH));
  EXPECT_THAT(SignAsSponsor(name, kX), IsOk());
  EXPECT_THAT(SignAsSponsor(name, kX), FailsWith(Reason::ERROR_REASON_ALREADY_DONE));
  EXPECT_THAT(SignAsCoordinator(name, kX), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_THAT(SignAsSponsor(name, kY), IsOk());
  EXPECT_THAT(SignAsCoordinator(name, kY), IsOk());
  EXPECT_EQ(Told("RoutingCompleted"), 0);
  EXPECT_THAT(SignAsCoordinator(name, kX), IsOk());
  EXPECT_EQ(Get(name).state(), v1::ROUTING_STATE_COMPLETE);
  EXPECT_EQ(Told("SponsorsSigned"), 1);
  EXPECT_EQ(Told("RoutingCompleted"), 1);
  v1::ListSignaturesRequest list;
  list.set_parent(name);
  const auto signatures = desk_->Ask<v1::ListSignaturesResponse>(testing::Service("inventory"), list);
  ASSERT_THAT(signatures, IsOk());
  ASSERT_EQ(signatures->signatures_size(), 4);
  EXPECT_EQ(signatures->signatures(2).entity(), kY);
  EXPECT_EQ(signatures->signatures(2).capacity(), v1::CAPACITY_DATA_COORDINATOR);
}

TEST_P(Review, WantsTwoPersonsUnlessTheSettingSaysOtherwise) {
  const std::string name = Open().name();
  OpineAll(name, {kX, kY});
  ASSERT_THAT(SignAsSponsor(name, kX, "both"), IsOk());
  ASSERT_THAT(SignAsSponsor(name, kY, "both"), IsOk());
  EXPECT_THAT(SignAsCoordinator(name, kX, "both"), FailsWith(Reason::ERROR_REASON_SAME_PERSON));
  EXPECT_THAT(SignAsCoordinator(name, kX), IsOk());
  Serve(true);
  EXPECT_THAT(SignAsCoordinator(name, kY, "both"), IsOk());
}

TEST_P(Review, PassesNothingWhileADisputeHoldsIt) {
  const std::string name = Open().name();
  ASSERT_THAT(Hold(), IsOk());
  EXPECT_THAT(Opine(name, kX, v1::DISCIPLINE_LEGAL, "legal"), FailsWith(Reason::ERROR_REASON_BUCP_ON_HOLD));
  EXPECT_THAT(SignAsSponsor(name, kX), FailsWith(Reason::ERROR_REASON_BUCP_ON_HOLD));
  const auto released = Release();
  ASSERT_THAT(released, IsOk());
  EXPECT_EQ(released->state(), v1::ROUTING_STATE_OPINIONS);
  EXPECT_EQ(released->held_from(), v1::ROUTING_STATE_UNSPECIFIED);
  EXPECT_EQ(Told("OpinionsCompleted"), 0);
  EXPECT_THAT(Opine(name, kX, v1::DISCIPLINE_LEGAL, "legal"), IsOk());
  ASSERT_THAT(Hold(), IsOk());
  EXPECT_THAT(Close(), IsOk());
}

TEST_P(Review, SaysAgainWhenReleasedWhatWasRefusedMeanwhile) {
  const std::string name = OpenAtCoordinators();
  EXPECT_EQ(Told("OpinionsCompleted"), 1);
  ASSERT_THAT(Hold(), IsOk());
  EXPECT_EQ(Release()->state(), v1::ROUTING_STATE_COORDINATORS);
  EXPECT_EQ(Told("OpinionsCompleted"), 2);
  EXPECT_EQ(Told("RoutingCompleted"), 0);
  ASSERT_THAT(SignAsCoordinator(name, kX), IsOk());
  ASSERT_THAT(SignAsCoordinator(name, kY), IsOk());
  ASSERT_THAT(Hold(), IsOk());
  EXPECT_EQ(Release()->state(), v1::ROUTING_STATE_COMPLETE);
  EXPECT_EQ(Told("RoutingCompleted"), 2);
}

TEST_P(Review, CompletesOnceHoweverManySignAtOnce) {
  const std::string name = OpenAtCoordinators();
  std::atomic<int> done = 0, refused = 0;
  std::vector<std::thread> signers;
  for (int i = 0; i < 16; ++i) {
    signers.emplace_back([&, entity = i % 2 == 0 ? kX : kY] {
      absl::StatusOr<v1::Routing> result;
      do {
        result = SignAsCoordinator(name, entity);
      } while (status::ReasonOf(result.status()) == Reason::ERROR_REASON_CONCURRENT_CHANGE);
      if (result.ok()) ++done;
      if (status::ReasonOf(result.status()) == Reason::ERROR_REASON_ALREADY_DONE) ++refused;
    });
  }
  for (std::thread& signer : signers) signer.join();
  EXPECT_EQ(done, 2);
  EXPECT_EQ(refused, 14);
  EXPECT_EQ(Told("RoutingCompleted"), 1);
  EXPECT_EQ(Get(name).state(), v1::ROUTING_STATE_COMPLETE);
}

TEST_P(Review, AsksADepartmentThatIsOnBothSidesOnce) {
  const v1::Routing routing = Open(kX, kX);
  EXPECT_EQ(routing.steps_size(), 5);
  OpineAll(routing.name(), {kX});
  EXPECT_EQ(SignAsSponsor(routing.name(), kX)->state(), v1::ROUTING_STATE_COORDINATORS);
  EXPECT_EQ(SignAsCoordinator(routing.name(), kX)->state(), v1::ROUTING_STATE_COMPLETE);
}

TEST_P(Review, ListsByBucpAndState) {
  const std::string first = Open().name();
  ASSERT_THAT(Close(), IsOk());
  const std::string second = Open().name();
  v1::ListRoutingsRequest list;
  list.set_filter("bucp = \"bucps/1\" AND state = ROUTING_STATE_OPINIONS");
  const auto open = desk_->Ask<v1::ListRoutingsResponse>(testing::Service("inventory"), list);
  ASSERT_THAT(open, IsOk());
  ASSERT_EQ(open->routings_size(), 1);
  EXPECT_EQ(open->routings(0).name(), second);
  EXPECT_EQ(open->routings(0).steps_size(), 0);
  list.set_filter("bucp = \"bucps/2\"");
  EXPECT_EQ(desk_->Ask<v1::ListRoutingsResponse>(At(kX), list)->routings_size(), 0);
}

INSTANTIATE_TEST_SUITE_P(Every, Review, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::review
