#include "services/registry/accession/standing_rules.h"

#include "common/clock/date.h"

namespace idea::registry {
namespace {

bool HasSigned(const EntitySnapshot& at) { return at.instrument != v1::INSTRUMENT_UNSPECIFIED; }

bool ExistsOn(const EntitySnapshot& at, const std::string& day) {
  return at.end_day.empty() || day < at.end_day;
}

// The nearest agency above the entity that has signed. Null if none has. An agency that no longer exists
// covers no entity.
const EntitySnapshot* SignerAbove(const Lineage& lineage, const std::string& day) {
  for (size_t i = 1; i < lineage.size() && ExistsOn(lineage[i], day); ++i) {
    if (HasSigned(lineage[i])) return &lineage[i];
  }
  return nullptr;
}

// The first entity below the signer with its own statutory authority. Null if none has it.
const EntitySnapshot* IndependentBelow(const Lineage& lineage, const EntitySnapshot* signer) {
  for (const EntitySnapshot& at : lineage) {
    if (&at == signer) return nullptr;
    if (at.own_statutory_authority) return &at;
  }
  return nullptr;
}

void SetSince(const EntitySnapshot& signer, v1::SignatoryConfirmation& confirmation) {
  if (!signer.sign_day.empty()) *confirmation.mutable_since() = clock::DateFromText(signer.sign_day);
}

std::string Signed(const EntitySnapshot& signer) {
  std::string day = signer.sign_day.empty() ? "" : " on " + signer.sign_day;
  if (signer.instrument == v1::INSTRUMENT_OFFICIAL_LIST && day.empty()) day = ", which gives no day";
  return HowSigned(signer.instrument) + day + ".";
}

// " X withdrew on 2025-06-30." for each entity up to the signer whose signature was withdrawn.
std::string Withdrawals(const Lineage& lineage) {
  std::string text;
  for (const EntitySnapshot& at : lineage) {
    if (HasSigned(at)) break;
    if (!at.withdraw_day.empty()) text += " " + at.display_name + " withdrew on " + at.withdraw_day + ".";
  }
  return text;
}

// Whether the signature of the entity, or of an agency that covered it, was withdrawn.
bool HasWithdrawn(const Lineage& lineage) {
  for (const EntitySnapshot& at : lineage) {
    if (HasSigned(at)) return false;
    if (!at.withdraw_day.empty()) return true;
    if (at.own_statutory_authority) return false;
  }
  return false;
}

}  // namespace

std::string HowSigned(v1::Instrument instrument) {
  switch (instrument) {
    case v1::INSTRUMENT_AGREEMENT_2021:
      return "signed the agreement of 2021";
    case v1::INSTRUMENT_ADDENDUM:
      return "signed an addendum";
    case v1::INSTRUMENT_STIPULATION:
      return "stipulated in writing to all terms";
    default:
      return "is on the official list of signatories";
  }
}

v1::SignatoryConfirmation Confirm(const std::string& entity, const Lineage& lineage, const std::string& day) {
  v1::SignatoryConfirmation confirmation;
  confirmation.set_entity(entity);
  if (lineage.empty()) {
    confirmation.set_standing(v1::SIGNATORY_STANDING_UNKNOWN);
    confirmation.set_reason("The registry does not know this entity.");
    return confirmation;
  }
  const EntitySnapshot& own = lineage.front();
  confirmation.set_standing(v1::SIGNATORY_STANDING_NOT_SIGNATORY);
  if (!ExistsOn(own, day)) {
    confirmation.set_reason(own.display_name + " ceased to exist on " + own.end_day +
                            "; see the successors of the entity in the registry.");
    return confirmation;
  }
  if (HasSigned(own)) {
    confirmation.set_standing(v1::SIGNATORY_STANDING_OWN_SIGNATURE);
    confirmation.set_reason(own.display_name + " " + Signed(own));
    SetSince(own, confirmation);
    return confirmation;
  }
  const EntitySnapshot* signer = SignerAbove(lineage, day);
  if (signer == nullptr) {
    confirmation.set_withdrawn(HasWithdrawn(lineage));
    confirmation.set_reason("No signature of " + own.display_name +
                            " or of its agency is in force on that day." + Withdrawals(lineage));
    return confirmation;
  }
  if (const EntitySnapshot* independent = IndependentBelow(lineage, signer)) {
    confirmation.set_withdrawn(HasWithdrawn(lineage));
    confirmation.set_reason(independent->display_name +
                            " has its own statutory authority: the signature of " + signer->display_name +
                            " does not cover it." + Withdrawals(lineage));
    return confirmation;
  }
  confirmation.set_standing(v1::SIGNATORY_STANDING_COVERED_BY_AGENCY);
  confirmation.set_through(signer->name);
  confirmation.set_reason("Its agency, " + signer->display_name + ", " + Signed(*signer) +
                          Withdrawals(lineage));
  SetSince(*signer, confirmation);
  return confirmation;
}

}  // namespace idea::registry
