#ifndef IDEA_COMMON_OUTBOUND_ADDRESS_RULES_H_
#define IDEA_COMMON_OUTBOUND_ADDRESS_RULES_H_

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace idea::outbound {

// Which addresses a request may connect to if somebody outside has chosen its URL: public unicast addresses,
// and those of given networks. Loopback, link-local, private, shared, reserved and multicast addresses are
// not public, and so are IPv6 addresses that contain such an IPv4 address.
class AddressRules {
 public:
  // Only public addresses.
  AddressRules() = default;
  // Also the addresses of these networks: "10.20.0.0/16,fd00:1::/64". The failure names the wrong network.
  static absl::StatusOr<AddressRules> Parse(std::string_view networks);

  // Whether a socket may connect to the address. No address of another family than IPv4 and IPv6 is allowed.
  bool Allows(const sockaddr* address) const;
  // The same for a host of a URL that is an address, such as "127.0.0.1" or "[::1]". True for a host name.
  bool AllowsHost(std::string_view host) const;

 private:
  // An address as IPv6; IPv4 addresses are mapped (::ffff:0:0/96).
  using Bytes = std::array<uint8_t, 16>;
  struct Network {
    Bytes address;
    int bits = 0;
    bool Contains(const Bytes& other) const;
  };
  static bool ReadAddress(const std::string& text, Bytes* bytes);
  static bool IsPublic(const Bytes& bytes);
  bool AllowsBytes(const Bytes& bytes) const;

  std::vector<Network> networks_;
};

}  // namespace idea::outbound

#endif  // IDEA_COMMON_OUTBOUND_ADDRESS_RULES_H_
