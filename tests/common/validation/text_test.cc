#include "common/validation/text.h"

#include "idea/drafting/v1/drafting.pb.h"
#include "idea/registry/v1/registry.pb.h"
#include "tests/common/validation/violations.h"

namespace idea::validation {
namespace {

using idea::testing::FailsWith;
using idea::testing::IsOk;
using status::Reason;
using ::testing::TestWithParam;
using ::testing::ValuesIn;

struct TextCase {
  std::string name;
  std::string text;
  std::string wanted_in_text, wanted_in_line;
};

class Texts : public TestWithParam<TextCase> {};

TEST_P(Texts, HoldOnlyWhatPeopleCanRead) {
  EXPECT_EQ(CheckText(GetParam().text, false).wanted, GetParam().wanted_in_text);
  EXPECT_EQ(CheckText(GetParam().text, true).wanted, GetParam().wanted_in_line);
}

const std::string kUtf8 = "text in UTF-8";
const std::string kControl = "text without control characters";
const std::string kBidi = "text without bidirectional overrides";
const std::string kNoncharacter = "text without Unicode noncharacters";
const std::string kLine = "one line without tabs";

const TextCase kTexts[] = {
    {"Plain", "plain ~", "", ""},
    {"Accents", "\u00e9\u00fc \u4e2d \U0001F600", "", ""},
    {"Paragraphs", "a\n\tb", "", kLine},
    {"LineSeparator", "a\u2028b", "", kLine},
    {"Nul", std::string("a\0b", 3), kControl, kControl},
    {"CarriageReturn", "a\r\n", kControl, kControl},
    {"Escape", "\x1b[31m", kControl, kControl},
    {"Delete", "\x7f", kControl, kControl},
    {"C1", "\u0085", kControl, kControl},
    {"Override", "user\u202Etxt", kBidi, kBidi},
    {"Isolate", "\u2066", kBidi, kBidi},
    {"Noncharacter", "\uFDD0", kNoncharacter, kNoncharacter},
    {"LastOfAPlane", "\U0010FFFF", kNoncharacter, kNoncharacter},
    {"Overlong", "\xC0\xAF", kUtf8, kUtf8},
    {"OverlongOfThree", "\xE0\x80\xAF", kUtf8, kUtf8},
    {"Surrogate", "\xED\xA0\x80", kUtf8, kUtf8},
    {"BeyondUnicode", "\xF4\x90\x80\x80", kUtf8, kUtf8},
    {"CutOff", "\xE2\x82", kUtf8, kUtf8},
    {"Latin1", "caf\xE9 x", kUtf8, kUtf8},
};
INSTANTIATE_TEST_SUITE_P(Table, Texts, ValuesIn(kTexts), [](const auto& test) { return test.param.name; });

TEST(CheckText, CountsCodePoints) { EXPECT_EQ(CheckText("\u00e9\U0001F600x", false).code_points, 3U); }

// A title or a name that looks like another one.
TEST(Names, RefuseInvisibleCharacters) {
  registry::v1::CreateContactRequest request;
  request.set_parent("entities/x");
  request.set_request_id("7d0d7a6a-3c3d-4f0e-9c55-1df2b1c7c111");
  registry::v1::Contact& contact = *request.mutable_contact();
  contact.set_person("p");
  contact.set_email("p@example.org");
  contact.add_roles(common::v1::CONTACT_ROLE_LEGAL);
  for (const char* good :
       {"R. Okafor", "Ren\u00e9e O\u2019Neil", "\u674e\u5c0f\u9f99", "Jos\u00e9 \u2013 Counsel",
        "e\u0301tienne", "\u05e9\u05bc\u05c1\u05b8\u0596\u05bd",
        "\u0f66\u0f90\u0fb2\u0fb1\u0f74\u0f72\u0f7e"}) {
    contact.set_display_name(good);
    EXPECT_THAT(Validate(request), IsOk()) << good;
  }
  const char* const invisible[] = {
      "\u200b",     "\u200c",     "\u200d",     "\u2060",     "\ufeff",  // zero width
      "\u200e",     "\u200f",     "\u061c",                              // marks of direction
      "\U000E0041", "\U000E0001", "\U000E007F", "\U000E0100",            // tags, a variation selector
      "\u3164",     "\u115f",     "\u1160",     "\uffa0",     "\u2800",  // fillers and blanks
      "\u00ad",     "\u034f",     "\u180e",     "\ufe0f",     "\u17b4",    "\u2064",  // what may be ignored
      "\ufff9",     "\u206a",     "\ue000",     "\uf8ff",     "\U000F0000"};          // without a fixed shape
  for (const char* character : invisible) {
    contact.set_display_name(std::string("R. Ok") + character + "afor");
    EXPECT_THAT(Validate(request), FailsWith(Reason::ERROR_REASON_INVALID_FIELD)) << contact.display_name();
    contact.set_display_name("R. Okafor");
    contact.set_title(character);
    EXPECT_THAT(Validate(request), FailsWith(Reason::ERROR_REASON_INVALID_FIELD)) << contact.title();
    contact.clear_title();
    drafting::v1::UseCaseName title;
    title.set_title(std::string("Food aid") + character);
    EXPECT_THAT(Validate(title), FailsWith(Reason::ERROR_REASON_INVALID_FIELD)) << title.title();
  }
}

TEST(Names, RefuseLongRunsOfCombiningMarks) {
  drafting::v1::UseCaseName title;
  std::string marks;
  for (int n = 1; n <= 9; ++n) {
    marks += n % 2 == 0 ? "\u0336" : "\u20dd";
    title.set_title("Food a" + marks + "id" + marks);
    if (n <= 8) {
      EXPECT_THAT(Validate(title), IsOk()) << n;
    } else {
      EXPECT_THAT(Validate(title), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
    }
  }
}

// A text of spaces counts as empty.
TEST(Texts, ThatAreRequiredShowSomething) {
  registry::v1::CreateContactRequest request;
  request.set_parent("entities/x");
  request.set_request_id("7d0d7a6a-3c3d-4f0e-9c55-1df2b1c7c111");
  registry::v1::Contact& contact = *request.mutable_contact();
  contact.set_person("p");
  contact.set_display_name("P");
  contact.set_email("p@example.org");
  contact.add_roles(common::v1::CONTACT_ROLE_LEGAL);
  drafting::v1::WithdrawBucpRequest withdraw;
  withdraw.set_name("bucps/1");
  withdraw.set_request_id(request.request_id());
  for (const char* blank : {" ", "   ", "\u00a0", "\u2003\u3000", " \u00a0 "}) {
    contact.set_display_name(blank);
    EXPECT_THAT(Validate(request), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
    contact.set_display_name("P");
    contact.set_title(blank);  // Not required, but a name.
    EXPECT_THAT(Validate(request), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
    contact.clear_title();
    withdraw.set_reason(std::string("\n") + blank);
    EXPECT_THAT(Validate(withdraw), FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  }
  withdraw.set_reason(" no budget ");
  EXPECT_THAT(Validate(withdraw), IsOk());
  EXPECT_THAT(Validate(request), IsOk());
}

TEST(Emails, AreWhatAMailServerTakes) {
  for (const char* good : {"a@b.ca", "first.last+tag@dhcs.ca.gov", "x_y@a-b.example"})
    EXPECT_TRUE(IsEmail(good)) << good;
  for (const char* bad : {"", "a", "@b.ca", "a@", "a@b", "a b@c.ca", "a@b..ca", ".a@b.ca", "a..b@c.ca",
                          "a@-b.ca", "a@b.ca\n", "<a@b.ca>", "a@b@c.ca", "\u00e9@b.ca"}) {
    EXPECT_FALSE(IsEmail(bad)) << bad;
  }
}

}  // namespace
}  // namespace idea::validation
