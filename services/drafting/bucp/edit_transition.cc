#include "services/drafting/bucp/edit_transition.h"

#include <google/protobuf/util/field_mask_util.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "common/clock/date.h"
#include "common/listing/limit.h"
#include "common/listing/words.h"
#include "common/status/status.h"
#include "common/validation/field_mask.h"
#include "services/drafting/bucp/bucp_store.h"
#include "services/drafting/bucp/bucp_transition.h"
#include "services/drafting/bucp/revision_store.h"
#include "services/drafting/bucp/section_etags.h"
#include "services/drafting/content/content_parties.h"
#include "services/drafting/content/content_path.h"
#include "services/drafting/content/content_size.h"
#include "services/drafting/template/field_rules.h"

namespace idea::drafting {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::FieldMaskUtil;
using status::Error;
using status::Reason;

constexpr int kMaxNamesListed = 10;

template <class Names>
std::string FindDouble(const Names& names) {
  std::set<std::string> seen;
  for (const std::string& name : names) {
    if (!seen.insert(name).second) return name;
  }
  return "";
}

using Entries = std::vector<std::pair<std::string, const Message*>>;

Entries EntriesOf(const Message& field, const FieldDescriptor* list) {
  Entries entries;
  for (int i = 0; i < field.GetReflection()->FieldSize(field, list); ++i) {
    const Message& entry = field.GetReflection()->GetRepeatedMessage(field, list, i);
    entries.emplace_back(EntityOf(entry), &entry);
  }
  return entries;
}

// The fields of the template in which every department has its own entry, and the lists of these entries.
const std::vector<std::pair<std::string_view, const FieldDescriptor*>>& EntryLists() {
  static const auto lists = [] {
    std::vector<std::pair<std::string_view, const FieldDescriptor*>> found;
    for (const FieldRule& rule : FieldRules()) {
      for (const FieldDescriptor* list : EntriesIn(FieldTypeOf(rule.field)))
        found.emplace_back(rule.field, list);
    }
    return found;
  }();
  return lists;
}

absl::Status NotYours(const std::string& path, std::string_view by) {
  return Error(Reason::ERROR_REASON_NOT_YOUR_STEP, path + " is edited by another department")
      .With("by", by)
      .With("field", path);
}

// Returns the list to store: the editor's own entry from `after`, and the entries of other parties from
// `before`. Returns NOT_YOUR_STEP if `after` changes the entry of another department.
absl::StatusOr<std::unique_ptr<Message>> KeepOthers(const Editor& editor, const v1::Content& content,
                                                    const std::string& path, const FieldDescriptor* list,
                                                    const Message& before, const Message& after) {
  std::map<std::string, std::string> others;
  std::set<std::string> named;
  for (const auto& [entity, entry] : EntriesOf(before, list)) others[entity] = entry->SerializeAsString();
  for (const auto& [entity, entry] : EntriesOf(after, list)) {
    named.insert(entity);
    const auto other = others.find(entity);
    if (entity != editor.entity && (other == others.end() || other->second != entry->SerializeAsString())) {
      return NotYours(path + "." + list->name() + "[" + entity + "]", entity);
    }
  }
  std::unique_ptr<Message> merged(after.New());
  merged->CopyFrom(after);
  merged->GetReflection()->ClearField(merged.get(), list);
  const auto add = [&](const Message& entry) {
    merged->GetReflection()->AddMessage(merged.get(), list)->CopyFrom(entry);
  };
  const auto add_own = [&] {
    for (const auto& [entity, entry] : EntriesOf(after, list)) {
      if (entity == editor.entity) add(*entry);
    }
  };
  bool own = false;
  for (const auto& [entity, entry] : EntriesOf(before, list)) {
    if (entity != editor.entity) {
      if (IsParty(content, entity) || named.contains(entity)) add(*entry);
    } else if (!std::exchange(own, true)) {
      add_own();
    }
  }
  if (!own) add_own();
  return merged;
}

std::string WithoutEntries(const Message& field) {
  const std::unique_ptr<Message> rest(field.New());
  rest->CopyFrom(field);
  for (const FieldDescriptor* list : EntriesIn(field.GetDescriptor())) {
    rest->GetReflection()->ClearField(rest.get(), list);
  }
  return rest->SerializeAsString();
}

absl::Status CheckField(const Editor& editor, const FieldRule& rule, const Message& old_field,
                        const Message& new_field, v1::Content& after) {
  const std::string path(rule.field);
  if (old_field.SerializeAsString() == new_field.SerializeAsString()) return absl::OkStatus();
  const bool of_recipients = rule.completed_by == CompletedBy::kRecipient;
  if (of_recipients && !editor.recipient && WithoutEntries(old_field) != WithoutEntries(new_field)) {
    return NotYours(path, NameOf(rule.completed_by));
  }
  for (const FieldDescriptor* list : EntriesIn(new_field.GetDescriptor())) {
    ASSIGN_OR_RETURN(const auto merged, KeepOthers(editor, after, path, list, old_field, new_field));
    FieldIn(after, path).CopyFrom(*merged);
  }
  return absl::OkStatus();
}

absl::Status Stays(const v1::Bucp& bucp, const std::string& entity, const std::string& how) {
  return Error(Reason::ERROR_REASON_STEP_NOT_ALLOWED,
               "parties can no longer be removed: " + entity + " " + how)
      .With("state", flow::NameOf(bucp.state()))
      .Precondition("PARTY_STAYS", entity, how);
}

const auto& ElementsOf(const v1::Content& content) { return content.technical().data_elements().elements(); }

// The providers of an element must be Data Providers of the BUCP, each once.
template <class Refuse>
void CheckElementProviders(const v1::Content& content, const Refuse& refuse) {
  for (int i = 0; i < ElementsOf(content).size(); ++i) {
    const auto& providers = ElementsOf(content)[i].providers();
    const std::string path = "technical.data_elements.elements[" + std::to_string(i) + "].providers";
    if (!FindDouble(providers).empty()) refuse(path, "each Data Provider once");
    for (const std::string& provider : providers) {
      if (!absl::c_linear_search(content.providers(), provider))
        refuse(path, "Data Providers of the BUCP; not " + provider);
    }
  }
}

}  // namespace

absl::Status CheckContent(const v1::Content& content) {
  Error error(Reason::ERROR_REASON_INVALID_FIELD, "the content contradicts itself");
  bool wrong = false;
  const auto refuse = [&](const std::string& path, const std::string& wanted) {
    error.Field("content." + path, wanted);
    wrong = true;
  };
  if (content.recipients().empty()) refuse("recipients", "at least one");
  if (content.providers().empty()) refuse("providers", "at least one");
  if (!FindDouble(content.recipients()).empty()) refuse("recipients", "each department once");
  if (!FindDouble(content.providers()).empty()) refuse("providers", "each department once");
  std::map<std::string, std::string> names;
  for (const v1::DataElement& element : ElementsOf(content)) {
    const auto [first, inserted] =
        names.emplace(listing::NameKey(element.field_name()), element.field_name());
    if (!inserted) {
      refuse("technical.data_elements.elements", "each field name once, regardless of case; \"" +
                                                     element.field_name() + "\" also appears as \"" +
                                                     first->second + "\"");
      break;
    }
  }
  CheckElementProviders(content, refuse);
  for (const auto& [field, list] : EntryLists()) {
    std::vector<std::string> entities;
    for (const auto& [entity, entry] : EntriesOf(*FindMessage(content, field), list))
      entities.push_back(entity);
    const std::string twice = FindDouble(entities);
    if (!twice.empty()) refuse(std::string(field) + "." + list->name(), "one entry for " + twice);
  }
  const auto& dates = content.administrative().critical_dates();
  if (dates.has_start_date() && dates.has_end_date() &&
      clock::DayOf(dates.end_date()) < clock::DayOf(dates.start_date())) {
    refuse("administrative.critical_dates.end_date", "a day that is not before the start date");
  }
  if (wrong) return error;
  return absl::OkStatus();
}

absl::Status CheckFields(const Editor& editor, const v1::Content& before, v1::Content& after) {
  // CheckField() changes `after`.
  const v1::Content edited = after;
  for (const FieldRule& rule : FieldRules()) {
    RETURN_IF_ERROR(
        CheckField(editor, rule, *FindMessage(before, rule.field), *FindMessage(edited, rule.field), after));
  }
  return absl::OkStatus();
}

absl::Status CheckParties(const Editor& editor, const v1::Bucp& bucp, const v1::Content& amended,
                          const v1::Content& after) {
  const std::string& lead = bucp.content().recipients(0);
  if (bucp.has_send_time() || !bucp.amends().empty()) {
    const v1::Content& kept = bucp.has_send_time() ? bucp.content() : amended;
    for (const std::string& entity : kept.recipients()) {
      if (!absl::c_linear_search(after.recipients(), entity))
        return Stays(bucp, entity, "stays a Data Recipient");
    }
    for (const std::string& entity : kept.providers()) {
      if (!absl::c_linear_search(after.providers(), entity))
        return Stays(bucp, entity, "stays a Data Provider");
    }
    if (after.recipients(0) != lead) return Stays(bucp, lead, "stays the first Data Recipient");
  }
  if (!editor.recipient) return NotYours("recipients", "Data Recipient");
  if (after.recipients(0) != lead && editor.entity != lead) return NotYours("recipients", lead);
  return absl::OkStatus();
}

absl::Status CheckExclusions(const Editor& editor, const v1::Content& before, const v1::Content& after) {
  if (editor.recipient) return absl::OkStatus();
  std::set<std::string> kept;
  for (const v1::DataElement& element : ElementsOf(after))
    kept.insert(listing::NameKey(element.field_name()));
  Error error(Reason::ERROR_REASON_DATA_NOT_EXCLUDABLE,
              "the dispute was decided for sharing: a Data Provider excludes no data element any more");
  int excluded = 0;
  for (const v1::DataElement& element : ElementsOf(before)) {
    if (kept.contains(listing::NameKey(element.field_name())) || ++excluded > kMaxNamesListed) continue;
    error.Precondition("ELEMENT_STAYS",
                       "content.technical.data_elements.elements[" + element.field_name() + "]",
                       "only a Data Recipient leaves it out (agreement section 7.5)");
  }
  if (excluded == 0) return absl::OkStatus();
  return error;
}

absl::StatusOr<v1::Bucp> ApplyEdit(rpc::Call& call, const Edit& edit) {
  google::protobuf::FieldMask paths;
  FieldMaskUtil::ToCanonicalForm(edit.mask, &paths);
  const auto change = [&](v1::Bucp& bucp) -> absl::Status {
    const flow::Roles roles = RolesOf(call.caller(), bucp);
    const Editor editor = {call.caller().entity, (roles & flow::kRecipient) != 0};
    v1::Content after = bucp.content();
    validation::ReplaceFields(edit.content, edit.mask, &after);
    RETURN_IF_ERROR(CheckSectionEtags(call.db(), edit.etags, edit.mask, after, bucp));
    RETURN_IF_ERROR(CheckContent(after));
    RETURN_IF_ERROR(CheckContentSize(bucp.content(), after));
    if (PartiesDiffer(bucp.content(), after)) {
      v1::Bucp amended;
      if (!bucp.amends().empty()) {
        ASSIGN_OR_RETURN(amended, FindBucp(call.db(), bucp.amends()));
      }
      RETURN_IF_ERROR(CheckParties(editor, bucp, amended.content(), after));
    }
    if (bucp.state() == v1::STATE_SENT) RETURN_IF_ERROR(CheckFields(editor, bucp.content(), after));
    if (bucp.approved_in_dispute()) RETURN_IF_ERROR(CheckExclusions(editor, bucp.content(), after));
    MoveSectionEtags(after, bucp);
    *bucp.mutable_content() = std::move(after);
    if (RolesOf(call.caller(), bucp) == 0) {
      return Error(Reason::ERROR_REASON_INVALID_FIELD, "an edit must not remove its author")
          .Field("content.recipients", "the calling entity stays a party");
    }
    RETURN_IF_ERROR(listing::CheckLimit(listing::kRevisionsOfBucp, bucp.revision()));
    bucp.set_revision(bucp.revision() + 1);
    bucp.set_title(bucp.content().business_case().use_case_name().title());
    return InsertRevision(call.db(), bucp, call.caller(), call.now());
  };
  return Transition(call, {.on = "UpdateBucp",
                           .name = edit.name,
                           .summary = "edited: " + FieldMaskUtil::ToString(paths),
                           .change = change});
}

}  // namespace idea::drafting
