#ifndef IDEA_TESTS_SHAPE_ARCHITECTURE_H_
#define IDEA_TESTS_SHAPE_ARCHITECTURE_H_

#include <string>
#include <vector>

// The rules about which room of the house may use which, as a function of one file.
namespace idea::shape {

// What is wrong with the file `path` (from the top of the tree) that holds `text`, a sentence each.
std::vector<std::string> FaultsOf(const std::string& path, const std::string& text);

// What is wrong with where the file lies and what it is called.
std::vector<std::string> MisplacedFile(const std::string& path);

}  // namespace idea::shape

#endif  // IDEA_TESTS_SHAPE_ARCHITECTURE_H_
