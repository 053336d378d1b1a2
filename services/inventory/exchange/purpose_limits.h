#ifndef IDEA_SERVICES_INVENTORY_EXCHANGE_PURPOSE_LIMITS_H_
#define IDEA_SERVICES_INVENTORY_EXCHANGE_PURPOSE_LIMITS_H_

#include <cstdint>

#include "idea/drafting/v1/content.pb.h"

// What a purpose class says, in a form that is compared at once: of an agreement what it permits, of a
// question what is intended.
namespace idea::inventory {

struct PurposeLimits {
  // A bit for each PurposeKind. The bit of a kind that this release does not know is one that no agreement
  // has.
  uint32_t kinds = 0;
  bool redisclosure = false;
  bool commercial = false;
  bool deidentified_only = false;
  // 0: no limit, or not stated.
  int32_t retention_days = 0;
};

inline PurposeLimits LimitsOf(const drafting::v1::PurposeClass& purpose) {
  PurposeLimits limits;
  for (const int kind : purpose.kinds()) {
    limits.kinds |= drafting::v1::PurposeKind_IsValid(kind) ? uint32_t{1} << kind : 1;
  }
  limits.redisclosure = purpose.redisclosure() == drafting::v1::ANSWER_YES;
  limits.commercial = purpose.commercial_use() == drafting::v1::ANSWER_YES;
  limits.deidentified_only = purpose.deidentified_only() == drafting::v1::ANSWER_YES;
  limits.retention_days = purpose.retention_days();
  return limits;
}

// Whether what is agreed permits what is intended. What is not agreed on is not permitted.
inline bool Allows(const PurposeLimits& agreed, const PurposeLimits& intended) {
  constexpr uint32_t kKnown = ~uint32_t{1};
  return (intended.kinds & ~(agreed.kinds & kKnown)) == 0 &&
         (agreed.redisclosure || !intended.redisclosure) && (agreed.commercial || !intended.commercial) &&
         (intended.deidentified_only || !agreed.deidentified_only) &&
         (agreed.retention_days == 0 || intended.retention_days <= agreed.retention_days);
}

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_EXCHANGE_PURPOSE_LIMITS_H_
