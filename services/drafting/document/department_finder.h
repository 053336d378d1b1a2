#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_DEPARTMENT_FINDER_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_DEPARTMENT_FINDER_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace idea::drafting::document {

// A department as the registry knows it.
struct KnownDepartment {
  // "entities/{id}"
  std::string entity;
  std::string name;
  std::string acronym = {};
  // Former names and acronyms.
  std::vector<std::string> former = {};
  // The agency that it reports to, "entities/{id}"; empty: none.
  std::string parent = {};
};

// Which department a text means.
struct MeantDepartment {
  // "entities/{id}"; empty: none, or one of several.
  std::string entity;
  // Why that is to be looked at by hand; empty if it is certain.
  std::string doubt;
  // Departments that the text may mean, the likeliest first.
  struct Candidate {
    std::string entity;
    std::string name;
  };
  std::vector<Candidate> candidates = {};
  // The text is nothing but the department's name.
  bool exact = false;
  // The text names all of the candidates.
  bool certainly_several = false;
};

// A line that begins with whose text follows: "CDPH - may disclose" or "Franchise Tax Board (FTB):".
struct DepartmentHeading {
  std::string entity;
  // Where the text begins; the size of the line if the heading is all of it.
  size_t text_at = 0;
};

// Finds departments in what people write: by name, acronym or former name, anywhere in the text, with usual
// abbreviations ("Calif. Dept. of"), inverted ("Social Services, Department of") and without "California".
class DepartmentFinder {
 public:
  DepartmentFinder() = default;
  explicit DepartmentFinder(std::vector<KnownDepartment> departments);

  MeantDepartment Find(std::string_view text) const;
  std::optional<DepartmentHeading> HeadingOf(std::string_view line) const;

 private:
  // How a department is called, as the words that count.
  struct Call {
    size_t department;
    std::vector<std::string> words;
    enum class Kind { kName, kAcronym, kFormer, kPart } kind;
  };
  struct Word;
  struct Match {
    const Call* call;
    size_t begin, end;
  };

  static std::vector<Word> WordsOf(std::string_view text);
  std::vector<Match> MatchesIn(const std::vector<Word>& words) const;
  void AddName(size_t department, const std::string& name, Call::Kind kind);
  // Departments that share a word with the text.
  std::vector<MeantDepartment::Candidate> Similar(const std::string& text) const;
  bool IsAbove(size_t agency, size_t department) const;

  std::vector<KnownDepartment> departments_;
  std::vector<Call> calls_;
};

}  // namespace idea::drafting::document

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_DEPARTMENT_FINDER_H_
