#include "tests/shape/architecture.h"

#include <algorithm>
#include <regex>
#include <set>
#include <sstream>
#include <string_view>

namespace idea::shape {
namespace {

// The libraries of common/: each may use itself and those before it.
constexpr std::string_view kLibraries[] = {"status",  "clock",    "ids",     "config",       "log",
                                           "metrics", "csv",      "digest",  "transparency", "validation",
                                           "flow",    "storage",  "listing", "redis",        "outbound",
                                           "auth",    "exchange", "events",  "rpc",          "server"};

// Headers of third parties, by how they begin, and the folders that may include them.
struct ThirdParty {
  std::string_view header;
  std::vector<std::string_view> folders;
};
const std::vector<ThirdParty>& ThirdParties() {
  static const std::vector<ThirdParty> parties = {
      {"sqlite3.h", {"common/storage/"}},
      {"SQLiteCpp/", {"common/storage/"}},
      {"pqxx/", {"common/storage/"}},
      {"libpq", {"common/storage/"}},
      {"hiredis/", {"common/redis/"}},
      {"curl/", {"common/outbound/"}},
      {"grpcpp/", {"common/rpc/", "common/server/"}},
      {"grpc/grpc", {"common/rpc/", "common/server/"}},
      {"jwt.h", {"common/auth/"}},
      {"prometheus/", {"common/metrics/"}},
      {"CLI/", {"services/cli/"}},
      {"civetweb.h", {"common/server/", "services/cli/"}},
      {"zip.h", {"services/drafting/document/"}},
      {"pugixml", {"services/drafting/document/"}},
  };
  return parties;
}

// The endings of the names of files in services/<service>/ and services/<service>/<resource>/. <service>_app
// and main.cc are the only other names.
constexpr std::string_view kRoles[] = {"flow",       "rules",  "facts",  "store", "service",
                                       "transition", "access", "events", "worker"};

// Files that are named after a concept of the domain instead of a role, and what each holds; a folder ends
// with a slash. An entry that no file matches is a failure.
struct NamedConcept {
  std::string_view path;
  std::string_view reason;
};
constexpr NamedConcept kConcepts[] = {
    {"services/dispute/working_days", "counts working days except holidays"},
    {"services/drafting/content/", "the content of a BUCP as a value: paths, differences, parties, size"},
    {"services/drafting/document/", "readers and writers of file formats, a library without I/O"},
    {"services/drafting/bucp/section_etags",
     "which sections an edit changes, and whether they were changed since they were read"},
    {"services/drafting/element/element_table", "data elements as CSV"},
    {"services/inventory/notice/notice_text", "writes a notice and its duties"},
    {"services/inventory/evidence/evidence_writer", "writes the file of evidence in pieces"},
    {"services/inventory/evidence/odrl_terms", "the agreed terms as ODRL"},
    {"services/registry/entity/entity_name", "keys that are equal for names that look the same"},
    {"services/registry/entity/entity_search", "finds entities by text that people type"},
    {"services/registry/contact/public_key", "checks and converts the keys of contacts"},
    {"services/registry/signatory_list/published_list", "parses the published page of the official list"},
    {"services/registry/signatory_list/signatory_list",
     "the rows of the list and the entities that they mean"},
    {"services/review/checklist", "the template's checklist of a routing, filled in"},
};

bool StartsWith(std::string_view text, std::string_view with) { return text.substr(0, with.size()) == with; }
bool EndsWith(std::string_view text, std::string_view with) {
  return text.size() >= with.size() && text.substr(text.size() - with.size()) == with;
}

// The n-th part of a path: "rpc" of "common/rpc/call.h".
std::string Part(const std::string& path, int n) {
  std::stringstream parts(path);
  std::string part;
  for (int i = 0; i <= n; ++i) {
    if (!std::getline(parts, part, '/')) return "";
  }
  return part;
}

std::string StemOf(const std::string& path) { return path.substr(0, path.rfind('.')); }

bool IsProduction(const std::string& path) {
  return StartsWith(path, "common/") || StartsWith(path, "services/");
}

long RankOf(const std::string& library) {
  return std::find(std::begin(kLibraries), std::end(kLibraries), library) - std::begin(kLibraries);
}

bool IsLibrary(const std::string& library) {
  return std::find(std::begin(kLibraries), std::end(kLibraries), library) != std::end(kLibraries);
}

std::string WrongLibrary(const std::string& path, const std::string& header) {
  if (!StartsWith(path, "common/")) return "";
  if (StartsWith(header, "services/")) return "common/ does not depend on services";
  if (!StartsWith(header, "common/")) return "";
  return RankOf(Part(header, 1)) <= RankOf(Part(path, 1)) ? "" : "a library uses only libraries to its left";
}

std::string WrongThirdParty(const std::string& path, const std::string& header) {
  for (const auto& party : ThirdParties()) {
    if (!IsProduction(path) || !StartsWith(header, party.header)) continue;
    const bool allowed = std::any_of(party.folders.begin(), party.folders.end(),
                                     [&](std::string_view folder) { return StartsWith(path, folder); });
    return allowed ? "" : "only the folder that wraps this library includes it";
  }
  return "";
}

std::string WrongService(const std::string& path, const std::string& header) {
  if (!StartsWith(path, "services/") || !StartsWith(header, "services/")) return "";
  if (Part(path, 1) == Part(header, 1)) return "";
  if (Part(path, 1) == "suite" && EndsWith(header, "_app.h")) return "";
  return "services know each other by their protos only";
}

std::string WrongForFlow(const std::string& path, const std::string& header) {
  if (!EndsWith(StemOf(path), "_flow") || !StartsWith(path, "services/")) return "";
  if (!StartsWith(header, "common/")) return "";
  return header == "common/flow/flow.h" || header == "common/status/status.h"
             ? ""
             : "a flow holds rules, without I/O and clock";
}

std::string WrongForRules(const std::string& path, const std::string& header) {
  if (!EndsWith(StemOf(path), "_rules") || !StartsWith(path, "services/")) return "";
  const std::string stem = StemOf(header);
  if (StartsWith(header, "services/")) {
    for (const char* role : {"_facts", "_store", "_service", "_transition", "_worker"}) {
      if (EndsWith(stem, role)) return "rules depend on nothing that reads or writes";
    }
    return "";
  }
  for (const char* library :
       {"config", "log", "metrics", "storage", "listing", "redis", "events", "rpc", "server"}) {
    if (StartsWith(header, "common/" + std::string(library) + "/")) return "rules are without I/O";
  }
  return "";
}

std::string WrongForStore(const std::string& path, const std::string& header) {
  if (!EndsWith(StemOf(path), "_store") || !StartsWith(path, "services/")) return "";
  const bool outward = StartsWith(header, "common/rpc/") || StartsWith(header, "common/server/");
  return outward ? "a store depends on the database, not on rpcs" : "";
}

std::string WrongForProduction(const std::string& path, const std::string& header) {
  return IsProduction(path) && StartsWith(header, "tests/") ? "production code does not depend on tests" : "";
}

std::vector<std::string> IncludesOf(const std::string& text) {
  static const std::regex kInclude(R"re((^|\n)\s*#\s*include\s*[<"]([^>"]+)[>"])re");
  std::vector<std::string> headers;
  for (std::sregex_iterator it(text.begin(), text.end(), kInclude), end; it != end; ++it) {
    headers.push_back((*it)[2]);
  }
  return headers;
}

void CheckIncludes(const std::string& path, const std::string& text, std::vector<std::string>* faults) {
  for (const std::string& header : IncludesOf(text)) {
    for (const auto rule : {WrongLibrary, WrongThirdParty, WrongService, WrongForFlow, WrongForRules,
                            WrongForStore, WrongForProduction}) {
      const std::string why = rule(path, header);
      if (!why.empty()) faults->push_back(path + " includes " + header + ": " + why);
    }
  }
}

// Words that show that a rule is broken; split so that this file does not contain them.
void CheckWords(const std::string& path, const std::string& text, std::vector<std::string>* faults) {
  const auto forbid = [&](const std::string& word, const std::string& why) {
    if (text.find(word) != std::string::npos) faults->push_back(path + " has " + word + ": " + why);
  };
  // tests/support waits for processes that it started; a benchmark sends calls at fixed times.
  if (StartsWith(path, "tests/") && !StartsWith(path, "tests/support/") &&
      !StartsWith(path, "tests/bench/")) {
    for (const char* word : {"sleep"
                             "_for(",
                             "sleep"
                             "_until(",
                             "us"
                             "leep("})
      forbid(word, "a test waits for a condition, not for a time");
  }
  if (IsProduction(path) && !StartsWith(path, "common/log/")) {
    for (const char* word : {"std::thr"
                             "ead(",
                             "thread"
                             "_([",
                             "std::as"
                             "ync("})
      forbid(word, "log::StartThread starts threads, so that an exception does not end the process");
  }
  if (!StartsWith(path, "services/") || StartsWith(path, "services/cli/")) return;
  for (const char* word : {"system"
                           "_clock::now",
                           "steady"
                           "_clock::now",
                           "absl"
                           "::Now"})
    forbid(word, "time comes from the Clock");
  forbid(
      "get"
      "env(",
      "settings come from common/config");
}

// The functions that store a new state, each with its resource. `<resource>_store` defines the function, and
// only `<resource>_transition`, which asks the flow's table first, calls it.
struct StateSave {
  std::string_view save, resource;
};
constexpr StateSave kStateSaves[] = {
    {"SaveDispute(", "services/dispute/dispute"}, {"SaveReview(", "services/dispute/deidentification"},
    {"SaveBucp(", "services/drafting/bucp/bucp"}, {"SaveFiling(", "services/inventory/filing/filing"},
    {"SaveRouting(", "services/review/routing"},
};

void CheckStateSaves(const std::string& path, const std::string& text, std::vector<std::string>* faults) {
  if (!StartsWith(path, "services/")) return;
  const std::string stem = StemOf(path);
  for (const StateSave& move : kStateSaves) {
    const std::string resource(move.resource);
    const bool may_call = stem == resource + "_store" || stem == resource + "_transition";
    if (may_call || text.find(move.save) == std::string::npos) continue;
    faults->push_back(path + " calls " + std::string(move.save) + "): a state changes only through " +
                      resource + "_transition");
  }
}

void CheckLength(const std::string& path, const std::string& text, std::vector<std::string>* faults) {
  const auto lines = std::count(text.begin(), text.end(), '\n');
  if (IsProduction(path) && lines > 500)
    faults->push_back(path + " has " + std::to_string(lines) + " lines: split it");
}

// The number of lines of `text` in which `word` occurs.
long LinesWith(const std::string& text, const std::string& word) {
  std::stringstream lines(text);
  long found = 0;
  for (std::string line; std::getline(lines, line);) found += line.find(word) != std::string::npos ? 1 : 0;
  return found;
}

// Whether the name ends with a role, or is one that only the root of a service has.
bool HasRole(const std::string& stem, const std::string& service, bool in_folder) {
  const auto has = [&](std::string_view role) { return EndsWith(stem, "_" + std::string(role)); };
  if (std::any_of(std::begin(kRoles), std::end(kRoles), has)) return true;
  const std::string root = "services/" + service + "/";
  return !in_folder && (stem == root + service + "_app" || stem == root + "main");
}

bool Matches(const NamedConcept& concept_file, const std::string& path) {
  return EndsWith(concept_file.path, "/") ? StartsWith(path, concept_file.path)
                                          : StemOf(path) == concept_file.path;
}

// The folder of a resource in which a file lies: "bucp" of "services/drafting/bucp/bucp_store.h", "" of a
// file at the service's root.
std::string FolderOf(const std::string& path) { return Part(path, 3).empty() ? "" : Part(path, 2); }

// What a dependency goes from or to: the folder, or the file at the root without its extension.
std::string PlaceOf(const std::string& path) {
  const std::string folder = FolderOf(path);
  return folder.empty() ? StemOf(Part(path, 2)) : folder;
}

bool Contains(const std::vector<std::string>& list, const std::string& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace

std::vector<std::string> FaultsOf(const std::string& path, const std::string& text) {
  std::vector<std::string> faults;
  CheckIncludes(path, text, &faults);
  CheckWords(path, text, &faults);
  CheckStateSaves(path, text, &faults);
  CheckLength(path, text, &faults);
  return faults;
}

std::vector<std::string> ProtoFaults(const std::string& path, const std::string& text) {
  constexpr long kMaxColumns = 100, kMaxLines = 400, kLinesOfRpc = 27, kLinesOfValue = 9;
  std::vector<std::string> faults;
  std::stringstream lines(text);
  long number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const auto is_first_byte = [](unsigned char byte) { return (byte & 0xC0) != 0x80; };
    if (std::count_if(line.begin(), line.end(), is_first_byte) > kMaxColumns) {
      faults.push_back(path + ":" + std::to_string(number) + " has more than 100 characters: break the line");
    }
  }
  const long limit = std::max({kMaxLines, kLinesOfRpc * LinesWith(text, "  rpc "),
                               kLinesOfValue * LinesWith(text, " [(reason) = {")});
  if (number > limit) {
    faults.push_back(path + " has " + std::to_string(number) + " lines of at most " + std::to_string(limit) +
                     ": split it");
  }
  return faults;
}

std::vector<std::string> FoldersOf(const std::string& readme) {
  static const std::regex kFolder("^- `([a-z_]+)/`: .+");
  std::vector<std::string> folders;
  std::stringstream lines(readme);
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (StartsWith(line, "## ")) inside = line == "## Folders";
    std::smatch found;
    if (inside && std::regex_match(line, found, kFolder)) folders.push_back(found[1]);
  }
  return folders;
}

std::vector<std::string> MisplacedFile(const std::string& path, const std::vector<std::string>& folders) {
  if (StartsWith(path, "common/") && !Part(path, 2).empty() && !IsLibrary(Part(path, 1))) {
    return {path + ": no library of common/ has this name"};
  }
  if (!StartsWith(path, "services/") || Part(path, 2).empty()) return {};
  const std::string place = Part(path, 2);
  if (place == "CMakeLists.txt" || place == "README.md" || place == "schema" || place == "data") return {};
  const std::string folder = FolderOf(path);
  const bool excepted =
      std::any_of(std::begin(kConcepts), std::end(kConcepts),
                  [&](const NamedConcept& concept_file) { return Matches(concept_file, path); });
  const bool listed = folder.empty() || Contains(folders, folder);
  if (!listed && !(excepted && folders.empty())) {
    return {path + ": the README of the service does not list this folder in its section \"Folders\""};
  }
  if (!Part(path, 4).empty()) return {path + ": a folder of a service must not contain folders"};
  // ideactl has no resources: its folders are topics, and its files need no role.
  if (Part(path, 1) == "cli" && !folder.empty()) return {};
  if (excepted || HasRole(StemOf(path), Part(path, 1), !folder.empty())) return {};
  return {path + ": the name ends with none of the roles; choose one, or add the file to kConcepts"};
}

std::vector<std::string> MisplacedTest(const std::string& path, const std::vector<std::string>& folders) {
  if (!StartsWith(path, "tests/services/") || Part(path, 4).empty()) return {};
  const std::string folder = Part(path, 3);
  if (folder == "data" || Contains(folders, folder)) return {};
  return {path + ": services/" + Part(path, 2) + " has no folder " + folder + "/"};
}

std::vector<std::string> WrongFolderOrder(const std::string& path, const std::string& text,
                                          const std::vector<std::string>& folders) {
  if (!StartsWith(path, "services/") || folders.empty()) return {};
  const std::string root = "services/" + Part(path, 1) + "/";
  const std::string events = root + Part(path, 1) + "_events.h";
  const std::string folder = FolderOf(path);
  if (folder.empty() && path != events) return {};
  const auto rank = [&](const std::string& name) {
    return std::find(folders.begin(), folders.end(), name) - folders.begin();
  };
  std::vector<std::string> faults;
  for (const std::string& header : IncludesOf(text)) {
    if (!StartsWith(header, root) || header == events) continue;
    const std::string used = FolderOf(header);
    if (folder.empty() && used.empty()) continue;
    if (folder.empty()) {
      faults.push_back(path + " includes " + header + ": every folder may include this file");
    } else if (used.empty()) {
      faults.push_back(path + " includes " + header + ": a folder depends on no file at the service's root");
    } else if (rank(used) > rank(folder)) {
      faults.push_back(path + " includes " + header + ": the README lists " + used + "/ after " + folder +
                       "/");
    }
  }
  return faults;
}

std::vector<std::string> DependencyFaults(const std::map<std::string, std::string>& files,
                                          const std::map<std::string, size_t>& expected) {
  std::map<std::string, std::set<std::string>> dependencies;
  for (const auto& [path, text] : files) {
    const std::string service = Part(path, 1);
    for (const std::string& header : IncludesOf(text)) {
      const bool inside = StartsWith(header, "services/" + service + "/");
      if (!inside || PlaceOf(path) == PlaceOf(header)) continue;
      dependencies[service].insert(PlaceOf(path) + " -> " + PlaceOf(header));
    }
  }
  std::vector<std::string> faults;
  for (const auto& [service, count] : expected) {
    const auto& found = dependencies[service];
    if (found.size() == count) continue;
    std::string fault = "services/" + service + " has " + std::to_string(found.size()) +
                        " dependencies instead of " + std::to_string(count) + ":";
    for (const std::string& each : found) fault += "\n  " + each;
    faults.push_back(std::move(fault));
  }
  return faults;
}

std::vector<std::string> StaleEntries(const std::map<std::string, std::string>& files) {
  std::vector<std::string> faults;
  for (const NamedConcept& concept_file : kConcepts) {
    const bool used = std::any_of(files.begin(), files.end(),
                                  [&](const auto& file) { return Matches(concept_file, file.first); });
    if (!used) faults.push_back("kConcepts: no file matches " + std::string(concept_file.path));
  }
  for (const StateSave& move : kStateSaves) {
    const auto store = files.find(std::string(move.resource) + "_store.h");
    if (store == files.end() || store->second.find(move.save) == std::string::npos) {
      faults.push_back("kStateSaves: " + std::string(move.resource) + "_store.h declares no " +
                       std::string(move.save) + ")");
    }
  }
  return faults;
}

}  // namespace idea::shape
