#include "common/digest/digest.h"

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <stdexcept>
#include <vector>

#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/wrappers.pb.h"
#include "google/rpc/error_details.pb.h"
#include "idea/common/v1/options.pb.h"
#include "idea/drafting/v1/content.pb.h"
#include "idea/inventory/v1/evidence.pb.h"
#include "idea/review/v1/review.pb.h"
#include "tests/support/matchers.h"

namespace idea::digest {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

drafting::v1::Content SampleContent() {
  drafting::v1::Content content;
  content.add_recipients("entities/cdss");
  content.add_providers("entities/dhcs");
  content.mutable_business_case()->mutable_use_case_name()->set_title(
      "Caf\u00e9 \"match\" <a&b> \\ \U0001F600 \u2028");
  content.mutable_business_case()->mutable_use_case_description()->set_purpose(
      "line\n\ttab\r\b\f\x01\x1f\x7f/");
  auto* element = content.mutable_technical()->mutable_data_elements()->add_elements();
  element->set_field_name("birth_date");
  element->set_type(drafting::v1::ELEMENT_TYPE_DATE_TIME);
  element->set_required(true);
  auto* dates = content.mutable_administrative()->mutable_critical_dates();
  dates->mutable_start_date()->set_year(2026);
  dates->mutable_start_date()->set_month(7);
  dates->mutable_start_date()->set_day(1);
  return content;
}

// The canonical text and its digest were computed independently from the proto3 JSON, with
// json.dumps(sort_keys=True, separators=(",", ":"), ensure_ascii=False) of Python and with the RFC 8785
// algorithm in JavaScript.
constexpr char kSampleJson[] =
    R"({"administrative":{"criticalDates":{"startDate":{"day":1,"month":7,"year":2026}}},)"
    R"("businessCase":{"useCaseDescription":{"purpose":"line\n\ttab\r\b\f\u0001\u001f)"
    "\x7f"
    R"(/"},"useCaseName":{"title":")"
    "Caf\u00e9 \\\"match\\\" <a&b> \\\\ \U0001F600 \u2028"
    R"("}},"providers":["entities/dhcs"],"recipients":["entities/cdss"],)"
    R"("technical":{"dataElements":{"elements":[{"fieldName":"birth_date","required":true,"type":"ELEMENT_TYPE_DATE_TIME"}]}}})";
constexpr char kSampleDigest[] = "73d17977bdcd7a0e4f7c09119ea5da08da748a27bb2a8bfdb240d9436075a621";

TEST(Digest, OfAMessageIsWhatAStrangerComputes) {
  EXPECT_EQ(CanonicalJson(SampleContent()), kSampleJson);
  EXPECT_EQ(Digest(SampleContent()), kSampleDigest);
}

TEST(Digest, OfAnEmptyMessageIsThatOfTwoBraces) {
  EXPECT_EQ(CanonicalJson(drafting::v1::Content()), "{}");
  EXPECT_EQ(Digest(drafting::v1::Content()),
            "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
}

TEST(Digest, DoesNotDependOnHowTheMessageWasWritten) {
  drafting::v1::Content other;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(kSampleJson, &other).ok());
  EXPECT_EQ(Digest(other), kSampleDigest);
  drafting::v1::Content again;
  ASSERT_TRUE(again.ParseFromString(SampleContent().SerializeAsString()));
  EXPECT_EQ(Digest(again), kSampleDigest);
}

TEST(Digest, ChangesWithAnyText) {
  drafting::v1::Content changed = SampleContent();
  changed.mutable_business_case()->mutable_use_case_name()->mutable_title()->push_back(' ');
  EXPECT_NE(Digest(changed), kSampleDigest);
}

TEST(CanonicalJson, WritesLargeNumbersAsTextAndSmallOnesAsNumbers) {
  common::v1::FieldRule rule;
  rule.set_min(-9223372036854775807LL);
  rule.set_max_length(4294967295U);
  EXPECT_EQ(CanonicalJson(rule), R"({"maxLength":4294967295,"min":"-9223372036854775807"})");
}

// The example of RFC 8785 section 3.2.3.
TEST(CanonicalJson, SortsKeysByUtf16CodeUnits) {
  google::rpc::ErrorInfo keys;
  for (const char* key : {"\u20ac", "\r", "\ufb33", "1", "\U0001F600", "\u0080", "\u00f6", ""}) {
    (*keys.mutable_metadata())[key] = "x";
  }
  EXPECT_EQ(CanonicalJson(keys),
            "{\"metadata\":{\"\":\"x\",\"\\r\":\"x\",\"1\":\"x\",\"\u0080\":\"x\",\"\u00f6\":\"x\","
            "\"\u20ac\":\"x\","
            "\"\U0001F600\":\"x\",\"\ufb33\":\"x\"}}");
}

// Sets about half of the fields of a message, also to their defaults and to values that are hard to write.
class Filler {
 public:
  void Fill(Message& message, int depth) {
    if (auto* time = dynamic_cast<google::protobuf::Timestamp*>(&message)) {
      time->set_seconds(static_cast<int64_t>(random_()));
      time->set_nanos(OneOf<int>({0, 7, 7'000, 7'000'000, 999'999'999}));
      return;
    }
    const auto* type = message.GetDescriptor();
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor& field = *type->field(i);
      if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && depth == 0) continue;
      const int most = field.is_map() || !field.is_repeated() ? 1 : 2;
      for (int times = OneOf<int>({0, most}); times > 0; --times) Set(message, field, depth);
    }
  }

 private:
  template <class Value>
  Value OneOf(std::vector<Value> values) {
    return values[random_() % values.size()];
  }

  void Set(Message& message, const FieldDescriptor& field, int depth) {
    const Reflection& to = *message.GetReflection();
    const auto put = [&](auto set, auto add, auto value) {
      field.is_repeated() ? (to.*add)(&message, &field, value) : (to.*set)(&message, &field, value);
    };
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_BOOL:
        return put(&Reflection::SetBool, &Reflection::AddBool, OneOf<int>({0, 1}) == 1);
      case FieldDescriptor::CPPTYPE_INT32:
        return put(&Reflection::SetInt32, &Reflection::AddInt32, OneOf<int32_t>({0, -7, INT32_MIN}));
      case FieldDescriptor::CPPTYPE_UINT32:
        return put(&Reflection::SetUInt32, &Reflection::AddUInt32, OneOf<uint32_t>({0, 7, UINT32_MAX}));
      case FieldDescriptor::CPPTYPE_INT64:
        return put(&Reflection::SetInt64, &Reflection::AddInt64, OneOf<int64_t>({0, -7, INT64_MIN}));
      case FieldDescriptor::CPPTYPE_UINT64:
        return put(&Reflection::SetUInt64, &Reflection::AddUInt64, OneOf<uint64_t>({0, 7, UINT64_MAX}));
      case FieldDescriptor::CPPTYPE_ENUM:
        return put(&Reflection::SetEnumValue, &Reflection::AddEnumValue, OneOf<int>({0, 1, 2, 4711}));
      case FieldDescriptor::CPPTYPE_STRING:
        return put(
            &Reflection::SetString, &Reflection::AddString,
            OneOf<std::string>({"", "a/b", "\"\\\b\n\x01\x1f\x7f", "\u00e9\u2028\ufb33", "\U0001F600<&>'"}));
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Fill(
            field.is_repeated() ? *to.AddMessage(&message, &field) : *to.MutableMessage(&message, &field),
            depth - 1);
      default:
        FAIL() << field.full_name() << " is a floating-point number";
    }
  }

  std::mt19937 random_;
};

// The output of any client, parsed by another library and written with sorted keys.
std::string SortedJson(const Message& message) {
  std::string text;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(message, &text).ok());
  return nlohmann::json::parse(text).dump();
}

TEST(CanonicalJson, IsThatOfProtobufWithSortedKeys) {
  const Message* examples[] = {
      &drafting::v1::Content::default_instance(),   &review::v1::Routing::default_instance(),
      &inventory::v1::Evidence::default_instance(), &google::rpc::BadRequest::default_instance(),
      &google::rpc::ErrorInfo::default_instance(),  &common::v1::FieldRule::default_instance()};
  Filler filler;
  for (const Message* example : examples) {
    for (int i = 0; i < 200; ++i) {
      const std::unique_ptr<Message> message(example->New());
      filler.Fill(*message, 6);
      ASSERT_EQ(CanonicalJson(*message), SortedJson(*message));
    }
  }
}

TEST(CanonicalJson, RefusesValuesWithoutACanonicalForm) {
  google::protobuf::DoubleValue with_float;
  with_float.set_value(0.5);
  EXPECT_THROW(CanonicalJson(with_float), std::invalid_argument);
  google::protobuf::Timestamp out_of_range;
  out_of_range.set_seconds(1LL << 60);
  EXPECT_THROW(CanonicalJson(out_of_range), std::invalid_argument);
}

}  // namespace
}  // namespace idea::digest
