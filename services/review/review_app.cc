#include "services/review/review_app.h"

#include "common/server/command.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "services/review/review_service.h"

extern const idea::config::EmbeddedFile k_review_schema[];

namespace idea::review {
namespace {

using events::Event;

template <class Response, class Request>
absl::Status Tell(rpc::Peer& drafting, const Event& event) {
  const auto moved = server::DataOf<v1::RoutingMoved>(event);
  Request request;
  request.set_name(moved.bucp());
  request.set_digest(moved.digest());
  return server::Command<Response>(drafting, event, std::move(request));
}

absl::Status ToDrafting(rpc::Peer& drafting, const Event& event) {
  using namespace drafting::v1;  // NOLINT(google-build-using-namespace)
  if (event.type() == "OpinionsCompleted")
    return Tell<CompleteReviewsResponse, CompleteReviewsRequest>(drafting, event);
  if (event.type() == "RoutingCompleted") {
    return Tell<CompleteSignaturesResponse, CompleteSignaturesRequest>(drafting, event);
  }
  return absl::OkStatus();
}

class ReviewApp : public server::App {
 public:
  explicit ReviewApp(const server::Parts& parts)
      : peer_(parts.peer), service_(parts.config.Flag("IDEA_ONE_PERSON_MAY_SIGN_TWICE")) {}

  void Bind(rpc::Router& router) override {
    using S = ReviewService;
    router.Bind(&service_, &S::OpenRouting);
    router.Bind(&service_, &S::CloseRouting);
    router.Bind(&service_, &S::HoldRouting);
    router.Bind(&service_, &S::ReleaseRouting);
    router.Bind(&service_, &S::GetRouting);
    router.Bind(&service_, &S::ListRoutings);
    router.Bind(&service_, &S::RegisterOpinion);
    router.Bind(&service_, &S::ListOpinions);
    router.Bind(&service_, &S::SignBucp);
    router.Bind(&service_, &S::ListSignatures);
  }

  // A refusal needs no reaction: what drafting refuses because a dispute holds the BUCP is said again on
  // release, and what it refuses because the revision is no longer frozen is followed by its CloseRouting.
  std::vector<events::Target> Targets() override {
    return {
        {"drafting", [this](const Event& event) { return ToDrafting(peer_("drafting"), event); }, nullptr}};
  }

 private:
  std::function<rpc::Peer&(std::string_view)> peer_;
  ReviewService service_;
};

}  // namespace

const server::Service kReview = {"review", k_review_schema,
                                 [](const server::Parts& parts) -> std::unique_ptr<server::App> {
                                   return std::make_unique<ReviewApp>(parts);
                                 }};

}  // namespace idea::review
