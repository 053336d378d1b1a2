#include "common/redis/session.h"

#include <hiredis/hiredis.h>

#include <array>
#include <charconv>

#include "common/redis/failure.h"
#include "common/status/status.h"

namespace idea::redis {
namespace {

using config::RedisUrl;

// The maximum size of the replies to one round trip, in bytes.
constexpr size_t kMaxReplyBytes = 64 << 20;

std::string Encoded(const std::vector<std::vector<std::string>>& commands) {
  std::string bytes;
  for (const auto& command : commands) {
    bytes += "*" + std::to_string(command.size()) + "\r\n";
    for (const std::string& word : command)
      bytes += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  }
  return bytes;
}

Reply Copy(const redisReply& from) {
  Reply reply;
  switch (from.type) {
    case REDIS_REPLY_INTEGER:
      reply.kind = Reply::Kind::kInteger;
      reply.integer = from.integer;
      break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_ERROR:
      reply.kind = from.type == REDIS_REPLY_ERROR ? Reply::Kind::kError : Reply::Kind::kText;
      reply.text.assign(from.str, static_cast<size_t>(from.len));
      break;
    case REDIS_REPLY_ARRAY:
      reply.kind = Reply::Kind::kList;
      reply.list.reserve(from.elements);
      for (size_t i = 0; i < from.elements; ++i) reply.list.push_back(Copy(*from.element[i]));
      break;
    default:
      break;
  }
  return reply;
}

}  // namespace

void Session::FreeReader::operator()(redisReader* reader) const { redisReaderFree(reader); }

Session::Session(std::unique_ptr<Socket> socket) : socket_(std::move(socket)), reader_(redisReaderCreate()) {}

Session::~Session() = default;

absl::StatusOr<std::unique_ptr<Session>> Session::Connect(const RedisUrl& url, const RedisUrl::Host* host,
                                                          const Options& options, Deadline deadline) {
  std::unique_ptr<Socket> socket;
  if (host == nullptr) {
    ASSIGN_OR_RETURN(socket, Socket::OpenUnix(url.unix_path, deadline));
  } else {
    SslContext tls(nullptr, &SSL_CTX_free);
    if (url.tls) {
      absl::StatusOr<SslContext> context = TlsContext(options.tls_dir);
      if (!context.ok()) return Failure("TLS", context.status());
      tls = *std::move(context);
    }
    ASSIGN_OR_RETURN(socket, Socket::Open(*host, tls.get(), deadline));
  }
  return std::unique_ptr<Session>(new Session(std::move(socket)));
}

absl::StatusOr<std::unique_ptr<Session>> Session::Open(const RedisUrl& url, const Options& options,
                                                       Deadline deadline) {
  ASSIGN_OR_RETURN(std::unique_ptr<Session> session,
                   Connect(url, url.hosts.empty() ? nullptr : &url.hosts.front(), options, deadline));
  RETURN_IF_ERROR(session->Prepare(url, options, deadline));
  return session;
}

absl::StatusOr<std::unique_ptr<Session>> Session::OpenMaster(const RedisUrl& url,
                                                             const RedisUrl::Host& master,
                                                             const Options& options, Deadline deadline) {
  ASSIGN_OR_RETURN(std::unique_ptr<Session> session, Connect(url, &master, options, deadline));
  RETURN_IF_ERROR(session->Prepare(url, options, deadline));
  ASSIGN_OR_RETURN(const std::vector<Reply> replies, session->Run({{"ROLE"}}, deadline));
  RETURN_IF_ERROR(StatusOf(replies[0]));
  if (replies[0].list.empty() || replies[0].list[0].text != "master")
    return Failure("NO_MASTER", "the server that Sentinel names is not a master");
  return session;
}

absl::StatusOr<RedisUrl::Host> Session::QuerySentinel(const RedisUrl& url, const RedisUrl::Host& sentinel,
                                                      const Options& options, Deadline deadline) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, Connect(url, &sentinel, options, deadline));
  if (!options.sentinel_password_file.empty() || !options.sentinel_user.empty()) {
    std::string password;
    if (!options.sentinel_password_file.empty()) {
      absl::StatusOr<std::string> read = ReadPassword(options.sentinel_password_file);
      if (!read.ok()) return Failure("LOGIN", read.status());
      password = *std::move(read);
    }
    RETURN_IF_ERROR(session->LogIn(options.sentinel_user, password, deadline));
  }
  ASSIGN_OR_RETURN(const std::vector<Reply> replies,
                   session->Run({{"SENTINEL", "GET-MASTER-ADDR-BY-NAME", url.master}}, deadline));
  RETURN_IF_ERROR(StatusOf(replies[0]));
  const std::vector<Reply>& address = replies[0].list;
  if (address.size() != 2) return Failure("NO_MASTER", "Sentinel does not know the master " + url.master);
  RedisUrl::Host master{address[0].text, 0};
  std::from_chars(address[1].text.data(), address[1].text.data() + address[1].text.size(), master.port);
  return master;
}

absl::Status Session::LogIn(const std::string& user, const std::string& password, Deadline deadline) {
  std::vector<std::string> command = {"AUTH"};
  if (!user.empty()) command.push_back(user);
  command.push_back(password);
  ASSIGN_OR_RETURN(const std::vector<Reply> replies, Run({command}, deadline));
  return StatusOf(replies[0]);
}

absl::Status Session::Prepare(const RedisUrl& url, const Options& options, Deadline deadline) {
  std::string password = url.password;
  if (!options.password_file.empty()) {
    absl::StatusOr<std::string> read = ReadPassword(options.password_file);
    if (!read.ok()) return Failure("LOGIN", read.status());
    password = *std::move(read);
  }
  if (!url.user.empty() || !password.empty()) RETURN_IF_ERROR(LogIn(url.user, password, deadline));
  if (url.database == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<Reply> replies,
                   Run({{"SELECT", std::to_string(url.database)}}, deadline));
  return StatusOf(replies[0]);
}

absl::StatusOr<std::vector<Reply>> Session::Run(const std::vector<std::vector<std::string>>& commands,
                                                Deadline deadline) {
  RETURN_IF_ERROR(socket_->Write(Encoded(commands), deadline));
  std::vector<Reply> replies;
  replies.reserve(commands.size());
  std::array<char, 16384> bytes;
  size_t received = 0;
  while (true) {
    void* found = nullptr;
    if (redisReaderGetReply(reader_.get(), &found) != REDIS_OK)
      return Failure("PROTOCOL", "what answers is not Redis");
    if (found != nullptr) {
      replies.push_back(Copy(*static_cast<redisReply*>(found)));
      freeReplyObject(found);
      if (replies.size() == commands.size()) return replies;
      continue;
    }
    ASSIGN_OR_RETURN(const size_t got, socket_->Read(bytes.data(), bytes.size(), deadline));
    received += got;
    if (received > kMaxReplyBytes)
      return Failure("TOO_LARGE", "a reply of more than 64 MiB", absl::StatusCode::kResourceExhausted);
    redisReaderFeed(reader_.get(), bytes.data(), got);
  }
}

}  // namespace idea::redis
