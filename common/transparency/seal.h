#ifndef IDEA_COMMON_TRANSPARENCY_SEAL_H_
#define IDEA_COMMON_TRANSPARENCY_SEAL_H_

#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/message.h"

// What a signature over a message with many parts covers, so that a verifier can say which part was changed.
namespace idea::transparency {

// One part of a message and its digest.
struct SealedPart {
  // "filing", "opinions/0": the field's JSON name, and the place in a list.
  std::string name;
  // SHA-256, hexadecimal: of a message's canonical JSON (common/digest/digest.h), of the bytes of a text.
  std::string digest;
};

// The parts of a message in the order of its fields' numbers, without the field `seal`. Every field must be
// text, bytes, a message or a list of those.
std::vector<SealedPart> PartsOf(const google::protobuf::Message& message);

// "<origin>/<subject>", then a line "<digest> <name>" for each part.
std::string SealText(std::string_view origin, std::string_view subject,
                     const google::protobuf::Message& message);
std::string SealText(std::string_view origin, std::string_view subject, const std::vector<SealedPart>& parts);

}  // namespace idea::transparency

#endif  // IDEA_COMMON_TRANSPARENCY_SEAL_H_
