#ifndef IDEA_SERVICES_REVIEW_CHECKLIST_H_
#define IDEA_SERVICES_REVIEW_CHECKLIST_H_

#include <vector>

#include "absl/time/time.h"
#include "idea/review/v1/checklist.pb.h"
#include "idea/review/v1/opinion.pb.h"
#include "idea/review/v1/routing.pb.h"
#include "idea/review/v1/signature.pb.h"

// Shows a routing to people: the explanation of its rules, and the template's checklist.
namespace idea::review {

// Returns every rule of the table, whether it asks for a step here and why, and what the BUCP waits for.
v1::ExplainRoutingResponse Explain(const v1::Routing& routing);

// Returns the template's checklist, rows 1 to 9, with the columns of both sides. Days are those of `zone`.
v1::GetChecklistResponse ChecklistOf(const v1::Routing& routing, const std::vector<v1::Opinion>& opinions,
                                     const std::vector<v1::Signature>& signatures,
                                     const absl::TimeZone& zone);

}  // namespace idea::review

#endif  // IDEA_SERVICES_REVIEW_CHECKLIST_H_
