#include "tconv/module.h"

#include <algorithm>
#include <functional>
#include <map>

#include "tensor/strided.h"

namespace tconv::nn {
namespace {

using strided::fail;

// visit(parts, prefix) of a module and everything in it.
void for_each_module(Module& module, const std::string& prefix,
                     const std::function<void(Module&, const Parts&, const std::string&)>& visit) {
    const Parts parts = module.parts();
    visit(module, parts, prefix);
    for (const auto& [name, child] : parts.children) for_each_module(*child, prefix + name + ".", visit);
}

Error mismatch(const std::string& sentence) { return {ErrorCode::array_mismatch, sentence}; }

}  // namespace

autograd::Variable Parameter::variable() const {
    if (!requires_grad) return {data};
    return {data, gradient};
}

std::vector<std::pair<std::string, Parameter*>> Module::named_parameters() {
    std::vector<std::pair<std::string, Parameter*>> all;
    for_each_module(*this, "", [&](Module&, const Parts& parts, const std::string& prefix) {
        for (const auto& [name, parameter] : parts.parameters) all.emplace_back(prefix + name, parameter);
    });
    return all;
}

std::vector<Parameter*> Module::parameters() {
    std::vector<Parameter*> all;
    for (const auto& [name, parameter] : named_parameters()) all.push_back(parameter);
    return all;
}

std::vector<std::pair<std::string, Tensor*>> Module::named_buffers() {
    std::vector<std::pair<std::string, Tensor*>> all;
    for_each_module(*this, "", [&](Module&, const Parts& parts, const std::string& prefix) {
        for (const auto& [name, buffer] : parts.buffers) all.emplace_back(prefix + name, buffer);
    });
    return all;
}

StateDict Module::state_dict() {
    StateDict state;
    for_each_module(*this, "", [&](Module&, const Parts& parts, const std::string& prefix) {
        for (const auto& [name, parameter] : parts.parameters) state.emplace_back(prefix + name, parameter->data);
        for (const auto& [name, buffer] : parts.buffers) state.emplace_back(prefix + name, *buffer);
    });
    return state;
}

Result<void> Module::load_state_dict(const StateDict& state) {
    std::map<std::string, Tensor> given;
    for (const auto& [name, tensor] : state)
        if (!given.emplace(name, tensor).second) return mismatch("the state has two tensors named '" + name + "'");
    const StateDict own = state_dict();
    for (const auto& [name, tensor] : own) {
        const auto at = given.find(name);
        if (at == given.end())
            return mismatch("the state lacks '" + name + "', of shape " + to_string(tensor.shape()) +
                            "; give the state of a network with the same modules");
        if (at->second.shape() != tensor.shape())
            return mismatch("the state's '" + name + "' has shape " + to_string(at->second.shape()) +
                            ", but this network's has " + to_string(tensor.shape()) +
                            "; give the state of a network with the same sizes");
    }
    if (given.size() != own.size())
        for (const auto& [name, tensor] : state)
            if (std::none_of(own.begin(), own.end(), [&](const auto& entry) { return entry.first == name; }))
                return mismatch("the state has '" + name +
                                "', which this network has not; give the state of a network with the same modules");
    for (const auto& [name, tensor] : own) tensor.assign(given.at(name));
    return {};
}

void Module::train(bool is_training) {
    for_each_module(*this, "",
                    [&](Module& module, const Parts&, const std::string&) { module.is_training_ = is_training; });
}

void Module::zero_grad() {
    for (const Parameter* parameter : parameters()) parameter->zero_grad();
}

void Module::require_grad(bool requires_grad) {
    for (Parameter* parameter : parameters()) parameter->requires_grad = requires_grad;
}

void Module::to(DType dtype) {
    for (Parameter* parameter : parameters()) {
        parameter->data = parameter->data.to(dtype).value();
        parameter->zero_grad();
    }
    for (const auto& [name, buffer] : named_buffers()) *buffer = buffer->to(dtype).value();
}

Module& Sequential::operator[](std::size_t index) {
    if (index >= modules_.size())
        fail("a sequence of " + std::to_string(modules_.size()) + " modules has none with the number " +
             std::to_string(index) + "; they count from 0");
    return *modules_[index];
}

autograd::Variable Sequential::operator()(const autograd::Variable& x) {
    autograd::Variable value = x;
    for (const auto& module : modules_) value = (*module)(value);
    return value;
}

Parts Sequential::parts() {
    Parts parts;
    for (std::size_t i = 0; i < modules_.size(); ++i) parts.children.emplace_back(std::to_string(i), modules_[i].get());
    return parts;
}

}  // namespace tconv::nn
