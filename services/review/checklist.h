#ifndef IDEA_SERVICES_REVIEW_CHECKLIST_H_
#define IDEA_SERVICES_REVIEW_CHECKLIST_H_

#include <vector>

#include "absl/time/time.h"
#include "idea/review/v1/checklist.pb.h"
#include "idea/review/v1/opinion.pb.h"
#include "idea/review/v1/routing.pb.h"
#include "idea/review/v1/signature.pb.h"

// A routing as people read it.
namespace idea::review {

// Every rule of the table, whether it asks for anything here and why, and what is waited for now.
v1::ExplainRoutingResponse Explain(const v1::Routing& routing);

// The template's checklist, rows 1 to 9, with the columns of both sides; its days as in `zone`.
v1::GetChecklistResponse ChecklistOf(const v1::Routing& routing, const std::vector<v1::Opinion>& opinions,
                                     const std::vector<v1::Signature>& signatures,
                                     const absl::TimeZone& zone);

}  // namespace idea::review

#endif  // IDEA_SERVICES_REVIEW_CHECKLIST_H_
