#ifndef IDEA_TESTS_SHAPE_WORDING_H_
#define IDEA_TESTS_SHAPE_WORDING_H_

#include <string>
#include <vector>

// The habits of language that comments, texts and names of tests must not have: they make sentences hard to
// read for people who do not know this project or whose first language is not English.
namespace idea::shape {

// The text of a file that people read: comments, strings and names of tests of a program, all of a document.
std::string ProseOf(const std::string& path, const std::string& text);

// One sentence for each habit in the file `path` that holds `text`.
std::vector<std::string> HabitsIn(const std::string& path, const std::string& text);

// One sentence for each identifier in the file `path` that an earlier release had for a standard term.
std::vector<std::string> OldNamesIn(const std::string& path, const std::string& text);

// Exceptions that match no text of `files`, which are pairs of path and text.
std::vector<std::string> StaleWordings(const std::vector<std::pair<std::string, std::string>>& files);

}  // namespace idea::shape

#endif  // IDEA_TESTS_SHAPE_WORDING_H_
