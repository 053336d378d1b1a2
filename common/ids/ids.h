#ifndef IDEA_COMMON_IDS_IDS_H_
#define IDEA_COMMON_IDS_IDS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace idea::ids {

// A random (version 4) UUID in lower case.
std::string NewUuid();

// Whether `text` is such a UUID.
bool IsUuid4(std::string_view text);

// The name with every segment that is a UUID (RFC 4122 allows any case) in lower case.
std::string LowerUuids(std::string_view name);

// Whether `name` has the form of `pattern`, in which each * is one segment: MatchesPattern("bucps/1",
// "bucps/*"). A segment has 1 to 100 of the characters a-z A-Z 0-9 . _ - and does not begin with a dot.
bool MatchesPattern(std::string_view name, std::string_view pattern);

// The name without its last two segments: "bucps/1" for "bucps/1/revisions/2".
std::string Parent(std::string_view name);

// A readable id made from a name: "Department of Health Care Services" becomes
// "department-of-health-care-services". Letters with accents and of other alphabets are transliterated:
// "Délta" becomes "delta".
std::string Slug(std::string_view name);

// Writes random lower-case hexadecimal digits, at most 128. `digits` is even.
void WriteRandomHex(char* to, size_t digits);

// SHA-256 of bytes as 64 lower-case hexadecimal digits.
std::string Sha256Hex(std::string_view bytes);

// SHA-256 of bytes in base64, as a Content-Security-Policy names a style or a script ('sha256-...').
std::string Sha256Base64(std::string_view bytes);

// Base64 with padding (RFC 4648 section 4).
std::string Base64(std::string_view bytes);

// Base64url without padding (RFC 4648 section 5).
std::string Base64Url(std::string_view bytes);
std::optional<std::string> FromBase64Url(std::string_view text);

}  // namespace idea::ids

#endif  // IDEA_COMMON_IDS_IDS_H_
