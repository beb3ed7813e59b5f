#include "train/checkpoint.h"

#include <algorithm>
#include <map>

#include "tconv/factories.h"

namespace tconv::train {
namespace {

constexpr const char* kFormat = "tconv checkpoint 1";

Tensor as_tensor(const std::vector<double>& values) {
    const Tensor tensor = zeros({static_cast<std::int64_t>(values.size())}, DType::f64);
    std::copy(values.begin(), values.end(), Tensor(tensor).as<double>().begin());
    return tensor;
}

std::vector<double> as_list(const Tensor& tensor) {
    const Tensor values = tensor.to(DType::f64).value();
    const auto all = values.as<double>();
    return {all.begin(), all.end()};
}

Error malformed(const std::string& path, const std::string& why) {
    return {ErrorCode::malformed_file,
            "'" + path + "' " + why + "; start anew without --resume, or name the --out of another training"};
}

// The tensors whose names begin with "prefix.", without that.
nn::StateDict under(const io::NamedTensors& all, const std::string& prefix) {
    nn::StateDict part;
    for (const auto& [name, tensor] : all)
        if (name.starts_with(prefix + ".")) part.emplace_back(name.substr(prefix.size() + 1), tensor);
    return part;
}

}  // namespace

Result<void> save_checkpoint(const std::string& path, const Settings& settings, const Position& position,
                             const Kept& kept) {
    io::Safetensors file{{}, {{"format", kFormat}}};
    file.metadata.insert(file.metadata.end(), settings.begin(), settings.end());
    io::NamedTensors all{
        {"position", as_tensor({static_cast<double>(position.epoch), static_cast<double>(position.step)})},
        {"sums", as_tensor(position.sums)}};
    for (std::size_t i = 0; i < position.history.size(); ++i)
        all.emplace_back("history." + std::to_string(i), as_tensor(position.history[i]));
    for (const auto& [name, module] : kept.modules)
        for (const auto& [part, tensor] : module->state_dict()) all.emplace_back(name + "." + part, tensor);
    for (const auto& [name, optimiser] : kept.optimisers)
        for (const auto& [part, tensor] : optimiser->state()) all.emplace_back(name + "." + part, tensor);
    file.tensors = io::stored(all);
    return io::write_safetensors(path, file);
}

Result<Position> load_checkpoint(const std::string& path, const Settings& settings, const Kept& kept) {
    const auto file = io::read_safetensors(path);
    if (!file) return Error{file.error().code, file.error().message};
    const std::map<std::string, std::string> given(file->metadata.begin(), file->metadata.end());
    if (const auto at = given.find("format"); at == given.end() || at->second != kFormat)
        return malformed(path, "is no checkpoint of tconv train");
    for (const auto& [name, value] : settings) {
        const auto at = given.find(name);
        if (at == given.end()) return malformed(path, "does not say its " + name);
        if (at->second != value)
            return Error{ErrorCode::invalid_argument, "'" + path + "' was trained with " + name + " " + at->second +
                                                          ", and this call says " + value +
                                                          "; give the same to go on, or start anew in another --out"};
    }
    const io::NamedTensors all = file->named();
    const auto find = [&](const std::string& name) {
        return std::find_if(all.begin(), all.end(), [&](const auto& entry) { return entry.first == name; });
    };
    Position position;
    const auto where = find("position"), sums = find("sums");
    if (where == all.end() || where->second.shape() != Shape{2} || sums == all.end())
        return malformed(path, "does not say how far it is");
    const auto is_count = [](double value) { return value >= 0 && value < 1e15; };
    const std::vector<double> numbers = as_list(where->second);
    if (!is_count(numbers[0]) || !is_count(numbers[1])) return malformed(path, "does not say how far it is");
    position.epoch = static_cast<std::int64_t>(numbers[0]);
    position.step = static_cast<std::int64_t>(numbers[1]);
    position.sums = as_list(sums->second);
    for (std::size_t i = 0;; ++i) {
        const auto row = find("history." + std::to_string(i));
        if (row == all.end()) break;
        position.history.push_back(as_list(row->second));
    }
    for (const auto& [name, module] : kept.modules)
        if (auto ok = module->load_state_dict(under(all, name)); !ok)
            return malformed(path, "does not fit " + name + ": " + ok.error().message);
    for (const auto& [name, optimiser] : kept.optimisers)
        if (auto ok = optimiser->load_state(under(all, name)); !ok)
            return malformed(path, "does not fit " + name + ": " + ok.error().message);
    return position;
}

}  // namespace tconv::train
