#include "common/config/redis_url.h"

#include <gmock/gmock.h>

namespace idea::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// The meaning of a URL in one line: "user:password tls host:port,host:port master/database".
std::string Meaning(const RedisUrl& url) {
  std::string text = url.user + ":" + url.password + (url.tls ? " tls" : "");
  for (const RedisUrl::Host& host : url.hosts) text += " " + host.name + "|" + std::to_string(host.port);
  if (!url.unix_path.empty()) text += " unix " + url.unix_path;
  if (url.is_sentinel()) text += " master " + url.master;
  return text + " " + std::to_string(url.database);
}

struct UrlCase {
  const char* text;
  const char* meaning;
};

TEST(ARedisUrl, IsUnderstoodAsAWhole) {
  const UrlCase cases[] = {
      {"redis.idea.svc:6379", ": redis.idea.svc|6379 0"},
      {"127.0.0.1:1", ": 127.0.0.1|1 0"},
      {"[::1]:6379", ": ::1|6379 0"},
      {"unix:/run/redis.sock", ": unix /run/redis.sock 0"},
      {"unix:///run/redis.sock", ": unix /run/redis.sock 0"},
      {"unix:/run/a@b:c", ": unix /run/a@b:c 0"},
      {"unix://idea:p%20w@/run/redis.sock", "idea:p w unix /run/redis.sock 0"},
      {"redis://host", ": host|6379 0"},
      {"redis://host/", ": host|6379 0"},
      {"redis://host:7000/15", ": host|7000 15"},
      {"redis://:pw@host:6379/0", ":pw host|6379 0"},
      {"redis://idea@host", "idea: host|6379 0"},
      {"redis://idea:pw@host", "idea:pw host|6379 0"},
      {"redis://a%40b:p%3Aw%2f%25%e2%82%ac@host", "a@b:p:w/%\xe2\x82\xac host|6379 0"},
      {"redis://idea:p:w@host", "idea:p:w host|6379 0"},
      {"redis://:pw@[2001:db8::1]:6380/2", ":pw 2001:db8::1|6380 2"},
      {"redis://[::1]", ": ::1|6379 0"},
      {"rediss://host", ": tls host|6379 0"},
      {"rediss://idea:pw@host:6390/3", "idea:pw tls host|6390 3"},
      {"redis-sentinel://a", ": a|26379 master mymaster 0"},
      {"redis-sentinel://a:1,b,[::1]:3/queue/4", ": a|1 b|26379 ::1|3 master queue 4"},
      {"redis-sentinel://idea:pw@a,b/queue", "idea:pw a|26379 b|26379 master queue 0"},
      {"rediss-sentinel://a,b/queue/1", ": tls a|26379 b|26379 master queue 1"},
  };
  for (const UrlCase& c : cases) {
    const auto url = ParseRedisUrl(c.text);
    ASSERT_TRUE(url.ok()) << c.text << ": " << url.status();
    EXPECT_EQ(Meaning(*url), c.meaning) << c.text;
  }
}

TEST(ARedisUrl, IsRefusedIfAPartIsNotUnderstood) {
  const UrlCase cases[] = {
      {"", "a host"},
      {"host", "a port"},
      {"host:", "a port"},
      {"host:0", "a port"},
      {"host:65536", "a port"},
      {"host:+1", "a port"},
      {"host:-1", "a port"},
      {"host:6379x", "a port"},
      {"host:6379/0", "a port"},
      {":6379", "a host"},
      {"::1:6379", "a host"},
      {"pw@host:6379", "a host"},
      {":s3cret@host:6379", "a host"},
      {"[::1]", "a port"},
      {"[host]:1", "an IPv6 address"},
      {"[::1:1", "an IPv6 address"},
      {"host: 6379", "without white space"},
      {"redis://host\n", "without white space"},
      {"unix:", "absolute path"},
      {"unix:redis.sock", "absolute path"},
      {"unix:/", "absolute path"},
      {"unix://host/redis.sock", "absolute path"},
      {"unix:/redis.sock?db=1", "without ?"},
      {"unix:///redis%20sock", "without ?"},
      {"http://host:6379", "redis://"},
      {"REDIS://host:6379", "redis://"},
      {"tcp://10.0.0.1:6379", "redis://"},
      {"redis+tls://host", "redis://"},
      {"redis:/host", "a port"},
      {"redis:///0", "a host"},
      {"redis://", "a host"},
      {"redis://host:x", "a port"},
      {"redis://host/x", "number of a database"},
      {"redis://host/-1", "number of a database"},
      {"redis://host/0/1", "number of a database"},
      {"redis://host/99999999999", "number of a database"},
      {"redis://host?db=1", "no ?"},
      {"redis://host/0?timeout=1s", "no ?"},
      {"redis://host#x", "no ?"},
      {"redis://@host", "a user or a password"},
      {"redis://:@host", "a user or a password"},
      {"redis://:s3c@ret@host", "%40"},
      {"redis://:s3cret%@host", "%25"},
      {"redis://:s3cret%4@host", "%25"},
      {"redis://:s3cret%zz@host", "%25"},
      {"redis://:s3cret%00@host", "%25"},
      {"redis://:s3c/ret@host", "a host"},
      {"redis://a,b", "redis-sentinel://"},
      {"redis-sentinel://", "a host"},
      {"redis-sentinel://a,", "a host"},
      {"redis-sentinel://,a", "a host"},
      {"redis-sentinel://a/my master", "without white space"},
      {"redis-sentinel://a/m!", "a master's name"},
      {"redis-sentinel://a/m/x", "number of a database"},
      {"redis-sentinel://a/m/0/", "number of a database"},
  };
  for (const UrlCase& c : cases) {
    const auto url = ParseRedisUrl(c.text);
    ASSERT_FALSE(url.ok()) << c.text << ": " << Meaning(*url);
    EXPECT_THAT(std::string(url.status().message()), HasSubstr(c.meaning)) << c.text;
    EXPECT_THAT(std::string(url.status().message()), Not(HasSubstr("s3c"))) << c.text;
  }
}

}  // namespace
}  // namespace idea::config
