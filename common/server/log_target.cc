#include "common/server/log_target.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/ids/ids.h"
#include "common/server/command.h"
#include "common/status/status.h"

namespace idea::server {
namespace {

// The maximum number of entries in a command.
constexpr size_t kMaxEntries = 500;

// A request id for a part of what follows from an event. The event's own id is that of another command.
std::string RequestIdOf(const events::Event& event, size_t part) {
  std::string id = ids::Sha256Hex("log " + std::to_string(part) + " " + event.event_id()).substr(0, 32);
  id[12] = '4';
  id[16] = '8';
  for (const size_t dash : {20, 16, 12, 8}) id.insert(dash, "-");
  return id;
}

}  // namespace

events::Target LogTarget(const rpc::PeerClient& peers, storage::Database& database, LogEntriesOf entries_of) {
  const auto deliver = [peers, &database,
                        entries_of = std::move(entries_of)](const events::Event& event) -> absl::Status {
    std::vector<inventory::v1::LogEntry> entries;
    RETURN_IF_ERROR(database.Read([&](storage::Transaction& db) {
      entries.clear();
      return entries_of(db, event, entries);
    }));
    for (size_t begin = 0; begin < entries.size(); begin += kMaxEntries) {
      inventory::v1::AddLogEntriesRequest request;
      for (size_t i = begin; i < std::min(begin + kMaxEntries, entries.size()); ++i) {
        *entries[i].mutable_time() = event.time();
        *request.add_entries() = std::move(entries[i]);
      }
      request.set_request_id(RequestIdOf(event, begin / kMaxEntries));
      inventory::v1::AddLogEntriesResponse response;
      const absl::Status added = peers.Send(ContextOf(event), request, &response);
      // The command arrived before, and a record has changed since. That change has its own event.
      if (status::ReasonOf(added) == status::Reason::ERROR_REASON_REQUEST_ID_REUSED) continue;
      RETURN_IF_ERROR(added);
    }
    return absl::OkStatus();
  };
  events::Target target{kLogTarget, deliver, nullptr};
  target.peer = "inventory";
  return target;
}

}  // namespace idea::server
