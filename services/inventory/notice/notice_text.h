#ifndef IDEA_SERVICES_INVENTORY_NOTICE_NOTICE_TEXT_H_
#define IDEA_SERVICES_INVENTORY_NOTICE_NOTICE_TEXT_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "idea/inventory/v1/duty.pb.h"
#include "idea/inventory/v1/filing.pb.h"
#include "idea/inventory/v1/notice.pb.h"
#include "idea/registry/v1/registry.pb.h"
#include "services/inventory/notice/notice_rules.h"

// Writes a notice and the duties that follow from it. No I/O.
namespace idea::inventory {

// The facts about an agreement from which a notice is written.
struct NoticeFacts {
  v1::Filing filing;
  // Data categories of the agreement.
  std::vector<std::string> categories;
  bool education_records = false;
  // The parties, their agencies and the Statewide CDO's office, and their contacts today.
  std::map<std::string, registry::v1::Entity> entities;
  std::map<std::string, std::vector<registry::v1::Contact>> contacts;
  std::string cdo_entity;
  absl::CivilDay today;
};

// The agency that an entity reports to, or the entity itself if it has no parent.
std::string AgencyOf(const registry::v1::Entity& entity);

// Sets recipients, subject, text, citation and due date of a notice that has its kind, giver and details.
// INVALID_FIELD with every detail that is missing or invalid.
absl::Status WriteNotice(const NoticeRule& rule, const NoticeFacts& facts, v1::Notice& notice);

// The duties that follow from a notice that was given, one for each entity that has them, numbered from 1.
std::vector<v1::Duty> DutiesOf(const NoticeRule& rule, const NoticeFacts& facts, const v1::Notice& notice);

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_NOTICE_NOTICE_TEXT_H_
