#include "tests/shape/architecture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/golden.h"

namespace idea::shape {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
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

// The folders of the service that `path` belongs to, as its README lists them.
std::vector<std::string> FoldersFor(const std::string& path) {
  static const auto* folders = [] {
    auto* read = new std::map<std::string, std::vector<std::string>>;
    for (const auto& file : FilesIn("services")) {
      const std::filesystem::path name(file);
      if (name.filename() != "README.md") continue;
      (*read)[name.parent_path().string()] =
          FoldersOf(idea::testing::ReadText(idea::testing::SourcePath(file)));
    }
    return read;
  }();
  for (const auto& [service, list] : *folders) {
    if (path.rfind(service + "/", 0) == 0) return list;
  }
  return {};
}

TEST(SourceTree, KeepsTheRulesOfItsFiles) {
  int sources = 0;
  for (const char* folder : {"common", "services", "tests"}) {
    for (const auto& file : FilesIn(folder)) {
      if (!IsSource(file) || file.find("node_modules") != std::string::npos) continue;
      ++sources;
      const std::string text = idea::testing::ReadText(idea::testing::SourcePath(file));
      EXPECT_THAT(FaultsOf(file, text), IsEmpty());
      EXPECT_THAT(WrongFolderOrder(file, text, FoldersFor(file)), IsEmpty());
    }
  }
  EXPECT_GT(sources, 50);
}

TEST(SourceTree, HasEveryFileInItsPlace) {
  for (const char* folder : {"common", "services"}) {
    for (const auto& file : FilesIn(folder)) EXPECT_THAT(MisplacedFile(file, FoldersFor(file)), IsEmpty());
  }
}

TEST(SourceTree, HasItsTestsInTheSameFolders) {
  for (const auto& file : FilesIn("tests/services")) {
    const std::string service = file.substr(std::string("tests/").size());
    EXPECT_THAT(MisplacedTest(file, FoldersFor(service)), IsEmpty());
  }
}

// The sources of all services: path to text.
std::map<std::string, std::string> ServiceSources() {
  std::map<std::string, std::string> files;
  for (const auto& file : FilesIn("services")) {
    if (IsSource(file)) files[file] = idea::testing::ReadText(idea::testing::SourcePath(file));
  }
  return files;
}

TEST(SourceTree, UsesEveryException) { EXPECT_THAT(StaleEntries(ServiceSources()), IsEmpty()); }

// The numbers of docs/decisions, A98, which says what the dependencies are for. Do not raise one without a
// reason there.
TEST(SourceTree, HasTheExpectedDependencies) {
  EXPECT_THAT(DependencyFaults(ServiceSources(),
                               {{"drafting", 25}, {"inventory", 32}, {"notification", 12}, {"registry", 27}}),
              IsEmpty());
}

TEST(SourceTree, HasShortProtos) {
  int protos = 0;
  for (const auto& file : FilesIn("protos/idea")) {
    if (std::filesystem::path(file).extension() != ".proto") continue;
    ++protos;
    EXPECT_THAT(ProtoFaults(file, idea::testing::ReadText(idea::testing::SourcePath(file))), IsEmpty());
  }
  EXPECT_GT(protos, 30);
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
    {"ALibraryMayUseLibrariesToItsLeft", "common/listing/a.h", kStorage, 0},
    {"ALibraryMayUseItself", "common/storage/a.h", kStorage, 0},
    {"ALibraryMayNotUseLibrariesToItsRight", "common/validation/a.h", kStorage, 1},
    {"SpacesDoNotHideAnInclude", "common/validation/a.h", "x\n # include  \"common/storage/database.h\"", 1},
    {"CommonUsesNoService", "common/rpc/a.cc", "#include \"services/review/review_app.h\"\n", 1},
    {"StorageMayUseSqlite", "common/storage/a.cc", "#include <sqlite3.h>\n", 0},
    {"AServiceMayNotUseSqlite", "services/review/review_store.cc", "#include <sqlite3.h>\n", 1},
    {"EventsMayNotUsePqxx", "common/events/a.cc", "#include <pqxx/pqxx>\n", 1},
    {"RpcMayNotUseHiredis", "common/rpc/a.cc", "#include <hiredis/hiredis.h>\n", 1},
    {"RpcMayUseGrpc", "common/rpc/a.cc", "#include <grpcpp/server.h>\n", 0},
    {"AServiceMayNotUseGrpc", "services/review/review_service.cc", "#include <grpcpp/server.h>\n", 1},
    {"RpcMayNotUseJwt", "common/rpc/a.cc", "#include <jwt.h>\n", 1},
    {"TestsMayUseAnyLibrary", "tests/common/storage/a_test.cc", "#include <sqlite3.h>\n", 0},
    {"AServiceMayUseItself", "services/review/review_app.cc", "#include \"services/review/review_store.h\"\n",
     0},
    {"AServiceUsesNoOther", "services/review/review_app.cc",
     "#include \"services/lending/bucp/bucp_flow.h\"\n", 1},
    {"TheSuiteUsesTheApps", "services/suite/main.cc", "#include \"services/review/review_app.h\"\n", 0},
    {"TheSuiteUsesNothingElse", "services/suite/main.cc", "#include \"services/review/review_store.h\"\n", 1},
    {"AFlowMayUseFlow", "services/review/routing_flow.h", "#include \"common/flow/flow.h\"\n", 0},
    {"AFlowUsesNoStorage", "services/review/routing_flow.cc", kStorage, 1},
    {"AFlowUsesNoClock", "services/review/routing_flow.h", "#include \"common/clock/clock.h\"\n", 1},
    {"AFlowUsesNoRpc", "services/review/routing_flow.h", "#include \"common/rpc/call.h\"\n", 1},
    {"RulesMayUseDatesAndRules", "services/review/routing_rules.cc",
     "#include \"common/clock/date.h\"\n#include \"services/review/task_rules.h\"\n", 0},
    {"RulesUseNoStorage", "services/review/routing_rules.cc", kStorage, 1},
    {"RulesUseNoStore", "services/review/routing_rules.h", "#include \"services/review/task_store.h\"\n", 1},
    {"RulesUseNoFacts", "services/review/routing_rules.h", "#include \"services/review/task_facts.h\"\n", 1},
    {"AStoreUsesStorage", "services/review/routing_store.cc", kStorage, 0},
    {"AStoreUsesNoRpc", "services/review/routing_store.cc", "#include \"common/rpc/call.h\"\n", 1},
    {"ProductionUsesNoTests", "common/rpc/a.cc", "#include \"tests/support/matchers.h\"\n", 1},
    {"TestsMayUseTests", "tests/story/a_test.cc", "#include \"tests/support/matchers.h\"\n", 0},
    {"AFileHasAtMost500Lines", "services/review/review_service.cc", std::string(501, '\n'), 1},
    {"AFileMayHave500Lines", "services/review/review_service.cc", std::string(500, '\n'), 0},
    {"ATestDoesNotSleep", "tests/story/a_test.cc", kSleep, 1},
    {"SupportMaySleep", "tests/support/redis/a.cc", kSleep, 0},
    {"ABenchMaySleep", "tests/bench/a_bench.cc", kSleep, 0},
    {"AThreadIsStartedByTheLog", "common/rpc/a.cc",
     "t = std::thr"
     "ead([] {});\n",
     1},
    {"TheLogStartsThreads", "common/log/a.cc",
     "t = std::thr"
     "ead([] {});\n",
     0},
    {"AServiceReadsNoSystemClock", "services/review/review_service.cc",
     "std::chrono::system"
     "_clock::now()",
     1},
    {"AServiceReadsNoEnvironment", "services/review/review_service.cc",
     "std::get"
     "env(\"X\")",
     1},
    {"ATransitionStoresTheState", "services/review/routing_transition.cc",
     "SaveRouting(db, from, routing);\n", 0},
    {"NothingElseStoresTheState", "services/review/routing_service.cc", "SaveRouting(db, from, routing);\n",
     1},
    {"AFaultIsCountedByInclude", "services/review/routing_flow.cc", kStorage + "#include <grpcpp/server.h>\n",
     2},
};
INSTANTIATE_TEST_SUITE_P(Table, PlantedText, ValuesIn(kPlanted),
                         [](const auto& test) { return test.param.name; });

std::string Repeated(int times, const std::string& text) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

class PlantedProto : public TestWithParam<Planted> {};

TEST_P(PlantedProto, IsMeasured) {
  EXPECT_THAT(ProtoFaults(GetParam().path, GetParam().text), SizeIs(GetParam().faults));
}

const std::string kRpcOf27Lines = "  rpc Get(GetRequest) returns (GetResponse) {\n" + std::string(26, '\n');
const std::string kValueOf9Lines = "  ERROR_REASON_X = 1 [(reason) = {\n" + std::string(8, '\n');

const Planted kProtos[] = {
    {"MayHave400Lines", "a.proto", std::string(400, '\n'), 0},
    {"HasNoMoreThan400Lines", "a.proto", std::string(401, '\n'), 1},
    {"MayHave27LinesForEachRpc", "a.proto", Repeated(20, kRpcOf27Lines), 0},
    {"HasNoMoreThan27LinesForEachRpc", "a.proto", Repeated(20, kRpcOf27Lines) + "\n", 1},
    {"MayHave9LinesForEachReason", "a.proto", Repeated(60, kValueOf9Lines), 0},
    {"HasNoMoreThan9LinesForEachReason", "a.proto", Repeated(60, kValueOf9Lines) + "\n", 1},
    {"MayHave100Columns", "a.proto", std::string(100, 'x') + "\n", 0},
    {"HasNoMoreThan100Columns", "a.proto", "\n" + std::string(101, 'x') + "\n" + std::string(101, 'x'), 2},
    {"CountsCharactersAndNotBytes", "a.proto", std::string(99, 'x') + "\u2026\n", 0},
};
INSTANTIATE_TEST_SUITE_P(Table, PlantedProto, ValuesIn(kProtos),
                         [](const auto& test) { return test.param.name; });

struct PlantedPath {
  std::string name, path;
  size_t faults;
};

const std::vector<std::string> kFolders = {"content", "bucp"};

class PlantedFile : public TestWithParam<PlantedPath> {};

TEST_P(PlantedFile, IsJudgedByItsPath) {
  EXPECT_THAT(MisplacedFile(GetParam().path, kFolders), SizeIs(GetParam().faults));
}

const PlantedPath kPaths[] = {
    {"ARoleIsAName", "services/lending/bucp_store.cc", 0},
    {"ARoleIsANameInAFolder", "services/lending/bucp/bucp_transition.h", 0},
    {"EventsAreARole", "services/lending/lending_events.h", 0},
    {"TheAppIsAtTheRoot", "services/lending/lending_app.cc", 0},
    {"TheAppIsInNoFolder", "services/lending/bucp/lending_app.cc", 1},
    {"AnotherAppIsFound", "services/lending/other_app.cc", 1},
    {"MainIsAtTheRoot", "services/lending/main.cc", 0},
    {"MainIsInNoFolder", "services/lending/bucp/main.cc", 1},
    {"ARoleNeedsAName", "services/lending/bucp/store.cc", 1},
    {"AnUnknownRoleIsFound", "services/lending/bucp/bucp_helpers.cc", 1},
    {"AFileWithoutARoleIsFound", "services/lending/helpers.cc", 1},
    {"AnUnlistedFolderIsFound", "services/lending/store/bucp_store.cc", 1},
    {"AFolderInAFolderIsFound", "services/lending/bucp/store/bucp_store.cc", 1},
    {"TheSchemaIsAtTheRoot", "services/lending/schema/0001_bucps.sql", 0},
    {"TheReadmeIsAtTheRoot", "services/lending/README.md", 0},
    {"AnExceptionIsNamed", "services/dispute/working_days.h", 0},
    {"TheCommandLineHasOtherNames", "services/cli/content/table.cc", 0},
    {"TheCommandLineHasThemInFolders", "services/cli/table.cc", 1},
    {"AnUnlistedFolderOfTheCommandLineIsFound", "services/cli/store/table.cc", 1},
    {"ALibraryOfCommon", "common/rpc/call.h", 0},
    {"TheListOfCommon", "common/CMakeLists.txt", 0},
    {"AnUnknownLibraryOfCommonIsFound", "common/util/strings.h", 1},
};
INSTANTIATE_TEST_SUITE_P(Table, PlantedFile, ValuesIn(kPaths),
                         [](const auto& test) { return test.param.name; });

TEST(PlantedFile, InAFolderOfAFlatServiceIsFound) {
  EXPECT_THAT(MisplacedFile("services/review/routing/routing_store.cc", {}), SizeIs(1));
}

TEST(PlantedTest, MirrorsAFolder) {
  EXPECT_THAT(MisplacedTest("tests/services/lending/bucp/bucp_store_test.cc", kFolders), IsEmpty());
  EXPECT_THAT(MisplacedTest("tests/services/lending/lending_test.cc", kFolders), IsEmpty());
  EXPECT_THAT(MisplacedTest("tests/services/lending/data/list.md", kFolders), IsEmpty());
  EXPECT_THAT(MisplacedTest("tests/services/lending/store/bucp_store_test.cc", kFolders), SizeIs(1));
}

TEST(PlantedReadme, ListsItsFoldersInOrder) {
  EXPECT_EQ(FoldersOf("# drafting\n- `early/`: not in the section\n## Folders\nIn order:\n\n"
                      "- `content/`: what is agreed\n- `bucp/`: the lifecycle,\n  in a table\n"
                      "## Rest\n- `late/`: not in the section\n"),
            kFolders);
}

TEST(PlantedReadme, WithoutTheSectionHasNoFolders) {
  EXPECT_THAT(FoldersOf("# review\n## Rpcs\n"), IsEmpty());
}

class PlantedOrder : public TestWithParam<Planted> {};

TEST_P(PlantedOrder, IsJudged) {
  EXPECT_THAT(WrongFolderOrder(GetParam().path, GetParam().text, kFolders), SizeIs(GetParam().faults));
}

const std::string kBucp = "#include \"services/lending/bucp/bucp_store.h\"\n";
const std::string kContent = "#include \"services/lending/content/content_store.h\"\n";
const std::string kApp = "#include \"services/lending/lending_app.h\"\n";
const std::string kEvents = "#include \"services/lending/lending_events.h\"\n";

const Planted kOrder[] = {
    {"AFolderMayUseEarlierOnes", "services/lending/bucp/bucp_service.h", kContent, 0},
    {"AFolderMayUseItself", "services/lending/bucp/bucp_service.h", kBucp, 0},
    {"AFolderMayNotUseLaterOnes", "services/lending/content/content_store.cc", kBucp, 1},
    {"AFolderMayNotUseUnlistedOnes", "services/lending/bucp/bucp_service.h",
     "#include \"services/lending/other/other_store.h\"\n", 1},
    {"AFolderMayNotUseTheRoot", "services/lending/content/content_store.cc", kApp, 1},
    {"AFolderMayUseTheEvents", "services/lending/content/content_service.cc", kEvents, 0},
    {"TheEventsUseNoFolder", "services/lending/lending_events.h", kContent, 1},
    {"TheSourceOfTheEventsMay", "services/lending/lending_events.cc", kContent + kEvents, 0},
    {"TheRootMayUseAllFolders", "services/lending/lending_app.cc", kContent + kBucp + kApp, 0},
};
INSTANTIATE_TEST_SUITE_P(Table, PlantedOrder, ValuesIn(kOrder),
                         [](const auto& test) { return test.param.name; });

TEST(PlantedDependency, IsCountedOnceForEachPair) {
  const std::string app = "#include \"services/lending/lending_app.h\"\n";
  const std::map<std::string, std::string> files = {
      {"services/lending/main.cc", app},
      {"services/lending/lending_app.cc", app + kBucp},
      {"services/lending/bucp/bucp_store.cc", kBucp + kContent + kStorage},
      {"services/lending/bucp/bucp_service.h", kContent},
  };
  EXPECT_THAT(DependencyFaults(files, {{"lending", 3}}), IsEmpty());
  EXPECT_THAT(DependencyFaults(files, {{"lending", 2}}), ElementsAre(HasSubstr("bucp -> content")));
  EXPECT_THAT(DependencyFaults(files, {{"lending", 4}}), SizeIs(1));
}

TEST(PlantedException, ThatNoFileMatchesIsFound) {
  const auto of_nothing = StaleEntries({});
  EXPECT_THAT(of_nothing, Contains(HasSubstr("services/dispute/working_days")));
  EXPECT_THAT(of_nothing, Contains(HasSubstr("routing_store.h declares no SaveRouting(")));
  const auto of_two = StaleEntries({{"services/dispute/working_days.h", ""},
                                    {"services/review/routing_store.h", "Status SaveRouting(int);"}});
  EXPECT_EQ(of_two.size(), of_nothing.size() - 2);
}

}  // namespace
}  // namespace idea::shape
