#ifndef IDEA_COMMON_OUTBOUND_EVENT_MAIL_H_
#define IDEA_COMMON_OUTBOUND_EVENT_MAIL_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "idea/common/v1/event.pb.h"

namespace idea::outbound {

// The parts of a mail's header that do not come from the events.
struct MailHeader {
  // An address.
  std::string from;
  std::vector<std::string> to;
  // The part before the @ of Message-ID: the same in each attempt, so that a reader can recognize a
  // repetition.
  std::string id;
  absl::Time time;
};

// Whether the text is an address that is safe in a header and in an SMTP command: printable ASCII, one @, no
// white space, comma or angle bracket, at most 254 characters.
bool IsMailAddress(std::string_view text);

// A mail about events, in plain text and HTML. Texts of events are encoded, so that none of
// them can change the header or the structure of the mail. The times are those of `zone`.
std::string EventMail(const MailHeader& header, const std::vector<common::v1::Event>& events,
                      const absl::TimeZone& zone);

}  // namespace idea::outbound

#endif  // IDEA_COMMON_OUTBOUND_EVENT_MAIL_H_
