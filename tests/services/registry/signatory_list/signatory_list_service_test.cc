#include "services/registry/signatory_list/signatory_list_service.h"

#include "absl/strings/str_join.h"
#include "tests/services/registry/registry_fixture.h"
#include "tests/support/golden.h"

namespace idea::registry {
namespace {

using status::Reason;
using testing::At;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;

// The page as published in 2026-08.
constexpr char kPublished[] = "tests/services/registry/data/list-signatories.md";
constexpr char kPageHead[] = "# Signatories\n\n| Name | Agency/Funding source |\n| --- | --- |\n";

class Import : public RegistryTest {
 protected:
  absl::StatusOr<v1::Entity> Get(const std::string& name) {
    v1::GetEntityRequest request;
    request.set_name(name);
    ASSIGN_OR_RETURN(auto response, harness().Ask<v1::GetEntityResponse>(X(), request));
    return response.entity();
  }
  absl::StatusOr<v1::ImportSignatoriesResponse> Published(const std::string& page) {
    v1::ImportSignatoriesRequest request;
    request.add_markdown(page);
    return harness().Ask<v1::ImportSignatoriesResponse>(At(testing::kCdoEntity), request);
  }
  static std::vector<std::string> Of(const v1::ImportSignatoriesResponse& done,
                                     v1::ImportDifferenceKind kind) {
    std::vector<std::string> names;
    for (const auto& difference : done.differences()) {
      if (difference.kind() == kind) names.push_back(difference.entity());
    }
    return names;
  }
};

TEST_P(Import, PlacesTheOfficialListAndChangesNothingTheSecondTime) {
  v1::ImportSignatoriesRequest request;
  request.add_csv(testing::ReadText(testing::SourcePath("services/registry/data/signatories.csv")));
  auto done = harness().Ask<v1::ImportSignatoriesResponse>(At(testing::kCdoEntity), request);
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->rows_read(), 154);
  EXPECT_EQ(done->entities_added(), 154);
  EXPECT_EQ(done->accessions_added(), 111);
  EXPECT_EQ(done->problems_size(), 0);
  done = harness().Ask<v1::ImportSignatoriesResponse>(At(testing::kCdoEntity), request);
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->entities_added() + done->accessions_added() + done->problems_size(), 0);
  EXPECT_EQ(done->unchanged(), 154);
  EXPECT_EQ(Get("entities/department-of-health-care-services")->parent(),
            "entities/california-health-and-human-services-agency");
}

TEST_P(Import, StoresNothingWithValidateOnly) {
  const auto done = registry_->Import("New One,,Agency A,office,idea-list-of-signatories\n", true);
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->entities_added(), 1);
  EXPECT_EQ(done->accessions_added(), 1);
  EXPECT_THAT(Get("entities/new-one"), FailsWith(Reason::ERROR_REASON_NOT_FOUND));
}

TEST_P(Import, AddsAMissingAccessionToAnExistingEntity) {
  const auto done =
      registry_->Import("Board Z,,,board,idea-list-of-signatories 2027\nDepartment X,,,department,s\n");
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->entities_added(), 0);
  EXPECT_EQ(done->accessions_added(), 1);
  EXPECT_EQ(done->unchanged(), 1);
}

TEST_P(Import, StoresValidRowsAndReportsTheOthers) {
  const auto done = registry_->Import("Good,,Agency A,office,s\nBad,,Nobody,office,s\n\xff,,,office,s\n");
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->entities_added(), 1);
  ASSERT_EQ(done->problems_size(), 2);
  EXPECT_EQ(done->problems(0).line(), 3);
  EXPECT_EQ(done->problems(0).display_name(), "Bad");
  EXPECT_EQ(done->problems(1).line(), 4);
  EXPECT_EQ(Get("entities/good")->parent(), "entities/agency-a");
}

TEST_P(Import, RequiresTheHeader) {
  v1::ImportSignatoriesRequest request;
  request.add_csv("some,other,file\n");
  EXPECT_THAT(harness().Ask<v1::ImportSignatoriesResponse>(At(testing::kCdoEntity), request),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

TEST_P(Import, PlacesThePublishedListInAnEmptyRegistryOnce) {
  const std::string page = testing::ReadText(testing::SourcePath(kPublished));
  auto done = Published(page);
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->rows_read(), 107);
  EXPECT_EQ(done->rows_placed(), 107);
  EXPECT_EQ(done->entities_added(), 107);
  EXPECT_EQ(done->accessions_added(), 107);
  EXPECT_EQ(done->problems_size(), 0);
  EXPECT_EQ(Get("entities/department-of-aging")->parent(),
            "entities/california-health-and-human-services-agency");
  EXPECT_EQ(Get("entities/public-employment-relations-board")->parent(),
            "entities/labor-and-workforce-development-agency");
  done = Published(page);
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->unchanged(), 107);
}

TEST_P(Import, FindsTheEntitiesOfTheCsvListOnThePublishedPage) {
  v1::ImportSignatoriesRequest ours;
  ours.add_csv(testing::ReadText(testing::SourcePath("services/registry/data/signatories.csv")));
  ASSERT_THAT(harness().Ask<v1::ImportSignatoriesResponse>(At(testing::kCdoEntity), ours), IsOk());
  const auto done = Published(testing::ReadText(testing::SourcePath(kPublished)));
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->rows_read(), 107);
  EXPECT_EQ(done->unchanged(), 107) << done->ShortDebugString();
  EXPECT_EQ(done->problems_size(), 0);
}

TEST_P(Import, ChangesEntitiesAsOfTheDayOfTheList) {
  ASSERT_THAT(registry_->Import("Agency B,,,agency,s\n"), IsOk());
  v1::ImportSignatoriesRequest request;
  request.add_csv("name,acronym,parent_agency,kind,source\nDepartment Y,DYY,Agency B,office,s\n");
  *request.mutable_list_date() = Day(2025, 3, 1);
  request.set_validate_only(true);
  auto done = harness().Ask<v1::ImportSignatoriesResponse>(At(testing::kCdoEntity), request);
  ASSERT_THAT(done, IsOk());
  ASSERT_EQ(done->differences_size(), 1);
  EXPECT_EQ(done->differences(0).kind(), v1::IMPORT_DIFFERENCE_KIND_CHANGED);
  EXPECT_EQ(done->differences(0).line(), 2);
  EXPECT_EQ(done->differences(0).detail(),
            "acronym DY -> DYY; kind department -> office; parent entities/agency-a -> entities/agency-b");
  EXPECT_EQ(Get("entities/department-y")->parent(), "entities/agency-a");
  request.set_validate_only(false);
  ASSERT_THAT(harness().Ask<v1::ImportSignatoriesResponse>(At(testing::kCdoEntity), request), IsOk());
  const auto moved = Get("entities/department-y");
  EXPECT_EQ(moved->parent(), "entities/agency-b");
  ASSERT_EQ(moved->parentages_size(), 2);
  EXPECT_EQ(moved->parentages(0).parent(), "entities/agency-a");
  EXPECT_EQ(moved->parentages(1).start_date().year(), 2025);
  done = harness().Ask<v1::ImportSignatoriesResponse>(At(testing::kCdoEntity), request);
  EXPECT_EQ(done->unchanged(), 1);
}

TEST_P(Import, ReportsMissingAndWithdrawnEntities) {
  ASSERT_THAT(registry_->Import("Board Z,,,board,idea-list-of-signatories\n"), IsOk());
  const auto missing = Published(kPageHead + std::string("| Board Z | |\n"));
  ASSERT_THAT(missing, IsOk());
  EXPECT_THAT(Of(*missing, v1::IMPORT_DIFFERENCE_KIND_MISSING), ElementsAre("entities/department-x"));
  v1::WithdrawEntityRequest withdraw;
  withdraw.set_name("entities/department-x");
  *withdraw.mutable_withdraw_date() = Day(2025, 1, 1);
  withdraw.set_evidence("letter");
  ASSERT_THAT(harness().Ask<v1::WithdrawEntityResponse>(Cdo(), withdraw), IsOk());
  const auto gone = Published(kPageHead + std::string("| Board Z | |\n"));
  EXPECT_THAT(Of(*gone, v1::IMPORT_DIFFERENCE_KIND_MISSING), IsEmpty());
  const auto still = Published(kPageHead + std::string("| Department X | |\n"));
  ASSERT_EQ(still->problems_size(), 1) << still->ShortDebugString();
  EXPECT_THAT(still->problems(0).problem(), HasSubstr("withdrew on 2025-01-01"));
}

TEST_P(Import, NamesTheCandidatesOfAnAmbiguousRow) {
  ASSERT_THAT(registry_->Import("California Water Board,,,board,s\nState Water Board,,,board,s\n"), IsOk());
  const auto done = Published(kPageHead + std::string("| Water Board | |\n| Old Mill Panel | |\n"));
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->entities_added(), 1);
  ASSERT_EQ(done->problems_size(), 1);
  EXPECT_EQ(done->problems(0).line(), 5);
  EXPECT_THAT(done->problems(0).candidates(),
              ElementsAre("entities/california-water-board", "entities/state-water-board"));
}

TEST_P(Import, FindsEntitiesByTheirFormerNames) {
  v1::Entity entity = *Get("entities/board-z");
  entity.set_display_name("Board of Zeds");
  ASSERT_THAT(registry_->Change(entity, {"display_name"}), IsOk());
  const auto done = registry_->Import("Board Z,,,board,s\n");
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->unchanged(), 1);
}

TEST_P(Import, DoesNotMakeEntitiesReportInACircle) {
  const auto done = registry_->Import("Agency A,,Department X,agency,s\n");
  ASSERT_THAT(done, IsOk());
  ASSERT_EQ(done->problems_size(), 1);
  EXPECT_THAT(done->problems(0).problem(), HasSubstr("reports to it"));
  EXPECT_EQ(Get("entities/agency-a")->parentages_size(), 0);
}

TEST_P(Import, AcceptsAListInPieces) {
  v1::ImportSignatoriesRequest request;
  for (const char* piece : {"name,acronym,parent_ag", "ency,kind,source\nBoard of ", "Pieces,,,board,s\n"})
    request.add_csv(piece);
  const auto import = [&] {
    return harness().Ask<v1::ImportSignatoriesResponse>(At(testing::kCdoEntity), request);
  };
  EXPECT_THAT(import(), FailsWith(Reason::ERROR_REASON_INVALID_FIELD)) << "how much there is was not said";
  const auto whole = static_cast<int64_t>(absl::StrJoin(request.csv(), "").size());
  request.set_size(whole + 1);
  EXPECT_THAT(import(), FailsWith(Reason::ERROR_REASON_INVALID_FIELD)) << "the stream broke off";
  request.set_size(whole);
  const auto done = import();
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->rows_placed(), 1);
  EXPECT_EQ(done->entities_added(), 1);
}

TEST_P(Import, RequiresEitherCsvOrMarkdown) {
  v1::ImportSignatoriesRequest none;
  EXPECT_THAT(harness().Ask<v1::ImportSignatoriesResponse>(At(testing::kCdoEntity), none),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  v1::ImportSignatoriesRequest both;
  both.add_csv("name,acronym,parent_agency,kind,source\n");
  both.add_markdown(kPageHead);
  EXPECT_THAT(harness().Ask<v1::ImportSignatoriesResponse>(At(testing::kCdoEntity), both),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  v1::ImportSignatoriesRequest large;
  large.add_csv(std::string(5'000'000, 'x'));
  EXPECT_THAT(harness().Ask<v1::ImportSignatoriesResponse>(At(testing::kCdoEntity), large),
              FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(Published("no table here\n"), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(Published("\xff\xfe"), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
}

TEST_P(Import, OfAnExportChangesNothing) {
  ASSERT_THAT(registry_->Import("\"Boards, Several \"\"and\"\" Other\",B,Agency A,board,s\n"), IsOk());
  v1::ExportEntitiesRequest ask;
  *ask.mutable_on() = Day(2025, 1, 1);
  const auto out = harness().Ask<v1::ExportEntitiesResponse>(X(), ask);
  ASSERT_THAT(out, IsOk());
  EXPECT_THAT(out->csv(),
              HasSubstr("Department Y,DY,Agency A,department,s,entities/department-y,false,UNKNOWN,"
                        "UNKNOWN,false,,COVERED_BY_AGENCY,entities/agency-a,\r\n"));
  v1::ImportSignatoriesRequest in;
  in.add_csv(out->csv());
  const auto done = harness().Ask<v1::ImportSignatoriesResponse>(At(testing::kCdoEntity), in);
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->rows_read(), 6);
  EXPECT_EQ(done->unchanged(), 6);
}

TEST_P(Import, OfAnExportAcceptsEntitiesWithoutASource) {
  v1::CreateEntityRequest create;
  create.mutable_entity()->set_display_name("Board without a Source");
  create.mutable_entity()->set_kind(v1::ENTITY_KIND_BOARD);
  ASSERT_THAT(harness().Ask<v1::CreateEntityResponse>(Cdo(), create), IsOk());
  ASSERT_THAT(registry_->Import("Board of Leavers,,,board,idea-list-of-signatories\n"), IsOk());
  v1::WithdrawEntityRequest leave;
  leave.set_name("entities/board-of-leavers");
  leave.set_evidence("letter on file");
  *leave.mutable_withdraw_date() = Day(2025, 6, 1);
  ASSERT_THAT(harness().Ask<v1::WithdrawEntityResponse>(Cdo(), leave), IsOk());
  const auto out = harness().Ask<v1::ExportEntitiesResponse>(X(), v1::ExportEntitiesRequest());
  ASSERT_THAT(out, IsOk());
  v1::ImportSignatoriesRequest in;
  in.add_csv(out->csv());
  const auto done = harness().Ask<v1::ImportSignatoriesResponse>(At(testing::kCdoEntity), in);
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->unchanged(), done->rows_read()) << done->ShortDebugString();
  EXPECT_EQ(done->rows_placed(), done->rows_read());
}

INSTANTIATE_TEST_SUITE_P(Every, Import, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::registry
