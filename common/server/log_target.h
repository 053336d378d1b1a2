#ifndef IDEA_COMMON_SERVER_LOG_TARGET_H_
#define IDEA_COMMON_SERVER_LOG_TARGET_H_

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "common/events/relay.h"
#include "common/rpc/peer_client.h"
#include "common/storage/database.h"
#include "idea/inventory/v1/log.pb.h"

namespace idea::server {

// Adds the entries of the transparency log about the records that an event has changed, without their time.
// Reads the records as they are stored now.
using LogEntriesOf = std::function<absl::Status(storage::Transaction& db, const events::Event& event,
                                                std::vector<inventory::v1::LogEntry>& entries)>;

// The name of the cursor of the target below.
inline constexpr char kLogTarget[] = "log";

// The relay that has inventory add entries to the log. It has its own cursor: a log that cannot be reached
// holds back no command, and a database that is older than this target is read from its first event on. That
// adds entries for the records that it has, and also covers events of a replica of an earlier release.
events::Target LogTarget(const rpc::PeerClient& peers, storage::Database& database, LogEntriesOf entries_of);

}  // namespace idea::server

#endif  // IDEA_COMMON_SERVER_LOG_TARGET_H_
