// Page: what a lesson is written on. A lesson says a paragraph, shows a region of its own source, and then runs it:
//
//     page.say("Every input value stamps the whole kernel into the output.");
//     page.show("stamp");
//     // [stamp]
//     std::cout << trans_conv(X, K) << '\n';
//     // [/stamp]
//
// The code on the page is cut out of the file that was compiled, and what it prints to std::cout follows it, so a
// lesson cannot show code that did not run, or numbers that it did not print.
#pragma once

#include <iosfwd>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace tconv::lessons {

/// The lines between `// [region]` and `// [/region]`, less their common indent; empty where there is no such region.
std::string region_of(std::string_view source, std::string_view region);

/// The names of all regions, in order.
std::vector<std::string> regions_of(std::string_view source);

/// A page being written. While it lives, std::cout writes onto it; so there is one at a time.
class Page {
public:
    Page(std::string_view heading, std::string_view source);
    ~Page();
    Page(const Page&) = delete;
    Page& operator=(const Page&) = delete;

    /// A paragraph, wrapped to the page's width.
    void say(std::string_view paragraph);
    /// The region's code, indented by four. Throws std::logic_error (no such region).
    void show(std::string_view region);

    /// All that was written so far.
    std::string text();

private:
    void take_output();

    std::string_view source_;
    std::string text_;
    std::ostringstream output_;
    std::streambuf* real_output_;
    std::ios_base::fmtflags real_flags_;
};

}  // namespace tconv::lessons
