#include "common/ids/resource_names.h"

#include "gtest/gtest.h"

namespace idea::ids {
namespace {

TEST(ResourceNamesTest, NamesAreComposedFromIds) {
  EXPECT_EQ(kBucps.Name("1"), "bucps/1");
  EXPECT_EQ(kComments.Name("bucps/1", "2"), "bucps/1/comments/2");
  EXPECT_EQ(kDeadLetters.Name(kServices.Name("review"), "drafting.3"),
            "services/review/deadLetters/drafting.3");
  EXPECT_EQ(TermsName("filings/1"), "filings/1/terms");
}

TEST(ResourceNamesTest, IdsAreReadFromTheNameOrANameBelowIt) {
  EXPECT_EQ(kBucps.IdIn("bucps/1"), "1");
  EXPECT_EQ(kBucps.IdIn("bucps/1/comments/2"), "1");
  EXPECT_EQ(kComments.IdIn("bucps/1/comments/2"), "2");
  EXPECT_EQ(kFilings.IdIn("filings/1/terms"), "1");
}

TEST(ResourceNamesTest, ANameOfAnotherCollectionYieldsNoId) {
  for (const char* name :
       {"", "bucps", "bucps/", "bucps/1", "bucps/1/comments", "bucps/1/comments/", "bucps/1/revisions/2",
        "bucps//comments/2", "filings/1/comments/2", "bucpsx/1/comments/2"}) {
    EXPECT_EQ(kComments.IdIn(name), "") << name;
  }
  EXPECT_EQ(kBucps.IdIn("bucpsx/1"), "");
  EXPECT_EQ(kBucps.IdIn("filings/1"), "");
}

TEST(ResourceNamesTest, NumbersHaveOneForm) {
  EXPECT_EQ(kRevisions.NumberIn("bucps/1/revisions/12"), 12);
  for (const char* id : {"", "0", "01", "-1", "+1", "1a", "a", "99999999999999999999"}) {
    EXPECT_EQ(kRevisions.NumberIn(kRevisions.Name("bucps/1", id)), 0) << id;
  }
}

}  // namespace
}  // namespace idea::ids
