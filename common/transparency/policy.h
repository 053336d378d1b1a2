#ifndef IDEA_COMMON_TRANSPARENCY_POLICY_H_
#define IDEA_COMMON_TRANSPARENCY_POLICY_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/transparency/note.h"

// C2SP tlog-policy: which logs are trusted, and which witnesses must have cosigned a checkpoint for it to
// count.
namespace idea::transparency {

struct Witness {
  // Its name in the policy.
  std::string name;
  NoteKey key;
  // Where it answers C2SP tlog-witness; may be empty.
  std::string url;
};

class Policy {
 public:
  // Reads a policy file. INVALID_ARGUMENT names the line.
  static absl::StatusOr<Policy> Parse(std::string_view file);

  // The keys of the logs, a line each, as OpenCheckpoint takes them. Empty if the policy names no log.
  std::string LogVerifiers() const;
  const std::vector<Witness>& witnesses() const { return witnesses_; }

  struct Outcome {
    bool is_met = false;
    // The witnesses that have cosigned, by their names in the policy.
    std::vector<std::string> cosigned_by;
    // "2 of 3 witnesses have cosigned: a, b".
    std::string text;
  };
  // Whether enough witnesses have cosigned the note. A malformed cosignature counts as none. The log's own
  // signature is not looked at.
  Outcome Check(const Note& note) const;

 private:
  struct Member {
    std::string name;
    // Of a group: how many of its members are needed, and which they are, as places in members_. Of a
    // witness: 0.
    size_t needed = 0;
    std::vector<size_t> members;
  };
  bool IsMetBy(const std::vector<std::string>& witnesses) const;
  absl::Status ReadLine(const std::vector<std::string>& words);
  absl::StatusOr<size_t> Find(const std::string& name) const;

  std::vector<NoteKey> logs_;
  std::vector<Witness> witnesses_;
  // Witnesses and groups in the order of the file: a group is listed after its members.
  std::vector<Member> members_;
  std::vector<bool> is_in_group_;
  bool has_quorum_ = false, needs_none_ = false;
  size_t quorum_ = 0;
};

}  // namespace idea::transparency

#endif  // IDEA_COMMON_TRANSPARENCY_POLICY_H_
