/* Misuse of the C ABI: a status and a sentence, never a crash. */
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static void test_problems(void) {
    tconv_problem problem = problem_of("i4x4 k3 s2"), broken;
    int64_t count = 0;
    size_t needed = 0;
    char text[8];
    CHECK_FAILS(tconv_problem_init(NULL, sizeof problem), TCONV_INVALID_ARGUMENT, "null");
    CHECK_FAILS(tconv_problem_init(&problem, 2), TCONV_INVALID_ARGUMENT, "2 bytes");
    CHECK_FAILS(tconv_problem_init(&problem, sizeof problem - 8), TCONV_INVALID_ARGUMENT, "struct_size");
    problem = problem_of("i4x4 k3 s2");
    CHECK_FAILS(tconv_problem_parse(NULL, "i4 k3"), TCONV_INVALID_ARGUMENT, "null");
    CHECK_FAILS(tconv_problem_parse(&problem, NULL), TCONV_INVALID_ARGUMENT, "null");
    CHECK_FAILS(tconv_problem_parse(&problem, "i4 q3"), TCONV_INVALID_ARGUMENT, "q3");
    CHECK(problem.axes[0].coarse == 4);
    CHECK_FAILS(tconv_problem_validate(NULL), TCONV_INVALID_ARGUMENT, "null");
    CHECK_FAILS(tconv_problem_print(&problem, NULL, 9, &needed), TCONV_INVALID_ARGUMENT, "null");
    CHECK_FAILS(tconv_problem_print(&problem, NULL, 0, NULL), TCONV_INVALID_ARGUMENT, "null");
    CHECK_FAILS(tconv_problem_print(&problem, text, 0, NULL), TCONV_BUFFER_TOO_SMALL, "longer");
    CHECK_FAILS(tconv_element_count(&problem, TCONV_FINE, NULL), TCONV_INVALID_ARGUMENT, "null");
    CHECK_FAILS(tconv_element_count(&problem, 3, &count), TCONV_INVALID_ARGUMENT, "3");
    for (count = 0; count < 4; ++count) {
        const uint32_t sizes[] = {0, 247, 0xffffffffU, 1U << 20};
        broken = problem;
        broken.struct_size = sizes[count];
        CHECK_FAILS(tconv_problem_validate(&broken), TCONV_INVALID_ARGUMENT, "struct_size");
    }
#define REFUSED(member, value, words) \
    broken = problem;                 \
    broken.member = (value);          \
    CHECK_FAILS(tconv_problem_validate(&broken), TCONV_INVALID_ARGUMENT, words)
    REFUSED(rank, 0, "rank");
    REFUSED(rank, 4, "rank");
    REFUSED(rank, INT32_MIN, "rank");
    REFUSED(batch, -1, "-1");
    REFUSED(groups, 0, "groups");
    REFUSED(coarse_channels, INT64_MIN, "channels");
    REFUSED(axes[1].coarse, 0, "0");
    REFUSED(axes[0].kernel, -3, "-3");
    REFUSED(axes[0].stride, 0, "stride");
    REFUSED(axes[0].coarse, INT64_MAX, "");
    REFUSED(dtype, 2, "dtype");
    REFUSED(layout, -1, "layout");
    REFUSED(has_bias, 2, "has_bias");
    REFUSED(has_sum, -1, "has_sum");
    REFUSED(activation, 6, "activation");
    REFUSED(reserved, 1, "reserved");
#undef REFUSED
}

static void test_plans(void) {
    const tconv_problem problem = problem_of("i4x4 k3 s2");
    const tconv_strides overlapping = {1, 1, {1, 1, 0}};
    tconv_options options;
    tconv_plan* plan = NULL;
    char text[16];
    CHECK_FAILS(tconv_plan_create(NULL, TCONV_SCATTER, NULL, &plan), TCONV_INVALID_ARGUMENT, "null");
    CHECK_FAILS(tconv_plan_create(&problem, TCONV_SCATTER, NULL, NULL), TCONV_INVALID_ARGUMENT, "null");
    plan = (tconv_plan*)&options; /* whatever was there */
    CHECK_FAILS(tconv_plan_create(&problem, 3, NULL, &plan), TCONV_INVALID_ARGUMENT, "pass");
    CHECK(plan == NULL);
#define REFUSED(member, value, status, words)                                                \
    memset(&options, 0, sizeof options);                                                     \
    options.struct_size = sizeof options;                                                    \
    options.member = (value);                                                                \
    CHECK_FAILS(tconv_plan_create(&problem, TCONV_SCATTER, &options, &plan), status, words); \
    CHECK(plan == NULL)
    REFUSED(struct_size, 0, TCONV_INVALID_ARGUMENT, "options");
    REFUSED(threads, -1, TCONV_INVALID_ARGUMENT, "-1");
    REFUSED(threads, 100000, TCONV_INVALID_ARGUMENT, "100000");
    REFUSED(isa, "z80", TCONV_INVALID_ARGUMENT, "z80");
    REFUSED(isa, "", TCONV_INVALID_ARGUMENT, "portable");
    REFUSED(method, "magic", TCONV_INVALID_ARGUMENT, "magic");
    REFUSED(weight_format, "origami", TCONV_INVALID_ARGUMENT, "origami");
    REFUSED(output_strides, &overlapping, TCONV_INVALID_ARGUMENT, "stride");
    REFUSED(serial_below_microseconds, NAN, TCONV_INVALID_ARGUMENT, "NaN");
#undef REFUSED
    CHECK_FAILS(tconv_method_names(-1, text, sizeof text, NULL), TCONV_INVALID_ARGUMENT, "pass");
    CHECK_FAILS(tconv_explain(NULL, TCONV_TEXT, text, sizeof text, NULL), TCONV_INVALID_ARGUMENT, "null");
    CHECK(tconv_workspace_size(NULL) == 0 && tconv_packed_size(NULL) == 0 && tconv_plan_threads(NULL) == 0);
    CHECK(tconv_plan_method(NULL) == NULL && tconv_plan_isa(NULL) == NULL);
    CHECK(tconv_plan_weight_format(NULL) == NULL && tconv_packed_format(NULL) == NULL);
    plan = plan_of("i4x4 k3 s2", TCONV_SCATTER, NULL);
    CHECK_FAILS(tconv_explain(plan, 2, text, sizeof text, NULL), TCONV_INVALID_ARGUMENT, "TCONV_JSON");
    CHECK_FAILS(tconv_explain(plan, TCONV_JSON, text, sizeof text, NULL), TCONV_BUFFER_TOO_SMALL, "longer");
    tconv_plan_destroy(plan);
}

static void test_runs(void) {
    static float x[16], w[9], y[81 + 1], bias[1];
    tconv_plan* const plan = plan_of("i4x4 k3 s2 bias", TCONV_SCATTER, NULL);
    tconv_plan* const other = plan_of("i4x4 k3 s1 bias", TCONV_SCATTER, NULL);
    tconv_plan* const gradient = plan_of("i4x4 k3 s2", TCONV_WEIGHT_GRAD, NULL);
    void* const workspace = workspace_of(plan);
    tconv_packed *packed = NULL, *wrong = NULL;
    tconv_arguments usual, arguments;
    CHECK_FAILS(tconv_pack(NULL, w, &packed), TCONV_INVALID_ARGUMENT, "plan");
    CHECK_FAILS(tconv_pack(plan, NULL, &packed), TCONV_INVALID_ARGUMENT, "null");
    CHECK_FAILS(tconv_pack(plan, w, NULL), TCONV_INVALID_ARGUMENT, "null");
    CHECK_FAILS(tconv_pack(plan, (const char*)w + 1, &packed), TCONV_INVALID_ARGUMENT, "multiple");
    CHECK_FAILS(tconv_pack(gradient, w, &packed), TCONV_INVALID_ARGUMENT, "weight_grad");
    CHECK(packed == NULL);
    CHECK_OK(tconv_pack(plan, w, &packed));
    CHECK_OK(tconv_pack(other, w, &wrong));
    memset(&usual, 0, sizeof usual);
    usual.struct_size = sizeof usual;
    usual.input = x;
    usual.bias = bias;
    usual.output = y;
    usual.workspace = workspace;
    usual.workspace_size = tconv_workspace_size(plan);
    CHECK_OK(tconv_run(plan, packed, &usual));
    CHECK_FAILS(tconv_run(NULL, packed, &usual), TCONV_INVALID_ARGUMENT, "plan");
    CHECK_FAILS(tconv_run(plan, NULL, &usual), TCONV_INVALID_ARGUMENT, "packed");
    CHECK_FAILS(tconv_run(plan, packed, NULL), TCONV_INVALID_ARGUMENT, "arguments");
    CHECK_FAILS(tconv_run(plan, wrong, &usual), TCONV_ARRAY_MISMATCH, "format");
    CHECK_FAILS(tconv_run(gradient, packed, &usual), TCONV_INVALID_ARGUMENT, "weight_grad");
#define REFUSED(member, value, words) \
    arguments = usual;                \
    arguments.member = (value);       \
    CHECK_FAILS(tconv_run(plan, packed, &arguments), TCONV_INVALID_ARGUMENT, words)
    REFUSED(struct_size, 8, "struct_size");
    REFUSED(reserved, 1, "reserved");
    REFUSED(input, NULL, "null");
    REFUSED(output, NULL, "null");
    REFUSED(bias, NULL, "null");
    REFUSED(residual, x, "residual");
    REFUSED(second, x, "second");
    REFUSED(input, (char*)x + 2, "multiple");
    if (tconv_workspace_size(plan) > 0) {
        REFUSED(workspace, NULL, "workspace");
        REFUSED(workspace_size, tconv_workspace_size(plan) - 1, "workspace");
    }
#undef REFUSED
    tconv_packed_destroy(packed);
    tconv_packed_destroy(wrong);
    tconv_plan_destroy(plan);
    tconv_plan_destroy(other);
    tconv_plan_destroy(gradient);
    free(workspace);
}

/* A workspace of any alignment will do. */
static void test_workspaces(void) {
    static float x[16], w[9] = {1}, y[81];
    tconv_options options;
    tconv_plan* plan;
    tconv_packed* packed = NULL;
    tconv_arguments arguments;
    char* memory;
    size_t shift;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.method = "reference"; /* which always wants one */
    plan = plan_of("i4x4 k3 s2", TCONV_SCATTER, &options);
    CHECK_OK(tconv_pack(plan, w, &packed));
    CHECK(tconv_workspace_size(plan) > 64);
    memory = malloc(tconv_workspace_size(plan) + 64);
    x[0] = 1;
    memset(&arguments, 0, sizeof arguments);
    arguments.struct_size = sizeof arguments;
    arguments.input = x;
    arguments.output = y;
    arguments.workspace_size = tconv_workspace_size(plan);
    for (shift = 0; shift < 64; ++shift) {
        arguments.workspace = memory + shift;
        y[0] = -1;
        CHECK_OK(tconv_run(plan, packed, &arguments));
        CHECK(y[0] == 1.0F);
    }
    free(memory);
    tconv_packed_destroy(packed);
    tconv_plan_destroy(plan);
}

static void* fail_elsewhere(void* data) {
    (void)data;
    CHECK(tconv_last_error()[0] == '\0');
    CHECK_FAILS(tconv_problem_validate(NULL), TCONV_INVALID_ARGUMENT, "null");
    return NULL;
}

/* Each thread has its own sentence, and successes leave it alone. */
static void test_sentences(void) {
    const tconv_problem problem = problem_of("i4 k3");
    pthread_t thread;
    CHECK_FAILS(tconv_method_names(77, NULL, 0, NULL), TCONV_INVALID_ARGUMENT, "77");
    CHECK(pthread_create(&thread, NULL, fail_elsewhere, NULL) == 0);
    pthread_join(thread, NULL);
    CHECK_OK(tconv_problem_validate(&problem));
    CHECK(strstr(tconv_last_error(), "77") != NULL);
}

void test_misuse(void) {
    test_problems();
    test_plans();
    test_runs();
    test_workspaces();
    test_sentences();
}
