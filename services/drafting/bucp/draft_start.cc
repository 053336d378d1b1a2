#include "services/drafting/bucp/draft_start.h"

#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/drafting/bucp/bucp_store.h"
#include "services/drafting/bucp/bucp_transition.h"
#include "services/drafting/template/template_store.h"

namespace idea::drafting {

absl::StatusOr<v1::Bucp> StartDraft(rpc::Call& call, const v1::Content& content, const DraftOrigin& origin) {
  const bool several = content.recipients_size() > 1 || content.providers_size() > 1;
  ASSIGN_OR_RETURN(const v1::Template chosen, origin.form.empty() ? NewestTemplate(call.db(), several)
                                                                  : FindTemplate(call.db(), origin.form));
  v1::Bucp bucp;
  bucp.set_template_(chosen.name());
  bucp.set_name("bucps/" + ids::NewUuid());
  bucp.set_title(content.business_case().use_case_name().title());
  bucp.set_state(v1::STATE_DRAFT);
  *bucp.mutable_content() = content;
  bucp.set_revision(1);
  bucp.set_amends(origin.amends);
  bucp.set_copied_from(origin.copied_from);
  for (auto* etag : {bucp.mutable_section_etags()->mutable_parties(),
                     bucp.mutable_section_etags()->mutable_business_case(),
                     bucp.mutable_section_etags()->mutable_technical(),
                     bucp.mutable_section_etags()->mutable_administrative()}) {
    *etag = "1";
  }
  *bucp.mutable_create_time() = clock::ToProto(call.now());
  *bucp.mutable_update_time() = clock::ToProto(call.now());
  RETURN_IF_ERROR(InsertBucp(call.db(), bucp));
  RETURN_IF_ERROR(InsertRevision(call.db(), bucp, call.caller(), call.now()));
  const bool amends = !origin.amends.empty();
  call.Record({
      .type = amends ? "AmendmentStarted" : "BucpCreated",
      .subject = bucp.name(),
      .bucp = bucp.name(),
      .audience = AudienceOf(bucp),
      .citation = amends ? "guidebook step 8" : "guidebook step 3",
      .summary = amends                       ? "amendment of " + origin.amends + " started"
                 : origin.copied_from.empty() ? "draft started"
                                              : "draft started as a copy of " + origin.copied_from,
  });
  return bucp;
}

}  // namespace idea::drafting
