#include "services/registry/accession/standing.h"

#include "common/clock/date.h"

namespace idea::registry {
namespace {

bool HasSigned(const Standpoint& at) { return at.instrument != v1::INSTRUMENT_UNSPECIFIED; }

bool ExistsOn(const Standpoint& at, const std::string& day) { return at.end_day.empty() || day < at.end_day; }

// The nearest agency above that has signed; null if there is none. An agency that no longer exists covers
// nobody.
const Standpoint* SignerAbove(const Lineage& lineage, const std::string& day) {
  for (size_t i = 1; i < lineage.size() && ExistsOn(lineage[i], day); ++i) {
    if (HasSigned(lineage[i])) return &lineage[i];
  }
  return nullptr;
}

// Who on the way to the signer stands on its own; null if nobody.
const Standpoint* OnItsOwn(const Lineage& lineage, const Standpoint* signer) {
  for (const Standpoint& at : lineage) {
    if (&at == signer) return nullptr;
    if (at.own_statutory_authority) return &at;
  }
  return nullptr;
}

void Give(const Standpoint& signer, v1::SignatoryConfirmation& answer) {
  if (!signer.sign_day.empty()) *answer.mutable_since() = clock::DateFromText(signer.sign_day);
}

std::string Signed(const Standpoint& signer) {
  std::string day = signer.sign_day.empty() ? "" : " on " + signer.sign_day;
  if (signer.instrument == v1::INSTRUMENT_OFFICIAL_LIST && day.empty()) day = ", which gives no day";
  return HowSigned(signer.instrument) + day + ".";
}

// Who signed once and does not count any more: " X withdrew on 2025-06-30." of each on the way.
std::string Withdrawals(const Lineage& lineage) {
  std::string text;
  for (const Standpoint& at : lineage) {
    if (HasSigned(at)) break;
    if (!at.withdraw_day.empty()) text += " " + at.display_name + " withdrew on " + at.withdraw_day + ".";
  }
  return text;
}

// Whether the entity signed, or was covered, and that signature was withdrawn.
bool HasWithdrawn(const Lineage& lineage) {
  for (const Standpoint& at : lineage) {
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
  v1::SignatoryConfirmation answer;
  answer.set_entity(entity);
  if (lineage.empty()) {
    answer.set_standing(v1::SIGNATORY_STANDING_UNKNOWN);
    answer.set_reason("The registry does not know this entity.");
    return answer;
  }
  const Standpoint& own = lineage.front();
  answer.set_standing(v1::SIGNATORY_STANDING_NOT_SIGNATORY);
  if (!ExistsOn(own, day)) {
    answer.set_reason(own.display_name + " ceased to exist on " + own.end_day +
                      "; what the registry knows of its successors stands with it.");
    return answer;
  }
  if (HasSigned(own)) {
    answer.set_standing(v1::SIGNATORY_STANDING_OWN_SIGNATURE);
    answer.set_reason(own.display_name + " " + Signed(own));
    Give(own, answer);
    return answer;
  }
  const Standpoint* signer = SignerAbove(lineage, day);
  if (signer == nullptr) {
    answer.set_withdrawn(HasWithdrawn(lineage));
    answer.set_reason("No signature of " + own.display_name + " or of its agency is in force on that day." +
                      Withdrawals(lineage));
    return answer;
  }
  if (const Standpoint* alone = OnItsOwn(lineage, signer)) {
    answer.set_withdrawn(HasWithdrawn(lineage));
    answer.set_reason(alone->display_name + " has its own statutory authority: the signature of " +
                      signer->display_name + " does not cover it." + Withdrawals(lineage));
    return answer;
  }
  answer.set_standing(v1::SIGNATORY_STANDING_COVERED_BY_AGENCY);
  answer.set_through(signer->name);
  answer.set_reason("Its agency, " + signer->display_name + ", " + Signed(*signer) + Withdrawals(lineage));
  Give(*signer, answer);
  return answer;
}

}  // namespace idea::registry
