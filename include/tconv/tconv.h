// tconv.h: the C ABI, C99 and C++. The same steps as in plan.h, for every language that can call C:
//
//     tconv_problem problem;
//     tconv_problem_init(&problem, sizeof problem);
//     tconv_problem_parse(&problem, "ic64 oc32 i8x8 k4 s2 p1");          // or fill in the numbers
//     tconv_plan* plan;
//     tconv_plan_create(&problem, TCONV_SCATTER, NULL, &plan);            // how; immutable, for any number of threads
//     tconv_packed* packed;
//     tconv_pack(plan, weights, &packed);                                 // weights in the kernel's order; likewise
//     void* workspace = malloc(tconv_workspace_size(plan));
//     tconv_arguments arguments = {sizeof arguments, 0, x, ...};
//     tconv_run(plan, packed, &arguments);
//
// Whoever calls owns all memory but what the two opaque types hold. Every function that can fail returns a status, and
// tconv_last_error() the sentence that goes with it; misuse that can be seen (null pointers, wrong sizes, unknown
// numbers) is such a failure, too. No exception comes out of here, nothing is printed.
//
// The ABI grows at its ends only: structures begin with their size as the caller knows it, and get new members behind
// the old ones, which mean the old behaviour where they are 0. What is here today keeps working for as long as
// TCONV_ABI_VERSION stays the same. On Linux the library is libtconv.so.1.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// The number in the library's file name; another number is another ABI.
#define TCONV_ABI_VERSION 1

/// Marks what the shared library exports.
#if defined(_WIN32) && defined(TCONV_C_BUILD)
#define TCONV_API __declspec(dllexport)
#elif defined(_WIN32)
#define TCONV_API __declspec(dllimport)
#elif defined(__GNUC__)
#define TCONV_API __attribute__((visibility("default")))
#else
#define TCONV_API
#endif

#ifdef __cplusplus
extern "C" {
#endif
// NOLINTBEGIN(modernize-use-using, readability-identifier-naming): it is C.

/// How a call ended; one of the TCONV_... numbers below.
typedef int32_t tconv_status;
/// The statuses.
///@{
enum {
    TCONV_OK = 0,                ///< done
    TCONV_INVALID_ARGUMENT = 1,  ///< a pointer, size, number or text that is refused, or a geometry that is
    TCONV_ARRAY_MISMATCH = 2,    ///< arrays or packed weights that do not belong to the plan
    TCONV_UNSUPPORTED = 3,       ///< valid, but not in this build or on this CPU
    TCONV_OUT_OF_MEMORY = 4,     ///< the system has not got it
    TCONV_BUFFER_TOO_SMALL = 5,  ///< for a text; how much it needs is told
    TCONV_INTERNAL_ERROR = 6     ///< should not happen; please report it
};
///@}

/// tconv_problem::dtype.
///@{
enum {
    TCONV_F32 = 0,  ///< float
    TCONV_F64 = 1   ///< double
};
///@}

/// tconv_problem::layout, of both sides.
///@{
enum {
    TCONV_CHANNELS_FIRST = 0,  ///< (N, C, sizes...)
    TCONV_CHANNELS_LAST = 1    ///< (N, sizes..., C)
};
///@}

/// The passes; reference.h is their definition.
///@{
enum {
    TCONV_SCATTER = 0,     ///< coarse to fine: the transposed convolution; a convolution's input gradient
    TCONV_GATHER = 1,      ///< fine to coarse: the convolution; a transposed convolution's input gradient
    TCONV_WEIGHT_GRAD = 2  ///< coarse and fine to weights: the weights' gradient of either
};
///@}

/// tconv_problem::activation; a function of conv + bias + residual.
///@{
enum {
    TCONV_NO_ACTIVATION = 0,  ///< x
    TCONV_RELU = 1,           ///< max(x, 0)
    TCONV_LEAKY = 2,          ///< x, below zero alpha x
    TCONV_TANH = 3,           ///< the hyperbolic tangent
    TCONV_SIGMOID = 4,        ///< 1 / (1 + exp(-x))
    TCONV_CLAMP = 5           ///< x kept within alpha and beta
};
///@}

/// The arrays of a problem, for tconv_element_count().
///@{
enum {
    TCONV_COARSE = 0,  ///< (N, coarse channels, coarse sizes...)
    TCONV_FINE = 1,    ///< (N, fine channels, fine sizes...)
    TCONV_WEIGHTS = 2  ///< (coarse channels, fine channels / groups, kernel...)
};
///@}

/// The forms of tconv_explain().
///@{
enum {
    TCONV_TEXT = 0,  ///< lines for people
    TCONV_JSON = 1   ///< one object, as `tconv explain --json` prints it
};
///@}

/// One axis: coarse element i and tap j meet at fine element i * stride + j * dilation - padding_begin. Never grows.
typedef struct tconv_axis {
    int64_t coarse;         ///< a transposed convolution's input size
    int64_t fine;           ///< its output size
    int64_t kernel;         ///< taps
    int64_t stride;         ///< fine rows from one stamp to the next
    int64_t dilation;       ///< fine rows from one tap to the next; 1 = dense
    int64_t padding_begin;  ///< rows cropped in front
    int64_t padding_end;    ///< rows cropped at the end; the fine size decides, this is kept for the text form
} tconv_axis;

/// What is asked (problem.h). tconv_problem_init() first.
typedef struct tconv_problem {
    uint32_t struct_size;     ///< sizeof(tconv_problem)
    int32_t rank;             ///< axes that are used, 1 to 3
    int64_t batch;            ///< samples
    int64_t groups;           ///< divides both numbers of channels
    int64_t coarse_channels;  ///< a transposed convolution's input channels
    int64_t fine_channels;    ///< its output channels
    tconv_axis axes[3];       ///< the first `rank` of them, slowest first
    int32_t dtype;            ///< TCONV_F32 or TCONV_F64, of every array
    int32_t layout;           ///< TCONV_CHANNELS_FIRST or TCONV_CHANNELS_LAST
    int32_t has_bias;         ///< 1: one number for each written channel is added
    int32_t has_sum;          ///< 1: a residual of the output's shape is added
    int32_t activation;       ///< TCONV_RELU and so on
    int32_t reserved;         ///< 0
    double alpha;             ///< leaky: the slope below zero; clamp: the lower bound
    double beta;              ///< clamp: the upper bound
} tconv_problem;

/// Distances in elements between neighbours of the array that is written. Never grows.
typedef struct tconv_strides {
    int64_t sample;   ///< from one sample to the next
    int64_t channel;  ///< from one channel to the next
    int64_t axes[3];  ///< from one row to the next, of the first `rank` axes
} tconv_strides;

/// A list of numbers: one for all axes, or one per axis; empty (count 0) is the default. The sizes of an array: one per
/// axis.
typedef struct tconv_sizes {
    const int64_t* values;  ///< `count` numbers; may be null without any
    size_t count;           ///< how many
} tconv_sizes;

/// The layers of tconv_layer::kind.
///@{
enum {
    TCONV_PYTORCH_CONV_TRANSPOSE = 0,  ///< torch.nn.functional.conv_transposeNd
    TCONV_PYTORCH_CONV = 1,            ///< torch.nn.functional.convNd; pads may be given instead of padding
    TCONV_ONNX_CONV_TRANSPOSE = 2      ///< ONNX ConvTranspose: pads, output_shape, auto_pad
};
///@}

/// A layer in a framework's terms and limits, with the sizes of its arrays (frameworks.h). What a kind has no such term
/// for stays empty. All 0 but struct_size and the two shapes is a layer with every default and without bias.
typedef struct tconv_layer {
    uint32_t struct_size;  ///< sizeof(tconv_layer)
    int32_t kind;          ///< TCONV_PYTORCH_CONV_TRANSPOSE and so on
    tconv_sizes input;     ///< (N, C_in, sizes...), or as the layout says; without N: one sample
    tconv_sizes weights;   ///< (C_in, C_out / groups, kernel...); a convolution's (C_out, C_in / groups, kernel...)
    int32_t dtype;         ///< TCONV_F32 or TCONV_F64
    int32_t layout;        ///< TCONV_CHANNELS_FIRST or TCONV_CHANNELS_LAST, of input and output
    int32_t has_bias;      ///< 1: a bias of bias_length numbers is added
    int32_t has_sum;       ///< 1: a residual of the output's shape is added
    int64_t bias_length;   ///< looked at where has_bias is 1
    int64_t groups;        ///< 0: 1
    tconv_sizes stride;    ///< default 1
    tconv_sizes padding;   ///< rows cropped from both ends (a convolution's: zeros added); default 0
    tconv_sizes pads;      ///< all begins, then all ends; default 0
    tconv_sizes output_padding;  ///< rows un-cropped at the end; default 0
    tconv_sizes dilation;        ///< default 1, dense
    tconv_sizes output_size;     ///< the size wanted (ONNX: output_shape); empty: what the other numbers give
    const char* auto_pad;        ///< NOTSET, SAME_UPPER, SAME_LOWER, VALID; a convolution's: same, valid; null: none
    const char* activation;      ///< "relu", "leaky:0.2", "tanh", "sigmoid", "clamp:0:6"; null: none
} tconv_layer;

/// One piece of work of a pass.
typedef void (*tconv_body_fn)(void* data, int64_t index);

/// A host's pool: calls body(data, index) for every index in [0, count), in any order, on any threads, and returns when
/// all have returned. It must not throw, nor leave by longjmp: the run between is noexcept. The bits of the result do
/// not depend on it.
typedef void (*tconv_parallel_for_fn)(void* context, int64_t count, tconv_body_fn body, void* data);

/// What may be asked of a plan; all 0 but struct_size is what is wanted nearly always.
typedef struct tconv_options {
    uint32_t struct_size;                 ///< sizeof(tconv_options)
    int32_t threads;                      ///< the most workers; 0: tconv_num_threads()
    const char* isa;                      ///< "portable", "sse4", "avx2", "avx512", "amx", "neon", "wasm"; null:
                                          ///< TCONV_ISA, or the best
    const char* method;                   ///< one by name; null: the cheapest
    const char* weight_format;            ///< tconv_packed_format() of weights to be run with; null: free choice
    const tconv_strides* output_strides;  ///< scatter and gather: where the output lies; null: contiguous
    tconv_parallel_for_fn parallel_for;   ///< the host's pool; null: tconv's own
    void* context;                        ///< handed to parallel_for
    double serial_below_microseconds;     ///< what is predicted to take less uses one worker; 0: 30; below 0: never
    int32_t allow_winograd;     ///< 1: the method winograd may be chosen, which is less exact; 0: by name only
    int32_t weights_each_call;  ///< 1: weights are given with each call, so that packing is a part of the cost
} tconv_options;

/// tconv_drawing::theme.
///@{
enum {
    TCONV_LIGHT = 0,  ///< dark on white
    TCONV_DARK = 1    ///< light on black
};
///@}

/// How a problem is drawn; all 0 but struct_size is the scatter view on a light page.
typedef struct tconv_drawing {
    uint32_t struct_size;   ///< sizeof(tconv_drawing)
    int32_t theme;          ///< TCONV_LIGHT or TCONV_DARK
    const char* view;       ///< "scatter", "gather", "both", "stamps", "overlap", "kernel"; null: "scatter"
    double fps;             ///< steps in a second, 0.1 to 50; 0: 2
    int32_t has_no_script;  ///< 1: it plays by itself, but has no step control and no tooltips of its own
    int32_t is_sketch;      ///< 1: one channel, sizes as small as show the pattern, small whole numbers
} tconv_drawing;

/// What a run reads and writes: arrays of the problem's dtype. An array without elements may be null.
typedef struct tconv_arguments {
    uint32_t struct_size;                ///< sizeof(tconv_arguments)
    uint32_t reserved;                   ///< 0
    const void* input;                   ///< scatter and weight_grad: the coarse side; gather: the fine side
    const void* second;                  ///< weight_grad: the fine side; else null
    const void* bias;                    ///< one number for each written channel; null without bias
    const void* residual;                ///< at the output's strides, may be the output itself; null without sum
    void* output;                        ///< the fine side, the coarse side, or the weights' gradient
    void* workspace;                     ///< of any alignment; null where none is needed
    size_t workspace_size;               ///< its bytes: tconv_workspace_size() or more
    tconv_parallel_for_fn parallel_for;  ///< another pool than the plan's, for this run; null: the plan's
    void* context;                       ///< handed to parallel_for
} tconv_arguments;

/// A decision how to compute a pass (plan.h).
typedef struct tconv_plan tconv_plan;
/// Weights in a kernel's order.
typedef struct tconv_packed tconv_packed;

/// The library's version, such as "0.1.0".
TCONV_API const char* tconv_version(void);
/// TCONV_ABI_VERSION of the library that is loaded.
TCONV_API uint32_t tconv_abi_version(void);
/// What went wrong in this thread's last call that failed: one sentence; empty before any has. Valid until the thread's
/// next failure.
TCONV_API const char* tconv_last_error(void);
/// "ok", "invalid argument" and so on.
TCONV_API const char* tconv_status_name(tconv_status status);

/// How many threads are used where no number is asked for: TCONV_NUM_THREADS, or the CPUs this process may run on.
TCONV_API int32_t tconv_num_threads(void);
/// The instruction set where none is asked for ("avx2"): TCONV_ISA, or the best that build and CPU have. Null (and a
/// sentence) where TCONV_ISA names none that can be used.
TCONV_API const char* tconv_default_isa(void);
/// About build and machine as `tconv info --json` tells it. Texts are written as tconv_problem_print() writes them.
TCONV_API tconv_status tconv_info(char* text, size_t capacity, size_t* needed);

/// Sets a structure of `struct_size` bytes to one sample, channel, tap and element on two axes.
TCONV_API tconv_status tconv_problem_init(tconv_problem* problem, size_t struct_size);
/// Reads the short text form (problem_text.h) into a problem whose struct_size is set. A name is left out.
TCONV_API tconv_status tconv_problem_parse(tconv_problem* problem, const char* text);
/// Translates a layer into a problem whose struct_size is set, or refuses it as its framework does.
TCONV_API tconv_status tconv_problem_of_layer(tconv_problem* problem, const tconv_layer* layer);
/// Writes the short text form with a zero at its end. `needed` (null: not wanted) gets its bytes, the zero included;
/// with a null text and a capacity of 0 that is all. TCONV_BUFFER_TOO_SMALL where the capacity is less: nothing is
/// written then.
TCONV_API tconv_status tconv_problem_print(const tconv_problem* problem, char* text, size_t capacity, size_t* needed);
/// TCONV_OK for a problem that can be computed.
TCONV_API tconv_status tconv_problem_validate(const tconv_problem* problem);
/// The elements of an array of the problem: TCONV_COARSE, TCONV_FINE or TCONV_WEIGHTS.
TCONV_API tconv_status tconv_element_count(const tconv_problem* problem, int32_t array, int64_t* count);

/// The names that tconv_options::method takes for a pass, separated by commas.
TCONV_API tconv_status tconv_method_names(int32_t pass, char* text, size_t capacity, size_t* needed);

/// Decides how to compute a pass, in microseconds. `options` may be null. *plan is null after a failure.
TCONV_API tconv_status tconv_plan_create(const tconv_problem* problem, int32_t pass, const tconv_options* options,
                                         tconv_plan** plan);
/// Ends a plan; packed weights live on. Null is nothing.
TCONV_API void tconv_plan_destroy(tconv_plan* plan);
/// The bytes that a run needs as workspace; 0 for null.
TCONV_API size_t tconv_workspace_size(const tconv_plan* plan);
/// The bytes that packed weights take; 0 for null.
TCONV_API size_t tconv_packed_size(const tconv_plan* plan);
/// The workers; 0 for null.
TCONV_API int32_t tconv_plan_threads(const tconv_plan* plan);
/// What a plan decided; null for null. Valid as long as the plan.
///@{
TCONV_API const char* tconv_plan_method(const tconv_plan* plan);
TCONV_API const char* tconv_plan_isa(const tconv_plan* plan);
TCONV_API const char* tconv_plan_weight_format(const tconv_plan* plan);
///@}
/// Everything that was decided and why, as TCONV_TEXT or TCONV_JSON.
TCONV_API tconv_status tconv_explain(const tconv_plan* plan, int32_t form, char* text, size_t capacity, size_t* needed);

/// Puts contiguous weights into the order of a scatter or gather plan. *packed is null after a failure.
TCONV_API tconv_status tconv_pack(const tconv_plan* plan, const void* weights, tconv_packed** packed);
/// Ends packed weights. Null is nothing.
TCONV_API void tconv_packed_destroy(tconv_packed* packed);
/// Geometry, instruction set and order: plans of the same weight format share packed weights. Null for null.
TCONV_API const char* tconv_packed_format(const tconv_packed* packed);

/// Computes the plan's pass; `packed` is null for weight_grad. Allocates nothing. One plan and one packed may be used
/// by many threads at a time, each with its own workspace. Only TCONV_OK has written anything.
TCONV_API tconv_status tconv_run(const tconv_plan* plan, const tconv_packed* packed, const tconv_arguments* arguments);

/// Whole steps in one call, for languages in which each call costs something. The workspace, and the packed weights
/// where `packed` is null, are memory that each thread keeps for its next call (up to 64 MiB of each).
///@{
/// tconv_run(), after tconv_pack() where `packed` is null. `second` is the weights (null with `packed`); weight_grad's
/// is the fine side. The other arrays are those of tconv_arguments.
TCONV_API tconv_status tconv_call(const tconv_plan* plan, const tconv_packed* packed, const void* second,
                                  const void* input, const void* bias, const void* residual, void* output);
/// The sums over samples and positions of the gradient of what a layer writes, one number for each of its channels, in
/// double. `pass` is the layer's own: TCONV_SCATTER or TCONV_GATHER; `threads` as in tconv_options.
TCONV_API tconv_status tconv_bias_grad(const tconv_problem* problem, int32_t pass, int32_t threads,
                                       const void* output_grad, void* bias_grad);
///@}

/// The output size derived step by step, as `tconv shape --json` tells it.
TCONV_API tconv_status tconv_derive_size(const tconv_problem* problem, char* text, size_t capacity, size_t* needed);
/// Every transposed convolution along one axis that makes `want` rows from `from`, the plainest first, as `tconv shape
/// --from F --want W --json` tells it. The largest kernel and dilation tried: up to 64; 0: 8.
TCONV_API tconv_status tconv_solve_size(int64_t from, int64_t want, int64_t max_kernel, int64_t max_dilation,
                                        char* text, size_t capacity, size_t* needed);

/// A transposed convolution step by step, as one SVG that plays by itself, drawn from the definition's own events. The
/// arrays are one sample's, of the problem's dtype and layout; small whole numbers stand for what is null. Texts are
/// written as tconv_problem_print() writes them. TCONV_INVALID_ARGUMENT where the drawing would be too large: the
/// sentence names a smaller problem.
TCONV_API tconv_status tconv_draw(const tconv_problem* problem, const tconv_drawing* how, const void* input,
                                  const void* weights, const void* bias, char* text, size_t capacity, size_t* needed);

/// The matrix W of one sample: gather is y = W x, scatter its transpose. Rows are coarse elements, columns fine ones,
/// in memory order.
///@{
/// Its size, and how many pairs of elements a weight joins.
TCONV_API tconv_status tconv_matrix_size(const tconv_problem* problem, int64_t* rows, int64_t* columns,
                                         int64_t* entries);
/// Every joined pair, and where its weight stands in the array of the weights; `capacity` is the room in each array.
TCONV_API tconv_status tconv_matrix_entries(const tconv_problem* problem, int64_t capacity, int64_t* rows,
                                            int64_t* columns, int64_t* weights);
///@}

/// What may show as a checkerboard, judged from geometry and weights (lint.h), as `tconv lint --format json` tells it.
///@{
/// One layer: TCONV_SCATTER is the transposed convolution, TCONV_GATHER the convolution. `weights` are of the problem's
/// dtype, or null: then the geometry alone is judged.
TCONV_API tconv_status tconv_lint_problem(const tconv_problem* problem, int32_t pass, const void* weights, char* text,
                                          size_t capacity, size_t* needed);
/// An ONNX model, `size` bytes. Nothing is executed, and no other file is read: weights in external data are left out.
/// `name` (null: none) is repeated in the text. TCONV_INVALID_ARGUMENT for bytes that are no model.
TCONV_API tconv_status tconv_lint_model(const void* model, size_t size, const char* name, char* text, size_t capacity,
                                        size_t* needed);
///@}
/// The pattern in a picture that should be flat (flat_field.h): `values` are channels * sizes numbers, `period` and
/// `margin` one for each of 1 to 3 axes. Answers the peak-to-peak of the phase means, and (where not null) the channel
/// that has it and that channel's mean.
TCONV_API tconv_status tconv_flat_field(int64_t channels, int32_t rank, const int64_t* sizes, const int64_t* period,
                                        const int64_t* margin, const double* values, double* peak_to_peak,
                                        int64_t* channel, double* level);

// NOLINTEND(modernize-use-using, readability-identifier-naming)
#ifdef __cplusplus
}
#endif
