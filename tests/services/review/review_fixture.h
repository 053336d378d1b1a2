#ifndef IDEA_TESTS_SERVICES_REVIEW_REVIEW_FIXTURE_H_
#define IDEA_TESTS_SERVICES_REVIEW_REVIEW_FIXTURE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/review/review_service.h"
#include "tests/services/registry/registry_fixture.h"

extern const idea::config::EmbeddedFile k_review_schema[];

namespace idea::review {

using status::Reason;
using testing::FailsWith;
using testing::IsOk;

inline constexpr char kX[] = "entities/department-x";
inline constexpr char kY[] = "entities/department-y";
inline constexpr char kBucp[] = "bucps/1";

// A person of an entity. The persons of each entity have a prefix, except those of X, so that none acts for
// two.
inline testing::TestCaller At(const std::string& entity, const std::string& person = "") {
  const std::string prefix = entity == kX || person.empty() ? "" : entity == kY ? "y-" : "z-";
  return testing::At(entity, prefix + person);
}

// The review service with the real pipeline and a real registry. Each department has the persons
// "legal", "privacy", "security", "technology", "sponsor", "coordinator", and "both", who holds the last two
// roles.
class Review : public testing::OnMigrated {
 protected:
  void SetUp() override {
    OnMigrated::SetUp();
    if (IsSkipped()) return;
    registry_database_ = testing::Fresh("memory");
    registry_ = std::make_unique<registry::RegistryHarness>(env_, *registry_database_);
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
        {"technology", {common::v1::CONTACT_ROLE_TECHNOLOGY}},
        {"both", {common::v1::CONTACT_ROLE_EXECUTIVE_SPONSOR, common::v1::CONTACT_ROLE_DATA_COORDINATOR}}};
    for (const char* entity : {kX, kY, "entities/stranger"}) {
      for (const auto& [person, roles] : people)
        ASSERT_THAT(registry_->AddContact(entity, At(entity, person).person, roles), IsOk());
    }
    Serve({});
  }

  // Creates the service again with these settings.
  void Serve(ReviewService::Settings settings) {
    service_ = std::make_unique<ReviewService>(settings, Peers());
    harness_ = std::make_unique<testing::ServiceHarness>("review", k_review_schema, env_, database(),
                                                         registry_->directory());
    service_->Bind(harness_->router());
  }

  // The peers: a drafting in which every revision "bucps/1/revisions/{c}" has the digest of that character
  // and the current content, and the real registry.
  rpc::PeerClient Peers() {
    return [this](std::string_view service, const rpc::Context&, const google::protobuf::Message& request,
                  google::protobuf::Message* response) -> absl::Status {
      if (service == "registry") {
        RETURN_IF_ERROR(registry_->harness().Send(testing::Service("review"), request, response));
        static_cast<registry::v1::ResolvePersonResponse*>(response)->set_public_key(public_key_);
        return absl::OkStatus();
      }
      if (const auto* ask = dynamic_cast<const drafting::v1::GetRevisionRequest*>(&request)) {
        auto& revision = *static_cast<drafting::v1::GetRevisionResponse*>(response)->mutable_revision();
        revision.set_digest(DigestOf(ask->name().back()));
        *revision.mutable_content() = content_;
        return absl::OkStatus();
      }
      auto& bucp = *static_cast<drafting::v1::GetBucpResponse*>(response)->mutable_bucp();
      bucp = bucp_;
      *bucp.mutable_create_time() = clock::ToProto(env_.clock.Now());
      *bucp.mutable_send_time() = clock::ToProto(env_.clock.Now());
      return absl::OkStatus();
    };
  }

  static std::string DigestOf(char fill) { return std::string(64, fill); }

  // An earlier release of drafting sends the freeze number 0.
  v1::Routing Open(const std::vector<std::string>& recipients, const std::vector<std::string>& providers,
                   char digest = 'a', int32_t freeze_number = 0) {
    v1::OpenRoutingRequest request;
    request.set_bucp(kBucp);
    request.set_title("Food aid");
    request.set_revision(std::string("bucps/1/revisions/") + digest);
    request.set_digest(DigestOf(digest));
    request.set_freeze_number(freeze_number);
    for (const std::string& entity : recipients) request.add_recipients(entity);
    for (const std::string& entity : providers) request.add_providers(entity);
    env_.clock.Advance(clock::kSecond);
    const auto opened = harness_->Ask<v1::OpenRoutingResponse>(testing::Service("drafting"), request);
    EXPECT_THAT(opened, IsOk());
    return opened.ok() ? opened->routing() : v1::Routing();
  }
  v1::Routing Open(const char* recipient = kX, const char* provider = kY, char digest = 'a',
                   int32_t freeze_number = 0) {
    return Open(std::vector<std::string>{recipient}, {provider}, digest, freeze_number);
  }
  template <class Response, class Request>
  absl::StatusOr<v1::Routing> Command(Request request = {}) {
    request.set_bucp(kBucp);
    if (request.digest().empty()) request.set_digest(DigestOf('a'));
    ASSIGN_OR_RETURN(const auto response, harness_->Ask<Response>(testing::Service("drafting"), request));
    return response.routing();
  }
  absl::StatusOr<v1::Routing> Hold() {
    v1::HoldRoutingRequest request;
    request.set_dispute("disputes/1");
    return Command<v1::HoldRoutingResponse>(request);
  }
  // `signing`: drafting knows that every opinion is registered.
  absl::StatusOr<v1::Routing> Release(bool signing = false) {
    v1::ReleaseRoutingRequest request;
    request.set_signing(signing);
    return Command<v1::ReleaseRoutingResponse>(request);
  }
  absl::StatusOr<v1::Routing> Close(int32_t freeze_number = 0) {
    v1::CloseRoutingRequest request;
    request.set_freeze_number(freeze_number);
    return Command<v1::CloseRoutingResponse>(request);
  }

  absl::StatusOr<v1::Routing> Opine(const std::string& routing, const std::string& entity,
                                    v1::Discipline discipline, const std::string& person, char digest = 'a') {
    v1::RegisterOpinionRequest request;
    request.set_routing(routing);
    request.set_discipline(discipline);
    request.set_position(v1::POSITION_OPPOSES);
    request.set_text("too wide");
    request.set_digest(DigestOf(digest));
    ASSIGN_OR_RETURN(const auto response,
                     harness_->Ask<v1::RegisterOpinionResponse>(At(entity, person), request));
    return response.routing();
  }
  absl::StatusOr<v1::Routing> Sign(const std::string& routing, const std::string& entity,
                                   v1::Capacity capacity, const std::string& person, char digest = 'a') {
    v1::SignBucpRequest request;
    request.set_routing(routing);
    request.set_capacity(capacity);
    request.set_digest(DigestOf(digest));
    ASSIGN_OR_RETURN(const auto response, harness_->Ask<v1::SignBucpResponse>(At(entity, person), request));
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
  // Returns a routing with every opinion and every sponsor's signature.
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
    const auto got = harness_->Ask<v1::GetRoutingResponse>(At(kX), request);
    EXPECT_THAT(got, IsOk());
    return got.ok() ? got->routing() : v1::Routing();
  }
  int CountEvents(const std::string& type) {
    int count = 0;
    for (const events::Event& event : harness_->Events()) count += event.type() == type ? 1 : 0;
    return count;
  }

  drafting::v1::Content content_;
  drafting::v1::Bucp bucp_;
  // The public key of every person in the registry.
  std::string public_key_;
  testing::TestEnv env_;
  std::unique_ptr<storage::Database> registry_database_;
  std::unique_ptr<registry::RegistryHarness> registry_;
  std::unique_ptr<ReviewService> service_;
  std::unique_ptr<testing::ServiceHarness> harness_;
};

}  // namespace idea::review

#endif  // IDEA_TESTS_SERVICES_REVIEW_REVIEW_FIXTURE_H_
