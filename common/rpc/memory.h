#ifndef IDEA_COMMON_RPC_MEMORY_H_
#define IDEA_COMMON_RPC_MEMORY_H_

namespace idea::rpc {

// Configures the allocator so that the memory of large requests returns to the system: few arenas, and
// separate mappings for blocks from 256 KiB. To be called before the process starts threads.
void BoundMemory();

// Returns the free memory in the arenas of the allocator if it is more than 32 MiB, which takes milliseconds.
void ReturnMemory();

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_MEMORY_H_
