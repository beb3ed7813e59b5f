#include "terminal.h"

#include <fmt/format.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigaction is POSIX's, not csignal's
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "io/temporary.h"
#include "verb.h"

namespace tconv::cli {
namespace {

enum class ColorMode { automatic, always, never };
ColorMode color_mode = ColorMode::automatic;

volatile sig_atomic_t is_deferred = 0, has_come = 0;

extern "C" void on_interrupt(int) {
    if (is_deferred != 0 && has_come == 0) {
        has_come = 1;
        return;
    }
    io::remove_temporary_files();
    _exit(kInterrupted);
}

bool is_set(const char* variable) {
    const char* value = std::getenv(variable);
    return value && *value && std::string_view(value) != "0";
}

bool has_color(int descriptor) {
    if (color_mode != ColorMode::automatic) return color_mode == ColorMode::always;
    if (const char* no = std::getenv("NO_COLOR"); no && *no) return false;
    const char* terminal = std::getenv("TERM");
    const bool is_dumb = terminal && std::string_view(terminal) == "dumb";
    return is_set("CLICOLOR_FORCE") || (isatty(descriptor) && !is_dumb);
}

}  // namespace

void install_interrupt_handler() {
    struct sigaction action{};
    action.sa_handler = on_interrupt;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    signal(SIGPIPE, SIG_IGN);  // a closed pipe is a write error with a sentence
}

InterruptLater::InterruptLater() noexcept {
    has_come = 0;
    is_deferred = 1;
}
InterruptLater::~InterruptLater() { is_deferred = 0; }
bool InterruptLater::came() noexcept { return has_come != 0; }

void set_color_mode(const std::string& mode) {
    color_mode = mode == "always" ? ColorMode::always : mode == "never" ? ColorMode::never : ColorMode::automatic;
}

bool stderr_has_color() { return has_color(STDERR_FILENO); }
bool stdout_has_color() { return has_color(STDOUT_FILENO); }

Progress::Progress(std::string what)
    : what_(std::move(what)), start_(std::chrono::steady_clock::now()), last_(start_) {}

void Progress::update(std::int64_t done, std::int64_t total, const std::string& text) {
    const auto now = std::chrono::steady_clock::now();
    if (!isatty(STDERR_FILENO) || now - start_ < std::chrono::milliseconds(500) ||
        now - last_ < std::chrono::milliseconds(50))
        return;
    last_ = now;
    drawn_ = true;
    constexpr int kWidth = 30;
    const double share = total > 0 ? static_cast<double>(done) / static_cast<double>(total) : 1;
    const int filled = std::clamp(static_cast<int>(share * kWidth), 0, kWidth);
    std::fputs(fmt::format("\r{} [{:#<{}}{:.<{}}] {:3.0f} %{}{}", what_, "", filled, "", kWidth - filled, share * 100,
                           text, text.empty() ? "" : "\033[K")
                   .c_str(),
               stderr);
    std::fflush(stderr);
}

Progress::~Progress() {
    if (drawn_) std::fputs("\r\033[K", stderr);
}

Activity::Activity(std::string what) : what_(std::move(what)) {
    if (isatty(STDERR_FILENO)) thread_ = std::thread([this] { show(); });
}

void Activity::show() {
    constexpr int kWidth = 20, kBlock = 5;
    constexpr auto kStep = std::chrono::milliseconds(100);
    std::unique_lock lock(mutex_);
    const auto is_done = [this] { return is_done_; };
    if (done_.wait_for(lock, std::chrono::milliseconds(500), is_done)) return;
    for (int step = 5; !done_.wait_for(lock, kStep, is_done); ++step) {
        const int at = std::abs(step % (2 * (kWidth - kBlock)) - (kWidth - kBlock));
        std::fputs(fmt::format("\r{} [{:.<{}}{:#<{}}{:.<{}}] {} s", what_, "", at, "", kBlock, "", kWidth - kBlock - at,
                               step / 10)
                       .c_str(),
                   stderr);
        std::fflush(stderr);
    }
    std::fputs("\r\033[K", stderr);
}

Activity::~Activity() {
    {
        const std::lock_guard lock(mutex_);
        is_done_ = true;
    }
    done_.notify_all();
    if (thread_.joinable()) thread_.join();
}

}  // namespace tconv::cli
