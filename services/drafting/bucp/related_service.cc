#include "services/drafting/bucp/related_service.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "common/status/status.h"
#include "services/drafting/bucp/bucp_access.h"
#include "services/drafting/bucp/bucp_store.h"

namespace idea::drafting {
namespace {

// The maximum number of BUCPs on a page. Each is read with its content.
constexpr int kMaxRelated = 100;
// The maximum number of data elements that are listed for one BUCP.
constexpr int kMaxNames = 100;

// Whether one of the two is `with` and the other is the viewer. To a viewer that sees all, any other one is.
bool IsBetween(const std::string& provider, const std::string& recipient, const std::string& with,
               auth::Visibility viewer) {
  const auto joins = [&](const std::string& one, const std::string& other) {
    return one == with && viewer.Covers(other);
  };
  return joins(provider, recipient) || joins(recipient, provider);
}

bool Provides(const v1::DataElement& element, const std::set<std::string>& providers) {
  return element.providers().empty() ||
         std::any_of(element.providers().begin(), element.providers().end(),
                     [&](const std::string& provider) { return providers.contains(provider); });
}

v1::RelatedBucp RelatedOf(const v1::Bucp& bucp, const std::string& with, auth::Visibility viewer,
                          size_t* room) {
  v1::RelatedBucp related;
  related.set_name(bucp.name());
  related.set_title(bucp.title());
  related.set_state(bucp.state());
  related.set_filing(bucp.filing());
  const auto& dates = bucp.content().administrative().critical_dates();
  if (dates.has_start_date()) *related.mutable_start_date() = dates.start_date();
  if (dates.has_end_date()) *related.mutable_end_date() = dates.end_date();
  std::set<std::string> providers;
  for (const std::string& provider : bucp.content().providers()) {
    for (const std::string& recipient : bucp.content().recipients()) {
      if (!IsBetween(provider, recipient, with, viewer)) continue;
      v1::Direction& direction = *related.add_directions();
      direction.set_provider(provider);
      direction.set_recipient(recipient);
      providers.insert(provider);
    }
  }
  if (providers.empty()) return related;
  int count = 0;
  for (const auto& element : bucp.content().technical().data_elements().elements()) {
    if (!Provides(element, providers)) continue;
    if (++count > kMaxNames || element.field_name().size() > *room) continue;
    *room -= element.field_name().size();
    related.add_data_elements(element.field_name());
  }
  related.set_data_element_count(count);
  return related;
}

}  // namespace

void RelatedService::Bind(rpc::Router& router) { router.Bind(this, &RelatedService::ListRelatedBucps); }

absl::StatusOr<v1::ListRelatedBucpsResponse> RelatedService::ListRelatedBucps(
    rpc::Call& call, const v1::ListRelatedBucpsRequest& request) {
  const auth::Visibility viewer = VisibilityOf(call.caller());
  v1::ListBucpsRequest list;
  list.set_page_size(request.page_size() == 0 ? kMaxRelated : request.page_size());
  list.set_page_token(request.page_token());
  list.set_filter("party = \"" + request.with() + "\"");
  ASSIGN_OR_RETURN(v1::ListBucpsResponse page, ListBucps(call.db(), list, viewer));
  v1::ListRelatedBucpsResponse response;
  response.set_next_page_token(std::move(*page.mutable_next_page_token()));
  size_t room = listing::kMaxPageBytes;
  for (const v1::Bucp& listed : page.bucps()) {
    ASSIGN_OR_RETURN(const v1::Bucp bucp, FindBucp(call.db(), listed.name()));
    *response.add_related() = RelatedOf(bucp, request.with(), viewer, &room);
  }
  return response;
}

}  // namespace idea::drafting
