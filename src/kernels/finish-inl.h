// finish: residual and activation on contiguous elements (contract: kernel_set.h). NaN stays NaN in every activation.
// Included by instruction-set units only.
#pragma once

// 1 / (1 + e^-x). The exponential's argument is kept where it neither overflows nor matters.
template <class Tag, class Vector>
Vector sigmoid(Tag tag, Vector x) {
    using T = hn::TFromD<Tag>;
    const Vector limit = hn::Set(tag, sizeof(T) == 4 ? T(87) : T(708));
    const Vector kept = hn::Min(hn::Max(x, hn::Neg(limit)), limit);
    const Vector one = hn::Set(tag, T(1));
    return hn::Div(one, hn::Add(one, hn::Exp(tag, hn::Neg(kept))));
}

// Highway's Tanh goes through e^2x - 1; beyond +-20 the answer is +-1 to the last bit in either precision.
template <class Tag, class Vector>
Vector hyperbolic_tangent(Tag tag, Vector x) {
    using T = hn::TFromD<Tag>;
    const Vector limit = hn::Set(tag, T(20));
    return hn::Tanh(tag, hn::Min(hn::Max(x, hn::Neg(limit)), limit));
}

template <Activation::Kind kKind, class Tag, class Vector>
Vector activate(Tag tag, Vector x, Vector alpha, Vector beta) {
    const Vector zero = hn::Zero(tag);
    if constexpr (kKind == Activation::Kind::relu) return hn::IfThenElse(hn::Lt(x, zero), zero, x);
    if constexpr (kKind == Activation::Kind::leaky) return hn::IfThenElse(hn::Lt(x, zero), hn::Mul(alpha, x), x);
    if constexpr (kKind == Activation::Kind::clamp) {
        const Vector raised = hn::IfThenElse(hn::Lt(x, alpha), alpha, x);
        return hn::IfThenElse(hn::Gt(raised, beta), beta, raised);
    }
    if constexpr (kKind == Activation::Kind::tanh) return hn::IfThenElse(hn::Eq(x, x), hyperbolic_tangent(tag, x), x);
    if constexpr (kKind == Activation::Kind::sigmoid) return hn::IfThenElse(hn::Eq(x, x), sigmoid(tag, x), x);
    return x;
}

template <Activation::Kind kKind, Stores kStores, class T>
void finish_stored(const T* values, const T* residual, std::int64_t count, T alpha, T beta, T* output) {
    const hn::ScalableTag<T> tag;
    constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
    const auto a = hn::Set(tag, alpha), b = hn::Set(tag, beta);
    const auto one = [&](const T* value, const T* rest) {
        auto x = hn::LoadU(tag, value);
        if (rest != nullptr) x = hn::Add(x, hn::LoadU(tag, rest));
        return activate<kKind>(tag, x, a, b);
    };
    std::int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes)
        store_vector<kStores>(one(values + i, residual ? residual + i : nullptr), tag, output + i);
    if (i == count) return;
    // The end, through a vector's worth of memory: the same instructions, so the same bits wherever an element lies.
    HWY_ALIGN T last_values[kLanes] = {}, last_residual[kLanes] = {};
    for (std::int64_t j = i; j < count; ++j) {
        last_values[j - i] = values[j];
        if (residual != nullptr) last_residual[j - i] = residual[j];
    }
    hn::Store(one(last_values, residual ? last_residual : nullptr), tag, last_values);
    for (std::int64_t j = i; j < count; ++j) output[j] = last_values[j - i];
}

template <Activation::Kind kKind, class T>
void finish_as(const T* values, const T* residual, std::int64_t count, T alpha, T beta, T* output, Stores stores) {
    const std::int64_t lead = elements_to<kLineBytes>(output);
    if (stores == Stores::cached || count < lead + kLineElements<T>)
        return finish_stored<kKind, Stores::cached>(values, residual, count, alpha, beta, output);
    const std::int64_t end = lead + (count - lead) / kLineElements<T> * kLineElements<T>;
    const auto from = [&](std::int64_t i) { return residual != nullptr ? residual + i : nullptr; };
    finish_stored<kKind, Stores::cached>(values, residual, lead, alpha, beta, output);
    finish_stored<kKind, Stores::streaming>(values + lead, from(lead), end - lead, alpha, beta, output + lead);
    finish_stored<kKind, Stores::cached>(values + end, from(end), count - end, alpha, beta, output + end);
}

template <class T>
void finish(const T* values, const T* residual, std::int64_t count, const Activation& activation, T* output,
            Stores stores) {
    using Kind = Activation::Kind;
    const T alpha = static_cast<T>(activation.alpha), beta = static_cast<T>(activation.beta);
    switch (activation.kind) {
        case Kind::none:
            return finish_as<Kind::none>(values, residual, count, alpha, beta, output, stores);
        case Kind::relu:
            return finish_as<Kind::relu>(values, residual, count, alpha, beta, output, stores);
        case Kind::leaky:
            return finish_as<Kind::leaky>(values, residual, count, alpha, beta, output, stores);
        case Kind::tanh:
            return finish_as<Kind::tanh>(values, residual, count, alpha, beta, output, stores);
        case Kind::sigmoid:
            return finish_as<Kind::sigmoid>(values, residual, count, alpha, beta, output, stores);
        case Kind::clamp:
            return finish_as<Kind::clamp>(values, residual, count, alpha, beta, output, stores);
    }
}
