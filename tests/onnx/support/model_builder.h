// Builds small ONNX models with ONNX's own messages (libonnx), and reads files back with them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace tconv::test {

using Dims = std::vector<std::int64_t>;
using Values = std::vector<double>;
using AttributeValue = std::variant<std::int64_t, Dims, std::string, std::vector<float>>;
using Attributes = std::map<std::string, AttributeValue>;

enum class Storage { raw, list, external };  ///< where a tensor's numbers are

class ModelBuilder {
public:
    explicit ModelBuilder(std::int64_t opset = 17, std::int64_t ir_version = 8);
    ~ModelBuilder();
    ModelBuilder(const ModelBuilder&) = delete;
    ModelBuilder& operator=(const ModelBuilder&) = delete;

    /// An input of the graph; -1 becomes a size with a name. Answers its name, as the others do.
    std::string input(const std::string& name, const Dims& dims);
    /// An initializer of type 1 (f32), 11 (f64), 10 (f16: values that it holds exactly) or 7 (int64).
    std::string tensor(const Dims& dims, const Values& values, std::int32_t type = 1, Storage storage = Storage::raw);
    /// The same as a Constant node.
    std::string constant(const Dims& dims, const Values& values, std::int32_t type = 1);
    /// A node with one output.
    std::string node(const std::string& op, const std::vector<std::string>& inputs, const Attributes& attributes = {},
                     const std::string& name = "");
    void output(const std::string& name);
    /// Lists an initializer among the inputs too, as files of before IR version 4 do.
    void list_as_input(const std::string& tensor, const Dims& dims);
    /// Puts everything up to now into the then-branch of an If node of a new graph.
    void wrap_in_if();

    std::vector<std::byte> bytes() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// What ONNX's own messages say of a file.
struct Described {
    bool is_valid = false;  ///< protobuf's own reader accepts the bytes
    std::string text;       ///< every node, attribute, tensor and value of all graphs, a line each
};
Described describe(const std::vector<std::byte>& file);

}  // namespace tconv::test
