#include "trace_terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "terminal.h"
#include "verb.h"

namespace tconv::cli {
namespace {

constexpr int kInterruptKey = 3, kEscapeKey = 27;

// While it lives, keys are read one by one and not shown, Ctrl-C too, so that the terminal is always put back.
class RawKeys {
public:
    RawKeys() : is_terminal_(tcgetattr(STDIN_FILENO, &before_) == 0) {
        if (!is_terminal_) return;
        termios raw = before_;
        raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
        tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    }
    ~RawKeys() {
        if (is_terminal_) tcsetattr(STDIN_FILENO, TCSANOW, &before_);
    }
    RawKeys(const RawKeys&) = delete;
    RawKeys& operator=(const RawKeys&) = delete;

    enum class Key { on, back, leave, interrupt };
    Key read_key() const {
        char key = 0;
        if (read(STDIN_FILENO, &key, 1) != 1 || key == 'q') return Key::leave;
        if (key == kInterruptKey) return Key::interrupt;
        if (key == 'b') return Key::back;
        if (key != kEscapeKey) return Key::on;
        char arrow[2] = {};  // left is ESC [ D
        return read(STDIN_FILENO, arrow, 2) == 2 && arrow[1] == 'D' ? Key::back : Key::on;
    }

private:
    termios before_{};
    bool is_terminal_ = false;
};

std::size_t terminal_columns() {
    winsize size{};
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 100;
}

void show(const std::string& text) {
    fmt::print("\033[H\033[2J{}", text);
    std::fflush(stdout);
}

}  // namespace

draw::TextOptions terminal_text_options() {
    return {stdout_has_color(), isatty(STDOUT_FILENO) != 0 ? terminal_columns() : 100};
}

Result<int> play_in_terminal(const draw::TextPicture& picture, double fps, bool waits_for_keys) {
    const auto& [heading, steps] = picture;
    const bool is_terminal = isatty(STDOUT_FILENO) != 0;
    if (!is_terminal || steps.size() == 1) {
        fmt::print("{}", heading);
        for (const std::string& step : steps) fmt::print("{}{}", heading.empty() ? "" : "\n", step);
        return kDone;
    }
    if (!waits_for_keys) {
        for (const std::string& step : steps) {
            show(heading + "\n" + step);
            std::this_thread::sleep_for(std::chrono::duration<double>(1 / fps));
        }
        return kDone;
    }
    const RawKeys keys;
    for (std::size_t i = 0; i < steps.size();) {
        show(heading + "\n" + steps[i] +
             (i + 1 < steps.size() ? "\nany key: on   b: back   q: leave\n" : "\nany key: leave   b: back\n"));
        switch (keys.read_key()) {
            case RawKeys::Key::on:
                ++i;
                break;
            case RawKeys::Key::back:
                i -= i > 0 ? 1 : 0;
                break;
            case RawKeys::Key::leave:
                return kDone;
            case RawKeys::Key::interrupt:
                return kInterrupted;
        }
    }
    return kDone;
}

}  // namespace tconv::cli
