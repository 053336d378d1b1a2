#include "tests/support/postgres/pgbouncer.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>

#include "tests/support/postgres/run_script.h"

namespace idea::testing {

std::string Pgbouncer::WhyNot() {
  try {
    RunScript("test -x \"$PGBOUNCER\"");
    return "";
  } catch (const std::runtime_error&) {
    return "PgBouncer is not installed";
  }
}

Pgbouncer::Pgbouncer(std::string server) : server_(std::move(server)) {
  folder_ = (std::filesystem::temp_directory_path() / "idea-pgbouncer-XXXXXX").string();
  if (mkdtemp(folder_.data()) == nullptr) throw std::runtime_error("no temporary folder");
  Start();
}

Pgbouncer::~Pgbouncer() {
  try {
    RunScript("stop_pgbouncer " + folder_);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "%s\n", failure.what());
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void Pgbouncer::Start() { address_ = RunScript("start_pgbouncer " + folder_ + " \"" + server_ + "\""); }

void Pgbouncer::Kill() {
  RunScript("read -r pid <" + folder_ +
            "/pgbouncer.pid && kill -KILL $pid && while alive $pid; do sleep 0.01; done");
}

std::string Pgbouncer::Run(const std::string& sql) {
  const std::string file = folder_ + "/statement.sql";
  std::ofstream(file) << sql;
  return RunScript("\"$POSTGRES_BIN/psql\" -X -q -tA -v ON_ERROR_STOP=1 -d \"" + address_ + "\" <" + file);
}

}  // namespace idea::testing
