#include "common/transparency/policy.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"

namespace idea::transparency {
namespace {

// The name for "no cosignature is needed".
constexpr std::string_view kNone = "none";
// The maximum number of logs, witnesses and groups together.
constexpr size_t kMaxLines = 1000;

absl::Status Wrong(const std::string& why) { return absl::InvalidArgumentError(why); }

// "all", "any", or a decimal number from 1 to `members`. 0 for any other text.
size_t NeededOf(const std::string& text, size_t members) {
  if (text == "all") return members;
  if (text == "any") return 1;
  size_t needed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), needed);
  return error == std::errc() && absl::StrCat(needed) == text && needed <= members ? needed : 0;
}

bool IsAllowed(char byte) {
  const auto value = static_cast<unsigned char>(byte);
  return byte == '\t' || byte == '\n' || (value >= 0x20 && value != 0x7f);
}

}  // namespace

absl::StatusOr<Policy> Policy::Parse(std::string_view file) {
  if (!std::all_of(file.begin(), file.end(), IsAllowed))
    return Wrong("the policy has a control character; its lines end with a newline only");
  Policy policy;
  const std::vector<std::string> lines = absl::StrSplit(absl::string_view(file.data(), file.size()), '\n');
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::vector<std::string> words =
        absl::StrSplit(lines[i], absl::ByAnyChar(" \t"), absl::SkipEmpty());
    if (words.empty() || words[0][0] == '#') continue;
    const absl::Status read = policy.ReadLine(words);
    if (!read.ok()) return Wrong(absl::StrCat("line ", i + 1, " of the policy: ", read.message()));
  }
  if (!policy.has_quorum_) return Wrong("the policy lacks a quorum line");
  return policy;
}

absl::Status Policy::ReadLine(const std::vector<std::string>& words) {
  if (logs_.size() + members_.size() >= kMaxLines)
    return Wrong(absl::StrCat("more than ", kMaxLines, " lines"));
  const auto has_bytes = [](const NoteKey& key) {
    return [&key](const NoteKey& other) { return other.bytes() == key.bytes(); };
  };
  if (words[0] == "log" && (words.size() == 2 || words.size() == 3)) {
    ASSIGN_OR_RETURN(NoteKey key, NoteKey::Parse(words[1]));
    if (key.type() != KeyType::kSignature) return Wrong("the key is of a witness, not of a log");
    if (std::any_of(logs_.begin(), logs_.end(), has_bytes(key))) return Wrong("the log is listed twice");
    logs_.push_back(std::move(key));
    return absl::OkStatus();
  }
  const bool is_group = words[0] == "group" && words.size() >= 4;
  const bool is_witness = words[0] == "witness" && (words.size() == 3 || words.size() == 4);
  if (is_group || is_witness) {
    if (words[1] == kNone || Find(words[1]).ok()) return Wrong("the name " + words[1] + " is taken");
  }
  if (is_witness) {
    ASSIGN_OR_RETURN(NoteKey key, NoteKey::Parse(words[2]));
    if (key.type() != KeyType::kCosignature) return Wrong("the key is of a log, not of a witness");
    const auto has_key = [&](const Witness& other) { return has_bytes(key)(other.key); };
    if (std::any_of(witnesses_.begin(), witnesses_.end(), has_key))
      return Wrong("the witness is listed twice");
    members_.push_back({words[1], 0, {}});
    witnesses_.push_back({words[1], std::move(key), words.size() == 4 ? words[3] : ""});
  } else if (is_group) {
    Member group{words[1], NeededOf(words[2], words.size() - 3), {}};
    if (group.needed == 0) return Wrong("a group needs all, any, or a number from 1 to that of its members");
    for (size_t i = 3; i < words.size(); ++i) {
      ASSIGN_OR_RETURN(const size_t member, Find(words[i]));
      if (is_in_group_[member]) return Wrong(words[i] + " is a member of a group already");
      is_in_group_[member] = true;
      group.members.push_back(member);
    }
    members_.push_back(std::move(group));
  } else if (words[0] == "quorum" && words.size() == 2) {
    if (has_quorum_) return Wrong("a second quorum");
    has_quorum_ = true;
    needs_none_ = words[1] == kNone;
    if (!needs_none_) {
      ASSIGN_OR_RETURN(quorum_, Find(words[1]));
    }
    return absl::OkStatus();
  } else {
    return Wrong(
        "it is none of: log KEY [URL], witness NAME KEY [URL], group NAME all|any|K NAME..., quorum "
        "NAME|none");
  }
  is_in_group_.push_back(false);
  return absl::OkStatus();
}

absl::StatusOr<size_t> Policy::Find(const std::string& name) const {
  const auto found = std::find_if(members_.begin(), members_.end(),
                                  [&](const Member& member) { return member.name == name; });
  if (found == members_.end()) return Wrong(name + " is not a witness or group of a line above");
  return static_cast<size_t>(found - members_.begin());
}

std::string Policy::LogVerifiers() const {
  std::string lines;
  for (const NoteKey& key : logs_) lines += key.verifier() + "\n";
  return lines;
}

bool Policy::IsMetBy(const std::vector<std::string>& witnesses) const {
  std::vector<bool> counts;
  for (const Member& member : members_) {
    const auto cosigned = std::count_if(member.members.begin(), member.members.end(),
                                        [&](size_t each) { return counts[each]; });
    counts.push_back(member.needed == 0
                         ? std::find(witnesses.begin(), witnesses.end(), member.name) != witnesses.end()
                         : static_cast<size_t>(cosigned) >= member.needed);
  }
  return needs_none_ || counts[quorum_];
}

Policy::Outcome Policy::Check(const Note& note) const {
  Outcome outcome;
  for (const Witness& witness : witnesses_) {
    if (std::any_of(note.signatures.begin(), note.signatures.end(), [&](const NoteSignature& signature) {
          return witness.key.Verifies(note.text, signature);
        })) {
      outcome.cosigned_by.push_back(witness.name);
    }
  }
  outcome.is_met = IsMetBy(outcome.cosigned_by);
  outcome.text =
      absl::StrCat(outcome.cosigned_by.size(), " of ", witnesses_.size(), " witnesses have cosigned",
                   outcome.cosigned_by.empty() ? "" : ": ", absl::StrJoin(outcome.cosigned_by, ", "));
  return outcome;
}

}  // namespace idea::transparency
