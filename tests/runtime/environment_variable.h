// An environment variable for the length of a test.
#pragma once

#include <cstdlib>
#include <string>

namespace tconv {

class EnvironmentVariable {
public:
    // Null: not set.
    EnvironmentVariable(const char* name, const char* value) : name_(name) {
        if (const char* old = std::getenv(name)) old_ = old, was_set_ = true;
        value ? setenv(name, value, 1) : unsetenv(name);
    }
    ~EnvironmentVariable() { was_set_ ? setenv(name_, old_.c_str(), 1) : unsetenv(name_); }
    EnvironmentVariable(const EnvironmentVariable&) = delete;
    EnvironmentVariable& operator=(const EnvironmentVariable&) = delete;

private:
    const char* name_;
    std::string old_;
    bool was_set_ = false;
};

}  // namespace tconv
