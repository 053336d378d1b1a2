#ifndef IDEA_COMMON_DIGEST_DIGEST_H_
#define IDEA_COMMON_DIGEST_DIGEST_H_

#include <string>

#include "google/protobuf/message.h"

// The digest of a message depends on its content, not on its encoding, so that anybody can recompute it:
//   1. Write the message as proto3 JSON with the default options: lowerCamelCase names, enum values by name,
//   fields without a value left out, 64-bit numbers as strings, bytes in base64, timestamps as RFC 3339.
//   `ideactl -o json` and any gRPC client with the published .proto print this form.
//   2. Convert it to the canonical form of RFC 8785: no white space, keys sorted by UTF-16 code units, text
//   in UTF-8 with only the quotation mark, the backslash and characters below U+0020 escaped (\b \t \n \f \r,
//   otherwise \u00xx in lower case).
//   3. Compute the SHA-256 of these bytes, written as 64 lower-case hexadecimal digits.
// In Python, for messages whose keys are ASCII, as all keys of this suite are:
//   data = json.dumps(json.load(f), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
//   hashlib.sha256(data.encode()).hexdigest()
// Fields that this build of the .proto does not know are not part of the digest.
namespace idea::digest {

// Steps 1 and 2. Messages of this suite have no floating-point fields and are validated first. A
// floating-point number, text that is not UTF-8 or a timestamp out of range is a bug of the caller: throws
// std::invalid_argument, which ends the program.
std::string CanonicalJson(const google::protobuf::Message& message);

// Step 3.
std::string Digest(const google::protobuf::Message& message);

}  // namespace idea::digest

#endif  // IDEA_COMMON_DIGEST_DIGEST_H_
