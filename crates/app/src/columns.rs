//! Tables for a terminal, where a Korean letter is as wide as two others.

/// Rows under a heading, each column as wide as its widest cell.
pub struct Columns {
    rows: Vec<Vec<String>>,
    right: bool,
}

impl Columns {
    /// A table with these headings, everything to the left.
    pub fn new(headings: &[&str]) -> Self {
        Self { rows: vec![headings.iter().map(ToString::to_string).collect()], right: false }
    }

    /// The cells that are numbers stand to the right.
    pub fn with_numbers(self) -> Self {
        Self { right: true, ..self }
    }

    /// One row more.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// As it is printed.
    pub fn text(&self) -> String {
        let count = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<_> = (0..count)
            .map(|at| self.rows.iter().filter_map(|row| row.get(at)).map(|it| width(it)).max())
            .map(Option::unwrap_or_default)
            .collect();
        let lines = self.rows.iter().map(|row| {
            let cells =
                row.iter().zip(&widths).enumerate().map(|(at, (cell, width))| {
                    padded(cell, *width, self.right && self.is_number(at))
                });
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
        });
        lines.collect()
    }

    fn is_number(&self, at: usize) -> bool {
        let mut cells = self.rows.iter().skip(1).filter_map(|row| row.get(at));
        cells.all(|it| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit()))
    }
}

/// A cell with blanks up to a width.
pub fn padded(cell: &str, to: usize, right: bool) -> String {
    let blanks = " ".repeat(to.saturating_sub(width(cell)));
    if right { blanks + cell } else { cell.to_owned() + &blanks }
}

/// How many cells of a terminal it takes.
fn width(text: &str) -> usize {
    text.chars().map(|it| if is_wide(it) { 2 } else { 1 }).sum()
}

/// Hangul, Chinese characters, and their punctuation.
fn is_wide(letter: char) -> bool {
    matches!(u32::from(letter),
        0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFF00..=0xFF60)
}

#[cfg(test)]
mod tests {
    use super::Columns;

    #[test]
    fn korean_and_numbers_stand_in_line() {
        let mut table = Columns::new(&["name", "count"]).with_numbers();
        table.row(["김서연".into(), "7".into()]);
        table.row(["Emily".into(), "12000".into()]);
        assert_eq!(table.text(), "name    count\n김서연      7\nEmily   12000\n");
    }
}
