#include "tconv/tuned.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <vector>

#include "file.h"
#include "plan/choose.h"
#include "tconv/io.h"
#include "tconv/machine.h"
#include "tconv/problem_text.h"

namespace tconv {
namespace {

constexpr std::string_view kHeader = "tconv tuned methods 1";
constexpr std::size_t kMostMethods = 5000, kFields = 7, kMethodField = 5;
constexpr std::uintmax_t kMostBytes = 1 << 20;

Error malformed(const std::string& path, const std::string& why) {
    return {ErrorCode::malformed_file, "'" + path + "' " + why};
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 40 && std::all_of(text.begin(), text.end(), [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_';
    });
}

std::array<std::string_view, kFields> fields_of(std::string_view line, std::size_t& count) {
    std::array<std::string_view, kFields> fields;
    count = 0;
    while (true) {
        const std::size_t tab = line.find('\t');
        if (count < kFields) fields[count] = line.substr(0, tab);
        ++count;
        if (tab == std::string_view::npos) return fields;
        line.remove_prefix(tab + 1);
    }
}

// A line without its method.
std::string key_of(const TunedQuestion& question) {
    Problem problem = question.problem;
    problem.name.clear();
    std::string cpu = this_machine().cpu;
    for (char& letter : cpu)
        if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f) letter = ' ';
    return std::string(TCONV_VERSION) + "\t" + cpu + "\t" + std::string(to_string(question.isa)) + "\t" +
           std::to_string(question.threads) + "\t" + std::string(plan::name_of(question.pass)) + "\t\t" +
           to_text(problem);
}

// Whether there is nothing at `path` yet. Nothing but a regular file of a sensible size is opened: a pipe would wait.
Result<bool> is_missing(const std::string& path) {
    std::error_code error;
    const std::filesystem::file_status status = std::filesystem::status(path, error);
    if (status.type() == std::filesystem::file_type::not_found) return true;
    if (status.type() != std::filesystem::file_type::regular)
        return malformed(path, "is no regular file, so it holds no tuned methods; name another in TCONV_TUNE_CACHE");
    const std::uintmax_t bytes = std::filesystem::file_size(path, error);
    if (error || bytes > kMostBytes)
        return malformed(path,
                         "is larger than 1 MiB, which no file of tuned methods is; delete it, or name another in "
                         "TCONV_TUNE_CACHE");
    return false;
}

Result<std::string> text_of(const std::string& path) {
    const auto bytes = io::read_file(path);
    if (!bytes) return bytes.error();
    std::string text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
    if (!text.starts_with(std::string(kHeader) + "\n"))
        return malformed(path,
                         "is no file of this tconv's tuned methods; delete it, or name another in TCONV_TUNE_CACHE");
    return text;
}

}  // namespace

Result<std::string> TunedMethods::default_path() {
    const auto variable = [](const char* name) {
        const char* const value = std::getenv(name);
        return std::string(value == nullptr ? "" : value);
    };
    if (std::string path = variable("TCONV_TUNE_CACHE"); !path.empty()) return path;
    // The XDG specification: what is not absolute is ignored.
    if (const std::string folder = variable("XDG_CACHE_HOME"); folder.starts_with('/')) return folder + "/tconv/tuned";
    if (const std::string home = variable("HOME"); !home.empty()) return home + "/.cache/tconv/tuned";
    return Error{ErrorCode::invalid_argument,
                 "there is no place for tuned methods: neither HOME nor XDG_CACHE_HOME is "
                 "set; name a file in TCONV_TUNE_CACHE"};
}

Result<TunedMethods> TunedMethods::read(const std::string& path) {
    TunedMethods tuned;
    const auto missing = is_missing(path);
    if (!missing) return missing.error();
    if (*missing) return tuned;
    const auto text = text_of(path);
    if (!text) return text.error();
    std::string_view rest = *text;
    for (int number = 1; !rest.empty(); ++number) {
        const std::size_t end = rest.find('\n');
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (number == 1) continue;
        std::size_t count = 0;
        const auto fields = fields_of(line, count);
        if (end == std::string_view::npos || count != kFields || !is_name(fields[kMethodField]) ||
            tuned.methods_.size() == kMostMethods)
            return malformed(path, "has a line " + std::to_string(number) +
                                       " that is none of tuned methods'; delete the file and tune again");
        std::string key;
        for (std::size_t i = 0; i < kFields; ++i)
            key.append(i == 0 ? "" : "\t").append(i == kMethodField ? std::string_view() : fields[i]);
        tuned.methods_[key] = fields[kMethodField];
    }
    return tuned;
}

std::optional<std::string> TunedMethods::find(const TunedQuestion& question) const {
    const auto found = methods_.find(key_of(question));
    if (found == methods_.end()) return std::nullopt;
    return found->second;
}

void TunedMethods::keep(const TunedQuestion& question, const std::string& method) {
    methods_[key_of(question)] = method;
}

Result<void> TunedMethods::can_replace(const std::string& path) {
    const auto missing = is_missing(path);
    if (!missing) return missing.error();
    if (*missing) return {};
    const auto old = text_of(path);
    if (!old) return old.error();
    return {};
}

Result<void> TunedMethods::write(const std::string& path) const {
    if (methods_.size() > kMostMethods)
        return Error{ErrorCode::invalid_argument, "there are more than " + std::to_string(kMostMethods) +
                                                      " tuned methods; delete '" + path + "' and tune again"};
    if (auto ok = can_replace(path); !ok) return ok;
    std::string text(kHeader);
    text += "\n";
    for (const auto& [key, method] : methods_) {
        const std::size_t gap = key.find("\t\t");
        text.append(key, 0, gap + 1).append(method).append(key, gap + 1).append("\n");
    }
    std::error_code ignored;  // the file cannot be written then, and that is told
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    if (!folder.empty()) std::filesystem::create_directories(folder, ignored);
    return io::write_file(path, std::as_bytes(std::span(text)));
}

}  // namespace tconv
