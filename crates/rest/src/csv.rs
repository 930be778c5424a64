//! Lists as tables, for those who work in a spreadsheet.

use axum::response::Response;
use kernel::{Projection, Shape};
use runtime::{
    Failure,
    store::{Query, Start},
};
use serde_json::value::RawValue;

use crate::{
    answer, front::Front, hal::bare, moment, problem::Problem, resources::Paging, rows::Members,
};

/// How many rows a table may have.
const ROWS_MAX: usize = 10_000;

/// All that passes the filters, in the order that is wanted, up to a limit that is said.
///
/// # Errors
///
/// When the rows cannot be read.
pub fn table(
    front: &Front,
    context: &str,
    view: &Projection,
    paging: &Paging,
) -> Result<Response, Problem> {
    let runtime = &front.rest.runtime;
    let (filters, start) = (paging.filters.clone(), Start::Skip(0));
    let query = Query { filters, sort: paging.sort, start, size: ROWS_MAX };
    let rows = runtime.rows(context, view, &query)?;
    let total = runtime.count_rows(context, view, &paging.filters)?;

    let plan = front.plan(view.name);
    let shown = |name: &str| plan.is_none_or(|plan| plan.shows(name));
    let fields: Vec<_> = view.row.fields.iter().filter(|it| shown(it.name)).collect();
    // Spreadsheets in Korea take a file without this mark for another encoding.
    let mut text = String::from("\u{feff}id");
    for field in &fields {
        text.push(',');
        text.push_str(&cell(field.name));
    }
    text.push_str("\r\n");
    for row in &rows {
        if let Err(failure) = runtime.check_row(view, row) {
            tracing::error!(story = failure.story(), "a table has one row less");
            continue;
        }
        let members = Members::of(&row.row).map_err(|it| Failure::fault(format!("a row: {it}")))?;
        text.push_str(&row.number.to_string());
        for field in &fields {
            text.push(',');
            let raw = members.0.iter().find(|(name, _)| name == field.name);
            if let Some((_, raw)) = raw {
                text.push_str(&value(bare(&field.shape), raw));
            }
        }
        text.push_str("\r\n");
    }
    let mut answer = answer::never_kept(answer::of("text/csv; charset=utf-8", text));
    let file = format!("attachment; filename=\"{}.csv\"", view.name);
    answer::put(&mut answer, "content-disposition", &file);
    answer::put(&mut answer, "row-limit", &ROWS_MAX.to_string());
    answer::put(&mut answer, "row-total", &total.to_string());
    Ok(answer)
}

fn value(shape: &Shape, raw: &RawValue) -> String {
    let raw = raw.get();
    match (shape, raw.parse::<i64>()) {
        _ if raw == "null" => String::new(),
        (Shape::Moment, Ok(ms)) => moment::short(ms),
        (_, Ok(number)) => number.to_string(),
        _ => match serde_json::from_str::<String>(raw) {
            Ok(text) => cell(&text),
            Err(_) => cell(raw),
        },
    }
}

/// A text that a spreadsheet takes for nothing but a text.
fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        format!("{guard}{text}")
    }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn a_text_is_no_formula() {
        let cells = [
            ("화면이 안나와요", "화면이 안나와요"),
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\tx", "'\tx"),
            ("-1", "'-1"),
            ("a,b", "\"a,b\""),
            ("=a\n\"b\"", "\"'=a\n\"\"b\"\"\""),
        ];
        for (text, expected) in cells {
            assert_eq!(cell(text), expected);
        }
    }
}
