#include "tests/shape/architecture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/golden.h"

namespace idea::shape {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::TestWithParam;
using ::testing::ValuesIn;

bool IsSource(const std::filesystem::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".h" || extension == ".cc";
}

// Every file below a folder of the source tree, as a path from its top.
std::vector<std::string> FilesIn(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(idea::testing::SourcePath(folder))) {
    if (!entry.is_regular_file()) continue;
    files.push_back(std::filesystem::relative(entry.path(), IDEA_SOURCE_DIR).string());
  }
  return files;
}

TEST(TheHouse, KeepsItsRules) {
  int sources = 0;
  for (const char* folder : {"common", "services", "tests"}) {
    for (const auto& file : FilesIn(folder)) {
      if (!IsSource(file) || file.find("node_modules") != std::string::npos) continue;
      ++sources;
      EXPECT_THAT(FaultsOf(file, idea::testing::ReadText(idea::testing::SourcePath(file))), IsEmpty());
    }
  }
  EXPECT_GT(sources, 50);
}

TEST(TheHouse, HasEveryFileInARoom) {
  for (const char* folder : {"common", "services"}) {
    for (const auto& file : FilesIn(folder)) EXPECT_THAT(MisplacedFile(file), IsEmpty());
  }
}

// --- the checker sees what it should: planted text ---

struct Planted {
  std::string name, path, text;
  size_t faults;
};

class PlantedText : public TestWithParam<Planted> {};

TEST_P(PlantedText, IsJudged) {
  EXPECT_THAT(FaultsOf(GetParam().path, GetParam().text), SizeIs(GetParam().faults));
}

const std::string kStorage = "#include \"common/storage/database.h\"\n";
const std::string kSleep =
    "std::this_thread::sleep"
    "_for(x);\n";

const Planted kPlanted[] = {
    {"ARoomMayUseRoomsToItsLeft", "common/listing/a.h", kStorage, 0},
    {"ARoomMayUseItself", "common/storage/a.h", kStorage, 0},
    {"ARoomMayNotUseRoomsToItsRight", "common/validation/a.h", kStorage, 1},
    {"SpacesDoNotHideAnInclude", "common/validation/a.h", "x\n # include  \"common/storage/database.h\"", 1},
    {"CommonKnowsNoService", "common/rpc/a.cc", "#include \"services/review/review_app.h\"\n", 1},
    {"SqliteIsAtHomeInStorage", "common/storage/a.cc", "#include <sqlite3.h>\n", 0},
    {"SqliteIsNotAtHomeInAService", "services/review/review_store.cc", "#include <sqlite3.h>\n", 1},
    {"PqxxIsNotAtHomeInEvents", "common/events/a.cc", "#include <pqxx/pqxx>\n", 1},
    {"HiredisIsNotAtHomeInRpc", "common/rpc/a.cc", "#include <hiredis/hiredis.h>\n", 1},
    {"GrpcIsAtHomeInRpc", "common/rpc/a.cc", "#include <grpcpp/server.h>\n", 0},
    {"GrpcIsNotAtHomeInAService", "services/review/review_service.cc", "#include <grpcpp/server.h>\n", 1},
    {"JwtIsNotAtHomeInRpc", "common/rpc/a.cc", "#include <jwt.h>\n", 1},
    {"TestsMayUseAnyLibrary", "tests/common/storage/a_test.cc", "#include <sqlite3.h>\n", 0},
    {"AServiceMayUseItself", "services/review/review_app.cc", "#include \"services/review/review_store.h\"\n",
     0},
    {"AServiceKnowsNoOther", "services/review/review_app.cc", "#include \"services/drafting/bucp_flow.h\"\n",
     1},
    {"TheSuiteKnowsTheApps", "services/suite/main.cc", "#include \"services/review/review_app.h\"\n", 0},
    {"TheSuiteKnowsNothingElse", "services/suite/main.cc", "#include \"services/review/review_store.h\"\n",
     1},
    {"AFlowMayUseFlow", "services/review/routing_flow.h", "#include \"common/flow/flow.h\"\n", 0},
    {"AFlowUsesNoStorage", "services/review/routing_flow.cc", kStorage, 1},
    {"AFlowUsesNoClock", "services/review/routing_flow.h", "#include \"common/clock/clock.h\"\n", 1},
    {"AFlowUsesNoRpc", "services/review/routing_flow.h", "#include \"common/rpc/call.h\"\n", 1},
    {"AStoreUsesStorage", "services/review/routing_store.cc", kStorage, 0},
    {"AStoreUsesNoRpc", "services/review/routing_store.cc", "#include \"common/rpc/call.h\"\n", 1},
    {"ProductionKnowsNoTests", "common/rpc/a.cc", "#include \"tests/support/matchers.h\"\n", 1},
    {"TestsMayUseTests", "tests/story/a_test.cc", "#include \"tests/support/matchers.h\"\n", 0},
    {"AFileHasAtMost500Lines", "services/review/review_service.cc", std::string(501, '\n'), 1},
    {"AFileMayHave500Lines", "services/review/review_service.cc", std::string(500, '\n'), 0},
    {"ATestDoesNotSleep", "tests/story/a_test.cc", kSleep, 1},
    {"SupportMayWaitForAProcess", "tests/support/redis/a.cc", kSleep, 0},
    {"ABenchMayPaceItself", "tests/bench/a_bench.cc", kSleep, 0},
    {"AThreadIsStartedByTheLog", "common/rpc/a.cc",
     "t = std::thr"
     "ead([] {});\n",
     1},
    {"TheLogStartsThreads", "common/log/a.cc",
     "t = std::thr"
     "ead([] {});\n",
     0},
    {"AServiceAsksNoClockOfItsOwn", "services/review/review_service.cc",
     "std::chrono::system"
     "_clock::now()",
     1},
    {"AServiceReadsNoEnvironment", "services/review/review_service.cc",
     "std::get"
     "env(\"X\")",
     1},
    {"AStepStoresTheState", "services/inventory/filing_moves.cc", "SaveFiling(db, from, filing);\n", 0},
    {"NothingElseStoresTheState", "services/inventory/bulk_service.cc", "SaveFiling(db, from, filing);\n", 1},
    {"AFaultIsCountedByInclude", "services/review/routing_flow.cc", kStorage + "#include <grpcpp/server.h>\n",
     2},
};
INSTANTIATE_TEST_SUITE_P(Table, PlantedText, ValuesIn(kPlanted),
                         [](const auto& test) { return test.param.name; });

TEST(PlantedFile, OutsideOfARoomIsFound) {
  EXPECT_THAT(MisplacedFile("services/review/helpers.cc"), SizeIs(1));
  EXPECT_THAT(MisplacedFile("services/review/store/routing_store.cc"), SizeIs(1));
  EXPECT_THAT(MisplacedFile("common/util/strings.h"), SizeIs(1));
}

TEST(PlantedFile, InARoomIsFine) {
  for (const char* path :
       {"services/review/review_app.cc", "services/review/schema/0001_routings.sql",
        "services/review/main.cc", "services/review/README.md", "services/cli/output.cc", "common/rpc/call.h",
        "common/CMakeLists.txt", "services/drafting/completeness.h"}) {
    EXPECT_THAT(MisplacedFile(path), IsEmpty()) << path;
  }
}

}  // namespace
}  // namespace idea::shape
