#include <new>
#include <set>
#include <string_view>

#include "file.h"
#include "npy_header.h"
#include "tconv/io.h"
#include "zip.h"

namespace tconv::io {
namespace {

constexpr std::string_view kSuffix = ".npy";
constexpr std::size_t kLongestName = 0xffff - kSuffix.size();

Result<void> check_name(const std::string& name) {
    for (const char letter : name)
        if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f)
            return Error{ErrorCode::invalid_argument,
                         "a control character cannot be part of an array's name in an "
                         "npz archive; use letters, digits and signs"};
    if (name.size() > kLongestName)
        return Error{ErrorCode::invalid_argument, "an array's name of " + std::to_string(name.size()) +
                                                      " bytes does not fit into an npz archive; use at most " +
                                                      std::to_string(kLongestName)};
    return {};
}

/// The records and headers of an archive; between them lie the arrays' own bytes, which are not copied.
struct Archive {
    std::vector<std::string> texts;
    std::vector<Tensor> tensors;  // in C order
    std::vector<Bytes> pieces;
};

Result<Archive> lay_out(const NamedTensors& arrays) {
    Archive archive;
    archive.texts.reserve(2 * arrays.size() + 1);  // so that the pieces' addresses hold
    const auto add_text = [&archive](std::string text) {
        archive.texts.push_back(std::move(text));
        archive.pieces.push_back(std::as_bytes(std::span(archive.texts.back())));
    };
    ZipWriter writer;
    std::set<std::string> names;
    for (const auto& [name, tensor] : arrays) {
        if (const Result<void> checked = check_name(name); !checked) return checked.error();
        if (!names.insert(name).second)
            return Error{ErrorCode::invalid_argument,
                         "two arrays have the name '" + name + "'; an npz archive needs different names"};
        Result<std::string> header = npy_header_text(tensor.shape(), tensor.dtype());
        if (!header) return header.error();
        Result<Tensor> in_order = in_c_order(tensor);
        if (!in_order) return in_order.error();
        archive.tensors.push_back(*in_order);
        const Bytes elements(archive.tensors.back().bytes(), static_cast<std::size_t>(tensor.size_bytes()));
        const Bytes parts[] = {std::as_bytes(std::span(*header)), elements};
        add_text(writer.add_member(name + std::string(kSuffix), crc_of(parts), parts[0].size() + elements.size()));
        add_text(*std::move(header));
        archive.pieces.push_back(elements);
    }
    add_text(writer.finish());
    return archive;
}

Result<Tensor> read_member(const ZipMember& member, Integers integers) {
    if (!member.name.ends_with(kSuffix))
        return Error{ErrorCode::malformed_file,
                     "the member '" + member.name + "' is not an npy array; save the archive with numpy.savez"};
    const Result<std::vector<std::byte>> bytes = extract(member);
    if (!bytes) return bytes.error();
    Result<Tensor> tensor = decode_npy(*bytes, integers);
    if (!tensor) return Error{tensor.error().code, "member '" + member.name + "': " + tensor.error().message};
    return tensor;
}

}  // namespace

Result<NamedTensors> decode_npz(std::span<const std::byte> bytes, Integers integers) try {
    const Result<std::vector<ZipMember>> members = list_zip(bytes);
    if (!members) return members.error();
    NamedTensors arrays;
    for (const ZipMember& member : *members) {
        Result<Tensor> tensor = read_member(member, integers);
        if (!tensor) return tensor.error();
        arrays.emplace_back(member.name.substr(0, member.name.size() - kSuffix.size()), *std::move(tensor));
    }
    return arrays;
} catch (const std::bad_alloc&) {
    return out_of_memory("reading an npz archive");
}

Result<std::vector<std::byte>> encode_npz(const NamedTensors& arrays) try {
    const Result<Archive> archive = lay_out(arrays);
    if (!archive) return archive.error();
    std::size_t size = 0;
    for (const Bytes piece : archive->pieces) size += piece.size();
    std::vector<std::byte> bytes;
    bytes.reserve(size);
    for (const Bytes piece : archive->pieces) bytes.insert(bytes.end(), piece.begin(), piece.end());
    return bytes;
} catch (const std::bad_alloc&) {
    return out_of_memory("writing an npz archive");
}

Result<NamedTensors> read_npz(const std::string& path, Integers integers) {
    const Result<std::vector<std::byte>> bytes = read_file(path);
    if (!bytes) return bytes.error();
    Result<NamedTensors> arrays = decode_npz(*bytes, integers);
    if (!arrays) return about(path, arrays.error());
    return arrays;
}

Result<void> write_npz(const std::string& path, const NamedTensors& arrays) try {
    const Result<Archive> archive = lay_out(arrays);
    if (!archive) return about(path, archive.error());
    return write_pieces(path, archive->pieces);
} catch (const std::bad_alloc&) {
    return about(path, out_of_memory("writing an npz archive"));
}

}  // namespace tconv::io
