#include "common/transparency/timestamp.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509_vfy.h>

#include <ctime>
#include <memory>
#include <new>

#include "absl/strings/escaping.h"
#include "common/ids/ids.h"
#include "common/status/status.h"

namespace idea::transparency {
namespace {

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
template <class T, auto kFree>
using Owned = std::unique_ptr<T, Free<kFree>>;
using Bio = Owned<BIO, BIO_free_all>;
using Store = Owned<X509_STORE, X509_STORE_free>;
using Response = Owned<TS_RESP, TS_RESP_free>;
using Token = Owned<PKCS7, PKCS7_free>;

absl::Status Invalid(const std::string& why) {
  // The queue of errors must not grow.
  ERR_clear_error();
  return absl::InvalidArgumentError(why);
}

Bio BioOf(std::string_view bytes) {
  return Bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

// A structure in DER that has no bytes after it; null for other bytes.
template <class Object, class Read>
Object ReadDer(std::string_view bytes, Read read) {
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  const auto* const end = at + bytes.size();
  Object object(read(nullptr, &at, static_cast<long>(bytes.size())));
  if (at != end) object.reset();
  return object;
}

absl::StatusOr<Store> StoreOf(std::string_view authorities, time_t at) {
  Store store(X509_STORE_new());
  const Bio pem = BioOf(authorities);
  int count = 0;
  while (X509* certificate = PEM_read_bio_X509(pem.get(), nullptr, nullptr, nullptr)) {
    const Owned<X509, X509_free> owned(certificate);
    X509_STORE_add_cert(store.get(), certificate);
    ++count;
  }
  ERR_clear_error();
  if (count == 0) return Invalid("the file does not contain a certificate of an authority");
  X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store.get()), at);
  return store;
}

}  // namespace

std::string TimestampRequest(std::string_view text) {
  const Owned<TS_REQ, TS_REQ_free> request(TS_REQ_new());
  const Owned<TS_MSG_IMPRINT, TS_MSG_IMPRINT_free> imprint(TS_MSG_IMPRINT_new());
  const Owned<X509_ALGOR, X509_ALGOR_free> algorithm(X509_ALGOR_new());
  if (request == nullptr || imprint == nullptr || algorithm == nullptr) throw std::bad_alloc();
  std::string hash = absl::HexStringToBytes(ids::Sha256Hex(std::string(text)));
  X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nullptr);
  TS_MSG_IMPRINT_set_algo(imprint.get(), algorithm.get());
  TS_MSG_IMPRINT_set_msg(imprint.get(), reinterpret_cast<unsigned char*>(hash.data()),
                         static_cast<int>(hash.size()));
  TS_REQ_set_version(request.get(), 1);
  TS_REQ_set_msg_imprint(request.get(), imprint.get());
  TS_REQ_set_cert_req(request.get(), 1);
  unsigned char* der = nullptr;
  const int size = i2d_TS_REQ(request.get(), &der);
  if (size < 0) throw std::bad_alloc();
  std::string bytes(reinterpret_cast<char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

absl::StatusOr<std::string> TimestampToken(std::string_view response) {
  const auto parsed = ReadDer<Response>(response, d2i_TS_RESP);
  if (parsed == nullptr) return Invalid("the authority's answer is not a time-stamp response");
  const long status = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(TS_RESP_get_status_info(parsed.get())));
  if (status != TS_STATUS_GRANTED && status != TS_STATUS_GRANTED_WITH_MODS)
    return absl::FailedPreconditionError("the authority refuses a time-stamp with status " +
                                         std::to_string(status));
  PKCS7* token = TS_RESP_get_token(parsed.get());
  unsigned char* der = nullptr;
  const int size = token == nullptr ? -1 : i2d_PKCS7(token, &der);
  if (size < 0) return Invalid("the authority's answer has no token");
  std::string bytes(reinterpret_cast<char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

absl::StatusOr<int64_t> VerifyTimestamp(std::string_view token, std::string_view text,
                                        std::string_view authorities) {
  const auto parsed = ReadDer<Token>(token, d2i_PKCS7);
  const Owned<TS_TST_INFO, TS_TST_INFO_free> info(parsed == nullptr ? nullptr
                                                                    : PKCS7_to_TS_TST_INFO(parsed.get()));
  std::tm when{};
  if (info == nullptr || ASN1_TIME_to_tm(TS_TST_INFO_get_time(info.get()), &when) != 1)
    return Invalid("it is not a time-stamp token");
  const time_t time = timegm(&when);
  ASSIGN_OR_RETURN(Store store, StoreOf(authorities, time));
  const Owned<TS_VERIFY_CTX, TS_VERIFY_CTX_free> context(TS_VERIFY_CTX_new());
  TS_VERIFY_CTX_set_flags(context.get(), TS_VFY_VERSION | TS_VFY_SIGNATURE | TS_VFY_DATA);
  // The context frees both.
  TS_VERIFY_CTX_set_store(context.get(), store.release());
  TS_VERIFY_CTX_set_data(context.get(), BioOf(text).release());
  if (TS_RESP_verify_token(context.get(), parsed.get()) != 1)
    return Invalid("the time-stamp is not one of the trusted authorities over this checkpoint");
  return time;
}

}  // namespace idea::transparency
