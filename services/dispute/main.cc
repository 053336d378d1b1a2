#include "common/server/app.h"
#include "services/dispute/dispute_app.h"

int main(int argc, char** argv) {
  return idea::server::Run(argc, argv, "dispute", {idea::dispute::kDispute});
}
