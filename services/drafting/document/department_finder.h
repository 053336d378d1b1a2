#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_DEPARTMENT_FINDER_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_DEPARTMENT_FINDER_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace idea::drafting::document {

// A department in the registry.
struct KnownDepartment {
  // "entities/{id}"
  std::string entity;
  std::string name;
  std::string acronym = {};
  // Former names and acronyms.
  std::vector<std::string> former = {};
  // The agency that it reports to, "entities/{id}", if any.
  std::string parent = {};
};

// The department to which a text refers.
struct DepartmentMatch {
  // "entities/{id}". Empty if it is none, or one of several.
  std::string entity;
  // Why the result needs a manual check. Empty if it is certain.
  std::string doubt;
  // Departments to which the text may refer, most likely first.
  struct Candidate {
    std::string entity;
    std::string name;
  };
  std::vector<Candidate> candidates = {};
  // The text contains only the department's name.
  bool exact = false;
  // The text names all of the candidates.
  bool certainly_several = false;
};

// A line that begins with the department to which the text belongs: "CDPH - may disclose" or "Franchise Tax
// Board (FTB):".
struct DepartmentHeading {
  std::string entity;
  // Where the text begins. The size of the line if it contains only the heading.
  size_t text_at = 0;
};

// Finds departments in texts: by name, acronym or former name, anywhere in the text, with usual abbreviations
// ("Calif. Dept. of"), inverted ("Social Services, Department of") and without "California".
class DepartmentFinder {
 public:
  DepartmentFinder() = default;
  explicit DepartmentFinder(std::vector<KnownDepartment> departments);

  DepartmentMatch Find(std::string_view text) const;
  std::optional<DepartmentHeading> HeadingOf(std::string_view line) const;

 private:
  // The significant words of a department's name.
  struct Call {
    size_t department;
    std::vector<std::string> words;
    enum class Kind { kName, kAcronym, kFormer, kSpelling, kPart } kind;
  };
  struct Word;
  struct Match {
    const Call* call;
    size_t begin, end;
  };

  static std::vector<Word> WordsOf(std::string_view text);
  std::vector<Match> MatchesIn(const std::vector<Word>& words) const;
  void AddName(size_t department, const std::string& name, Call::Kind kind);
  void AddAcronym(size_t department, const std::string& acronym);
  static void MatchAcronym(const Call& call, const std::vector<Word>& words, std::vector<Match>& matches);
  static void MatchSpelling(const Call& call, const std::vector<Word>& words, std::vector<Match>& matches);
  // Departments that have a word in common with the text.
  std::vector<DepartmentMatch::Candidate> Similar(const std::string& text) const;
  bool IsAbove(size_t agency, size_t department) const;

  std::vector<KnownDepartment> departments_;
  std::vector<Call> calls_;
};

}  // namespace idea::drafting::document

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_DEPARTMENT_FINDER_H_
