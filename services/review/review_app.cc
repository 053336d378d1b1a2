#include "services/review/review_app.h"

#include "common/server/command.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "services/review/review_service.h"
#include "services/review/task_clock.h"

extern const idea::config::EmbeddedFile k_review_schema[];

namespace idea::review {
namespace {

using events::Event;

template <class Response, class Request>
absl::Status Tell(rpc::Peer& drafting, const Event& event, Request request) {
  const auto moved = server::DataOf<v1::RoutingMoved>(event);
  request.set_name(moved.bucp());
  request.set_digest(moved.digest());
  return server::Command<Response>(drafting, event, std::move(request));
}

absl::Status ToDrafting(rpc::Peer& drafting, const Event& event) {
  using namespace drafting::v1;  // NOLINT(google-build-using-namespace)
  if (event.type() == "OpinionsCompleted")
    return Tell<CompleteReviewsResponse>(drafting, event, CompleteReviewsRequest());
  if (event.type() == "RoutingCompleted") {
    return Tell<CompleteSignaturesResponse>(drafting, event, CompleteSignaturesRequest());
  }
  if (event.type() == "ChangesRequested") {
    UnfreezeBucpRequest request;
    request.set_reason(server::DataOf<v1::RoutingMoved>(event).reason());
    return Tell<UnfreezeBucpResponse>(drafting, event, std::move(request));
  }
  return absl::OkStatus();
}

class ReviewApp : public server::App {
 public:
  explicit ReviewApp(const server::Parts& parts)
      : peer_(parts.peer),
        service_({.one_person_may_sign_twice = parts.config.Flag("IDEA_ONE_PERSON_MAY_SIGN_TWICE"),
                  .technology_opinion = parts.config.Flag("IDEA_TECHNOLOGY_OPINION")},
                 [peer = parts.peer](std::string_view service, const rpc::Context& context,
                                     const google::protobuf::Message& request,
                                     google::protobuf::Message* response) {
                   return peer(service).Send(context, request, response);
                 }),
        clock_(parts.config.Days("IDEA_REVIEW_REMINDER_DAYS"), parts.database, parts.news, parts.metrics,
               parts.clock) {}

  void Bind(rpc::Router& router) override { service_.Bind(router); }
  void Start() override { clock_.Start(); }
  void Stop() override { clock_.Stop(); }

  // A refusal needs no reaction: what drafting refuses because a dispute holds the BUCP is said again on
  // release, and what it refuses because the revision is no longer frozen is followed by its CloseRouting.
  std::vector<events::Target> Targets() override {
    return {
        {"drafting", [this](const Event& event) { return ToDrafting(peer_("drafting"), event); }, nullptr}};
  }

 private:
  std::function<rpc::Peer&(std::string_view)> peer_;
  ReviewService service_;
  TaskClock clock_;
};

}  // namespace

const server::Service kReview = {"review", k_review_schema,
                                 [](const server::Parts& parts) -> std::unique_ptr<server::App> {
                                   return std::make_unique<ReviewApp>(parts);
                                 }};

}  // namespace idea::review
