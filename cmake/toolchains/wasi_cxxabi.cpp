// What Debian's C++ library for WASI lacks and tests refer to: it is made without exceptions, so a throw is the end;
// and there is one thread, whose thread_local objects nobody destroys.
#include <cstdlib>

extern "C" {
void* __cxa_allocate_exception(std::size_t) noexcept { std::abort(); }
void __cxa_throw(void*, void*, void (*)(void*)) { std::abort(); }
int __cxa_thread_atexit(void (*)(void*), void*, void*) { return 0; }
}
