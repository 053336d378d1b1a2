#include "common/server/app.h"
#include "services/registry/registry_app.h"

int main(int argc, char** argv) {
  return idea::server::Run(argc, argv, "registry", {idea::registry::kRegistry});
}
