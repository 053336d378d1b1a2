#include "services/cli/call/connection_check.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <memory>
#include <utility>
#include <vector>

#include "common/rpc/connection_check.h"

namespace idea::cli {
namespace {

using std::chrono::milliseconds;

// The host of an address with one host.
std::optional<rpc::ServerAddress> HostOf(const std::string& address) {
  std::vector<rpc::ServerAddress> found = rpc::AddressesIn(address);
  return found.size() == 1 ? std::optional(std::move(found[0])) : std::nullopt;
}

// Whether `no_proxy`, a comma list, contains the host or its domain.
bool IsExempt(const std::string& list, const std::string& host) {
  for (size_t begin = 0; begin <= list.size();) {
    const size_t end = std::min(list.find(',', begin), list.size());
    std::string entry = list.substr(begin, end - begin);
    entry.erase(0, entry.find_first_not_of(' '));
    if (!entry.empty() && host.ends_with(entry)) return true;
    begin = end + 1;
  }
  return false;
}

// The variable with the proxy that gRPC uses for this host. Empty if it does not use one.
std::string ProxyVariable(const Variables& variables, const std::string& host) {
  const auto value = [&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::string() : found->second;
  };
  const std::string exempt = value("no_grpc_proxy").empty() ? value("no_proxy") : value("no_grpc_proxy");
  if (IsExempt(exempt, host)) return "";
  for (const char* name : {"grpc_proxy", "https_proxy", "http_proxy"}) {
    if (!value(name).empty()) return name;
  }
  return "";
}

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

// Loads the files of the call. Returns the first error.
std::optional<ConnectionTrouble> LoadFiles(const Target& target, SSL_CTX* context) {
  const auto unreadable = [](const std::string& what, const std::string& file) {
    return ConnectionTrouble{kUsage, "the " + what + " " + file + " cannot be read"};
  };
  if (SSL_CTX_load_verify_locations(context, target.authority.c_str(), nullptr) != 1)
    return unreadable("certificate authority", target.authority);
  if (target.certificate.empty()) return std::nullopt;
  if (SSL_CTX_use_certificate_chain_file(context, target.certificate.c_str()) != 1)
    return unreadable("certificate", target.certificate);
  if (SSL_CTX_use_PrivateKey_file(context, target.key.c_str(), SSL_FILETYPE_PEM) != 1)
    return ConnectionTrouble{kUsage,
                             "the key " + target.key + " cannot be read, or is not that of the certificate"};
  const X509* own = SSL_CTX_get0_certificate(context);
  if (X509_cmp_current_time(X509_get0_notAfter(own)) < 0)
    return ConnectionTrouble{kExpired, "your certificate " + target.certificate + " has expired: renew it"};
  if (X509_cmp_current_time(X509_get0_notBefore(own)) > 0)
    return ConnectionTrouble{kExpired, "your certificate " + target.certificate + " is not valid yet"};
  return std::nullopt;
}

// Describes a failed check. Nothing if it succeeded.
std::optional<ConnectionTrouble> TroubleOf(const rpc::ConnectionCheck& check, const rpc::ServerAddress& to,
                                           milliseconds timeout) {
  using enum rpc::ConnectionFault;
  const std::string at = to.host + ":" + to.port;
  const std::string certificate = "the certificate of " + at;
  const auto trouble = [](ExitCode code, std::string text) {
    return std::optional(ConnectionTrouble{code, std::move(text)});
  };
  switch (check.fault) {
    case kNone:
      return std::nullopt;
    case kNoSuchHost:
      return trouble(ExitCode::kNoSuchHost, "the host " + to.host + " is not known: " + check.detail);
    case kRefused:
      return trouble(ExitCode::kRefused,
                     "no connection to " + at + ": " + check.detail + "; is the server running there?");
    case kTimeout:
      return trouble(kDeadline,
                     at + " did not answer within " + std::to_string(timeout.count() / 1000) + " s");
    case kNoTls:
      return trouble(ExitCode::kRefused, at + " does not use TLS: is it the port of another service?");
    case kExpired:
    case kNotYetValid:
      return trouble(ExitCode::kExpired, certificate + " is out of date: " + check.detail);
    case kUnknownAuthority:
      return trouble(ExitCode::kUnknownAuthority,
                     certificate + " is not from the certificate authority in --ca: " + check.detail);
    case kWrongName:
    case kWrongIdentity:
      return trouble(kNameMismatch, certificate + " is for another name than " + to.host +
                                        ": call the server by a name that its certificate has");
    case kOwnExpired:
      return trouble(ExitCode::kExpired, at + " says that your certificate has expired: renew it");
    case kClosed:
    case kOwnRefused:
      break;
  }
  return trouble(kCertificateRefused, at + " does not accept your certificate (" +
                                          (check.detail.empty() ? "it closed the connection" : check.detail) +
                                          "): use one of the exchange's certificate authority");
}

}  // namespace

bool IsLoopback(const std::string& address) {
  const std::optional<rpc::ServerAddress> at = HostOf(address);
  return at && (at->host == "localhost" || at->host.starts_with("127.") || at->host == "::1");
}

std::optional<ConnectionTrouble> FindConnectionTrouble(const Target& target, const Variables& variables,
                                                       milliseconds timeout) {
  const std::optional<rpc::ServerAddress> at = HostOf(target.address);
  if (!at) return std::nullopt;
  const Context context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  if (auto trouble = LoadFiles(target, context.get())) return trouble;
  if (const std::string proxy = IsLoopback(target.address) ? "" : ProxyVariable(variables, at->host);
      !proxy.empty()) {
    return ConnectionTrouble{kProxy, "the call goes through the proxy that " + proxy +
                                         " in the environment names, and fails: unset it, or add " +
                                         at->host + " to no_proxy"};
  }
  return TroubleOf(rpc::CheckConnection(*at, context.get(), at->host, "", timeout), *at, timeout);
}

}  // namespace idea::cli
