// Result<T>: a value, or an Error that says what went wrong. Nothing in tconv's core throws; a function
// that can fail returns a Result, and the caller looks before using it:
//
//     Result<Problem> problem = parse_problem("i8x8 k4 s2 p1");
//     if (!problem) return problem.error();
//     use(*problem);
//
// value() is for programs that prefer exceptions: it returns the value or throws BadResult. It exists only
// where exceptions do.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

namespace tconv {

/// What kind of thing went wrong; the sentence in Error::message says what exactly.
enum class ErrorCode : std::uint8_t {
    invalid_argument,  ///< a geometry, option or text that is refused
    array_mismatch,    ///< arrays disagree with each other or with the problem
    malformed_file,    ///< a file is missing, unreadable or not in its format
    unsupported,       ///< valid, but not supported by this build (a dtype, an instruction set)
    out_of_memory,     ///< an allocation failed
    write_failed,      ///< an output could not be written
};

/// An error as a value. `message` is one sentence: what was given, what is allowed, what to do.
struct Error {
    ErrorCode code = ErrorCode::invalid_argument;  ///< the kind
    std::string message;                           ///< the sentence, without a line break at the end
};

#if defined(__cpp_exceptions)
/// What Result<T>::value() throws, and tensors and layers on misuse; the core throws nothing.
class BadResult : public std::runtime_error {
public:
    /// what() is the error's message.
    explicit BadResult(Error error) : std::runtime_error(error.message), error_(std::move(error)) {}
    /// The error that value() met.
    const Error& error() const noexcept { return error_; }

private:
    Error error_;
};
#endif

/// A T or an Error. `*result`, `result->` and `error()` must only be used after looking at the flag.
template <class T>
class [[nodiscard]] Result {
public:
    /// A value; implicit, so that `return value;` will do.
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    /// An error; implicit likewise.
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    /// Whether there is a value.
    bool ok() const noexcept { return state_.index() == 0; }
    /// ok().
    explicit operator bool() const noexcept { return ok(); }

    /// The value; only where ok().
    ///@{
    T& operator*() & noexcept { return *std::get_if<0>(&state_); }
    const T& operator*() const& noexcept { return *std::get_if<0>(&state_); }
    T&& operator*() && noexcept { return std::move(*std::get_if<0>(&state_)); }
    T* operator->() noexcept { return std::get_if<0>(&state_); }
    const T* operator->() const noexcept { return std::get_if<0>(&state_); }
    ///@}

    /// The error; only where not ok().
    const Error& error() const noexcept { return *std::get_if<1>(&state_); }

#if defined(__cpp_exceptions)
    /// The value, or BadResult thrown.
    ///@{
    T& value() & {
        if (!ok()) throw BadResult(error());
        return **this;
    }
    const T& value() const& {
        if (!ok()) throw BadResult(error());
        return **this;
    }
    T&& value() && {
        if (!ok()) throw BadResult(error());
        return std::move(**this);
    }
    ///@}
#endif

private:
    std::variant<T, Error> state_;
};

/// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void> {
public:
    /// Success.
    Result() = default;
    /// An error; implicit, so that `return error;` will do.
    Result(Error error) : error_(std::move(error)) {}

    /// Whether it succeeded.
    bool ok() const noexcept { return !error_.has_value(); }
    /// ok().
    explicit operator bool() const noexcept { return ok(); }
    /// The error; only where not ok().
    const Error& error() const noexcept { return *error_; }

#if defined(__cpp_exceptions)
    /// Returns, or throws BadResult.
    void value() const {
        if (error_) throw BadResult(*error_);
    }
#endif

private:
    std::optional<Error> error_;
};

}  // namespace tconv
