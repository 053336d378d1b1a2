#ifndef IDEA_SERVICES_INVENTORY_FILING_SHORT_TEXT_H_
#define IDEA_SERVICES_INVENTORY_FILING_SHORT_TEXT_H_

#include <cstddef>
#include <string>

namespace idea::inventory {

// Cuts a text after `max` characters, with "…" at the end. The text is UTF-8.
inline void Cut(size_t max, std::string* text) {
  size_t characters = 0;
  for (size_t i = 0; i < text->size(); ++i) {
    const bool begins = (static_cast<unsigned char>((*text)[i]) & 0xc0) != 0x80;
    if (begins && ++characters > max) {
      text->replace(i, std::string::npos, "…");
      return;
    }
  }
}

}  // namespace idea::inventory

#endif  // IDEA_SERVICES_INVENTORY_FILING_SHORT_TEXT_H_
