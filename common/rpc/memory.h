#ifndef IDEA_COMMON_RPC_MEMORY_H_
#define IDEA_COMMON_RPC_MEMORY_H_

namespace idea::rpc {

// Sets the allocator so that what a large request took goes back to the system: few arenas, and blocks from
// 256 KiB on that are mapped each on its own. Before the process starts threads.
void BoundMemory();

// Gives back what is free in the allocator's arenas if it is more than 32 MiB. Takes milliseconds then.
void ReturnMemory();

}  // namespace idea::rpc

#endif  // IDEA_COMMON_RPC_MEMORY_H_
