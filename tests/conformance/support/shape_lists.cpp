#include "conformance/support/shape_lists.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace tconv::test {
namespace {

Sizes read_sizes(const std::string& text) {
    Sizes sizes;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t used = 0;
        sizes.push_back(std::stoll(text.substr(at), &used));
        at += used + 1;  // and the x
    }
    return sizes;
}

void read_list(const std::filesystem::path& path, std::vector<ListedShape>& shapes) {
    std::ifstream file(path);
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
        const std::size_t mark = line.find("  # o");
        if (line.empty() || line[0] == '#') continue;
        const std::string where = path.filename().string() + ":" + std::to_string(number);
        shapes.push_back(
            {where, line.substr(0, mark), mark == std::string::npos ? Sizes() : read_sizes(line.substr(mark + 5))});
    }
}

}  // namespace

const std::vector<ListedShape>& listed_shapes() {
    static const std::vector<ListedShape> kShapes = [] {
        std::vector<std::filesystem::path> files;
        for (const auto& entry : std::filesystem::directory_iterator(TCONV_SHAPES_DIR))
            if (entry.path().extension() == ".txt") files.push_back(entry.path());
        std::sort(files.begin(), files.end());
        std::vector<ListedShape> shapes;
        for (const auto& file : files) read_list(file, shapes);
        return shapes;
    }();
    return kShapes;
}

std::int64_t multiplications(const Problem& problem) {
    return problem.batch * problem.weight_elements() * problem.coarse_positions();
}

}  // namespace tconv::test
