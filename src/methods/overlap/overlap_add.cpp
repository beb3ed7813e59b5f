#include "methods/overlap/overlap_add.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <new>
#include <optional>
#include <string>
#include <string_view>

#include "methods/candidates.h"
#include "methods/output_stores.h"
#include "methods/overlap/overlap_pack.h"
#include "methods/overlap/overlap_store.h"
#include "methods/overlap/overlap_tiling.h"
#include "methods/overlap/overlap_worker.h"
#include "methods/step_cost.h"

namespace tconv::methods {
namespace {

template <class T>
TileShape shape_of(const kernels::KernelSet<T>& set) {
    TileShape shape;
    shape.lanes = set.lanes;
    shape.rows = set.rows;
    std::copy(std::begin(set.widest), std::end(set.widest), shape.widest.begin());
    shape.spreads_lines = set.spreads_lines;
    shape.element_bytes = sizeof(T);
    return shape;
}

constexpr std::string_view kJoined = "overlap_joined_", kBlocks = "overlap_";

// The order that a format names: "overlap_WIDTHxPARTS". None for other methods' formats, and for none. Whether the
// width is the geometry's is seen by who compares the formats.
std::optional<OverlapOrder> order_of(std::string_view format) {
    OverlapOrder order{format.starts_with(kJoined), 0};
    if (!format.starts_with(order.joins_taps ? kJoined : kBlocks)) return std::nullopt;
    const std::size_t by = format.rfind('x');
    if (by == std::string_view::npos) return std::nullopt;
    const char* const end = format.data() + format.size();
    const auto read = std::from_chars(format.data() + by + 1, end, order.parts);
    if (read.ec != std::errc() || read.ptr != end || order.parts < 1) return std::nullopt;
    return order;
}

template <class T>
class OverlapAdd : public Method {
public:
    OverlapAdd(const Request& request, const OverlapTiling& tiling) : workers_(request.threads) {
        plan_.tiling = tiling;
        plan_.set = &request.unit.set<T>();
        plan_.read = request.read;
        plan_.write = request.write;
        plan_.activation = request.problem.activation;
        plan_.stores = OutputStores(request);
        const std::int64_t widest = tiling.widest(), narrower = widest - tiling.shape.lanes;
        for (std::size_t k = 0; k < OverlapTiling::kMostChunk; ++k) {
            plan_.offsets[0][k] = static_cast<std::int32_t>(static_cast<std::int64_t>(k) * widest);
            plan_.offsets[1][k] = static_cast<std::int32_t>(static_cast<std::int64_t>(k) * narrower);
        }
        plan_.accumulators = whole_lines<T>(tiling.stream_elements());
        plan_.scratch = plan_.accumulators + whole_lines<T>(tiling.accumulators());
        plan_.buffer = plan_.scratch + whole_lines<T>(tiling.tile_rows * widest);
        plan_.workspace_elements = plan_.buffer + whole_lines<T>(store_buffer_elements(tiling));
    }

    std::string kernel() const override {
        const OverlapTiling& t = plan_.tiling;
        return std::to_string(t.tile_rows) + "x" + std::to_string(t.widest()) + " tiles of pixels x " +
               (t.joins_taps ? "joined taps" : "channels");
    }

    std::vector<std::string> details() const override {
        const OverlapTiling& t = plan_.tiling;
        constexpr std::array<const char*, OverlapTiling::kAxes> kNames{"samples", "depth", "height", "width"};
        std::string box;
        for (std::size_t a = 0; a < OverlapTiling::kAxes; ++a)
            box += (a == 0 ? "" : " x ") + std::to_string(t.block[a]);
        return {"boxes of " + box + " output positions (samples x axes), of which there are " +
                    std::to_string(t.blocks[0] * t.blocks[1] * t.blocks[2] * t.blocks[3]),
                std::to_string(t.channel_blocks) + " channel block(s) in each of " + std::to_string(t.groups) +
                    " group(s); input channels " + std::to_string(t.depth) + " at a time, summed by " +
                    std::to_string(t.chunk),
                std::string("tile rows are neighbours along the ") + kNames[t.row_axis] +
                    (t.exact_runs ? ", packed for each tap" : "")};
    }

    std::int64_t workspace_bytes() const noexcept override {
        return workers_ * plan_.workspace_elements * static_cast<std::int64_t>(sizeof(T));
    }
    std::int64_t packed_elements() const noexcept override {
        return plan_.tiling.groups * plan_.tiling.group_elements();
    }
    std::string weight_format() const override {
        const OverlapTiling& t = plan_.tiling;
        return std::string(t.joins_taps ? kJoined : kBlocks) + std::to_string(t.widest()) + "x" +
               std::to_string(t.joins_taps ? t.pieces : t.channel_blocks);
    }
    void pack(const void* weights, void* packed) const noexcept override {
        pack_overlap_weights(plan_.tiling, *plan_.set, static_cast<const T*>(weights), static_cast<T*>(packed));
    }
    void run(const Call& call) const noexcept override {
        const std::int64_t items = plan_.tiling.items();
        for_each_worker(call.executor, workers_, [&](std::int64_t index) {
            const Range mine = share(items, workers_, index);
            OverlapWorker<T> worker(plan_, call, static_cast<T*>(call.workspace) + index * plan_.workspace_elements);
            for (std::int64_t item = mine.begin; item < mine.end; ++item) worker.run(item);
            if (plan_.stores.of_planes(call.output) == kernels::Stores::streaming) plan_.set->flush();
        });
    }

private:
    OverlapPlan<T> plan_;
    std::int64_t workers_;
};

}  // namespace

TileShape overlap_shape(const Request& request) noexcept {
    return request.problem.dtype == DType::f32 ? shape_of(request.unit.f32()) : shape_of(request.unit.f64());
}

Result<Estimate> consider_overlap_add(const Request& request) {
    OverlapTiling tiling;
    if (!choose_tiling(request.problem, overlap_shape(request), order_of(request.weight_format), tiling))
        return Error{ErrorCode::invalid_argument,
                     "the input elements that meet at one output position, or the padded weights, are too many; use "
                     "direct"};
    const double outputs = static_cast<double>(request.problem.fine_elements());
    // Channels last, few channels of a group are stored one by one.
    const bool is_scattered = request.write.axes[2] != 1 && tiling.write_channels < 4;
    const double each = shared_lines_cycles(request, is_scattered ? 23 : 9) + (is_scattered ? 12 : 0);
    return Estimate{tiling.cycles + outputs * each, tiling.executed_flops};
}

std::unique_ptr<Method> make_overlap_add(const Request& request, const OverlapTiling& tiling) {
    if (request.problem.dtype == DType::f32)
        return std::unique_ptr<Method>(new (std::nothrow) OverlapAdd<float>(request, tiling));
    return std::unique_ptr<Method>(new (std::nothrow) OverlapAdd<double>(request, tiling));
}

std::unique_ptr<Method> make_overlap_add(const Request& request) {
    OverlapTiling tiling;
    if (!choose_tiling(request.problem, overlap_shape(request), order_of(request.weight_format), tiling))
        return nullptr;
    return make_overlap_add(request, tiling);
}

const Candidate kOverlapAdd{.name = "overlap_add",
                            .serves_scatter = true,
                            .serves_gather = false,
                            .serves_weight_grad = false,
                            .consider = consider_overlap_add,
                            .make = [](const Request& request) { return make_overlap_add(request); },
                            .has_exact_edges = true};

}  // namespace tconv::methods
