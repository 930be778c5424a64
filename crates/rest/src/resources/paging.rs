//! Which part of a list is wanted.

use kernel::Projection;
use runtime::store::{Filter, Query, Shown, Sort, Start};

use super::{cursor::Cursor, indexed};
use crate::{
    problem::{Place, Problem, Violation},
    query::Fields,
};

/// Which part of a list is wanted, and how much of it.
pub struct Paging {
    /// All of these hold.
    pub filters: Vec<Filter>,
    /// In this order.
    pub sort: Sort,
    /// How many rows a page has.
    pub size: usize,
    /// Which page, from 0.
    pub page: u64,
    start: Start,
    list: String,
}

const SIZE: u64 = 20;
const SIZE_MAX: u64 = 200;
const PAGE_MAX: u64 = 1_000_000;

impl Paging {
    /// What the query says.
    ///
    /// # Errors
    ///
    /// Everything in it that is not right.
    pub fn of(view: &Projection, query: &Fields) -> Result<Self, Problem> {
        let known: Vec<_> =
            ["page", "size", "sort", "after"].into_iter().chain(indexed::fields(view)).collect();
        query.only(&known)?;
        let mut wrong = Vec::new();
        let size = taken(query.number("size", 1, SIZE_MAX), &mut wrong).unwrap_or(SIZE);
        let page = taken(query.number("page", 0, PAGE_MAX), &mut wrong);
        let sort = match sort(view, query.get("sort")) {
            Ok(sort) => sort,
            Err(violation) => {
                wrong.push(violation);
                Sort::default()
            }
        };
        let mut filters = Vec::new();
        for field in indexed::fields(view) {
            if let Some(text) = query.get(field) {
                match indexed::filter(view, field, text, Place::Query) {
                    Ok(filter) => filters.push(filter),
                    Err(violation) => wrong.push(violation),
                }
            }
        }
        let list = format!("{}/{:?}/{}", view.name, sort.by, sort.descending);
        let (mut start, mut number) = (None, page.unwrap_or(0));
        if let Some(written) = query.get("after") {
            match Cursor::read(&list, written) {
                Some(cursor) if page.is_none() && cursor.value.is_some() == sort.by.is_some() => {
                    number = cursor.page;
                    start = Some(Start::After(cursor.value, cursor.number));
                }
                _ => wrong.push(no_cursor()),
            }
        }
        if !wrong.is_empty() {
            return Err(Problem::invalid(wrong));
        }
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let start = start.unwrap_or(Start::Skip(number * size as u64));
        Ok(Self { filters, sort, size, page: number, start, list })
    }

    /// One row more than is shown: so it is known whether the list goes on.
    pub fn query(&self) -> Query {
        let (filters, start) = (self.filters.clone(), self.start.clone());
        Query { filters, sort: self.sort, start, size: self.size + 1 }
    }

    /// Where the list goes on after this row.
    pub fn after(&self, last: &Shown) -> String {
        let value =
            self.sort.by.map(|_| last.sorted_by.clone().unwrap_or(kernel::Indexed::Nothing));
        Cursor { page: self.page + 1, value, number: last.number }.write(&self.list)
    }
}

fn taken<T>(read: Result<Option<T>, Violation>, wrong: &mut Vec<Violation>) -> Option<T> {
    read.unwrap_or_else(|violation| {
        wrong.push(violation);
        None
    })
}

fn sort(view: &Projection, text: Option<&str>) -> Result<Sort, Violation> {
    let Some(text) = text else { return Ok(Sort::default()) };
    let (field, direction) = text.split_once(',').unwrap_or((text, "asc"));
    let by = indexed::fields(view).find(|it| *it == field);
    let descending = match direction {
        "asc" => Some(false),
        "desc" => Some(true),
        _ => None,
    };
    match descending {
        Some(descending) if by.is_some() || field == "id" => Ok(Sort { by, descending }),
        _ => {
            let fields: Vec<_> = ["id"].into_iter().chain(indexed::fields(view)).collect();
            let names = fields.join(", ");
            let ko = format!("`필드,asc` 또는 `필드,desc`로 써요. 쓸 수 있는 필드: {names}.");
            let en = format!("must be `field,asc` or `field,desc`, by one of {names}.");
            let wrong = Violation::new(Place::Query, "sort", "one-of", (&ko, &en));
            Err(wrong.with("allowed", fields))
        }
    }
}

fn no_cursor() -> Violation {
    let sentences = (
        "이 목록의 `next` 링크에 있는 값이어야 해요. `page`와 함께 쓸 수 없어요.",
        "must come from a `next` link of this list, and does not go with `page`.",
    );
    Violation::new(Place::Query, "after", "cursor", sentences)
}
