#include "services/dispute/dispute_app.h"

#include "services/dispute/dispute_commands.h"
#include "services/dispute/dispute_service.h"

extern const idea::config::EmbeddedFile k_dispute_schema[];

namespace idea::dispute {
namespace {

class DisputeApp : public server::App {
 public:
  explicit DisputeApp(const server::Parts& parts)
      : offices_{parts.config.Text("IDEA_CDO_ENTITY"), parts.config.Text("IDEA_GOVERNOR_ENTITY")},
        ask_([peer = parts.peer](std::string_view service, const rpc::Context& context,
                                 const google::protobuf::Message& request,
                                 google::protobuf::Message* response) {
          return peer(service).Send(context, request, response);
        }),
        service_(offices_, ask_) {}

  void Bind(rpc::Router& router) override { service_.Bind(router); }
  std::vector<events::Target> Targets() override { return {DraftingTarget(offices_, ask_)}; }

 private:
  const Offices offices_;
  const Ask ask_;
  DisputeService service_;
};

std::unique_ptr<server::App> Make(const server::Parts& parts) { return std::make_unique<DisputeApp>(parts); }

}  // namespace

const server::Service kDispute = {"dispute", k_dispute_schema, &Make};

}  // namespace idea::dispute
