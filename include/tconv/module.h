// Modules: what networks are built of, and what training changes in them.
//
//     nn::Sequential net(nn::ConvTranspose2d(100, 64, 4), nn::BatchNorm2d(64), nn::ReLU());
//     autograd::Variable y = net(z);                      // recorded; net(tensor) too
//     for (auto& [name, parameter] : net.named_parameters()) ...   // "0.weight", "1.weight", "1.bias"
//
// Names are PyTorch's: a module's own parameters and buffers, and its children's behind "child.". A *buffer* is a
// tensor that belongs to the module's state but has no gradient, such as running statistics. state_dict() is all of
// them under their names, so weights move to PyTorch and back (io.h has the files; torch.nn.Module.state_dict).
// Copies of a module share its tensors. Misuse throws BadResult.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "tconv/autograd.h"
#include "tconv/operations.h"
#include "tconv/tensor.h"

namespace tconv::nn {

/// A tensor that training changes. `data` may be replaced; copies of a Parameter share its memory and its gradient.
struct Parameter {
    Tensor data{};                  ///< its values
    bool requires_grad = true;      ///< whether a gradient is computed for it
    autograd::Gradient gradient{};  ///< where the tape collects it

    /// dL/d(data), as far as backward() has brought it.
    const std::optional<Tensor>& grad() const noexcept { return gradient.value(); }
    /// Forgets it.
    void zero_grad() const noexcept { gradient.clear(); }
    /// A leaf for the tape; without requires_grad one that wants no gradient.
    autograd::Variable variable() const;
};

class Module;

/// The things that a module is made of, in their order, each with its name.
struct Parts {
    std::vector<std::pair<std::string, Parameter*>> parameters{};  ///< its own
    std::vector<std::pair<std::string, Tensor*>> buffers{};        ///< its own
    std::vector<std::pair<std::string, Module*>> children{};       ///< with all that is theirs
};

/// Tensors with their names, in the order of the modules; what io.h reads and writes.
using StateDict = std::vector<std::pair<std::string, Tensor>>;

/// A function of one variable, with parameters.
class Module {
public:
    virtual ~Module() = default;

    /// The output; recorded where gradients are on.
    virtual autograd::Variable operator()(const autograd::Variable& x) = 0;

    /// All parameters, the children's too.
    ///@{
    std::vector<Parameter*> parameters();
    std::vector<std::pair<std::string, Parameter*>> named_parameters();
    ///@}
    /// All buffers with their names.
    std::vector<std::pair<std::string, Tensor*>> named_buffers();

    /// Parameters and buffers under their names, module by module as PyTorch orders them. The tensors are the module's
    /// own: clone() what is to stay.
    StateDict state_dict();
    /// Copies values into parameters and buffers, converting types. Errors (array_mismatch): a name that is missing or
    /// too many, or another shape; nothing is changed then.
    Result<void> load_state_dict(const StateDict& state);

    /// Whether batch normalisation uses the batch and updates its running statistics (training), or uses these.
    ///@{
    void train(bool is_training = true);
    void eval() { train(false); }
    bool is_training() const noexcept { return is_training_; }
    ///@}

    /// Forgets all gradients.
    void zero_grad();
    /// Sets requires_grad of all parameters.
    void require_grad(bool requires_grad);
    /// Changes the type of all parameters and buffers, in new memory.
    void to(DType dtype);

    /// What it is made of; for the functions above.
    virtual Parts parts() { return {}; }

protected:
    Module() = default;
    /// Copies share the tensors.
    ///@{
    Module(const Module&) = default;
    Module& operator=(const Module&) = default;
    ///@}

private:
    bool is_training_ = true;
};

/// Modules one behind the other, named "0", "1" and so on.
class Sequential : public Module {
public:
    /// None yet; it returns its input.
    Sequential() = default;
    /// Takes copies of the modules, which share their tensors.
    template <class... Modules>
        requires(sizeof...(Modules) > 0 && (std::is_base_of_v<Module, std::decay_t<Modules>> && ...) &&
                 !(sizeof...(Modules) == 1 && (std::is_same_v<Sequential, std::decay_t<Modules>> && ...)))
    explicit Sequential(Modules&&... modules) {
        (add(std::forward<Modules>(modules)), ...);
    }

    /// Appends one.
    template <class M>
    void add(M&& module) {
        modules_.push_back(std::make_shared<std::decay_t<M>>(std::forward<M>(module)));
    }

    /// The number of modules.
    std::size_t size() const noexcept { return modules_.size(); }
    /// One of them. Throws BadResult (out of range).
    Module& operator[](std::size_t index);

    autograd::Variable operator()(const autograd::Variable& x) override;
    Parts parts() override;

private:
    std::vector<std::shared_ptr<Module>> modules_;
};

/// y = x W^T + b: x (N, in) to (N, out), with PyTorch's initialisation.
class Linear : public Module {
public:
    /// Throws BadResult where a number is below 1.
    Linear(std::int64_t in_features, std::int64_t out_features, bool bias = true);

    Parameter weight;               ///< (out, in)
    std::optional<Parameter> bias;  ///< (out)

    autograd::Variable operator()(const autograd::Variable& x) override;
    Parts parts() override;

private:
    std::shared_ptr<autograd::ConvolutionPlans> plans_;
};

/// Batch normalisation over all axes but the channels' (x (N, C, H, W)), with PyTorch's defaults.
class BatchNorm2d : public Module {
public:
    /// Throws BadResult below 1 channel.
    explicit BatchNorm2d(std::int64_t channels, double epsilon = 1e-5, double momentum = 0.1);

    Parameter weight;            ///< (C), ones
    Parameter bias;              ///< (C), zeros
    Tensor running_mean;         ///< (C), zeros
    Tensor running_var;          ///< (C), ones
    Tensor num_batches_tracked;  ///< (), f64: a count of training batches

    autograd::Variable operator()(const autograd::Variable& x) override;
    Parts parts() override;

private:
    double epsilon_, momentum_;
};

/// A module that is one of the operations without parameters.
class Function : public Module {
public:
    autograd::Variable operator()(const autograd::Variable& x) override { return function_(x); }

protected:
    /// By what follows.
    explicit Function(std::function<autograd::Variable(const autograd::Variable&)> function)
        : function_(std::move(function)) {}

private:
    std::function<autograd::Variable(const autograd::Variable&)> function_;
};

/// max(x, 0).
struct ReLU : Function {
    /// It has no terms.
    ReLU() : Function(autograd::relu) {}
};
/// x, below zero slope * x.
struct LeakyReLU : Function {
    /// The slope is above 0.
    explicit LeakyReLU(double slope = 0.01)
        : Function([slope](const auto& x) { return autograd::leaky_relu(x, slope); }) {}
};
/// The hyperbolic tangent.
struct Tanh : Function {
    /// It has no terms.
    Tanh() : Function(autograd::tanh) {}
};
/// 1 / (1 + exp(-x)).
struct Sigmoid : Function {
    /// It has no terms.
    Sigmoid() : Function(autograd::sigmoid) {}
};
/// The maximum of windows.
struct MaxPool2d : Function {
    /// Windows of kernel x kernel, `stride` apart (0: the kernel).
    explicit MaxPool2d(std::int64_t kernel, std::int64_t stride = 0)
        : Function([=](const auto& x) { return autograd::max_pool2d(x, kernel, stride); }) {}
};
/// The mean of windows.
struct AvgPool2d : Function {
    /// Windows of kernel x kernel, `stride` apart (0: the kernel).
    explicit AvgPool2d(std::int64_t kernel, std::int64_t stride = 0)
        : Function([=](const auto& x) { return autograd::average_pool2d(x, kernel, stride); }) {}
};
/// (N, ...) to (N, all the rest).
struct Flatten : Function {
    /// It has no terms.
    Flatten() : Function([](const auto& x) { return autograd::reshape(x, {x.shape(0), -1}); }) {}
};

}  // namespace tconv::nn
