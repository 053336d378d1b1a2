#include "services/review/review_app.h"

int main(int argc, char** argv) { return idea::server::Run(argc, argv, "review", {idea::review::kReview}); }
