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
        peer_(parts.peer),
        service_(offices_, peer_) {}

  void Bind(rpc::Router& router) override { service_.Bind(router); }
  std::vector<events::Target> Targets() override { return {DraftingTarget(offices_, peer_)}; }

 private:
  const Offices offices_;
  const PeerOf peer_;
  DisputeService service_;
};

std::unique_ptr<server::App> Make(const server::Parts& parts) { return std::make_unique<DisputeApp>(parts); }

}  // namespace

const server::Service kDispute = {"dispute", k_dispute_schema, &Make};

}  // namespace idea::dispute
