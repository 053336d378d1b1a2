#include "services/inventory/notice_service.h"

#include <algorithm>
#include <set>

#include "common/digest/digest.h"
#include "services/inventory/inventory_service.h"
#include "tests/services/registry/registry_fixture.h"
#include "tests/support/log_key_file.h"
#include "tests/support/refusals.h"

extern const idea::config::EmbeddedFile k_inventory_schema[];

namespace idea::inventory {
namespace {

using enum v1::NoticeKind;
using status::Reason;
using testing::At;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::FailsWith;
using testing::FieldsOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::Not;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

constexpr char kX[] = "entities/department-x";
constexpr char kZ[] = "entities/board-z";
constexpr char kY[] = "entities/department-y";
constexpr char kAgencyA[] = "entities/agency-a";
constexpr char kAgencyB[] = "entities/agency-b";
constexpr char kStranger[] = "entities/stranger";
constexpr char kBucp[] = "bucps/1";
constexpr clock::Micros kDay = clock::kSecond * 3600 * 24;

// Notices on one agreement: Data Recipients Department X (of Agency A) and Board Z, Data Provider Department
// Y (of Agency B, which has no Agency CDO but an Agency Information Officer). Everybody has the person "p",
// the agencies the person "officer".
class Notices : public testing::OnBackend {
 protected:
  void SetUp() override {
    OnBackend::SetUp();
    if (IsSkipped()) return;
    registry_database_ = testing::Fresh("memory");
    registry_ = std::make_unique<registry::RegistryDesk>(office_, *registry_database_);
    ASSERT_THAT(registry_->Import("CDO Office,,,office,s\nAgency A,A,,agency,s\nAgency B,B,,agency,s\n"
                                  "Board Z,,,board,s\nStranger,,,board,s\n"
                                  "Department X,DX,Agency A,department,s\n"
                                  "Department Y,DY,Agency B,department,s\n"),
                IsOk());
    using namespace common::v1;  // NOLINT(google-build-using-namespace): the roles, by their own names
    for (const char* entity : {kX, kZ, kY, kStranger}) {
      ASSERT_THAT(registry_->Hire(entity, "p", {CONTACT_ROLE_DATA_COORDINATOR}), IsOk());
      ASSERT_THAT(registry_->Hire(entity, "sponsor", {CONTACT_ROLE_EXECUTIVE_SPONSOR}), IsOk());
    }
    ASSERT_THAT(registry_->Hire(kAgencyA, "officer", {CONTACT_ROLE_AGENCY_CDO}), IsOk());
    ASSERT_THAT(registry_->Hire(kAgencyB, "officer", {CONTACT_ROLE_AGENCY_INFORMATION_OFFICER}), IsOk());
    ASSERT_THAT(registry_->Hire(testing::kCdoEntity, "p", {CONTACT_ROLE_STATEWIDE_CDO}), IsOk());
    content_.add_recipients(kX);
    content_.add_recipients(kZ);
    content_.add_providers(kY);
    content_.mutable_business_case()->mutable_data_categories()->add_categories("demographic");
    const auto ask = [this](std::string_view service, const rpc::Context&,
                            const google::protobuf::Message& request,
                            google::protobuf::Message* response) -> absl::Status {
      if (down_ == service) return status::Error(Reason::ERROR_REASON_PEER_UNAVAILABLE, "nobody answers");
      if (service == "registry") {
        return registry_->desk().Send(testing::Service("inventory"), request, response);
      }
      auto& revision = *static_cast<drafting::v1::GetRevisionResponse*>(response)->mutable_revision();
      revision.set_digest(std::string(64, 'a'));
      *revision.mutable_content() = content_;
      return absl::OkStatus();
    };
    log_ = std::make_unique<LogService>(*transparency::LogKey::Load(log_key_.path(), "idea.test/log"));
    absl::TimeZone zone;
    ASSERT_TRUE(absl::LoadTimeZone("America/Los_Angeles", &zone));
    notices_ = std::make_unique<NoticeService>(ask, *log_, testing::kCdoEntity, zone);
    register_ = std::make_unique<InventoryService>(ask, *log_, testing::kCdoEntity, *notices_);
    desk_ = std::make_unique<testing::Desk>("inventory", k_inventory_schema, office_, database(),
                                            registry_->directory());
    rpc::Router& router = desk_->router();
    router.Bind(register_.get(), &InventoryService::GatherForExecution, &InventoryService::RecordExecution);
    router.Bind(register_.get(), &InventoryService::GetFiling);
    router.Bind(register_.get(), &InventoryService::GatherForTermination, &InventoryService::TerminateFiling);
    router.Bind(log_.get(), &LogService::GetCheckpoint);
    router.Bind(log_.get(), &LogService::GetInclusionProof);
    notices_->Bind(router);
    filing_ = Execute();
  }

  std::string Execute(const std::string& bucp = kBucp) {
    v1::RecordExecutionRequest request;
    request.set_bucp(bucp);
    request.set_title("Food aid");
    request.set_revision("bucps/1/revisions/3");
    request.set_digest(std::string(64, 'a'));
    request.add_recipients(kX);
    request.add_recipients(kZ);
    request.add_providers(kY);
    *request.mutable_execute_time() = clock::ToProto(office_.clock.Now());
    const auto response = desk_->Ask<v1::RecordExecutionResponse>(testing::Service("drafting"), request);
    EXPECT_THAT(response, IsOk());
    return response.ok() ? response->filing().name() : "";
  }

  // Every detail that any notice wants.
  v1::NoticeDetails AllDetails() {
    v1::NoticeDetails details;
    details.set_data("names and addresses");
    details.set_description("it happened");
    details.set_deletion_terms("within 30 days");
    details.set_method("shredding");
    details.set_protections("locked away");
    details.set_requester("The Daily");
    details.set_product("Yearly report");
    *details.mutable_date() = Today();
    return details;
  }
  // Noon of 2027-03-01 in California would be another day in UTC at times: the day of the desk's clock there.
  google::type::Date Today(int plus = 0) {
    absl::TimeZone zone;
    EXPECT_TRUE(absl::LoadTimeZone("America/Los_Angeles", &zone));
    return DateOf(absl::ToCivilDay(absl::FromUnixMicros(office_.clock.Now()), zone) + plus);
  }

  absl::StatusOr<v1::Notice> Give(v1::NoticeKind kind, const testing::Who& who,
                                  const v1::NoticeDetails& details, bool validate_only = false) {
    v1::GiveNoticeRequest request;
    request.set_filing(filing_);
    request.set_kind(kind);
    *request.mutable_details() = details;
    request.set_validate_only(validate_only);
    ASSIGN_OR_RETURN(const auto response, desk_->Ask<v1::GiveNoticeResponse>(who, request));
    return response.notice();
  }
  absl::StatusOr<v1::Notice> Give(v1::NoticeKind kind, const std::string& entity = kX) {
    return Give(kind, At(entity, "p"), AllDetails());
  }
  std::string Given(v1::NoticeKind kind, const std::string& entity = kX) {
    const auto notice = Give(kind, entity);
    EXPECT_THAT(notice, IsOk());
    return notice.ok() ? notice->name() : "";
  }
  absl::StatusOr<v1::Notice> Get(const std::string& name, const std::string& entity) {
    v1::GetNoticeRequest request;
    request.set_name(name);
    ASSIGN_OR_RETURN(const auto response, desk_->Ask<v1::GetNoticeResponse>(At(entity), request));
    return response.notice();
  }
  absl::StatusOr<v1::Notice> Acknowledge(const std::string& name, const testing::Who& who) {
    v1::AcknowledgeNoticeRequest request;
    request.set_name(name);
    ASSIGN_OR_RETURN(const auto response, desk_->Ask<v1::AcknowledgeNoticeResponse>(who, request));
    return response.notice();
  }
  std::vector<std::string> List(const std::string& entity, const std::string& filter = "") {
    v1::ListNoticesRequest request;
    request.set_filter(filter);
    const auto response = desk_->Ask<v1::ListNoticesResponse>(At(entity), request);
    EXPECT_THAT(response, IsOk());
    std::vector<std::string> names;
    if (response.ok())
      for (const v1::Notice& notice : response->notices()) names.push_back(notice.name());
    return names;
  }
  std::vector<v1::Duty> Duties(const std::string& entity, const std::string& filter = "") {
    v1::ListDutiesRequest request;
    request.set_filter(filter);
    const auto response = desk_->Ask<v1::ListDutiesResponse>(At(entity), request);
    EXPECT_THAT(response, IsOk());
    if (!response.ok()) return {};
    return {response->duties().begin(), response->duties().end()};
  }
  absl::StatusOr<v1::Duty> Complete(const std::string& name, const testing::Who& who) {
    v1::CompleteDutyRequest request;
    request.set_name(name);
    request.set_note("done by letter");
    ASSIGN_OR_RETURN(const auto response, desk_->Ask<v1::CompleteDutyResponse>(who, request));
    return response.duty();
  }
  absl::StatusOr<v1::Filing> Terminate(v1::Grounds grounds, const std::string& terms = "") {
    v1::TerminateFilingRequest request;
    request.set_name(filing_);
    request.set_grounds(grounds);
    request.set_reason("passed on to a vendor");
    request.set_deletion_terms(terms);
    ASSIGN_OR_RETURN(const auto response, desk_->Ask<v1::TerminateFilingResponse>(At(kY, "p"), request));
    return response.filing();
  }
  int64_t LogSize() {
    const auto response = desk_->Ask<v1::GetCheckpointResponse>(At(kStranger), v1::GetCheckpointRequest());
    EXPECT_THAT(response, IsOk());
    return response.ok() ? response->size() : -1;
  }

  testing::Office office_;
  std::unique_ptr<storage::Database> registry_database_;
  std::unique_ptr<registry::RegistryDesk> registry_;
  drafting::v1::Content content_;
  std::string down_;
  const testing::LogKeyFile log_key_;
  std::unique_ptr<LogService> log_;
  std::unique_ptr<NoticeService> notices_;
  std::unique_ptr<InventoryService> register_;
  std::unique_ptr<testing::Desk> desk_;
  std::string filing_;
};

// --- who gives what to whom ---

// "department-y DATA_COORDINATOR", with "copy" behind it.
std::vector<std::string> AddresseesOf(const v1::Notice& notice) {
  std::vector<std::string> out;
  for (const v1::NoticeRecipient& recipient : notice.recipients()) {
    out.push_back(recipient.entity().substr(9) + " " + flow::NameOf(recipient.role()) +
                  (recipient.copy() ? " copy" : ""));
  }
  return out;
}

struct Clause {
  v1::NoticeKind kind;
  const char* citation;
  // Who may give it: r(ecipient), p(rovider), c(do).
  const char* givers;
  std::vector<std::string> addressees;
  // Details that are missing where none is given.
  std::vector<std::string> missing;
  // "department-x", "department-x 45": whose duties follow, with the days to a due date.
  std::vector<std::string> duties;
};

const std::vector<std::string> kToY = {"department-y DATA_COORDINATOR"};
const std::vector<std::string> kToXZ = {"department-x DATA_COORDINATOR", "board-z DATA_COORDINATOR"};
const std::vector<std::string> kToXZAndOfficers = {"department-x DATA_COORDINATOR",
                                                   "board-z DATA_COORDINATOR", "agency-a AGENCY_CDO",
                                                   "agency-b AGENCY_INFORMATION_OFFICER"};
const std::vector<Clause> kClauses = {
    {NOTICE_KIND_UNAUTHORIZED_ACCESS, "agreement 8.5", "r", kToY, {"description"}, {"department-x"}},
    {NOTICE_KIND_SECURITY_INCIDENT, "agreement 8.6", "r", kToY, {"description"}, {"department-x"}},
    {NOTICE_KIND_RULE_CHANGE,
     "agreement 5.14",
     "p",
     kToXZAndOfficers,
     {"description", "deletion_terms"},
     {"department-x", "board-z"}},
    {NOTICE_KIND_RECIPIENT_ACTS,
     "agreement 5.14",
     "p",
     kToXZAndOfficers,
     {"description", "deletion_terms"},
     {"department-x", "board-z"}},
    {NOTICE_KIND_VIOLATION,
     "agreement 7.4",
     "p",
     {"department-x DATA_COORDINATOR", "board-z DATA_COORDINATOR", "cdo-office STATEWIDE_CDO",
      "agency-a AGENCY_CDO copy", "agency-b AGENCY_INFORMATION_OFFICER copy"},
     {"description", "deletion_terms"},
     {"department-x", "board-z"}},
    {NOTICE_KIND_RECORDS_REQUEST,
     "agreement 5.18",
     "r",
     kToY,
     {"description", "requester"},
     {"department-x", "department-y", "department-y"}},
    {NOTICE_KIND_SUBPOENA,
     "agreement 5.18",
     "r",
     kToY,
     {"description", "requester"},
     {"department-x", "department-y"}},
    {NOTICE_KIND_CANNOT_RETURN_OR_DESTROY,
     "agreement 8.8",
     "r",
     {"department-y DATA_COORDINATOR", "cdo-office STATEWIDE_CDO"},
     {"description", "method", "protections", "date"},
     {}},
    {NOTICE_KIND_ACCESS_REMOVED_MISUSE, "agreement 5.12", "rp", kToY, {"description", "date"}, {}},
    {NOTICE_KIND_ACCESS_REMOVED_ROLE_CHANGE, "agreement 5.13", "rp", kToY, {"description", "date"}, {}},
    {NOTICE_KIND_MODIFIED_DATA, "agreement 5.11", "rp", kToY, {"product"}, {}},
    {NOTICE_KIND_CERTIFICATION_REMINDER,
     "agreement 5.16",
     "c",
     {"department-x DATA_COORDINATOR", "board-z DATA_COORDINATOR", "department-y DATA_COORDINATOR"},
     {},
     {"department-x", "board-z", "department-y"}},
    {NOTICE_KIND_DESTRUCTION_ATTESTATION, "agreement 8.8, Addendum B 4.1", "r", kToY, {"method", "date"}, {}},
    {NOTICE_KIND_STUDY_REPORT,
     "agreement Addendum B 3.5",
     "r",
     kToY,
     {"description", "product", "date"},
     {"department-y 45"}},
    {NOTICE_KIND_STUDY_COMMENTS,
     "agreement Addendum B 3.6",
     "p",
     kToXZ,
     {"description", "product"},
     {"department-x 15", "board-z 15"}},
};

TEST_P(Notices, AreGivenByWhomTheClauseNamesToWhomItNames) {
  // All but that of the register's own (expiry_clock_test).
  ASSERT_EQ(kClauses.size() + 1, kNoticeKinds.size());
  for (const Clause& clause : kClauses) {
    SCOPED_TRACE(flow::NameOf(clause.kind));
    const std::string givers = clause.givers;
    for (const auto& [letter, entity] :
         {std::pair<char, std::string>{'r', kX}, {'p', kY}, {'c', testing::kCdoEntity}}) {
      const auto preview = Give(clause.kind, At(entity, "p"), AllDetails(), true);
      if (givers.find(letter) == std::string::npos) {
        EXPECT_THAT(preview, FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP)) << entity;
        EXPECT_NE(status::MetadataOf(preview.status(), "by"), "");
        continue;
      }
      ASSERT_THAT(preview, IsOk()) << entity;
      EXPECT_EQ(preview->citation(), clause.citation);
      EXPECT_THAT(preview->text(), Not(HasSubstr("{")));
      EXPECT_EQ(preview->name(), "");
      if (letter == givers[0]) {
        EXPECT_EQ(AddresseesOf(*preview), clause.addressees);
      }
    }
    EXPECT_THAT(Give(clause.kind, kStranger), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
    EXPECT_THAT(Give(clause.kind, kAgencyA).ok(), false);
  }
  EXPECT_THAT(AddresseesOf(*Give(NOTICE_KIND_MODIFIED_DATA, At(kY, "p"), AllDetails(), true)),
              ElementsAre(kToXZ[0], kToXZ[1]));
}

TEST_P(Notices, NameEverythingThatTheyLack) {
  for (const Clause& clause : kClauses) {
    SCOPED_TRACE(flow::NameOf(clause.kind));
    const std::string giver = clause.givers[0] == 'r'   ? kX
                              : clause.givers[0] == 'p' ? kY
                                                        : testing::kCdoEntity;
    const auto refused = Give(clause.kind, At(giver, "p"), {});
    std::vector<std::string> missing;
    for (const std::string& field : clause.missing) missing.push_back("details." + field);
    if (missing.empty()) {
      EXPECT_THAT(refused, IsOk());
      continue;
    }
    EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
    EXPECT_EQ(FieldsOf(refused.status()), missing);
  }
  // Which data it is the BUCP says, unless it does not.
  content_.clear_business_case();
  filing_ = Execute("bucps/2");
  EXPECT_THAT(FieldsOf(Give(NOTICE_KIND_SECURITY_INCIDENT, At(kX, "p"), {}).status()),
              ElementsAre("details.data", "details.description"));
}

TEST_P(Notices, AreFollowedByDuties) {
  for (const Clause& clause : kClauses) {
    SCOPED_TRACE(flow::NameOf(clause.kind));
    const std::string giver = clause.givers[0] == 'r'   ? kX
                              : clause.givers[0] == 'p' ? kY
                                                        : testing::kCdoEntity;
    const std::string name = Given(clause.kind, giver);
    std::vector<std::string> found;
    for (const v1::Duty& duty : Duties(testing::kCdoEntity, "notice = \"" + name + "\"")) {
      std::string days;
      for (int n = 1; n < 100 && duty.has_due_date() && days.empty(); ++n) {
        if (CivilDayOf(Today(n)) == CivilDayOf(duty.due_date())) days = " " + std::to_string(n);
      }
      found.push_back(duty.entity().substr(9) + days);
      EXPECT_EQ(duty.state(), v1::DUTY_STATE_OPEN);
      EXPECT_THAT(duty.citation(), StartsWith("agreement "));
    }
    EXPECT_EQ(found, clause.duties);
  }
}

// --- what a notice is ---

TEST_P(Notices, SayWhatTheRegisterAndTheRegistryKnow) {
  v1::NoticeDetails details;
  details.set_description("A laptop with an encrypted disk was stolen.");
  const auto notice = Give(NOTICE_KIND_SECURITY_INCIDENT, At(kX, "p"), details, true);
  ASSERT_THAT(notice, IsOk());
  EXPECT_EQ(notice->subject(), "Security incident involving data exchanged under IDEA: Food aid");
  EXPECT_THAT(notice->text(),
              StartsWith("To: Mx. p, Data Coordinator, Department Y\nSubject: Security incident"));
  for (const char* part :
       {"\"Food aid\" (bucps/1)", "demographic", "A laptop with an encrypted disk was stolen.", "section 8.6",
        "Mx. p\nDepartment X\n"}) {
    EXPECT_THAT(notice->text(), HasSubstr(part));
  }
}

TEST_P(Notices, ArePreviewedWithoutBeingGiven) {
  const int64_t size = LogSize();
  const size_t told = desk_->Told().size();
  ASSERT_THAT(Give(NOTICE_KIND_SECURITY_INCIDENT, At(kX, "p"), AllDetails(), true), IsOk());
  EXPECT_EQ(LogSize(), size);
  EXPECT_EQ(desk_->Told().size(), told);
  EXPECT_THAT(List(kX), IsEmpty());
  EXPECT_THAT(Duties(kX), IsEmpty());
}

TEST_P(Notices, AreLeavesOfTheLogThatAnybodyCanCheck) {
  const int64_t size = LogSize();
  const std::string name = Given(NOTICE_KIND_DESTRUCTION_ATTESTATION);
  EXPECT_EQ(LogSize(), size + 1);
  v1::Notice notice = *Get(name, kY);
  EXPECT_EQ(notice.leaf().leaf_index(), size);
  EXPECT_THAT(notice.leaf().entry(), HasSubstr("\"notice\":\"" + name + "\""));
  EXPECT_THAT(notice.leaf().entry(), HasSubstr("\"noticeKind\":\"DESTRUCTION_ATTESTATION\""));
  EXPECT_THAT(notice.leaf().entry(), HasSubstr("\"noticeDigest\":\"" + notice.digest() + "\""));
  v1::GetInclusionProofRequest prove;
  prove.set_leaf_index(size);
  const auto proof = desk_->Ask<v1::GetInclusionProofResponse>(At(kStranger), prove);
  ASSERT_THAT(proof, IsOk());
  EXPECT_EQ(proof->leaf().entry(), notice.leaf().entry());
  // The digest is that of the notice as it was given.
  const std::string digest = notice.digest();
  notice.clear_digest();
  notice.clear_leaf();
  notice.clear_state();
  notice.clear_age_days();
  EXPECT_EQ(digest::Digest(notice), digest);
}

TEST_P(Notices, AreSeenByWhomTheyConcern) {
  const std::string incident = Given(NOTICE_KIND_SECURITY_INCIDENT);
  const std::string violation = Given(NOTICE_KIND_VIOLATION, kY);
  for (const char* entity : {kX, kY, testing::kCdoEntity})
    EXPECT_THAT(Get(incident, entity), IsOk()) << entity;
  for (const char* entity : {kZ, kAgencyA, kStranger}) {
    EXPECT_THAT(Get(incident, entity), FailsWith(Reason::ERROR_REASON_NOT_FOUND)) << entity;
  }
  for (const char* entity : {kX, kZ, kY, kAgencyA, kAgencyB})
    EXPECT_THAT(Get(violation, entity), IsOk()) << entity;
  EXPECT_THAT(List(kAgencyA), ElementsAre(violation));
  EXPECT_THAT(List(kStranger), IsEmpty());
  EXPECT_THAT(Duties(kStranger), IsEmpty());
  EXPECT_THAT(Acknowledge(violation, At(kStranger, "p")), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Complete(violation + "/duties/1", At(kStranger, "p")),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  const events::Event told = desk_->Told().back();
  EXPECT_EQ(told.type(), "NoticeGiven");
  EXPECT_EQ(told.citation(), "agreement 7.4");
  EXPECT_THAT(told.audience(), UnorderedElementsAre(kX, kZ, kY, testing::kCdoEntity, kAgencyA, kAgencyB));
}

TEST_P(Notices, ReachADepartmentOfWhichNobodyIsRecorded) {
  registry::v1::UpdateContactRequest end;
  end.mutable_contact()->set_name(std::string(kY) + "/contacts/p");
  *end.mutable_contact()->mutable_end_time() = clock::ToProto(office_.clock.Now());
  end.mutable_update_mask()->add_paths("end_time");
  ASSERT_THAT(registry_->desk().Ask<registry::v1::UpdateContactResponse>(At(kY), end), IsOk());
  const auto notice = Give(NOTICE_KIND_SECURITY_INCIDENT);
  ASSERT_THAT(notice, IsOk());
  EXPECT_THAT(notice->recipients(0).names(), IsEmpty());
  EXPECT_THAT(notice->text(), StartsWith("To: Data Coordinator, Department Y\n"));
  EXPECT_THAT(Get(notice->name(), kY), IsOk());
}

TEST_P(Notices, AreListedByWhatTheyAre) {
  const std::string first = Given(NOTICE_KIND_SECURITY_INCIDENT);
  office_.clock.Advance(2 * kDay);
  const std::string second = Given(NOTICE_KIND_VIOLATION, kY);
  EXPECT_THAT(List(testing::kCdoEntity), ElementsAre(second, first));
  EXPECT_THAT(List(kX, "kind = SECURITY_INCIDENT"), ElementsAre(first));
  EXPECT_THAT(List(kX, "filing = \"" + filing_ + "\" AND bucp = \"bucps/1\""), ElementsAre(second, first));
  EXPECT_THAT(List(kX, "giver = \"" + std::string(kY) + "\""), ElementsAre(second));
  EXPECT_THAT(List(testing::kCdoEntity, "party = \"" + std::string(kAgencyB) + "\""), ElementsAre(second));
  EXPECT_THAT(List(kX, "state = ACKNOWLEDGED"), IsEmpty());
  EXPECT_EQ(Get(first, kX)->age_days(), 2);
  v1::ListNoticesRequest bad;
  bad.set_filter("colour = red");
  EXPECT_THAT(desk_->Ask<v1::ListNoticesResponse>(At(kX), bad),
              FailsWith(Reason::ERROR_REASON_FILTER_INVALID));
  v1::ListDutiesRequest wrong;
  wrong.set_filter("state : x");
  EXPECT_THAT(desk_->Ask<v1::ListDutiesResponse>(At(kX), wrong),
              FailsWith(Reason::ERROR_REASON_FILTER_INVALID));
}

// --- acknowledgement ---

TEST_P(Notices, AreAcknowledgedOnceByEachWhomTheyAreAddressedTo) {
  const std::string name = Given(NOTICE_KIND_CANNOT_RETURN_OR_DESTROY);
  EXPECT_THAT(Acknowledge(name, At(kX, "p")), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(Acknowledge(name, At(kZ, "p")), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Acknowledge(name, At(kY)), FailsWith(Reason::ERROR_REASON_TOKEN_REQUIRED));
  office_.clock.Advance(kDay);
  const auto once = Acknowledge(name, At(kY, "p"));
  ASSERT_THAT(once, IsOk());
  EXPECT_EQ(once->state(), v1::NOTICE_STATE_GIVEN);
  EXPECT_EQ(clock::FromProto(once->recipients(0).acknowledge_time()), office_.clock.Now());
  EXPECT_EQ(once->recipients(0).person(), "p");
  EXPECT_THAT(Acknowledge(name, At(kY, "p")), FailsWith(Reason::ERROR_REASON_ALREADY_DONE));
  const auto all = Acknowledge(name, At(testing::kCdoEntity, "p"));
  ASSERT_THAT(all, IsOk());
  EXPECT_EQ(all->state(), v1::NOTICE_STATE_ACKNOWLEDGED);
  EXPECT_THAT(List(kX, "state = NOTICE_STATE_ACKNOWLEDGED"), ElementsAre(name));
  EXPECT_EQ(desk_->Told().back().type(), "NoticeAcknowledged");
  // What was given stays as it was.
  EXPECT_EQ(all->digest(), Get(name, kX)->digest());
}

// --- days ---

TEST_P(Notices, Of88AreDueTenDaysAfterCircumstancesChanged) {
  v1::NoticeDetails details = AllDetails();
  *details.mutable_date() = Today(-10);
  const auto in_time = Give(NOTICE_KIND_CANNOT_RETURN_OR_DESTROY, At(kX, "p"), details);
  ASSERT_THAT(in_time, IsOk());
  EXPECT_EQ(CivilDayOf(in_time->due_date()), CivilDayOf(Today()));
  EXPECT_FALSE(in_time->late());
  *details.mutable_date() = Today(-11);
  EXPECT_TRUE(Give(NOTICE_KIND_CANNOT_RETURN_OR_DESTROY, At(kX, "p"), details)->late());
  *details.mutable_date() = Today(1);
  const auto refused = Give(NOTICE_KIND_CANNOT_RETURN_OR_DESTROY, At(kX, "p"), details);
  EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(FieldsOf(refused.status()), ElementsAre("details.date"));
}

TEST_P(Notices, OfStudyReportsAreDueSixtyDaysBeforeTheRelease) {
  v1::NoticeDetails details = AllDetails();
  *details.mutable_date() = Today(60);
  EXPECT_FALSE(Give(NOTICE_KIND_STUDY_REPORT, At(kX, "p"), details)->late());
  *details.mutable_date() = Today(59);
  const auto late = Give(NOTICE_KIND_STUDY_REPORT, At(kX, "p"), details);
  EXPECT_TRUE(late->late());
  EXPECT_EQ(CivilDayOf(late->due_date()), CivilDayOf(Today(-1)));
}

TEST_P(Notices, OfImmediateDutiesHaveAnAgeAndNoDueDate) {
  const std::string name = Given(NOTICE_KIND_UNAUTHORIZED_ACCESS);
  office_.clock.Advance(100 * kDay);
  EXPECT_FALSE(Get(name, kY)->has_due_date());
  const v1::Duty duty = Duties(kY).at(0);
  EXPECT_FALSE(duty.has_due_date());
  EXPECT_FALSE(duty.overdue());
  EXPECT_EQ(duty.age_days(), 100);
}

TEST_P(Notices, OfEducationRecordsDestroyedWantTwoWitnesses) {
  v1::NoticeDetails details = AllDetails();
  EXPECT_THAT(Give(NOTICE_KIND_DESTRUCTION_ATTESTATION, At(kX, "p"), details, true), IsOk());
  content_.mutable_business_case()->mutable_data_categories()->set_education_records(
      drafting::v1::ANSWER_YES);
  for (const std::vector<std::string>& witnesses :
       {std::vector<std::string>{}, {"A. Alder"}, {"A. Alder", "A. Alder"}}) {
    *details.mutable_witnesses() = {witnesses.begin(), witnesses.end()};
    const auto refused = Give(NOTICE_KIND_DESTRUCTION_ATTESTATION, At(kX, "p"), details);
    EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
    EXPECT_THAT(FieldsOf(refused.status()), ElementsAre("details.witnesses"));
  }
  details.clear_witnesses();
  details.add_witnesses("A. Alder");
  details.add_witnesses("B. Birch");
  const auto given = Give(NOTICE_KIND_DESTRUCTION_ATTESTATION, At(kX, "p"), details);
  ASSERT_THAT(given, IsOk());
  EXPECT_THAT(given->text(), HasSubstr("Witnesses: A. Alder, B. Birch."));
}

// --- duties ---

TEST_P(Notices, AreFollowedByDutiesThatTheirOwnersComplete) {
  const std::string name = Given(NOTICE_KIND_STUDY_REPORT);
  const std::string duty = name + "/duties/1";
  EXPECT_THAT(Complete(duty, At(kX, "p")), FailsWith(Reason::ERROR_REASON_NOT_YOUR_STEP));
  EXPECT_THAT(Complete(name + "/duties/2", At(kY, "p")), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  office_.clock.Advance(45 * kDay);
  EXPECT_FALSE(Duties(kY).at(0).overdue());
  office_.clock.Advance(kDay);
  EXPECT_TRUE(Duties(kY, "state = OPEN").at(0).overdue());
  EXPECT_THAT(Duties(kY, "due_time > 2000-01-01"), ::testing::SizeIs(1));
  const auto done = Complete(duty, At(kY, "p"));
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->state(), v1::DUTY_STATE_DONE);
  EXPECT_FALSE(done->overdue());
  EXPECT_EQ(done->note(), "done by letter");
  EXPECT_EQ(done->person(), "p");
  EXPECT_THAT(Complete(duty, At(kY, "p")), FailsWith(Reason::ERROR_REASON_ALREADY_DONE));
  office_.clock.Advance(kDay);
  EXPECT_EQ(Duties(kX).at(0).age_days(), 46);
  EXPECT_THAT(Duties(kX, "state = OPEN"), IsEmpty());
  EXPECT_EQ(desk_->Told().back().type(), "DutyCompleted");
}

// --- endings ---

TEST_P(Notices, AreGivenByATerminationItself) {
  for (const auto& [grounds, kind] : {std::pair{v1::GROUNDS_RULE_CHANGE, NOTICE_KIND_RULE_CHANGE},
                                      {v1::GROUNDS_RECIPIENT_ACTS, NOTICE_KIND_RECIPIENT_ACTS},
                                      {v1::GROUNDS_VIOLATION, NOTICE_KIND_VIOLATION}}) {
    SCOPED_TRACE(flow::NameOf(kind));
    const int64_t size = LogSize();
    // On this BUCP once; on the others it is told of another.
    v1::RecordExecutionRequest another;
    another.set_bucp("bucps/" + std::to_string(100 + kind));
    another.set_title("Food aid");
    another.set_revision(another.bucp() + "/revisions/1");
    another.set_digest(std::string(64, 'a'));
    another.add_recipients(kX);
    another.add_providers(kY);
    *another.mutable_execute_time() = clock::ToProto(office_.clock.Now());
    filing_ = desk_->Ask<v1::RecordExecutionResponse>(testing::Service("drafting"), another)->filing().name();
    ASSERT_THAT(Terminate(grounds, "within 30 days"), IsOk());
    const auto names = List(kX, "filing = \"" + filing_ + "\"");
    ASSERT_EQ(names.size(), 1u);
    const auto notice = Get(names[0], kX);
    EXPECT_EQ(notice->kind(), kind);
    EXPECT_THAT(notice->text(), HasSubstr("we have ended the exchange"));
    EXPECT_THAT(notice->text(), HasSubstr("passed on to a vendor"));
    EXPECT_THAT(notice->text(), HasSubstr("Deletion and removal: within 30 days"));
    EXPECT_EQ(LogSize(), size + 2);
    EXPECT_THAT(Duties(kX, "filing = \"" + filing_ + "\""), ::testing::SizeIs(2));
  }
}

TEST_P(Notices, OfAnEndAreForAgreementsInForce) {
  const auto proposed = Give(NOTICE_KIND_RULE_CHANGE, kY);
  ASSERT_THAT(proposed, IsOk());
  EXPECT_THAT(proposed->text(), HasSubstr("we propose to end the exchange"));
  ASSERT_THAT(Terminate(v1::GROUNDS_RULE_CHANGE), IsOk());
  EXPECT_THAT(Terminate(v1::GROUNDS_RULE_CHANGE), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  EXPECT_THAT(List(kY), ::testing::SizeIs(2));
  EXPECT_THAT(Give(NOTICE_KIND_VIOLATION, kY), FailsWith(Reason::ERROR_REASON_STEP_NOT_ALLOWED));
  // What concerns the data goes on.
  EXPECT_THAT(Give(NOTICE_KIND_SECURITY_INCIDENT), IsOk());
  EXPECT_THAT(Give(NOTICE_KIND_DESTRUCTION_ATTESTATION), IsOk());
}

// --- bad calls ---

TEST_P(Notices, AreRefusedToTheWrongPersonAndTheMalformedCall) {
  EXPECT_THAT(Give(NOTICE_KIND_SECURITY_INCIDENT, At(kX), AllDetails()),
              FailsWith(Reason::ERROR_REASON_TOKEN_REQUIRED));
  EXPECT_THAT(Give(NOTICE_KIND_SECURITY_INCIDENT, At(kX, "nobody"), AllDetails()),
              FailsWith(Reason::ERROR_REASON_ROLE_REQUIRED));
  EXPECT_THAT(Give(NOTICE_KIND_SECURITY_INCIDENT, testing::Service("drafting"), AllDetails()),
              FailsWith(Reason::ERROR_REASON_CALLER_NOT_ALLOWED));
  const auto field = [&](v1::GiveNoticeRequest request) {
    const auto refused = desk_->Ask<v1::GiveNoticeResponse>(At(kX, "p"), request);
    EXPECT_THAT(refused, FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
    const auto fields = FieldsOf(refused.status());
    return fields.empty() ? "" : fields[0];
  };
  v1::GiveNoticeRequest request;
  request.set_filing(filing_);
  EXPECT_EQ(field(request), "kind");
  request.set_kind(static_cast<v1::NoticeKind>(99));
  EXPECT_EQ(field(request), "kind");
  request.set_kind(NOTICE_KIND_SECURITY_INCIDENT);
  *request.mutable_details() = AllDetails();
  request.mutable_details()->set_requester("two\nlines");
  EXPECT_EQ(field(request), "details.requester");
  *request.mutable_details() = AllDetails();
  request.mutable_details()->mutable_date()->set_day(32);
  EXPECT_EQ(field(request), "details.date");
  request.set_filing("bucps/1");
  EXPECT_EQ(field(request), "filing");
  *request.mutable_details() = AllDetails();
  request.set_filing("filings/none");
  EXPECT_THAT(desk_->Ask<v1::GiveNoticeResponse>(At(kX, "p"), request),
              FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Get("notices/none", kX), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Get("filings/1", kX), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(Acknowledge("notices/none", At(kX, "p")), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  v1::CompleteDutyRequest unsaid;
  unsaid.set_name(Given(NOTICE_KIND_SECURITY_INCIDENT) + "/duties/1");
  EXPECT_THAT(desk_->Ask<v1::CompleteDutyResponse>(At(kX, "p"), unsaid),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

TEST_P(Notices, WaitForThePeersThatTheyAreMadeFrom) {
  for (const char* peer : {"registry", "drafting"}) {
    down_ = peer;
    EXPECT_THAT(Give(NOTICE_KIND_SECURITY_INCIDENT), FailsWith(Reason::ERROR_REASON_PEER_UNAVAILABLE));
    EXPECT_THAT(Terminate(v1::GROUNDS_VIOLATION), FailsWith(Reason::ERROR_REASON_PEER_UNAVAILABLE));
  }
  down_ = "";
  EXPECT_THAT(List(testing::kCdoEntity), IsEmpty());
  EXPECT_THAT(Give(NOTICE_KIND_SECURITY_INCIDENT), IsOk());
}

INSTANTIATE_TEST_SUITE_P(Every, Notices, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::inventory
