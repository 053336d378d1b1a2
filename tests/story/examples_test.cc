// Runs every example of --help as printed, with its identities: ideactl accepts it, and the servers allow the
// person to call the method. It may fail only because of the state of a resource, since one BUCP cannot be in
// every state.
#include <regex>
#include <set>

#include "common/ids/resource_names.h"
#include "services/cli/command/commands.h"
#include "tests/story/with_ideactl.h"

namespace idea::story {
namespace {

using Args = std::vector<std::string>;

std::string Replaced(std::string text, const std::string& what, const std::string& with) {
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

// The words of a line as a shell takes them apart.
Args WordsOf(const std::string& line) {
  Args words;
  char quote = 0;
  bool in_word = false;
  for (const char c : line) {
    if (quote == 0 && c == ' ') {
      in_word = false;
    } else if (c == quote) {
      quote = 0;
    } else {
      if (!in_word) words.emplace_back();
      in_word = true;
      if (quote == 0 && (c == '\'' || c == '"')) {
        quote = c;
      } else {
        words.back() += c;
      }
    }
  }
  return words;
}

class Examples : public WithIdeactl {
 protected:
  void SetUp() override {
    WithIdeactl::SetUp();
    if (IsSkipped()) return;
    before_ = std::filesystem::current_path();
    std::filesystem::current_path(folder_);
    WritePeople();
    PrepareUpToTheLastSignature();
    ASSERT_THAT(SignLast(), IsOk());
    Await("a filing", [&] { return !FilingsAs(kX).empty(); });
    filing_ = FilingsAs(kX)[0].name();
    WriteFiles();
  }
  void TearDown() override {
    if (!before_.empty()) std::filesystem::current_path(before_);
    WithIdeactl::TearDown();
  }

  // The identities of the examples: short names of departments and offices, and the parts that people play in
  // them.
  void WritePeople() {
    nlohmann::json context = {{"ca", testing::FilesOf(kCdo).authority},
                              {"as", "cdss"},
                              {"endpoints", {{"default", server_->address()}}}};
    const auto add = [&](const std::string& name, const std::string& entity,
                         const std::map<std::string, std::string>& people) {
      const rpc::TlsFiles files = testing::FilesOf(entity);
      context["identities"][name] = {
          {"cert", files.certificate}, {"key", files.key}, {"people", nlohmann::json::object()}};
      for (const auto& [person, subject] : people) {
        const std::string path = folder_ / (name + "-" + person + ".jwt");
        std::ofstream(path) << server_->TokenOf(SubjectOf(entity, subject)) << "\n";
        context["identities"][name]["people"][person] = path;
      }
    };
    for (const auto& [name, entity] : {std::pair<std::string, std::string>("cdss", kX), {"dhcs", kY}}) {
      std::map<std::string, std::string> people = {{"coordinator", name + "-coordinator"},
                                                   {"sponsor", name + "-sponsor"}};
      for (const char* part : {"program", "legal", "privacy", "security"}) people[part] = "p";
      add(name, entity, people);
    }
    add("odi", kCdo, {{"cdo", "cdo"}});
    add("governor", kGovernor, {{"cabinet", "governor"}});
    std::ofstream(folder_ / "people.json") << context.dump();
  }

  void WriteFiles() {
    std::string content;
    EXPECT_TRUE(google::protobuf::util::MessageToJsonString(content_, &content).ok());
    std::ofstream("draft.json") << content;
    std::ofstream("technical.json")
        << R"({"technical": {"dataTransfer": {"description": "by secure portal"}}})";
    std::ofstream("elements.csv") << "Field Name,Type,Definition,Required,Valid inputs,Source,Notes,Guide "
                                     "for use\nCounty,text,The county,Yes,,,,\n";
    std::ofstream("questions.json") << R"([{"provider": ")" << kY << R"(", "recipient": ")" << kX
                                    << R"(", "dataElements": ["County"]}])";
    std::ofstream("rows.json") << "[" << Line("one") << "]";
    for (const char* name : {"data-set.txt", "legal.txt", "line.txt", "objection.txt", "statement.txt"})
      std::ofstream(name) << "Words.\n";
    std::ofstream("list-signatories.md")
        << "| Name | Agency/Funding source |\n| --- | --- |\n| Department Z | None |\n";
    std::ofstream("earlier.jsonl") << Line("one");
    ASSERT_EQ(Do({"templates", "get", "templates/v3", "-o", "jsonpath=.template"}), cli::kDone) << err_;
    std::ofstream("v4.json") << out_;
    ASSERT_EQ(Do({"--as", "cdss", "bucps", "render", bucp_, "--format", "docx", "--out", "filled.docx"}),
              cli::kDone)
        << err_;
  }

  // With names that are in this register in place of those of the printed one.
  std::string Here(std::string example) {
    const std::pair<std::string, std::string> names[] = {
        {"bucps/{id}", bucp_},
        {"{id}/revisions", ids::kBucps.IdIn(bucp_) + "/revisions"},
        {"routings/{id}", RoutingAs(kX).name()},
        {"filings/{id}", filing_},
        {"entities/{id}", kX},
        {"california-department-of-social-services", "department-x"},
        {"department-of-health-care-services", "department-y"},
        {"office-of-data-and-innovation", "cdo-office"},
        {"{digest}", digest_},
        {"{sha256}", std::string(64, 'a')},
        {"{target}.{event}", "review." + ids::NewUuid()},
        {"{comment}", ids::NewUuid()},
        {"--size 12 ", "--size 1200 "},
        {"{id}", ids::NewUuid()}};
    for (const auto& [what, with] : names) example = Replaced(example, what, with);
    example = std::regex_replace(example, std::regex("entities/a(?=[ ,]|$)"), kY);
    return std::regex_replace(example, std::regex("entities/b(?=[ ,]|$)"), kX);
  }

  cli::ExitCode Do(Args words) {
    words.insert(words.begin(), {"--context", (folder_ / "people.json").string(), "--timeout", "2"});
    std::istringstream in;
    std::ostringstream out, err;
    cli::Environment env{in, out,    err,
                         {}, clock_, [](std::chrono::milliseconds) { std::this_thread::yield(); }};
    const cli::ExitCode code = cli::Run(words, env);
    out_ = out.str();
    err_ = err.str();
    return code;
  }

  std::filesystem::path before_;
  std::string filing_;
};

TEST_P(Examples, RunAsTheyArePrinted) {
  const std::set<cli::ExitCode> allowed = {cli::kDone,  cli::kNo,       cli::kNotFound,
                                           cli::kState, cli::kTimedOut, cli::kProblems};
  for (const cli::Command& command : cli::Commands()) {
    if (command.hidden) continue;
    const std::string line = Here(command.example);
    const cli::ExitCode code = Do(WordsOf(line));
    // The owner of the third task and the size of the log are state too.
    const bool is_state =
        err_.find("NOT_YOUR_STEP") != std::string::npos || err_.find("NOT_IN_LOG") != std::string::npos;
    EXPECT_TRUE(allowed.contains(code) || is_state) << code << " ideactl " << line << "\n" << err_;
    // Exit code 1 is the answer of an exchange check only.
    EXPECT_TRUE(code != cli::kNo || command.noun == "exchange") << line << "\n" << err_;
  }
}

INSTANTIATE_TEST_SUITE_P(Every, Examples, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::story
