#include "services/cli/register/register_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "idea/inventory/v1/register.pb.h"
#include "tests/support/golden.h"

// The public page of the register: its text for each state, and its accessibility.
namespace idea::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kRecipient[] = "entities/department-x";
constexpr char kProvider[] = "entities/department-y";
// 2026-11-22 07:30 UTC: still the day before in California.
constexpr clock::Micros kNow = 1795332600LL * clock::kSecond;

google::type::Date Date(int year, int month, int day) {
  google::type::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

inventory::v1::PublicFiling Filing(const std::string& id) {
  inventory::v1::PublicFiling filing;
  filing.set_name("filings/" + id);
  filing.set_title("Use case " + id);
  filing.add_recipients(kRecipient);
  filing.add_providers(kProvider);
  filing.add_data_categories("demographic");
  filing.set_purpose("Outreach to people who are entitled & do not know it.");
  auto& basis = *filing.add_legal_authority();
  basis.set_entity(kProvider);
  basis.set_text("Welf. & Inst. Code 10850");
  *filing.mutable_start_date() = Date(2026, 7, 1);
  filing.set_state(inventory::v1::FILING_STATE_FILED);
  *filing.mutable_file_time() = clock::ToProto(kNow);
  filing.set_digest(std::string(64, 'a'));
  return filing;
}

// One of each state.
std::vector<inventory::v1::PublicFiling> EveryState() {
  std::vector<inventory::v1::PublicFiling> filings;
  filings.push_back(Filing("in-force"));
  filings.push_back(Filing("to-come"));
  *filings.back().mutable_start_date() = Date(2026, 11, 22);
  filings.push_back(Filing("over"));
  *filings.back().mutable_end_date() = Date(2026, 11, 20);
  filings.push_back(Filing("superseded"));
  filings.back().set_state(inventory::v1::FILING_STATE_ENDED);
  *filings.back().mutable_end_time() = clock::ToProto(kNow);
  filings.back().set_superseded_by("filings/in-force");
  filings.push_back(Filing("not-needed"));
  filings.back().set_state(inventory::v1::FILING_STATE_ENDED);
  *filings.back().mutable_end_time() = clock::ToProto(kNow);
  filings.back().set_grounds(inventory::v1::GROUNDS_NO_LONGER_NEEDED);
  filings.front().set_amends("filings/superseded");
  return filings;
}

std::string PageOf(const std::vector<inventory::v1::PublicFiling>& filings) {
  const CallFunction call = [&](const google::protobuf::Message&, google::protobuf::Message* response) {
    for (const auto& filing : filings)
      *static_cast<inventory::v1::ListPublicFilingsResponse*>(response)->add_filings() = filing;
    return absl::OkStatus();
  };
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone("America/Los_Angeles", &zone));
  std::ostringstream page;
  const auto count = PublishFilings(call, {{kRecipient, "Department X"}, {kProvider, "Department Y"}}, kNow,
                                    zone, page, [](int64_t, int64_t) {});
  EXPECT_TRUE(count.ok());
  return page.str();
}

// The row of a filing.
std::string RowOf(const std::string& page, const std::string& id) {
  const size_t begin = page.find("id=\"" + id + "\"");
  EXPECT_NE(begin, std::string::npos) << id;
  return page.substr(begin, page.find("</tr>", begin) - begin);
}

TEST(TheRegisterPage, ShowsTheStateOfEachAgreement) {
  const std::string page = PageOf(EveryState());
  EXPECT_THAT(RowOf(page, "in-force"), HasSubstr(">in force<"));
  EXPECT_THAT(RowOf(page, "to-come"), HasSubstr("not yet in force<small>from 2026-11-22"));
  EXPECT_THAT(RowOf(page, "over"), HasSubstr("ended<small>2026-11-20</small><small>its last day is over"));
  EXPECT_THAT(RowOf(page, "superseded"),
              HasSubstr("superseded by <a href=\"#in-force\">filings/in-force</a>"));
  EXPECT_THAT(RowOf(page, "in-force"), HasSubstr("amends <a href=\"#superseded\">filings/superseded</a>"));
  EXPECT_THAT(RowOf(page, "not-needed"), HasSubstr("no longer needed"));
  EXPECT_THAT(RowOf(page, "not-needed"), Not(HasSubstr("in force")));
}

TEST(TheRegisterPage, ShowsPurposeAndLegalBasis) {
  const std::string row = RowOf(PageOf(EveryState()), "in-force");
  EXPECT_THAT(row, HasSubstr("Outreach to people who are entitled &amp; do not know it."));
  EXPECT_THAT(row, HasSubstr("Department Y: Welf. &amp; Inst. Code 10850"));
}

// Days are those of the zone, which the page names.
TEST(TheRegisterPage, HasTheDaysOfItsTimeZone) {
  const std::string page = PageOf(EveryState());
  EXPECT_THAT(page, HasSubstr("until 2026-11-21 (America/Los_Angeles)"));
  EXPECT_THAT(RowOf(page, "in-force"), HasSubstr("filed 2026-11-21"));
}

// In headless Chromium with axe-core: light and dark, desktop and phone.
TEST(TheRegisterPage, CanBeReadByEverybody) {
  if (std::system("command -v chromium >/dev/null 2>&1") != 0)
    GTEST_SKIP() << "chromium is not installed: apt-get install chromium";
  const std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "register-page";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "register.html") << PageOf(EveryState());
  const std::string checker = testing::SourcePath("tests/clients/accessibility.mjs");
  const std::string run = "node " + checker + " " + (folder / "register.html").string();
  EXPECT_EQ(std::system(run.c_str()), 0);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace idea::cli
