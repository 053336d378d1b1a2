#include "services/drafting/template/template_store.h"

#include "common/clock/clock.h"
#include "common/ids/resource_names.h"
#include "common/listing/limit.h"
#include "common/listing/listing.h"
#include "common/status/status.h"
#include "services/drafting/template/field_rules.h"

namespace idea::drafting {
namespace {

using status::Error;
using status::Reason;

const listing::Spec& TemplateList() {
  static const listing::Spec spec = {{}, "dated", false, "id", true};
  return spec;
}

// 20260701: orders versions by their dates.
int64_t DayOf(const v1::Template& bucp_template) {
  const auto& date = bucp_template.version_date();
  return (int64_t{date.year()} * 100 + date.month()) * 100 + date.day();
}

absl::StatusOr<v1::Template> TemplateOf(const storage::Row& row, int column) {
  v1::Template bucp_template;
  if (!bucp_template.ParseFromString(row.Bytes(column)))
    return absl::DataLossError("a template does not parse");
  return bucp_template;
}

}  // namespace

absl::Status InsertTemplate(storage::Transaction& db, const v1::Template& bucp_template) {
  RETURN_IF_ERROR(listing::CheckLimit(db, listing::kTemplates, "templates", {}));
  ASSIGN_OR_RETURN(
      const int64_t added,
      db.Execute("INSERT INTO templates (id, several, dated, body) VALUES ($1, $2, $3, $4) "
                 "ON CONFLICT (id) DO NOTHING",
                 {ids::kTemplates.IdIn(bucp_template.name()), int64_t{bucp_template.several_departments()},
                  DayOf(bucp_template), storage::Blob{bucp_template.SerializeAsString()}}));
  if (added == 1) return absl::OkStatus();
  return Error(Reason::ERROR_REASON_ALREADY_EXISTS, "a version with this name exists")
      .With("name", bucp_template.name());
}

absl::StatusOr<v1::Template> FindTemplate(storage::Transaction& db, const std::string& name) {
  for (const bool several : {false, true}) {
    if (v1::Template bucp_template = BuiltInTemplate(several); bucp_template.name() == name)
      return bucp_template;
  }
  // Drafts from before the versions existed follow the first one.
  if (name.empty()) return BuiltInTemplate(false);
  ASSIGN_OR_RETURN(const auto row,
                   db.QueryOne("SELECT body FROM templates WHERE id = $1", {ids::kTemplates.IdIn(name)}));
  if (!row) return Error(Reason::ERROR_REASON_NOT_FOUND, "there is no " + name);
  return TemplateOf(*row, 0);
}

absl::StatusOr<v1::Template> NewestTemplate(storage::Transaction& db, bool several_departments) {
  v1::Template built_in = BuiltInTemplate(several_departments);
  ASSIGN_OR_RETURN(const auto row,
                   db.QueryOne("SELECT body FROM templates WHERE several = $1 AND dated >= $2 "
                               "ORDER BY dated DESC, id DESC LIMIT 1",
                               {int64_t{several_departments}, DayOf(built_in)}));
  if (!row) return built_in;
  return TemplateOf(*row, 0);
}

absl::StatusOr<v1::ListTemplatesResponse> ListTemplates(storage::Transaction& db,
                                                        const v1::ListTemplatesRequest& request) {
  ASSIGN_OR_RETURN(const listing::Page page, listing::Plan(TemplateList(), request, "", {}));
  ASSIGN_OR_RETURN(
      storage::Rows rows,
      db.Query("SELECT dated, id, body FROM templates WHERE " + page.where + page.tail, page.args));
  v1::ListTemplatesResponse response;
  response.set_next_page_token(page.Finish(rows, 0, 1));
  for (const storage::Row& row : rows) {
    ASSIGN_OR_RETURN(*response.add_templates(), TemplateOf(row, 2));
  }
  // Built-in versions come after all added ones.
  if (response.next_page_token().empty()) {
    for (const bool several : {false, true}) *response.add_templates() = BuiltInTemplate(several);
  }
  for (v1::Template& bucp_template : *response.mutable_templates()) {
    bucp_template.clear_fields();
    bucp_template.clear_sections();
  }
  return response;
}

absl::StatusOr<TemplateTexts> ReadTemplateTexts(storage::Transaction& db) {
  ASSIGN_OR_RETURN(const storage::Rows rows, db.Query("SELECT body FROM templates ORDER BY dated DESC", {}));
  TemplateTexts texts;
  for (const storage::Row& row : rows) {
    ASSIGN_OR_RETURN(const v1::Template bucp_template, TemplateOf(row, 0));
    for (const v1::TemplateField& field : bucp_template.fields()) {
      texts.titles.emplace(field.title(), field.field());
      texts.helps.insert(field.help());
    }
  }
  return texts;
}

}  // namespace idea::drafting
