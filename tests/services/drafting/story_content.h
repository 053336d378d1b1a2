#ifndef IDEA_TESTS_SERVICES_DRAFTING_STORY_CONTENT_H_
#define IDEA_TESTS_SERVICES_DRAFTING_STORY_CONTENT_H_

#include <google/protobuf/util/json_util.h>

#include <initializer_list>
#include <string>

#include "idea/drafting/v1/content.pb.h"
#include "tests/support/golden.h"

// The BUCP of the play that scripts/story.sh performs.
namespace idea::drafting {

inline constexpr char kRecipientDept[] = "entities/california-department-of-social-services";
inline constexpr char kProviderDept[] = "entities/department-of-health-care-services";

// The named files of scripts/story, laid over each other.
inline v1::Content StoryOf(std::initializer_list<const char*> files) {
  v1::Content content;
  for (const char* file : files) {
    v1::Content part;
    const std::string json = testing::ReadText(testing::SourcePath("scripts/story/" + std::string(file)));
    const auto parsed = google::protobuf::util::JsonStringToMessage(json, &part);
    EXPECT_TRUE(parsed.ok()) << file << ": " << parsed.ToString();
    content.MergeFrom(part);
  }
  return content;
}

// What the recipient starts with: the Business Case section.
inline v1::Content DraftContent() { return StoryOf({"draft.json"}); }

// Every field that an undisputed BUCP needs.
inline v1::Content CompleteContent() {
  return StoryOf({"draft.json", "technical.json", "requirements-recipient.json", "requirements-provider.json",
                  "administrative.json"});
}

}  // namespace idea::drafting

#endif  // IDEA_TESTS_SERVICES_DRAFTING_STORY_CONTENT_H_
