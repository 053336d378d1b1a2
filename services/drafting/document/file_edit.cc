#include "services/drafting/document/file_edit.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "common/listing/words.h"
#include "common/status/status.h"
#include "services/drafting/bucp/bucp_transition.h"
#include "services/drafting/bucp/edit_transition.h"
#include "services/drafting/bucp/section_etags.h"
#include "services/drafting/content/content_diff.h"
#include "services/drafting/content/content_path.h"
#include "services/drafting/template/field_rules.h"

namespace idea::drafting {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

const Message* FindEntry(const Message& field, const FieldDescriptor* list, const std::string& entity) {
  for (int i = 0; i < field.GetReflection()->FieldSize(field, list); ++i) {
    const Message& entry = field.GetReflection()->GetRepeatedMessage(field, list, i);
    if (EntityOf(entry) == entity) return &entry;
  }
  return nullptr;
}

class FileEditor {
 public:
  FileEditor(const v1::Bucp& bucp, const auth::Caller& caller, FileEdit& out)
      : before_(bucp.content()), sent_(bucp.state() == v1::STATE_SENT), out_(out) {
    editor_ = {caller.entity, (RolesOf(caller, bucp) & flow::kRecipient) != 0};
    out_.after = before_;
  }

  void EditParties(const v1::Content& file) {
    *out_.after.mutable_recipients() = file.recipients();
    *out_.after.mutable_providers() = file.providers();
    const auto differs = [](const auto& left, const auto& right) {
      return !std::equal(left.begin(), left.end(), right.begin(), right.end());
    };
    if (differs(file.recipients(), before_.recipients())) out_.paths.emplace_back("recipients");
    if (differs(file.providers(), before_.providers())) out_.paths.emplace_back("providers");
  }

  void EditField(const std::string& path, const Message& old_field, const Message& file_field) {
    const std::unique_ptr<Message> merged(file_field.New());
    merged->CopyFrom(file_field);
    for (const FieldDescriptor* list : EntriesIn(merged->GetDescriptor()))
      MergeEntries(path, list, old_field, *merged);
    if (merged->SerializeAsString() == old_field.SerializeAsString()) return;
    v1::Content changed = out_.after;
    FieldIn(changed, path).CopyFrom(*merged);
    if (sent_ && !CheckFields(editor_, out_.after, changed).ok()) {
      return Keep(path,
                  "another department edits this field of a BUCP that was sent; the file says otherwise",
                  JsonOf(file_field));
    }
    out_.after = std::move(changed);
    out_.paths.push_back(path);
  }

 private:
  // Keeps entries that the file does not mention and, after sending, those of other departments.
  void MergeEntries(const std::string& path, const FieldDescriptor* list, const Message& old_field,
                    Message& merged) {
    const std::unique_ptr<Message> file(merged.New());
    file->CopyFrom(merged);
    merged.GetReflection()->ClearField(&merged, list);
    const auto add = [&](const Message& entry) {
      merged.GetReflection()->AddMessage(&merged, list)->CopyFrom(entry);
    };
    for (int i = 0; i < old_field.GetReflection()->FieldSize(old_field, list); ++i) {
      const Message& old_entry = old_field.GetReflection()->GetRepeatedMessage(old_field, list, i);
      const std::string entity = EntityOf(old_entry);
      const Message* said = FindEntry(*file, list, entity);
      const bool same = said == nullptr || said->SerializeAsString() == old_entry.SerializeAsString();
      if (!same && !MayEdit(entity)) KeepEntry(path, *said);
      add(same || !MayEdit(entity) ? old_entry : *said);
    }
    for (int i = 0; i < file->GetReflection()->FieldSize(*file, list); ++i) {
      const Message& said = file->GetReflection()->GetRepeatedMessage(*file, list, i);
      if (FindEntry(old_field, list, EntityOf(said)) != nullptr) continue;
      if (MayEdit(EntityOf(said))) {
        add(said);
      } else {
        KeepEntry(path, said);
      }
    }
  }

  bool MayEdit(const std::string& entity) const { return !sent_ || entity == editor_.entity; }

  void KeepEntry(const std::string& path, const Message& said) {
    Keep(path, "only " + EntityOf(said) + " edits its entry of a BUCP that was sent; the file says otherwise",
         JsonOf(said));
  }

  void Keep(const std::string& path, const std::string& problem, const std::string& text) {
    v1::UnreadField& report = out_.unread.emplace_back();
    report.set_field(path);
    report.set_kind(v1::UNREAD_KIND_NOT_STORED);
    report.set_problem(problem);
    report.set_text(text);
  }

  const v1::Content& before_;
  const bool sent_;
  Editor editor_;
  FileEdit& out_;
};

// Keeps what the official template does not have if the file has none of it: the purpose in comparable terms,
// the providers of an element, a program contact.
void KeepOmitted(const v1::Content& before, v1::Content& file) {
  const auto& old_description = before.business_case().use_case_description();
  auto& business = *file.mutable_business_case();
  if (business.has_use_case_description() && old_description.has_purpose_class()) {
    auto& description = *business.mutable_use_case_description();
    v1::PurposeClass merged = old_description.purpose_class();
    if (!description.purpose_class().kinds().empty()) merged.clear_kinds();
    merged.MergeFrom(description.purpose_class());
    *description.mutable_purpose_class() = std::move(merged);
  }
  const auto& old_elements = before.technical().data_elements().elements();
  if (!file.technical().data_elements().elements().empty()) {
    for (auto& element : *file.mutable_technical()->mutable_data_elements()->mutable_elements()) {
      const std::string key = listing::NameKey(element.field_name());
      const auto old = std::find_if(old_elements.begin(), old_elements.end(), [&](const auto& each) {
        return listing::NameKey(each.field_name()) == key;
      });
      if (old != old_elements.end() && element.providers().empty())
        *element.mutable_providers() = old->providers();
    }
  }
  const auto& old_contacts = before.business_case().contact_information().departments();
  if (!business.has_contact_information()) return;
  for (auto& contact : *business.mutable_contact_information()->mutable_departments()) {
    const auto old = std::find_if(old_contacts.begin(), old_contacts.end(),
                                  [&](const auto& each) { return each.entity() == contact.entity(); });
    if (old != old_contacts.end() && old->has_program_contact() && !contact.has_program_contact())
      *contact.mutable_program_contact() = old->program_contact();
  }
}

}  // namespace

FileEdit EditFrom(const document::ReadForm& form, const v1::Bucp& bucp, const auth::Caller& caller) {
  FileEdit edit;
  FileEditor editor(bucp, caller, edit);
  editor.EditParties(form.content);
  // FieldIn() adds what is not there: it works on copies.
  v1::Content file = form.content, before = bucp.content();
  KeepOmitted(before, file);
  for (const FieldRule& rule : FieldRules()) {
    const std::string path(rule.field);
    const Message& said = FieldIn(file, rule.field);
    if (said.ByteSizeLong() > 0) editor.EditField(path, FieldIn(before, rule.field), said);
  }
  return edit;
}

}  // namespace idea::drafting
