#ifndef IDEA_COMMON_STORAGE_CONNECTION_USE_H_
#define IDEA_COMMON_STORAGE_CONNECTION_USE_H_

#include "common/storage/database.h"

namespace idea::storage {

// How a database uses its connections at a moment.
struct ConnectionUse {
  int max = 0;
  // Open connections: in use, and free.
  int used = 0;
  int idle = 0;
  // Callers that wait for a connection.
  int waiting = 0;
  // Writes that wait for their group.
  int queued_writes = 0;
};

// A database with a pool of connections.
class CountsConnections {
 public:
  virtual ~CountsConnections() = default;
  virtual ConnectionUse Connections() = 0;
};

// All zero for a database without a pool.
ConnectionUse UseOf(Database& database);

}  // namespace idea::storage

#endif  // IDEA_COMMON_STORAGE_CONNECTION_USE_H_
