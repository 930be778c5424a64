//! Values of indexed fields, as a query has them.

use kernel::{Indexed, Projection, Shape};
use runtime::store::Filter;

use crate::{
    hal::bare,
    moment,
    problem::{Place, Violation},
};

/// The fields of a view that rows can be found by.
pub fn fields(view: &Projection) -> impl Iterator<Item = &'static str> {
    view.indexes.iter().map(|index| index.field)
}

/// This field, with that value.
///
/// # Errors
///
/// When the value can never stand there.
pub fn filter(
    view: &Projection,
    field: &'static str,
    text: &str,
    place: Place,
) -> Result<Filter, Violation> {
    let shape = shape(view, field);
    let is = match shape {
        Some(Shape::Whole { .. }) => text.parse().map(Indexed::Whole).ok(),
        Some(Shape::Moment) => {
            let moment = moment::parse(text).or_else(|| text.parse().ok());
            moment.map(Indexed::Whole)
        }
        Some(Shape::OneOf(words)) => words.contains(&text).then(|| Indexed::Text(text.to_owned())),
        _ => Some(Indexed::Text(text.to_owned())),
    };
    is.map(|is| Filter { field, is }).ok_or_else(|| wrong(field, shape, place))
}

fn shape(view: &Projection, field: &str) -> Option<&'static Shape> {
    view.row.fields.iter().find(|it| it.name == field).map(|it| bare(&it.shape))
}

fn wrong(field: &str, shape: Option<&Shape>, place: Place) -> Violation {
    match shape {
        Some(Shape::OneOf(words)) => Violation::one_of(place, field, words),
        Some(Shape::Moment) => {
            let sentences = ("RFC 3339 시각이어야 해요.", "must be a moment as RFC 3339 has it.");
            Violation::new(place, field, "moment", sentences)
        }
        _ => Violation::new(place, field, "whole", ("정수여야 해요.", "must be a whole number.")),
    }
}
