// Trained weights that ship with the program (assets/).
#pragma once

#include "tconv/result.h"
#include "train/networks.h"

namespace tconv::train {

/// assets/classifier.safetensors, made by `tconv train classifier`.
Result<Classifier> shipped_classifier();
/// assets/generator.safetensors, made by `tconv train dcgan`.
Result<Generator> shipped_generator();

}  // namespace tconv::train
