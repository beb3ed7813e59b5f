// Runs one fuzz target over every file of the folders given, without libFuzzer: the corpora are regression tests of
// every build, and this is how a crash-* file is tried in one of them.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "check.h"

namespace fs = std::filesystem;

namespace {

void replay(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    const std::vector<char> bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    std::printf("%s (%zu bytes)\n", path.c_str(), bytes.size());
    std::fflush(stdout);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

}  // namespace

int main(int count, char** arguments) {
    std::vector<fs::path> files;
    for (int i = 1; i < count; ++i) {
        if (fs::is_directory(arguments[i]))
            std::copy(fs::directory_iterator(arguments[i]), fs::directory_iterator(), std::back_inserter(files));
        else
            files.emplace_back(arguments[i]);
    }
    std::ranges::sort(files);
    for (const fs::path& file : files) replay(file);
    if (!files.empty()) return 0;
    std::puts("no files were given");
    return 1;
}
