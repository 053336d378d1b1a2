#include "services/registry/registry_app.h"

#include "services/registry/accessions_service.h"
#include "services/registry/certifications_service.h"
#include "services/registry/contacts_service.h"
#include "services/registry/delegations_service.h"
#include "services/registry/entities_service.h"
#include "services/registry/registry_directory.h"
#include "services/registry/signatories_service.h"

extern const idea::config::EmbeddedFile k_registry_schema[];

namespace idea::registry {
namespace {

class RegistryApp : public server::App {
 public:
  explicit RegistryApp(const server::Parts& parts)
      : contacts_(parts.config.Text("IDEA_CDO_ENTITY"), parts.config.Text("IDEA_GOVERNOR_ENTITY")),
        directory_(parts.database, parts.clock) {}

  void Bind(rpc::Router& router) override {
    entities_.Bind(router);
    accessions_.Bind(router);
    signatories_.Bind(router);
    contacts_.Bind(router);
    delegations_.Bind(router);
    certifications_.Bind(router);
  }
  auth::Directory* directory() override { return &directory_; }

 private:
  EntitiesService entities_;
  AccessionsService accessions_;
  SignatoriesService signatories_;
  ContactsService contacts_;
  DelegationsService delegations_;
  CertificationsService certifications_;
  RegistryDirectory directory_;
};

std::unique_ptr<server::App> Make(const server::Parts& parts) { return std::make_unique<RegistryApp>(parts); }

}  // namespace

const server::Service kRegistry = {"registry", k_registry_schema, &Make};

}  // namespace idea::registry
