// Optimisers: what changes parameters by their gradients. They keep one or two tensors per parameter, in its type, and
// compute as PyTorch's do. A parameter without a gradient stays as it is.
//
//     nn::Adam adam(net.parameters(), {.learning_rate = 2e-4, .beta1 = 0.5});
//     adam.zero_grad();  loss.backward();  adam.step();
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tconv/module.h"

namespace tconv::nn {

/// What all optimisers have in common.
class Optimiser {
public:
    virtual ~Optimiser() = default;

    /// Forgets the parameters' gradients.
    void zero_grad() const;
    /// Changes every parameter that has a gradient, in place.
    void step();
    /// Steps taken so far.
    std::int64_t steps() const noexcept { return steps_; }

    /// Everything that the next step depends on, beside the parameters: "step", and per parameter (by its number)
    /// "0.momentum" and the like. The tensors are the optimiser's own.
    StateDict state() const;
    /// Goes on from a state. Errors (array_mismatch): other names or shapes; nothing is changed then.
    Result<void> load_state(const StateDict& state);

protected:
    /// `slots` are the names of the tensors that are kept per parameter.
    Optimiser(std::vector<Parameter*> parameters, std::vector<std::string> slots);
    /// Changes one parameter; `kept` are its tensors.
    virtual void change(Tensor& parameter, const Tensor& grad, std::vector<Tensor>& kept) const = 0;

private:
    struct Entry {
        Parameter* parameter;
        std::vector<Tensor> kept;
    };
    std::vector<Entry> entries_;
    std::vector<std::string> slots_;
    std::int64_t steps_ = 0;
};

/// Stochastic gradient descent: v = momentum v + grad, w = w - learning_rate v; v starts as the first gradient.
/// (torch.optim.SGD)
class Sgd : public Optimiser {
public:
    /// Options, with PyTorch's defaults where it has one.
    struct Options {
        double learning_rate = 1e-3;  ///< 0 or more
        double momentum = 0;          ///< in [0, 1)
    };
    /// Throws BadResult where an option is out of its range. The parameters have to outlive the optimiser.
    Sgd(std::vector<Parameter*> parameters, Options options);
    /// For the steps from now on. Throws BadResult below 0.
    void set_learning_rate(double learning_rate);

private:
    void change(Tensor& parameter, const Tensor& grad, std::vector<Tensor>& kept) const override;
    Options options_;
};

/// Adam (Kingma and Ba 2015): m = beta1 m + (1 - beta1) grad, v = beta2 v + (1 - beta2) grad^2,
/// w = w - learning_rate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon) at step t. (torch.optim.Adam)
class Adam : public Optimiser {
public:
    /// Options, with PyTorch's defaults.
    struct Options {
        double learning_rate = 1e-3;  ///< 0 or more
        double beta1 = 0.9;           ///< in [0, 1)
        double beta2 = 0.999;         ///< in [0, 1)
        double epsilon = 1e-8;        ///< above 0
    };
    /// Throws BadResult where an option is out of its range. The parameters have to outlive the optimiser.
    Adam(std::vector<Parameter*> parameters, Options options);

private:
    void change(Tensor& parameter, const Tensor& grad, std::vector<Tensor>& kept) const override;
    Options options_;
};

}  // namespace tconv::nn
