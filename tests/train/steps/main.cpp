// Steps of both networks' trainings, for comparison with PyTorch:
//
//     training_steps record dcgan|fcn f32|f64 STEPS BATCH EPSILON FILE
//         trains (Adam with that epsilon), and writes what went in and what came out into a safetensors file:
//         initial.NAME and final.NAME of every parameter and buffer, the batches, and the losses of every step
//     training_steps generate WIDTH FROM TO
//         reads a generator's weights and "noise" from a safetensors or npz file, and writes the weights and the
//         "pictures" that it makes of the noise into another
//     training_steps print
//         reads the number of axes, the sizes and the values of a tensor x from stdin; prints it as a variable, as one
//         that requires a gradient, and x + x of the latter
//     training_steps serve dcgan|fcn BATCH THREADS
//         answers every line on stdin: "step" with the milliseconds of one step, "profile" with those of one step by
//         operation, as JSON
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <numeric>
#include <string>
#include <vector>

#include "tconv/io.h"
#include "train/dcgan.h"
#include "train/random.h"
#include "train/segmentation.h"

namespace {

using namespace tconv;  // NOLINT(google-build-using-namespace)

constexpr double kLearningRate = 0.05;

// One of the two trainings, on batches of the pictures as they come.
class Steps {
public:
    Steps(const std::string& network, DType dtype, std::int64_t batch, double epsilon)
        : is_dcgan_(network == "dcgan"),
          batch_(batch),
          dtype_(dtype),
          data_(train::read_fashion(std::string(train::kFashionFolder), train::Part::train, 4096).value()),
          dcgan_(1, train::Doubling::k4s2, 64, {.learning_rate = 2e-4, .beta1 = 0.5, .epsilon = epsilon}),
          fcn_(1, train::Head::learned) {
        dcgan_.to(dtype);
        fcn_.to(dtype);
    }

    // Reads and composes; not timed.
    void prepare(std::int64_t step) {
        std::vector<std::int64_t> indices(static_cast<std::size_t>(batch_));
        std::iota(indices.begin(), indices.end(), step * batch_);
        if (is_dcgan_) {
            for (std::int64_t& index : indices) index %= data_.count();
            real_ = train::padded_pictures(data_, indices, dtype_);
            noise_ = train::noise(batch_, train::seed_of(1, train::kNoise, step), dtype_);
        } else {
            scenes_ = train::scene_batch(data_, 1, indices, dtype_);
        }
    }

    std::vector<double> run() {
        if (!is_dcgan_) return {fcn_.step(scenes_, kLearningRate)};
        const train::DcganLosses losses = dcgan_.step(real_, noise_);
        return {losses.discriminator, losses.generator};
    }

    void keep_state(const std::string& when, io::NamedTensors& all) {
        const auto keep = [&](const std::string& name, nn::Module& module) {
            for (const auto& [part, tensor] : module.state_dict())
                all.emplace_back(when + "." + name + part, tensor.clone());
        };
        if (!is_dcgan_) return keep("", fcn_.network);
        keep("generator.", dcgan_.generator);
        keep("discriminator.", dcgan_.discriminator);
    }

    void keep_batch(std::int64_t step, io::NamedTensors& all) const {
        const std::string number = "." + std::to_string(step);
        if (is_dcgan_) {
            all.emplace_back("real" + number, real_.clone());
            all.emplace_back("noise" + number, noise_.clone());
            return;
        }
        all.emplace_back("pixels" + number, scenes_.pixels.clone());
        Tensor labels = Tensor::zeros({static_cast<std::int64_t>(scenes_.labels.size())}, DType::f64).value();
        std::copy(scenes_.labels.begin(), scenes_.labels.end(), labels.as<double>().begin());
        all.emplace_back("labels" + number, labels);
    }

private:
    bool is_dcgan_;
    std::int64_t batch_;
    DType dtype_;
    train::Fashion data_;
    train::Dcgan dcgan_;
    train::Segmentation fcn_;
    Tensor real_, noise_;
    train::SceneBatch scenes_;
};

void record(Steps& steps, std::int64_t count, const std::string& path) {
    io::NamedTensors all;
    steps.keep_state("initial", all);
    std::vector<double> losses;
    for (std::int64_t step = 0; step < count; ++step) {
        steps.prepare(step);
        steps.keep_batch(step, all);
        for (const double loss : steps.run()) losses.push_back(loss);
    }
    steps.keep_state("final", all);
    Tensor table = Tensor::zeros({count, static_cast<std::int64_t>(losses.size()) / count}, DType::f64).value();
    std::copy(losses.begin(), losses.end(), table.as<double>().begin());
    all.emplace_back("losses", table);
    io::write_safetensors(path, {io::stored(all), {}}).value();
}

bool is_npz(const std::string& path) { return path.ends_with(".npz"); }

void generate(std::int64_t width, const std::string& from, const std::string& to) {
    io::NamedTensors all =
        is_npz(from) ? io::read_npz(from, io::Integers::as_f64).value() : io::read_safetensors(from).value().named();
    const auto noise = std::find_if(all.begin(), all.end(), [](const auto& entry) { return entry.first == "noise"; });
    const Tensor given = noise->second;
    all.erase(noise);
    train::Generator generator(width);
    generator.load_state_dict(all).value();
    generator.eval();
    const autograd::NoGrad no_grad;
    const Tensor pictures = generator(given).data();
    io::NamedTensors out = generator.state_dict();
    out.emplace_back("pictures", pictures);
    if (is_npz(to))
        io::write_npz(to, out).value();
    else
        io::write_safetensors(to, {io::stored(out), {}}).value();
}

void print() {
    std::size_t rank = 0;
    std::cin >> rank;
    Shape shape(rank);
    for (std::int64_t& size : shape) std::cin >> size;
    Tensor x = Tensor::zeros(shape, DType::f32).value();
    std::string word;
    for (float& value : x.as<float>()) {
        std::cin >> word;
        value = std::strtof(word.c_str(), nullptr);
    }
    const autograd::Variable leaf(x, true);
    std::cout << autograd::Variable(x) << '\n' << leaf << '\n' << autograd::add(leaf, x) << '\n';
}

void serve(Steps& steps) {
    std::int64_t step = 0;
    for (std::string line; std::getline(std::cin, line);) {
        steps.prepare(step++);
        if (line == "profile") {
            const autograd::Profile profile;
            steps.run();
            std::string separator = "{";
            for (const autograd::OperationTime& time : profile.times()) {
                std::cout << separator << '"' << time.name << "\": [" << time.forward_ms << ", " << time.backward_ms
                          << ']';
                separator = ", ";
            }
            std::cout << '}' << std::endl;
            continue;
        }
        const auto start = std::chrono::steady_clock::now();
        steps.run();
        const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
        std::cout << took.count() << std::endl;
    }
}

int run(const std::vector<std::string>& words) {
    const auto number = [&](std::size_t at) { return std::strtoll(words[at].c_str(), nullptr, 10); };
    if (words.size() == 4 && words[0] == "generate") return generate(number(1), words[2], words[3]), 0;
    if (words.size() == 1 && words[0] == "print") return print(), 0;
    const bool records = words.size() == 7 && words[0] == "record", serves = words.size() == 4 && words[0] == "serve";
    if ((!records && !serves) || (words[1] != "dcgan" && words[1] != "fcn")) {
        std::cerr << "usage: training_steps record dcgan|fcn f32|f64 STEPS BATCH EPSILON FILE\n"
                     "       training_steps generate WIDTH FROM TO\n"
                     "       training_steps print\n"
                     "       training_steps serve dcgan|fcn BATCH THREADS\n";
        return 2;
    }
    const bool is_f64 = records && words[2] == "f64";
    Steps steps(words[1], is_f64 ? DType::f64 : DType::f32, number(records ? 4 : 2),
                records ? std::strtod(words[5].c_str(), nullptr) : train::kDcganAdam.epsilon);
    if (records) {
        record(steps, number(3), words[6]);
    } else {
        const autograd::Threads threads(static_cast<int>(number(3)));
        serve(steps);
    }
    return 0;
}

}  // namespace

int main(int count, char** arguments) {
    try {
        return run({arguments + 1, arguments + count});
    } catch (const std::exception& error) {
        std::cerr << "training_steps: " << error.what() << '\n';
        return 1;
    }
}
