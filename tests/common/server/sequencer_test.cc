#include "common/server/sequencer.h"

#include <memory>
#include <string>
#include <vector>

#include "tests/common/events/event_log.h"

namespace idea::server {
namespace {

using ::testing::ElementsAre;
using testing::IsOk;

class ASequencer : public events::OnEventLog {};

TEST_P(ASequencer, GivesPositionsAndWakesTheReaders) {
  const std::unique_ptr<storage::Database> replica = OpenAgain();
  events::Notifier notifier;
  Sequencer sequencer("drafting", *replica, notifier);
  sequencer.Start();
  for (const char* subject : {"bucps/1", "bucps/2", "bucps/3"}) {
    const size_t before = Read().size();
    uint64_t seen = notifier.Count();
    const std::vector<events::Event> written = About({subject});
    ASSERT_THAT(
        replica->Write([&](storage::Transaction& db) { return events::Append(db, written, nullptr); }),
        IsOk());
    notifier.Notify();
    while (Read().size() == before) {
      const uint64_t now = notifier.Wait(seen, std::chrono::seconds(30));
      ASSERT_NE(now, seen) << "nobody woke the readers";
      seen = now;
    }
  }
  EXPECT_THAT(SubjectsOf(Read()), ElementsAre("bucps/1", "bucps/2", "bucps/3"));
  sequencer.Stop();
}

INSTANTIATE_TEST_SUITE_P(Every, ASequencer, ::testing::ValuesIn(testing::Backends()), testing::BackendName);

}  // namespace
}  // namespace idea::server
