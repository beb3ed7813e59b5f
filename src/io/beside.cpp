#include "io/beside.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace tconv::io {
namespace {

namespace fs = std::filesystem;

Error refuse(std::string_view name, const std::string& why) {
    return {ErrorCode::malformed_file, "the external data '" + std::string(name.substr(0, 200)) + "' " + why};
}

bool is_inside(const fs::path& folder, const fs::path& file) {
    const auto [end, at] = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());
    return end == folder.end() && at != file.end();
}

}  // namespace

Result<std::vector<std::byte>> read_beside(const std::string& path, std::string_view name, std::int64_t offset,
                                           std::int64_t length) {
    const fs::path relative(name);
    if (name.empty() || name.find('\0') != std::string_view::npos || relative.is_absolute() ||
        std::find(relative.begin(), relative.end(), "..") != relative.end())
        return refuse(name, "is no name inside of the model's folder; only files there are read");
    std::error_code failed;
    const fs::path folder = fs::canonical(fs::absolute(path).parent_path(), failed);
    if (failed) return refuse(name, "has no folder: " + failed.message());
    const fs::path file = fs::canonical(folder / relative, failed);
    if (failed) return refuse(name, "could not be found: " + failed.message() + "; keep it beside the model");
    if (!is_inside(folder, file)) return refuse(name, "links out of the model's folder; only files there are read");
    if (!fs::is_regular_file(file, failed)) return refuse(name, "is no ordinary file; only those are read");
    const std::uintmax_t size = fs::file_size(file, failed);
    if (failed || offset < 0 || length < 0 || static_cast<std::uintmax_t>(offset) > size ||
        static_cast<std::uintmax_t>(length) > size - static_cast<std::uintmax_t>(offset))
        return refuse(name, "is shorter than the model says; export the model again");
    std::vector<std::byte> bytes(static_cast<std::size_t>(length));
    std::ifstream stream(file, std::ios::binary);
    stream.seekg(offset);
    stream.read(reinterpret_cast<char*>(bytes.data()), length);
    if (stream.gcount() != length) return refuse(name, "could not be read; check its permissions");
    return bytes;
}

}  // namespace tconv::io
