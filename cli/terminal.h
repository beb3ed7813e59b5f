// What the terminal is told: colour, progress, and what happens on Ctrl-C.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

namespace tconv::cli {

/// Ctrl-C and SIGTERM remove the temporary files of unfinished outputs and exit with 130.
void install_interrupt_handler();

/// While one lives, the first Ctrl-C or SIGTERM only makes came() true, so that work can be put away; the second one
/// ends the process as always.
class InterruptLater {
public:
    InterruptLater() noexcept;
    ~InterruptLater();
    InterruptLater(const InterruptLater&) = delete;
    InterruptLater& operator=(const InterruptLater&) = delete;

    static bool came() noexcept;
};

/// --color auto|always|never; auto obeys NO_COLOR, CLICOLOR_FORCE, and whether stderr or stdout is a terminal.
void set_color_mode(const std::string& mode);
bool stderr_has_color();
bool stdout_has_color();

/// A progress bar on stderr for whatever takes over half a second, only on a terminal. Erased when done.
class Progress {
public:
    explicit Progress(std::string what);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// `text` follows the bar.
    void update(std::int64_t done, std::int64_t total, const std::string& text = {});

private:
    std::string what_;
    std::chrono::steady_clock::time_point start_, last_;
    bool drawn_ = false;
};

/// "computing, 3 s" on stderr while work of unknown progress takes over half a second, only on a terminal.
class Activity {
public:
    explicit Activity(std::string what);
    ~Activity();
    Activity(const Activity&) = delete;
    Activity& operator=(const Activity&) = delete;

private:
    void show();

    std::string what_;
    std::mutex mutex_;
    std::condition_variable done_;
    bool is_done_ = false;
    std::thread thread_;
};

/// work()'s result; an Activity runs meanwhile.
template <class Work>
auto while_showing(const char* what, Work&& work) {
    const Activity activity(what);
    return work();
}

}  // namespace tconv::cli
