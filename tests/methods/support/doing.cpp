#include "methods/support/doing.h"

#if !defined(__wasm__)
#include <signal.h>
#include <unistd.h>
#endif

#include <array>
#include <atomic>
#include <cstddef>

namespace tconv::testing {
namespace {

#if defined(__wasm__)  // nobody is told where it ends
std::atomic<const std::string*> current{nullptr};
bool watch() { return true; }
#else
constexpr std::array kSignals{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

std::atomic<const std::string*> current{nullptr};
std::array<struct sigaction, kSignals.size()> before;  // sanitizers have theirs

void tell(int number) {
    if (const std::string* const words = current) {
        static_cast<void>(!write(STDERR_FILENO, words->data(), words->size()));
        static_cast<void>(!write(STDERR_FILENO, "\n", 1));
    }
    // Where the handler returns to, it happens again, and is dealt with as it would have been.
    for (std::size_t i = 0; i < kSignals.size(); ++i)
        if (kSignals[i] == number) sigaction(number, &before[i], nullptr);
    if (number == SIGABRT) raise(number);
}

bool watch() {
    struct sigaction action{};
    action.sa_handler = tell;
    for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &action, &before[i]);
    return true;
}
#endif

}  // namespace

Doing::Doing(std::string words) : words_(std::move(words)) {
    [[maybe_unused]] static const bool kIsWatched = watch();
    current = &words_;
}

Doing::~Doing() { current = nullptr; }

}  // namespace tconv::testing
