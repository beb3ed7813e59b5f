// Variables as PyTorch prints tensors (torch/_tensor_str.py, with its default options): 4 digits after the point, or
// whole numbers with a point where all are whole; scientific where the largest is above 1e8, the smallest but zero
// below 1e-4, or their ratio above 1000; over 1000 elements are summarised; lines wrap at 80 columns.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <ostream>

#include "tconv/autograd.h"
#include "tensor/strided.h"

namespace tconv::autograd {
namespace {

constexpr std::int64_t kMostElements = 1000, kEdge = 3;
constexpr std::size_t kLineWidth = 80, kIndent = 7;  // of "tensor("

template <class... Values>
std::string text_of(const char* format, Values... values) {
    char text[512];
    const int length = std::snprintf(text, sizeof text, format, values...);
    return {text, static_cast<std::size_t>(std::max(length, 0))};
}

// One format for all shown elements.
class Format {
public:
    void see(double value) {
        values_.push_back(value);
        if (!std::isfinite(value) || value == 0) return;
        is_whole_ = is_whole_ && value == std::ceil(value);
        largest_ = std::max(largest_, std::abs(value));
        smallest_ = std::min(smallest_, std::abs(value));
    }

    void settle() {
        const bool is_wide = largest_ / smallest_ > 1000 || largest_ > 1e8;
        is_scientific_ = largest_ > 0 && (is_wide || (!is_whole_ && smallest_ < 1e-4));
        for (const double value : values_)
            if (std::isfinite(value) && value != 0) width_ = std::max(width_, plain(value).size());
    }

    std::size_t width() const noexcept { return width_; }
    std::string operator()(double value) const {
        const std::string text = plain(value);
        return std::string(width_ - std::min(width_, text.size()), ' ') + text;
    }

private:
    std::string plain(double value) const {
        if (!std::isfinite(value)) return std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
        if (is_scientific_) return text_of("%.4e", value);
        return is_whole_ ? text_of("%.0f.", value) : text_of("%.4f", value);
    }

    std::vector<double> values_;
    double largest_ = 0, smallest_ = std::numeric_limits<double>::infinity();
    std::size_t width_ = 1;
    bool is_whole_ = true, is_scientific_ = false;
};

class Printer {
public:
    explicit Printer(const Tensor& tensor) : tensor_(tensor), is_summary_(tensor.elements() > kMostElements) {
        collect(0, 0);
        format_.settle();
    }

    std::string print() const {
        return tensor_.rank() == 0 ? format_(strided::load(tensor_, 0)) : nested(0, 0, kIndent);
    }

private:
    bool hides(std::int64_t size) const noexcept { return is_summary_ && size > 2 * kEdge; }

    // Shown positions; -1 in between stands for the hidden ones.
    std::vector<std::int64_t> shown(std::size_t axis) const {
        const std::int64_t size = tensor_.shape()[axis];
        std::vector<std::int64_t> list;
        for (std::int64_t at = 0; at < size; ++at) {
            if (hides(size) && at == kEdge) {
                list.push_back(-1);
                at = size - kEdge;
            }
            list.push_back(at);
        }
        return list;
    }

    void collect(std::size_t axis, std::int64_t offset) {
        if (axis == tensor_.shape().size()) return format_.see(strided::load(tensor_, offset));
        for (const std::int64_t at : shown(axis))
            if (at >= 0) collect(axis + 1, offset + at * tensor_.strides()[axis]);
    }

    std::string nested(std::size_t axis, std::int64_t offset, std::size_t indent) const {
        const std::size_t left = tensor_.shape().size() - axis;
        std::string separator = "," + std::string(left - 1, '\n') + std::string(indent + 1, ' ');
        if (left == 1) separator = ", ";
        const std::size_t room = kLineWidth > indent ? kLineWidth - indent : 1;
        const std::size_t in_line = std::max<std::size_t>(1, room / (format_.width() + 2));
        std::string text = "[";
        std::size_t count = 0;
        for (const std::int64_t at : shown(axis)) {
            if (count > 0) {
                if (left == 1 && count % in_line == 0)
                    text += ",\n" + std::string(indent + 1, ' ');
                else
                    text += separator;
            }
            ++count;
            if (at < 0)
                text += left == 1 ? " ..." : "...";
            else if (left == 1)
                text += format_(strided::load(tensor_, offset + at * tensor_.strides()[axis]));
            else
                text += nested(axis + 1, offset + at * tensor_.strides()[axis], indent + 1);
        }
        return text + "]";
    }

    const Tensor& tensor_;
    bool is_summary_;
    Format format_;
};

}  // namespace

std::ostream& operator<<(std::ostream& out, const Variable& variable) { return out << to_string(variable); }

}  // namespace tconv::autograd

namespace tconv {

std::string to_string(const autograd::Variable& variable) {
    const Tensor& data = variable.data();
    std::string text = "tensor(" + (data.elements() == 0 ? "[]" : autograd::Printer(data).print());
    std::vector<std::string> suffixes;
    if (data.elements() == 0 && data.rank() != 1) suffixes.push_back("size=" + to_string(data.shape()));
    if (data.dtype() == DType::f64) suffixes.emplace_back("dtype=f64");
    if (!variable.grad_fn().empty())
        suffixes.push_back("grad_fn=<" + std::string(variable.grad_fn()) + ">");
    else if (variable.requires_grad())
        suffixes.emplace_back("requires_grad=True");
    const std::size_t line_break = text.rfind('\n');
    std::size_t last_line =
        text.size() - (line_break == std::string::npos ? 0 : line_break + 1) + 2;  // as PyTorch counts
    for (const std::string& suffix : suffixes) {
        if (last_line + suffix.size() + 2 > autograd::kLineWidth) {
            text += ",\n" + std::string(autograd::kIndent, ' ') + suffix;
            last_line = autograd::kIndent + suffix.size();
        } else {
            text += ", " + suffix;
            last_line += suffix.size() + 2;
        }
    }
    return text + ")";
}

}  // namespace tconv
