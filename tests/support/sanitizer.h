#ifndef IDEA_TESTS_SUPPORT_SANITIZER_H_
#define IDEA_TESTS_SUPPORT_SANITIZER_H_

// Tests that cannot run under a sanitizer call GTEST_SKIP() with the reason.
namespace idea::testing {

// ThreadSanitizer does not follow a process with threads through fork().
#if __has_feature(thread_sanitizer)
inline constexpr bool kCannotFork = true;
#else
inline constexpr bool kCannotFork = false;
#endif

}  // namespace idea::testing

#endif  // IDEA_TESTS_SUPPORT_SANITIZER_H_
