#include "common/listing/limit.h"

#include "common/status/status.h"

namespace idea::listing {

absl::Status CheckLimit(const Limit& limit, int64_t count) {
  if (count < limit.max) return absl::OkStatus();
  const std::string most = std::to_string(limit.max);
  return status::Error(status::Reason::ERROR_REASON_LIMIT_REACHED,
                       "at most " + most + " " + std::string(limit.items))
      .With("items", limit.items)
      .With("limit", most);
}

absl::Status CheckLimit(storage::Transaction& db, const Limit& limit, const std::string& rows,
                        const storage::Args& args) {
  ASSIGN_OR_RETURN(const auto row, db.QueryOne("SELECT COUNT(*) FROM (SELECT 1 FROM " + rows + " LIMIT " +
                                                   std::to_string(limit.max) + ") r",
                                               args));
  return CheckLimit(limit, row->Int(0));
}

}  // namespace idea::listing
