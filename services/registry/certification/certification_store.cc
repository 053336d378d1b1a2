#include "services/registry/certification/certification_store.h"

#include "common/clock/date.h"
#include "common/listing/listing.h"
#include "common/status/status.h"

namespace idea::registry {
namespace {

v1::Certification CertificationOf(const storage::Row& row, absl::CivilDay today) {
  v1::Certification certification;
  certification.set_name(row.Text(0));
  *certification.mutable_certify_date() = clock::DateFromText(row.Text(1));
  certification.set_certified_by(row.Text(2));
  certification.set_evidence(row.Text(3));
  certification.set_age_days(static_cast<int32_t>(today - clock::DayOf(certification.certify_date())));
  *certification.mutable_create_time() = clock::ToProto(row.Int(4));
  return certification;
}

}  // namespace

absl::Status InsertCertification(storage::Transaction& db, const std::string& entity,
                                 const v1::Certification& certification) {
  const auto added = db.Execute(
      "INSERT INTO certifications (name, entity, certify_date, certified_by, evidence, created) VALUES ($1, "
      "$2, $3, $4, $5, $6)",
      {certification.name(), entity, clock::DateText(certification.certify_date()),
       certification.certified_by(), certification.evidence(),
       clock::FromProto(certification.create_time())});
  if (!absl::IsAlreadyExists(added.status())) return added.status();
  return status::Error(status::Reason::ERROR_REASON_ALREADY_EXISTS,
                       "a certification of that day is already recorded")
      .With("certification", certification.name());
}

absl::StatusOr<v1::ListCertificationsResponse> ListCertifications(
    storage::Transaction& db, const v1::ListCertificationsRequest& request, absl::CivilDay today) {
  const listing::Spec spec = {.fields = {},
                              .order_column = "certify_date",
                              .order_is_text = true,
                              .id_column = "name",
                              .descending = true};
  const bool all = request.parent() == kAllEntities;
  ASSIGN_OR_RETURN(const listing::Page page,
                   listing::Plan(spec, request, all ? "" : "entity = $1",
                                 all ? storage::Args() : storage::Args{request.parent()}));
  ASSIGN_OR_RETURN(storage::Rows rows, db.Query("SELECT name, certify_date, certified_by, evidence, created "
                                                "FROM certifications WHERE " +
                                                    page.where + page.tail,
                                                page.args));
  v1::ListCertificationsResponse response;
  response.set_next_page_token(page.Finish(rows, 1, 0));
  for (const storage::Row& row : rows) *response.add_certifications() = CertificationOf(row, today);
  return response;
}

}  // namespace idea::registry
