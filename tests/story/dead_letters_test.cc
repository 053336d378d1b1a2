#include <gmock/gmock.h>

#include "idea/operations/v1/operations.pb.h"
#include "tests/story/with_ideactl.h"

// An event that a peer does not accept becomes a dead letter. An operator lists and retries it.
namespace idea::story {
namespace {

using operations::v1::DeadLetter;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class DeadLetters : public WithIdeactl {
 protected:
  DeadLetters() {
    settings_["IDEA_RELAY_ATTEMPTS"] = "2";
    settings_["IDEA_RELAY_RETRY_MAX_MILLIS"] = "50";
  }

  // Renames a table of review, so that each command that needs it fails without a decision.
  void RenameInReview(const std::string& from, const std::string& to) {
    std::string address = places_->address();
    const std::string what = "{service}";
    address.replace(address.find(what), what.size(), "review");
    const auto database = storage::Open(address);
    ASSERT_THAT(database, IsOk());
    ASSERT_THAT((*database)->Write([&](storage::Transaction& db) {
      return db.Query("ALTER TABLE " + from + " RENAME TO " + to, {}).status();
    }),
                IsOk());
  }
  std::vector<DeadLetter> LettersOf(const std::string& service) {
    operations::v1::ListDeadLettersRequest list;
    list.set_parent("services/" + service);
    const auto page = Must<operations::v1::ListDeadLettersResponse>(kCdo, "", list);
    return {page.dead_letters().begin(), page.dead_letters().end()};
  }
};

TEST_P(DeadLetters, AreListedAndTriedAgain) {
  drafting::v1::CreateBucpRequest create;
  *create.mutable_content() = content_;
  bucp_ = Must<drafting::v1::CreateBucpResponse>(kX, "p", create).bucp().name();
  drafting::v1::SendBucpRequest send;
  send.set_name(bucp_);
  Must<drafting::v1::SendBucpResponse>(kX, "p", send);

  RenameInReview("routings", "routings_away");
  drafting::v1::FreezeBucpRequest freeze;
  freeze.set_name(bucp_);
  Must<drafting::v1::FreezeBucpResponse>(kX, "p", freeze);
  Await("dead letter", [&] { return !LettersOf("drafting").empty(); });

  const std::vector<DeadLetter> letters = LettersOf("drafting");
  ASSERT_EQ(letters.size(), 1);
  const DeadLetter& letter = letters.front();
  EXPECT_EQ(letter.name(), "services/drafting/deadLetters/review." + letter.event_id());
  EXPECT_EQ(letter.target(), "review");
  EXPECT_EQ(letter.event_type(), "BucpFrozen");
  EXPECT_EQ(letter.bucp(), bucp_);
  EXPECT_EQ(letter.state(), DeadLetter::STATE_FAILED);
  EXPECT_GE(letter.attempts(), 2);
  EXPECT_EQ(letter.reason(), "INTERNAL");
  EXPECT_THAT(LettersOf("registry"), IsEmpty());

  operations::v1::ListDeadLettersRequest unknown;
  unknown.set_parent("services/archive");
  EXPECT_THAT(Ask<operations::v1::ListDeadLettersResponse>(kCdo, "", unknown),
              testing::FailsWith(Reason::ERROR_REASON_NOT_FOUND));
  operations::v1::ListDeadLettersRequest other;
  other.set_parent("services/drafting");
  EXPECT_THAT(Ask<operations::v1::ListDeadLettersResponse>(kX, "", other),
              testing::FailsWith(Reason::ERROR_REASON_CALLER_NOT_ALLOWED));

  // Without a parent `ideactl` asks every service.
  EXPECT_EQ(Run({"events", "dead-letters", "list"}), cli::ExitCode::kDone) << err_;
  EXPECT_THAT(out_, HasSubstr(letter.name()));

  // Health counts them every few seconds.
  Await("number in health", [&] {
    EXPECT_EQ(Run({"health"}), cli::ExitCode::kDone) << err_;
    return out_ == "SERVING, dead letters: 1\n";
  });
  EXPECT_EQ(Run({"health", "--service", "drafting"}), cli::ExitCode::kDone);
  EXPECT_EQ(out_, "SERVING, dead letters: 1\n");
  EXPECT_EQ(Run({"health", "--service", "registry"}), cli::ExitCode::kDone);
  EXPECT_EQ(out_, "SERVING\n");
  EXPECT_EQ(Run({"doctor"}), cli::ExitCode::kDone) << out_;
  EXPECT_THAT(out_,
              ContainsRegex("dead letters drafting +warning +1, see: ideactl events dead-letters list"));
  EXPECT_THAT(out_, ContainsRegex("dead letters registry +ok +none"));
  for (const char* command : {"doctor", "health"}) {
    EXPECT_EQ(Run({"--as", "x", command}), cli::ExitCode::kDone) << out_;
    EXPECT_THAT(out_, Not(HasSubstr("dead letters"))) << "a department may not list them";
  }

  // It is delivered once the cause is repaired, and is a dead letter no more.
  RenameInReview("routings_away", "routings");
  EXPECT_EQ(Run({"--as", "cdo/cdo", "events", "dead-letters", "retry", letter.name()}), cli::ExitCode::kDone)
      << err_;
  Await("routing", [&] { return !RoutingAs(kX).name().empty(); });
  Await("end of the dead letter", [&] { return LettersOf("drafting").empty(); });
  Await("end in health", [&] { return Run({"health"}) == cli::ExitCode::kDone && out_ == "SERVING\n"; });
  EXPECT_EQ(Run({"--as", "cdo/cdo", "events", "dead-letters", "retry", letter.name()}),
            cli::ExitCode::kNotFound);
  EXPECT_EQ(Run({"--as", "cdo/cdo", "events", "dead-letters", "retry-all"}), cli::ExitCode::kDone) << err_;
}

INSTANTIATE_TEST_SUITE_P(Every, DeadLetters, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::story
