#include "common/validation/validation.h"

#include <memory>
#include <thread>

#include "common/validation/text.h"
#include "google/api/field_behavior.pb.h"
#include "google/protobuf/text_format.h"
#include "tests/common/validation/violations.h"
#include "tests/support/services.h"

namespace idea::validation {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using idea::testing::FailsWith;
using idea::testing::IsOk;
using idea::testing::Services;
using status::Reason;
using ::testing::AnyOf;
using ::testing::ElementsAreArray;
using ::testing::TestWithParam;
using ::testing::ValuesIn;

constexpr char kUuid[] = "8d3e5f0a-1b2c-4d5e-8f90-123456789abc";

std::unique_ptr<Message> NewMessage(const Descriptor* type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

// --- requests, as text ---

struct Case {
  std::string name;
  std::string type;  // within idea.
  std::string request;
  Lines violations;
};

class Requests : public TestWithParam<Case> {};

TEST_P(Requests, AreCheckedByWhatStandsBesideTheirFields) {
  Services();
  const auto* type =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName("idea." + GetParam().type);
  ASSERT_NE(type, nullptr);
  const auto message = NewMessage(type);
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(GetParam().request, message.get()));
  EXPECT_THAT(Check(*message), ElementsAreArray(GetParam().violations));
}

const std::string kId = std::string("request_id: '") + kUuid + "' ";
const std::string kParties = "recipients: 'entities/a' providers: 'entities/b' ";
const std::string kUpdate = "name: 'bucps/1' " + kId;

const Case kCases[] = {
    {"AGoodName", "drafting.v1.GetBucpRequest", "name: 'bucps/1'", {}},
    {"NoName", "drafting.v1.GetBucpRequest", "", {"name: required"}},
    {"AnotherName",
     "drafting.v1.GetBucpRequest",
     "name: 'bucps/1/x'",
     {"name: a resource name of the form bucps/*"}},
    {"ANameThatClimbs",
     "drafting.v1.GetBucpRequest",
     "name: 'bucps/..'",
     {"name: a resource name of the form bucps/*"}},
    {"ANameWithALineBreak",
     "drafting.v1.GetBucpRequest",
     "name: 'bucps/1\\n'",
     {"name: one line without tabs"}},
    {"ABadUuid",
     "drafting.v1.SendBucpRequest",
     "name: 'bucps/1' request_id: 'x'",
     {"request_id: a random (version 4) UUID in lower case"}},
    {"SeveralFaults",
     "drafting.v1.SendBucpRequest",
     "name: 'x' etag: 'a\\tb'",
     {"name: a resource name of the form bucps/*", "etag: one line without tabs", "request_id: required"}},
    {"NoContent", "drafting.v1.CreateBucpRequest", kId, {"content: required"}},
    {"AContentWithParties", "drafting.v1.CreateBucpRequest", kId + "content {" + kParties + "}", {}},
    {"AContentWithoutParties",
     "drafting.v1.CreateBucpRequest",
     kId + "content {}",
     {"content.recipients: at least one item", "content.providers: at least one item"}},
    {"AnEmptyItem",
     "drafting.v1.CreateBucpRequest",
     kId + "content {" + kParties + " recipients: '' }",
     {"content.recipients[1]: no empty items"}},
    {"ADeepFault",
     "drafting.v1.CreateBucpRequest",
     kId + "content {" + kParties +
         "technical { data_elements { elements { field_name: 'a' type: ELEMENT_TYPE_TEXT } " +
         "elements { type: ELEMENT_TYPE_TEXT } elements { field_name: 'c' } } } }",
     {"content.technical.data_elements.elements[1].field_name: required",
      "content.technical.data_elements.elements[2].type: required"}},
    {"AnUnnamedEnumValue",
     "drafting.v1.CreateBucpRequest",
     kId + "content {" + kParties + "technical { destruction { products_included: 77 } } }",
     {"content.technical.destruction.products_included: a value of Answer"}},
    {"TheThirtiethOfFebruary",
     "drafting.v1.CreateBucpRequest",
     kId + "content {" + kParties +
         "administrative { critical_dates { start_date { year: 2026 month: 2 day: 30 } } } }",
     {"content.administrative.critical_dates.start_date: a real date with year, month and day"}},
    {"ALeapDay",
     "drafting.v1.CreateBucpRequest",
     kId + "content {" + kParties +
         "administrative { critical_dates { start_date { year: 2028 month: 2 day: 29 } } } }",
     {}},
    {"AYearAlone",
     "registry.v1.ConfirmSignatoriesRequest",
     "entities: 'entities/a' on { year: 2026 }",
     {"on: a real date with year, month and day"}},
    {"AnEmptyDate",
     "registry.v1.ConfirmSignatoriesRequest",
     "entities: 'entities/a' on {}",
     {"on: a real date with year, month and day"}},
    {"ALargePage", "drafting.v1.ListBucpsRequest", "page_size: 1001", {"page_size: a number from 0 to 1000"}},
    {"ANegativePage",
     "drafting.v1.ListBucpsRequest",
     "page_size: -1",
     {"page_size: a number from 0 to 1000"}},
    {"TheLargestPage", "drafting.v1.ListBucpsRequest", "page_size: 1000", {}},
    {"AnUpdateOfOneSection",
     "drafting.v1.UpdateBucpRequest",
     kUpdate + "content { technical {} } update_mask { paths: 'technical' }",
     {}},
    {"AnUpdateThatEmptiesWhatIsRequired",
     "drafting.v1.UpdateBucpRequest",
     kUpdate + "content {} update_mask { paths: 'recipients' }",
     {"content.recipients: at least one item"}},
    {"AnUpdateOfAllThatLeavesPartiesOut",
     "drafting.v1.UpdateBucpRequest",
     kUpdate + "content {} update_mask { paths: '*' }",
     {"content.recipients: at least one item", "content.providers: at least one item"}},
    {"AnUpdateInsideAList",
     "drafting.v1.UpdateBucpRequest",
     kUpdate + "content { technical { data_elements { elements {} } } } update_mask { paths: "
               "'technical.data_elements' }",
     {"content.technical.data_elements.elements[0].field_name: required",
      "content.technical.data_elements.elements[0].type: required"}},
    {"NoMask", "drafting.v1.UpdateBucpRequest", kUpdate, {"update_mask: required"}},
    {"AnEmptyMask",
     "drafting.v1.UpdateBucpRequest",
     kUpdate + "update_mask {}",
     {"update_mask: at least one path"}},
    {"AMaskOfNonsense",
     "drafting.v1.UpdateBucpRequest",
     kUpdate + "update_mask { paths: 'a b' }",
     {"update_mask: exact paths of fields of Content; paths[0] is not one"}},
    {"AMaskThatOnlyLooksLikeAPath",
     "drafting.v1.UpdateBucpRequest",
     kUpdate + "content {} update_mask { paths: 'technical' paths: '.recipients' }",
     {"update_mask: exact paths of fields of Content; \".recipients\" is not one"}},
    {"AMaskIntoATime",
     "registry.v1.UpdateContactRequest",
     kId + "contact { name: 'entities/a/contacts/b' } update_mask { paths: 'end_time.seconds' }",
     {"update_mask: exact paths of fields of Contact; \"end_time.seconds\" is not one"}},
    {"AStarBesideAPath",
     "drafting.v1.UpdateBucpRequest",
     kUpdate + "content {} update_mask { paths: 'technical' paths: '*' }",
     {"content.recipients: at least one item", "content.providers: at least one item",
      "update_mask: \"*\" alone, or paths of fields without it"}},
    {"BytesOfAnyKind", "registry.v1.ImportSignatoriesRequest", kId + "csv: '\\377\\000'", {}},
    {"AnExecution",
     "inventory.v1.RecordExecutionRequest",
     kId + "bucp: 'bucps/1' revision: 'bucps/1/revisions/2' digest: '" + std::string(64, 'a') + "' " +
         kParties + "execute_time { seconds: 1 }",
     {}},
    {"ADigestInCapitals",
     "inventory.v1.FileBucpRequest",
     kId + "bucp: 'bucps/1' digest: '" + std::string(64, 'A') + "'",
     {"digest: a SHA-256 digest as 64 lower-case hexadecimal digits"}},
    {"ATimeBeyondTheYears",
     "inventory.v1.RecordExecutionRequest",
     kId + "bucp: 'bucps/1' revision: 'bucps/1/revisions/2' digest: '" + std::string(64, 'a') + "' " +
         kParties + "execute_time { seconds: 1000000000000 }",
     {"execute_time: a time of the years 1 to 9999"}},
    {"GroundsThatAreNotGiven",
     "inventory.v1.TerminateFilingRequest",
     kId + "name: 'filings/1' reason: 'x'",
     {"grounds: required"}},
    {"AnOutputOnlyField",
     "registry.v1.CreateAccessionRequest",
     kId + "parent: 'entities/a' accession { name: '\\001' instrument: 1 evidence: 'x' }",
     {}},
};
INSTANTIATE_TEST_SUITE_P(Table, Requests, ValuesIn(kCases), [](const auto& test) { return test.param.name; });

// --- limits ---

TEST(Limits, CountCodePointsAndNotBytes) {
  drafting::v1::ReturnBucpRequest request;
  request.set_name("bucps/1");
  request.set_request_id(kUuid);
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "\u00e9";
  request.set_reason(text);
  EXPECT_THAT(Check(request), ElementsAreArray(Lines{}));
  request.set_reason(text + "x");
  EXPECT_THAT(Check(request), ElementsAreArray(Lines{"reason: at most 5000 characters"}));
}

TEST(Limits, AreAThousandCharactersWhereTheProtoSaysNothing) {
  drafting::v1::ListBucpsRequest request;
  request.set_filter(std::string(1000, 'x'));
  EXPECT_THAT(Validate(request), IsOk());
  request.set_filter(std::string(1001, 'x'));
  EXPECT_THAT(Check(request), ElementsAreArray(Lines{"filter: at most 1000 characters"}));
}

TEST(Limits, StopALongListBeforeItsItems) {
  drafting::v1::AssessApplicabilityRequest request;
  request.set_public_records(drafting::v1::ANSWER_NO);
  request.set_internal_use(drafting::v1::ANSWER_NO);
  for (int i = 0; i < 51; ++i) request.add_parties("");
  EXPECT_THAT(Check(request), ElementsAreArray(Lines{"parties: at most 50 items"}));
}

TEST(Limits, AreFiftyViolationsAndTheNumberOfTheOthers) {
  registry::v1::ConfirmSignatoriesRequest request;
  for (int i = 0; i < 200; ++i) request.add_entities("x");
  const Lines violations = Check(request);
  ASSERT_EQ(violations.size(), 51U);
  EXPECT_EQ(violations.back(), ": and 150 more");
}

// --- sizes ---

Lines CheckBytes(const Message& message, const std::string& bytes) {
  const absl::Status status = CheckSize(*message.GetDescriptor(), bytes);
  EXPECT_THAT(status, AnyOf(IsOk(), FailsWith(Reason::ERROR_REASON_INVALID_FIELD)));
  EXPECT_EQ(status.ok(), bytes.size() <= kMaxRequestBytes);
  return ViolationsOf(status);
}

TEST(CheckSize, NamesWhatTakesTheMost) {
  const std::string wanted = ": at most 4194304 bytes in one request";
  const std::string large(5 << 20, 'x');
  drafting::v1::AssessApplicabilityRequest one;
  one.set_public_records(drafting::v1::ANSWER_NO);
  one.add_parties("entities/a");
  one.add_parties(large);
  one.add_parties("entities/b");
  EXPECT_THAT(CheckBytes(one, one.SerializeAsString()), ElementsAreArray(Lines{"parties[1]" + wanted}));

  registry::v1::CreateContactRequest deep;
  deep.mutable_contact()->add_roles(common::v1::CONTACT_ROLE_LEGAL);
  deep.mutable_contact()->set_title(large);
  EXPECT_THAT(CheckBytes(deep, deep.SerializeAsString()), ElementsAreArray(Lines{"contact.title" + wanted}));

  registry::v1::ConfirmSignatoriesRequest many;
  for (int i = 0; i < 500'000; ++i) many.add_entities("entities/abc");
  EXPECT_THAT(CheckBytes(many, many.SerializeAsString()), ElementsAreArray(Lines{"entities" + wanted}));
}

// Two bytes each on the wire, hundreds in memory.
TEST(CheckSize, CountsTheItemsBeforeTheyAreMade) {
  registry::v1::ConfirmSignatoriesRequest request;
  for (size_t i = 0; i <= kMaxItems; ++i) request.add_entities();
  EXPECT_THAT(CheckSize(*request.GetDescriptor(), request.SerializeAsString()),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  request.mutable_entities()->DeleteSubrange(0, 100);
  EXPECT_THAT(CheckSize(*request.GetDescriptor(), request.SerializeAsString()), IsOk());

  // Unknown fields are kept, too; those of a group separately.
  const std::string unknown("\xa2\x7d\x00", 3), group("\xa3\x7d\xa4\x7d", 4);
  for (const std::string& field : {unknown, group}) {
    std::string bytes;
    while (bytes.size() < 1 << 20) bytes += field;
    EXPECT_FALSE(CheckSize(*request.GetDescriptor(), bytes).ok());
  }
}

TEST(CheckSize, TakesWhatFits) {
  registry::v1::ConfirmSignatoriesRequest request;
  request.add_entities(std::string(kMaxRequestBytes - 5, 'x'));
  ASSERT_EQ(request.ByteSizeLong(), kMaxRequestBytes);
  EXPECT_THAT(CheckBytes(request, request.SerializeAsString()), ElementsAreArray(Lines{}));
}

// A length beyond the end, an unfinished group, an unknown field, an invalid tag.
TEST(CheckSize, NamesNoFieldInMalformedBytes) {
  const registry::v1::ConfirmSignatoriesRequest request;
  for (const std::string begin : {"\x0a\xff\xff\xff\x7f", "\x0b", "\xba\x3e\x80\x80\xc0\x02", "\xff"}) {
    EXPECT_THAT(CheckSize(*request.GetDescriptor(), begin + std::string(5 << 20, 'x')),
                FailsWith(Reason::ERROR_REASON_MALFORMED_MESSAGE));
  }
}

// --- all requests ---

bool Behaves(const google::protobuf::FieldDescriptor* field, google::api::FieldBehavior behavior) {
  const auto& options = field->options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    if (options.GetExtension(google::api::field_behavior, i) == behavior) return true;
  }
  return false;
}

TEST(EveryRequest, IsRefusedForExactlyItsRequiredFieldsIfEmpty) {
  for (const auto* service : Services()) {
    for (int m = 0; m < service->method_count(); ++m) {
      const Descriptor* type = service->method(m)->input_type();
      Lines missing;
      for (int i = 0; i < type->field_count(); ++i) {
        if (!Behaves(type->field(i), google::api::REQUIRED)) continue;
        missing.push_back(type->field(i)->name() +
                          (type->field(i)->is_repeated() ? ": at least one item" : ": required"));
      }
      EXPECT_THAT(Check(*NewMessage(type)), ElementsAreArray(missing)) << type->full_name();
    }
  }
}

TEST(EveryRequest, CanBeCheckedByManyThreadsAtOnce) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (const auto* service : Services()) {
        for (int m = 0; m < service->method_count(); ++m) {
          const auto message = NewMessage(service->method(m)->input_type());
          Validate(*message).IgnoreError();
          Normalize(message.get());
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

TEST(Normalize, EmptiesWhatTheServerSetsAtEveryDepth) {
  registry::v1::CreateAccessionRequest request;
  request.set_parent("entities/a");
  request.mutable_accession()->set_name("entities/b/accessions/mine");
  request.mutable_accession()->set_evidence("letter");
  request.mutable_accession()->mutable_create_time()->set_seconds(1);
  Normalize(&request);
  EXPECT_EQ(request.ShortDebugString(), R"(parent: "entities/a" accession { evidence: "letter" })");
}

TEST(Normalize, ReducesALargePage) {
  drafting::v1::ListBucpsRequest request;
  for (const auto& [asked, given] :
       {std::pair(1001, 1000), {INT32_MAX, 1000}, {1000, 1000}, {7, 7}, {-1, -1}}) {
    request.set_page_size(asked);
    Normalize(&request);
    EXPECT_EQ(request.page_size(), given);
  }
}

TEST(Normalize, PutsUuidsIntoLowerCase) {
  const std::string upper = "8D3E5F0A-1B2C-4D5E-8F90-123456789ABC";
  drafting::v1::UpdateBucpRequest request;
  request.set_name("bucps/" + upper);
  request.set_request_id(upper);
  // Other texts keep their case.
  request.mutable_content()->add_recipients("entities/Some-Board");
  request.mutable_content()->add_recipients("entities/" + upper);
  request.mutable_content()->mutable_business_case()->mutable_use_case_name()->set_title(upper);
  Normalize(&request);
  EXPECT_EQ(request.name(), std::string("bucps/") + kUuid);
  EXPECT_EQ(request.request_id(), kUuid);
  EXPECT_EQ(request.content().recipients(0), "entities/Some-Board");
  EXPECT_EQ(request.content().recipients(1), std::string("entities/") + kUuid);
  EXPECT_EQ(request.content().business_case().use_case_name().title(), upper);
  drafting::v1::DiffRevisionsRequest diff;
  diff.set_from("bucps/" + upper + "/revisions/1");
  Normalize(&diff);
  EXPECT_EQ(diff.from(), std::string("bucps/") + kUuid + "/revisions/1");
}

}  // namespace
}  // namespace idea::validation
