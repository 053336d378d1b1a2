#ifndef IDEA_COMMON_SERVER_OPERATIONS_H_
#define IDEA_COMMON_SERVER_OPERATIONS_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/router.h"
#include "idea/operations/v1/operations.pb.h"

namespace idea::server {

// idea.operations.v1.OperationsService for the services of one process. The name in a request selects the
// database. Stateless, so any replica can serve it.
class OperationsService {
 public:
  // Adds the database of a service, which must outlive this object.
  void Add(const std::string& service, const rpc::Place& place);
  void Bind(rpc::Router& router);

 private:
  absl::StatusOr<operations::v1::ListDeadLettersResponse> ListDeadLetters(
      rpc::Call& call, const operations::v1::ListDeadLettersRequest& request);
  absl::StatusOr<operations::v1::RetryDeadLetterResponse> RetryDeadLetter(
      rpc::Call& call, const operations::v1::RetryDeadLetterRequest& request);
  absl::StatusOr<operations::v1::RetryDeadLettersResponse> RetryDeadLetters(
      rpc::Call& call, const operations::v1::RetryDeadLettersRequest& request);
  // NOT_FOUND if the process does not run the service.
  absl::StatusOr<rpc::Place> PlaceOf(const std::string& name) const;

  std::map<std::string, rpc::Place> places_;
};

}  // namespace idea::server

#endif  // IDEA_COMMON_SERVER_OPERATIONS_H_
