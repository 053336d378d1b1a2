#ifndef IDEA_SERVICES_REVIEW_TASK_STORE_H_
#define IDEA_SERVICES_REVIEW_TASK_STORE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/auth/visibility.h"
#include "common/clock/clock.h"
#include "common/listing/listing.h"
#include "common/storage/database.h"
#include "idea/review/v1/routing.pb.h"
#include "idea/review/v1/task.pb.h"

// Tasks in the database. They follow the routing's steps and are stored with it, in the same transaction, so
// that whatever a BUCP waits for is a task.
namespace idea::review {

// Brings the routing's tasks in line with its steps and its state: opens, holds, closes.
absl::Status FollowSteps(storage::Transaction& db, const v1::Routing& routing, clock::Micros now);

// The task with its age. NOT_FOUND if there is none.
absl::StatusOr<v1::Task> FindTask(storage::Transaction& db, const std::string& name, clock::Micros now);

// Who is to do an open task. STEP_NOT_ALLOWED if it is closed.
absl::Status AssignTask(storage::Transaction& db, const std::string& name, const std::string& person,
                        clock::Micros now);

// Returns one page of the tasks of visible routings, oldest first. With request.for_person, `visibility` must
// be that of the person's entity, and `person_roles` are the roles that the person has now.
absl::StatusOr<v1::ListTasksResponse> ListTasks(storage::Transaction& db, const v1::ListTasksRequest& request,
                                                const auth::Visibility& visibility,
                                                const std::vector<common::v1::ContactRole>& person_roles,
                                                clock::Micros now);

// Every task that can be done now or is on hold.
absl::StatusOr<std::vector<v1::Task>> OpenTasks(storage::Transaction& db, const auth::Visibility& visibility,
                                                clock::Micros now);

// The routing's tasks that changed at `changed`.
absl::StatusOr<std::vector<v1::Task>> TasksChangedAt(storage::Transaction& db,
                                                     const auth::Visibility& visibility,
                                                     const std::string& routing, clock::Micros changed,
                                                     clock::Micros now);

// Open tasks that were reminded of `reminders` times and opened at `opened` or before; at most `limit`.
absl::StatusOr<std::vector<v1::Task>> TasksToRemindOf(storage::Transaction& db, int64_t reminders,
                                                      clock::Micros opened, int limit, clock::Micros now);

// Counts the reminder. False: the task was reminded of or closed meanwhile.
absl::StatusOr<bool> CountReminder(storage::Transaction& db, const v1::Task& task, int64_t reminders,
                                   clock::Micros now);

// How the steps of one rule fare, over all routings.
struct StepFigures {
  std::string step;
  int64_t open = 0;
  clock::Micros oldest = 0;  // when the oldest open one opened
  int64_t done = 0;
  clock::Micros took = 0;  // all that are done, together
};
absl::StatusOr<std::vector<StepFigures>> ReadFigures(storage::Transaction& db);

}  // namespace idea::review

#endif  // IDEA_SERVICES_REVIEW_TASK_STORE_H_
