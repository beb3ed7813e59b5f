// Autograd: arrays that remember how they were computed, so that gradients can be found by going back.
//
//     Variable w(tensor({1, 2, 3}), /*requires_grad=*/true);
//     Variable loss = mse_loss(tanh(w), zeros({3}));      // operations.h
//     loss.backward();                                    // dL/dw is in w.grad()
//
// A Variable is a Tensor and, where something that it was computed from wants a gradient, a step of the *tape*: the
// operation and where its inputs came from. An operation is one small class with its value and its derivative, a
// *vector-Jacobian product*: from dL/dy, one sum of products per input, dL/dx_j = sum_i dL/dy_i * dy_i/dx_j.
// backward() walks the tape from the newest step to the oldest and adds what reaches a leaf into its grad(). It uses
// the tape up: what the operations kept is freed on the way.
//
// Printed as PyTorch prints (print of PyTorch 2): tensor([1., 2.], grad_fn=...) with the name of the last operation;
// plain tensors stay as print.h shows them. What was put into an operation must not be overwritten before backward():
// nobody notices. There are no gradients of gradients. Misuse throws BadResult.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tconv/tensor.h"

/// The tape: variables, operations, gradients.
namespace tconv::autograd {

/// A step of the tape, or a leaf's gradient (src/autograd); not for users.
struct History;

/// Where the gradient of a leaf is collected; copies are one place.
class Gradient {
public:
    /// A new place, without a gradient.
    Gradient();
    /// The sum of what backward() brought since it was cleared; none where nothing came.
    const std::optional<Tensor>& value() const noexcept;
    /// Forgets it.
    void clear() const noexcept;
    /// The place itself; for the tape's own use.
    const std::shared_ptr<History>& history() const noexcept { return history_; }

private:
    std::shared_ptr<History> history_;
};

/// A tensor on the tape. Copies are the same variable; its data is never rebound.
class Variable {
public:
    /// A leaf: nothing computed it. Implicit, so that plain tensors are taken wherever variables are.
    Variable(const Tensor& data, bool requires_grad = false);
    /// A leaf whose gradient is collected in a place that is there already.
    Variable(const Tensor& data, const Gradient& gradient);
    /// What an operation made (perform() below).
    Variable(const Tensor& data, std::shared_ptr<History> history);

    /// Its values.
    const Tensor& data() const noexcept { return data_; }
    /// The size of every axis.
    const Shape& shape() const noexcept { return data_.shape(); }
    /// The size of one axis; negative axes count from the end. Throws BadResult (no such axis).
    std::int64_t shape(std::int64_t axis) const { return data_.shape(axis); }
    /// The elements' type.
    DType dtype() const noexcept { return data_.dtype(); }
    /// The value of a variable with one element. Throws BadResult (more, or none).
    double item() const { return data_.item(); }

    /// Whether it is a leaf that wants a gradient, or was computed from one.
    bool requires_grad() const noexcept { return history_ != nullptr; }
    /// The name of the operation that made it, as PyTorch calls it; empty for a leaf and without gradients.
    std::string_view grad_fn() const noexcept;
    /// A leaf's gradient so far; none where no backward() reached it, and for what was computed.
    const std::optional<Tensor>& grad() const noexcept;
    /// Forgets a leaf's gradient.
    void zero_grad() const noexcept;

    /// Adds dL/dx to grad() of every leaf x that this was computed from; L is this, of one element. Throws BadResult:
    /// more elements, nothing that requires a gradient, or a tape that was used up before.
    void backward() const;
    /// The same, for an L of which this variable's gradient is `output_grad` (of its shape and type).
    void backward(const Tensor& output_grad) const;

    /// The same values, cut off the tape.
    Variable detach() const { return {data_}; }

    /// Its step; for the tape's own use.
    const std::shared_ptr<History>& history() const noexcept { return history_; }

private:
    Tensor data_;
    std::shared_ptr<History> history_;
};

/// The text described above, without a line break at its end; to_string() is below.
std::ostream& operator<<(std::ostream& out, const Variable& variable);

/// Gradients of an operation's inputs; none where it was not wanted or nothing flows.
using InputGrads = std::vector<std::optional<Tensor>>;

/// A differentiable function of tensors with one output: a class of its own for each, used once.
class Operation {
public:
    Operation() = default;
    Operation(const Operation&) = delete;
    Operation& operator=(const Operation&) = delete;
    virtual ~Operation() = default;

    /// Its name in printed variables, PyTorch's where it has one: "ConvolutionBackward0".
    virtual std::string_view name() const noexcept = 0;
    /// The output. What vjp() will need is kept in members. Throws BadResult where shapes or types do not fit.
    virtual Tensor forward(std::span<const Tensor> inputs) = 0;
    /// dL/d(input) for every input with wanted[i], from dL/d(output). Called at most once, after forward().
    virtual InputGrads vjp(const Tensor& output_grad, const std::vector<bool>& wanted) = 0;
};

/// Runs the operation, and records it where gradients are on and one of the inputs requires one.
Variable perform(std::unique_ptr<Operation> operation, std::span<const Variable> inputs);

/// While one lives, this thread records nothing. (torch.no_grad)
class NoGrad {
public:
    NoGrad() noexcept;
    ~NoGrad();
    NoGrad(const NoGrad&) = delete;
    NoGrad& operator=(const NoGrad&) = delete;

private:
    bool before_;
};

/// Whether this thread records.
bool is_recording() noexcept;

/// While one lives, operations of this thread use so many threads (0: default_threads()). The bits do not depend on it.
class Threads {
public:
    /// Throws BadResult below 0 or above 4096.
    explicit Threads(int count);
    ~Threads();
    Threads(const Threads&) = delete;
    Threads& operator=(const Threads&) = delete;

private:
    int before_;
};

/// What one kind of operation took.
struct OperationTime {
    std::string name;        ///< Operation::name()
    std::int64_t calls = 0;  ///< of forward()
    double forward_ms = 0;   ///< in all forward() calls
    double backward_ms = 0;  ///< in all vjp() calls
};

/// While one lives, this thread's operations are timed.
class Profile {
public:
    Profile();
    ~Profile();
    Profile(const Profile&) = delete;
    Profile& operator=(const Profile&) = delete;

    /// So far, the longest first.
    std::vector<OperationTime> times() const;
    /// For the tape's own use: `forward` or vjp.
    void add(std::string_view name, bool is_forward, double milliseconds);

private:
    Profile* before_;
    std::vector<OperationTime> times_;
};

/// Bytes of the memory that operations' outputs live in: in use, and kept for the next ones. Memory that a step gives
/// back is used again by the next step.
struct MemoryUse {
    std::int64_t used_bytes = 0;  ///< by tensors that live
    std::int64_t kept_bytes = 0;  ///< given back by tensors, not to the system
};
/// Of all threads together.
MemoryUse memory_use();

}  // namespace tconv::autograd

namespace tconv {

/// The text described above, without a line break at its end.
std::string to_string(const autograd::Variable& variable);

}  // namespace tconv
