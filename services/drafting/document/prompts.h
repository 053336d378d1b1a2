#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_PROMPTS_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_PROMPTS_H_

#include <cstdint>
#include <string_view>

namespace idea::drafting::document {

// An instruction of the official template that a paragraph begins with.
struct Prompt {
  // Length in bytes, white space as single spaces, without a colon behind.
  size_t size;
  // FNV-1a, 64 bits, of those bytes: the words are the template's, so they are known and not repeated here.
  uint64_t hash;
  // The part of the field that is written behind it, as Content names it; empty: no change.
  std::string_view part = {};
  // Whose text is written behind it: 'R'ecipient or 'P'rovider.
  char side = 0;
};

// The longest prompt that the text begins with; null if none.
const Prompt* FindPrompt(std::string_view text);

}  // namespace idea::drafting::document

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_PROMPTS_H_
