#include "services/drafting/document/form.h"

#include <algorithm>
#include <cstdio>
#include <set>
#include <string_view>

#include "absl/algorithm/container.h"
#include "services/drafting/content/content_parties.h"
#include "services/drafting/content/content_path.h"
#include "services/drafting/document/template.h"
#include "services/drafting/template/field_rules.h"

namespace idea::drafting::document {
namespace {

constexpr char kRecipient[] = "Data Recipient";
constexpr char kProvider[] = "Data Provider";

std::string NeedOf(const v1::TemplateField& field) {
  if (field.requirement() == v1::REQUIREMENT_DISPUTED_ONLY) return "Disputed only";
  if (field.requirement() == v1::REQUIREMENT_CONDITIONAL) return "Required if " + field.condition();
  return "Required";
}

// "July 1, 2026 version"
std::string VersionOf(const v1::Template& bucp_template) {
  constexpr std::string_view kMonths[] = {"January",   "February", "March",    "April",
                                          "May",       "June",     "July",     "August",
                                          "September", "October",  "November", "December"};
  const auto& date = bucp_template.version_date();
  if (date.month() < 1 || date.month() > 12) return bucp_template.title();
  return std::string(kMonths[date.month() - 1]) + " " + std::to_string(date.day()) + ", " +
         std::to_string(date.year()) + " version" +
         (bucp_template.several_departments() ? ", multiple departments" : "");
}

class Composer {
 public:
  Composer(const v1::Bucp& bucp, const Facts& facts, View view)
      : bucp_(bucp),
        content_(bucp.content()),
        facts_(facts),
        is_public_(view == View::kPublic),
        has_blanks_(view == View::kForm) {}

  std::vector<FormColumn> Columns() {
    std::vector<FormColumn> columns;
    for (const std::string& entity : content_.recipients()) columns.push_back({kRecipient, NameOf(entity)});
    for (const std::string& entity : content_.providers()) columns.push_back({kProvider, NameOf(entity)});
    return columns;
  }

  FormTask TaskOf(const Task& task) {
    FormTask out{std::string(task.name), std::string(task.description), {}};
    for (const std::string& entity : content_.recipients()) out.cells.push_back(CellOf(task, entity, true));
    for (const std::string& entity : content_.providers()) out.cells.push_back(CellOf(task, entity, false));
    return out;
  }

  // `wording`: the field in the BUCP's version of the template.
  FormField FieldOf(const Field& field, const v1::TemplateField& wording) {
    FormField out{wording.title(), NeedOf(wording), {}};
    blocks_ = &out.blocks;
    Put({Style::kHelp, "", wording.help()});
    if (is_public_ && field.restricted) {
      Put({Style::kWithheld, "", "Withheld from this public view: security or privacy detail."});
      return out;
    }
    const google::protobuf::Message* holder = FindMessage(content_, field.path);
    for (const Part& part : field.parts) PutPart(part, *holder);
    for (size_t i = 0; i < facts_.comments.size(); ++i) {
      const std::string& about = facts_.comments[i].field;
      // Comments on the BUCP as a whole are attached to its name.
      const bool whole = about.find('.') == std::string::npos && field.path == Fields()[0].path;
      if (about == field.path || about.starts_with(std::string(field.path) + ".") || whole)
        out.comments.push_back(i);
    }
    return out;
  }

 private:
  void Put(Block block) { blocks_->push_back(std::move(block)); }

  std::string NameOf(const std::string& entity) const {
    const auto found = facts_.entities.find(entity);
    return found == facts_.entities.end() ? entity : found->second;
  }

  // The departments with their own text: first those that have one, then the other parties.
  template <class Entries>
  std::vector<std::string> Missing(const Entries& entries) const {
    std::vector<std::string> parties;
    for (const auto* side : {&content_.recipients(), &content_.providers()}) {
      for (const std::string& entity : *side) {
        const bool there = absl::c_linear_search(parties, entity) ||
                           std::any_of(entries.begin(), entries.end(),
                                       [&](const auto& entry) { return entry.entity() == entity; });
        if (!there) parties.push_back(entity);
      }
    }
    return parties;
  }

  // Whether the part is printed without a value, so that people can complete it.
  bool IsBlank(const Part& part, const google::protobuf::Message& holder) const {
    return has_blanks_ && !part.added &&
           (part.if_yes.empty() || ChoiceOf(holder, part.if_yes, kAnswers) != "No");
  }

  void PutPart(const Part& part, const google::protobuf::Message& holder) {
    switch (part.kind) {
      case PartKind::kNote:
      case PartKind::kText:
        return PutText(part, TextOf(holder, part.name), IsBlank(part, holder));
      case PartKind::kItems: {
        std::string lines;
        for (const std::string& item : ItemsOf(holder, part.name))
          lines += (lines.empty() ? "" : "\n") + item;
        return PutText(part, lines, IsBlank(part, holder));
      }
      case PartKind::kDepartments:
        return PutDepartments(part, DepartmentsOf(holder, part.name), IsBlank(part, holder));
      case PartKind::kElements:
        return PutElements();
      case PartKind::kContacts:
        return PutContacts();
      case PartKind::kSignatures:
        return PutSignatures();
      default:
        return PutLine(std::string(part.label), LineOf(part, holder), IsBlank(part, holder));
    }
  }

  // The value of a part that is one line.
  std::string LineOf(const Part& part, const google::protobuf::Message& holder) const {
    switch (part.kind) {
      case PartKind::kAnswer:
        return ChoiceOf(holder, part.name, kAnswers);
      case PartKind::kRecurrence:
        return ChoiceOf(holder, part.name, kRecurrences);
      case PartKind::kUse:
        return ChoiceOf(holder, part.name, kUses);
      case PartKind::kPurposes:
        return ChoicesOf(holder, part.name, kPurposes);
      case PartKind::kNumber:
        return NumberOf(holder, part.name);
      case PartKind::kDate:
        return DateOf(holder, part.name);
      case PartKind::kDepartment: {
        const std::string entity = TextOf(holder, part.name);
        return entity.empty() ? "" : NameOf(entity);
      }
      default:
        return TextOf(holder, part.name);
    }
  }

  void PutLine(const std::string& label, const std::string& text, bool blank) {
    if (blank || !text.empty()) Put({Style::kLine, label, text});
  }

  void PutText(const Part& part, const std::string& text, bool blank) {
    if (text.empty() && !blank) return;
    if (!part.label.empty()) Put({Style::kLabel, "", std::string(part.label)});
    Put({Style::kAnswer, "", text});
  }

  void PutDepartments(const Part& part, const std::vector<v1::DepartmentText>& texts, bool blank) {
    const bool any =
        std::any_of(texts.begin(), texts.end(), [](const auto& entry) { return !entry.text().empty(); });
    if (!any && !blank) return;
    if (!part.label.empty()) Put({Style::kLabel, "", std::string(part.label)});
    for (const v1::DepartmentText& entry : texts) {
      if (blank || !entry.text().empty()) PutDepartment(entry.entity(), entry.text());
    }
    if (!blank) return;
    for (const std::string& entity : Missing(texts)) PutDepartment(entity, "");
  }

  void PutDepartment(const std::string& entity, const std::string& text) {
    Put({Style::kDepartment, "", NameOf(entity)});
    Put({Style::kAnswer, "", text});
  }

  void PutElements() {
    const auto& elements = content_.technical().data_elements().elements();
    const bool has_providers = std::any_of(elements.begin(), elements.end(),
                                           [](const auto& element) { return !element.providers().empty(); });
    Block grid{Style::kGrid, "", "", {{kElementColumns.begin(), kElementColumns.end()}}};
    if (has_providers) grid.rows[0].emplace_back(kProvidersColumn);
    for (const v1::DataElement& element : elements) {
      const int type = element.type();
      grid.rows.push_back({element.field_name(), type == 0 ? "" : std::string(kElementTypes.at(type - 1)),
                           element.definition(), element.required() ? "Yes" : "No", element.valid_inputs(),
                           element.source(), element.notes(), element.guide_for_use()});
      if (!has_providers) continue;
      std::string names;
      for (const std::string& entity : element.providers())
        names += (names.empty() ? "" : "\n") + NameOf(entity);
      grid.rows.back().push_back(names);
    }
    if (elements.empty() && !has_blanks_) return;
    // An empty row to fill in.
    if (elements.empty()) grid.rows.emplace_back(kElementColumns.size());
    Put(std::move(grid));
  }

  Person PersonOf(const std::string& contact) const {
    const auto found = facts_.people.find(contact);
    return found == facts_.people.end() ? Person{contact, "", "", "", ""} : found->second;
  }

  // The contact in the registry, or as the BUCP names it.
  Person PersonOf(const std::string& contact, const v1::ContactText& text) const {
    if (!contact.empty()) return PersonOf(contact);
    return {text.display_name(), text.title(), text.division(), text.email(), text.phone()};
  }

  void PutPerson(const std::string& heading, const Person& person, bool has_division,
                 const std::string& division, const v1::ContactText* text) {
    const bool nobody = person.name.empty() && person.email.empty() && person.phone.empty() &&
                        person.title.empty() && division.empty();
    if (nobody && !has_blanks_) return;
    Put({Style::kLabel, "", heading});
    PutLine("Name", person.name, has_blanks_);
    PutLine("Division/Department", division, has_blanks_ && has_division);
    PutLine("Email", person.email, has_blanks_);
    PutLine("Phone", person.phone, has_blanks_);
    // The template does not have the field.
    if (text != nullptr) PutLine("Title", text->title(), false);
  }

  void PutContactsOf(const v1::DepartmentContacts& entry) {
    const bool recipient = absl::c_linear_search(content_.recipients(), entry.entity());
    Put({Style::kGroup, "", std::string(recipient ? kRecipient : kProvider) + " Contacts"});
    Put({Style::kDepartment, "", NameOf(entry.entity())});
    const bool coordinator_is_text = entry.data_coordinator().empty();
    const Person coordinator = PersonOf(entry.data_coordinator(), entry.data_coordinator_text());
    const bool at_department = coordinator.division.empty() && !coordinator_is_text;
    PutPerson("Data Coordinator Contact", coordinator, true,
              at_department ? NameOf(entry.entity()) : coordinator.division,
              coordinator_is_text ? &entry.data_coordinator_text() : nullptr);
    const bool sponsor_is_text = entry.executive_sponsor().empty();
    const Person sponsor = PersonOf(entry.executive_sponsor(), entry.executive_sponsor_text());
    PutPerson("Executive Sponsor Contact", sponsor, false, sponsor_is_text ? sponsor.division : "",
              sponsor_is_text ? &entry.executive_sponsor_text() : nullptr);
    // The template does not have the heading.
    if (!entry.has_program_contact()) return;
    const v1::ContactText& text = entry.program_contact();
    PutPerson("Program Contact", PersonOf("", text), false, text.division(), &text);
  }

  void PutContacts() {
    const auto& entries = content_.business_case().contact_information().departments();
    for (const auto& entry : entries) PutContactsOf(entry);
    if (!has_blanks_) return;
    for (const std::string& entity : Missing(entries)) {
      v1::DepartmentContacts empty;
      empty.set_entity(entity);
      PutContactsOf(empty);
    }
  }

  const Signoff* FindSignoff(const std::string& entity, std::string_view task) const {
    const auto found = std::find_if(
        facts_.signoffs.begin(), facts_.signoffs.end(),
        [&](const Signoff& signoff) { return signoff.entity == entity && signoff.task == task; });
    return found == facts_.signoffs.end() ? nullptr : &*found;
  }

  void PutSignature(const std::string& entity, const Task& task, std::string_view heading) {
    Put({Style::kLabel, "", std::string(heading)});
    const Signoff* signoff = FindSignoff(entity, task.name);
    Person person;
    if (signoff != nullptr) person = {signoff->name, signoff->role, "", signoff->email, signoff->phone};
    for (const auto& entry : content_.business_case().contact_information().departments()) {
      if (entry.entity() != entity) continue;
      const Person contact =
          PersonOf(task.kind == TaskKind::kSponsor ? entry.executive_sponsor() : entry.data_coordinator());
      // Another person of the department may have signed.
      if (signoff != nullptr && (contact.name != signoff->name || !signoff->email.empty())) continue;
      const std::string title = signoff == nullptr ? contact.title : signoff->role;
      person = contact;
      person.title = title;
    }
    PutSigner(person, signoff);
  }

  void PutSigner(const Person& person, const Signoff* signoff) {
    Put({Style::kLine, "Name", person.name});
    Put({Style::kLine, "Title", person.title});
    Put({Style::kLine, "Email", person.email});
    Put({Style::kLine, "Phone", person.phone});
    Put({Style::kLine, "Signature",
         signoff == nullptr ? "_____________________________________"
                            : "signed electronically on this digest"});
    Put({Style::kLine, "Date Signed", signoff == nullptr ? "" : signoff->date});
  }

  void PutSignatures() {
    const auto side = [&](const auto& entities, const char* name) {
      for (const std::string& entity : entities) {
        Put({Style::kGroup, "", std::string(name) + " Approvals"});
        Put({Style::kDepartment, "", NameOf(entity)});
        for (const Task& task : kTasks) {
          if (task.kind == TaskKind::kCoordinator) PutSignature(entity, task, "Data Coordinator Approval");
        }
        for (const Task& task : kTasks) {
          if (task.kind == TaskKind::kSponsor) PutSignature(entity, task, "Executive Sponsor Approval");
        }
      }
    };
    side(content_.recipients(), kRecipient);
    side(content_.providers(), kProvider);
    PutAgencySignature();
  }

  // The education agency that signs without being a party (agreement Addendum B, 1.4).
  void PutAgencySignature() {
    const std::string agency = SigningAgencyOf(content_);
    if (agency.empty()) return;
    Put({Style::kGroup, "", "Education Agency Approvals"});
    Put({Style::kDepartment, "", NameOf(agency)});
    Put({Style::kLabel, "", "Executive Sponsor Approval"});
    const Signoff* signoff = FindSignoff(agency, kEducationAgencySignature);
    PutSigner(signoff == nullptr ? Person()
                                 : Person{signoff->name, signoff->role, "", signoff->email, signoff->phone},
              signoff);
  }

  Blocks CellOf(const Task& task, const std::string& entity, bool recipient) const {
    const Signoff* signoff = FindSignoff(entity, task.name);
    const std::string date = signoff == nullptr ? "" : signoff->date;
    const auto& dates = content_.administrative().critical_dates();
    switch (task.kind) {
      case TaskKind::kDrafted:
      case TaskKind::kSent: {
        if (!recipient) return {{Style::kAnswer, "", "N/A"}};
        const char* label =
            task.kind == TaskKind::kSent ? "Date BUCP Draft Sent" : "Date BUCP Draft Finalized";
        return {{Style::kLine, label, DayOf(bucp_.send_time(), facts_.zone)}};
      }
      case TaskKind::kSponsor:
        return {{Style::kLine, "Date of Signature", date}};
      case TaskKind::kOpinion:
      case TaskKind::kCoordinator: {
        Blocks cell = {{Style::kLine, "Approval Date", date},
                       {Style::kLine, "Name", signoff == nullptr ? "" : signoff->name},
                       {Style::kLine, "Department", NameOf(entity)},
                       {Style::kLine, "Role", signoff == nullptr ? "" : signoff->role}};
        if (signoff == nullptr || is_public_) return cell;
        for (const std::string& concern : signoff->concerns) {
          cell.push_back({Style::kLabel, "", "Open concern"});
          cell.push_back({Style::kAnswer, "", concern});
        }
        return cell;
      }
      case TaskKind::kStart:
        return {{Style::kAnswer, "", DateText(dates.start_date())}};
      case TaskKind::kEnd:
        return {{Style::kAnswer, "", DateText(dates.end_date())}};
    }
    return {};
  }

  const v1::Bucp& bucp_;
  const v1::Content& content_;
  const Facts& facts_;
  const bool is_public_;
  const bool has_blanks_;
  Blocks* blocks_ = nullptr;
};

const v1::TemplateField* Find(const v1::Template& version, std::string_view path) {
  const auto found = std::find_if(version.fields().begin(), version.fields().end(),
                                  [&](const auto& each) { return each.field() == path; });
  return found == version.fields().end() ? nullptr : &*found;
}

// The section of a field, by its position.
int SectionOf(const v1::Template& version, std::string_view path) {
  const auto found = std::find_if(version.sections().begin(), version.sections().end(),
                                  [&](const auto& each) { return path.starts_with(each.section() + "."); });
  return static_cast<int>(found - version.sections().begin());
}

// Whether an additional field of an addendum is required or has content.
bool Applies(std::string_view path, const v1::Content& content) {
  const auto rules = FieldRules();
  const auto rule =
      std::find_if(rules.begin(), rules.end(), [&](const auto& each) { return each.field == path; });
  return rule->applies(content) || FindMessage(content, path)->ByteSizeLong() > 0;
}

}  // namespace

std::string DayOf(const google::protobuf::Timestamp& time, const absl::TimeZone& zone) {
  if (time.seconds() == 0) return "";
  return absl::FormatTime("%m/%d/%Y", absl::FromUnixSeconds(time.seconds()), zone);
}

Form Compose(const v1::Bucp& bucp, const std::string& digest, const Facts& facts, View view) {
  const bool is_public = view == View::kPublic;
  Composer composer(bucp, facts, view);
  const bool single = bucp.content().recipients_size() <= 1 && bucp.content().providers_size() <= 1;
  const v1::Template version =
      facts.bucp_template.fields().empty() ? BuiltInTemplate(!single) : facts.bucp_template;
  Form form;
  form.title = std::string(kFormTitle);
  if (!is_public) form.comments = facts.comments;
  form.version = VersionOf(version);
  form.origin = {{Style::kLine, "BUCP", bucp.name()},
                 {Style::kLine, "Revision", std::to_string(bucp.revision())},
                 {Style::kLine, "SHA-256 of the content", digest}};
  if (is_public) form.origin.push_back({Style::kLine, "View", "public: restricted detail is withheld"});
  form.notes = facts.notes;
  form.columns = composer.Columns();
  for (const Task& task : kTasks) form.tasks.push_back(composer.TaskOf(task));
  for (const auto& section : version.sections()) form.sections.push_back({section.title(), {}});
  FormSection addendum{std::string(kAddendum), {}};
  for (const Field& field : Fields()) {
    const v1::TemplateField* wording = Find(version, field.path);
    if (wording == nullptr) continue;
    if (!field.added) {
      form.sections.at(SectionOf(version, field.path)).fields.push_back(composer.FieldOf(field, *wording));
    } else if (Applies(field.path, bucp.content())) {
      addendum.fields.push_back(composer.FieldOf(field, *wording));
    }
  }
  if (!addendum.fields.empty()) form.addenda.push_back(std::move(addendum));
  return form;
}

}  // namespace idea::drafting::document
