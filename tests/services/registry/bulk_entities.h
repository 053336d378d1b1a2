#ifndef IDEA_TESTS_SERVICES_REGISTRY_BULK_ENTITIES_H_
#define IDEA_TESTS_SERVICES_REGISTRY_BULK_ENTITIES_H_

#include <string>

#include "common/status/status.h"
#include "common/storage/database.h"

namespace idea::registry {

// Fills a new registry with 10,000 entities and 100,000 contacts. Entities 1 to 100 are agencies that have
// signed. Every other entity reports to one of them. Every third entity has had two parentages.
inline absl::Status FillWithBulkEntities(storage::Transaction& db) {
  const std::string numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ";
  const std::string name = "'entities/e' || CAST(i AS TEXT)";
  const std::string agency = "'entities/e' || CAST(1 + i % 100 AS TEXT)";
  const std::string entity = "'entities/e' || CAST(1 + i % 10000 AS TEXT)";
  for (const std::string& sql :
       {numbers +
            "10000) INSERT INTO entities (name, display_name, name_key, acronym, kind, "
            "own_statutory_authority, governor_authority, source, version, created, updated) SELECT " +
            name +
            ", 'Department ' || CAST(i AS TEXT), 'department ' || CAST(i AS TEXT), '', 2, 0, 1, 's', 1, "
            "0, 0 FROM n",
        numbers + "10000) INSERT INTO parentages (entity, start_date, end_date, parent) SELECT " + name +
            ", '', CASE WHEN i % 3 = 0 THEN '2025-01-01' ELSE '' END, " + agency + " FROM n WHERE i > 100",
        numbers + "10000) INSERT INTO parentages (entity, start_date, end_date, parent) SELECT " + name +
            ", '2025-01-01', '', 'entities/e1' FROM n WHERE i > 100 AND i % 3 = 0",
        numbers +
            "100) INSERT INTO accessions (name, entity, instrument, sign_date, evidence, created) SELECT " +
            name + " || '/accessions/official-list', " + name + ", 4, '', 's', 0 FROM n",
        numbers +
            "100000) INSERT INTO contacts (name, entity, person, display_name, title, division, email, "
            "phone, roles, version, created, updated) SELECT " +
            entity + " || '/contacts/p' || CAST(i AS TEXT), CASE WHEN i % 10 = 0 THEN 'entities/e1' ELSE " +
            entity + " END, 'p' || CAST(i AS TEXT), 'P', '', '', 'p@example.org', '', '4', 1, 0, 0 FROM n",
        std::string("INSERT INTO contact_roles (contact, role) SELECT name, 4 FROM contacts")}) {
    RETURN_IF_ERROR(db.Execute(sql, {}).status());
  }
  return absl::OkStatus();
}

}  // namespace idea::registry

#endif  // IDEA_TESTS_SERVICES_REGISTRY_BULK_ENTITIES_H_
