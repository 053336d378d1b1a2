#include "services/inventory/inventory_service.h"

#include <map>

#include "common/digest/digest.h"
#include "idea/review/v1/review.pb.h"
#include "tests/services/registry/registry_fixture.h"

extern const idea::config::EmbeddedFile k_inventory_schema[];

namespace idea::inventory {
namespace {

using status::Reason;
using testing::At;
using ::testing::Contains;
using testing::FailsWith;
using testing::IsOk;

constexpr char kRecipient[] = "entities/department-x";
constexpr char kSecondRecipient[] = "entities/board-z";
constexpr char kProvider[] = "entities/department-y";
constexpr char kStranger[] = "entities/stranger";
constexpr char kBucp[] = "bucps/1";

// What inventory sees of drafting and review.
struct Peers {
  std::map<std::string, drafting::v1::Bucp> bucps;
  // Digests of the signatures.
  std::vector<std::string> signatures;
  bool down = false;

  absl::Status Answer(const google::protobuf::Message& request, google::protobuf::Message* response) const {
    if (down) return status::Error(Reason::ERROR_REASON_PEER_UNAVAILABLE, "nobody answers");
    if (const auto* get = dynamic_cast<const drafting::v1::GetBucpRequest*>(&request)) {
      const auto bucp = bucps.find(get->name());
      if (bucp == bucps.end()) {
        return status::Error(Reason::ERROR_REASON_NOT_FOUND,
                             "there is no " + get->name() + ", or you are no party to it");
      }
      *static_cast<drafting::v1::GetBucpResponse*>(response)->mutable_bucp() = bucp->second;
    } else if (dynamic_cast<const review::v1::ListRoutingsRequest*>(&request) != nullptr) {
      static_cast<review::v1::ListRoutingsResponse*>(response)->add_routings()->set_name("routings/1");
    } else {
      for (const std::string& digest : signatures) {
        static_cast<review::v1::ListSignaturesResponse*>(response)->add_signatures()->set_digest(digest);
      }
    }
    return absl::OkStatus();
  }
};

// The inventory behind the real pipeline, beside a real registry. Everybody has the person "p".
class Inventory : public testing::OnBackend {
 protected:
  void SetUp() override {
    OnBackend::SetUp();
    if (IsSkipped()) return;
    registry_database_ = testing::Fresh("memory");
    registry_ = std::make_unique<registry::RegistryDesk>(office_, *registry_database_);
    ASSERT_THAT(registry_->Import(
                    "CDO Office,,,office,s\nAgency A,A,,agency,s\nBoard Z,,,board,s\nStranger,,,board,s\n"
                    "Department X,DX,Agency A,department,s\nDepartment Y,DY,Agency A,department,s\n"),
                IsOk());
    for (const char* entity : {kRecipient, kSecondRecipient, kProvider, kStranger}) {
      ASSERT_THAT(registry_->Hire(entity, "p", {common::v1::CONTACT_ROLE_DATA_COORDINATOR}), IsOk());
    }
    Execute(kBucp);
    const InventoryService::Ask ask =
        [this](std::string_view, const rpc::Context&, const google::protobuf::Message& request,
               google::protobuf::Message* response) { return peers_.Answer(request, response); };
    service_ = std::make_unique<InventoryService>(ask, testing::kCdoEntity);
    desk_ = std::make_unique<testing::Desk>("inventory", k_inventory_schema, office_, database(),
                                            registry_->directory());
    using S = InventoryService;
    rpc::Router& router = desk_->router();
    router.Bind(service_.get(), &S::RecordExecution);
    router.Bind(service_.get(), &S::GatherForFiling, &S::FileBucp);
    router.Bind(service_.get(), &S::GetFiling);
    router.Bind(service_.get(), &S::ListFilings);
    router.Bind(service_.get(), &S::TerminateFiling);
  }

  static std::string DigestOf(char fill) { return std::string(64, fill); }

  // An agreement in force, as drafting and review know it.
  drafting::v1::Bucp& Execute(const std::string& name) {
    drafting::v1::Bucp& bucp = peers_.bucps[name];
    bucp.set_name(name);
    bucp.set_title("Food aid");
    bucp.set_state(drafting::v1::STATE_EXECUTED);
    bucp.set_frozen_revision(name + "/revisions/3");
    bucp.set_frozen_digest(DigestOf('a'));
    *bucp.mutable_execute_time() = clock::ToProto(office_.clock.Now());
    bucp.mutable_content()->add_recipients(kRecipient);
    bucp.mutable_content()->add_recipients(kSecondRecipient);
    bucp.mutable_content()->add_providers(kProvider);
    bucp.mutable_content()->mutable_business_case()->mutable_data_categories()->add_categories("demographic");
    bucp.mutable_content()->mutable_administrative()->mutable_critical_dates()->set_frequency("monthly");
    peers_.signatures.assign(4, DigestOf('a'));
    return bucp;
  }
  absl::StatusOr<v1::Filing> Record(const std::string& name = kBucp, const std::string& amends = "") {
    const drafting::v1::Bucp& bucp = peers_.bucps.at(name);
    v1::RecordExecutionRequest request;
    request.set_bucp(name);
    request.set_title(bucp.title());
    request.set_revision(bucp.frozen_revision());
    request.set_digest(bucp.frozen_digest());
    *request.mutable_recipients() = bucp.content().recipients();
    *request.mutable_providers() = bucp.content().providers();
    request.set_amends(amends);
    *request.mutable_execute_time() = bucp.execute_time();
    ASSIGN_OR_RETURN(const auto response,
                     desk_->Ask<v1::RecordExecutionResponse>(testing::Service("drafting"), request));
    return response.filing();
  }
  absl::StatusOr<v1::Filing> File(const std::string& entity = kRecipient, char digest = 'a',
                                  const std::string& bucp = kBucp) {
    v1::FileBucpRequest request;
    request.set_bucp(bucp);
    request.set_digest(DigestOf(digest));
    request.set_feedback("went well");
    ASSIGN_OR_RETURN(const auto response, desk_->Ask<v1::FileBucpResponse>(At(entity, "p"), request));
    return response.filing();
  }
  absl::StatusOr<v1::Filing> Terminate(const std::string& name, const std::string& entity = kProvider) {
    v1::TerminateFilingRequest request;
    request.set_name(name);
    request.set_grounds(v1::GROUNDS_VIOLATION);
    request.set_reason("passed on");
    ASSIGN_OR_RETURN(const auto response, desk_->Ask<v1::TerminateFilingResponse>(At(entity, "p"), request));
    return response.filing();
  }
  absl::StatusOr<v1::Filing> Get(const std::string& name, const testing::Who& who = At(kProvider)) {
    v1::GetFilingRequest request;
    request.set_name(name);
    ASSIGN_OR_RETURN(const auto response, desk_->Ask<v1::GetFilingResponse>(who, request));
    return response.filing();
  }
  int List(const testing::Who& who, const std::string& filter = "") {
    v1::ListFilingsRequest request;
    request.set_filter(filter);
    const auto response = desk_->Ask<v1::ListFilingsResponse>(who, request);
    EXPECT_THAT(response, IsOk());
    return response.ok() ? response->filings_size() : -1;
  }
  events::Event LastTold() { return desk_->Told().back(); }

  testing::Office office_;
  std::unique_ptr<storage::Database> registry_database_;
  std::unique_ptr<registry::RegistryDesk> registry_;
  Peers peers_;
  std::unique_ptr<InventoryService> service_;
  std::unique_ptr<testing::Desk> desk_;
};

TEST_P(Inventory, ShowsWhatIsExecutedAndNotFiled) {
  const auto recorded = Record();
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(recorded->state(), v1::FILING_STATE_UNFILED);
  EXPECT_EQ(recorded->digest(), DigestOf('a'));
  EXPECT_EQ(Get(recorded->name())->ShortDebugString(), recorded->ShortDebugString());
  EXPECT_EQ(List(At(testing::kCdoEntity), "state = FILING_STATE_UNFILED"), 1);
  EXPECT_THAT(LastTold().audience(), Contains(testing::kCdoEntity));
}

TEST_P(Inventory, FilesWithAReceiptThatAnybodyCanCompute) {
  const auto recorded = Record();
  ASSERT_THAT(recorded, IsOk());
  auto filed = File();
  ASSERT_THAT(filed, IsOk());
  EXPECT_EQ(filed->name(), recorded->name());
  EXPECT_EQ(filed->state(), v1::FILING_STATE_FILED);
  EXPECT_EQ(filed->data_categories(0), "demographic");
  EXPECT_EQ(filed->frequency(), "monthly");
  EXPECT_EQ(LastTold().type(), "BucpFiled");
  const std::string digest = filed->receipt().digest();
  filed->clear_receipt();
  filed->clear_etag();
  EXPECT_EQ(digest, digest::Digest(*filed));
}

TEST_P(Inventory, FilesBeforeItHearsOfTheExecution) {
  const auto filed = File();
  ASSERT_THAT(filed, IsOk());
  const auto recorded = Record();
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(recorded->ShortDebugString(), filed->ShortDebugString());
  EXPECT_EQ(List(At(kRecipient)), 1);
}

TEST_P(Inventory, FilesOnlyOnce) {
  ASSERT_THAT(File(), IsOk());
  EXPECT_THAT(File(), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
}

TEST_P(Inventory, LetsOnlyTheFirstRecipientFile) {
  EXPECT_THAT(File(kProvider), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(File(kSecondRecipient), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  const auto hidden = File(kStranger);
  EXPECT_THAT(hidden, FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  peers_.bucps.clear();
  EXPECT_EQ(File(kStranger).status().ToString(), hidden.status().ToString());
}

TEST_P(Inventory, FilesOnlyWhatIsExecuted) {
  drafting::v1::Bucp& bucp = peers_.bucps.at(kBucp);
  bucp.clear_execute_time();
  bucp.set_state(drafting::v1::STATE_SIGNING);
  const auto early = File();
  EXPECT_THAT(early, FailsWith(Reason::ERROR_REASON_NOT_EXECUTED));
  EXPECT_EQ(status::MetadataOf(early.status(), "state"), "SIGNING");
}

TEST_P(Inventory, FilesOnlyTheDigestThatEverybodySigned) {
  EXPECT_THAT(File(kRecipient, 'b'), FailsWith(Reason::ERROR_REASON_DIGEST_MISMATCH));
  peers_.signatures.back() = DigestOf('b');
  EXPECT_THAT(File(), FailsWith(Reason::ERROR_REASON_DIGEST_MISMATCH));
  peers_.signatures.clear();
  EXPECT_THAT(File(), FailsWith(Reason::ERROR_REASON_DIGEST_MISMATCH));
  EXPECT_EQ(List(At(kRecipient)), 0);
}

TEST_P(Inventory, FilesNothingWhileAPeerIsAway) {
  peers_.down = true;
  EXPECT_THAT(File(), FailsWith(Reason::ERROR_REASON_PEER_UNAVAILABLE));
  EXPECT_THAT(Record(), IsOk());
  peers_.down = false;
  EXPECT_THAT(File(), IsOk());
}

TEST_P(Inventory, EndsWhatAnAmendmentSupersedes) {
  const auto old = File();
  ASSERT_THAT(old, IsOk());
  Execute("bucps/2").set_amends(kBucp);
  ASSERT_THAT(Record("bucps/2", kBucp), IsOk());
  const auto ended = Get(old->name());
  ASSERT_THAT(ended, IsOk());
  EXPECT_EQ(ended->state(), v1::FILING_STATE_ENDED);
  EXPECT_EQ(ended->end_reason(), "superseded by bucps/2");
  EXPECT_EQ(ended->receipt().ShortDebugString(), old->receipt().ShortDebugString());
  EXPECT_EQ(LastTold().type(), "FilingSuperseded");
  EXPECT_EQ(List(At(testing::kCdoEntity), "state = FILING_STATE_UNFILED"), 1);
  EXPECT_THAT(Terminate(old->name()), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
}

TEST_P(Inventory, EndsOnAProvidersGroundsOnly) {
  const auto filed = File();
  ASSERT_THAT(filed, IsOk());
  EXPECT_THAT(Terminate(filed->name(), kRecipient), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(Terminate(filed->name(), kStranger), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  const auto ended = Terminate(filed->name());
  ASSERT_THAT(ended, IsOk());
  EXPECT_EQ(ended->state(), v1::FILING_STATE_ENDED);
  EXPECT_EQ(ended->grounds(), v1::GROUNDS_VIOLATION);
  EXPECT_EQ(LastTold().type(), "AgreementTerminated");
  EXPECT_EQ(LastTold().citation(), "agreement 7.4");
  EXPECT_THAT(Terminate(filed->name()), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_THAT(File(), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
}

TEST_P(Inventory, IsHiddenFromStrangers) {
  const auto filed = File();
  ASSERT_THAT(filed, IsOk());
  EXPECT_THAT(Get(filed->name(), At(kStranger)), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Get(filed->name(), At(testing::kCdoEntity)), IsOk());
  EXPECT_THAT(Get(filed->name(), testing::Service("dispute")), IsOk());
  EXPECT_EQ(List(At(kStranger)), 0);
  EXPECT_EQ(List(At(kProvider), "title : \"food\""), 1);
}

INSTANTIATE_TEST_SUITE_P(Every, Inventory, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::inventory
