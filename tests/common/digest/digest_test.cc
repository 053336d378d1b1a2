#include "common/digest/digest.h"

#include <stdexcept>

#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/wrappers.pb.h"
#include "google/rpc/error_details.pb.h"
#include "idea/common/v1/options.pb.h"
#include "idea/drafting/v1/content.pb.h"
#include "tests/support/matchers.h"

namespace idea::digest {
namespace {

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

// The canonical text and its digest were computed apart from this code, from the proto3 JSON, with Python's
// json.dumps(sort_keys=True, separators=(",", ":"), ensure_ascii=False) and with the RFC 8785 algorithm in
// JavaScript.
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

TEST(CanonicalJson, RefusesWhatHasNoCanonicalForm) {
  google::protobuf::DoubleValue with_float;
  with_float.set_value(0.5);
  EXPECT_THROW(CanonicalJson(with_float), std::invalid_argument);
  google::protobuf::Timestamp out_of_range;
  out_of_range.set_seconds(1LL << 60);
  EXPECT_THROW(CanonicalJson(out_of_range), std::invalid_argument);
}

}  // namespace
}  // namespace idea::digest
