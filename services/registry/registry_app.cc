#include "services/registry/registry_app.h"

#include "services/registry/accession/accession_service.h"
#include "services/registry/certification/certification_service.h"
#include "services/registry/contact/contact_service.h"
#include "services/registry/delegation/delegation_access.h"
#include "services/registry/delegation/delegation_service.h"
#include "services/registry/entity/entity_service.h"
#include "services/registry/registry_events.h"
#include "services/registry/signatory_list/signatory_list_service.h"

extern const idea::config::EmbeddedFile k_registry_schema[];

namespace idea::registry {
namespace {

class RegistryApp : public server::App {
 public:
  explicit RegistryApp(const server::ServiceDeps& deps)
      : peers_(deps.peers),
        database_(deps.database),
        entities_(deps.peers),
        contacts_(deps.config.Text("IDEA_CDO_ENTITY"), deps.config.Text("IDEA_GOVERNOR_ENTITY")),
        directory_(deps.database, deps.clock) {}

  void Bind(rpc::Router& router) override {
    entities_.Bind(router);
    accessions_.Bind(router);
    signatories_.Bind(router);
    contacts_.Bind(router);
    delegations_.Bind(router);
    certifications_.Bind(router);
  }
  auth::Directory* directory() override { return &directory_; }
  std::vector<events::Target> Targets() override {
    return {InventoryTarget(peers_), LogTarget(peers_, database_)};
  }

 private:
  const rpc::PeerClient peers_;
  storage::Database& database_;
  EntityService entities_;
  AccessionService accessions_;
  SignatoryListService signatories_;
  ContactService contacts_;
  DelegationService delegations_;
  CertificationService certifications_;
  RegistryDirectory directory_;
};

std::unique_ptr<server::App> Make(const server::ServiceDeps& deps) {
  return std::make_unique<RegistryApp>(deps);
}

}  // namespace

const server::Service kRegistry = {"registry", k_registry_schema, &Make};

}  // namespace idea::registry
