#ifndef IDEA_COMMON_CONFIG_EMBEDDED_H_
#define IDEA_COMMON_CONFIG_EMBEDDED_H_

namespace idea::config {

// A text file compiled into the program. An array of them ends with one whose name is null.
struct EmbeddedFile {
  const char* name;
  const char* text;
};

}  // namespace idea::config

#endif  // IDEA_COMMON_CONFIG_EMBEDDED_H_
