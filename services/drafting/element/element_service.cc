#include "services/drafting/element/element_service.h"

#include <map>
#include <string>

#include "common/listing/words.h"
#include "common/status/status.h"
#include "services/drafting/bucp/bucp_transition.h"
#include "services/drafting/bucp/edit_transition.h"
#include "services/drafting/element/element_table.h"

namespace idea::drafting {

void ElementService::Bind(rpc::Router& router) {
  router.Bind(this, &ElementService::ExportDataElements);
  router.Bind(this, &ElementService::ImportDataElements);
}

absl::StatusOr<v1::ExportDataElementsResponse> ElementService::ExportDataElements(
    rpc::Call& call, const v1::ExportDataElementsRequest& request) {
  ASSIGN_OR_RETURN(const v1::Bucp bucp, FindVisible(call, request.name()));
  const v1::DataElements& elements = bucp.content().technical().data_elements();
  v1::ExportDataElementsResponse response;
  response.set_csv(ElementsToCsv(elements));
  response.set_rows(elements.elements_size());
  return response;
}

absl::StatusOr<v1::ImportDataElementsResponse> ElementService::ImportDataElements(
    rpc::Call& call, const v1::ImportDataElementsRequest& request) {
  ASSIGN_OR_RETURN(const v1::Bucp before, FindVisible(call, request.name()));
  Edit edit = {.name = request.name(), .content = {}, .mask = {}};
  edit.mask.add_paths("technical.data_elements");
  edit.etags.set_technical(request.section_etag());
  v1::DataElements& elements = *edit.content.mutable_technical()->mutable_data_elements();
  ASSIGN_OR_RETURN(elements, ElementsFromCsv(request.csv()));

  v1::ImportDataElementsResponse response;
  std::map<std::string, v1::DataElement> olds;
  for (const auto& element : before.content().technical().data_elements().elements()) {
    olds[listing::NameKey(element.field_name())] = element;
  }
  for (auto& element : *elements.mutable_elements()) {
    const auto old = olds.extract(listing::NameKey(element.field_name()));
    // The eight columns do not contain the providers of an element, so they are kept.
    if (!old.empty()) *element.mutable_providers() = old.mapped().providers();
    if (old.empty()) {
      response.set_added(response.added() + 1);
    } else if (old.mapped().SerializeAsString() == element.SerializeAsString()) {
      response.set_unchanged(response.unchanged() + 1);
    } else {
      response.set_changed(response.changed() + 1);
    }
  }
  response.set_removed(static_cast<int>(olds.size()));
  ASSIGN_OR_RETURN(*response.mutable_bucp(), ApplyEdit(call, edit));
  return response;
}

}  // namespace idea::drafting
