// tconv <verb> ...: finds the verb, parses its options, runs it, and turns every error into one sentence on stderr and
// an exit code.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <new>
#include <system_error>

#include "did_you_mean.h"
#include "tconv/machine.h"
#include "terminal.h"
#include "verb.h"

namespace tconv::cli {
namespace {

constexpr const Verb* kVerbs[] = {&kRun,   &kTour, &kApply,    &kBackward, &kShape, &kExplain, &kMatrix,
                                  &kTrace, &kLint, &kUpsample, &kTrain,    &kBench, &kInfo};

// One readable sentence on one line, whatever names and texts it repeats.
int fail(const std::string& who, std::string sentence, int code) {
    constexpr std::size_t kLongest = 800, kEnd = 300;
    if (sentence.size() > kLongest) sentence.replace(kLongest - kEnd, sentence.size() - kLongest, "...");
    std::replace_if(sentence.begin(), sentence.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
    const char* const red = stderr_has_color() ? "\033[31m" : "";
    // Not fmt::print: it would throw where stderr is closed.
    std::fputs(fmt::format("{}{}:{} {}\n", red, who, *red ? "\033[0m" : "", sentence).c_str(), stderr);
    return code;
}

// What is still in the stream's buffer may not fit either.
int finish(const std::string& who, int code) {
    if (std::fflush(stdout) == 0 && !std::ferror(stdout)) return code;
    return fail(who,
                "standard output could not be written" +
                    (errno != 0 ? ": " + std::generic_category().message(errno) : std::string()) +
                    "; write into a file with free space, or read all of it",
                kBadAnswer);
}

void print_overview(std::FILE* out) {
    fmt::print(out,
               "tconv computes, explains and draws transposed convolutions.\n\n"
               "  tconv run                        see it on a real picture\n"
               "  tconv shape -p 'i8x8 k4 s2 p1'   an output size, derived step by step\n"
               "  tconv apply X.npy W.npy --stride 2 --padding 1 -o Y.npy\n\nverbs:\n");
    for (const Verb* verb : kVerbs) fmt::print(out, "  {:<10} {}\n", verb->name, verb->summary);
    fmt::print(out,
               "\n`tconv VERB -h` shows a verb's examples, `tconv VERB --help` all its options, `tconv --version` the "
               "version.\n");
}

// -h: the examples; --help: every option too.
void print_help(const Verb& verb, const CLI::App& app, bool is_full) {
    fmt::print("{}\n\nexamples:\n{}\n", verb.summary, verb.examples);
    if (is_full)
        fmt::print("{}", app.help());
    else
        fmt::print("`tconv {} --help` lists every option.\n", verb.name);
}

// The first argument that looks like an option and is none, or an empty string. Looked for before anything is parsed,
// so that a mistyped option is named rather than what is missing because of it.
std::string unknown_option(const CLI::App& app, int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const std::string argument = argv[i], word = argument.substr(0, argument.find('='));
        if (word == "--") break;
        const bool is_long = word.size() > 2 && word.starts_with("--");
        const bool is_short =
            word.size() > 1 && word[0] == '-' && word[1] != '-' && !std::isdigit(static_cast<unsigned char>(word[1]));
        if (is_long && !app.get_option_no_throw(word)) return word;
        if (is_short && !app.get_option_no_throw(word.substr(0, 2))) return word;
    }
    return {};
}

int report_unknown(const std::string& who, const CLI::App& app, const std::string& word) {
    std::vector<std::string> known;
    for (const CLI::Option* option : app.get_options())
        for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    const std::string nearest = nearest_word(word, known);
    return fail(who,
                "unknown option " + word +
                    (nearest.empty() ? "; `" + who + " --help` lists the options" : "; did you mean " + nearest + "?"),
                kUsage);
}

int report(const std::string& who, const CLI::App& app, const CLI::ParseError& error) {
    std::string sentence = error.what();
    const std::vector<std::string> rest = app.remaining();
    if (dynamic_cast<const CLI::ExtrasError*>(&error) && !rest.empty())
        sentence = "unexpected argument '" + rest.front() + "'; `" + who + " -h` shows examples";
    else if (sentence.find("is required") != std::string::npos)
        sentence += "; `" + who + " -h` shows examples";
    return fail(who, sentence, kUsage);
}

Result<int> run_action(const Action& action) try { return action(); } catch (const std::bad_alloc&) {
    return Error{ErrorCode::out_of_memory, "out of memory; use smaller sizes"};
} catch (const std::system_error& error) {  // fmt's word for a stream that takes no more
    return Error{ErrorCode::write_failed, "standard output could not be written: " + error.code().message() +
                                              "; write into a file with free space, or read all of it"};
}

int run_verb(const Verb& verb, int argc, char** argv) {
    const std::string who = std::string("tconv ") + verb.name;
    CLI::App app(verb.summary, who);
    app.set_help_flag();
    bool short_help = false, full_help = false;
    std::string color = "auto";
    app.add_flag("-h", short_help, "examples");
    app.add_flag("--help", full_help, "this text");
    app.add_option("--color", color, "auto, always or never")
        ->check(CLI::IsMember({"auto", "always", "never"}))
        ->option_text("WHEN");
    const Action action = verb.declare(app);

    // Help must work without the arguments that a real call needs.
    const bool asks_help =
        std::any_of(argv + 1, argv + argc, [](const char* a) { return std::string_view(a) == "-h"; });
    const bool asks_full =
        std::any_of(argv + 1, argv + argc, [](const char* a) { return std::string_view(a) == "--help"; });
    if (asks_help || asks_full) {
        print_help(verb, app, asks_full);
        return finish(who, kDone);
    }
    if (const std::string word = unknown_option(app, argc, argv); !word.empty()) return report_unknown(who, app, word);
    for (int i = 1; i < argc; ++i)  // CLI11 would take the next argument for the value
        if (const std::string_view word = argv[i]; word == "--")
            break;
        else if (word.starts_with("--") && word.find('=') == word.size() - 1)
            return fail(who, std::string(word) + " is given an empty value; give it one or leave it out", kUsage);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return report(who, app, error);
    }
    // An empty value is a script's unset variable, not a wish for the default.
    for (const CLI::Option* option : app.get_options())
        for (const std::string& value : option->results())
            if (value.empty())
                return fail(who, option->get_name() + " is given an empty value; give it one or leave it out", kUsage);
    const Result<int> done = run_action(action);
    if (!done) return fail(who, done.error().message, exit_code(done.error()));
    return finish(who, *done);
}

// Looked for before anything can be refused in colour.
void read_color_mode(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word.starts_with("--color=")) set_color_mode(std::string(word.substr(8)));
        if (word == "--color" && i + 1 < argc) set_color_mode(argv[i + 1]);
    }
}

int run(int argc, char** argv) {
    read_color_mode(argc, argv);
    if (argc < 2) {
        print_overview(stderr);
        return kUsage;
    }
    const std::string word = argv[1];
    if (word == "help" && argc > 2) {
        argv[1] = argv[2];  // tconv help apply
        static char full[] = "--help";
        argv[2] = full;
        return run(3, argv);
    }
    if (word == "-h" || word == "--help" || word == "help") {
        print_overview(stdout);
        return finish("tconv", kDone);
    }
    if (word == "--version") {
        const Machine machine = this_machine();
        fmt::print("tconv {} (isa {}, {} threads)\n", TCONV_VERSION, machine.isa, machine.threads);
        return finish("tconv", kDone);
    }
    std::vector<std::string> names;
    for (const Verb* verb : kVerbs) {
        if (word == verb->name) return run_verb(*verb, argc - 1, argv + 1);
        names.emplace_back(verb->name);
    }
    for (const char* option : {"--help", "--version"}) names.emplace_back(option);
    const std::string nearest = nearest_word(word, names);
    return fail("tconv",
                (word.starts_with("-") ? "unknown option " : "unknown verb '") + word +
                    (word.starts_with("-") ? "" : "'") +
                    (nearest.empty() ? "; `tconv --help` lists the verbs" : "; did you mean " + nearest + "?"),
                kUsage);
}

}  // namespace

int exit_code(const Error& error) noexcept {
    switch (error.code) {
        case ErrorCode::invalid_argument:
            return kUsage;
        case ErrorCode::array_mismatch:
        case ErrorCode::malformed_file:
            return kBadInput;
        case ErrorCode::unsupported:
            return kUnsupported;
        default:
            return kBadAnswer;
    }
}

}  // namespace tconv::cli

int main(int argc, char** argv) {
    tconv::cli::install_interrupt_handler();
    try {
        return tconv::cli::run(argc, argv);
    } catch (const std::bad_alloc&) {
        return tconv::cli::fail("tconv", "out of memory; use smaller sizes", tconv::cli::kBadAnswer);
    } catch (const std::system_error& error) {
        return tconv::cli::fail("tconv", "standard output could not be written: " + error.code().message(),
                                tconv::cli::kBadAnswer);
    } catch (const std::exception& error) {
        return tconv::cli::fail("tconv", std::string("internal error: ") + error.what() + "; please report it",
                                tconv::cli::kBadAnswer);
    }
}
