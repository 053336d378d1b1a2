#include "common/rpc/pipeline.h"

#include <optional>

#include "common/events/epochs.h"
#include "common/ids/ids.h"
#include "idea/inventory/v1/exchange.pb.h"
#include "idea/registry/v1/registry.pb.h"
#include "services/registry/accession/accession_service.h"
#include "services/registry/contact/contact_service.h"
#include "services/registry/delegation/delegation_access.h"
#include "services/registry/entity/entity_service.h"
#include "services/registry/signatory_list/signatory_list_service.h"
#include "tests/support/backends.h"
#include "tests/support/eventually.h"
#include "tests/support/matchers.h"
#include "tests/support/service_harness/service_harness.h"

extern const idea::config::EmbeddedFile k_registry_schema[];

namespace idea::rpc {
namespace {

using registry::v1::GetEntityRequest;
using registry::v1::ImportSignatoriesRequest;
using registry::v1::ImportSignatoriesResponse;
using status::Reason;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;

constexpr char kCdo[] = "entity/cdo-office";

// The methods of the registry with a pipeline that is called like by the listener.
class ThePipeline : public testing::OnMigrated {
 protected:
  void SetUp() override {
    OnMigrated::SetUp();
    if (IsSkipped()) return;
    ASSERT_THAT(storage::Migrate(database(), "events", k_events_schema), IsOk());
    ASSERT_THAT(storage::Migrate(database(), "registry", k_registry_schema), IsOk());
    directory_.emplace(database(), env_.clock);
    entities_.Bind(router_);
    signatories_.Bind(router_);
    accessions_.Bind(router_);
    contacts_.Bind(router_);
    pipeline_.emplace(Pipeline::Deps{"registry", env_.authenticator, *directory_, database(), notifier_,
                                     metrics_, env_.clock});
  }

  Incoming CallOf(const google::protobuf::Message& request, const std::string& certificate = kCdo) {
    Incoming incoming;
    const auto* method = FindMethod(request.GetDescriptor());
    incoming.method = &router_.methods().at("/" + method->service()->full_name() + "/" + method->name());
    incoming.spiffe_id = "spiffe://idea.test/" + certificate;
    incoming.body = request.SerializeAsString();
    return incoming;
  }
  absl::Status Serve(const Incoming& incoming) {
    answer_.clear();
    return pipeline_->Serve(incoming, answer_);
  }

  static ImportSignatoriesRequest Import(const std::string& row = "CDO Office,,,office,s\n") {
    ImportSignatoriesRequest request;
    request.add_csv("name,acronym,parent_agency,kind,source\n" + row);
    request.set_request_id(ids::NewUuid());
    return request;
  }

  int64_t Count(const std::string& table) {
    int64_t count = -1;
    EXPECT_THAT(database().Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(const auto row, db.QueryOne("SELECT COUNT(*) FROM " + table, {}));
      count = row->Int(0);
      return absl::OkStatus();
    }),
                IsOk());
    return count;
  }

  // The request id of the first event of the log.
  std::string ToldRequestId() {
    std::string bytes;
    EXPECT_THAT(database().Read([&](storage::Transaction& db) -> absl::Status {
      ASSIGN_OR_RETURN(const auto row, db.QueryOne("SELECT body FROM events ORDER BY seq LIMIT 1", {}));
      bytes = row->Bytes(0);
      return absl::OkStatus();
    }),
                IsOk());
    events::Event event;
    EXPECT_TRUE(event.ParseFromString(bytes));
    return event.request_id();
  }

  testing::TestEnv env_;
  events::Notifier notifier_;
  metrics::Metrics metrics_;
  registry::EntityService entities_{[](std::string_view, const Context&, const google::protobuf::Message&,
                                       google::protobuf::Message*) { return absl::OkStatus(); }};
  registry::SignatoryListService signatories_;
  registry::AccessionService accessions_;
  registry::ContactService contacts_{testing::kCdoEntity, testing::kGovernorEntity};
  std::optional<registry::RegistryDirectory> directory_;
  Router router_;
  std::optional<Pipeline> pipeline_;
  std::string answer_;
};

// The caller does not know that the database was restored, and must first send the lost events again.
TEST_P(ThePipeline, RefusesAWriteForAnotherEpochOfItsLog) {
  Incoming call = CallOf(Import());
  call.log_epoch = std::string(16, '0');
  EXPECT_THAT(Serve(call), FailsWith(Reason::ERROR_REASON_CONCURRENT_CHANGE));
  EXPECT_EQ(Count("events"), 0);
  ASSERT_THAT(database().Read([&](storage::Transaction& db) -> absl::Status {
    ASSIGN_OR_RETURN(const events::Epochs epochs, events::Epochs::Read(db));
    call.log_epoch = epochs.current();
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_THAT(Serve(call), IsOk());
  call.log_epoch = std::string(16, '0');
  EXPECT_THAT(Serve(call), IsOk()) << "it was answered";
}

TEST_P(ThePipeline, DoesARequestOnceHoweverOftenItIsSent) {
  const auto request = Import();
  ASSERT_THAT(Serve(CallOf(request)), IsOk());
  const std::string first = answer_;
  const int64_t recorded = Count("events");
  ASSERT_GT(recorded, 0);
  ASSERT_THAT(Serve(CallOf(request)), IsOk());
  EXPECT_EQ(answer_, first);
  EXPECT_EQ(Count("events"), recorded);
}

TEST_P(ThePipeline, RefusesARequestIdWithAnotherBody) {
  auto request = Import();
  ASSERT_THAT(Serve(CallOf(request)), IsOk());
  request.set_csv(0, "name,acronym,parent_agency,kind,source\nBoard Z,,,board,s\n");
  EXPECT_THAT(Serve(CallOf(request)), FailsWith(Reason::ERROR_REASON_REQUEST_ID_REUSED));
}

TEST_P(ThePipeline, LetsAnotherCallerHaveTheSameRequestId) {
  ASSERT_THAT(Serve(CallOf(Import("CDO Office,,,office,s\nDepartment X,,,department,s\n"))), IsOk());
  registry::v1::CreateContactRequest request;
  request.set_request_id(ids::NewUuid());
  request.mutable_contact()->set_person("p");
  request.mutable_contact()->set_display_name("P");
  request.mutable_contact()->set_email("p@example.org");
  request.mutable_contact()->add_roles(common::v1::CONTACT_ROLE_DATA_COORDINATOR);
  for (const std::string id : {"cdo-office", "department-x"}) {
    request.set_parent("entities/" + id);
    EXPECT_THAT(Serve(CallOf(request, "entity/" + id)), IsOk());
  }
}

TEST_P(ThePipeline, StoresNothingWhenAskedWhatWouldHappen) {
  auto request = Import();
  request.set_validate_only(true);
  ASSERT_THAT(Serve(CallOf(request)), IsOk());
  ImportSignatoriesResponse report;
  ASSERT_TRUE(report.ParseFromString(answer_));
  EXPECT_EQ(report.entities_added(), 1);
  EXPECT_EQ(Count("entities"), 0);
  EXPECT_EQ(Count("events"), 0);
  request.set_validate_only(false);
  EXPECT_THAT(Serve(CallOf(request)), IsOk()) << "the rehearsal does not use the request_id up";
  EXPECT_EQ(Count("entities"), 1);
}

TEST_P(ThePipeline, BeginsNothingThatCannotEndInTime) {
  Incoming late = CallOf(Import());
  late.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(10);
  EXPECT_THAT(Serve(late), FailsWith(Reason::ERROR_REASON_DEADLINE_SPENT));
  EXPECT_EQ(Count("events"), 0);
}

// Answers from memory.
struct Exchange {
  absl::Status CheckExchange(const auth::Caller&, const inventory::v1::CheckExchangeRequest&,
                             inventory::v1::CheckExchangeResponse&) {
    return absl::OkStatus();
  }
};

TEST_P(ThePipeline, AnswersFromMemoryAsLongAsAnyTimeIsLeft) {
  ASSERT_THAT(Serve(CallOf(Import())), IsOk());
  Exchange exchange;
  router_.BindInline(&exchange, &Exchange::CheckExchange);
  inventory::v1::CheckExchangeRequest request;
  request.set_provider("entities/cdo-office");
  request.set_recipient("entities/cdo-office");
  request.add_data_elements("x");
  Incoming call = CallOf(request);
  // Less than the margin of other methods, but enough on a loaded machine.
  const auto served = [&] {
    call.deadline = std::chrono::steady_clock::now() + kDeadlineMargin - std::chrono::milliseconds(1);
    return Serve(call).ok();
  };
  EXPECT_TRUE(testing::Eventually(served));
  call.deadline = std::chrono::steady_clock::now();
  EXPECT_THAT(Serve(call), FailsWith(Reason::ERROR_REASON_DEADLINE_SPENT));
  GetEntityRequest read;
  read.set_name("entities/cdo-office");
  Incoming late = CallOf(read);
  late.deadline = std::chrono::steady_clock::now() + kDeadlineMargin;
  EXPECT_THAT(Serve(late), FailsWith(Reason::ERROR_REASON_DEADLINE_SPENT));
}

TEST_P(ThePipeline, TakesUuidsInUpperCaseForTheSame) {
  ImportSignatoriesRequest request = Import();
  request.set_request_id("8d3e5f0a-1b2c-4d5e-8f90-123456789abc");
  ASSERT_THAT(Serve(CallOf(request)), IsOk());
  const std::string first = answer_;
  request.set_request_id("8D3E5F0A-1B2C-4D5E-8F90-123456789ABC");
  ASSERT_THAT(Serve(CallOf(request)), IsOk());
  EXPECT_EQ(answer_, first);
  EXPECT_EQ(Count("events"), 1);
}

TEST_P(ThePipeline, HandsNoRequestIdOnThatCannotTravelInAHeader) {
  for (const std::string& bad : {std::string(""), std::string(101, 'a'), std::string("a\nb"),
                                 std::string("\xff"), std::string("a\0b", 3), std::string("a b")}) {
    ASSERT_THAT(database().Write(
                    [](storage::Transaction& db) { return db.Execute("DELETE FROM events", {}).status(); }),
                IsOk());
    Incoming incoming = CallOf(Import("Board " + ids::NewUuid() + ",,,board,s\n"));
    incoming.request_id = bad;
    ASSERT_THAT(Serve(incoming), IsOk());
    EXPECT_EQ(ToldRequestId().size(), 36u) << bad;
  }
}

TEST_P(ThePipeline, HandsASaneRequestIdOn) {
  Incoming incoming = CallOf(Import());
  incoming.request_id = "client-7/step.3";
  ASSERT_THAT(Serve(incoming), IsOk());
  EXPECT_EQ(ToldRequestId(), "client-7/step.3");
}

TEST_P(ThePipeline, KeepsTheDatabasesWordsToItself) {
  for (const std::string table : {"entities", "events"}) {
    ASSERT_THAT(database().Write([&](storage::Transaction& db) {
      return db.Execute("ALTER TABLE " + table + " RENAME TO secret_" + table, {}).status();
    }),
                IsOk());
    const absl::Status status = Serve(CallOf(Import()));
    ASSERT_FALSE(status.ok());
    const std::string wire = status::ToWire(status).ShortDebugString();
    for (const std::string word : {"sqlite", "SQL", "relation", "table", "entities", "events", "column"}) {
      EXPECT_THAT(wire, Not(HasSubstr(word))) << "without " << table;
    }
    ASSERT_THAT(database().Write([&](storage::Transaction& db) {
      return db.Execute("ALTER TABLE secret_" + table + " RENAME TO " + table, {}).status();
    }),
                IsOk());
  }
}

TEST_P(ThePipeline, AsksForACertificateOfItsTrustDomain) {
  Incoming incoming = CallOf(GetEntityRequest());
  for (const std::string id : {"", "spiffe://other.test/entity/department-x", "spiffe://idea.test/person/x",
                               "spiffe://idea.test/entity/", "https://idea.test/entity/x"}) {
    incoming.spiffe_id = id;
    EXPECT_THAT(Serve(incoming), FailsWith(Reason::ERROR_REASON_CERTIFICATE_REQUIRED)) << id;
  }
}

TEST_P(ThePipeline, RefusesABadTokenEvenWhereNoneIsNeeded) {
  Incoming incoming = CallOf(Import());
  incoming.authorization = "Bearer nonsense";
  EXPECT_THAT(Serve(incoming), FailsWith(Reason::ERROR_REASON_TOKEN_INVALID));
}

INSTANTIATE_TEST_SUITE_P(Every, ThePipeline, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::rpc
