#include "services/cli/context/context_file.h"

#include <filesystem>
#include <fstream>

#include "common/ids/ids.h"
#include "tests/support/matchers.h"

namespace idea::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr char kContext[] = R"({
  "ca": "ca.crt", "as": "cdss",
  "endpoints": {"registry": "localhost:7001", "default": "localhost:7000"},
  "identities": {
    "cdss": {"cert": "cdss.crt", "key": "cdss.key", "people": {"program": "program.jwt", "absent": "absent.jwt"}},
    "dhcs": {"cert": "/nowhere/dhcs.crt", "key": "dhcs.key"}
  }
})";

class ContextTest : public ::testing::Test {
 protected:
  ContextTest()
      : before_(std::filesystem::current_path()),
        folder_(std::filesystem::temp_directory_path() / ids::NewUuid()) {
    std::filesystem::create_directories(folder_ / "home/.config/ideactl");
    for (const char* file : {"ca.crt", "cdss.crt", "cdss.key", "dhcs.key", "other.crt"}) Write(file, "x");
    Write("program.jwt", "a.b.c\n");
    Write("context.json", kContext);
  }
  ~ContextTest() override {
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(folder_);
  }
  void Write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }
  std::string In(const std::string& name) { return (folder_ / name).string(); }
  ContextFile Context() { return *ReadContextFile(In("context.json")); }

  std::filesystem::path before_;
  std::filesystem::path folder_;
};

TEST_F(ContextTest, IsReadRelativeToItsFolder) {
  const auto context = ReadContextFile(In("context.json"));
  ASSERT_THAT(context, testing::IsOk());
  EXPECT_EQ(context->authority, In("ca.crt"));
  EXPECT_EQ(context->as, "cdss");
  EXPECT_THAT(context->endpoints,
              UnorderedElementsAre(Pair("registry", "localhost:7001"), Pair("default", "localhost:7000")));
  EXPECT_EQ(context->identities.at("cdss").certificate, In("cdss.crt"));
  EXPECT_EQ(context->identities.at("cdss").people.at("program"), In("program.jwt"));
  EXPECT_EQ(context->identities.at("dhcs").certificate, "/nowhere/dhcs.crt");
}

TEST_F(ContextTest, IsFoundInItsOrder) {
  const Variables home = {{"HOME", In("home")}};
  Variables named = home;
  named["IDEACTL_CONTEXT"] = "named.json";
  std::filesystem::current_path(folder_);
  EXPECT_EQ(FindContextFile("", home), "");
  Write("home/.config/ideactl/context.json", "{}");
  EXPECT_EQ(FindContextFile("", home), In("home/.config/ideactl/context.json"));
  std::filesystem::create_directories(folder_ / "var");
  Write("var/context.json", "{}");
  EXPECT_EQ(FindContextFile("", home), "var/context.json");
  EXPECT_EQ(FindContextFile("", named), "named.json");
  EXPECT_EQ(FindContextFile("given.json", named), "given.json");
}

TEST_F(ContextTest, ReportsThePathOfAnError) {
  const std::pair<const char*, const char*> cases[] = {
      {"{", "not valid JSON"},
      {"[]", "expected an object"},
      {R"({"endpoint": {}})", "\"endpoint\": not known; expected one of ca, as, endpoints, identities"},
      {R"({"endpoints": "x"})", "\"endpoints\": expected an object"},
      {R"({"endpoints": {"registry": 7}})", "\"endpoints.registry\": expected a text"},
      {R"({"identities": {"a": []}})", "\"identities.a\": expected an object"},
      {R"({"identities": {"a": {"cert": 1}}})", "\"identities.a.cert\": expected a text"},
      {R"({"identities": {"a": {"people": {"b": 1}}}})", "\"identities.a.people.b\": expected a text"},
  };
  for (const auto& [text, problem] : cases) {
    Write("wrong.json", text);
    EXPECT_THAT(std::string(ReadContextFile(In("wrong.json")).status().message()), HasSubstr(problem))
        << text;
  }
  EXPECT_THAT(std::string(ReadContextFile(In("none.json")).status().message()), HasSubstr("cannot read"));
}

TEST_F(ContextTest, HasTheEndpointAndThePersonsToken) {
  Overrides flags;
  flags.as = "cdss/program";
  const auto target = ResolveTarget(Context(), flags, "registry");
  ASSERT_THAT(target, testing::IsOk());
  EXPECT_EQ(target->address, "localhost:7001");
  EXPECT_EQ(target->certificate, In("cdss.crt"));
  EXPECT_EQ(target->key, In("cdss.key"));
  EXPECT_EQ(target->authority, In("ca.crt"));
  EXPECT_EQ(target->token, "a.b.c");
}

TEST_F(ContextTest, HasADefaultEndpointAndIdentity) {
  const auto target = ResolveTarget(Context(), {}, "drafting");
  ASSERT_THAT(target, testing::IsOk());
  EXPECT_EQ(target->address, "localhost:7000");
  EXPECT_EQ(target->certificate, In("cdss.crt"));
  EXPECT_EQ(target->token, "");
}

TEST_F(ContextTest, IsOverriddenByFlags) {
  Overrides flags;
  flags.endpoint = "[::1]:9";
  flags.certificate = In("other.crt");
  flags.key = In("dhcs.key");
  flags.token_file = In("program.jwt");
  const auto target = ResolveTarget(Context(), flags, "registry");
  ASSERT_THAT(target, testing::IsOk());
  EXPECT_EQ(target->address, "[::1]:9");
  EXPECT_EQ(target->certificate, In("other.crt"));
  EXPECT_EQ(target->key, In("dhcs.key"));
  EXPECT_EQ(target->token, "a.b.c");
}

TEST_F(ContextTest, NamesTheMissingFlag) {
  const ContextFile none;
  const auto refusal = [&](const ContextFile& context, const Overrides& flags) {
    return std::string(ResolveTarget(context, flags, "review").status().message());
  };
  Overrides flags;
  EXPECT_THAT(
      refusal(none, flags),
      HasSubstr(
          "--endpoint: is missing; give host:port, or a context file that names the endpoint of review"));
  flags.endpoint = "localhost";
  EXPECT_THAT(refusal(none, flags), HasSubstr("--endpoint: expected host:port, got \"localhost\""));
  flags.endpoint = "localhost:7000";
  EXPECT_THAT(refusal(none, flags), HasSubstr("--ca: is missing"));
  flags.as = "dss";
  EXPECT_THAT(refusal(Context(), flags),
              HasSubstr("--as: \"dss\" is not an identity of the context file; expected one of: cdss, dhcs"));
  flags.as = "cdss/nobody";
  EXPECT_THAT(
      refusal(Context(), flags),
      HasSubstr(
          "--as: \"nobody\" is not a person of cdss in the context file; expected one of: absent, program"));
  flags.as = "cdss/absent";
  EXPECT_THAT(refusal(Context(), flags), HasSubstr("--token-file: cannot read a token from"));
  flags.as = "dhcs";
  EXPECT_THAT(refusal(Context(), flags), HasSubstr("--cert: cannot read /nowhere/dhcs.crt"));
}

}  // namespace
}  // namespace idea::cli
