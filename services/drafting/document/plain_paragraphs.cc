#include <algorithm>
#include <utility>

#include "services/drafting/content/content_path.h"
#include "services/drafting/document/cell_text.h"
#include "services/drafting/document/date_phrases.h"
#include "services/drafting/document/field_reader.h"
#include "services/drafting/document/prompts.h"

// The paragraphs without a style of this suite that FieldReader reads: the official template as people
// complete it.
namespace idea::drafting::document {
namespace {

// The tidied name before the colon: "Name" for "Name:".
std::string WithoutColon(const std::string& text) {
  std::string out = Tidy(text);
  while (out.ends_with(':') || out.ends_with(' ')) out.pop_back();
  return out;
}

// A label of a signature block without text after it, a heading, or the blank between two.
bool IsBlankSignature(const std::string& text) {
  for (const char* label : {"Name", "Title", "Email", "Phone", "Signature", "Date Signed"}) {
    const auto value = AfterLabel(text, label);
    if (value && value->find_first_not_of("_ ") == std::string::npos) return true;
  }
  const std::string bare = WithoutColon(text);
  return bare.empty() || bare.ends_with(" Approval") || bare.ends_with(" Approvals");
}

// An option that only answers a question.
bool IsBareOption(const std::string& text) {
  const std::string key = KeyOf(text);
  for (const char* word : {"yes", "no", "y", "n", "na", "onetime", "ongoing", ""}) {
    if (key == word) return true;
  }
  return false;
}

}  // namespace

void FieldReader::ReadPlain(std::string text) {
  std::string tidy = Tidy(text);
  bool behind_prompt = false;
  if (tidy == field_.help || context_.helps.contains(tidy)) return;
  if (ignores_) return ReadSignatureLine(tidy);
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
    if (!tidy.empty() && !TakeContact(tidy, false))
      Report(v1::UNREAD_KIND_NOT_STORED, "not understood", tidy);
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
  if (tidy == "Y/N") return;
  if (tidy == "N/A" || tidy == "Not applicable" || tidy == "Not applicable.")
    return Report(v1::UNREAD_KIND_NOTE, "it was taken as not answered", tidy);
  if (TakeOptions(tidy)) text = tidy;
  if (text.empty() || TakeLabel(bare)) return;
  if (FindPart("start_date") != nullptr) {
    const std::string label(FindPart("recurrence")->label);
    if (AfterLabel(tidy, label) || AfterLabel(tidy, "Frequency")) {
      TakeLine(tidy);
      const bool has_recurrence = !ChoiceOf(*holder_, "recurrence", kRecurrences).empty();
      if (!has_recurrence && !drafting::TextOf(*holder_, "frequency").empty())
        SetChoice(*holder_, "recurrence", v1::RECURRENCE_ONGOING);
    } else {
      TakeDates(text);
    }
    return;
  }
  if (TakeLine(tidy)) return;
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

// Text below an instruction belongs to its part.
void FieldReader::KeepBelow(const Part* as) {
  const Part* before = std::exchange(part_, as);
  for (const std::string& line : std::exchange(below_, {})) Append(line, false);
  part_ = before;
}

// A signature block belongs to the routing. Text in it is reported.
void FieldReader::ReadSignatureLine(const std::string& text) {
  if (IsBlankSignature(text) || context_.departments.contains(text)) return;
  Report(v1::UNREAD_KIND_NOTE,
         "signatures are given in the exchange; text after the acknowledgement was not read", text);
}

// Reads a line of check boxes and sets `text` to the checked options. Returns false if the line has none, or
// is kept unchanged.
bool FieldReader::TakeOptions(std::string& text) {
  const std::vector<Option> options = OptionsOf(text);
  const bool answers = field_.parts[0].kind == PartKind::kAnswer || FindPart("recurrence") != nullptr ||
                       (part_ != nullptr && part_->name == "contractor_use");
  const bool lists = field_.parts[0].kind == PartKind::kItems;
  const bool bare = std::all_of(options.begin(), options.end(),
                                [](const Option& option) { return IsBareOption(option.text); });
  if (options.empty() ||
      !(lists || (answers && (bare || options.size() > 1 || IsBareOption(options[0].text) ||
                              !options[0].checked || unanswered_ == nullptr)))) {
    return false;
  }
  const std::string line = std::exchange(text, "");
  for (const Option& option : options) {
    if (option.checked) {
      text += (text.empty() ? "" : lists ? "; " : ", ") + option.text;
    } else if (!IsBareOption(option.text)) {
      Report(v1::UNREAD_KIND_NOTE, "it is not checked", option.text);
    }
  }
  const auto checked =
      std::count_if(options.begin(), options.end(), [](const Option& each) { return each.checked; });
  const Part* answer = &field_.parts[0];
  if (answer->kind != PartKind::kAnswer || checked == 0) return true;
  const std::string given = ChoiceOf(*holder_, answer->name, kAnswers);
  std::string rest;
  const int chosen = LeadingAnswer(text, rest);
  if ((bare && checked > 1) || (!given.empty() && chosen != 0 && given != kAnswers.at(chosen - 1))) {
    SetChoice(*holder_, answer->name, 0);
    Report(v1::UNREAD_KIND_NOT_STORED, std::string(answer->label) + ": both boxes are checked", line);
    text.clear();
  }
  return true;
}

void FieldReader::TakeDates(const std::string& text) {
  const DatePhrases phrases = ReadDatePhrases(text);
  const auto put = [&](const char* name, const std::optional<google::type::Date>& date) {
    if (!date) return;
    // The checklist may name the same day. The field has priority.
    const std::string before = DateOf(*holder_, name);
    MakeDate(*holder_, name) = *date;
    if (!before.empty() && before != DateOf(*holder_, name)) {
      Report(v1::UNREAD_KIND_NOT_STORED,
             std::string("another ") + (std::string_view(name) == "start_date" ? "start" : "end") +
                 " date was read before, in the checklist or in this field; this one counts",
             before);
    }
  };
  put("start_date", phrases.start);
  put("end_date", phrases.end);
  if (phrases.recurrence != 0) {
    const std::string before = ChoiceOf(*holder_, "recurrence", kRecurrences);
    if (!before.empty() && before != kRecurrences.at(phrases.recurrence - 1)) {
      Report(v1::UNREAD_KIND_GUESSED, "the field says both one-time and ongoing", text);
    }
    SetChoice(*holder_, "recurrence", phrases.recurrence);
  }
  if (!phrases.frequency.empty()) {
    const std::string before = drafting::TextOf(*holder_, "frequency");
    if (!before.empty() && before != phrases.frequency) {
      Report(v1::UNREAD_KIND_NOT_STORED, "another frequency was read before; this one counts", before);
    }
    SetText(*holder_, "frequency", phrases.frequency);
  }
  for (const DatePhrases::Doubt& doubt : phrases.doubts) {
    Report(v1::UNREAD_KIND_GUESSED,
           doubt.problem + (doubt.only_text ? "; it was kept as text in Deadlines" : ""), doubt.text);
  }
  part_ = FindPart("deadlines");
  for (const std::string& sentence : phrases.rest) Append(sentence, false);
}

// Reads "Department:" above or before its text, and sets `text` to the rest.
bool FieldReader::TakeDepartment(std::string& text) {
  const Part& part = part_ == nullptr ? field_.parts[0] : *part_;
  if (part.kind != PartKind::kDepartments) return false;
  const std::string tidy = Tidy(text), bare = WithoutColon(text);
  for (const auto& [name, kept] : context_.departments) {
    const std::optional<std::string> behind = AfterLabel(tidy, name);
    if (bare != name && !behind) continue;
    NameDepartment(kept);
    if (kept.size() == 1) side_ = kept[0] == kFirstProvider ? 'P' : 'R';
    text = bare == name ? "" : *behind;
    return text.empty();
  }
  if (const auto heading = context_.finder.HeadingOf(tidy)) {
    NameDepartment(heading->entity);
    form_.headings.insert(heading->entity);
    side_ = 0;
    text = Tidy(std::string_view(tidy).substr(heading->text_at));
    return text.empty();
  }
  return false;
}

// Reads a "Yes, ..." where the official template asks a question, and sets `text` to the rest.
bool FieldReader::TakePlainAnswer(std::string& text) {
  if (part_ != nullptr && part_->kind == PartKind::kAnswer) {
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
    unanswered_text_ += (unanswered_text_.empty() ? "" : "\n") + text;
    return false;
  }
  SetChoice(*holder_, answer->name, choice);
  text = rest;
  return true;
}

}  // namespace idea::drafting::document
