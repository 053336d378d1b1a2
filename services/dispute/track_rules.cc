#include "services/dispute/track_rules.h"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "common/status/status.h"

namespace idea::dispute {
namespace {

using common::v1::ContactRole;
using registry::v1::GovernorAuthority;
using status::Error;

// Builds one explanation.
struct Explainer {
  v1::Process process;
  const OpeningFacts& facts;
  const Offices& offices;
  v1::TrackExplanation out = {};

  void AddReason(const std::string& reason) { out.add_reasons(reason); }

  void AddStandings() {
    const auto& providers = facts.bucp.content().providers();
    for (const std::string& party : PartiesOf(facts.bucp.content())) {
      v1::Standing& standing = *out.add_standings();
      standing.set_entity(party);
      standing.set_provider(absl::c_linear_search(providers, party));
      standing.set_authority(facts.parties.at(party).governor_authority());
      standing.set_counts(process == v1::PROCESS_GUIDEBOOK || standing.provider());
      standing.set_agency(AgencyOf(facts.parties.at(party)));
    }
  }

  bool AnyCounts(bool (*of)(GovernorAuthority)) const {
    return std::any_of(out.standings().begin(), out.standings().end(), [&](const v1::Standing& standing) {
      return standing.counts() && of(standing.authority());
    });
  }

  static bool IsOutside(GovernorAuthority authority) {
    return authority == registry::v1::GOVERNOR_AUTHORITY_OUTSIDE;
  }
  static bool IsUnknown(GovernorAuthority authority) {
    return !IsOutside(authority) && authority != registry::v1::GOVERNOR_AUTHORITY_UNDER;
  }

  // One party that counts and is outside determines the track, even if standings of others are missing.
  void PickTrack() {
    AddReason(process == v1::PROCESS_AGREEMENT
                  ? "Agreement section 6.1: the standing of the Data Providers picks the track."
                  : "Guidebook, dispute step 1: the standing of every party picks the track.");
    const bool outside = AnyCounts(&IsOutside);
    for (const v1::Standing& standing : out.standings()) {
      if (!standing.counts()) continue;
      if (IsOutside(standing.authority())) {
        AddReason(standing.entity() + " is not under the Governor's authority.");
      } else if (!IsUnknown(standing.authority())) {
        AddReason(standing.entity() + " is under the Governor's authority.");
      } else if (outside) {
        AddReason("Whether " + standing.entity() +
                  " is under the Governor's authority is not recorded and does not matter.");
      } else {
        v1::Missing& missing = *out.add_missing();
        missing.set_entity(standing.entity());
        missing.set_fix(
            "whether " + standing.entity() +
            " is under the Governor's authority is not recorded; the Statewide CDO's office records it "
            "(SetGovernorAuthority)");
      }
    }
    out.set_first(STATE_AWAITING_STANDING);
    if (!outside && AnyCounts(&IsUnknown)) return;
    out.set_track(outside ? v1::TRACK_OUTSIDE_GOVERNOR : v1::TRACK_ALL_UNDER_GOVERNOR);
    out.set_first(FirstState(process, !outside));
  }

  // Adds the holders of the office, and those who stand in for them with its role.
  void AddHolders(v1::Office& office) const {
    const auto contacts = facts.contacts.find(office.entity());
    if (contacts == facts.contacts.end()) return;
    std::map<std::string, std::string> names;
    std::map<std::string, std::string> holders;
    for (const registry::v1::Contact& contact : contacts->second) {
      names[contact.name()] = contact.display_name();
      if (!absl::c_linear_search(contact.roles(), office.role())) continue;
      holders[contact.name()] = contact.display_name();
      office.add_holders(contact.display_name());
    }
    const auto delegations = facts.delegations.find(office.entity());
    if (delegations == facts.delegations.end()) return;
    for (const registry::v1::Delegation& delegation : delegations->second) {
      const auto principal = holders.find(delegation.principal());
      const auto delegate = names.find(delegation.delegate());
      if (principal == holders.end() || delegate == names.end() ||
          !absl::c_linear_search(delegation.roles(), office.role()))
        continue;
      office.add_holders(delegate->second + ", standing in for " + principal->second);
    }
  }

  // Adds the first of the offices that has a holder. If none has one, it is missing at the first entity.
  void AddOffice(std::initializer_list<std::pair<std::string, ContactRole>> candidates) {
    for (const auto& [entity, role] : candidates) {
      v1::Office office;
      office.set_entity(entity);
      office.set_role(role);
      AddHolders(office);
      if (office.holders().empty()) continue;
      if (!HasOffice(office)) *out.add_offices() = std::move(office);
      return;
    }
    v1::Missing missing;
    missing.set_entity(candidates.begin()->first);
    std::string roles;
    for (const auto& [entity, role] : candidates) {
      if (absl::c_linear_search(missing.roles(), role)) continue;
      missing.add_roles(role);
      roles += (roles.empty() ? "" : " or ") + ContactRole_Name(role);
    }
    missing.set_fix("the office has no holder; " + missing.entity() + " records a contact with " + roles +
                    " (CreateContact)");
    const auto same = [&](const v1::Missing& other) {
      return other.entity() == missing.entity() && other.fix() == missing.fix();
    };
    if (std::none_of(out.missing().begin(), out.missing().end(), same)) *out.add_missing() = missing;
  }

  bool HasOffice(const v1::Office& office) const {
    return std::any_of(out.offices().begin(), out.offices().end(), [&](const v1::Office& other) {
      return other.entity() == office.entity() && other.role() == office.role();
    });
  }

  void AddOffices() {
    using namespace common::v1;  // NOLINT(google-build-using-namespace): the roles, by their own names
    const bool under = out.track() == v1::TRACK_ALL_UNDER_GOVERNOR;
    for (const v1::Standing& standing : out.standings()) {
      if (!under || standing.authority() != registry::v1::GOVERNOR_AUTHORITY_UNDER) continue;
      AddOffice({{standing.agency(), CONTACT_ROLE_AGENCY_CDO},
                 {standing.agency(), CONTACT_ROLE_AGENCY_INFORMATION_OFFICER},
                 {standing.entity(), CONTACT_ROLE_AGENCY_CDO},
                 {standing.entity(), CONTACT_ROLE_AGENCY_INFORMATION_OFFICER}});
      if (process == v1::PROCESS_AGREEMENT) AddOffice({{standing.agency(), CONTACT_ROLE_UNDERSECRETARY}});
    }
    AddOffice({{offices.cdo, CONTACT_ROLE_STATEWIDE_CDO}});
    if (under) AddOffice({{offices.governor, CONTACT_ROLE_GOVERNORS_OFFICE}});
  }

  void AddConsequences() {
    if (out.track() == v1::TRACK_UNSPECIFIED) {
      AddReason(
          "The track is open until the missing entries are recorded. The objection holds the BUCP until "
          "then.");
      return;
    }
    if (out.track() == v1::TRACK_OUTSIDE_GOVERNOR) {
      AddReason("So the Statewide CDO mediates, and the BUCP is not approved if that fails.");
    } else if (process == v1::PROCESS_AGREEMENT) {
      AddReason(
          "So the agencies' officers mediate first, then the Statewide CDO; the Undersecretaries decide, and "
          "the "
          "Governor's Office if they cannot.");
    } else {
      AddReason(
          "So the agencies' officers mediate first, then the Statewide CDO; the Governor's Office decides.");
    }
    for (const v1::Standing& standing : out.standings()) {
      if (standing.entity() == offices.cdo || standing.entity() == offices.governor)
        AddReason(standing.entity() +
                  " is a party and an office of the process; no source names a substitute.");
    }
  }
};

}  // namespace

std::string AgencyOf(const registry::v1::Entity& party) {
  return party.parent().empty() ? party.name() : party.parent();
}

v1::TrackExplanation Explain(v1::Process process, const OpeningFacts& facts, const Offices& offices) {
  Explainer explainer{process, facts, offices};
  explainer.out.set_process(process);
  explainer.AddStandings();
  explainer.PickTrack();
  explainer.AddOffices();
  explainer.AddConsequences();
  return std::move(explainer.out);
}

absl::Status CheckOffices(const v1::TrackExplanation& explanation) {
  for (const v1::Missing& missing : explanation.missing()) {
    if (missing.roles().empty()) continue;
    std::string roles;
    for (const int role : missing.roles())
      roles += (roles.empty() ? "" : ", ") + ContactRole_Name(static_cast<ContactRole>(role));
    return Error(Reason::ERROR_REASON_OFFICE_HOLDER_MISSING, missing.fix())
        .With("entity", missing.entity())
        .With("roles", roles);
  }
  return absl::OkStatus();
}

}  // namespace idea::dispute
