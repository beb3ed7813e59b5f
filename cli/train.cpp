// tconv train: the two networks that the seed documents end in, trained on real pictures.
#include <fmt/format.h>

#include <memory>

#include "tconv/autograd.h"
#include "train/fashion.h"
#include "train_course.h"
#include "verb.h"

namespace tconv::cli {
namespace {

// A network's own numbers, where none are given.
struct Defaults {
    const char* network;
    std::int64_t epochs, limit, batch;
    Result<std::unique_ptr<Course>> (*make)(const TrainOptions& options);
};
constexpr Defaults kNetworks[] = {
    {"dcgan", 20, 0, 128, make_dcgan}, {"fcn", 10, 6000, 32, make_fcn}, {"classifier", 8, 0, 128, make_classifier}};

Result<int> train_network(TrainOptions& options) {
    for (const Defaults& network : kNetworks) {
        if (options.network != network.network) continue;
        if (options.epochs < 0) options.epochs = network.epochs;
        if (options.limit == 0) options.limit = network.limit;
        if (options.batch == 0) options.batch = network.batch;
        options.seed = static_cast<std::uint64_t>(options.given_seed);
        if (options.directory.empty()) options.directory = "out/" + options.network;
        const autograd::Threads threads(options.threads);  // what is made begins with computing
        auto course = network.make(options);
        if (!course) return course.error();
        return run_course(**course, options);
    }
    return Error{ErrorCode::invalid_argument,
                 "'" + options.network + "' is no network to train; it is dcgan, fcn or classifier"};
}

Action declare_train(CLI::App& app) {
    auto options = std::make_shared<TrainOptions>();
    options->epochs = -1;
    options->data = train::kFashionFolder;
    app.add_option("NETWORK", options->network, "dcgan, fcn, or classifier (which measures dcgan's pictures)")
        ->required()
        ->option_text("dcgan|fcn|classifier");
    app.add_option("--data", options->data, "the folder of Fashion-MNIST's idx files (default: Debian's)")
        ->option_text("DIR");
    app.add_option("--epochs", options->epochs, "how often every picture is seen (dcgan 20, fcn 10, classifier 8)")
        ->check(CLI::Range(1, 1'000'000))
        ->option_text("N");
    app.add_option("--limit", options->limit, "pictures or scenes of an epoch (60000; fcn 6000)")
        ->check(CLI::Range(2, 60'000))
        ->option_text("N");
    app.add_option("--batch", options->batch, "pictures or scenes of a step (128; fcn 32)")
        ->check(CLI::Range(2, 4096))
        ->option_text("N");
    app.add_option("--seed", options->given_seed, "of weights, order and noise (0)")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 53))
        ->option_text("S");
    app.add_option("--threads", options->threads, "at most so many; the bits are the same with any number")
        ->check(CLI::Range(1, 4096))
        ->option_text("N");
    app.add_option("-o,--out", options->directory, "where everything is written (default: out/NETWORK)")
        ->option_text("DIR");
    app.add_flag("--resume", options->resume, "go on from the checkpoint in --out");
    app.add_option("--generator", options->doubling, "dcgan: what doubles the size, k4s2 or k3s2 (uneven overlap)")
        ->check(CLI::IsMember({"k4s2", "k3s2"}))
        ->option_text("KIND");
    app.add_option("--head", options->head, "fcn: learned transposed convolutions, or fixed bilinear ones")
        ->check(CLI::IsMember({"learned", "fixed"}))
        ->option_text("KIND");
    return [options] { return train_network(*options); };
}

}  // namespace

const Verb kTrain{
    "train", "train the two networks that transposed convolution is used in, on real pictures",
    "  tconv train dcgan                    generate clothes; sheets, log and checkpoint into out/dcgan/\n"
    "  tconv train dcgan --resume           go on after Ctrl-C, with the same bits\n"
    "  tconv train fcn --epochs 3           say of every pixel what it shows\n"
    "  tconv train fcn --limit 500 -o DIR   fewer scenes\n",
    declare_train};

}  // namespace tconv::cli
