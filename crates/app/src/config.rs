//! Shows what is set, and where it came from.

use crate::{
    columns::Columns,
    exit::{self, Outcome},
    settings::Effective,
};

/// Prints every setting.
pub fn print(effective: &Effective) -> Outcome {
    let mut table = Columns::new(&["setting", "value", "from"]);
    for (name, value, source) in effective.lines() {
        let value = if value.is_empty() { "-".into() } else { value };
        table.row([name, value, source.to_string()]);
    }
    exit::print(table.text())
}
