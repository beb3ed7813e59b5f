// Lesson 14: pictures out of noise.
#include <algorithm>
#include <iomanip>
#include <iostream>
#include <string>

// [headers]
#include "tconv/optimisers.h"
#include "tconv/problem_text.h"
#include "train/assets.h"
// [/headers]
#include "lessons.h"
#include "tconv/arithmetic.h"
#include "tconv/factories.h"
#include "tconv/nn.h"

namespace tconv::lessons {
namespace {

// [draw]
// Pictures side by side, a letter for two pixels one above the other.
void draw(const Tensor& pictures) {
    const std::string paints = " .:+*#@";
    for (int y = 2; y < 30; y += 2) {
        std::string line;
        for (int n = 0; n < pictures.shape(0); ++n) {
            for (int x = 3; x < 29; ++x) {
                const double level = (sum(pictures(n, 0, Slice(y, y + 2), x)).item() + 2) / 4;
                line += paints[static_cast<std::size_t>(std::clamp(level * 6 + 0.5, 0.0, 6.0))];
            }
            line += "  ";
        }
        std::cout << line.substr(0, line.find_last_not_of(' ') + 1) << '\n';
    }
}
// [/draw]

}  // namespace

void generative(Page& page) {
    page.say(
        "The other use that the second document names makes pictures out of nothing but random numbers. DCGAN "
        "(Radford, Metz and Chintala 2016) does it with a ladder of transposed convolutions: 100 numbers are taken as "
        "a map of one pixel and 100 channels, the first layer makes 4x4 of it, and every further layer doubles the "
        "size "
        "and halves the channels. tconv ships one that `tconv train dcgan` trained on Fashion-MNIST:");
    page.show("headers");
    page.show("ladder");
    // [ladder]
    train::Generator generator = train::shipped_generator().value();
    Shape shape{1, 100, 1, 1};
    for (std::size_t i = 0; i < generator.main.size(); ++i)
        if (auto* layer = dynamic_cast<nn::ConvTranspose2d*>(&generator.main[i])) {
            const Problem problem = layer->problem(shape);
            shape = {1, problem.fine_channels, problem.spatial()[0].fine, problem.spatial()[1].fine};
            std::cout << std::left << std::setw(32) << to_text(problem) << "makes " << shape[1] << " x " << shape[2]
                      << " x " << shape[3] << '\n';
        }
    // [/ladder]
    page.say(
        "Between them stand batch normalisation and ReLU, and a tanh at the end, so that pixels lie from -1, black, to "
        "1. Three times 100 numbers, and what becomes of them:");
    page.show("draw");
    page.show("pictures");
    // [pictures]
    const Tensor noise = normal({3, 100, 1, 1}, /*seed=*/14);
    {
        const autograd::NoGrad no_grad;
        draw(generator(noise).data());
    }
    // [/pictures]
    page.say(
        "Nobody drew these, and none is in the training data. Numbers in between make clothes in between. From the "
        "first to the second:");
    page.show("between");
    // [between]
    {
        const autograd::NoGrad no_grad;
        Tensor mixed = zeros({3, 100, 1, 1});
        for (int i = 0; i < 3; ++i) mixed(i) = noise(0) * (1 - 0.5 * i) + noise(1) * (0.5 * i);
        draw(generator(mixed).data());
    }
    // [/between]
    page.say(
        "How does it learn without an example of what to make of which numbers? A second network, the discriminator, "
        "is a ladder of strided convolutions the other way down and says how likely a picture is real. Each step "
        "trains it to say yes to real pictures and no to generated ones, and then trains the generator to be told yes. "
        "The gradient reaches the generator through the discriminator: what it would have had to see. A small one of "
        "each, and one such step:");
    page.show("step");
    // [step]
    nn::Sequential make(nn::ConvTranspose2d(4, 8, 4), nn::ReLU(),
                        nn::ConvTranspose2d(8, 1, 4, {.stride = 2, .padding = 1}), nn::Tanh());
    nn::Sequential judge(nn::Conv2d(1, 8, 4, {.stride = 2, .padding = 1}), nn::LeakyReLU(0.2), nn::Conv2d(8, 1, 4));
    nn::Adam make_adam(make.parameters(), {.learning_rate = 2e-4, .beta1 = 0.5});
    nn::Adam judge_adam(judge.parameters(), {.learning_rate = 2e-4, .beta1 = 0.5});
    const Tensor real = ones({8, 1, 8, 8});

    using autograd::binary_cross_entropy_with_logits;
    const autograd::Variable fake = make(normal({8, 4, 1, 1}, /*seed=*/1));
    judge_adam.zero_grad();
    binary_cross_entropy_with_logits(judge(real), 1).backward();
    binary_cross_entropy_with_logits(judge(fake.detach()), 0).backward();  // detach: the generator is not to blame
    judge_adam.step();

    make_adam.zero_grad();
    const autograd::Variable loss = binary_cross_entropy_with_logits(judge(fake), 1);
    loss.backward();
    make_adam.step();
    std::cout << "made by " << fake.grad_fn() << ", judged by " << loss.grad_fn() << '\n';
    for (const auto& [name, parameter] : make.named_parameters())
        std::cout << name << " has a gradient: " << (parameter->grad() ? "true" : "false") << '\n';
    // [/step]
    page.say(
        "A kernel of 4 by stride 2 reaches every output with as many taps; with a kernel of 3 the counts differ "
        "(lesson "
        "12), and docs/training.md measures what training makes of either. `tconv run` writes a sheet of 64 pictures.");
}

}  // namespace tconv::lessons
