#include "services/drafting/drafting_app.h"

int main(int argc, char** argv) {
  return idea::server::Run(argc, argv, "drafting", {idea::drafting::kDrafting});
}
