#ifndef IDEA_SERVICES_REVIEW_REVIEW_APP_H_
#define IDEA_SERVICES_REVIEW_REVIEW_APP_H_

#include "common/server/app.h"

namespace idea::review {

// The review service, which main.cc and suite run.
extern const server::Service kReview;

}  // namespace idea::review

#endif  // IDEA_SERVICES_REVIEW_REVIEW_APP_H_
