// Tuned methods: which method was measured to be the fastest for a problem on one machine, kept in a small text file. A
// plan never looks into it by itself: who wants it asks for a name and puts that into PlanOptions::method.
//
//     auto tuned = tconv::TunedMethods::read(*tconv::TunedMethods::default_path());
//     if (tuned) options.method = tuned->find({problem, pass, isa, threads}).value_or("auto");
//
// The first line is "tconv tuned methods 1". Each line after it has seven fields with tabs between them: tconv's
// version, the CPU's name, instruction set, threads, pass, the method, and the problem's text without its name. What
// belongs to another version or CPU is kept for it and never found here. `tconv bench --tune` writes the file.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "tconv/isa.h"
#include "tconv/problem.h"
#include "tconv/result.h"

namespace tconv {

/// What a method is the fastest for, on the machine that asks.
struct TunedQuestion {
    Problem problem;            ///< its name does not count
    Pass pass = Pass::scatter;  ///< the pass that is asked about
    Isa isa = Isa::portable;    ///< the instruction set that the plan would use
    int threads = 1;            ///< the most that may be used
};

/// The file's content: a method for each question. Methods of other machines are kept and never found.
class TunedMethods {
public:
    /// The file's place: the environment's TCONV_TUNE_CACHE; else tconv/tuned in XDG_CACHE_HOME; else
    /// .cache/tconv/tuned in HOME. Errors: invalid_argument where none of them is set.
    static Result<std::string> default_path();

    /// A file; nothing where there is none. Errors: malformed_file for what is no file of tuned methods, or one with a
    /// line that cannot be read, or one above 1 MiB.
    static Result<TunedMethods> read(const std::string& path);

    /// The method's name. It may be one that this build has not got, or one that refuses the problem: then make_plan()
    /// says so.
    std::optional<std::string> find(const TunedQuestion& question) const;

    /// Puts a method in its place, or replaces the one that is there.
    void keep(const TunedQuestion& question, const std::string& method);

    /// Whether write() would write there: not over what is no file of tuned methods. Errors: malformed_file.
    static Result<void> can_replace(const std::string& path);

    /// Writes all of them, under a temporary name, and renames; the folder is made where it is missing. Errors: those
    /// of can_replace(); write_failed; invalid_argument for more than 5,000 methods.
    Result<void> write(const std::string& path) const;

    /// How many there are, of all machines.
    std::size_t size() const noexcept { return methods_.size(); }

private:
    std::map<std::string, std::string> methods_;  ///< by the line without the method
};

}  // namespace tconv
