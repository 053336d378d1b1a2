#include "common/auth/jws.h"
#include "common/digest/digest.h"
#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "common/status/status.h"
#include "services/review/review_events.h"
#include "services/review/review_service.h"
#include "services/review/routing_access.h"
#include "services/review/routing_rules.h"
#include "services/review/routing_store.h"
#include "services/review/routing_transition.h"

// The methods of ReviewService on signatures.
namespace idea::review {
namespace {

using status::Error;
using status::Reason;

// Verifies the JWS, which binds the freeze, its revision, the department, the capacity and the contact whose
// key made it. A client of an earlier release does not name the contact.
absl::Status CheckJws(const v1::Routing& routing, const v1::Signature& signature) {
  if (signature.public_key().empty()) {
    return Error(Reason::ERROR_REASON_PUBLIC_KEY_MISSING,
                 "the registry does not have a public key of the signer");
  }
  v1::SignatureClaim claim;
  claim.set_revision(routing.revision());
  claim.set_digest(signature.digest());
  claim.set_freeze_number(signature.freeze_number());
  claim.set_entity(signature.entity());
  claim.set_capacity(signature.capacity());
  const absl::Status unnamed =
      auth::CheckDetachedJws(signature.jws(), digest::CanonicalJson(claim), signature.public_key());
  if (unnamed.ok()) return unnamed;
  claim.set_contact(signature.contact());
  claim.set_contact_revision(signature.contact_revision());
  return auth::CheckDetachedJws(signature.jws(), digest::CanonicalJson(claim), signature.public_key());
}

}  // namespace

absl::StatusOr<ReviewService::Signer> ReviewService::GatherForSigning(rpc::Call& call,
                                                                      const v1::SignBucpRequest& request) {
  if (request.jws().empty()) return Signer();
  return Resolve(call, call.caller().person);
}

absl::StatusOr<v1::SignBucpResponse> ReviewService::SignBucp(rpc::Call& call,
                                                             const v1::SignBucpRequest& request,
                                                             const Signer& signer) {
  ASSIGN_OR_RETURN(v1::Routing routing, FindVisible(call, request.routing()));
  const auth::Caller& caller = call.caller();
  RETURN_IF_ERROR(CheckRole(caller, RoleOf(request.capacity())));
  call.ActIn({RoleOf(request.capacity())});
  v1::RoutingStep* mine = FindStep(routing, caller.entity, v1::DISCIPLINE_UNSPECIFIED, request.capacity());
  if (mine == nullptr) {
    return Error(Reason::ERROR_REASON_NOT_YOUR_STEP,
                 "the routing does not ask this department for this signature")
        .With("by", "party");
  }
  ASSIGN_OR_RETURN(const bool signed_before,
                   HasSigned(call.db(), routing.name(), caller.entity, caller.person));
  RoutingFacts facts;
  facts.same_digest = request.digest() == routing.digest();
  facts.already_done = mine->done();
  facts.same_person = signed_before && !settings_.one_person_may_sign_twice;
  facts.last = IsLast(routing, StageOf(*mine), mine);
  facts.capacity = request.capacity();

  v1::SignBucpResponse response;
  v1::Signature& signature = *response.mutable_signature();
  signature.set_name(ids::kSignatures.Name(routing.name(), ids::NewUuid()));
  signature.set_entity(caller.entity);
  signature.set_capacity(request.capacity());
  signature.set_digest(request.digest());
  signature.set_freeze_number(routing.freeze_number());
  signature.set_person(caller.person);
  signature.set_person_name(caller.person_name);
  signature.set_person_title(caller.person_title);
  if (caller.on_behalf) *signature.mutable_on_behalf() = *caller.on_behalf;
  *signature.mutable_sign_time() = clock::ToProto(call.now());

  RETURN_IF_ERROR(CheckStep(facts, routing.digest()));
  if (!request.jws().empty()) {
    signature.set_jws(request.jws());
    signature.set_public_key(signer.public_key());
    signature.set_contact(signer.contact());
    signature.set_contact_revision(signer.contact_revision());
    RETURN_IF_ERROR(CheckJws(routing, signature));
  }
  mine->set_done(true);
  mine->set_record(signature.name());
  RETURN_IF_ERROR(Transition(call, "SignBucp", facts,
                             {.subject = signature.name(),
                              .citation = mine->citation(),
                              .summary = "signed as " + DisplayName(signature.capacity()),
                              .type = kBucpSigned},
                             routing));
  RETURN_IF_ERROR(InsertSignature(call.db(), signature));
  *response.mutable_routing() = std::move(routing);
  return response;
}

}  // namespace idea::review
