#include "services/cli/register_files.h"

#include <string_view>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "google/protobuf/util/time_util.h"
#include "google/type/date.pb.h"
#include "idea/inventory/v1/inventory.pb.h"
#include "idea/inventory/v1/register.pb.h"
#include "idea/registry/v1/registry.pb.h"
#include "services/cli/commands.h"

namespace idea::cli {
namespace {

using Names = std::map<std::string, std::string>;

constexpr int kPage = 1000;

// Hands every page of a list to `take`.
template <class Response, class Request, class Take>
absl::Status ForPages(const Asker& ask, Request request, Take take) {
  request.set_page_size(kPage);
  do {
    Response page;
    RETURN_IF_ERROR(ask(request, &page));
    take(page);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

std::string DayOf(const google::type::Date& date) {
  if (date.year() == 0) return "";
  return absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
}

std::string TimeOf(const google::protobuf::Timestamp& time) {
  return time.seconds() == 0 ? "" : google::protobuf::util::TimeUtil::ToString(time);
}

std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

template <class Entities>
std::string NamesOf(const Entities& entities, const Names& names) {
  std::string out;
  for (const std::string& entity : entities) {
    const auto found = names.find(entity);
    out += (out.empty() ? "" : ", ") + Escaped(found == names.end() ? entity : found->second);
  }
  return out;
}

constexpr std::string_view kHead = R"(<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Register of data exchange agreements</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: 0; }
p { max-width: 60rem; }
input { font: inherit; padding: .4rem .6rem; width: min(30rem, 100%); box-sizing: border-box; }
table { border-collapse: collapse; width: 100%; margin-top: 1rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .6rem; border-bottom: 1px solid #8886; }
th { position: sticky; top: 0; background: Canvas; }
td small { display: block; opacity: .75; overflow-wrap: anywhere; }
.ended td { opacity: .6; }
@media print { label { display: none; } th { position: static; } }
</style>
</head>
<body>
<h1>Register of data exchange agreements</h1>
)";

constexpr std::string_view kTable =
    R"(<label>Search <input type="search" id="search" autocomplete="off"></label> <output id="count"></output>
<table>
<thead><tr><th scope="col">Agreement</th><th scope="col">Data Recipient</th><th scope="col">Data Provider</th><th scope="col">Data</th><th scope="col">Dates</th><th scope="col">State</th></tr></thead>
<tbody>
)";

constexpr std::string_view kTail = R"(</tbody>
</table>
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

// The text between two others of the page.
std::string_view Between(std::string_view page, std::string_view begin, std::string_view end) {
  page.remove_prefix(page.find(begin) + begin.size());
  return page.substr(0, page.find(end));
}

// The beginning of the page, which lets a browser use its own style and script and nothing else.
std::string Beginning() {
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-" +
         ids::Sha256Base64(Between(kHead, "<style>", "</style>")) + "'; script-src 'sha256-" +
         ids::Sha256Base64(Between(kTail, "<script>", "</script>")) +
         "'; base-uri 'none'; form-action 'none'\">\n";
}

void WriteRow(const inventory::v1::PublicFiling& filing, const Names& names, std::ostream& out) {
  const bool ended = filing.state() == inventory::v1::FILING_STATE_ENDED;
  out << (ended ? "<tr class=\"ended\">" : "<tr>") << "<td>" << Escaped(filing.title()) << "<small>"
      << Escaped(filing.name());
  if (!filing.amends().empty()) out << ", amends " << Escaped(filing.amends());
  out << "</small><small>digest " << Escaped(filing.digest()) << "</small></td><td>"
      << NamesOf(filing.recipients(), names) << "</td><td>" << NamesOf(filing.providers(), names)
      << "</td><td>" << Escaped(absl::StrJoin(filing.data_categories(), ", ")) << "</td><td>"
      << DayOf(filing.start_date()) << " to "
      << (filing.has_end_date() ? DayOf(filing.end_date()) : "no end date") << "<small>filed "
      << TimeOf(filing.file_time()).substr(0, 10) << "</small></td><td>" << (ended ? "ended" : "in force");
  if (ended) out << "<small>" << TimeOf(filing.end_time()).substr(0, 10) << "</small>";
  out << "</td></tr>\n";
}

}  // namespace

absl::StatusOr<int64_t> PublishFilings(const Asker& inventory, const Names& names, const std::string& as_of,
                                       std::ostream& out, const Progress& progress) {
  out << Beginning() << kHead
      << "<p>Data exchanges between state departments under the Interagency Data Exchange Agreement, as "
         "filed with the "
         "Statewide Chief Data Officer until "
      << Escaped(as_of)
      << ". Filing is for tracking: an agreement is in force once it is signed. The document of an agreement "
         "is with its "
         "departments; its digest here is the SHA-256 that everybody signed.</p>\n"
      << kTable;
  int64_t count = 0;
  RETURN_IF_ERROR(ForPages<inventory::v1::ListPublicFilingsResponse>(
      inventory, inventory::v1::ListPublicFilingsRequest(),
      [&](const inventory::v1::ListPublicFilingsResponse& page) {
        for (const auto& filing : page.filings()) WriteRow(filing, names, out);
        count += page.filings_size();
        progress(count, 0);
      }));
  out << kTail;
  return count;
}

absl::StatusOr<Names> EntityNames(const Asker& registry) {
  Names names;
  RETURN_IF_ERROR(ForPages<registry::v1::ListEntitiesResponse>(
      registry, registry::v1::ListEntitiesRequest(), [&](const registry::v1::ListEntitiesResponse& page) {
        for (const auto& entity : page.entities()) names[entity.name()] = entity.display_name();
      }));
  return names;
}

}  // namespace idea::cli
