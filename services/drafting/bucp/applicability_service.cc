#include "services/drafting/bucp/applicability_service.h"

#include <algorithm>
#include <set>
#include <vector>

#include "common/status/status.h"

namespace idea::drafting {
namespace {

using status::Error;
using status::Reason;

// The flowchart's first two questions.
bool NeedsIdea(const v1::AssessApplicabilityRequest& request) {
  return request.public_records() != v1::ANSWER_YES && request.internal_use() != v1::ANSWER_YES;
}

// The next step if a party is not a signatory (flowchart question 3).
std::string NextStepWithoutIdea(const v1::AssessApplicabilityResponse& response) {
  std::string text;
  if (response.unknown_parties_size() < response.not_signatories_size()) {
    text =
        "an entity that is not a signatory is invited to sign (agreement 16.1; caldata@innovation.ca.gov); "
        "until then the agreement and the template may serve as a starting point and are not required";
  }
  if (response.unknown_parties().empty()) return text;
  std::string unknown;
  for (const std::string& party : response.unknown_parties())
    unknown += (unknown.empty() ? "" : ", ") + party;
  return text + (text.empty() ? "" : ". ") + "The registry does not know " + unknown +
         ": if it is a state entity, search the registry for its name and ask again. A county, a city, a "
         "university or a company cannot sign IDEA: use the agreement that the law asks for; the template "
         "may serve as a starting point";
}

// The entity with exactly this name. Empty if the registry has none.
absl::StatusOr<std::string> EntityNamed(const server::RegistryClient& registry, const std::string& name) {
  ASSIGN_OR_RETURN(const auto found, registry.SearchEntities(name, 1));
  const bool same =
      !found.matches().empty() && found.matches(0).match() == registry::v1::ENTITY_MATCH_KIND_EXACT;
  return same ? found.matches(0).entity().name() : "";
}

}  // namespace

void ApplicabilityService::Bind(rpc::Router& router) {
  router.Bind(this, &ApplicabilityService::GatherForAssessment, &ApplicabilityService::AssessApplicability);
}

absl::StatusOr<Signatories> ApplicabilityService::GatherForAssessment(
    rpc::Call& call, const v1::AssessApplicabilityRequest& request) {
  if (!NeedsIdea(request)) return Signatories();
  const server::RegistryClient registry(peers_, call.context());
  for (int i = 0; i < request.outside_parties_size(); ++i) {
    ASSIGN_OR_RETURN(const std::string entity, EntityNamed(registry, request.outside_parties(i)));
    if (entity.empty()) continue;
    const std::string path = "outside_parties[" + std::to_string(i) + "]";
    return Error(Reason::ERROR_REASON_INVALID_FIELD, path + ": the registry has it as " + entity)
        .Field(path, "name it in parties, as " + entity);
  }
  const std::set<std::string> parties(request.parties().begin(), request.parties().end());
  return Confirm(registry, {parties.begin(), parties.end()});
}

absl::StatusOr<v1::AssessApplicabilityResponse> ApplicabilityService::AssessApplicability(
    rpc::Call&, const v1::AssessApplicabilityRequest& request, const Signatories& signatories) {
  v1::AssessApplicabilityResponse response;
  if (!NeedsIdea(request)) {
    const bool is_public = request.public_records() == v1::ANSWER_YES;
    response.set_outcome(v1::APPLICABILITY_NOT_NEEDED);
    response.set_citation(std::string("guidebook step 1, flowchart question ") + (is_public ? "1" : "2"));
    response.set_next_step("treat the exchange as a normal part of business: IDEA does not apply to it");
    return response;
  }
  response.set_citation("guidebook step 2, flowchart question 3");
  for (const std::string& entity : signatories.outside) response.add_not_signatories(entity);
  for (const auto& unknown : {std::vector<std::string>(signatories.unknown),
                              {request.outside_parties().begin(), request.outside_parties().end()}}) {
    for (const std::string& party : unknown) {
      response.add_not_signatories(party);
      response.add_unknown_parties(party);
    }
  }
  if (!response.not_signatories().empty()) {
    response.set_outcome(v1::APPLICABILITY_NOT_REQUIRED);
    response.set_next_step(NextStepWithoutIdea(response));
    return response;
  }
  response.set_outcome(v1::APPLICABILITY_REQUIRED);
  const auto& parties = request.parties();
  if (std::all_of(parties.begin(), parties.end(),
                  [&](const std::string& party) { return party == parties[0]; })) {
    response.set_next_step(
        "draft a BUCP with the department on both sides (guidebook step 3): one program receives, another "
        "provides, and each opinion and signature is given once. If funds are transferred, it is an exhibit "
        "of a Memorandum of Agreement (FAQ)");
    return response;
  }
  response.set_next_step(
      "draft a BUCP (guidebook step 3; GetTemplate shows its fields), unless federal or state law requires "
      "another agreement (5.15); one that exists already may go on until it is renewed (FAQ)");
  return response;
}

}  // namespace idea::drafting
