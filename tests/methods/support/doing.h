// Doing: what a test is at, in words, for as long as it lives. Where the process is ended by a signal (a guard page was
// touched, something was divided by zero), the words are written to standard error first, so that it can be repeated.
#pragma once

#include <string>

namespace tconv::testing {

class Doing {
public:
    explicit Doing(std::string words);
    ~Doing();
    Doing(const Doing&) = delete;
    Doing& operator=(const Doing&) = delete;

private:
    std::string words_;
};

}  // namespace tconv::testing
