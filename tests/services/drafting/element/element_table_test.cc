#include "services/drafting/element/element_table.h"

#include <string>

#include "tests/services/drafting/demo_content.h"
#include "tests/support/matchers.h"
#include "tests/support/refusals.h"

namespace idea::drafting {
namespace {

using status::Reason;
using ::testing::Contains;
using testing::FailsWith;
using testing::IsOk;

constexpr char kHeader[] = "Field Name,Type,Definition,Required,Valid inputs,Source,Notes,Guide for use\r\n";

TEST(ElementTable, ReadsWhatItWrote) {
  v1::DataElements elements = CompleteContent().technical().data_elements();
  elements.mutable_elements(0)->set_notes("a \"quote\", a comma\nand a line");
  const std::string csv = ElementsToCsv(elements);
  EXPECT_TRUE(csv.starts_with(kHeader)) << csv;
  const auto read = ElementsFromCsv(csv);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->SerializeAsString(), elements.SerializeAsString());
}

TEST(ElementTable, AcceptsAnyOrderOfColumnsAndUsualNamesOfTypes) {
  const auto read =
      ElementsFromCsv("\xef\xbb\xbftype,FIELD NAME,required\nDate,Birth Date,y\n Currency ,Wage,\n");
  ASSERT_THAT(read, IsOk());
  ASSERT_EQ(read->elements_size(), 2);
  EXPECT_EQ(read->elements(0).type(), v1::ELEMENT_TYPE_DATE_TIME);
  EXPECT_TRUE(read->elements(0).required());
  EXPECT_EQ(read->elements(1).type(), v1::ELEMENT_TYPE_CURRENCY);
  EXPECT_FALSE(read->elements(1).required());
}

struct BadFile {
  const char* name;
  std::string csv;
  const char* where;
};

class BadElements : public ::testing::TestWithParam<BadFile> {};

TEST_P(BadElements, AreRefusedByLine) {
  const auto read = ElementsFromCsv(GetParam().csv);
  ASSERT_THAT(read, FailsWith(Reason::ERROR_REASON_INVALID_FIELD));
  EXPECT_THAT(testing::FieldsOf(read.status()), Contains(GetParam().where));
}

std::string With(const std::string& rows) { return kHeader + rows; }
std::string Many() {
  std::string rows;
  for (int i = 0; i < 2001; ++i) rows += "Field " + std::to_string(i) + ",text,,,,,,\n";
  return rows;
}

INSTANTIATE_TEST_SUITE_P(
    Each, BadElements,
    ::testing::Values(BadFile{"Nothing", "", "csv"}, BadFile{"NotUtf8", With("\xff,text,,,,,,\n"), "csv"},
                      BadFile{"AnotherFile", "name,acronym\nx,y\n", "csv line 1"},
                      BadFile{"AColumnTwice", "Field Name,Type,Type\nA,text,text\n", "csv line 1"},
                      BadFile{"AMissingColumn", "Field Name,Definition\nA,b\n", "csv line 1"},
                      BadFile{"ATypeThatIsInvalid", With("A,text,,,,,,\nB,float,,,,,,\n"), "csv line 3"},
                      BadFile{"RequiredThatIsNeither", With("A,text,,perhaps,,,,\n"), "csv line 2"},
                      BadFile{"AQuoteThatDoesNotClose", With("\"A,text,,,,,,\n"), "csv line 2"},
                      BadFile{"TooFewFields", With("A,text\n"), "csv line 2"},
                      BadFile{"NoName", With(",text,,,,,,\n"), "csv line 2"},
                      BadFile{"ANameTwice", With("A,text,,,,,,\nA,text,,,,,,\n"), "csv line 3"},
                      BadFile{"AControlCharacter", With("A\x01,text,,,,,,\n"), "csv line 2"},
                      BadFile{"AnOverride", With("A\xe2\x80\xae,text,,,,,,\n"), "csv line 2"},
                      BadFile{"ALongName", With(std::string(201, 'x') + ",text,,,,,,\n"), "csv line 2"},
                      BadFile{"TooManyRows", With(Many()), "csv"}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace idea::drafting
