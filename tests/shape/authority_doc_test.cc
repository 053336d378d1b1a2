#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

#include "idea/common/v1/options.pb.h"
#include "tests/support/golden.h"
#include "tests/support/services.h"

namespace idea::shape {
namespace {

using common::v1::MethodPolicy;
using google::protobuf::MethodDescriptor;
using idea::testing::Services;

constexpr char kHead[] = R"(# Who may call what

Generated from the `policy` options beside each rpc in `protos/`; the test `shape_test` keeps it current.

- **Caller**: whom the client certificate names. *Department*: an entity's platform; *Statewide CDO* and *Governor's Office*: the
  entities that the settings name so; services by their names.
- **Person**: the roles of which the person of the call's token needs one, as a contact of the calling entity. *none* means that the
  platform may call without a person. Services call without a person.
- **Effect**: a write runs in one transaction, needs a `request_id` and is done at most once.
- **Outsider**: what an entity may read that the registry does not know or that has withdrawn from IDEA (agreement 13.2). *all*: the
  answer holds only public data or data of BUCPs to which the caller is a party. *own*: resources under its own entity. *nothing*: the
  call is refused with ENTITY_NOT_ADMITTED. The column is empty for writes: each decides by its resource. The two offices are never
  outsiders.

A caller that is not listed gets CALLER_NOT_ALLOWED. The flow table of the service decides whether a listed caller has a role in the
resource: see the flowchart in its README.
)";

MethodPolicy PolicyOf(const MethodDescriptor& method) {
  return method.options().GetExtension(common::v1::policy);
}

std::string Join(const std::vector<std::string>& items, const std::string& nothing) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : ", ") + item;
  return text.empty() ? nothing : text;
}

std::string CallersOf(const MethodPolicy& policy) {
  std::vector<std::string> names;
  for (int kind : policy.callers()) {
    if (kind == common::v1::CALLER_KIND_ENTITY) names.push_back("Department");
    if (kind == common::v1::CALLER_KIND_CDO) names.push_back("Statewide CDO");
    if (kind == common::v1::CALLER_KIND_GOVERNOR) names.push_back("Governor's Office");
  }
  for (const auto& service : policy.services()) names.push_back("`" + service + "`");
  return Join(names, "nobody");
}

// "data coordinator" of CONTACT_ROLE_DATA_COORDINATOR.
std::string RoleName(int role) {
  std::string name = common::v1::ContactRole_Name(static_cast<common::v1::ContactRole>(role))
                         .substr(sizeof("CONTACT_ROLE_") - 1);
  for (char& c : name) c = c == '_' ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name;
}

std::string PersonsOf(const MethodPolicy& policy) {
  std::vector<std::string> names;
  for (int role : policy.person()) names.push_back(RoleName(role));
  return Join(names, "none");
}

std::string OutsidersOf(const MethodPolicy& policy) {
  const bool by_departments =
      std::count(policy.callers().begin(), policy.callers().end(), common::v1::CALLER_KIND_ENTITY) > 0;
  if (policy.effect() == common::v1::EFFECT_WRITE || !by_departments) return "";
  if (policy.outsiders() == common::v1::OUTSIDERS_ALL) return "all";
  return policy.outsiders() == common::v1::OUTSIDERS_OWN ? "own" : "nothing";
}

std::string Row(const MethodDescriptor& method) {
  const MethodPolicy policy = PolicyOf(method);
  return "| `" + method.name() + "` | " + CallersOf(policy) + " | " + PersonsOf(policy) + " | " +
         (policy.effect() == common::v1::EFFECT_WRITE ? "write" : "read") + " | " + OutsidersOf(policy) +
         " |\n";
}

std::string AuthorityDoc() {
  std::string doc = kHead;
  for (const auto* service : Services()) {
    doc += "\n## " + service->full_name() +
           "\n\n| Method | Caller | Person | Effect | Outsider |\n|---|---|---|---|---|\n";
    for (int i = 0; i < service->method_count(); ++i) doc += Row(*service->method(i));
  }
  return doc;
}

TEST(AuthorityDoc, ListsEveryMethod) { idea::testing::ExpectGolden("docs/AUTHORITY.md", AuthorityDoc()); }

// A service whose file nobody lists would be in no document and no test.
TEST(EveryService, OfTheProtosIsListed) {
  std::set<std::string> listed, written;
  for (const auto* service : Services()) listed.insert(service->name());
  const std::regex declaration("^service (\\w+) ");
  for (const auto& file :
       std::filesystem::recursive_directory_iterator(idea::testing::SourcePath("protos/idea"))) {
    std::ifstream in(file.path());
    std::smatch found;
    for (std::string line; file.is_regular_file() && std::getline(in, line);) {
      if (std::regex_search(line, found, declaration)) written.insert(found[1]);
    }
  }
  EXPECT_EQ(listed, written);
}

TEST(EveryMethod, SaysWhoMayCallItAndWhatItDoes) {
  for (const auto* service : Services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const MethodDescriptor& method = *service->method(i);
      const MethodPolicy policy = PolicyOf(method);
      EXPECT_GT(policy.callers_size(), 0) << method.full_name();
      EXPECT_NE(policy.effect(), common::v1::EFFECT_UNSPECIFIED) << method.full_name();
      const bool by_services =
          std::count(policy.callers().begin(), policy.callers().end(), common::v1::CALLER_KIND_SERVICE) > 0;
      EXPECT_EQ(by_services, policy.services_size() > 0)
          << method.full_name() << ": services go with CALLER_KIND_SERVICE";
    }
  }
}

TEST(EveryWrite, HasARequestIdAndNoReadHas) {
  for (const auto* service : Services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const MethodDescriptor& method = *service->method(i);
      const bool writes = PolicyOf(method).effect() == common::v1::EFFECT_WRITE;
      EXPECT_EQ(method.input_type()->FindFieldByName("request_id") != nullptr, writes) << method.full_name();
    }
  }
}

}  // namespace
}  // namespace idea::shape
