#ifndef IDEA_SERVICES_DRAFTING_TEMPLATE_TEMPLATE_STORE_H_
#define IDEA_SERVICES_DRAFTING_TEMPLATE_TEMPLATE_STORE_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/storage/database.h"
#include "idea/drafting/v1/drafting.pb.h"
#include "services/drafting/template/field_rules.h"

// Versions of the BUCP template: the built-in ones and those in the database.
namespace idea::drafting {

// Stores a new version. Returns ALREADY_EXISTS if the name is taken.
absl::Status InsertTemplate(storage::Transaction& db, const v1::Template& bucp_template);

// Returns NOT_FOUND if it does not exist.
absl::StatusOr<v1::Template> FindTemplate(storage::Transaction& db, const std::string& name);

// The newest version by its date, for one department on each side or for several.
absl::StatusOr<v1::Template> NewestTemplate(storage::Transaction& db, bool several_departments);

// One page of versions without fields and sections, newest first.
absl::StatusOr<v1::ListTemplatesResponse> ListTemplates(storage::Transaction& db,
                                                        const v1::ListTemplatesRequest& request);

// The texts of all versions in the database.
absl::StatusOr<TemplateTexts> ReadTemplateTexts(storage::Transaction& db);

}  // namespace idea::drafting

#endif  // IDEA_SERVICES_DRAFTING_TEMPLATE_TEMPLATE_STORE_H_
