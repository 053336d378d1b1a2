#include "common/server/operations.h"

#include "common/events/dead_letter_store.h"
#include "common/events/handover_store.h"
#include "common/ids/resource_names.h"
#include "common/status/status.h"

namespace idea::server {

using namespace operations::v1;  // NOLINT(google-build-using-namespace)

void OperationsService::Add(const std::string& service, const rpc::Place& place) { places_[service] = place; }

void OperationsService::Bind(rpc::Router& router) {
  router.Bind(this, &OperationsService::ListDeadLetters);
  router.Bind(this, &OperationsService::RetryDeadLetter);
  router.Bind(this, &OperationsService::RetryDeadLetters);
  router.PlaceBy([this](const google::protobuf::Message& request) -> absl::StatusOr<rpc::Place> {
    const auto* type = request.GetDescriptor();
    const auto* field = type->FindFieldByName("parent");
    if (field == nullptr) field = type->FindFieldByName("name");
    return PlaceOf(request.GetReflection()->GetString(request, field));
  });
}

absl::StatusOr<rpc::Place> OperationsService::PlaceOf(const std::string& name) const {
  const auto found = places_.find(ids::kServices.IdIn(name));
  if (found != places_.end()) return found->second;
  return status::Error(status::Reason::ERROR_REASON_NOT_FOUND, "this server does not run that service")
      .With("name", name);
}

absl::StatusOr<ListDeadLettersResponse> OperationsService::ListDeadLetters(
    rpc::Call& call, const ListDeadLettersRequest& request) {
  return events::ListDeadLetters(call.db(), request);
}

absl::StatusOr<RetryDeadLetterResponse> OperationsService::RetryDeadLetter(
    rpc::Call& call, const RetryDeadLetterRequest& request) {
  ASSIGN_OR_RETURN(const DeadLetter letter, events::FindDeadLetter(call.db(), request.name()));
  RETURN_IF_ERROR(events::RetryDeadLetter(call.db(), letter, call.now()));
  // Without the BUCP, so that the event does not wait in its line.
  call.Record({.type = "DeadLetterRetried",
               .subject = request.name(),
               .summary = "An operator has the event " + letter.event_type() + " handed to " +
                          letter.target() + " again."});
  RetryDeadLetterResponse response;
  ASSIGN_OR_RETURN(*response.mutable_dead_letter(), events::FindDeadLetter(call.db(), request.name()));
  return response;
}

absl::StatusOr<RetryDeadLettersResponse> OperationsService::RetryDeadLetters(
    rpc::Call& call, const RetryDeadLettersRequest& request) {
  ASSIGN_OR_RETURN(const int64_t count, events::RetryAside(call.db(), "", request.bucp(), call.now()));
  call.Record({.type = "DeadLettersRetried",
               .subject = request.parent(),
               .summary = "An operator has events that were set aside handed over again: " +
                          std::to_string(count) + "."});
  RetryDeadLettersResponse response;
  response.set_parent(request.parent());
  response.set_count(static_cast<int32_t>(count));
  return response;
}

}  // namespace idea::server
