#ifndef IDEA_COMMON_TRANSPARENCY_SEAL_H_
#define IDEA_COMMON_TRANSPARENCY_SEAL_H_

#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/message.h"

// Signatures over messages with many parts, which let a verifier say which part was changed.
namespace idea::transparency {

// One part of a message and its digest.
struct SealedPart {
  // "filing", "opinions/0": the JSON name of the field, and the index in a list.
  std::string name;
  // SHA-256 in hexadecimal, of the canonical JSON of a message (common/digest/digest.h), or of the bytes of a
  // text.
  std::string digest;
};

// The parts of a message in the order of the field numbers, without the field `seal`. Every field must be
// text, bytes, a message or a list of these.
std::vector<SealedPart> PartsOf(const google::protobuf::Message& message);

// "<origin>/<subject>", then a line "<digest> <name>" for each part.
std::string SealText(std::string_view origin, std::string_view subject,
                     const google::protobuf::Message& message);
std::string SealText(std::string_view origin, std::string_view subject, const std::vector<SealedPart>& parts);

}  // namespace idea::transparency

#endif  // IDEA_COMMON_TRANSPARENCY_SEAL_H_
