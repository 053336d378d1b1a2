#ifndef IDEA_TESTS_SHAPE_CONSTANTS_H_
#define IDEA_TESTS_SHAPE_CONSTANTS_H_

#include <string>
#include <vector>

namespace idea::shape {

// A constant of the source code that is a bound.
struct Constant {
  std::string name;
  // For readers: "16 KiB", "30 s", "1,000".
  std::string value;
  // The comment above it, in one line; empty if there is none.
  std::string comment;
};

// Returns the bounds in the text of a source file, in its order: constants whose name shows it (kMax...,
// ...Timeout), and those below a comment that begins with "Limit:".
std::vector<Constant> BoundsIn(const std::string& text);

}  // namespace idea::shape

#endif  // IDEA_TESTS_SHAPE_CONSTANTS_H_
