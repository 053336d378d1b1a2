#ifndef IDEA_COMMON_RPC_OPENSSL_AT_EXIT_H_
#define IDEA_COMMON_RPC_OPENSSL_AT_EXIT_H_

#include <openssl/crypto.h>

namespace idea::rpc {

// Disables the cleanup of OpenSSL at exit, because threads of gRPC may still be in a handshake then: a
// channel that is closed while it connects leaves one running. The first initialization decides, so this runs
// before main(). The system frees the memory anyway.
inline const bool kOpenSslStaysAtExit = OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr) == 1;

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_OPENSSL_AT_EXIT_H_
