#!/usr/bin/env bash
# Runs one agreement with ideactl and prints a line per step: the California Department of Social Services asks the Department of Health Care
# Services for Medi-Cal enrollment data, to find people who are eligible for CalFresh. Needs a suite that run.sh started. Every call can be
# repeated by hand.
#
# usage: IDEACTL_CONTEXT=var/context.json scripts/demo.sh
#
#   DEMO_DISPUTE=1           run the disputed variant
#   DEMO_REPLICA=HOST:PORT   a second replica of inventory, which answers the exchange check
#   DEMO_PROOF=DIR           where the evidence of the agreement is written [var/proof]
#   DEMO_HOOK=FILE           a script to source after each step, with the step's text as its argument
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/demo"

readonly cdss=entities/california-department-of-social-services
readonly dhcs=entities/department-of-health-care-services
readonly calhhs=entities/california-health-and-human-services-agency
readonly odi=entities/office-of-data-and-innovation
readonly governor=entities/governors-office-cabinet-secretary

fail() {
  echo "demo: $*" >&2
  exit 1
}

# The standard error of the last call of ideactl.
errors=$(mktemp)
# ideactl's state between steps, kept out of the user's folder.
XDG_STATE_HOME=$(mktemp -d)
export XDG_STATE_HOME
trap 'rm -rf -- "$errors" "$XDG_STATE_HOME"' EXIT

# Calls ideactl. Repeats a call that failed with exit code 6, 13 or 15 (a service is not available) with the same request id, for 30 s.
ideactl() {
  local code tries again=()
  for ((tries = 0; tries < 60; tries++)); do
    code=0
    command ideactl "$@" "${again[@]}" 2>"$errors" || code=$?
    ((code == 6 || code == 13 || code == 15)) || break
    mapfile -t again < <(sed -n 's/.*again: --request-id /--request-id=/p' "$errors")
    sleep 0.5
  done
  [[ ! -s $errors ]] || cat "$errors" >&2
  return "$code"
}

# say <actor> <result> <section of the guidebook or agreement>: prints a step and runs DEMO_HOOK.
say() {
  printf '%-20s %-74s %s\n' "$1" "$2" "$3"
  # shellcheck source=/dev/null
  [[ -z ${DEMO_HOOK:-} ]] || (source "$DEMO_HOOK" "$1: $2")
}

# expect <value> <jq path> <json>: fails unless the response has that value.
expect() {
  local got
  got=$(jq -r "$2" <<<"$3")
  [[ $got == "$1" ]] || fail "$2 is \"$got\", expected \"$1\""
}

# contact <identity> <entity> <person> <name> <title> <role>...: creates a contact unless it exists.
contact() {
  local who=$1 entity=$2 person=$3 name=$4 title=$5 answer roles
  roles=$(printf '"CONTACT_ROLE_%s", ' "${@:6}")
  answer=$(ideactl --as "$who" contacts create "$entity" -o json --contact \
    "{\"person\": \"$person\", \"displayName\": \"$name\", \"title\": \"$title\", \"email\": \"$person@example.org\", \"roles\": [${roles%, }]}" 2>&1) ||
    [[ $answer == *ALREADY_EXISTS* ]] || fail "contact $person: $answer"
}

# --- entities and contacts ---
# Imports the list of signatories once, and again when the list that comes with the product has changed. Edits by hand are kept.
list=$PWD/../../services/registry/data/signatories.csv stamp=$(dirname "${IDEACTL_CONTEXT:?}")/signatories.imported
known=$(ideactl entities list --page-size 1 -o json 2>/dev/null | jq '.entities // [] | length')
if ((known > 0)) && cmp -s "$list" "$stamp"; then
  say "Statewide CDO" "list of signatories: already imported" "agreement 16.1"
else
  imported=$(ideactl --as odi entities import --csv "@$list" -o json)
  [[ $(jq -r '.problems // [] | length' <<<"$imported") == 0 ]] || fail "the list of signatories has problems: $imported"
  cp "$list" "$stamp"
  say "Statewide CDO" "list of signatories: $(jq -r '"\(.rowsRead) rows, \(.entitiesAdded // 0) entities and \(.accessionsAdded // 0) accessions new"' <<<"$imported")" "agreement 16.1"
fi

for side in "cdss $cdss Social Services" "dhcs $dhcs Health Care Services"; do
  read -r who entity name <<<"$side"
  # The platform creates the first contact without a person; that contact creates the others.
  contact "$who" "$entity" "$who-coordinator" "Data coordinator, $name" "Data Coordinator" DATA_COORDINATOR
  contact "$who/coordinator" "$entity" "$who-program" "Program lead, $name" "Program Manager" PROGRAM
  contact "$who/coordinator" "$entity" "$who-sponsor" "Executive sponsor, $name" "Deputy Director" EXECUTIVE_SPONSOR
  contact "$who/coordinator" "$entity" "$who-legal" "Counsel, $name" "Senior Counsel" LEGAL
  contact "$who/coordinator" "$entity" "$who-privacy" "Privacy officer, $name" "Chief Privacy Officer" PRIVACY
  contact "$who/coordinator" "$entity" "$who-security" "Security officer, $name" "Information Security Officer" SECURITY
done
contact calhhs "$calhhs" calhhs-officer "Agency data officer" "Agency Chief Data Officer" AGENCY_CDO DATA_COORDINATOR
contact odi "$odi" odi-cdo "Statewide data officer" "Chief Data Officer" STATEWIDE_CDO
contact governor "$governor" governor-cabinet "Cabinet secretary" "Cabinet Secretary" GOVERNORS_OFFICE
say "both departments" "contacts: coordinators, sponsors, legal, privacy and security representatives" "guidebook step 4"
# A signer with a private key signs with it; the department records the public key.
key=$(dirname "$IDEACTL_CONTEXT")/dhcs-sponsor.pem
[[ -s $key ]] || openssl genpkey -algorithm ed25519 -out "$key"
sponsor=$(ideactl contacts list "$dhcs" -o json | jq -r '.contacts[] | select(.person == "dhcs-sponsor") | .name')
ideactl --as dhcs/coordinator contacts update -o json --update-mask public_key >/dev/null \
  --contact "$(jq -nc --arg name "$sponsor" --arg key "$(openssl pkey -in "$key" -pubout)" '{name: $name, publicKey: $key}')"
say "DHCS" "the sponsor's public key is stored with the contact" "template, signatures"
before=$(ideactl bucps list -o json | jq '[.bucps // [] | .[]] | length')
((before == 0)) || say "CDSS" "$before earlier BUCPs are still there" ""

# --- steps 1 and 2: does IDEA apply, have all parties signed it? ---
answer=$(ideactl --as cdss bucps assess --public-records NO --internal-use NO --parties "$cdss,$dhcs" -o json)
expect APPLICABILITY_REQUIRED .outcome "$answer"
say "CDSS" "IDEA applies: restricted data between two departments" "guidebook step 1"
answer=$(ideactl --as cdss entities confirm --entities "$cdss,$dhcs" -o json)
expect "SIGNATORY_STANDING_OWN_SIGNATURE SIGNATORY_STANDING_OWN_SIGNATURE" '[.confirmations[].standing] | join(" ")' "$answer"
say "CDSS" "both departments are signatories" "guidebook step 2"
answer=$(ideactl --as cdss bucps related --with dhcs -o json)
say "CDSS" "shares data with DHCS in $(jq '[.related // [] | .[]] | length' <<<"$answer") earlier BUCPs" "guidebook step 2"

# --- steps 3 and 4: draft and send ---
# The purpose also in terms that the exchange check compares.
draft=$(jq -c '.businessCase.useCaseDescription.purposeClass = {kinds: ["program_operation"], commercialUse: "no", retentionDays: 90}' draft.json)
answer=$(ideactl --as cdss/program bucps create --content "$draft" -o json)
bucp=$(jq -r .bucp.name <<<"$answer")
say "CDSS, program" "draft started: $bucp" "guidebook step 3"
answer=$(ideactl --as cdss/program bucps send "$bucp" -o json)
expect STATE_SENT .bucp.state "$answer"
say "CDSS, program" "draft sent to the Data Provider" "guidebook step 4"
answer=$(ideactl --as cdss/program bucps message "$bucp" --kind initiate_exchange -o json)
say "CDSS, program" "the template's e-mail to $(jq -r '.to[0]' <<<"$answer")" "guidebook step 4"

# --- step 5: work together ---
ideactl --as dhcs/program bucps update "$bucp" --content @technical.json --update-mask technical -o json >/dev/null
say "DHCS, program" "technical section: 7 data elements, users, transfer, destruction" "guidebook step 5"
ideactl --as cdss/program bucps update "$bucp" --content @administrative.json -o json >/dev/null \
  --update-mask administrative.transfer_of_funds,administrative.critical_dates,administrative.redisclosure,administrative.research,administrative.approvals
say "CDSS, program" "administrative section: dates, re-disclosure, research, funds" "guidebook step 5"
for side in "cdss recipient" "dhcs provider"; do
  read -r who part <<<"$side"
  # Read first: ideactl sends the etags of the last read, and the other department has written since.
  ideactl --as "$who/legal" bucps get "$bucp" -o json >/dev/null
  ideactl --as "$who/legal" bucps update "$bucp" --content "@requirements-$part.json" -o json >/dev/null \
    --update-mask administrative.legal_authority,administrative.privacy_requirements,administrative.security_requirements
done
say "both, legal" "legal authority, privacy and security requirements, each its own" "guidebook step 5"
documents=$(dirname "$IDEACTL_CONTEXT")/documents
mkdir -p "$documents"
ideactl --as dhcs bucps render "$bucp" --format docx --out "$documents/draft.docx" >/dev/null 2>&1 || fail "cannot render $bucp"
answer=$(ideactl --as dhcs/program bucps import "$documents/draft.docx" --into "$bucp" --validate-only -o json)
expect "0 0" '"\(.changes // [] | length) \(.unread // [] | length)"' "$answer"
say "DHCS, program" "the draft as a Word file: reading it back changes nothing" "BUCP template"

if [[ -n ${DEMO_DISPUTE:-} ]]; then
  for entity in "$cdss" "$dhcs" "$calhhs"; do
    ideactl --as odi/cdo entities set-governor-authority "$entity" --governor-authority GOVERNOR_AUTHORITY_UNDER -o json >/dev/null
  done
  say "Statewide CDO" "recorded: both departments are under the Governor's authority" "agreement 6.1"
  answer=$(ideactl --as dhcs disputes explain "$bucp" -o json)
  expect TRACK_ALL_UNDER_GOVERNOR .explanation.track "$answer"
  say "dispute" "explains the track: $(jq -r '.explanation.offices | length' <<<"$answer") offices, the agency's officer first" "dispute step 1"
  answer=$(ideactl --as dhcs/coordinator disputes open --bucp "$bucp" --category CATEGORY_PROVIDER_OBJECTS -o json \
    --objection "The aid code reveals more about a person's health than outreach needs.")
  dispute=$(jq -r .dispute.name <<<"$answer")
  expect STATE_AGENCY_MEDIATION .dispute.state "$answer"
  say "DHCS, coordinator" "objects: $dispute" "agreement 5.2"
  ideactl wait bucps "$bucp" --for state=DISPUTED --timeout 30 >/dev/null
  say "drafting" "the BUCP is on hold" "guidebook, dispute"
  answer=$(ideactl --as calhhs/officer disputes escalate "$dispute" -o json \
    --recommendation "The departments agree on outreach and differ on the aid code; written statements will help.")
  expect STATE_STATEMENTS .dispute.state "$answer"
  say "CalHHS, agency CDO" "mediation by the agency did not settle it" "dispute step 2"
  ideactl --as cdss/coordinator disputes state "$dispute" --text "The group of the aid code is enough for outreach." -o json >/dev/null
  answer=$(ideactl --as dhcs/coordinator disputes state "$dispute" -o json \
    --text "With the group instead of the code, and files deleted after 90 days, DHCS can share.")
  expect STATE_CDO_MEDIATION .dispute.state "$answer"
  say "both, coordinators" "written statements" "dispute step 3"
  meeting=$(jq -nc --arg today "$(TZ=America/Los_Angeles date +%F)" '$today | split("-") | map(tonumber) |
    {date: {year: .[0], month: .[1], day: .[2]}, attendees: ["Data coordinators of CDSS and DHCS", "Statewide CDO"],
      summary: "The group of the aid code would do; the deletion term is open."}')
  ideactl --as odi/cdo disputes meet "$dispute" --meeting "$meeting" -o json >/dev/null
  answer=$(ideactl --as odi/cdo disputes escalate "$dispute" -o json \
    --recommendation "Share, with the aid code replaced by its group, and each file deleted 90 days after receipt.")
  expect STATE_GOVERNOR_DECIDES .dispute.state "$answer"
  say "Statewide CDO" "a meeting does not settle it: recommendation to the Governor's Office" "dispute steps 4, 5"
  answer=$(ideactl --as governor/cabinet disputes decide "$dispute" --decision DECISION_APPROVE -o json \
    --reasons "As the Chief Data Officer recommends: the group of the aid code, and deletion after 90 days.")
  expect STATE_APPROVED .dispute.state "$answer"
  expect 7 '.dispute.history | length' "$(ideactl --as dhcs disputes get "$dispute" -o json)"
  say "Governor's Office" "decides for sharing" "dispute step 5"
  ideactl wait bucps "$bucp" --for state=SENT --timeout 30 >/dev/null
  say "drafting" "the BUCP is in its earlier state again" "dispute step 5"
  fewer=$(ideactl --as dhcs elements export "$bucp" -o json | jq -r '.csv | split("\r\n") | .[:-2] | join("\r\n")')
  refused=$(ideactl --as dhcs/program elements import "$bucp" --csv "$fewer" 2>&1) && fail "DHCS left a data element out"
  [[ $refused == *DATA_NOT_EXCLUDABLE* ]] || fail "elements import: $refused"
  say "drafting" "refuses DHCS to leave a data element out: the dispute was decided for sharing" "agreement 7.5"
  ideactl --as cdss/program bucps get "$bucp" -o json >/dev/null
  ideactl --as cdss/program bucps update "$bucp" --content @disputed.json -o json >/dev/null \
    --update-mask administrative.anticipated_risks,administrative.possible_alternatives,administrative.department_positions,administrative.approvals
  ideactl --as dhcs/program bucps get "$bucp" -o json >/dev/null
  ideactl --as dhcs/program bucps update "$bucp" --content @disputed-provider.json -o json >/dev/null \
    --update-mask administrative.department_positions.departments
  say "both, program" "risks, alternatives and positions: required once disputed" "BUCP template"
fi

answer=$(ideactl --as dhcs bucps check "$bucp" -o json)
expect true .complete "$answer"
answer=$(ideactl --as cdss/coordinator bucps freeze "$bucp" -o json)
digest=$(jq -r .bucp.frozenDigest <<<"$answer")
say "CDSS, coordinator" "frozen for review: SHA-256 ${digest:0:16}..." "guidebook step 5"

routing=""
for ((i = 0; i < 150 && ${#routing} == 0; i++)); do
  routing=$(ideactl routings list --filter "bucp = \"$bucp\" AND state = ROUTING_STATE_OPINIONS" -o json | jq -r '.routings // [] | .[0].name // ""')
  [[ -n $routing ]] || sleep 0.2
done
[[ -n $routing ]] || fail "review did not route $bucp"
say "review" "routed: $routing" "checklist rows 3-7"
answer=$(ideactl --as cdss review tasks --filter "routing = \"$routing\"" -o json)
expect 6 '.tasks | length' "$answer"
say "review" "six tasks wait: legal, privacy and security opinions on both sides" "checklist rows 3-5"

for who in cdss dhcs; do
  for discipline in legal privacy security; do
    ideactl --as "$who/$discipline" opinions register "$routing" --discipline "DISCIPLINE_${discipline^^}" -o json >/dev/null \
      --position POSITION_SUPPORTS --text "Reviewed the frozen revision; no open concern." --digest "$digest"
    say "${who^^}, $discipline" "$discipline opinion registered" "checklist, $discipline review"
  done
done
for role in sponsor coordinator; do
  capacity=$([[ $role == sponsor ]] && echo CAPACITY_EXECUTIVE_SPONSOR || echo CAPACITY_DATA_COORDINATOR)
  for who in cdss dhcs; do
    jws=() with=""
    if [[ $who/$role == dhcs/sponsor ]]; then
      read -r revision freeze < <(ideactl --as dhcs routings get "$routing" -o json | jq -r '.routing | "\(.revision) \(.freezeNumber)"')
      jws=(--jws "$(ideactl signatures claim "$revision" --digest "$digest" --freeze-number "$freeze" --entity "$dhcs" --capacity "$capacity" --signing-key "$key")")
      with=", with their own key"
    fi
    ideactl --as "$who/$role" signatures sign "$routing" --capacity "$capacity" --digest "$digest" "${jws[@]}" -o json >/dev/null
    say "${who^^}, $role" "signed$with" "$([[ $role == sponsor ]] && echo "checklist row 6" || echo "checklist row 7")"
  done
done
ideactl wait bucps "$bucp" --for state=EXECUTED --timeout 30 >/dev/null
say "drafting" "executed: data may flow from the start date" "guidebook step 5"

if [[ -n ${DEMO_DISPUTE:-} ]]; then
  answer=$(ideactl --as cdss/program deidentifications submit --bucp "$bucp" -o json \
    --description "Newly enrolled households by county and quarter." --intended-use "A public dashboard of the outreach." \
    --method "Counts below 11 are left out, and with each a second one of the same county.")
  review=$(jq -r .deidentification.name <<<"$answer")
  expect DEIDENTIFICATION_STATE_SUBMITTED .deidentification.state "$answer"
  due=$(jq -r .deidentification.clock.dueTime <<<"$answer")
  say "CDSS, program" "de-identified counts for review; time to object to the end of $(TZ=America/Los_Angeles date -d "$due 1 second ago" +%F)" "agreement 5.19"
  answer=$(ideactl --as dhcs/privacy deidentifications answer "$review" --assessment ASSESSMENT_ACCEPTS -o json)
  expect DEIDENTIFICATION_STATE_AGREED .deidentification.state "$answer"
  say "DHCS, privacy" "accepts them: they may be used" "agreement 5.19"
fi

# --- step 6: file ---
answer=$(ideactl --as cdss/coordinator filings file --bucp "$bucp" --digest "$digest" -o json --feedback "Took one afternoon.")
expect FILING_STATE_FILED .filing.state "$answer"
filing=$(jq -r .filing.name <<<"$answer")
say "CDSS, coordinator" "filed; receipt $(jq -r .filing.receipt.receiptId <<<"$answer")" "guidebook step 6"
ideactl wait bucps "$bucp" --for state=FILED --timeout 30 >/dev/null

# --- the exchange: what a pipeline asks before each transfer ---
# A replica that does not yet know says so (DENIED_UNKNOWN), and is asked again. Asked is another one than that which writes.
may_send() {
  local answer code i
  for ((i = 0; i < 50; i++)); do
    code=0
    answer=$(ideactl ${DEMO_REPLICA:+--endpoint "$DEMO_REPLICA"} --as dhcs exchange check --provider "$dhcs" --recipient "$cdss" --purpose "$bucp" --data-elements "$1" --time 2029-06-01T12:00:00Z -o json "${@:2}") || code=$?
    # 9 is DENIED_UNKNOWN, 1 is DENIED, which is a decision.
    ((code == 0 || code == 1 || code == 9)) || return "$code"
    ((code == 9)) || break
    sleep 0.1
  done
  printf '%s\n' "$answer"
}
element=$(jq -r '.technical.dataElements.elements[0].fieldName' technical.json)
answer=$(may_send "$element" --at-least-as-fresh "$filing@2")
expect VERDICT_PERMITTED .decision.verdict "$answer"
say "DHCS, pipeline" "may send \"$element\" in June 2029: PERMITTED until $(jq -r '.decision.endDate | "\(.year)-\(.month)-\(.day)"' <<<"$answer")" "agreement 5.17"
expect true '[.decision.denials[].reason] | any(. == "DENIAL_REASON_ELEMENT_NOT_COVERED")' "$(may_send "Favorite color")"
say "DHCS, pipeline" "may send \"Favorite color\": DENIED, the agreement does not include it" "agreement 5.17"
expect VERDICT_PERMITTED .decision.verdict "$(may_send "$element" --purpose-class '{"kinds": ["program_operation"], "retentionDays": 30}')"
expect true '[.decision.denials[].reason] | any(. == "DENIAL_REASON_PURPOSE_CLASS_NOT_COVERED")' "$(may_send "$element" --purpose-class '{"kinds": ["research"]}')"
say "DHCS, pipeline" "may send \"$element\" for research: DENIED, the purpose is program operation" "agreement 5.17"
answer=$(ideactl --as cdss entities exchanges --with dhcs -o json)
expect true "[.exchanges[].filing] | any(. == \"$filing\")" "$answer"
say "CDSS" "shares data with DHCS in $(jq '.exchanges | length' <<<"$answer") agreements, in both directions" "register"

# --- the document ---
for format in docx html md; do
  ideactl --as dhcs bucps render "$bucp" --format "$format" --out "$documents/${bucp#bucps/}.$format" >/dev/null 2>&1 || fail "cannot render $bucp as $format"
done
ideactl bucps render "$bucp" --format html --view public --out "$documents/${bucp#bucps/}-public.html" >/dev/null 2>&1 || fail "cannot render the public view"
answer=$(ideactl --as cdss/program bucps import --document "@$documents/${bucp#bucps/}.docx" --validate-only -o json)
expect 0 '.unread // [] | length' "$answer"
expect "$(ideactl bucps get "$bucp" -o json | jq -S .bucp.content)" '.bucp.content' "$(jq -S . <<<"$answer")"
say "both departments" "the BUCP as .docx, HTML and Markdown; the .docx imports to the same content" "BUCP template"

# --- the disputed agreement is terminated ---
if [[ -n ${DEMO_DISPUTE:-} ]]; then
  answer=$(ideactl --as dhcs/coordinator filings terminate "$filing" --grounds GROUNDS_RULE_CHANGE -o json \
    --reason "Federal rules no longer allow this use of enrollment data." --deletion-terms "Within 30 days, with a written attestation.")
  expect FILING_STATE_ENDED .filing.state "$answer"
  ended=${EPOCHREALTIME/[.,]/}
  say "DHCS, coordinator" "terminates it: the rules have changed" "agreement 5.14"
  for ((asked = ended; asked - ended < 1000000; asked = ${EPOCHREALTIME/[.,]/})); do
    answer=$(may_send "$element")
    took=$(((${EPOCHREALTIME/[.,]/} - ended) / 1000))
    [[ $(jq -r .decision.verdict <<<"$answer") != VERDICT_DENIED ]] || break
  done
  expect VERDICT_DENIED .decision.verdict "$answer"
  expect true '[.decision.denials[].reason] | any(. == "DENIAL_REASON_ENDED")' "$answer"
  say "DHCS, pipeline" "may send \"$element\", from another replica: DENIED after $took ms" "agreement 5.14"
  notice=$(ideactl --as cdss notices list --filter "filing = \"$filing\"" -o json | jq -r '.notices[0].name')
  ideactl --as cdss/coordinator notices acknowledge "$notice" -o json >/dev/null
  say "CDSS, coordinator" "acknowledges the notice of termination" "agreement 5.14"
  ideactl wait bucps "$bucp" --for state=ENDED --timeout 30 >/dev/null
fi

# --- the evidence, verified without a server ---
proof=${DEMO_PROOF:-$(dirname "${IDEACTL_CONTEXT:-../../var/context.json}")/proof}
mkdir -p "$proof"
bundle=$proof/${bucp#bucps/}.json
ideactl log checkpoint -o json | jq -r .verifier >"$proof/log.pub"
# The log has an entry for the last record within a second.
for ((tries = 1; ; ++tries)); do
  ideactl --as cdss filings evidence "$filing" --out "$bundle" >/dev/null 2>&1 || fail "cannot write the evidence of $filing"
  ideactl verify "$bundle" --key "$proof/log.pub" >/dev/null && break
  ((tries < 50)) || fail "$bundle does not verify"
  sleep 0.2
done
say "anybody" "the evidence bundle verifies with only the log's key" "receipt"
sed 's/Took one afternoon/Took two afternoons/' "$bundle" >"$bundle.forged"
forged=$(ideactl verify "$bundle.forged" --key "$proof/log.pub" -o json) && fail "$bundle.forged verifies"
expect "filing is not what was sealed" '.findings[] | select(.subject == "seal") | .text' "$forged"
say "anybody" "a copy with one changed word does not verify; the part is named" "receipt"
ideactl --as odi log verify --key "$proof/log.pub" --earlier "$proof/checkpoint.txt" >/dev/null || fail "the log does not verify"
say "Statewide CDO" "the whole log matches its signature and the records of all services" "receipt"

# --- an intruder edits a database ---
# sql <service> <statement>
sql() {
  local address=${IDEA_DATABASE/\{service\}/$1}
  if [[ $address == sqlite:* ]]; then
    python3 -c 'import sqlite3, sys; db = sqlite3.connect(sys.argv[1], timeout=10); db.execute(sys.argv[2]); db.commit()' "${address#sqlite:}" "$2"
  else
    psql --quiet "$address" --command "$2"
  fi
}
if [[ -n ${IDEA_DATABASE:-} ]]; then
  frozen=$(ideactl --as cdss bucps get "$bucp" -o jsonpath=.bucp.frozenRevision)
  author=$(ideactl --as cdss revisions get "$frozen" -o jsonpath=.revision.author)
  row="bucp = '${bucp#bucps/}' AND number = ${frozen##*/}"
  sql drafting "UPDATE revisions SET author = '$odi' WHERE $row"
  edited=$(ideactl --as odi log verify --key "$proof/log.pub" -o json 2>/dev/null) && fail "an edit of a database was not found"
  sql drafting "UPDATE revisions SET author = '$author' WHERE $row"
  expect true "[.findings[] | select(.holds | not) | .text] | any(contains(\"edited: $frozen \"))" "$edited"
  say "Statewide CDO" "somebody edits the author of $frozen in the database: the log names the record" "receipt"
fi

# --- witnesses of the log ---
data=$(dirname "$proof")
if [[ -s $data/policy.txt ]]; then
  for office in odi governor; do
    ideactl --as "$office" log witness --once --key "$proof/log.pub" --name "$office.example/witness" \
      --signing-key "$data/witness-$office.key" --state "$data/witness-$office" >/dev/null 2>&1 || fail "$office does not cosign the log"
  done
  ideactl --as cdss filings evidence "$filing" --out "$bundle" >/dev/null 2>&1 || fail "cannot write the evidence of $filing"
  ideactl verify "$bundle" --key "$proof/log.pub" --policy "$data/policy.txt" >/dev/null || fail "$bundle has not been witnessed"
  say "Statewide CDO and Governor's Office" "have cosigned the log as witnesses" "receipt"
fi

ideactl --as odi filings publish "$proof/register.html" 2>/dev/null || fail "cannot write the public register"
say "Statewide CDO" "the public register as a page" "register"

# --- the timeline ---
# Each event exactly once, also after faults.
expected_events='{BucpSent: 1, BucpFrozen: 1, RoutingOpened: 1, OpinionRegistered: 6, OpinionsCompleted: 1, BucpReviewed: 1, BucpSigned: 4,
  SponsorsSigned: 1, RoutingCompleted: 1, BucpExecuted: 1, ExecutionRecorded: 1, BucpFiled: 2}'
for ((i = 0; i < 150; i++)); do
  timeline=$(ideactl --as dhcs bucps timeline "$bucp" -o json)
  differs=$(jq -r "$expected_events as \$expected | [.items // [] | .[].event.type] as \$types |
    [\$expected | to_entries[] | .key as \$type | ([\$types[] | select(. == \$type)] | length) as \$n |
    select(\$n != .value) | \"\(\$type) \(\$n) times, not \(.value)\"] | join(\"; \")" <<<"$timeline")
  [[ -n $differs ]] || break
  sleep 0.2
done
[[ -z $differs ]] || fail "the timeline of $bucp shows $differs"
echo
echo "Timeline of $bucp, as DHCS sees it"
ideactl --as dhcs bucps timeline "$bucp"
echo
echo "Which rule asked for what"
ideactl --as dhcs review explain "$routing"
echo
echo "The template's checklist, filled in"
ideactl --as dhcs review checklist "$routing"
echo
echo "The rendered document, its beginning and its purpose"
sed -n -e '1,/^## /{/^## /!{/./p}}' -e '/^### Use Case/,/^### Data types/{/^### Data types/!{/./p}}' "$documents/${bucp#bucps/}.md"
echo
ideactl verify "$bundle" --key "$proof/log.pub"
echo
echo "Documents  $(cd "$documents" && pwd)/${bucp#bucps/}.{docx,html,md} and -public.html"
echo "Evidence   $(cd "$proof" && pwd)/${bucp#bucps/}.json, and log.pub to verify it"
echo "Register   $(cd "$proof" && pwd)/register.html"
