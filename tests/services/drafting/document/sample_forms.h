#ifndef IDEA_TESTS_SERVICES_DRAFTING_DOCUMENT_SAMPLE_FORMS_H_
#define IDEA_TESTS_SERVICES_DRAFTING_DOCUMENT_SAMPLE_FORMS_H_

#include <algorithm>
#include <string>

#include "common/digest/digest.h"
#include "services/drafting/content/content_path.h"
#include "services/drafting/document/form.h"
#include "services/drafting/document/form_reader.h"
#include "tests/services/drafting/demo_content.h"
#include "tests/support/matchers.h"

// Forms of the demo's BUCP, written and read.
namespace idea::drafting::document {

inline v1::Bucp BucpWith(v1::Content content) {
  v1::Bucp bucp;
  bucp.set_name("bucps/1");
  bucp.set_title(content.business_case().use_case_name().title());
  bucp.set_revision(3);
  *bucp.mutable_content() = std::move(content);
  bucp.mutable_send_time()->set_seconds(1796083200);  // 2026-12-01
  return bucp;
}

// The registry's answers for every department and person of the content.
inline Facts FactsOf(const v1::Content& content) {
  Facts facts;
  v1::Content copy = content;
  ForEachDepartment(copy, [&](const std::string& entity, std::string_view) {
    facts.entities[entity] = "Name of " + entity;
  });
  for (const auto& entry : content.business_case().contact_information().departments()) {
    for (const std::string& contact : {entry.data_coordinator(), entry.executive_sponsor()}) {
      if (contact.empty()) continue;
      facts.people[contact] = {"Person " + contact, "Chief", "Division 1", contact + "@example.org",
                               "916 555 0100"};
    }
  }
  return facts;
}

// The content without what an empty line of a form cannot express: empty messages and texts.
inline v1::Content WithoutEmptyParts(v1::Content content) {
  const auto drop = [](auto& list) {
    list.erase(
        std::remove_if(list.begin(), list.end(), [](const auto& entry) { return entry.text().empty(); }),
        list.end());
  };
  auto& administrative = *content.mutable_administrative();
  drop(*content.mutable_business_case()->mutable_output_use()->mutable_release_approvals());
  drop(*administrative.mutable_legal_authority()->mutable_departments());
  drop(*administrative.mutable_privacy_requirements()->mutable_departments());
  drop(*administrative.mutable_security_requirements()->mutable_departments());
  drop(*administrative.mutable_department_positions()->mutable_departments());
  DropEmptyParts(content);
  return content;
}

// Replaces the names from `facts` by resource names.
inline void ResolveWith(const Facts& facts, ReadForm& form) {
  Resolve(
      [&](const std::string& name) {
        for (const auto& [entity, called] : facts.entities) {
          if (called == name || entity == name) return DepartmentMatch{entity, "", {}, true};
        }
        return DepartmentMatch{"", "nobody is called " + name};
      },
      [&](const std::string&, const NamedPerson& person) {
        for (const auto& [contact, known] : facts.people) {
          if (known.email != person.email) continue;
          return PersonMatch{contact, {known.name, known.email, known.title, known.division, known.phone}};
        }
        return PersonMatch();
      },
      {}, {}, form);
}

inline Form FormOf(const v1::Content& content, View view = View::kForm) {
  return Compose(BucpWith(content), "digest-of-it", FactsOf(content), view);
}

// Writes the content as .docx and reads it.
inline void ExpectRoundTrip(const v1::Content& content) {
  const Facts facts = FactsOf(content);
  for (const View view : {View::kForm, View::kFull}) {
    auto read = ReadDocx(ToDocx(Compose(BucpWith(content), "digest", facts, view)));
    ASSERT_THAT(read, testing::IsOk());
    ResolveWith(facts, *read);
    for (const auto& unread : read->unread) ADD_FAILURE() << unread.ShortDebugString();
    const v1::Content wanted = WithoutEmptyParts(content);
    EXPECT_EQ(read->content.DebugString(), wanted.DebugString());
    EXPECT_EQ(digest::Digest(read->content), digest::Digest(wanted));
  }
}

}  // namespace idea::drafting::document

#endif  // IDEA_TESTS_SERVICES_DRAFTING_DOCUMENT_SAMPLE_FORMS_H_
