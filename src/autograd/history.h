// History: what a variable knows of its past. Steps are numbered as they are recorded, so inputs have smaller numbers
// than what was computed from them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "tconv/autograd.h"

namespace tconv::autograd {

struct History {
    std::uint64_t number = 0;
    std::string_view name{};                         ///< the operation's; empty for a leaf
    std::unique_ptr<Operation> operation;            ///< null for a leaf, and once backward() has used it
    std::vector<std::shared_ptr<History>> inputs{};  ///< null where no gradient is wanted
    std::optional<Tensor> grad{};                    ///< a leaf's

    History() = default;
    History(const History&) = delete;
    History& operator=(const History&) = delete;
    ~History();
};

}  // namespace tconv::autograd
