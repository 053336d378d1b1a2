#ifndef IDEA_COMMON_LISTING_LIMIT_H_
#define IDEA_COMMON_LISTING_LIMIT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/storage/database.h"

// Limits on the size of one resource. Stored items stay readable even if they exceed a limit.
namespace idea::listing {

// The maximum number of items of a kind.
struct Limit {
  std::string_view items;
  int64_t max;
};

inline constexpr int64_t kMaxRevisionsOfBucp = 10'000;
inline constexpr Limit kRevisionsOfBucp = {"revisions of a BUCP", kMaxRevisionsOfBucp};
inline constexpr int64_t kMaxCommentsOfBucp = 2000;
inline constexpr Limit kCommentsOfBucp = {"comments on a BUCP", kMaxCommentsOfBucp};
inline constexpr int64_t kMaxTemplates = 500;
inline constexpr Limit kTemplates = {"versions of the template", kMaxTemplates};
// Contacts of an entity, including those that have ended.
inline constexpr int64_t kMaxContactsOfEntity = 2000;
inline constexpr Limit kContactsOfEntity = {"contacts of an entity, whether in force or not",
                                            kMaxContactsOfEntity};
// Delegations of an entity, including those that have ended.
inline constexpr int64_t kMaxDelegationsOfEntity = 2000;
inline constexpr Limit kDelegationsOfEntity = {"delegations of an entity, whether in force or not",
                                               kMaxDelegationsOfEntity};
inline constexpr int64_t kMaxVersionsOfOpinion = 50;
inline constexpr Limit kVersionsOfOpinion = {"versions of an opinion", kMaxVersionsOfOpinion};
// Notices of one kind on an agreement by one entity. Each kind has its own limit, so that required notices
// such as an attestation of destruction stay possible.
inline constexpr int64_t kMaxNoticesOnFiling = 200;
inline constexpr Limit kNoticesOnFiling = {"notices of one kind on an agreement by one entity",
                                           kMaxNoticesOnFiling};
// The size of a dispute in bytes, checked before another meeting, another amendment of a statement, or
// another decision of an Undersecretary. A statement, and a step that moves or ends a dispute, is never
// refused for its size.
inline constexpr int64_t kMaxBytesOfDispute = 3 << 19;
inline constexpr Limit kBytesOfDispute = {"bytes of a dispute", kMaxBytesOfDispute};
// All statements of a dispute. Each department has the same share.
inline constexpr size_t kMaxStatementsBytes = 1 << 20;
// Questions and concerns that a routing shows until they are reconciled.
inline constexpr size_t kMaxOpenConcernsBytes = 1 << 20;
// One opinion with its concerns as registered. Resolutions are not counted.
inline constexpr size_t kMaxOpinionBytes = 512 << 10;

// LIMIT_REACHED with metadata `items` and `limit` if `count` is not less than the limit.
absl::Status CheckLimit(const Limit& limit, int64_t count);

// The same for the rows of "table WHERE condition", of which at most limit.max are read. Two concurrent calls
// may exceed the limit by one.
absl::Status CheckLimit(storage::Transaction& db, const Limit& limit, const std::string& rows,
                        const storage::Args& args);

}  // namespace idea::listing

#endif  // IDEA_COMMON_LISTING_LIMIT_H_
