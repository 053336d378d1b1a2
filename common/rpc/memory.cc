#include "common/rpc/memory.h"

#include <malloc.h>

#include <cstddef>

namespace idea::rpc {

constexpr int kArenas = 4;
constexpr int kMappedFrom = 256 << 10;
constexpr size_t kReturnedFrom = size_t{32} << 20;

void BoundMemory() {
  mallopt(M_ARENA_MAX, kArenas);
  mallopt(M_MMAP_THRESHOLD, kMappedFrom);
  mallopt(M_TRIM_THRESHOLD, 2 * kMappedFrom);
}

void ReturnMemory() {
  if (mallinfo2().fordblks > kReturnedFrom) malloc_trim(0);
}

}  // namespace idea::rpc
