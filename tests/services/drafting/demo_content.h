#ifndef IDEA_TESTS_SERVICES_DRAFTING_DEMO_CONTENT_H_
#define IDEA_TESTS_SERVICES_DRAFTING_DEMO_CONTENT_H_

#include <google/protobuf/util/json_util.h>

#include <initializer_list>
#include <string>

#include "idea/drafting/v1/content.pb.h"
#include "tests/support/golden.h"

// The BUCP of the demo that scripts/demo.sh performs.
namespace idea::drafting {

inline constexpr char kRecipientDept[] = "entities/california-department-of-social-services";
inline constexpr char kProviderDept[] = "entities/department-of-health-care-services";

// The named files of scripts/demo, laid over each other.
inline v1::Content DemoContentOf(std::initializer_list<const char*> files) {
  v1::Content content;
  for (const char* file : files) {
    v1::Content part;
    const std::string json = testing::ReadText(testing::SourcePath("scripts/demo/" + std::string(file)));
    const auto parsed = google::protobuf::util::JsonStringToMessage(json, &part);
    EXPECT_TRUE(parsed.ok()) << file << ": " << parsed.ToString();
    content.MergeFrom(part);
  }
  return content;
}

// The recipient's first content: the Business Case section.
inline v1::Content DraftContent() { return DemoContentOf({"draft.json"}); }

// Every field that an undisputed BUCP requires.
inline v1::Content CompleteContent() {
  return DemoContentOf({"draft.json", "technical.json", "requirements-recipient.json",
                        "requirements-provider.json", "administrative.json"});
}

// The same with education records of which the Data Provider is the source.
inline v1::Content EducationContent() {
  v1::Content content = CompleteContent();
  content.mutable_business_case()->mutable_data_categories()->set_education_records(v1::ANSWER_YES);
  auto& records = *content.mutable_administrative()->mutable_education_records();
  records.set_pii_elements("name, student identifier");
  records.set_purpose("evaluation of the school meal program");
  records.set_consent_exception("34 CFR 99.31(a)(3)");
  records.set_activity("match of enrolment with participation");
  records.set_authorized_representative(v1::ANSWER_YES);
  records.set_destroy_when_not_needed(v1::ANSWER_YES);
  records.set_destruction_period("90 days after the report");
  records.set_protection_policies("role-based access");
  records.set_destroy_on_demand(v1::ANSWER_YES);
  records.set_source_agency(kProviderDept);
  records.set_use(v1::EDUCATION_USE_AUDIT_OR_EVALUATION);
  auto& study = *records.mutable_study();
  study.set_scope("2027");
  study.set_schedule("yearly");
  study.set_deliverables("one report");
  study.set_primary_contacts("the data coordinators");
  study.set_program("school meals");
  study.set_people_with_access("two analysts");
  study.set_methodology("exact match");
  return content;
}

}  // namespace idea::drafting

#endif  // IDEA_TESTS_SERVICES_DRAFTING_DEMO_CONTENT_H_
