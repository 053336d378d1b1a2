#ifndef IDEA_COMMON_CONFIG_EMBEDDED_H_
#define IDEA_COMMON_CONFIG_EMBEDDED_H_

namespace idea::config {

// A text file that is compiled into the program. Arrays of them end with an element whose name is null.
struct EmbeddedFile {
  const char* name;
  const char* text;
};

}  // namespace idea::config

#endif  // IDEA_COMMON_CONFIG_EMBEDDED_H_
