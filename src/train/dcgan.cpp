#include "train/dcgan.h"

#include "tconv/factories.h"
#include "train/random.h"

namespace tconv::train {
Dcgan::Dcgan(std::uint64_t seed, Doubling doubling, std::int64_t width, nn::Adam::Options adam)
    : generator(width, doubling),
      discriminator(width),
      generator_adam(generator.parameters(), adam),
      discriminator_adam(discriminator.parameters(), adam),
      adam_(adam) {
    initialise_dcgan(generator, seed_of(seed, kWeights, 0));
    initialise_dcgan(discriminator, seed_of(seed, kWeights, 1));
}

void Dcgan::to(DType dtype) {
    generator.to(dtype);
    discriminator.to(dtype);
    generator_adam = nn::Adam(generator.parameters(), adam_);
    discriminator_adam = nn::Adam(discriminator.parameters(), adam_);
}

DcganLosses Dcgan::step(const Tensor& real, const Tensor& noise) {
    using autograd::binary_cross_entropy_with_logits;
    using autograd::Variable;

    discriminator_adam.zero_grad();
    const Variable on_real = binary_cross_entropy_with_logits(discriminator(real), 1);
    on_real.backward();
    const Variable fake = generator(noise);
    const Variable on_fake = binary_cross_entropy_with_logits(discriminator(fake.detach()), 0);
    on_fake.backward();
    discriminator_adam.step();

    generator_adam.zero_grad();
    discriminator.require_grad(false);  // its gradients would be thrown away
    const Variable loss = binary_cross_entropy_with_logits(discriminator(fake), 1);
    loss.backward();
    discriminator.require_grad(true);
    generator_adam.step();
    return {on_real.item() + on_fake.item(), loss.item()};
}

Tensor Dcgan::generate(const Tensor& noise) {
    const autograd::NoGrad no_grad;
    generator.eval();
    const Tensor pictures = generator(noise).data();
    generator.train();
    return pictures;
}

Tensor noise(std::int64_t count, std::uint64_t seed, DType dtype) {
    return normal({count, kNoiseSize, 1, 1}, seed, 0, 1, dtype);
}

}  // namespace tconv::train
