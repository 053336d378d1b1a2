#ifndef IDEA_TESTS_SHAPE_ARCHITECTURE_H_
#define IDEA_TESTS_SHAPE_ARCHITECTURE_H_

#include <map>
#include <string>
#include <vector>

// The rules about where a file lies, what it is called and what it may include. Paths start at the top of the
// tree. Each function returns one sentence for each fault.
namespace idea::shape {

// Checks the includes and the words of the file `path` that holds `text`.
std::vector<std::string> FaultsOf(const std::string& path, const std::string& text);

// Checks the size of a proto. Every line has at most 100 characters. A file has at most 400 lines, except
// that a service and an enum, which cannot be split over files, may have 22 lines for each rpc and 8 for each
// value with options.
std::vector<std::string> ProtoFaults(const std::string& path, const std::string& text);

// The folders of a service in the order of their dependencies: the lines "- `content/`: ..." in the section
// "## Folders" of its README. A README without that section gives none: the service is flat.
std::vector<std::string> FoldersOf(const std::string& readme);

// Checks the place and the name of a file. `folders` are those of its service.
std::vector<std::string> MisplacedFile(const std::string& path, const std::vector<std::string>& folders);

// Checks that a test in tests/services/<service>/<folder>/ has a folder of the service to mirror.
std::vector<std::string> MisplacedTest(const std::string& path, const std::vector<std::string>& folders);

// Checks that a file in a folder of a service includes only from its own folder, from the folders listed
// before it, and <service>_events.h, which includes none of them. The other files at the root may include
// all.
std::vector<std::string> WrongFolderOrder(const std::string& path, const std::string& text,
                                          const std::vector<std::string>& folders);

// Counts the dependencies of each service: the pairs of a folder, or a file at the root, and another one that
// it includes. `files` are those of the services (path to text). A count that differs from the expected one
// is a fault.
std::vector<std::string> DependencyFaults(const std::map<std::string, std::string>& files,
                                          const std::map<std::string, size_t>& expected);

// Finds entries of the tables of exceptions that match none of `files` (path to text).
std::vector<std::string> StaleEntries(const std::map<std::string, std::string>& files);

}  // namespace idea::shape

#endif  // IDEA_TESTS_SHAPE_ARCHITECTURE_H_
