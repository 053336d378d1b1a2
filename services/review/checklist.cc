#include "services/review/checklist.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <string>

#include "common/clock/clock.h"
#include "common/flow/flow.h"
#include "common/ids/resource_names.h"
#include "services/review/routing_rules.h"

namespace idea::review {
namespace {

using google::protobuf::Timestamp;
using google::type::Date;

Date DayOf(const Timestamp& at, const absl::TimeZone& zone) {
  const absl::CivilDay day = clock::DayOf(clock::FromProto(at), zone);
  Date date;
  date.set_year(static_cast<int32_t>(day.year()));
  date.set_month(day.month());
  date.set_day(day.day());
  return date;
}

// "07/01/26", as the template writes dates.
std::string TextOf(const Date& date) {
  char text[16];
  std::snprintf(text, sizeof text, "%02d/%02d/%02d", date.month(), date.day(), date.year() % 100);
  return text;
}

std::string ShortName(const std::string& entity) { return entity.substr(entity.find('/') + 1); }

// When a rule applies, and what the revision says about it.
std::string WhyOf(const Rule& rule, const v1::Routing& routing, bool applies) {
  if (rule.applies == nullptr) return std::string(rule.when);
  const std::string when = std::string(rule.when) + ": ";
  if (applies) return when + "it is so here";
  if (rule.applies(routing.facts())) {
    return when + routing.facts().education_agency() + " is a party and signs by its Executive Sponsor";
  }
  return when + "it is not so here";
}

// What the BUCP waits for if no step is open.
std::string WaitOf(const v1::Routing& routing) {
  switch (routing.state()) {
    case v1::ROUTING_STATE_HELD:
      return "the end of the dispute that holds the BUCP" +
             (routing.dispute().empty() ? "" : ": " + routing.dispute());
    case v1::ROUTING_STATE_RETURNED:
      return "drafting, to take the revision back to editing";
    default:
      return "";
  }
}

using Fill = std::function<v1::ChecklistCell(const std::string& department)>;

std::string TextOf(const v1::ChecklistCell& cell) {
  if (cell.not_applicable()) return "N/A" + (cell.note().empty() ? "" : " (" + cell.note() + ")");
  std::string text = cell.has_date() ? TextOf(cell.date()) : "-";
  if (!cell.name().empty()) text += " " + cell.name();
  if (!cell.role().empty()) text += ", " + cell.role();
  if (cell.has_on_behalf()) {
    text += ", for " + cell.on_behalf().principal_name() + " (delegation " +
            ids::kDelegations.IdIn(cell.on_behalf().delegation()) + ")";
  }
  if (!cell.note().empty()) text += " (" + cell.note() + ")";
  return text;
}

// Adds one column of a row: a cell for each department. Returns its text.
template <class Departments>
std::string AddCells(const Departments& departments, const Fill& fill,
                     google::protobuf::RepeatedPtrField<v1::ChecklistCell>* cells) {
  std::string text;
  for (const std::string& department : departments) {
    v1::ChecklistCell& cell = *cells->Add() = fill(department);
    cell.set_department(department);
    text += text.empty() ? "" : "; ";
    text += departments.size() > 1 ? ShortName(department) + ": " + TextOf(cell) : TextOf(cell);
  }
  return text;
}

void AddRow(const v1::Routing& routing, const char* task, const Fill& recipient, const Fill& provider,
            v1::GetChecklistResponse& checklist) {
  v1::ChecklistRow& row = *checklist.add_rows();
  row.set_row(checklist.rows_size());
  row.set_task(task);
  row.set_recipient(AddCells(routing.recipients(), recipient, row.mutable_recipients()));
  row.set_provider(AddCells(routing.providers(), provider, row.mutable_providers()));
}

Fill DateOf(const Timestamp* at, const absl::TimeZone& zone) {
  return [at, zone](const std::string&) {
    v1::ChecklistCell cell;
    if (at != nullptr) *cell.mutable_date() = DayOf(*at, zone);
    return cell;
  };
}

v1::ChecklistCell NotApplicable(const std::string&) {
  v1::ChecklistCell cell;
  cell.set_not_applicable(true);
  return cell;
}

void AddNote(const std::string& note, v1::ChecklistCell& cell) {
  cell.set_note(cell.note() + (cell.note().empty() ? "" : ", ") + note);
}

// The maximum length of a note. ListOpinions returns the rest.
std::string Beginning(const std::string& text) {
  constexpr size_t kMaxNote = 500;
  if (text.size() <= kMaxNote) return text;
  size_t end = kMaxNote;
  while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

// The person of an opinion or a signature.
template <class Record>
void SetPerson(const Record& record, v1::ChecklistCell& cell) {
  cell.set_name(record.person_name());
  cell.set_role(record.person_title());
  cell.clear_on_behalf();
  if (record.has_on_behalf()) *cell.mutable_on_behalf() = record.on_behalf();
}

Fill OpinionsOf(const std::vector<v1::Opinion>& opinions, v1::Discipline discipline,
                const absl::TimeZone& zone) {
  return [&opinions, discipline, zone](const std::string& department) {
    v1::ChecklistCell cell;
    for (const v1::Opinion& opinion : opinions) {
      if (opinion.entity() != department || opinion.discipline() != discipline || opinion.refused()) continue;
      *cell.mutable_date() = DayOf(opinion.create_time(), zone);
      SetPerson(opinion, cell);
      const auto open = std::count_if(opinion.concerns().begin(), opinion.concerns().end(),
                                      [](const auto& c) { return c.state() == v1::CONCERN_STATE_OPEN; });
      cell.set_not_applicable(opinion.position() == v1::POSITION_NOT_APPLICABLE);
      if (cell.not_applicable()) AddNote(Beginning(opinion.text()), cell);
      if (opinion.position() == v1::POSITION_OPPOSES) AddNote("opposes", cell);
      if (open > 0) AddNote(std::to_string(open) + (open == 1 ? " open concern" : " open concerns"), cell);
      if (!opinion.carried_from().empty()) AddNote("carried over", cell);
      if (opinion.version() > 1) AddNote("amended", cell);
    }
    return cell;
  };
}

Fill SignaturesOf(const std::vector<v1::Signature>& signatures, v1::Capacity capacity,
                  const absl::TimeZone& zone) {
  return [&signatures, capacity, zone](const std::string& department) {
    v1::ChecklistCell cell;
    for (const v1::Signature& signature : signatures) {
      if (signature.entity() != department || signature.capacity() != capacity) continue;
      *cell.mutable_date() = DayOf(signature.sign_time(), zone);
      SetPerson(signature, cell);
    }
    return cell;
  };
}

Fill DayIf(bool there, const Date& date) {
  return [there, date](const std::string&) {
    v1::ChecklistCell cell;
    if (there) *cell.mutable_date() = date;
    return cell;
  };
}

}  // namespace

v1::ExplainRoutingResponse Explain(const v1::Routing& routing) {
  v1::ExplainRoutingResponse response;
  for (const Rule& rule : kRoutingRules) {
    v1::Explanation& explanation = *response.add_explanations();
    const bool applies = Asks(rule, routing);
    explanation.set_rule(std::string(rule.name));
    explanation.set_applies(applies);
    explanation.set_why(WhyOf(rule, routing, applies));
    explanation.set_citation(std::string(rule.citation));
    int done = 0;
    for (const v1::RoutingStep& step : routing.steps()) {
      if (step.rule() != rule.name) continue;
      *explanation.add_steps() = step;
      if (step.done()) ++done;
    }
    if (!applies) continue;
    explanation.set_progress(rule.kind == v1::STEP_KIND_REMINDER
                                 ? std::string(rule.asks)
                                 : std::to_string(done) + " of " + std::to_string(explanation.steps_size()) +
                                       " done");
  }
  for (const v1::RoutingStep& step : routing.steps()) {
    if (!step.done() && StageOf(step) == routing.state())
      response.add_waits_for(step.entity() + ": " + step.summary());
  }
  if (const std::string wait = WaitOf(routing); !wait.empty()) response.add_waits_for(wait);
  return response;
}

v1::GetChecklistResponse ChecklistOf(const v1::Routing& routing, const std::vector<v1::Opinion>& opinions,
                                     const std::vector<v1::Signature>& signatures,
                                     const absl::TimeZone& zone) {
  const v1::RevisionFacts& facts = routing.facts();
  const Timestamp* sent = facts.has_send_time() ? &facts.send_time() : nullptr;
  v1::GetChecklistResponse checklist;
  const auto both = [&](const char* task, const Fill& fill) { AddRow(routing, task, fill, fill, checklist); };
  // A draft is final when it is sent. No other time is recorded.
  AddRow(routing, "Draft BUCP", DateOf(sent, zone), NotApplicable, checklist);
  AddRow(routing, "Send BUCP", DateOf(sent, zone), NotApplicable, checklist);
  both("Legal Review", OpinionsOf(opinions, v1::DISCIPLINE_LEGAL, zone));
  both("Privacy Review", OpinionsOf(opinions, v1::DISCIPLINE_PRIVACY, zone));
  both("Security Review", OpinionsOf(opinions, v1::DISCIPLINE_SECURITY, zone));
  both("Executive Sponsor Review", SignaturesOf(signatures, v1::CAPACITY_EXECUTIVE_SPONSOR, zone));
  for (const v1::RoutingStep& step : routing.steps()) {
    if (step.capacity() != v1::CAPACITY_EDUCATION_AGENCY) continue;
    v1::ChecklistRow& row = *checklist.mutable_rows()->rbegin();
    v1::ChecklistCell& cell = *row.mutable_education_agency_cell();
    cell = SignaturesOf(signatures, v1::CAPACITY_EDUCATION_AGENCY, zone)(step.entity());
    cell.set_department(step.entity());
    row.set_education_agency(ShortName(step.entity()) + ": " + TextOf(cell));
  }
  both("Data Coordinator Final Review", SignaturesOf(signatures, v1::CAPACITY_DATA_COORDINATOR, zone));
  both("BUCP Start Date", DayIf(facts.has_start_date(), facts.start_date()));
  both("BUCP End Date", DayIf(facts.has_end_date(), facts.end_date()));
  return checklist;
}

}  // namespace idea::review
