#include "common/server/migrate_command.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <utility>

#include "common/events/events.h"
#include "common/server/open_database.h"
#include "common/status/status.h"
#include "common/storage/migrations.h"
#include "common/storage/password_file.h"

namespace idea::server {
namespace {

using Files = std::vector<std::string>;

// The series of files of a service's database.
std::vector<std::pair<std::string, const config::EmbeddedFile*>> SeriesOf(const Service& service) {
  return {{"events", k_events_schema}, {std::string(service.name), service.schema}};
}

// A look at a SQLite database must not create its file.
bool IsMissingFile(const std::string& address) {
  constexpr std::string_view kSqlite = "sqlite:";
  return address.starts_with(kSqlite) && !std::filesystem::exists(address.substr(kSqlite.size()));
}

// The missing files as "events/0001_events.sql". `apply`: runs them.
absl::StatusOr<Files> MissingOf(const Service& service, const config::Config& config, bool apply) {
  const std::string address = config.Text("IDEA_DATABASE", service.name);
  Files all;
  std::unique_ptr<storage::Database> database;
  if (apply || !IsMissingFile(address)) {
    ASSIGN_OR_RETURN(database, storage::OpenWithPasswordFile(
                                   address, {.statement = {}, .lock = {}, .idle_in_transaction = {}},
                                   config.Text("IDEA_DATABASE_PASSWORD_FILE", service.name)));
  }
  for (const auto& [set, files] : SeriesOf(service)) {
    Files missing;
    if (database == nullptr) {
      for (const config::EmbeddedFile* file = files; file->name != nullptr; ++file) {
        if (!std::string_view(file->name).ends_with(".postgresql.sql")) missing.emplace_back(file->name);
      }
    } else {
      ASSIGN_OR_RETURN(missing, storage::FindMissingFiles(*database, set, files));
    }
    if (apply) RETURN_IF_ERROR(storage::Migrate(*database, set, files));
    for (const std::string& file : missing) all.push_back(set + "/" + file);
  }
  return all;
}

}  // namespace

int RunMigrate(std::string_view action, std::string_view process, const config::Config& config,
               const std::vector<Service>& services) {
  if (action != "plan" && action != "apply" && action != "status") {
    dprintf(STDERR_FILENO, "%s: migrate wants plan, apply or status\n", std::string(process).c_str());
    return 2;
  }
  bool complete = true;
  for (const Service& service : services) {
    const std::string name(service.name);
    const absl::StatusOr<Files> missing = MissingOf(service, config, action == "apply");
    if (!missing.ok()) {
      const absl::Status failure = In("database of " + name, missing.status());
      dprintf(STDERR_FILENO, "%s: %s\n", std::string(process).c_str(),
              std::string(failure.message()).c_str());
      return 1;
    }
    if (missing->empty()) {
      std::printf("%s: up to date\n", name.c_str());
    } else if (action == "status") {
      complete = false;
      std::printf("%s: %zu files missing\n", name.c_str(), missing->size());
    } else {
      for (const std::string& file : *missing)
        std::printf("%s: %s %s\n", name.c_str(), action == "apply" ? "ran" : "would run", file.c_str());
    }
  }
  return complete ? 0 : 1;
}

}  // namespace idea::server
