#include <algorithm>
#include <utility>

#include "services/drafting/document/cell_text.h"
#include "services/drafting/document/content_path.h"
#include "services/drafting/document/field_reader.h"
#include "services/drafting/document/prompts.h"

// What FieldReader makes of paragraphs in no style of ours: the official template as people fill it in.
namespace idea::drafting::document {
namespace {

// "Name" of "Name:", tidied.
std::string WithoutColon(const std::string& text) {
  std::string out = Tidy(text);
  while (out.ends_with(':') || out.ends_with(' ')) out.pop_back();
  return out;
}

// A line of a signature block, or the blank between two.
bool IsSignature(const std::string& text) {
  for (const char* label : {"Name", "Title", "Email", "Phone", "Signature", "Date Signed"}) {
    if (AfterLabel(text, label)) return true;
  }
  const std::string bare = WithoutColon(text);
  return bare.empty() || bare.ends_with(" Approval") || bare.ends_with(" Approvals");
}

}  // namespace

void FieldReader::ReadPlain(std::string text) {
  std::string tidy = Tidy(text);
  bool behind_prompt = false;
  if (tidy == field_.help) return;
  if (ignores_) {
    if (!IsSignature(tidy) && !departments_.contains(tidy)) {
      Report("behind the signatures, not read: " + Cut(tidy, 100));
    }
    return;
  }
  if (const Prompt* prompt = FindPrompt(tidy)) {
    KeepBelow(below_part_);
    const Part* part = prompt->part.empty() ? nullptr : FindPart(prompt->part);
    if (part != nullptr) {
      part_ = part;
      by_prompt_ = true;
    }
    if (prompt->side != 0) side_ = prompt->side;
    tidy = tidy.substr(prompt->size);
    tidy.erase(0, std::min(tidy.find_first_not_of(" :?.-"), tidy.size()));
    behind_prompt = true;
    if (tidy.empty()) return;
    text = tidy;
  }
  if (field_.parts[0].kind == PartKind::kContacts) {
    if (!tidy.empty() && !TakeContact(tidy, false)) Report("not understood: " + Cut(tidy, 100));
    return;
  }
  const std::string bare = WithoutColon(text);
  if (bare == "Data Recipient Approvals" || bare == "Data Provider Approvals") {
    ignores_ = true;
    return;
  }
  if (tidy.empty() && !below_.empty()) {
    below_.emplace_back();
    return;
  }
  if (tidy.empty()) return Append("", false);
  if (tidy == "N/A" || tidy == "Y/N" || TakeLabel(bare) || TakeLine(tidy) || TakeRecurrence(tidy)) return;
  if (TakeDepartment(text)) return;
  if (TakePlainAnswer(tidy)) text = tidy;
  if (text.empty()) return;
  const Part* first = FirstPart();
  const bool below = part_ != nullptr && part_->kind == PartKind::kText && part_ != first &&
                     first->kind == PartKind::kText && !behind_prompt && by_prompt_;
  if (!below) return Append(text, false);
  below_.push_back(text);
  below_part_ = part_;
}

// What stands below an instruction is of that part.
void FieldReader::KeepBelow(const Part* as) {
  const Part* before = std::exchange(part_, as);
  for (const std::string& line : std::exchange(below_, {})) Append(line, false);
  part_ = before;
}

// "Department:" above its text, or before it. `text` becomes what is left to read.
bool FieldReader::TakeDepartment(std::string& text) {
  const Part& part = part_ == nullptr ? field_.parts[0] : *part_;
  if (part.kind != PartKind::kDepartments) return false;
  const std::string tidy = Tidy(text), bare = WithoutColon(text);
  for (const auto& [name, kept] : departments_) {
    const std::optional<std::string> behind = AfterLabel(tidy, name);
    if (bare != name && !behind) continue;
    NameDepartment(kept);
    if (kept.size() == 1) side_ = kept[0] == kFirstProvider ? 'P' : 'R';
    text = bare == name ? "" : *behind;
    return text.empty();
  }
  return false;
}

// "Ongoing, monthly. First file in July": recurrence, frequency, and what else there is to say.
bool FieldReader::TakeRecurrence(const std::string& text) {
  const Part* part = FindPart("recurrence");
  if (part == nullptr || part == part_ || !ChoiceOf(*holder_, part->name, kRecurrences).empty()) return false;
  const std::string key = KeyOf(text);
  if (!key.starts_with("ongoing") && !key.starts_with("onetime")) return false;
  const size_t end = std::min(text.find(". "), text.size());
  TakeChoice(*part, text.substr(0, end));
  if (end < text.size()) Append(text.substr(end + 2), false);
  return true;
}

// A "Yes, ..." that is written where the official template asks. `text` becomes what is left of it.
bool FieldReader::TakePlainAnswer(std::string& text) {
  if (part_ != nullptr && (part_->kind == PartKind::kAnswer || part_->kind == PartKind::kRecurrence)) {
    const Part& part = *part_;
    part_ = nullptr;
    TakeChoice(part, text);
    text.clear();
    return true;
  }
  const Part* answer = &field_.parts[0];
  if (part_ != nullptr && part_->name == "contractor_use") answer = FindPart("contractors");
  if (answer->kind != PartKind::kAnswer || !ChoiceOf(*holder_, answer->name, kAnswers).empty()) return false;
  std::string rest;
  const int choice = LeadingAnswer(text, rest);
  if (choice == 0) {
    unanswered_ = answer;
    return false;
  }
  SetChoice(*holder_, answer->name, choice);
  text = rest;
  return true;
}

bool FieldReader::TakeContact(const std::string& text, bool styled) {
  const std::string key = KeyOf(text);
  if (key == "datarecipientcontacts" || key == "dataprovidercontacts") {
    side_ = key.starts_with("datarecipient") ? 'R' : 'P';
    begins_contacts_ = true;
    return true;
  }
  if (key == "datacoordinatorcontact") {
    // A second block below the same heading.
    if (sponsor_ && !styled) begins_contacts_ = true;
    Contacts();
    sponsor_ = false;
    person_ = {};
    return true;
  }
  if (key == "executivesponsorcontact") {
    Contacts();
    sponsor_ = true;
    person_ = {};
    return true;
  }
  if (AfterLabel(text, "Phone")) return true;
  if (const auto division = AfterLabel(text, "Division/Department")) {
    std::string& entity = *Contacts().mutable_entity();
    if (entity.size() == 1 && entity[0] <= kFirstProvider) entity += Tidy(*division);
    return true;
  }
  const auto name = AfterLabel(text, "Name");
  const auto email = AfterLabel(text, "Email");
  if (!name && !email) return false;
  if (name) person_.name = Tidy(*name);
  if (email) person_.email = Tidy(*email);
  const std::string person = person_.name + (person_.email.empty() ? "" : " <" + person_.email + ">");
  if (person.empty()) return true;
  v1::DepartmentContacts& entry = Contacts();
  (sponsor_ ? *entry.mutable_executive_sponsor() : *entry.mutable_data_coordinator()) = person;
  form_.people[person] = person_;
  return true;
}

}  // namespace idea::drafting::document
