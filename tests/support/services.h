#ifndef IDEA_TESTS_SUPPORT_SERVICES_H_
#define IDEA_TESTS_SUPPORT_SERVICES_H_

#include <vector>

#include "google/protobuf/descriptor.h"
#include "idea/dispute/v1/dispute.pb.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "idea/inventory/v1/bulk.pb.h"
#include "idea/inventory/v1/evidence.pb.h"
#include "idea/inventory/v1/exchange.pb.h"
#include "idea/inventory/v1/inventory.pb.h"
#include "idea/inventory/v1/notice.pb.h"
#include "idea/inventory/v1/register.pb.h"
#include "idea/inventory/v1/review_date.pb.h"
#include "idea/notification/v1/notification.pb.h"
#include "idea/operations/v1/operations.pb.h"
#include "idea/registry/v1/registry.pb.h"
#include "idea/review/v1/review.pb.h"

namespace idea::testing {

// Every service of the suite, in the order in which an agreement meets them.
inline std::vector<const google::protobuf::ServiceDescriptor*> Services() {
  std::vector<const google::protobuf::ServiceDescriptor*> services;
  for (const auto* type :
       {registry::v1::Entity::descriptor(), drafting::v1::Bucp::descriptor(),
        review::v1::Routing::descriptor(), dispute::v1::Dispute::descriptor(),
        inventory::v1::Filing::descriptor(), inventory::v1::Evidence::descriptor(),
        inventory::v1::EarlierFiling::descriptor(), inventory::v1::PublicFiling::descriptor(),
        inventory::v1::ReviewDate::descriptor(), inventory::v1::Notice::descriptor(),
        inventory::v1::Transfer::descriptor(), notification::v1::ListInboxRequest::descriptor(),
        operations::v1::DeadLetter::descriptor()}) {
    for (int i = 0; i < type->file()->service_count(); ++i) services.push_back(type->file()->service(i));
  }
  return services;
}

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_SERVICES_H_
