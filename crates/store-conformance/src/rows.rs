//! Rows of views, compared with lists that are sorted by hand.

use kernel::Indexed;
use runtime::store::{Filter, Query, Row, Shown, Sort, Start, Store};

use crate::{
    Promise,
    shop::{batch, bytes, row},
};

pub const PROMISES: &[Promise] = &[
    ("a row is read as it was written", a_row_is_read_as_it_was_written),
    ("a row that changes moves in every list", a_row_that_changes_moves),
    ("pages by offset and by cursor are the same", pages_are_the_same),
    ("filters hold together", filters_hold_together),
    ("rows are counted", rows_are_counted),
    ("any text is listed and found", any_text_is_listed_and_found),
    ("a view without indexes has rows too", a_view_without_indexes),
];

fn a_row_is_read_as_it_was_written(store: &dyn Store) {
    let long = Row { row: bytes(&"가".repeat(30_000)), ..row(u64::MAX >> 2, 4, "placed") };
    write(store, vec![long.clone()]);
    assert_eq!(store.row("shop", "orders", long.number).unwrap(), Some(shown(&long, None)));
    assert_eq!(store.row("shop", "orders", 1).unwrap(), None);
    assert_eq!(store.row("shop", "orders", u64::MAX).unwrap(), None);
}

fn a_row_that_changes_moves(store: &dyn Store) {
    write(store, vec![row(1, 1, "a"), row(2, 1, "b")]);
    write(store, vec![row(1, 2, "c")]);
    write(store, vec![row(2, 2, Indexed::Nothing)]);
    write(store, vec![row(2, 2, Indexed::Whole(4))]);
    let sorted = list(store, &query(Vec::new(), "status", false, Start::Skip(0), 10));
    assert_eq!(sorted, [(2, Some(4.into())), (1, Some("c".into()))]);
    assert_eq!(store.row("shop", "orders", 1).unwrap().unwrap().version, 2);
    for left in ["a", "b"] {
        assert_eq!(store.count_rows("shop", "orders", &[is("status", left)]).unwrap(), 0);
    }
    assert_eq!(store.count_rows("shop", "orders", &[]).unwrap(), 2);
}

fn pages_are_the_same(store: &dyn Store) {
    let rows = many();
    write(store, rows.clone());
    for by in [None, Some("status"), Some("customer")] {
        for descending in [false, true] {
            for filter in [None, Some(is("customer", Indexed::Nothing)), Some(is("status", 2))] {
                let expected = by_hand(&rows, by, descending, filter.as_ref());
                let filters = filter.into_iter().collect::<Vec<_>>();
                for size in [1, 3, 7, 100] {
                    let (sort, start) = (Sort { by, descending }, Start::Skip(0));
                    let query = Query { filters: filters.clone(), sort, start, size };
                    assert_eq!(by_offset(store, query.clone()), expected, "{query:?}");
                    assert_eq!(by_cursor(store, query.clone()), expected, "{query:?}");
                }
            }
        }
    }
}

fn filters_hold_together(store: &dyn Store) {
    write(store, many());
    let filters = vec![is("status", "open"), is("customer", Indexed::Nothing)];
    let found = list(store, &query(filters.clone(), "customer", true, Start::Skip(0), 100));
    assert!(!found.is_empty());
    assert_eq!(store.count_rows("shop", "orders", &filters).unwrap(), found.len() as u64);
    assert!(found.windows(2).all(|pair| pair[0].0 > pair[1].0));
}

fn rows_are_counted(store: &dyn Store) {
    let rows = many();
    write(store, rows.clone());
    write(store, rows.iter().map(|it| Row { version: 2, ..it.clone() }).collect());
    let count = |filters: &[Filter]| store.count_rows("shop", "orders", filters).unwrap();
    assert_eq!(count(&[]), rows.len() as u64);
    let open = rows.iter().filter(|it| it.indexed[0] == Indexed::from("open")).count();
    assert_eq!(count(&[is("status", "open")]), open as u64);
    assert_eq!(count(&[is("status", "open"), is("status", 2)]), 0);
}

fn any_text_is_listed_and_found(store: &dyn Store) {
    // Nothing that repeats, so that nobody can make it short.
    let long = (0..4_000u64).map(|it| (it * it * 7919).to_string()).collect::<String>();
    let texts = [
        "",
        "\0",
        "A",
        "a\0",
        "a\0b",
        "ab",
        "B",
        "b",
        "\u{e9}",
        "가",
        "\u{10ffff}",
        &format!("{long}a"),
        &format!("{long}b"),
        &long,
    ];
    let texts = texts.map(Indexed::from);
    let rows = (1..).zip(&texts).map(|(number, text)| row(number, 1, text.clone()));
    let rows = rows.collect::<Vec<_>>();
    write(store, rows.clone());
    for (row, text) in rows.iter().zip(texts) {
        let filters = vec![is("status", text.clone())];
        assert_eq!(store.count_rows("shop", "orders", &filters).unwrap(), 1);
        let found = list(store, &query(filters, "status", false, Start::Skip(0), 9));
        assert_eq!(found, [(row.number, Some(text))]);
    }
    for descending in [false, true] {
        for size in [1, 4, 100] {
            let query = query(Vec::new(), "status", descending, Start::Skip(0), size);
            let (mut found, mut expected) =
                (by_cursor(store, query.clone()), by_hand(&rows, Some("status"), descending, None));
            // The order of texts that differ only far from their beginning is the
            // store's own, as long as nothing is left out and nothing comes twice.
            let is_long =
                |it: &Listed| matches!(&it.1, Some(Indexed::Text(text)) if text.starts_with(&long));
            for list in [&mut found, &mut expected] {
                let place = list.iter().position(is_long).unwrap();
                list[place..place + 3].sort();
            }
            assert_eq!(found, expected, "{query:?}");
        }
    }
}

fn a_view_without_indexes(store: &dyn Store) {
    let bare =
        |number, version| Row { view: "log", indexed: Vec::new(), ..row(number, version, 0) };
    let write = |rows| {
        let mut changes = runtime::store::Changes::of("billing");
        changes.rows = rows;
        store.commit(&runtime::store::Batch { changes: vec![changes] }).unwrap();
    };
    write(vec![bare(1, 1), bare(2, 1)]);
    write(vec![bare(2, 2)]);
    let query = Query {
        filters: Vec::new(),
        sort: Sort { by: None, descending: true },
        start: Start::Skip(0),
        size: 10,
    };
    let found = store.rows("billing", "log", &query).unwrap();
    assert_eq!(found, [shown(&bare(2, 2), None), shown(&bare(1, 1), None)]);
}

/// Rows with everything that can stand in a field, and many that are equal.
fn many() -> Vec<Row> {
    let status = |number: u64| match number % 7 {
        0 | 1 => Indexed::Nothing,
        2 => Indexed::Whole(-3),
        3 => Indexed::Whole(2),
        4 => Indexed::from(""),
        5 => Indexed::from("open"),
        _ => Indexed::from("완료"),
    };
    let customer = |number: u64| match number % 3 {
        0 => Indexed::Nothing,
        1 => Indexed::Whole(i64::MAX - 1),
        _ => Indexed::Whole(i64::MAX),
    };
    let row = |number| Row {
        indexed: vec![status(number), customer(number)],
        ..row(number, 1, Indexed::Nothing)
    };
    (1..=43).rev().map(row).collect()
}

type Listed = (u64, Option<Indexed>);

fn by_hand(
    rows: &[Row],
    by: Option<&str>,
    descending: bool,
    filter: Option<&Filter>,
) -> Vec<Listed> {
    let field = |row: &Row, name: &str| row.indexed[usize::from(name == "customer")].clone();
    let rows = rows.iter().filter(|row| filter.is_none_or(|it| field(row, it.field) == it.is));
    let mut rows = rows.map(|row| (by.map(|by| field(row, by)), row.number)).collect::<Vec<_>>();
    rows.sort();
    if descending {
        rows.reverse();
    }
    rows.into_iter().map(|(value, number)| (number, value)).collect()
}

fn by_offset(store: &dyn Store, mut query: Query) -> Vec<Listed> {
    let mut all = Vec::new();
    loop {
        query.start = Start::Skip(all.len() as u64);
        let page = list(store, &query);
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

fn by_cursor(store: &dyn Store, mut query: Query) -> Vec<Listed> {
    let mut all = Vec::new();
    loop {
        let page = list(store, &query);
        let Some((number, value)) = page.last().cloned() else { return all };
        query.start = Start::After(value, number);
        all.extend(page);
    }
}

fn list(store: &dyn Store, query: &Query) -> Vec<Listed> {
    let rows = store.rows("shop", "orders", query).unwrap();
    rows.into_iter().map(|it| (it.number, it.sorted_by)).collect()
}

fn query(
    filters: Vec<Filter>,
    by: &'static str,
    descending: bool,
    start: Start,
    size: usize,
) -> Query {
    Query { filters, sort: Sort { by: Some(by), descending }, start, size }
}

fn is(field: &'static str, is: impl Into<Indexed>) -> Filter {
    Filter { field, is: is.into() }
}

fn shown(row: &Row, sorted_by: Option<Indexed>) -> Shown {
    Shown { number: row.number, version: row.version, row: row.row.clone(), sorted_by }
}

fn write(store: &dyn Store, rows: Vec<Row>) {
    store.commit(&batch(|it| it.rows = rows)).unwrap();
}
