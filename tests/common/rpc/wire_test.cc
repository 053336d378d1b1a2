#include "common/rpc/wire.h"

#include <google/protobuf/descriptor_database.h>
#include <google/protobuf/dynamic_message.h>
#include <gtest/gtest.h>

#include "common/events/peer_history.h"
#include "common/ids/ids.h"
#include "common/server/directory.h"
#include "google/rpc/error_details.pb.h"
#include "grpc/reflection/v1/reflection.pb.h"
#include "idea/inventory/v1/bulk.pb.h"
#include "idea/registry/v1/registry.pb.h"
#include "tests/common/rpc/suite_server.h"
#include "tests/support/matchers.h"
#include "tests/support/services.h"

namespace idea::rpc {
namespace {

using registry::v1::CreateContactRequest;
using registry::v1::CreateContactResponse;
using registry::v1::CreateEntityRequest;
using registry::v1::CreateEntityResponse;
using registry::v1::GetEntityRequest;
using registry::v1::GetEntityResponse;
using registry::v1::ImportSignatoriesRequest;
using registry::v1::ImportSignatoriesResponse;
using status::Reason;
using ::testing::Contains;
using testing::Echo;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::IsOkAndHolds;
using ::testing::SizeIs;

constexpr char kGetEntity[] = "/idea.registry.v1.RegistryService/GetEntity";
constexpr char kHealth[] = "/grpc.health.v1.Health/Check";

// The paths of the fields in a refusal.
std::vector<std::string> FieldsOf(const absl::Status& status) {
  std::vector<std::string> fields;
  const google::rpc::Status wire = status::ToWire(status);
  for (const auto& detail : wire.details()) {
    google::rpc::BadRequest bad;
    if (!detail.UnpackTo(&bad)) continue;
    for (const auto& violation : bad.field_violations()) fields.push_back(violation.field());
  }
  return fields;
}

// The suite with the CDO's office, its person "cdo" and a department.
class TheWire : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    suite_ = new testing::SuiteServer();
    ImportSignatoriesRequest import;
    import.add_csv(
        "name,acronym,parent_agency,kind,source\nCDO Office,,,office,s\nDepartment X,,,department,s\n");
    import.set_request_id(ids::NewUuid());
    ImportSignatoriesResponse imported;
    ASSERT_THAT(Send(testing::kCdo, import, &imported), IsOk());
    ASSERT_THAT(AddContact(testing::kCdo, Contact("cdo", common::v1::CONTACT_ROLE_STATEWIDE_CDO)), IsOk());
  }
  static void TearDownTestSuite() {
    delete suite_;
    suite_ = nullptr;
  }

  static absl::Status Send(const std::string& caller, const google::protobuf::Message& request,
                           google::protobuf::Message* response, const std::string& token = "") {
    return suite_->Of(caller).Send(NewContext(std::chrono::seconds(20)), request, response, token);
  }
  static registry::v1::Contact Contact(const std::string& person, common::v1::ContactRole role) {
    registry::v1::Contact contact;
    contact.set_person(person);
    contact.set_display_name("Mx. " + person);
    contact.set_email("someone@example.org");
    contact.add_roles(role);
    return contact;
  }
  static absl::Status AddContact(const std::string& entity, const registry::v1::Contact& contact) {
    CreateContactRequest request;
    request.set_parent(entity);
    *request.mutable_contact() = contact;
    request.set_request_id(ids::NewUuid());
    CreateContactResponse response;
    return Send(entity, request, &response);
  }
  static CreateEntityRequest Board(const std::string& name) {
    CreateEntityRequest request;
    request.mutable_entity()->set_display_name(name);
    request.mutable_entity()->set_kind(registry::v1::ENTITY_KIND_BOARD);
    request.set_request_id(ids::NewUuid());
    return request;
  }
  static GetEntityRequest TheDepartment() {
    GetEntityRequest request;
    request.set_name(testing::kDepartment);
    return request;
  }
  static Echo Raw(const std::string& path, const std::string& bytes,
                  const std::string& caller = testing::kDepartment) {
    return testing::Exchange(testing::ChannelTo(suite_->address(), testing::FilesOf(caller)), path, bytes);
  }

  static testing::SuiteServer* suite_;
};
testing::SuiteServer* TheWire::suite_ = nullptr;

TEST_F(TheWire, AnswersADepartment) {
  GetEntityResponse response;
  ASSERT_THAT(Send(testing::kDepartment, TheDepartment(), &response), IsOk());
  EXPECT_EQ(response.entity().display_name(), "Department X");
}

TEST_F(TheWire, AsksWhoShowsNoCertificateForOne) {
  rpc::TlsFiles files;
  files.authority = testing::FilesOf("suite").authority;
  const Echo echo = testing::Exchange(testing::ChannelTo(suite_->address(), files), kGetEntity,
                                      TheDepartment().SerializeAsString());
  EXPECT_EQ(echo.status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_THAT(FromGrpc(echo.status), FailsWith(Reason::ERROR_REASON_CERTIFICATE_REQUIRED));
}

TEST_F(TheWire, LetsNoCertificateOfAnotherAuthorityIn) {
  rpc::TlsFiles files = testing::FilesOf(std::string("other/") + testing::kDepartment);
  files.authority = testing::FilesOf("suite").authority;
  const Echo echo = testing::Exchange(testing::ChannelTo(suite_->address(), files), kGetEntity,
                                      TheDepartment().SerializeAsString());
  EXPECT_EQ(echo.status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(echo.messages, IsEmpty());
}

TEST_F(TheWire, IsNotTrustedByAClientOfAnotherAuthority) {
  Peer peer("suite", suite_->address(), testing::FilesOf(std::string("other/") + testing::kDepartment));
  GetEntityResponse response;
  EXPECT_THAT(peer.Send(NewContext(std::chrono::seconds(20)), TheDepartment(), &response),
              FailsWith(Reason::ERROR_REASON_PEER_UNAVAILABLE));
}

TEST_F(TheWire, AsksForThePersonOfAPersonsStep) {
  CreateEntityResponse response;
  const auto request = Board("Board One");
  EXPECT_THAT(Send(testing::kCdo, request, &response), FailsWith(Reason::ERROR_REASON_TOKEN_REQUIRED));
  EXPECT_THAT(Send(testing::kCdo, request, &response, "nonsense"),
              FailsWith(Reason::ERROR_REASON_TOKEN_INVALID));
  const absl::Status stranger = Send(testing::kCdo, request, &response, suite_->TokenOf("stranger"));
  EXPECT_THAT(stranger, FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
  EXPECT_EQ(status::MetadataOf(stranger, "roles"), "CONTACT_ROLE_STATEWIDE_CDO");
  EXPECT_THAT(Send(testing::kDepartment, request, &response, suite_->TokenOf("cdo")),
              FailsWith(Reason::ERROR_REASON_CALLER_NOT_ALLOWED));
  EXPECT_THAT(Send(testing::kCdo, request, &response, suite_->TokenOf("cdo")), IsOk());
}

// Services ask the registry whether an entity belongs to IDEA, cache a positive answer, and admit nobody
// without an answer.
TEST_F(TheWire, LetsServicesRecognizeOutsiders) {
  clock::FakeClock clock;
  Peer registry("registry", suite_->address(), testing::FilesOf("drafting"),
                "spiffe://idea.local/service/suite");
  Peer nowhere("registry", "localhost:1", testing::FilesOf("drafting"));
  bool away = false;
  server::PeerDirectory directory(
      [&](std::string_view, const Context& context, const google::protobuf::Message& request,
          google::protobuf::Message* response) {
        return (away ? nowhere : registry).Send(context, request, response);
      },
      clock, clock::kSecond);
  EXPECT_THAT(directory.IsOutsider(testing::kDepartment), IsOkAndHolds(false));
  EXPECT_THAT(directory.IsOutsider("entities/not-registered"), IsOkAndHolds(true));
  away = true;
  EXPECT_THAT(directory.IsOutsider(testing::kDepartment), IsOkAndHolds(false));
  EXPECT_THAT(directory.IsOutsider("entities/not-registered"),
              FailsWith(Reason::ERROR_REASON_PEER_UNAVAILABLE));
  clock.Set(clock.Now() - 3600 * clock::kSecond);
  EXPECT_THAT(directory.IsOutsider(testing::kDepartment), FailsWith(Reason::ERROR_REASON_PEER_UNAVAILABLE))
      << "set back, the clock does not prolong what was believed";
  clock.Advance(3601 * clock::kSecond);
  EXPECT_THAT(directory.IsOutsider(testing::kDepartment), FailsWith(Reason::ERROR_REASON_PEER_UNAVAILABLE));
}

TEST_F(TheWire, NamesTheFieldThatIsWrong) {
  GetEntityResponse entity;
  const absl::Status missing = Send(testing::kDepartment, GetEntityRequest(), &entity);
  EXPECT_THAT(missing, FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(FieldsOf(missing), ElementsAre("name"));

  registry::v1::Contact contact = Contact("p", common::v1::CONTACT_ROLE_LEGAL);
  contact.set_display_name(std::string(201, 'x'));
  contact.set_title("Chief\x01 Counsel");
  const absl::Status wrong = AddContact(testing::kDepartment, contact);
  EXPECT_THAT(wrong, FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(FieldsOf(wrong), ElementsAre("contact.display_name", "contact.title"));
}

TEST_F(TheWire, AnswersWithManyWrongFieldsThatFitIntoATrailer) {
  registry::v1::ConfirmSignatoriesRequest request;
  for (int i = 0; i < 500; ++i) request.add_entities("no entity " + std::string(150, 'x'));
  registry::v1::ConfirmSignatoriesResponse response;
  EXPECT_THAT(Send(testing::kDepartment, request, &response), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

TEST_F(TheWire, RefusesMalformedBytesWithAReason) {
  for (const std::string& bytes :
       {std::string("\x0a\x02\xff\xfe"), std::string("\x0a\x7f"), std::string("\xff")}) {
    EXPECT_THAT(FromGrpc(Raw(kGetEntity, bytes).status), FailsWith(Reason::ERROR_REASON_MALFORMED_MESSAGE));
  }
}

TEST_F(TheWire, NamesWhatMakesARequestTooLarge) {
  registry::v1::Contact contact = Contact("p", common::v1::CONTACT_ROLE_LEGAL);
  contact.set_title(std::string((4 << 20) + 1000, 'x'));
  registry::v1::CreateContactRequest request;
  request.set_parent(testing::kDepartment);
  *request.mutable_contact() = contact;
  const absl::Status text =
      FromGrpc(Raw("/idea.registry.v1.RegistryService/CreateContact", request.SerializeAsString()).status);
  EXPECT_THAT(text, FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(FieldsOf(text), ElementsAre("contact.title"));
  // Our clients do not send what gRPC refuses without a reason.
  for (const size_t bytes : {(4 << 20) + 1000, 17 << 20}) {
    contact.set_title(std::string(bytes, 'x'));
    const absl::Status unsent = AddContact(testing::kDepartment, contact);
    EXPECT_THAT(unsent, FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
    EXPECT_THAT(FieldsOf(unsent), ElementsAre("contact.title"));
  }
}

TEST_F(TheWire, SurvivesAMessageThatIsFarTooLarge) {
  EXPECT_EQ(Raw(kGetEntity, std::string(17 << 20, 'x')).status.error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  GetEntityResponse response;
  EXPECT_THAT(Send(testing::kDepartment, TheDepartment(), &response), IsOk());
}

TEST_F(TheWire, KnowsOnlyItsMethods) {
  for (const std::string path : {"/idea.registry.v1.RegistryService/DropEntity", "/x", "/x/y"}) {
    EXPECT_THAT(FromGrpc(Raw(path, "").status), FailsWith(Reason::ERROR_REASON_METHOD_UNKNOWN)) << path;
  }
  EXPECT_THAT(FromGrpc(Raw("/x/" + std::string(4000, 'y'), "").status),
              FailsWith(Reason::ERROR_REASON_METHOD_UNKNOWN));
}

TEST_F(TheWire, DoesARequestOnce) {
  auto request = Board("Board Two");
  CreateEntityResponse first;
  CreateEntityResponse second;
  const std::string token = suite_->TokenOf("cdo");
  ASSERT_THAT(Send(testing::kCdo, request, &first, token), IsOk());
  ASSERT_THAT(Send(testing::kCdo, request, &second, token), IsOk());
  EXPECT_EQ(second.SerializeAsString(), first.SerializeAsString());
  request.mutable_entity()->set_display_name("Board Three");
  const absl::Status reused = Send(testing::kCdo, request, &second, token);
  EXPECT_THAT(reused, FailsWith(Reason::ERROR_REASON_REQUEST_ID_REUSED));
  EXPECT_THAT(FieldsOf(reused), ElementsAre("request_id"));
}

// Batches of one stream: the first one twice, then an invalid one.
TEST_F(TheWire, AnswersBatchAfterBatchAndEndsTheStreamAtARefusal) {
  inventory::v1::ImportFilingsRequest batch;
  batch.set_source("wire");
  inventory::v1::EarlierFiling& row = *batch.add_rows();
  row.set_reference("1");
  row.set_title("Earlier");
  row.add_recipients(testing::kDepartment);
  row.add_providers(testing::kCdo);
  row.mutable_execute_date()->set_year(2022);
  row.mutable_execute_date()->set_month(1);
  row.mutable_execute_date()->set_day(2);
  *row.mutable_file_date() = row.execute_date();
  std::vector<std::string> ids = {ids::NewUuid(), ids::NewUuid()};
  ids.insert(ids.begin(), ids[0]);
  inventory::v1::ImportFilingsResponse answer;
  std::vector<std::string> answers;
  const auto converse = [&](size_t batches, const std::string& last) {
    size_t sent = 0;
    answers.clear();
    return suite_->Of(testing::kCdo)
        .Converse(
            NewContext(std::chrono::seconds(20)),
            [&]() -> const google::protobuf::Message* {
              if (sent == batches) return nullptr;
              batch.set_request_id(sent + 1 == batches ? last : ids[sent]);
              ++sent;
              return &batch;
            },
            &answer, [&](const google::protobuf::Message&) { answers.push_back(answer.ShortDebugString()); },
            suite_->TokenOf("cdo"));
  };
  EXPECT_THAT(converse(3, ids[2]), IsOk());
  EXPECT_THAT(answers, ElementsAre("added: 1", "added: 1", "known: 1"));
  EXPECT_THAT(converse(2, "no uuid"), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(answers, ElementsAre("added: 1"));
}

TEST_F(TheWire, ReportsEveryServiceHealthyByItsName) {
  for (const auto* service : testing::Services()) {
    const Echo echo = Raw(kHealth, testing::HealthRequest(service->full_name()));
    ASSERT_TRUE(echo.status.ok()) << service->full_name() << ": " << echo.status.error_message();
    EXPECT_TRUE(testing::IsServing(echo.messages.at(0))) << service->full_name();
  }
  EXPECT_TRUE(testing::IsServing(Raw(kHealth, testing::HealthRequest("")).messages.at(0)));
  EXPECT_EQ(Raw(kHealth, testing::HealthRequest("idea.Nobody")).status.error_code(),
            grpc::StatusCode::NOT_FOUND);
}

// A relay concludes from the history that the peer has stored what it accepted before. A history that is
// older than an accepted command hides that a restored peer has lost the command.
TEST(ASuite, DescribesItsLogsWithEveryWriteThatItHasAnswered) {
  testing::SuiteServer suite;
  const auto head = [&] {
    const auto health =
        suite.Of("drafting")
            .CheckHealth(NewContext(std::chrono::seconds(20)), "idea.registry.v1.RegistryService");
    EXPECT_THAT(health, IsOk());
    const auto history = events::PeerHistory::Parse(health.ok() ? health->log_history : "");
    EXPECT_TRUE(history);
    return history ? history->head() : -1;
  };
  for (const std::string name : {"A", "B", "C", "D", "E"}) {
    const int64_t before = head();
    ImportSignatoriesRequest import;
    import.add_csv("name,acronym,parent_agency,kind,source\nDepartment " + name + ",,,department,s\n");
    import.set_request_id(ids::NewUuid());
    ImportSignatoriesResponse imported;
    ASSERT_THAT(suite.Of(testing::kCdo).Send(NewContext(std::chrono::seconds(20)), import, &imported),
                IsOk());
    EXPECT_GT(head(), before);
  }
}

TEST_F(TheWire, DescribesItselfInBothVersionsOfReflection) {
  namespace reflection = grpc::reflection::v1;
  for (const std::string version : {"v1", "v1alpha"}) {
    const std::string path = "/grpc.reflection." + version + ".ServerReflection/ServerReflectionInfo";
    const auto ask = [&](const reflection::ServerReflectionRequest& request) {
      const Echo echo = Raw(path, request.SerializeAsString());
      EXPECT_TRUE(echo.status.ok()) << echo.status.error_message();
      reflection::ServerReflectionResponse response;
      EXPECT_THAT(echo.messages, SizeIs(1));
      EXPECT_TRUE(!echo.messages.empty() && response.ParseFromString(echo.messages[0]));
      return response;
    };
    reflection::ServerReflectionRequest list;
    list.set_list_services("*");
    std::vector<std::string> names;
    const auto listed = ask(list).list_services_response();
    for (const auto& service : listed.service()) names.push_back(service.name());
    std::vector<std::string> wanted = {"grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
                                       "grpc.reflection.v1alpha.ServerReflection"};
    for (const auto* service : testing::Services()) wanted.push_back(service->full_name());
    for (const std::string& service : wanted) {
      EXPECT_THAT(names, Contains(service));
      reflection::ServerReflectionRequest symbol;
      symbol.set_file_containing_symbol(service);
      google::protobuf::SimpleDescriptorDatabase files;
      const auto described = ask(symbol).file_descriptor_response();
      for (const std::string& bytes : described.file_descriptor_proto()) {
        google::protobuf::FileDescriptorProto file;
        EXPECT_TRUE(file.ParseFromString(bytes));
        files.Add(file);
      }
      google::protobuf::DescriptorPool pool(&files);
      EXPECT_NE(pool.FindServiceByName(service), nullptr) << service;
    }
    for (const auto* service : testing::Services()) {
      reflection::ServerReflectionRequest symbol;
      symbol.set_file_containing_symbol(service->full_name());
      EXPECT_GT(ask(symbol).file_descriptor_response().file_descriptor_proto_size(), 1);
    }
    reflection::ServerReflectionRequest unknown;
    unknown.set_file_containing_symbol("idea.Nobody");
    EXPECT_EQ(ask(unknown).error_response().error_code(), grpc::StatusCode::NOT_FOUND);
  }
}

// What grpcurl does with grpc.health.v1.Health/Check: it only knows the descriptors from reflection.
TEST_F(TheWire, AnswersAHealthCheckOfAClientThatKnowsItByReflectionAlone) {
  namespace reflection = grpc::reflection::v1;
  reflection::ServerReflectionRequest symbol;
  symbol.set_file_containing_symbol("grpc.health.v1.Health.Check");
  const Echo echo =
      Raw("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", symbol.SerializeAsString());
  reflection::ServerReflectionResponse described;
  ASSERT_TRUE(!echo.messages.empty() && described.ParseFromString(echo.messages[0]));
  google::protobuf::FileDescriptorProto file;
  ASSERT_EQ(described.file_descriptor_response().file_descriptor_proto_size(), 1);
  ASSERT_TRUE(file.ParseFromString(described.file_descriptor_response().file_descriptor_proto(0)));
  google::protobuf::DescriptorPool pool;
  ASSERT_NE(pool.BuildFile(file), nullptr);
  const auto* method = pool.FindMethodByName("grpc.health.v1.Health.Check");
  ASSERT_NE(method, nullptr);
  google::protobuf::DynamicMessageFactory factory;
  const std::unique_ptr<google::protobuf::Message> answer(factory.GetPrototype(method->output_type())->New());
  const Echo check = Raw("/" + method->service()->full_name() + "/" + method->name(), "");
  ASSERT_EQ(check.messages.size(), 1u);
  ASSERT_TRUE(answer->ParseFromString(check.messages[0]));
  EXPECT_EQ(answer->ShortDebugString(), "status: SERVING");
}

}  // namespace
}  // namespace idea::rpc
