// The layers of a model that the rules have something to say about, found in the file's order: ConvTranspose, strided
// Conv, Conv behind which DepthToSpace stands, nearest-neighbour Resize (or Upsample) behind which a Conv stands. Each
// is handed over with its weights alone in memory.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lint/shapes.h"
#include "lint/subject.h"

namespace tconv::lint {

struct FoundLayer {
    Subject subject;
    std::string reason;                     ///< why it cannot be judged; empty: it can
    std::size_t graph = 0;                  ///< in the model
    const onnx::Node* node = nullptr;       ///< the (transposed) convolution
    const onnx::Tensor* weights = nullptr;  ///< null: not constant
};

class LayerFinder {
public:
    LayerFinder(const onnx::Model& model, const ReadExternal& external);

    /// The next layer, nothing behind the last.
    std::optional<FoundLayer> next();

    const std::vector<onnx::GraphView>& views() const noexcept { return views_; }

private:
    std::optional<FoundLayer> look_at(const onnx::Node& node);
    std::optional<FoundLayer> transposed(const onnx::Node& node);
    std::optional<FoundLayer> convolution(const onnx::Node& node);
    std::optional<FoundLayer> sub_pixel(const onnx::Node& depth_to_space);
    std::optional<FoundLayer> resized(const onnx::Node& resize);

    FoundLayer start(const onnx::Node& node, std::string op) const;
    void read_weights(FoundLayer& found);
    std::vector<double> numbers(const onnx::Tensor* tensor) const;
    const onnx::GraphView& view() const { return views_[graph_]; }

    const onnx::Model& model_;
    onnx::ReadExternal external_;
    std::vector<onnx::GraphView> views_;
    std::vector<Shapes> shapes_, examples_;
    std::set<const onnx::Tensor*> read_;  // weights that were
    std::int64_t reads_left_;             // numbers that may be read once more: what keeps time in proportion
    std::size_t graph_ = 0, node_ = 0;
};

}  // namespace tconv::lint
