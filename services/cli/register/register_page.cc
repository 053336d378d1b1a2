#include "services/cli/register/register_page.h"

#include <array>
#include <functional>
#include <string_view>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/clock/clock.h"
#include "common/ids/ids.h"
#include "common/ids/resource_names.h"
#include "common/status/status.h"
#include "common/validation/text.h"
#include "google/type/date.pb.h"
#include "idea/inventory/v1/filing.pb.h"
#include "idea/inventory/v1/register.pb.h"
#include "idea/registry/v1/registry.pb.h"
#include "services/cli/command/commands.h"

namespace idea::cli {
namespace {

using validation::EscapeMarkup;

using Names = std::map<std::string, std::string>;

std::string DayOf(const google::type::Date& date) {
  if (date.year() == 0) return "";
  return absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
}

// The day of a time in the departments' time zone: "2026-11-22".
using DayInZone = std::function<std::string(const google::protobuf::Timestamp&)>;

template <class Entities>
std::string NamesOf(const Entities& entities, const Names& names) {
  std::string out;
  for (const std::string& entity : entities) {
    const auto found = names.find(entity);
    out += (out.empty() ? "" : ", ") + EscapeMarkup(found == names.end() ? entity : found->second);
  }
  return out;
}

// Text has a contrast of at least 4.5:1 in both color schemes. On a phone each agreement is a block of
// labeled lines.
constexpr std::string_view kHead = R"(<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Register of data exchange agreements</title>
<style>
:root { color-scheme: light dark; --quiet: #595959; --line: #8886; background: Canvas; color: CanvasText; }
@media (prefers-color-scheme: dark) { :root { --quiet: #b4b4b4; } }
body { font: 16px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: 0; }
p { max-width: 60rem; }
input { font: inherit; padding: .4rem .6rem; width: min(30rem, 100%); box-sizing: border-box; }
table { border-collapse: collapse; width: 100%; margin-top: 1rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .6rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { position: sticky; top: 0; background: Canvas; }
td p { margin: .3rem 0; }
td small { display: block; color: var(--quiet); }
summary { cursor: pointer; padding: .2rem 0; }
.ended td { color: var(--quiet); }
:target { outline: 2px solid; }
@media (max-width: 48rem) {
  body { margin: 1rem auto; }
  table, tbody, tr, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { border: 1px solid var(--line); margin-top: 1rem; }
  tr[hidden] { display: none; }
  td { border: 0; }
  td[data-label]::before { content: attr(data-label); display: block; font-weight: 600; }
}
@media print { label { display: none; } th { position: static; } }
</style>
</head>
<body>
<main>
<h1>Register of data exchange agreements</h1>
)";

// The roles are explicit, because some browsers do not infer them for a table with block layout.
constexpr std::string_view kTable =
    R"(<label>Search <input type="search" id="search" autocomplete="off"></label> <output id="count"></output>
<table role="table">
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Agreement</th><th role="columnheader" scope="col">Data Recipient</th><th role="columnheader" scope="col">Data Provider</th><th role="columnheader" scope="col">Data</th><th role="columnheader" scope="col">Dates</th><th role="columnheader" scope="col">State</th></tr></thead>
<tbody role="rowgroup">
)";

constexpr std::string_view kTail = R"(</tbody>
</table>
</main>
<script>
const rows = [...document.querySelectorAll("tbody tr")];
const texts = rows.map(row => row.textContent.toLowerCase());
const search = document.getElementById("search");
function show() {
  const words = search.value.toLowerCase().split(/\s+/).filter(word => word);
  let shown = 0;
  rows.forEach((row, i) => { const hit = words.every(word => texts[i].includes(word)); row.hidden = !hit; shown += hit; });
  document.getElementById("count").value = shown + " of " + rows.length;
}
search.addEventListener("input", show);
show();
</script>
</body>
</html>
)";

// The text between `begin` and `end`.
std::string_view Between(std::string_view page, std::string_view begin, std::string_view end) {
  page.remove_prefix(page.find(begin) + begin.size());
  return page.substr(0, page.find(end));
}

// The start of the page. Its policy allows only the page's style and script.
std::string Beginning() {
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-" +
         ids::Sha256Base64(Between(kHead, "<style>", "</style>")) + "'; script-src 'sha256-" +
         ids::Sha256Base64(Between(kTail, "<script>", "</script>")) +
         "'; base-uri 'none'; form-action 'none'\">\n";
}

// The row's id, for links between filings.
std::string AnchorOf(const std::string& filing) { return EscapeMarkup(ids::kFilings.IdIn(filing)); }

std::string_view GroundsText(inventory::v1::Grounds grounds) {
  switch (grounds) {
    case inventory::v1::GROUNDS_RULE_CHANGE:
      return "ended by the Data Provider: a change of rules (agreement 5.14)";
    case inventory::v1::GROUNDS_RECIPIENT_ACTS:
      return "ended by the Data Provider: the Data Recipient's acts (agreement 5.14)";
    case inventory::v1::GROUNDS_VIOLATION:
      return "ended by the Data Provider: violation of a material term (agreement 7.4)";
    case inventory::v1::GROUNDS_NO_LONGER_NEEDED:
      return "ended by the Data Recipient: no longer needed";
    default:
      return "";
  }
}

// Why an agreement has ended, as HTML.
std::string EndText(const inventory::v1::PublicFiling& filing) {
  if (!filing.superseded_by().empty()) {
    return "superseded by <a href=\"#" + AnchorOf(filing.superseded_by()) + "\">" +
           EscapeMarkup(filing.superseded_by()) + "</a>";
  }
  const std::string_view grounds = GroundsText(filing.grounds());
  if (!grounds.empty()) return EscapeMarkup(grounds);
  return filing.has_end_date() ? "its last day is over" : "ended";
}

// The state of an agreement on a day ("2026-11-22"), as HTML.
std::string StateText(const inventory::v1::PublicFiling& filing, const std::string& as_of,
                      const DayInZone& day_of) {
  if (filing.state() == inventory::v1::FILING_STATE_ENDED) {
    return "ended<small>" + day_of(filing.end_time()) + "</small><small>" + EndText(filing) + "</small>";
  }
  if (filing.has_end_date() && DayOf(filing.end_date()) < as_of)
    return "ended<small>" + DayOf(filing.end_date()) + "</small><small>its last day is over</small>";
  if (filing.has_start_date() && as_of < DayOf(filing.start_date()))
    return "not yet in force<small>from " + DayOf(filing.start_date()) + "</small>";
  return "in force";
}

std::string LegalBasis(const inventory::v1::PublicFiling& filing, const Names& names) {
  if (filing.legal_authority().empty()) return "";
  std::string html = "<details><summary>Legal basis</summary>";
  for (const auto& entry : filing.legal_authority()) {
    html += "<p>" + NamesOf(std::array{entry.entity()}, names) + ": " + EscapeMarkup(entry.text()) + "</p>";
  }
  return html + "</details>";
}

void WriteRow(const inventory::v1::PublicFiling& filing, const Names& names, const std::string& as_of,
              const DayInZone& day_of, std::ostream& out) {
  const auto cell = [&](std::string_view label, const std::string& html) {
    out << "<td role=\"cell\"" << (label.empty() ? "" : " data-label=\"" + std::string(label) + "\"") << ">"
        << html << "</td>";
  };
  const bool ended = filing.state() == inventory::v1::FILING_STATE_ENDED;
  out << "<tr role=\"row\" id=\"" << AnchorOf(filing.name()) << "\"" << (ended ? " class=\"ended\">" : ">");
  std::string agreement = EscapeMarkup(filing.title());
  if (!filing.purpose().empty()) agreement += "<p>" + EscapeMarkup(filing.purpose()) + "</p>";
  agreement += LegalBasis(filing, names) + "<small>" + EscapeMarkup(filing.name());
  if (!filing.amends().empty()) {
    agreement +=
        ", amends <a href=\"#" + AnchorOf(filing.amends()) + "\">" + EscapeMarkup(filing.amends()) + "</a>";
  }
  agreement += "</small><small>digest " + EscapeMarkup(filing.digest()) + "</small>";
  cell("", agreement);
  cell("Data Recipient", NamesOf(filing.recipients(), names));
  cell("Data Provider", NamesOf(filing.providers(), names));
  cell("Data", EscapeMarkup(absl::StrJoin(filing.data_categories(), ", ")));
  cell("Dates", DayOf(filing.start_date()) + " to " +
                    (filing.has_end_date() ? DayOf(filing.end_date()) : "no end date") + "<small>filed " +
                    day_of(filing.file_time()) + "</small>");
  cell("State", StateText(filing, as_of, day_of));
  out << "</tr>\n";
}

}  // namespace

absl::StatusOr<int64_t> PublishFilings(const CallFunction& inventory, const Names& names, clock::Micros now,
                                       absl::TimeZone zone, std::ostream& out, const Progress& progress) {
  const std::string as_of = absl::FormatCivilTime(clock::DayOf(now, zone));
  const DayInZone day_of = [zone](const google::protobuf::Timestamp& time) {
    return time.seconds() == 0 ? "" : absl::FormatCivilTime(clock::DayOf(clock::FromProto(time), zone));
  };
  out << Beginning() << kHead
      << "<p>Data exchanges between state departments under the Interagency Data Exchange Agreement, as "
         "filed with the "
         "Statewide Chief Data Officer until "
      << EscapeMarkup(as_of) << " (" << EscapeMarkup(zone.name())
      << "). Filing is for tracking: an agreement is in force from its start date on, once it is signed. The "
         "document of an agreement "
         "is with its "
         "departments; its digest here is the SHA-256 that everybody signed.</p>\n"
      << kTable;
  int64_t count = 0;
  RETURN_IF_ERROR(ForEachPage<inventory::v1::ListPublicFilingsResponse>(
      inventory, inventory::v1::ListPublicFilingsRequest(),
      [&](const inventory::v1::ListPublicFilingsResponse& page) {
        for (const auto& filing : page.filings()) WriteRow(filing, names, as_of, day_of, out);
        count += page.filings_size();
        progress(count, 0);
        return absl::OkStatus();
      }));
  out << kTail;
  return count;
}

absl::StatusOr<Names> EntityNames(const CallFunction& registry) {
  Names names;
  RETURN_IF_ERROR(ForEachPage<registry::v1::ListEntitiesResponse>(
      registry, registry::v1::ListEntitiesRequest(), [&](const registry::v1::ListEntitiesResponse& page) {
        for (const auto& entity : page.entities()) names[entity.name()] = entity.display_name();
        return absl::OkStatus();
      }));
  return names;
}

}  // namespace idea::cli
