#ifndef IDEA_COMMON_TRANSPARENCY_POLICY_H_
#define IDEA_COMMON_TRANSPARENCY_POLICY_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/transparency/note.h"

// C2SP tlog-policy: the trusted logs, and the witnesses that must cosign a checkpoint.
namespace idea::transparency {

struct Witness {
  // Its name in the policy.
  std::string name;
  NoteKey key;
  // The URL of its C2SP tlog-witness API; may be empty.
  std::string url;
};

class Policy {
 public:
  // Reads a policy file. INVALID_ARGUMENT names the line.
  static absl::StatusOr<Policy> Parse(std::string_view file);

  // The keys of the logs, one per line, as OpenCheckpoint() takes them. Empty if the policy names no logs.
  std::string LogVerifiers() const;
  const std::vector<Witness>& witnesses() const { return witnesses_; }

  struct Outcome {
    bool is_met = false;
    // The names in the policy of the witnesses that have cosigned.
    std::vector<std::string> cosigned_by;
    // "2 of 3 witnesses have cosigned: a, b".
    std::string text;
  };
  // Whether enough witnesses have cosigned the note. A malformed cosignature does not count. The signature of
  // the log is not checked.
  Outcome Check(const Note& note) const;

 private:
  struct Member {
    std::string name;
    // For a group: how many members are needed, and their indexes in members_. For a witness: 0.
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
