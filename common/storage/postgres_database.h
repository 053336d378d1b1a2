#ifndef IDEA_COMMON_STORAGE_POSTGRES_DATABASE_H_
#define IDEA_COMMON_STORAGE_POSTGRES_DATABASE_H_

#include <memory>
#include <string>

#include "common/storage/database.h"

namespace idea::storage {

// A database behind a postgresql:// address. It is not called before it is used: a server that is down makes
// the calls fail, not this. Connections are opened as they are needed, a few for everything, one at a time,
// and opened anew when they break. A transaction sees one moment (REPEATABLE READ). What is lost before the
// commit is run again; a commit whose answer is lost is ERROR_REASON_STORAGE_UNAVAILABLE, and may have
// happened.
std::unique_ptr<Database> OpenPostgres(const std::string& address);

}  // namespace idea::storage

#endif  // IDEA_COMMON_STORAGE_POSTGRES_DATABASE_H_
