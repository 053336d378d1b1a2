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

// Stores tasks. They follow the routing's steps and are stored with it, in the same transaction, so that a
// task exists for everything that a BUCP waits for.
namespace idea::review {

// Opens, holds and closes tasks according to the routing's steps and its state.
absl::Status SyncTasks(storage::Transaction& db, const v1::Routing& routing, clock::Micros now);

// Returns the task with its age. NOT_FOUND if it does not exist.
absl::StatusOr<v1::Task> FindTask(storage::Transaction& db, const std::string& name, clock::Micros now);

// Assigns an open task to a person. STEP_NOT_ALLOWED if it is closed.
absl::Status AssignTask(storage::Transaction& db, const std::string& name, const std::string& person,
                        clock::Micros now);

// Returns one page of the tasks of visible routings, oldest first. With request.for_person, `visibility` must
// be that of the person's entity, and `person_roles` are the roles that the person has now.
absl::StatusOr<v1::ListTasksResponse> ListTasks(storage::Transaction& db, const v1::ListTasksRequest& request,
                                                const auth::Visibility& visibility,
                                                const std::vector<common::v1::ContactRole>& person_roles,
                                                clock::Micros now);

// Returns every visible task that is open or on hold.
absl::StatusOr<std::vector<v1::Task>> OpenTasks(storage::Transaction& db, const auth::Visibility& visibility,
                                                clock::Micros now);

// Returns the routing's tasks that changed at `changed`, if they are visible.
absl::StatusOr<std::vector<v1::Task>> TasksChangedAt(storage::Transaction& db,
                                                     const auth::Visibility& visibility,
                                                     const std::string& routing, clock::Micros changed,
                                                     clock::Micros now);

// Returns at most `limit` open tasks with this number of reminders that opened at `opened` or before.
absl::StatusOr<std::vector<v1::Task>> FindTasksToRemind(storage::Transaction& db, int64_t reminders,
                                                        clock::Micros opened, int limit, clock::Micros now);

// Counts the reminder. Returns false if another reminder was counted or the task was closed since the read.
absl::StatusOr<bool> CountReminder(storage::Transaction& db, const v1::Task& task, int64_t reminders,
                                   clock::Micros now);

// Statistics on the steps of one rule, over all routings.
struct StepStats {
  std::string step;
  int64_t open = 0;
  clock::Micros oldest = 0;  // when the oldest open step opened
  int64_t done = 0;
  clock::Micros took = 0;  // the sum over all steps that are done
};
absl::StatusOr<std::vector<StepStats>> ReadStepStats(storage::Transaction& db);

}  // namespace idea::review

#endif  // IDEA_SERVICES_REVIEW_TASK_STORE_H_
