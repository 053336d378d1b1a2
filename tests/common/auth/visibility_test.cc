#include "common/auth/visibility.h"

#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace idea::auth {
namespace {

const std::string kDmv = "entities/dmv";
const std::string kNobody;

TEST(VisibilityTest, AllCoversEveryEntity) {
  EXPECT_TRUE(Visibility::All().all());
  EXPECT_TRUE(Visibility::All().Covers(kDmv));
  EXPECT_TRUE(Visibility::All().CoversAny(std::vector<std::string>()));
}

TEST(VisibilityTest, AnEntityCoversOnlyItself) {
  const Visibility dmv = Visibility::Of(kDmv);
  EXPECT_FALSE(dmv.all());
  EXPECT_EQ(dmv.entity(), kDmv);
  EXPECT_TRUE(dmv.Covers("entities/dmv"));
  EXPECT_FALSE(dmv.Covers("entities/dmv2"));
  EXPECT_TRUE(dmv.CoversAny(std::vector<std::string>{"entities/edd", kDmv}));
  EXPECT_FALSE(dmv.CoversAny(std::vector<std::string>{"entities/edd"}));
}

TEST(VisibilityTest, AnEmptyNameCoversNothing) {
  const Visibility nobody = Visibility::Of(kNobody);
  EXPECT_FALSE(nobody.all());
  EXPECT_FALSE(nobody.Covers(kDmv));
  EXPECT_FALSE(nobody.Covers(""));
}

template <class Name>
concept CanBeSeen = requires(Name&& name) {
  Visibility::Of(std::forward<Name>(name));
};
static_assert(CanBeSeen<const std::string&>);
static_assert(!CanBeSeen<std::string>, "a temporary name would dangle");

}  // namespace
}  // namespace idea::auth
