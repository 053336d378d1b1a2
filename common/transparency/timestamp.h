#ifndef IDEA_COMMON_TRANSPARENCY_TIMESTAMP_H_
#define IDEA_COMMON_TRANSPARENCY_TIMESTAMP_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

// RFC 3161: the word of a time-stamping authority that a text existed at a time.
namespace idea::transparency {

// The request for a token over the SHA-256 of a text, in DER. Asks for the authority's certificate, so that
// the token can be verified offline. It has no nonce: an earlier token over the same text proves more.
std::string TimestampRequest(std::string_view text);

// The token in an authority's response (DER). FAILED_PRECONDITION with the authority's reason if it was not
// granted, INVALID_ARGUMENT if it is not a response.
absl::StatusOr<std::string> TimestampToken(std::string_view response);

// The time of a token (DER) over a text, in seconds since 1970. `authorities` are the certificates in PEM
// that are trusted to issue the certificates of time-stamping authorities; they are valid as of that time.
// INVALID_ARGUMENT if the token is not one of these authorities over this text.
absl::StatusOr<int64_t> VerifyTimestamp(std::string_view token, std::string_view text,
                                        std::string_view authorities);

}  // namespace idea::transparency

#endif  // IDEA_COMMON_TRANSPARENCY_TIMESTAMP_H_
