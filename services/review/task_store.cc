#include "services/review/task_store.h"

#include <map>

#include "common/ids/resource_names.h"
#include "common/status/status.h"
#include "services/review/routing_rules.h"

namespace idea::review {
namespace {

using listing::Kind;
using status::Error;
using status::Reason;
using storage::Args, storage::Blob;

constexpr char kColumns[] = "SELECT opened, id, state, person, closed, reminders, body FROM tasks WHERE ";
constexpr char kVisible[] = "routing IN (SELECT routing FROM routing_parties WHERE entity = $1)";

const listing::Spec& TaskList() {
  static const listing::Spec spec = {{{"entity", "entity", Kind::kText},
                                      {"role", "role", Kind::kEnum, common::v1::ContactRole_descriptor()},
                                      {"bucp", "bucp", Kind::kText},
                                      {"routing", "'routings/' || routing", Kind::kText},
                                      {"state", "state", Kind::kEnum, v1::TaskState_descriptor()},
                                      {"person", "person", Kind::kText},
                                      {"open_time", "opened", Kind::kTime}},
                                     "opened",
                                     false,
                                     "id",
                                     false};
  return spec;
}

std::string IdOf(const std::string& name) { return ids::kRoutings.IdIn(name) + "/" + ids::kTasks.IdIn(name); }

absl::StatusOr<v1::Task> Read(const storage::Row& row, clock::Micros now) {
  v1::Task task;
  if (!task.ParseFromString(row.Bytes(6))) return absl::DataLossError("a task does not parse");
  const clock::Micros opened = row.Int(0), closed = row.Int(4);
  task.set_state(static_cast<v1::TaskState>(row.Int(2)));
  task.set_person(row.Text(3));
  *task.mutable_open_time() = clock::ToProto(opened);
  if (closed != 0) *task.mutable_close_time() = clock::ToProto(closed);
  task.set_age_days(static_cast<int32_t>(((closed != 0 ? closed : now) - opened) / clock::kDay));
  task.set_reminders(static_cast<int32_t>(row.Int(5)));
  return task;
}

absl::StatusOr<std::vector<v1::Task>> ReadAll(storage::Transaction& db, const std::string& where,
                                              const Args& args, clock::Micros now) {
  ASSIGN_OR_RETURN(const storage::Rows rows, db.Query(kColumns + where, args));
  std::vector<v1::Task> tasks;
  for (const storage::Row& row : rows) {
    ASSIGN_OR_RETURN(tasks.emplace_back(), Read(row, now));
  }
  return tasks;
}

// The state of the task of a step.
v1::TaskState StateOf(const v1::Routing& routing, const v1::RoutingStep& step) {
  const bool held = routing.state() == v1::ROUTING_STATE_HELD;
  const v1::RoutingState at = held ? routing.held_from() : routing.state();
  if (step.done()) return v1::TASK_STATE_DONE;
  if (at == StageOf(step)) return held ? v1::TASK_STATE_ON_HOLD : v1::TASK_STATE_OPEN;
  return v1::TASK_STATE_WITHDRAWN;
}

v1::Task NewTask(const v1::Routing& routing, const v1::RoutingStep& step, const std::string& number) {
  v1::Task task;
  task.set_name(ids::kTasks.Name(routing.name(), number));
  task.set_routing(routing.name());
  task.set_bucp(routing.bucp());
  task.set_title(routing.title());
  task.set_entity(step.entity());
  task.set_summary(step.summary());
  task.set_citation(step.citation());
  task.set_role(RoleOf(step));
  return task;
}

}  // namespace

absl::Status SyncTasks(storage::Transaction& db, const v1::Routing& routing, clock::Micros now) {
  const std::string id = ids::kRoutings.IdIn(routing.name());
  ASSIGN_OR_RETURN(const storage::Rows rows,
                   db.Query("SELECT id, state FROM tasks WHERE routing = $1", {id}));
  std::map<std::string, int64_t> known;
  for (const storage::Row& row : rows) known[row.Text(0)] = row.Int(1);
  for (int i = 0; i < routing.steps_size(); ++i) {
    const v1::RoutingStep& step = routing.steps(i);
    const std::string number = std::to_string(i + 1), task = id + "/" + number;
    const v1::TaskState state = StateOf(routing, step);
    const auto found = known.find(task);
    const bool waits = state == v1::TASK_STATE_OPEN || state == v1::TASK_STATE_ON_HOLD;
    if (found == known.end()) {
      if (!waits) continue;
      // A microsecond apart, so that lists by age keep the order of the steps.
      const clock::Micros opened = now - (routing.steps_size() - i);
      RETURN_IF_ERROR(db.ExecuteDeferred(
          "INSERT INTO tasks (id, routing, bucp, entity, role, step, state, person, opened, closed, "
          "changed, reminders, body) VALUES ($1, $2, $3, $4, $5, $6, $7, '', $8, 0, $9, 0, $10)",
          {task, id, routing.bucp(), step.entity(), int64_t{RoleOf(step)}, step.rule(), int64_t{state},
           opened, now, Blob{NewTask(routing, step, number).SerializeAsString()}}));
    } else if (found->second != state) {
      RETURN_IF_ERROR(
          db.ExecuteDeferred("UPDATE tasks SET state = $1, closed = $2, changed = $3 WHERE id = $4",
                             {int64_t{state}, waits ? 0 : now, now, task}));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Task> FindTask(storage::Transaction& db, const std::string& name, clock::Micros now) {
  ASSIGN_OR_RETURN(const auto row, db.QueryOne(std::string(kColumns) + "id = $1", {IdOf(name)}));
  if (row) return Read(*row, now);
  return status::NotFoundOrHidden(name);
}

absl::Status AssignTask(storage::Transaction& db, const std::string& name, const std::string& person,
                        clock::Micros now) {
  ASSIGN_OR_RETURN(const int64_t saved,
                   db.Execute("UPDATE tasks SET person = $1, changed = $2 WHERE id = $3 AND closed = 0",
                              {person, now, IdOf(name)}));
  if (saved > 0) return absl::OkStatus();
  return Error(Reason::ERROR_REASON_STEP_NOT_ALLOWED, "the task is closed");
}

absl::StatusOr<v1::ListTasksResponse> ListTasks(storage::Transaction& db, const v1::ListTasksRequest& request,
                                                const auth::Visibility& visibility,
                                                const std::vector<common::v1::ContactRole>& person_roles,
                                                clock::Micros now) {
  Args args;
  const auto bind = [&args](storage::Value value) {
    args.push_back(std::move(value));
    return "$" + std::to_string(args.size());
  };
  std::string where = request.show_closed() ? "1 = 1" : "closed = 0";
  if (request.min_age_days() > 0)
    where += " AND opened <= " + bind(now - request.min_age_days() * clock::kDay);
  if (!visibility.all()) {
    where +=
        " AND routing IN (SELECT routing FROM routing_parties WHERE entity = " + bind(visibility.entity()) +
        ")";
  }
  if (!request.for_person().empty()) {
    std::string roles = "0";
    for (const common::v1::ContactRole role : person_roles) roles += ", " + bind(int64_t{role});
    where += " AND entity = " + bind(visibility.entity()) + " AND (person = " + bind(request.for_person()) +
             " OR (person = '' AND role IN (" + roles + ")))";
  }
  ASSIGN_OR_RETURN(const listing::Page page, listing::Plan(TaskList(), request, where, args));
  ASSIGN_OR_RETURN(storage::Rows rows, db.Query(kColumns + page.where + page.tail, page.args));
  v1::ListTasksResponse response;
  response.set_next_page_token(page.Finish(rows, 0, 1));
  for (const storage::Row& row : rows) {
    ASSIGN_OR_RETURN(*response.add_tasks(), Read(row, now));
  }
  return response;
}

absl::StatusOr<std::vector<v1::Task>> OpenTasks(storage::Transaction& db, const auth::Visibility& visibility,
                                                clock::Micros now) {
  const std::string order = " AND closed = 0 ORDER BY opened, id";
  return visibility.all() ? ReadAll(db, "1 = 1" + order, {}, now)
                          : ReadAll(db, kVisible + order, {visibility.entity()}, now);
}

absl::StatusOr<std::vector<v1::Task>> TasksChangedAt(storage::Transaction& db,
                                                     const auth::Visibility& visibility,
                                                     const std::string& routing, clock::Micros changed,
                                                     clock::Micros now) {
  const std::string id = ids::kRoutings.IdIn(routing);
  if (visibility.all()) return ReadAll(db, "routing = $1 AND changed = $2 ORDER BY id", {id, changed}, now);
  return ReadAll(db, std::string(kVisible) + " AND routing = $2 AND changed = $3 ORDER BY id",
                 {visibility.entity(), id, changed}, now);
}

absl::StatusOr<std::vector<v1::Task>> FindTasksToRemind(storage::Transaction& db, int64_t reminders,
                                                        clock::Micros opened, int limit, clock::Micros now) {
  return ReadAll(db, "state = $1 AND reminders = $2 AND opened <= $3 ORDER BY opened, id LIMIT $4",
                 {int64_t{v1::TASK_STATE_OPEN}, reminders, opened, int64_t{limit}}, now);
}

absl::StatusOr<bool> CountReminder(storage::Transaction& db, const v1::Task& task, int64_t reminders,
                                   clock::Micros now) {
  ASSIGN_OR_RETURN(const int64_t saved,
                   db.Execute("UPDATE tasks SET reminders = $1, changed = $2 "
                              "WHERE id = $3 AND state = $4 AND reminders = $5",
                              {reminders, now, IdOf(task.name()), int64_t{v1::TASK_STATE_OPEN},
                               int64_t{task.reminders()}}));
  return saved > 0;
}

absl::StatusOr<std::vector<StepStats>> ReadStepStats(storage::Transaction& db) {
  std::map<std::string, StepStats> figures;
  for (const Rule& rule : kRoutingRules) {
    if (rule.kind == v1::STEP_KIND_REMINDER) continue;
    figures[std::string(rule.name)].step = rule.name;
  }
  ASSIGN_OR_RETURN(const storage::Rows open, db.Query("SELECT step, count(*), min(opened) FROM tasks "
                                                      "WHERE closed = 0 GROUP BY step",
                                                      {}));
  for (const storage::Row& row : open) {
    figures[row.Text(0)].open = row.Int(1);
    figures[row.Text(0)].oldest = row.Int(2);
  }
  ASSIGN_OR_RETURN(const storage::Rows done,
                   db.Query("SELECT step, count(*), CAST(sum(CASE WHEN closed > opened THEN closed - opened "
                            "ELSE 0 END) AS BIGINT) FROM tasks WHERE state = $1 GROUP BY step",
                            {int64_t{v1::TASK_STATE_DONE}}));
  for (const storage::Row& row : done) {
    figures[row.Text(0)].done = row.Int(1);
    figures[row.Text(0)].took = row.Int(2);
  }
  ASSIGN_OR_RETURN(const auto whole, db.QueryOne("SELECT count(*), CAST(coalesce(sum(took), 0) AS BIGINT) "
                                                 "FROM routings WHERE took > 0",
                                                 {}));
  std::vector<StepStats> out;
  for (auto& [step, one] : figures) out.push_back(std::move(one));
  out.push_back({"draft-to-last-signature", 0, 0, whole->Int(0), whole->Int(1)});
  return out;
}

}  // namespace idea::review
