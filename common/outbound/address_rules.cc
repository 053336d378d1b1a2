#include "common/outbound/address_rules.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <sstream>

namespace idea::outbound {
namespace {

constexpr std::array<uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr int kMappedBits = 96;

// An IPv4 address in the bytes of an IPv6 address, from byte `at` on.
uint32_t Ipv4At(const std::array<uint8_t, 16>& bytes, size_t at) {
  return uint32_t{bytes[at]} << 24U | uint32_t{bytes[at + 1]} << 16U | uint32_t{bytes[at + 2]} << 8U |
         bytes[at + 3];
}

struct Ipv4Network {
  uint32_t address;
  int bits;
};
constexpr uint32_t Ipv4(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  return a << 24U | b << 16U | c << 8U | d;
}
// The networks of the IANA registry of special-purpose addresses that are not globally reachable, the relays
// of 6to4, and multicast.
constexpr Ipv4Network kNotPublic[] = {
    {Ipv4(0, 0, 0, 0), 8},        {Ipv4(10, 0, 0, 0), 8},     {Ipv4(100, 64, 0, 0), 10},
    {Ipv4(127, 0, 0, 0), 8},      {Ipv4(169, 254, 0, 0), 16}, {Ipv4(172, 16, 0, 0), 12},
    {Ipv4(192, 0, 0, 0), 24},     {Ipv4(192, 0, 2, 0), 24},   {Ipv4(192, 88, 99, 0), 24},
    {Ipv4(192, 168, 0, 0), 16},   {Ipv4(198, 18, 0, 0), 15},  {Ipv4(198, 51, 100, 0), 24},
    {Ipv4(203, 0, 113, 0), 24},   {Ipv4(224, 0, 0, 0), 4},    {Ipv4(240, 0, 0, 0), 4},
    {Ipv4(168, 63, 129, 16), 32},  // the platform's services inside Azure
};

bool IsPublicIpv4(uint32_t address) {
  return std::none_of(std::begin(kNotPublic), std::end(kNotPublic), [&](const Ipv4Network& network) {
    return (address ^ network.address) >> (32 - network.bits) == 0;
  });
}

// The first 32 bits of an IPv6 address.
uint32_t Head(const std::array<uint8_t, 16>& bytes) { return Ipv4At(bytes, 0); }

}  // namespace

bool AddressRules::Network::Contains(const Bytes& other) const {
  const auto whole = static_cast<size_t>(bits / 8);
  if (!std::equal(address.begin(), address.begin() + static_cast<std::ptrdiff_t>(whole), other.begin()))
    return false;
  const int rest = bits % 8;
  return rest == 0 || (address[whole] ^ other[whole]) >> (8 - rest) == 0;
}

bool AddressRules::ReadAddress(const std::string& text, Bytes* bytes) {
  in_addr four{};
  if (inet_pton(AF_INET, text.c_str(), &four) == 1) {
    std::copy(kMapped.begin(), kMapped.end(), bytes->begin());
    std::memcpy(bytes->data() + kMapped.size(), &four, sizeof(four));
    return true;
  }
  return inet_pton(AF_INET6, text.c_str(), bytes->data()) == 1;
}

bool AddressRules::IsPublic(const Bytes& bytes) {
  if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin())) return IsPublicIpv4(Ipv4At(bytes, 12));
  // NAT64 (64:ff9b::/96) reaches the IPv4 address at its end.
  constexpr std::array<uint8_t, 12> kNat64 = {0, 0x64, 0xff, 0x9b};
  if (std::equal(kNat64.begin(), kNat64.end(), bytes.begin())) return IsPublicIpv4(Ipv4At(bytes, 12));
  // Only 2000::/3 is global unicast.
  if (bytes[0] >> 5U != 1) return false;
  const uint32_t head = Head(bytes);
  const bool protocols = head >> 9U == 0x20010000U >> 9U;        // 2001::/23, with Teredo
  const bool documentation = head == 0x20010db8U ||              // 2001:db8::/32
                             head >> 12U == 0x3fff0000U >> 12U;  // 3fff::/20
  const bool sixtofour = head >> 16U == 0x2002U;                 // 2002::/16 contains an IPv4 address
  return !protocols && !documentation && !sixtofour;
}

bool AddressRules::AllowsBytes(const Bytes& bytes) const {
  return IsPublic(bytes) || std::any_of(networks_.begin(), networks_.end(),
                                        [&](const Network& network) { return network.Contains(bytes); });
}

bool AddressRules::Allows(const sockaddr* address) const {
  Bytes bytes{};
  if (address->sa_family == AF_INET) {
    std::copy(kMapped.begin(), kMapped.end(), bytes.begin());
    std::memcpy(bytes.data() + kMapped.size(), &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, 4);
  } else if (address->sa_family == AF_INET6) {
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, bytes.size());
  } else {
    return false;
  }
  return AllowsBytes(bytes);
}

bool AddressRules::AllowsHost(std::string_view host) const {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  // A zone (fe80::1%25eth0) does not change what kind of address it is.
  Bytes bytes{};
  return !ReadAddress(std::string(host.substr(0, host.find('%'))), &bytes) || AllowsBytes(bytes);
}

absl::StatusOr<AddressRules> AddressRules::Parse(std::string_view networks) {
  AddressRules rules;
  std::istringstream parts{std::string(networks)};
  for (std::string part; std::getline(parts, part, ',');) {
    const size_t slash = part.find('/');
    Network network;
    const bool is_address = ReadAddress(part.substr(0, slash), &network.address);
    const int most = part.find(':') == std::string::npos ? 32 : 128;
    const std::string bits = slash == std::string::npos ? std::to_string(most) : part.substr(slash + 1);
    const auto [end, failure] = std::from_chars(bits.data(), bits.data() + bits.size(), network.bits);
    if (!is_address || failure != std::errc() || end != bits.data() + bits.size() || network.bits < 0 ||
        network.bits > most)
      return absl::InvalidArgumentError("\"" + part + "\" is not a network such as 10.20.0.0/16");
    if (most == 32) network.bits += kMappedBits;
    rules.networks_.push_back(network);
  }
  return rules;
}

}  // namespace idea::outbound
