/* Layers in frameworks' terms, whole steps in one call, sizes, and the entries of W. */
#include <stddef.h>
#include <string.h>

#include "check.h"

static tconv_sizes sizes(const int64_t* values, size_t count) {
    tconv_sizes list;
    list.values = values;
    list.count = count;
    return list;
}

/* (1, 2, 3) and (2, 1, 3), nothing else said. */
static const int64_t kInput[] = {1, 2, 3}, kWeights[] = {2, 1, 3};
static tconv_layer layer_of(int32_t kind) {
    tconv_layer layer;
    memset(&layer, 0, sizeof layer);
    layer.struct_size = sizeof layer;
    layer.kind = kind;
    layer.input = sizes(kInput, 3);
    layer.weights = sizes(kWeights, 3);
    return layer;
}

static void check_text(const tconv_layer* layer, const char* wanted) {
    tconv_problem problem;
    char text[200] = "";
    CHECK_OK(tconv_problem_init(&problem, sizeof problem));
    CHECK_OK(tconv_problem_of_layer(&problem, layer));
    CHECK_OK(tconv_problem_print(&problem, text, sizeof text, NULL));
    CHECK(strcmp(text, wanted) == 0);
}

static void check_refused(const tconv_layer* layer, tconv_status status, const char* words) {
    tconv_problem problem;
    CHECK_OK(tconv_problem_init(&problem, sizeof problem));
    CHECK_FAILS(tconv_problem_of_layer(&problem, layer), status, words);
}

static void test_layers(void) {
    const int64_t two = 2, one = 1, pads[] = {1, 2}, size = 8, conv_input[] = {4, 1, 7};
    tconv_layer layer = layer_of(TCONV_PYTORCH_CONV_TRANSPOSE);
    check_text(&layer, "ic2 i3 k3");
    layer.stride = sizes(&two, 1);
    layer.padding = layer.output_padding = sizes(&one, 1);
    layer.has_bias = layer.has_sum = 1;
    layer.bias_length = 1;
    layer.activation = "leaky:0.2";
    layer.dtype = TCONV_F64;
    check_text(&layer, "ic2 i3 k3 s2 p1 op1 f64 bias leaky:0.2 sum");
    layer.output_padding = sizes(NULL, 0);
    layer.padding = sizes(NULL, 0);
    layer.output_size = sizes(&size, 1);
    check_text(&layer, "ic2 i3 k3 s2 op1 f64 bias leaky:0.2 sum");

    layer = layer_of(TCONV_ONNX_CONV_TRANSPOSE);
    layer.pads = sizes(pads, 2);
    layer.stride = sizes(&two, 1);
    check_text(&layer, "ic2 i3 k3 s2 p1:2");
    layer.pads = sizes(NULL, 0);
    layer.auto_pad = "SAME_UPPER";
    check_text(&layer, "ic2 i3 k3 s2 p0:1");

    layer = layer_of(TCONV_PYTORCH_CONV);
    layer.input = sizes(conv_input, 3);
    layer.stride = sizes(&two, 1);
    layer.pads = sizes(pads, 2);
    check_text(&layer, "n4 ic2 i4 k3 s2 p1:2 op1");
    layer.stride = layer.pads = sizes(NULL, 0);
    layer.auto_pad = "same";
    check_text(&layer, "n4 ic2 i7 k3 p1");
}

static void test_refused_layers(void) {
    const int64_t two = 2;
    tconv_layer layer = layer_of(TCONV_PYTORCH_CONV_TRANSPOSE);
    layer.output_padding = sizes(&two, 1);
    check_refused(&layer, TCONV_INVALID_ARGUMENT, "output_padding 2 must be smaller");
    layer = layer_of(TCONV_PYTORCH_CONV_TRANSPOSE);
    layer.has_bias = 1;
    layer.bias_length = 3;
    check_refused(&layer, TCONV_ARRAY_MISMATCH, "bias of length 3");
    layer = layer_of(TCONV_PYTORCH_CONV_TRANSPOSE);
    layer.pads = sizes(&two, 1);
    check_refused(&layer, TCONV_INVALID_ARGUMENT, "pads is given");
    layer = layer_of(TCONV_PYTORCH_CONV);
    layer.output_size = sizes(&two, 1);
    check_refused(&layer, TCONV_INVALID_ARGUMENT, "output_size is given");
    layer = layer_of(TCONV_PYTORCH_CONV_TRANSPOSE);
    layer.stride = sizes(NULL, 1);
    check_refused(&layer, TCONV_INVALID_ARGUMENT, "stride has 1 numbers at a null pointer");
    layer.stride = sizes(&two, (size_t)-1);
    check_refused(&layer, TCONV_INVALID_ARGUMENT, "stride has");
    layer = layer_of(99);
    check_refused(&layer, TCONV_INVALID_ARGUMENT, "kind is 99");
    layer = layer_of(TCONV_PYTORCH_CONV_TRANSPOSE);
    layer.activation = "brelu";
    check_refused(&layer, TCONV_INVALID_ARGUMENT, "brelu");
    layer = layer_of(TCONV_PYTORCH_CONV_TRANSPOSE);
    layer.struct_size = 8;
    check_refused(&layer, TCONV_INVALID_ARGUMENT, "struct_size is 8");
    check_refused(NULL, TCONV_INVALID_ARGUMENT, "null");
}

/* As test_three_passes() of abi.c, without packed weights and without a workspace. */
static void test_calls(void) {
    const float x[] = {1, 2}, y[] = {1, 2, 3, 4, 5}, w[] = {1, 10, 100};
    float output[5];
    tconv_packed* packed = NULL;
    tconv_plan* plan = plan_of("i2 k3 s2", TCONV_SCATTER, NULL);
    CHECK_OK(tconv_call(plan, NULL, w, x, NULL, NULL, output));
    CHECK(output[0] == 1 && output[1] == 10 && output[2] == 102 && output[3] == 20 && output[4] == 200);
    memset(output, 0, sizeof output);
    CHECK_OK(tconv_pack(plan, w, &packed));
    CHECK_OK(tconv_call(plan, packed, NULL, x, NULL, NULL, output));
    CHECK(output[0] == 1 && output[2] == 102 && output[4] == 200);
    CHECK_FAILS(tconv_call(plan, packed, w, x, NULL, NULL, output), TCONV_INVALID_ARGUMENT, "together");
    CHECK_FAILS(tconv_call(plan, NULL, NULL, x, NULL, NULL, output), TCONV_INVALID_ARGUMENT, "null");
    CHECK_FAILS(tconv_call(plan, packed, NULL, NULL, NULL, NULL, output), TCONV_ARRAY_MISMATCH, "");
    CHECK_FAILS(tconv_call(NULL, NULL, w, x, NULL, NULL, output), TCONV_INVALID_ARGUMENT, "plan");
    CHECK_FAILS(tconv_call(plan, packed, NULL, (const char*)x + 1, NULL, NULL, output), TCONV_INVALID_ARGUMENT,
                "multiple");
    tconv_packed_destroy(packed);
    tconv_plan_destroy(plan);

    plan = plan_of("i2 k3 s2", TCONV_WEIGHT_GRAD, NULL);
    CHECK_OK(tconv_call(plan, NULL, y, x, NULL, NULL, output));
    CHECK(output[0] == 7 && output[1] == 10 && output[2] == 13);
    CHECK_FAILS(tconv_call(plan, NULL, y, x, x, NULL, output), TCONV_INVALID_ARGUMENT, "weight_grad");
    tconv_plan_destroy(plan);
}

static void test_bias_grads(void) {
    const float y[] = {1, 2, 3, 10, 20, 30};
    const tconv_problem problem = problem_of("i1 oc2 k3"), empty = problem_of("n0 i1 oc2 k3");
    float grad[2] = {-1, -1};
    CHECK_OK(tconv_bias_grad(&problem, TCONV_SCATTER, 0, y, grad));
    CHECK(grad[0] == 6 && grad[1] == 60);
    CHECK_OK(tconv_bias_grad(&problem, TCONV_GATHER, 1, y, grad));
    CHECK(grad[0] == 1);
    CHECK_OK(tconv_bias_grad(&empty, TCONV_SCATTER, 0, NULL, grad));
    CHECK(grad[0] == 0 && grad[1] == 0);
    CHECK_FAILS(tconv_bias_grad(&problem, TCONV_WEIGHT_GRAD, 0, y, grad), TCONV_INVALID_ARGUMENT, "forward");
    CHECK_FAILS(tconv_bias_grad(&problem, TCONV_SCATTER, 0, NULL, grad), TCONV_INVALID_ARGUMENT, "null");
    CHECK_FAILS(tconv_bias_grad(&problem, TCONV_SCATTER, -1, y, grad), TCONV_INVALID_ARGUMENT, "threads");
}

static void test_sizes(void) {
    const tconv_problem problem = problem_of("n3 i2 k2");
    static char text[1 << 16] = "";
    size_t needed = 0;
    int64_t rows[4], columns[4], weights[4], sizes_of_w[3] = {0, 0, 0};
    CHECK_OK(tconv_derive_size(&problem, text, sizeof text, &needed));
    CHECK(strstr(text, "\"output_size\": [3]") != NULL && needed == strlen(text) + 1);
    CHECK_OK(tconv_solve_size(2, 4, 2, 0, text, sizeof text, NULL));
    CHECK(strstr(text, "{\"k\": 2, \"s\": 2, \"p\": 0, \"op\": 0, \"d\": 1, \"verdict\": \"even\"}") != NULL);
    CHECK_FAILS(tconv_solve_size(0, 4, 0, 0, text, sizeof text, NULL), TCONV_INVALID_ARGUMENT, "at least 1");
    CHECK_OK(tconv_matrix_size(&problem, &sizes_of_w[0], &sizes_of_w[1], &sizes_of_w[2]));
    CHECK(sizes_of_w[0] == 2 && sizes_of_w[1] == 3 && sizes_of_w[2] == 4);
    CHECK_OK(tconv_matrix_entries(&problem, 4, rows, columns, weights));
    CHECK(rows[1] == 0 && columns[1] == 1 && weights[1] == 1 && rows[3] == 1 && columns[3] == 2);
    CHECK_FAILS(tconv_matrix_entries(&problem, 3, rows, columns, weights), TCONV_INVALID_ARGUMENT, "has 4");
    CHECK_FAILS(tconv_matrix_entries(&problem, 4, NULL, columns, weights), TCONV_INVALID_ARGUMENT, "null");
    CHECK_FAILS(tconv_matrix_size(&problem, NULL, NULL, NULL), TCONV_INVALID_ARGUMENT, "null");
}

static void test_lint(void) {
    static char text[1 << 16] = "";
    size_t needed = 0;
    const tconv_problem uneven = problem_of("i8 k3 s2 p1 op1"), doubles = problem_of("i8 k2 s2 f64");
    const float taps[3] = {0.5F, 1, 0.5F};
    const double weights[2] = {1, 3}, values[6] = {1, 2, 1, 2, 1, 2};
    const int64_t sizes[1] = {6}, period[1] = {2}, margin[1] = {1};
    double found = 0, level = 0;
    int64_t channel = -1;
    CHECK_OK(tconv_lint_problem(&uneven, TCONV_SCATTER, NULL, text, sizeof text, &needed));
    CHECK(strstr(text, "\"rule\": \"TC002\", \"severity\": \"warning\"") != NULL && needed == strlen(text) + 1);
    CHECK_OK(tconv_lint_problem(&uneven, TCONV_SCATTER, taps, text, sizeof text, NULL));
    CHECK(strstr(text, "\"rule\": \"TC002\", \"severity\": \"note\"") != NULL);
    CHECK_OK(tconv_lint_problem(&doubles, TCONV_SCATTER, weights, text, sizeof text, NULL));
    CHECK(strstr(text, "\"epsilon\": 0.447") != NULL); /* sqrt(2 / 10) */
    CHECK_OK(tconv_lint_problem(&uneven, TCONV_GATHER, NULL, text, sizeof text, NULL));
    CHECK(strstr(text, "\"kind\": \"convolution\"") != NULL);
    CHECK_FAILS(tconv_lint_problem(&uneven, TCONV_WEIGHT_GRAD, NULL, text, sizeof text, NULL), TCONV_INVALID_ARGUMENT,
                "layers");
    CHECK_FAILS(tconv_lint_problem(NULL, TCONV_SCATTER, NULL, text, sizeof text, NULL), TCONV_INVALID_ARGUMENT, "null");
    CHECK_FAILS(tconv_lint_model("no model", 8, NULL, text, sizeof text, NULL), TCONV_INVALID_ARGUMENT, "model");
    CHECK_FAILS(tconv_lint_model(NULL, 8, NULL, text, sizeof text, NULL), TCONV_INVALID_ARGUMENT, "null");
    CHECK_OK(tconv_lint_model(":\0", 2, "empty", text, sizeof text, NULL)); /* field 7, the graph, of no bytes */
    CHECK(strstr(text, "\"model\": \"empty\"") != NULL);
    CHECK_OK(tconv_flat_field(1, 1, sizes, period, margin, values, &found, &channel, &level));
    CHECK(found == 1 && channel == 0 && level == 1.5);
    CHECK_OK(tconv_flat_field(1, 1, sizes, period, margin, values, &found, NULL, NULL));
    CHECK_FAILS(tconv_flat_field(1, 0, sizes, period, margin, values, &found, NULL, NULL), TCONV_INVALID_ARGUMENT,
                "rank");
    CHECK_FAILS(tconv_flat_field(1, 1, sizes, period, NULL, values, &found, NULL, NULL), TCONV_INVALID_ARGUMENT,
                "null");
    CHECK_FAILS(tconv_flat_field(-1, 1, sizes, period, margin, values, &found, NULL, NULL), TCONV_INVALID_ARGUMENT,
                "at least 0");
}

void test_more(void) {
    test_layers();
    test_refused_layers();
    test_calls();
    test_bias_grads();
    test_sizes();
    test_lint();
}
