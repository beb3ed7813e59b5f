// Lesson 13: fully convolutional networks.
#include <cstddef>
#include <iostream>
#include <string>

// [headers]
#include "tconv/optimisers.h"
// [/headers]
#include "lessons.h"
#include "tconv/arithmetic.h"
#include "tconv/factories.h"
#include "tconv/nn.h"
#include "tconv/print.h"

namespace tconv::lessons {
namespace {

// [scene]
constexpr std::size_t kSize = 16;

// A filled square and an empty one on noise, and the class of every pixel: 0 noise, 1 filled, 2 empty.
struct Scene {
    Tensor picture;
    autograd::Labels labels = autograd::Labels(kSize * kSize, 0);

    explicit Scene(std::size_t number) : picture(uniform({1, 1, kSize, kSize}, number, -0.4, 0.4)) {
        paint(number % 7 + 1, number % 2 * 8 + 1, 1);
        paint(number * 3 % 7 + 1, 9 - number % 2 * 8, 2);
    }
    void paint(std::size_t top, std::size_t left, int label) {
        for (std::size_t y = top; y < top + 6; ++y)
            for (std::size_t x = left; x < left + 6; ++x) {
                const bool is_inside = y > top && y < top + 5 && x > left && x < left + 5;
                if (label == 1 || !is_inside) picture(0, 0, y, x) = 1;
                labels[y * kSize + x] = label;
            }
    }
};
// [/scene]

// The score that is largest at a pixel.
int best(const Tensor& scores, std::size_t y, std::size_t x) {
    int found = 0;
    for (int label = 1; label < 3; ++label)
        if (scores(0, label, y, x).item() > scores(0, found, y, x).item()) found = label;
    return found;
}

// The picture, what is there, and what the network says, side by side.
void draw(const Scene& scene, const Tensor& scores) {
    for (std::size_t y = 0; y < kSize; ++y) {
        std::string picture, truth, answer;
        for (std::size_t x = 0; x < kSize; ++x) {
            picture += scene.picture(0, 0, y, x).item() > 0.5 ? '@' : '.';
            truth += ".#o"[scene.labels[y * kSize + x]];
            answer += ".#o"[best(scores, y, x)];
        }
        std::cout << picture << "    " << truth << "    " << answer << '\n';
    }
}

// The share of pixels that the network is right about.
double accuracy(const Scene& scene, const Tensor& scores) {
    int right = 0;
    for (std::size_t y = 0; y < kSize; ++y)
        for (std::size_t x = 0; x < kSize; ++x) right += best(scores, y, x) == scene.labels[y * kSize + x] ? 1 : 0;
    return right / static_cast<double>(kSize * kSize);
}

}  // namespace

void fully_convolutional(Page& page) {
    page.say(
        "The second document begins with what all this is for: networks that say something about every pixel. What a "
        "thing is shows in a large window only, so convolutions and pooling halve the map again and again, and at the "
        "end there are good answers for a few coarse places. A transposed convolution takes them back to the pixels. A "
        "network of nothing but such layers is fully convolutional (Long, Shelhamer and Darrell 2015): it takes a "
        "picture of any size. To enlarge by s, its kernel is 2s and its padding s/2:");
    page.show("sizes");
    // [sizes]
    for (const std::int64_t s : {2, 4, 8}) {
        nn::ConvTranspose2d larger(1, 1, 2 * s, {.stride = s, .padding = s / 2, .bias = false});
        const Shape small = larger(zeros({1, 1, 3, 5})).shape(), wide = larger(zeros({1, 1, 7, 40})).shape();
        std::cout << "by " << s << ": 3x5 to " << small[2] << 'x' << small[3] << ", 7x40 to " << wide[2] << 'x'
                  << wide[3] << '\n';
    }
    // [/sizes]
    page.say(
        "Its weights begin as bilinear interpolation, each class for itself, so that the answers are enlarged smoothly "
        "before anything is learned. For s = 2 the kernel is the product of 1, 3, 3, 1 (by 4) with itself. A score of "
        "16 in one place becomes a hill:");
    page.show("bilinear");
    // [bilinear]
    nn::ConvTranspose2d twice(1, 1, 4, {.stride = 2, .padding = 1, .bias = false});
    twice.initialize(nn::bilinear());
    Tensor scores = zeros({1, 1, 3, 3});
    scores(0, 0, 1, 1) = 16;
    std::cout << twice(scores)(0, 0) << '\n';
    // [/bilinear]
    page.say(
        "Now a task. There is a filled square and an empty one, and the pixels inside of both look alike from near by, "
        "bright in one and noise as everywhere in the other; only a larger window tells:");
    page.show("scene");
    page.say(
        "The network: convolutions and two halvings, three scores for each of the 4x4 places that are left, and the "
        "way back to 16x16. The loss is the mean of -log(probability of the right class) over all pixels.");
    page.show("headers");
    page.show("train");
    // [train]
    nn::manual_seed(13);
    nn::ConvTranspose2d head(3, 3, 8, {.stride = 4, .padding = 2, .bias = false});
    head.initialize(nn::bilinear());
    nn::Sequential net(nn::Conv2d(1, 8, 3, {.padding = 1}), nn::ReLU(), nn::MaxPool2d(2),
                       nn::Conv2d(8, 16, 3, {.padding = 1}), nn::ReLU(), nn::MaxPool2d(2),
                       nn::Conv2d(16, 16, 3, {.padding = 1}), nn::ReLU(), nn::Conv2d(16, 3, 1), head);
    nn::Adam adam(net.parameters(), {.learning_rate = 0.01});
    double first = 0, last = 0;
    for (std::size_t step = 0; step < 150; ++step) {
        const Scene scene(step);
        const autograd::Variable loss = autograd::cross_entropy(net(scene.picture), scene.labels);
        adam.zero_grad();
        loss.backward();
        adam.step();
        (step == 0 ? first : last) = loss.item();
    }
    std::cout << "the loss fell to less than a quarter: " << (last < first / 4 ? "true" : "false") << '\n';
    // [/train]
    page.say(
        "A scene that it has not seen: the picture, what is there, and what the network says. Edges are the first "
        "thing that an enlargement by 4 gets wrong; larger networks add scores from before the last halving for that.");
    page.show("answer");
    // [answer]
    const autograd::NoGrad no_grad;
    const Scene unseen(1003);
    const Tensor answer = net(unseen.picture).data();
    draw(unseen, answer);
    std::cout << "\nmore than 9 pixels of 10 are right: " << (accuracy(unseen, answer) > 0.9 ? "true" : "false")
              << '\n';
    // [/answer]
    page.say(
        "`tconv train fcn` trains a larger one on scenes of real clothes, and docs/training.md says how well it does "
        "with a head that learns and with one that stays bilinear.");
}

}  // namespace tconv::lessons
