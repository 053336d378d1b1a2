#ifndef IDEA_SERVICES_DRAFTING_DOCUMENT_PROMPTS_H_
#define IDEA_SERVICES_DRAFTING_DOCUMENT_PROMPTS_H_

#include <cstdint>
#include <string_view>

namespace idea::drafting::document {

// An instruction of the official template with which a paragraph begins.
struct Prompt {
  // Length in bytes, with white space as single spaces and without a final colon.
  size_t size;
  // FNV-1a, 64 bits, of those bytes. The texts belong to the template, so they are recognized without being
  // repeated here.
  uint64_t hash;
  // The part of the field that follows, by its name in Content. Empty if the part does not change.
  std::string_view part = {};
  // The side whose text follows: 'R'ecipient or 'P'rovider.
  char side = 0;
};

// The longest prompt with which the text begins, or null.
const Prompt* FindPrompt(std::string_view text);

}  // namespace idea::drafting::document

#endif  // IDEA_SERVICES_DRAFTING_DOCUMENT_PROMPTS_H_
