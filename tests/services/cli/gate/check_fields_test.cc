#include "services/cli/gate/check_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace idea::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(CheckFields, AreSetFromAQuery) {
  const auto check = CheckOfQuery(
      "provider=dhcs&recipient=entities/"
      "cdss&data_elements=Case+Number&data_elements=County%2C%20of%20residence&"
      "purpose=Food%20aid&time=2026-06-01T12:00:00Z&purpose_class.kinds=research&"
      "purpose_class.kinds=PURPOSE_KIND_STATISTICS&purpose_class.commercial_use=no&"
      "purpose_class.deidentified_only=YES&purpose_class.redisclosure=NO&purpose_class.retention_days=30");
  ASSERT_TRUE(check.ok()) << check.status();
  EXPECT_EQ(check->provider(), "entities/dhcs");
  EXPECT_EQ(check->recipient(), "entities/cdss");
  EXPECT_THAT(check->data_elements(), ElementsAre("Case Number", "County, of residence"));
  EXPECT_EQ(check->purpose(), "Food aid");
  EXPECT_EQ(check->time().seconds(), 1780315200);
  EXPECT_THAT(check->purpose_class().kinds(),
              ElementsAre(drafting::v1::PURPOSE_KIND_RESEARCH, drafting::v1::PURPOSE_KIND_STATISTICS));
  EXPECT_EQ(check->purpose_class().commercial_use(), drafting::v1::ANSWER_NO);
  EXPECT_EQ(check->purpose_class().deidentified_only(), drafting::v1::ANSWER_YES);
  EXPECT_EQ(check->purpose_class().redisclosure(), drafting::v1::ANSWER_NO);
  EXPECT_EQ(check->purpose_class().retention_days(), 30);
}

TEST(CheckFields, RefuseWhatIsNotAField) {
  for (const char* query : {"providor=dhcs",
                            "at_least_as_fresh=x",
                            "provider=a&provider=b",
                            "provider=",
                            "provider",
                            "=x",
                            "provider=%",
                            "provider=%2",
                            "provider=%zz",
                            "provider=a%00b",
                            "provider=a%0Ab",
                            "provider=a&",
                            "&provider=a",
                            "purpose_class.kinds=anything",
                            "purpose_class.kinds=UNSPECIFIED",
                            "purpose_class.commercial_use=maybe",
                            "purpose_class.retention_days=0",
                            "purpose_class.retention_days=-1",
                            "purpose_class.retention_days=1e9",
                            "time=yesterday",
                            "PROVIDER=a",
                            "data_elements=County&data_elements="}) {
    const auto check = CheckOfQuery(query);
    EXPECT_TRUE(absl::IsInvalidArgument(check.status())) << query << " " << check.status();
  }
  EXPECT_THAT(std::string(CheckOfQuery("providor=a").status().message()),
              HasSubstr("providor: is not a field; the fields are provider, recipient"));
}

}  // namespace
}  // namespace idea::cli
