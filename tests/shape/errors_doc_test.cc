#include <gtest/gtest.h>

#include "common/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/rpc/code.pb.h"
#include "nlohmann/json.hpp"
#include "tests/support/golden.h"

namespace idea::shape {
namespace {

using common::v1::ErrorReason_descriptor;
using common::v1::ReasonRule;
using google::protobuf::EnumValueDescriptor;

ReasonRule RuleOf(const EnumValueDescriptor& value) {
  return value.options().GetExtension(common::v1::reason);
}

std::string NameOf(const EnumValueDescriptor& value) {
  return status::ReasonName(static_cast<status::Reason>(value.number()));
}

const char* RetryOf(const ReasonRule& rule) {
  switch (rule.retry()) {
    case common::v1::RETRY_YES:
      return "yes, after the pause in RetryInfo";
    case common::v1::RETRY_AFTER_READ:
      return "after reading again";
    default:
      return "no";
  }
}

// Reasons are numbered by group.
struct Group {
  int first;
  const char* title;
};
constexpr Group kGroups[] = {{1, "Who is calling"},
                             {20, "What is asked"},
                             {40, "The state of things"},
                             {60, "The machine"},
                             {1000, ""}};

constexpr char kHead[] = R"(# Errors

Generated from `protos/idea/common/v1/error.proto`; the test `shape_test` keeps it current.

Every refusal is a `google.rpc.Status`: a gRPC code, a sentence for people, and details. The detail `ErrorInfo` has the domain
`idea-exchange.ca.gov` (`IDEA_ERROR_DOMAIN`), one of the reasons below and metadata; decide by the reason, never by the sentence. Where
they apply there are also `BadRequest` (fields and what they must hold), `PreconditionFailure` (what has to be true first) and `RetryInfo`
(how long to wait). `Help` links to the reason in this document, where the operator publishes it (`IDEA_REASONS_URL`).
`RequestInfo` names the call, as the metadata `x-request-id` does that every answer carries. Details that do not fit into 8 KiB of trailers
are cut: the last violation then says how many more there were.

[errors.json](errors.json) has the same list for programs.

A failure without a reason is INTERNAL "internal error". The service's log has the cause under the call's request id, which the
caller may choose with metadata `x-request-id`. A write may be sent again with the same `request_id` field after any failure: it is done
at most once.

A request of more than 4 MiB is refused as INVALID_FIELD, which names the largest field. gRPC refuses a request that is more than 64 KiB
larger, with RESOURCE_EXHAUSTED and without a reason.

A client whose certificate was issued by another authority never gets a status: the TLS handshake is refused, and gRPC clients
report UNAVAILABLE with the text of their TLS library. Check the certificate authority first. A client without any certificate
connects and gets CERTIFICATE_REQUIRED.
)";

std::string Row(const EnumValueDescriptor& value) {
  const ReasonRule rule = RuleOf(value);
  return "| <a id=\"" + NameOf(value) + "\"></a>`" + NameOf(value) + "` | " +
         google::rpc::Code_Name(rule.code()) + " | " + rule.meaning() + " | " + rule.fix() + " | " +
         RetryOf(rule) + " |\n";
}

std::string ErrorsDoc() {
  std::string doc = kHead;
  const auto* reasons = ErrorReason_descriptor();
  for (size_t g = 0; g + 1 < std::size(kGroups); ++g) {
    doc += std::string("\n## ") + kGroups[g].title +
           "\n\n| Reason | Code | Meaning | What to do | Send again? |\n|---|---|---|---|---|\n";
    for (int i = 0; i < reasons->value_count(); ++i) {
      const int number = reasons->value(i)->number();
      if (number >= kGroups[g].first && number < kGroups[g + 1].first) doc += Row(*reasons->value(i));
    }
  }
  return doc;
}

// The same as JSON, for programs.
std::string ErrorsJson() {
  nlohmann::ordered_json reasons = nlohmann::ordered_json::array();
  for (int i = 1; i < ErrorReason_descriptor()->value_count(); ++i) {
    const auto& value = *ErrorReason_descriptor()->value(i);
    const ReasonRule rule = RuleOf(value);
    reasons.push_back({{"reason", NameOf(value)},
                       {"code", google::rpc::Code_Name(rule.code())},
                       {"meaning", rule.meaning()},
                       {"fix", rule.fix()},
                       {"retry", common::v1::Retry_Name(rule.retry()).substr(sizeof("RETRY_") - 1)}});
  }
  nlohmann::ordered_json catalogue = {{"domain", status::WireSettings().domain}, {"reasons", reasons}};
  return catalogue.dump(2) + "\n";
}

TEST(ErrorsJson, ListsEveryReason) { idea::testing::ExpectGolden("docs/errors.json", ErrorsJson()); }

TEST(ErrorsDoc, ListsEveryReason) { idea::testing::ExpectGolden("docs/ERRORS.md", ErrorsDoc()); }

TEST(EveryReason, HasACodeAMeaningAFixAndARetry) {
  for (int i = 1; i < ErrorReason_descriptor()->value_count(); ++i) {
    const auto& value = *ErrorReason_descriptor()->value(i);
    const ReasonRule rule = RuleOf(value);
    EXPECT_NE(rule.code(), google::rpc::OK) << value.name();
    EXPECT_NE(rule.retry(), common::v1::RETRY_UNSPECIFIED) << value.name();
    for (const std::string& text : {rule.meaning(), rule.fix()}) {
      EXPECT_FALSE(text.empty()) << value.name();
      EXPECT_EQ(text.find('|'), std::string::npos) << value.name() << " would break the table";
    }
    EXPECT_NE(ErrorsDoc().find("`" + NameOf(value) + "`"), std::string::npos)
        << value.name() << " is in no group";
  }
}

}  // namespace
}  // namespace idea::shape
