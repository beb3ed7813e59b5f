// Lesson 09: forward and backward exchange.
#include <iostream>

#include "lessons.h"
#include "tconv/arithmetic.h"
#include "tconv/factories.h"
#include "tconv/nn.h"
#include "tconv/print.h"

namespace tconv::lessons {

void exchange(Page& page) {
    page.say(
        "Training needs gradients: how does a loss change with each input of a layer? For y = W x the chain rule gives "
        "dL/dx = W^T dL/dy. So the backward pass of a convolution, with respect to its input, multiplies by the "
        "transpose of W. That is a transposed convolution. The two layers exchange their passes: a "
        "convolution has W forward and W^T backward, a transposed convolution W^T forward and W backward.");
    page.say("Both layers share one weight tensor here; they agree on its order:");
    page.show("layers");
    // [layers]
    nn::Conv2d conv(1, 1, 3, {.bias = false});
    nn::ConvTranspose2d tconv(1, 1, 3, {.bias = false});
    conv.weight.data = arange(1, 10).reshape({1, 1, 3, 3});
    tconv.weight = conv.weight;
    std::cout << tconv.weight.data.shares_memory_with(conv.weight.data) << '\n';
    // [/layers]
    page.say("The convolution's backward pass is the transposed convolution's forward pass:");
    page.show("there");
    // [there]
    Tensor x = arange(1, 17).reshape({1, 1, 4, 4});
    Tensor output_grad = tensor({{{{1, 2}, {3, 4}}}});  // dL/dy of the convolution, of y's shape
    std::cout << conv.backward(x, output_grad).input_grad << "\n\n" << tconv(output_grad) << '\n';
    // [/there]
    page.say("And the other way round, the transposed convolution's backward pass is the convolution's forward pass:");
    page.show("back");
    // [back]
    std::cout << tconv.backward(output_grad, x).input_grad << "\n\n" << conv(x) << '\n';
    // [/back]
    page.say(
        "As matrices, with W built by hand as in lesson 08, these are W^T times one vector and W times the other:");
    page.show("matrices");
    // [matrices]
    Tensor W = zeros({4, 16});
    for (int row = 0; row < 4; ++row) {
        const int window = row / 2 * 4 + row % 2;
        for (int i = 0; i < 3; ++i) W(row, Slice(window + 4 * i, window + 4 * i + 3)) = conv.weight.data(0, 0, i);
    }
    std::cout << matmul(W.transpose(), output_grad.reshape({4})).reshape({4, 4}) << "\n\n";
    std::cout << matmul(W, x.reshape({16})).reshape({2, 2}) << '\n';
    // [/matrices]
    page.say(
        "It holds with every stride, padding, dilation and number of channels. For layers with the same parameters and "
        "weights, the sum of conv(a) * b is the sum of a * tconv(b); this is what makes one the transpose of the "
        "other:");
    page.show("adjoint");
    // [adjoint]
    nn::Conv2d f(3, 2, 4, {.stride = 2, .padding = 1, .bias = false});
    nn::ConvTranspose2d g(2, 3, 4, {.stride = 2, .padding = 1, .bias = false});
    g.weight = f.weight;
    Tensor a = uniform({1, 3, 8, 8}, /*seed=*/1), b = uniform({1, 2, 4, 4}, /*seed=*/2);
    std::cout << allclose(sum(f(a) * b), sum(a * g(b))) << '\n';
    std::cout << array_equal(f.backward(a, b).input_grad, g(b)) << '\n';
    // [/adjoint]
    page.say(
        "The weights have one gradient too, and it is the same computation in both layers. Only which array is called "
        "the input and which the output's gradient is exchanged:");
    page.show("weights");
    // [weights]
    std::cout << *conv.backward(x, output_grad).weight_grad << "\n\n";
    std::cout << *tconv.backward(output_grad, x).weight_grad << '\n';
    // [/weights]
    page.say(
        "So a library that has one of the two layers and its gradients has the other. tconv has three passes for both "
        "of them (include/tconv/reference.h): scatter, gather and weight_grad.");
    page.say(
        "Which pass belongs to which array need not be kept in mind: a tape does that. A variable is a tensor that "
        "knows what made it, and prints as the first document's tensors do:");
    page.show("tape");
    // [tape]
    autograd::Variable y = tconv(autograd::Variable(output_grad));
    std::cout << y << "\n\n";
    autograd::mse_loss(y, x).backward();
    std::cout << *tconv.weight.grad() << '\n';
    // [/tape]
    page.say("Where no gradient is wanted, the tape stays empty, and no name is printed; its second case does that:");
    page.show("off");
    // [off]
    for (nn::Parameter* parameter : tconv.parameters()) parameter->requires_grad = false;
    std::cout << tconv(autograd::Variable(output_grad)) << '\n';
    // [/off]
}

}  // namespace tconv::lessons
