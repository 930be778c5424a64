//! The picture: throughput and latency over connections. It is drawn by hand, in
//! colours that can be read on white and on black paper.

use std::fmt::Write;

/// One line of a chart.
pub struct Curve {
    /// What it is.
    pub name: String,
    /// Where it goes: x and y, both above 0.
    pub points: Vec<(f64, f64)>,
    /// Which colour, of those there are.
    pub colour: usize,
    /// Not drawn through.
    pub dashed: bool,
}

/// A chart with logarithmic axes.
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// What goes up, with its unit.
    pub unit: String,
    /// Its lines.
    pub curves: Vec<Curve>,
}

const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 390.0;
/// Room for words: left, right, above, below.
const MARGIN: (f64, f64, f64, f64) = (64.0, 16.0, 56.0, 110.0);

const STYLE: &str = "text{font:12px sans-serif;fill:var(--ink)}.title{font-weight:bold;font-size:14px}\
.grid{stroke:var(--grid);stroke-width:1}.axis{stroke:var(--ink);stroke-width:1}\
.curve{fill:none;stroke-width:2}.c0{stroke:#2f7ed8;fill:#2f7ed8}.c1{stroke:#d9822b;fill:#d9822b}\
.c2{stroke:#2e9e5b;fill:#2e9e5b}.c3{stroke:#a35bd0;fill:#a35bd0}.curve{fill:none}\
svg{--ink:#222;--grid:#ddd;--paper:#fff}\
@media(prefers-color-scheme:dark){svg{--ink:#ddd;--grid:#444;--paper:#1b1b1b}}";

/// Charts beside each other; `note` stands below.
pub fn draw(charts: &[Chart], note: &str) -> String {
    let (width, height) = (WIDTH * charts.len() as f64, HEIGHT + 30.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n\
         <style>{STYLE}</style>\n\
         <rect width=\"{width}\" height=\"{height}\" style=\"fill:var(--paper)\"/>\n"
    );
    for (index, chart) in charts.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = writeln!(svg, "<g transform=\"translate({},0)\">", WIDTH * index as f64);
        chart.draw(&mut svg);
        svg.push_str("</g>\n");
    }
    text(&mut svg, (MARGIN.0, HEIGHT + 14.0), ("start", ""), note);
    svg + "</svg>\n"
}

impl Chart {
    fn draw(&self, svg: &mut String) {
        let points = || self.curves.iter().flat_map(|it| &it.points);
        let x = Axis::over(points().map(|it| it.0), (MARGIN.0, WIDTH - MARGIN.1), 4.0);
        let y = Axis::over(points().map(|it| it.1), (HEIGHT - MARGIN.3, MARGIN.2), 10.0);
        text(svg, (MARGIN.0, 22.0), ("start", "title"), &self.title);
        for value in y.marks() {
            line(svg, "grid", (x.from, y.at(value)), (x.to, y.at(value)));
            text(svg, (x.from - 6.0, y.at(value) + 4.0), ("end", ""), &short(value));
        }
        for value in x.marks() {
            line(svg, "grid", (x.at(value), y.from), (x.at(value), y.to));
            text(svg, (x.at(value), y.from + 16.0), ("middle", ""), &short(value));
        }
        line(svg, "axis", (x.from, y.from), (x.to, y.from));
        line(svg, "axis", (x.from, y.from), (x.from, y.to));
        let below = y.from + 34.0;
        text(svg, (f64::midpoint(x.from, x.to), below), ("middle", ""), "connections");
        text(svg, (10.0, y.to - 14.0), ("start", ""), &self.unit);
        for (index, curve) in self.curves.iter().enumerate() {
            curve.draw(svg, &x, &y);
            let (column, row) = ((index % 2) as f64, (index / 2) as f64);
            curve.name_it(svg, (x.from + column * 190.0, below + 20.0 + row * 18.0));
        }
    }
}

impl Curve {
    fn draw(&self, svg: &mut String, x: &Axis, y: &Axis) {
        let points = self.points.iter();
        let path: Vec<_> =
            points.map(|(px, py)| format!("{:.1},{:.1}", x.at(*px), y.at(*py))).collect();
        let _ = writeln!(
            svg,
            "<polyline class=\"c{} curve\" points=\"{}\"{}/>",
            self.colour,
            path.join(" "),
            self.dashes()
        );
        for (px, py) in &self.points {
            let (cx, cy) = (x.at(*px), y.at(*py));
            let _ = writeln!(
                svg,
                "<circle class=\"c{}\" cx=\"{cx:.1}\" cy=\"{cy:.1}\" r=\"3\"><title>{}: {}</title></circle>",
                self.colour,
                self.name,
                short(*py)
            );
        }
    }

    fn name_it(&self, svg: &mut String, (x, y): (f64, f64)) {
        let _ = writeln!(
            svg,
            "<line class=\"c{} curve\" x1=\"{x:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"{}/>",
            self.colour,
            y - 4.0,
            x + 22.0,
            y - 4.0,
            self.dashes()
        );
        text(svg, (x + 28.0, y), ("start", ""), &self.name);
    }

    fn dashes(&self) -> &'static str {
        if self.dashed { " stroke-dasharray=\"5 4\"" } else { "" }
    }
}

/// A logarithmic axis on the paper.
struct Axis {
    least: f64,
    most: f64,
    from: f64,
    to: f64,
    step: f64,
}

impl Axis {
    /// Over all values, in whole steps.
    fn over(values: impl Iterator<Item = f64> + Clone, (from, to): (f64, f64), step: f64) -> Self {
        let least = values.clone().fold(f64::INFINITY, f64::min);
        let most = values.fold(0.0, f64::max);
        let whole = |value: f64, round: fn(f64) -> f64| step.powf(round(value.ln() / step.ln()));
        let (least, mut most) = (whole(least, f64::floor), whole(most, f64::ceil));
        if most <= least {
            most = least * step;
        }
        Self { least, most, from, to, step }
    }

    fn at(&self, value: f64) -> f64 {
        let share = (value / self.least).ln() / (self.most / self.least).ln();
        self.from + share * (self.to - self.from)
    }

    fn marks(&self) -> Vec<f64> {
        let mut marks = vec![self.least];
        while marks.last().is_some_and(|it| it * self.step < self.most * 1.01) {
            marks.extend(marks.last().map(|it| it * self.step));
        }
        marks
    }
}

fn line(svg: &mut String, class: &str, from: (f64, f64), to: (f64, f64)) {
    let _ = writeln!(
        svg,
        "<line class=\"{class}\" x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"/>",
        from.0, from.1, to.0, to.1
    );
}

fn text(svg: &mut String, (x, y): (f64, f64), (anchor, class): (&str, &str), words: &str) {
    let words = words.replace('&', "&amp;").replace('<', "&lt;");
    let _ = writeln!(
        svg,
        "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{words}</text>"
    );
}

/// `12k`, `300`, `0.1`
fn short(value: f64) -> String {
    match value {
        it if it >= 1e6 => format!("{}M", trimmed(it / 1e6)),
        it if it >= 1e3 => format!("{}k", trimmed(it / 1e3)),
        it => trimmed(it),
    }
}

fn trimmed(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Axis, short};

    #[test]
    fn an_axis_goes_over_all_values_in_whole_steps() {
        let axis = Axis::over([3.0, 40.0].into_iter(), (0.0, 100.0), 10.0);
        assert_eq!(axis.marks(), [1.0, 10.0, 100.0]);
        assert!((axis.at(10.0) - 50.0).abs() < 1e-9);
    }

    #[test]
    fn figures_are_short() {
        assert_eq!([10_000.0, 250.0, 0.5].map(short), ["10k", "250", "0.5"]);
    }
}
