/* The C ABI from C99: the three passes against numbers worked out by hand, hosts' pools, and many threads. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* Coarse 1 2, taps 1 10 100, stride 2: stamps 1 10 100 and 2 20 200, the second two rows further. */
static void test_three_passes(void) {
    const float x[] = {1, 2}, y[] = {1, 2, 3, 4, 5}, w[] = {1, 10, 100};
    const float scattered[] = {1, 10, 102, 20, 200};
    const float gathered[] = {1 + 20 + 300, 3 + 40 + 500};
    const float gradient[] = {1 * 1 + 2 * 3, 1 * 2 + 2 * 4, 1 * 3 + 2 * 5};
    const struct {
        int32_t pass;
        const float *input, *second, *wanted;
        size_t count;
    } cases[] = {{TCONV_SCATTER, x, NULL, scattered, 5},
                 {TCONV_GATHER, y, NULL, gathered, 2},
                 {TCONV_WEIGHT_GRAD, x, y, gradient, 3}};
    size_t i, at;
    for (i = 0; i < 3; ++i) {
        tconv_plan* const plan = plan_of("i2 k3 s2", cases[i].pass, NULL);
        void* const workspace = workspace_of(plan);
        tconv_packed* packed = NULL;
        float output[5] = {-1, -1, -1, -1, -1};
        tconv_arguments arguments;
        memset(&arguments, 0, sizeof arguments);
        arguments.struct_size = sizeof arguments;
        arguments.input = cases[i].input;
        arguments.second = cases[i].second;
        arguments.output = output;
        arguments.workspace = workspace;
        arguments.workspace_size = tconv_workspace_size(plan);
        if (cases[i].pass != TCONV_WEIGHT_GRAD) CHECK_OK(tconv_pack(plan, w, &packed));
        CHECK_OK(tconv_run(plan, packed, &arguments));
        for (at = 0; at < 5; ++at) CHECK(output[at] == (at < cases[i].count ? cases[i].wanted[at] : -1.0F));
        tconv_packed_destroy(packed);
        tconv_plan_destroy(plan);
        free(workspace);
    }
}

/* relu(scatter + bias + residual) in double, into a slice: every second row of the array around it. */
static void test_epilogue_and_slices(void) {
    const double x[] = {1, 2}, w[] = {1, 10, 100}, bias[] = {-50};
    double output[9] = {0, -1, -30, -1, -52, -1, 31, -1, 0};
    const double wanted[9] = {0, -1, 0, -1, 0, -1, 1, -1, 150};
    const tconv_strides strides = {0, 0, {2, 0, 0}};
    tconv_options options;
    tconv_arguments arguments;
    tconv_plan* plan;
    tconv_packed* packed = NULL;
    void* workspace;
    size_t at;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.output_strides = &strides;
    plan = plan_of("i2 k3 s2 f64 bias relu sum", TCONV_SCATTER, &options);
    workspace = workspace_of(plan);
    CHECK_OK(tconv_pack(plan, w, &packed));
    memset(&arguments, 0, sizeof arguments);
    arguments.struct_size = sizeof arguments;
    arguments.input = x;
    arguments.bias = bias;
    arguments.residual = arguments.output = output;
    arguments.workspace = workspace;
    arguments.workspace_size = tconv_workspace_size(plan);
    CHECK_OK(tconv_run(plan, packed, &arguments));
    for (at = 0; at < 9; ++at) CHECK(output[at] == wanted[at]);
    tconv_packed_destroy(packed);
    tconv_plan_destroy(plan);
    free(workspace);
}

static void test_problems(void) {
    tconv_problem problem;
    char text[128];
    size_t needed = 0;
    int64_t count = 0;
    CHECK_OK(tconv_problem_init(&problem, sizeof problem));
    CHECK(problem.struct_size == sizeof problem && problem.rank == 2 && problem.groups == 1);
    CHECK(problem.axes[0].dilation == 1 && problem.axes[2].kernel == 1 && problem.dtype == TCONV_F32);
    CHECK_OK(tconv_problem_parse(&problem, "n2 ic6 oc4 i5x7 k4x3 s2 p1x0 op1x0 g2 f64 nhwc bias leaky:0.5 sum"));
    CHECK(problem.rank == 2 && problem.batch == 2 && problem.coarse_channels == 6 && problem.fine_channels == 4);
    CHECK(problem.axes[0].coarse == 5 && problem.axes[0].kernel == 4 && problem.axes[0].padding_begin == 1);
    CHECK(problem.axes[1].coarse == 7 && problem.axes[1].fine == 15 && problem.axes[1].stride == 2);
    CHECK(problem.axes[2].coarse == 1 && problem.groups == 2 && problem.dtype == TCONV_F64);
    CHECK(problem.layout == TCONV_CHANNELS_LAST && problem.has_bias == 1 && problem.has_sum == 1);
    CHECK(problem.activation == TCONV_LEAKY && problem.alpha == 0.5);
    CHECK_OK(tconv_problem_validate(&problem));
    CHECK_OK(tconv_problem_print(&problem, NULL, 0, &needed));
    CHECK_OK(tconv_problem_print(&problem, text, sizeof text, NULL));
    CHECK(needed == strlen(text) + 1);
    CHECK(strcmp(text, "n2 ic6 oc4 i5x7 k4x3 s2 p1x0 op1x0 g2 f64 nhwc bias leaky:0.5 sum") == 0);
    CHECK_OK(tconv_problem_print(&problem, text, needed, &needed));
    text[0] = '\0';
    CHECK_FAILS(tconv_problem_print(&problem, text, needed - 1, &needed), TCONV_BUFFER_TOO_SMALL, "longer");
    CHECK(text[0] == '\0' && needed > 1);
    CHECK_OK(tconv_element_count(&problem, TCONV_COARSE, &count));
    CHECK(count == 2 * 6 * 5 * 7);
    CHECK_OK(tconv_element_count(&problem, TCONV_FINE, &count));
    CHECK(count == 2 * 4 * 11 * 15);
    CHECK_OK(tconv_element_count(&problem, TCONV_WEIGHTS, &count));
    CHECK(count == 6 * 2 * 4 * 3);
    problem = problem_of("i4x5x6 k1 s3");
    CHECK(problem.rank == 3 && problem.axes[0].coarse == 4 && problem.axes[2].coarse == 6);
}

/* A caller of another age: a structure with members behind those that the library knows. */
static void test_other_ages(void) {
    struct {
        tconv_problem known;
        int64_t later;
    } newer;
    int64_t count = 0;
    CHECK_OK(tconv_problem_init(&newer.known, sizeof newer));
    CHECK(newer.known.struct_size == sizeof newer && newer.later == 0);
    CHECK_OK(tconv_problem_parse(&newer.known, "i2 k3"));
    CHECK_OK(tconv_element_count(&newer.known, TCONV_FINE, &count));
    CHECK(count == 4);
    newer.later = 1;
    CHECK_FAILS(tconv_problem_validate(&newer.known), TCONV_UNSUPPORTED, "newer libtconv");
}

static void test_about(void) {
    char text[4096];
    size_t needed = 0;
    CHECK(tconv_abi_version() == TCONV_ABI_VERSION);
    CHECK(strlen(tconv_version()) >= 5);
    CHECK(tconv_num_threads() >= 1);
    CHECK(tconv_default_isa() != NULL);
    CHECK_OK(tconv_info(text, sizeof text, &needed));
    CHECK(strstr(text, "\"abi\": 1") != NULL && strstr(text, tconv_default_isa()) != NULL);
    CHECK_OK(tconv_method_names(TCONV_SCATTER, text, sizeof text, &needed));
    CHECK(strstr(text, "direct,reference") != NULL);
    CHECK(strcmp(tconv_status_name(TCONV_OK), "ok") == 0);
    CHECK(strcmp(tconv_status_name(99), "unknown status") == 0);
}

static void test_plans(void) {
    char text[4096], format[256];
    tconv_options options;
    tconv_plan *plan, *other;
    tconv_packed* packed = NULL;
    const float weights[4 * 2 * 16] = {0};
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.threads = 2;
    options.isa = "portable";
    options.method = "direct";
    options.serial_below_microseconds = -1;
    plan = plan_of("ic4 oc2 i5x5 k4 s2 p1", TCONV_SCATTER, &options);
    CHECK(strcmp(tconv_plan_method(plan), "direct") == 0);
    CHECK(strcmp(tconv_plan_isa(plan), "portable") == 0);
    CHECK(tconv_plan_threads(plan) == 2);
    CHECK(tconv_packed_size(plan) >= sizeof weights);
    CHECK_OK(tconv_explain(plan, TCONV_TEXT, text, sizeof text, NULL));
    CHECK(strncmp(text, "scatter of ic4 oc2 i5x5 k4 s2 p1\n", 33) == 0);
    CHECK_OK(tconv_explain(plan, TCONV_JSON, text, sizeof text, NULL));
    CHECK(strstr(text, "\"method\": \"direct\"") != NULL);
    CHECK_OK(tconv_pack(plan, weights, &packed));
    CHECK(strcmp(tconv_packed_format(packed), tconv_plan_weight_format(plan)) == 0);
    strncpy(format, tconv_packed_format(packed), sizeof format - 1);
    format[sizeof format - 1] = '\0';
    tconv_plan_destroy(plan);
    /* Packed weights outlive their plan and serve another size. */
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.isa = "portable";
    options.weight_format = format;
    other = plan_of("n3 ic4 oc2 i7x2 k4 s2 p1", TCONV_SCATTER, &options);
    CHECK(strcmp(tconv_packed_format(packed), tconv_plan_weight_format(other)) == 0);
    tconv_plan_destroy(other);
    tconv_packed_destroy(packed);
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.isa = "portable";
    other = plan_of("ic256 oc256 i64x64 k4 s2 p1", TCONV_SCATTER, &options);
    CHECK(strcmp(tconv_plan_method(other), "winograd") != 0);
    tconv_plan_destroy(other);
    options.allow_winograd = 1;
    other = plan_of("ic256 oc256 i64x64 k4 s2 p1", TCONV_SCATTER, &options);
    CHECK(strcmp(tconv_plan_method(other), "winograd") == 0);
    tconv_plan_destroy(other);
    options.allow_winograd = 0;
    options.weights_each_call = 1;
    other = plan_of("ic512 oc512 i1x1 k4", TCONV_SCATTER, &options);
    CHECK(strcmp(tconv_plan_method(other), "natural_add") == 0);
    tconv_plan_destroy(other);
    tconv_plan_destroy(NULL);
    tconv_packed_destroy(NULL);
}

/* One plan and one packed, many threads; and pools of the host. */

#define SIDE 24
#define CHANNELS 8
#define COARSE (CHANNELS * SIDE * SIDE)
#define FINE (CHANNELS * 4 * SIDE * SIDE)
#define WEIGHTS (CHANNELS * CHANNELS * 16)
static const char* const kLarge = "ic8 oc8 i24x24 k4 s2 p1";

static float large_x[COARSE], large_w[WEIGHTS], large_y[FINE];

struct work {
    const tconv_plan* plan;
    const tconv_packed* packed;
    tconv_parallel_for_fn parallel_for;
    void* context;
    int is_right;
};

static void* run_once(void* data) {
    struct work* const work = data;
    float* const output = malloc(FINE * sizeof *output);
    void* const workspace = workspace_of(work->plan);
    tconv_arguments arguments;
    memset(&arguments, 0, sizeof arguments);
    arguments.struct_size = sizeof arguments;
    arguments.input = large_x;
    arguments.output = output;
    arguments.workspace = workspace;
    arguments.workspace_size = tconv_workspace_size(work->plan);
    arguments.parallel_for = work->parallel_for;
    arguments.context = work->context;
    work->is_right = tconv_run(work->plan, work->packed, &arguments) == TCONV_OK &&
                     memcmp(output, large_y, FINE * sizeof *output) == 0;
    free(output);
    free(workspace);
    return NULL;
}

/* A pool of the worst kind: a new thread for each body. */
struct body {
    tconv_body_fn function;
    void* data;
    int64_t index;
};

static void* run_body(void* given) {
    const struct body* const body = given;
    body->function(body->data, body->index);
    return NULL;
}

static void thread_for_each(void* context, int64_t count, tconv_body_fn body, void* data) {
    pthread_t threads[16];
    struct body bodies[16];
    int64_t i;
    *(int64_t*)context += count;
    CHECK(count <= 16);
    for (i = 0; i < count; ++i) {
        bodies[i].function = body;
        bodies[i].data = data;
        bodies[i].index = i;
        CHECK(pthread_create(&threads[i], NULL, run_body, &bodies[i]) == 0);
    }
    for (i = 0; i < count; ++i) pthread_join(threads[i], NULL);
}

static void test_threads(void) {
    tconv_options options;
    tconv_packed* packed = NULL;
    tconv_plan* plan;
    struct work work[4];
    pthread_t threads[4];
    int64_t bodies = 0;
    size_t i;
    for (i = 0; i < COARSE; ++i) large_x[i] = (float)(i % 13) - 6;
    for (i = 0; i < WEIGHTS; ++i) large_w[i] = (float)(i % 7) - 3;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;

    options.method = "reference";
    plan = plan_of(kLarge, TCONV_SCATTER, &options);
    CHECK_OK(tconv_pack(plan, large_w, &packed));
    memset(work, 0, sizeof work);
    {
        float* const output = large_y;
        void* const workspace = workspace_of(plan);
        tconv_arguments arguments;
        memset(&arguments, 0, sizeof arguments);
        arguments.struct_size = sizeof arguments;
        arguments.input = large_x;
        arguments.output = output;
        arguments.workspace = workspace;
        arguments.workspace_size = tconv_workspace_size(plan);
        CHECK_OK(tconv_run(plan, packed, &arguments));
        free(workspace);
    }
    tconv_packed_destroy(packed);
    tconv_plan_destroy(plan);

    options.method = NULL;
    options.threads = 2;
    options.serial_below_microseconds = -1;
    plan = plan_of(kLarge, TCONV_SCATTER, &options);
    CHECK_OK(tconv_pack(plan, large_w, &packed));
    for (i = 0; i < 4; ++i) {
        work[i].plan = plan;
        work[i].packed = packed;
        CHECK(pthread_create(&threads[i], NULL, run_once, &work[i]) == 0);
    }
    for (i = 0; i < 4; ++i) {
        pthread_join(threads[i], NULL);
        CHECK(work[i].is_right);
    }
    work[0].parallel_for = thread_for_each;
    work[0].context = &bodies;
    run_once(&work[0]);
    CHECK(work[0].is_right && bodies >= 2);
    tconv_plan_destroy(plan);

    bodies = 0;
    options.threads = 5;
    options.parallel_for = thread_for_each;
    options.context = &bodies;
    plan = plan_of(kLarge, TCONV_SCATTER, &options);
    work[0].plan = plan;
    work[0].parallel_for = NULL;
    run_once(&work[0]);
    CHECK(work[0].is_right && bodies >= 2);
    tconv_packed_destroy(packed);
    tconv_plan_destroy(plan);
}

int main(void) {
    test_three_passes();
    test_epilogue_and_slices();
    test_problems();
    test_other_ages();
    test_about();
    test_plans();
    test_threads();
    test_misuse();
    test_more();
    test_drawings();
    printf("%d failures\n", failures());
    return failures() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
