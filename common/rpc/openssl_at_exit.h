#ifndef IDEA_COMMON_RPC_OPENSSL_AT_EXIT_H_
#define IDEA_COMMON_RPC_OPENSSL_AT_EXIT_H_

#include <openssl/crypto.h>

namespace idea::rpc {

// OpenSSL frees what it has when the process exits, and gRPC's own threads may still be in a handshake then:
// a channel that is closed while it connects leaves one behind. The first who asks decides; this asks before
// main does. The system takes the memory back anyway.
inline const bool kOpenSslStaysAtExit = OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr) == 1;

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_OPENSSL_AT_EXIT_H_
