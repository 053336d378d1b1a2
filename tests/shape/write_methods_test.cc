// Every method that writes can be repeated safely and tried without effect. The pipeline does both, by the
// names of two fields of the request.
#include <gtest/gtest.h>

#include "google/protobuf/descriptor.h"
#include "idea/common/v1/options.pb.h"
#include "tests/support/services.h"

namespace idea::shape {
namespace {

using google::protobuf::FieldDescriptor;

TEST(WriteMethods, TakeARequestIdAndValidateOnly) {
  int writes = 0;
  for (const auto* service : testing::Services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const auto* method = service->method(i);
      const auto* validate_only = method->input_type()->FindFieldByName("validate_only");
      if (method->options().GetExtension(common::v1::policy).effect() != common::v1::EFFECT_WRITE) {
        EXPECT_EQ(validate_only, nullptr) << method->full_name() << " writes nothing";
        continue;
      }
      ++writes;
      const auto* request_id = method->input_type()->FindFieldByName("request_id");
      ASSERT_NE(request_id, nullptr) << method->full_name();
      EXPECT_EQ(request_id->type(), FieldDescriptor::TYPE_STRING) << method->full_name();
      ASSERT_NE(validate_only, nullptr) << method->full_name() << " cannot be tried without effect";
      EXPECT_EQ(validate_only->type(), FieldDescriptor::TYPE_BOOL) << method->full_name();
      EXPECT_FALSE(validate_only->is_repeated()) << method->full_name();
    }
  }
  EXPECT_GE(writes, 72);
}

}  // namespace
}  // namespace idea::shape
