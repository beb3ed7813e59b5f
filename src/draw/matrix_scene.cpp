#include "draw/matrix_scene.h"

#include <algorithm>

#include "draw/arrays.h"
#include "draw/metrics.h"
#include "draw/number.h"
#include "draw/page.h"
#include "draw/paints.h"
#include "tconv/problem_text.h"
#include "tconv/reference.h"

namespace tconv::draw {
namespace {

// A cell of W that some tap fills.
struct Entry {
    std::int64_t row = 0, column = 0;
    double w = 0;
};

struct Matrix {
    std::int64_t rows = 0, columns = 0;              // coarse and fine elements
    std::int64_t rows_apart = 1, columns_apart = 1;  // elements from one strong line to the next
    std::vector<Entry> entries;
};

Matrix matrix_of(const Story& story) {
    const Problem& problem = story.problem;
    const bool is_channels_last = problem.layout == Layout::channels_last;
    Matrix matrix;
    matrix.rows = problem.coarse_elements();
    matrix.columns = problem.fine_elements();
    matrix.rows_apart = problem.axes[2].coarse * (is_channels_last ? problem.coarse_channels : 1);
    matrix.columns_apart = problem.axes[2].fine * (is_channels_last ? problem.fine_channels : 1);
    for (const Stamp& stamp : story.stamps)
        for (const Deposit& deposit : stamp.deposits)
            if (deposit.is_kept)
                matrix.entries.push_back({reference::coarse_offset(problem, 0, stamp.channel, stamp.coarse),
                                          reference::fine_offset(problem, 0, deposit.event.fine_channel,
                                                                 story.to_output(deposit.event.fine)),
                                          deposit.w});
    return matrix;
}

Field field_of(Role role, std::string title, std::int64_t rows, std::int64_t columns) {
    Field field;
    field.role = role;
    field.title = std::move(title);
    field.size = {1, rows, columns};
    return field;
}

// Numbers fit their cells, or none is written.
double number_size(const Field& field, const std::vector<double>& numbers) {
    std::string longest = "0";
    for (const double number : numbers)
        if (ems(short_number(number)) > ems(longest)) longest = short_number(number);
    return fit_text(field.cell, longest, "").number;
}

void put(Scene& scene, const Box& box, Role role, double value, double size) {
    scene.add(Layer::fill, rect(box, at_rest(role), {Role::grid}));
    if (size > 0) scene.add(Layer::text, centred(box, short_number(value), size, {Role::ink}));
}

// Strong lines between the rows of the two grids, and around the whole.
void part(Scene& scene, const Field& field, std::int64_t rows_apart, std::int64_t columns_apart) {
    const Box whole = field.box(0, {0, 0, 0}, field.size[1], field.size[2]);
    scene.add(Layer::frame, rect(whole, {}, {Role::quiet}, 1.5));
    for (std::int64_t row = rows_apart; rows_apart > 1 && row < field.size[1]; row += rows_apart) {
        const double y = field.box(0, {0, row, 0}).y;
        scene.add(Layer::frame, Line{whole.x, y, whole.x + whole.width, y, {Role::quiet}, 1.5});
    }
    for (std::int64_t column = columns_apart; columns_apart > 1 && column < field.size[2]; column += columns_apart) {
        const double x = field.box(0, {0, 0, column}).x;
        scene.add(Layer::frame, Line{x, whole.y, x, whole.y + whole.height, {Role::quiet}, 1.5});
    }
}

class ConvolutionView : public View {
public:
    ConvolutionView(const Story& story, const Matrix& matrix) : story_(story), matrix_(matrix) {
        w_ = field_of(Role::weights, "W  " + std::to_string(matrix.rows) + " \u00d7 " + std::to_string(matrix.columns),
                      matrix.rows, matrix.columns);
    }
    std::vector<Field*> fields() override { return {&w_}; }
    const char* heading() const override { return "the convolution: a row for each of its results"; }
    void draw(Scene& scene, const Times&) override {
        const double size = number_size(w_, story_.numbers.weights);
        w_.draw(scene);
        for (const Entry& entry : matrix_.entries) {
            const Box box = w_.box(0, {0, entry.row, entry.column});
            const std::string name = "W[" + std::to_string(entry.row) + ", " + std::to_string(entry.column) + "]";
            put(scene, box, Role::weights, entry.w, size);
            scene.hits.push_back(number_hit(box, name, entry.w));
        }
        part(scene, w_, matrix_.rows_apart, matrix_.columns_apart);
    }

private:
    const Story& story_;
    const Matrix& matrix_;
    Field w_;
};

class TransposedView : public View {
public:
    TransposedView(const Story& story, const Matrix& matrix) : story_(story), matrix_(matrix) {
        w_ = field_of(Role::weights,
                      "W\u1d40  " + std::to_string(matrix.columns) + " \u00d7 " + std::to_string(matrix.rows),
                      matrix.columns, matrix.rows);
        x_ = field_of(Role::input, "\u00b7 input x", matrix.rows, 1);
        y_ = field_of(Role::output, story.problem.has_bias ? "+ bias = output y" : "= output y", matrix.columns, 1);
    }
    std::vector<Field*> fields() override { return {&w_, &x_, &y_}; }
    const char* heading() const override { return "the transposed convolution: its transpose times the input"; }
    void draw(Scene& scene, const Times&) override {
        for (const Field* field : fields()) field->draw(scene);
        draw_input(scene);
        draw_matrix(scene);
        draw_output(scene);
        part(scene, w_, matrix_.columns_apart, matrix_.rows_apart);
        part(scene, x_, matrix_.rows_apart, 1);
        part(scene, y_, matrix_.columns_apart, 1);
    }

private:
    void draw_input(Scene& scene) {
        const double size = number_size(x_, story_.numbers.input);
        index.input.resize(static_cast<std::size_t>(matrix_.rows));
        for (const Stamp& stamp : story_.stamps) {
            const std::int64_t row = reference::coarse_offset(story_.problem, 0, stamp.channel, stamp.coarse);
            const Box box = x_.box(0, {0, row, 0});
            const std::string name = story_.name("x", {stamp.channel}, stamp.coarse);
            index.input[static_cast<std::size_t>(row)] = static_cast<int>(scene.hits.size());
            put(scene, box, Role::input, stamp.x, size);
            scene.hits.push_back(number_hit(box, name, stamp.x));
        }
    }
    void draw_matrix(Scene& scene) {
        const double size = number_size(w_, story_.numbers.weights);
        related_.resize(static_cast<std::size_t>(matrix_.columns));
        for (const Entry& entry : matrix_.entries) {
            const Box box = w_.box(0, {0, entry.column, entry.row});
            const std::string name = "W\u1d40[" + std::to_string(entry.column) + ", " + std::to_string(entry.row) + "]";
            std::vector<int>& related = related_[static_cast<std::size_t>(entry.column)];
            related.push_back(static_cast<int>(scene.hits.size()));
            related.push_back(index.input[static_cast<std::size_t>(entry.row)]);
            put(scene, box, Role::weights, entry.w, size);
            scene.hits.push_back(number_hit(box, name, entry.w));
        }
    }
    void draw_output(Scene& scene) {
        const double size = number_size(y_, story_.output);
        for (std::int64_t channel = 0; channel < story_.problem.fine_channels; ++channel)
            for_each_position(output_size(story_), [&](const Position& at) {
                const std::int64_t row = reference::fine_offset(story_.problem, 0, channel, at);
                const Box box = y_.box(0, {0, row, 0});
                const double y = story_.output_at(channel, at);
                std::vector<int>& related = related_[static_cast<std::size_t>(row)];
                if (related.empty()) {
                    scene.add(Layer::fill, hatched(box, Hatch::empty));
                    for (std::int64_t column = 0; column < matrix_.rows; ++column)
                        scene.add(Layer::fill, hatched(w_.box(0, {0, row, column}), Hatch::empty));
                    if (size > 0) scene.add(Layer::text, centred(box, short_number(y), size, {Role::ink}));
                } else {
                    put(scene, box, Role::output, y, size);
                }
                scene.hits.push_back(
                    number_hit(box, story_.name("y", {channel}, at), y, story_.formula(channel, at), -1, related));
            });
    }

    const Story& story_;
    const Matrix& matrix_;
    Field w_, x_, y_;
    std::vector<std::vector<int>> related_;  // by output: the hits of its row and of what they meet
};

}  // namespace

Result<Scene> matrix_scene(const Story& story, bool is_transposed) {
    const Problem& problem = story.problem;
    const std::int64_t rows = problem.coarse_elements(), columns = problem.fine_elements();
    if (rows > kMostMatrixRows || columns > kMostMatrixRows || rows * columns > kMostMatrixCells)
        return Error{ErrorCode::invalid_argument,
                     "the matrix is " + std::to_string(rows) + " x " + std::to_string(columns) +
                         ", too large to draw: at most " + std::to_string(kMostMatrixRows) + " rows or columns and " +
                         std::to_string(kMostMatrixCells) + " cells; use smaller sizes, or write -o W.mtx"};
    const Matrix matrix = matrix_of(story);
    ConvolutionView convolution(story, matrix);
    TransposedView transposed(story, matrix);
    std::vector<View*> views;
    if (!is_transposed) views.push_back(&convolution);
    views.push_back(&transposed);
    Scene scene;
    const std::string title = shown(to_text(problem), 80) + ": the matrix W";
    scene.title = title;
    scene.description = "W and its transpose, and the transpose times the input";
    Page page(title);
    page.place(views);
    page.draw_headings(scene, views);
    for (View* view : views) view->draw(scene, {});
    std::vector<LegendEntry> legend;
    legend.push_back({rect({}, at_rest(Role::weights), {Role::grid}), "a weight; blank: 0, no tap joins the two"});
    std::vector<bool> is_reached(static_cast<std::size_t>(columns));
    for (const Entry& entry : matrix.entries) is_reached[static_cast<std::size_t>(entry.column)] = true;
    if (std::find(is_reached.begin(), is_reached.end(), false) != is_reached.end()) {
        legend.push_back({hatched({}, Hatch::empty),
                          problem.has_bias ? "empty: no tap reaches it, only the bias" : "empty: no tap reaches it"});
    }
    page.draw_legend(scene, legend);
    return scene;
}

}  // namespace tconv::draw
