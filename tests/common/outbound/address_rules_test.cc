#include "common/outbound/address_rules.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "tests/support/matchers.h"

namespace idea::outbound {
namespace {

// Whether a socket may connect to the address.
bool Allows(const AddressRules& rules, const std::string& text) {
  sockaddr_in four{};
  four.sin_family = AF_INET;
  if (inet_pton(AF_INET, text.c_str(), &four.sin_addr) == 1)
    return rules.Allows(reinterpret_cast<const sockaddr*>(&four));
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), &six.sin6_addr), 1) << text;
  return rules.Allows(reinterpret_cast<const sockaddr*>(&six));
}

TEST(AddressRules, RefuseEveryAddressThatIsNotPublic) {
  for (const char* text : {"0.0.0.0",
                           "0.1.2.3",
                           "10.0.0.1",
                           "10.255.255.255",
                           "100.64.0.1",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.255.255.254",
                           "169.254.0.1",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.1",
                           "192.0.2.1",
                           "192.88.99.1",
                           "192.168.0.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "198.51.100.1",
                           "203.0.113.1",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.1",
                           "255.255.255.255",
                           "168.63.129.16",
                           "::",
                           "::1",
                           "::127.0.0.1",
                           "::ffff:127.0.0.1",
                           "::ffff:10.0.0.1",
                           "::ffff:169.254.169.254",
                           "64:ff9b::7f00:1",
                           "64:ff9b::a9fe:a9fe",
                           "64:ff9b:1::1",
                           "100::1",
                           "2001::1",
                           "2001:db8::1",
                           "2002:7f00:1::1",
                           "3fff::1",
                           "fc00::1",
                           "fd00:ec2::254",
                           "fe80::1",
                           "fec0::1",
                           "ff02::1"}) {
    EXPECT_FALSE(Allows(AddressRules(), text)) << text;
  }
}

TEST(AddressRules, AllowPublicAddresses) {
  for (const char* text :
       {"1.1.1.1", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "126.1.1.1", "128.0.0.1",
        "169.253.1.1", "172.15.1.1", "172.32.1.1", "192.167.1.1", "223.255.255.1", "::ffff:8.8.8.8",
        "64:ff9b::808:808", "2001:4860:4860::8888", "2606:4700::1111"}) {
    EXPECT_TRUE(Allows(AddressRules(), text)) << text;
  }
}

TEST(AddressRules, AllowNoOtherFamily) {
  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  EXPECT_FALSE(AddressRules().Allows(reinterpret_cast<const sockaddr*>(&local)));
}

TEST(AddressRules, AllowGivenNetworksOnly) {
  const auto rules = AddressRules::Parse("10.20.0.0/16,fd00:1::/33,192.168.7.9");
  ASSERT_THAT(rules, testing::IsOk());
  for (const char* text : {"10.20.0.1", "10.20.255.255", "::ffff:10.20.3.4", "fd00:1:0:1::1", "192.168.7.9"})
    EXPECT_TRUE(Allows(*rules, text)) << text;
  for (const char* text : {"10.21.0.0", "10.19.255.255", "127.0.0.1", "fd00:1:8000::1", "192.168.7.8"})
    EXPECT_FALSE(Allows(*rules, text)) << text;
  const auto all = AddressRules::Parse("0.0.0.0/0");
  ASSERT_THAT(all, testing::IsOk());
  EXPECT_TRUE(Allows(*all, "127.0.0.1"));
  EXPECT_FALSE(Allows(*all, "::1"));
}

TEST(AddressRules, NameTheWrongNetwork) {
  for (const char* text : {"10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0/8", "example.org", "fd00::/129",
                           "10.0.0.0/8,,fd00::/8", "10.0.0.0/8x", " 10.0.0.0/8"}) {
    EXPECT_FALSE(AddressRules::Parse(text).ok()) << text;
  }
}

}  // namespace
}  // namespace idea::outbound
