#include <algorithm>
#include <set>
#include <utility>

#include "common/events/epochs.h"
#include "common/ids/ids.h"
#include "common/server/registry_client.h"
#include "common/status/status.h"
#include "services/review/review_events.h"
#include "services/review/review_service.h"
#include "services/review/routing_access.h"
#include "services/review/routing_transition.h"
#include "services/review/task_store.h"

// The methods of ReviewService on tasks.
namespace idea::review {
namespace {

using status::Error;
using status::Reason;

constexpr int kWatchBatch = 100;
// The scope of resume tokens.
constexpr char kTasks[] = "tasks";

// Adds the tasks that changed at one position of the log. Only the last message resumes after the position: a
// stream that ended between them sends all of them again.
void Show(std::vector<v1::Task> tasks, const std::string& before, const std::string& at,
          std::vector<v1::WatchTasksResponse>& out) {
  for (v1::Task& task : tasks) {
    v1::WatchTasksResponse& response = out.emplace_back();
    *response.mutable_task() = std::move(task);
    response.set_resume_token(before);
  }
  if (!tasks.empty()) out.back().set_resume_token(at);
}

}  // namespace

absl::StatusOr<registry::v1::ResolvePersonResponse> ReviewService::Resolve(rpc::Call& call,
                                                                           const std::string& person) {
  return server::RegistryClient(peers_, call.context()).ResolvePerson(call.caller().entity, person);
}

absl::StatusOr<ReviewService::Roles> ReviewService::ContactRolesOf(rpc::Call& call,
                                                                   const std::string& person) {
  if (person.empty()) return Roles();
  ASSIGN_OR_RETURN(const auto resolved, Resolve(call, person));
  Roles roles;
  for (const int role : resolved.roles()) roles.push_back(static_cast<common::v1::ContactRole>(role));
  return roles;
}

absl::StatusOr<ReviewService::Roles> ReviewService::GatherForTasks(rpc::Call& call,
                                                                   const v1::ListTasksRequest& request) {
  if (!request.for_person().empty() && call.caller().entity.empty()) {
    return Error(Reason::ERROR_REASON_INVALID_FIELD, "for_person must be a person of the calling department")
        .Field("for_person", "empty for a service");
  }
  return ContactRolesOf(call, request.for_person());
}

absl::StatusOr<v1::ListTasksResponse> ReviewService::ListTasks(rpc::Call& call,
                                                               const v1::ListTasksRequest& request,
                                                               const Roles& roles) {
  // A person's tasks are those of the person's department, also for the Statewide CDO's office.
  const auth::Caller& caller = call.caller();
  const auth::Visibility visibility =
      request.for_person().empty() ? VisibilityOf(caller) : auth::Visibility::Of(caller.entity);
  return review::ListTasks(call.db(), request, visibility, roles, call.now());
}

absl::StatusOr<std::vector<v1::WatchTasksResponse>> ReviewService::WatchTasks(
    rpc::Call& call, const v1::WatchTasksRequest& request, std::string& token) {
  const auth::Visibility visibility = VisibilityOf(call.caller());
  const std::string from = token.empty() ? request.resume_token() : token;
  ASSIGN_OR_RETURN(const events::Epochs epochs, events::Epochs::Read(call.db()));
  std::vector<v1::WatchTasksResponse> responses;
  if (from.empty()) {
    token = epochs.TokenOf(epochs.head(), kTasks);
    ASSIGN_OR_RETURN(auto tasks, OpenTasks(call.db(), visibility, call.now()));
    Show(std::move(tasks), "", token, responses);
    return responses;
  }
  ASSIGN_OR_RETURN(const int64_t after, epochs.Resolve(from, kTasks, "resume_token"));
  ASSIGN_OR_RETURN(const auto logged_events, events::ReadAfter(call.db(), after, kWatchBatch));
  token = from;
  std::set<std::pair<std::string, clock::Micros>> shown;
  for (const events::LoggedEvent& logged : logged_events) {
    const std::string before = std::exchange(token, epochs.TokenOf(logged.position, kTasks));
    v1::RoutingMoved moved;
    if (!logged.event.data().UnpackTo(&moved)) continue;
    const clock::Micros time = clock::FromProto(logged.event.time());
    if (!shown.emplace(moved.routing(), time).second) continue;
    ASSIGN_OR_RETURN(auto tasks, TasksChangedAt(call.db(), visibility, moved.routing(), time, call.now()));
    Show(std::move(tasks), before, token, responses);
  }
  return responses;
}

absl::StatusOr<ReviewService::Roles> ReviewService::GatherForReassigning(
    rpc::Call& call, const v1::ReassignTaskRequest& request) {
  return ContactRolesOf(call, request.person());
}

absl::StatusOr<v1::ReassignTaskResponse> ReviewService::ReassignTask(rpc::Call& call,
                                                                     const v1::ReassignTaskRequest& request,
                                                                     const Roles& roles) {
  ASSIGN_OR_RETURN(const v1::Routing routing, FindVisible(call, ids::Parent(request.name())));
  v1::ReassignTaskResponse response;
  ASSIGN_OR_RETURN(*response.mutable_task(), FindTask(call.db(), request.name(), call.now()));
  v1::Task& task = *response.mutable_task();
  const auth::Caller& caller = call.caller();
  if (task.entity() != caller.entity) {
    return Error(Reason::ERROR_REASON_NOT_YOUR_STEP, "the task is another department's")
        .With("by", task.entity());
  }
  if (!caller.Has(task.role()) && !caller.Has(common::v1::CONTACT_ROLE_DATA_COORDINATOR) &&
      !caller.Has(common::v1::CONTACT_ROLE_EXECUTIVE_SPONSOR)) {
    return Error(Reason::ERROR_REASON_ROLE_REQUIRED, "the task is another representative's")
        .With("roles", common::v1::ContactRole_Name(task.role()));
  }
  const bool holds = std::find(roles.begin(), roles.end(), task.role()) != roles.end();
  if (!request.person().empty() && !holds) {
    return Error(Reason::ERROR_REASON_ROLE_REQUIRED, "that person does not hold the role of the task")
        .With("roles", common::v1::ContactRole_Name(task.role()));
  }
  RETURN_IF_ERROR(AssignTask(call.db(), request.name(), request.person(), call.now()));
  task.set_person(request.person());
  RecordEvent(call, routing, kTaskReassigned, task.name(), task.citation(),
              task.summary() + ": " + (task.person().empty() ? "anyone with the role" : task.person()));
  return response;
}

}  // namespace idea::review
