//! Which deliveries are meant: one, or all that are so.

use kernel::Case;
use runtime::{
    Failure,
    store::{Delivery, DeliveryKey},
};

use crate::{
    front::Front,
    ops::events,
    problem::{Place, Problem, Violation},
};

/// The names of the stages.
pub const STAGES: [&str; 5] = ["waiting", "failed", "parked", "refused", "abandoned"];

/// What can be said of the deliveries that are meant.
pub const FIELDS: [&str; 8] =
    ["context", "subscription", "source", "position", "stage", "case", "cause", "olderThan"];

/// Which deliveries are meant: those of which all of this is true.
#[derive(Debug, Default, Clone)]
pub struct Filter {
    pub context: Option<&'static str>,
    pub subscription: Option<String>,
    pub source: Option<&'static str>,
    pub position: Option<u64>,
    pub stage: Option<String>,
    pub case: Option<Case>,
    /// Stands somewhere in the reason.
    pub cause: Option<String>,
    /// Put aside so many milliseconds ago, or more.
    pub older_ms: Option<i64>,
}

/// A delivery, with the context that is told.
pub type Found = (&'static str, Delivery);

impl Filter {
    /// As it is said, field by field.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn read(
        front: &Front,
        place: Place,
        said: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<Violation>> {
        let mut wrong = Vec::new();
        let mut filter = Self { subscription: said("subscription"), ..Self::default() };
        filter.context =
            said("context").and_then(|it| context(front, (place, "context"), &it, &mut wrong));
        filter.source =
            said("source").and_then(|it| context(front, (place, "source"), &it, &mut wrong));
        filter.cause = said("cause").map(|it| it.to_lowercase());
        filter.stage = said("stage");
        if filter.stage.as_ref().is_some_and(|it| !STAGES.contains(&it.as_str())) {
            wrong.push(Violation::one_of(place, "stage", &STAGES));
        }
        if let Some(text) = said("position") {
            filter.position = text.parse().ok().filter(|it| *it > 0);
            if filter.position.is_none() {
                let sentences = ("1 이상의 정수여야 해요.", "must be a positive whole number.");
                wrong.push(Violation::new(place, "position", "range", sentences).with("min", 1));
            }
        }
        if let Some(text) = said("case") {
            filter.case = events::read_case(front, place, &text).map_err(|it| wrong.push(it)).ok();
        }
        if let Some(text) = said("olderThan") {
            filter.older_ms = span(&text);
            if filter.older_ms.is_none() {
                let sentences = (
                    "`30s`, `10m`, `36h`, `7d` 같아야 해요.",
                    "must be like `30s`, `10m`, `36h` or `7d`.",
                );
                wrong.push(Violation::new(place, "olderThan", "format", sentences));
            }
        }
        if wrong.is_empty() { Ok(filter) } else { Err(wrong) }
    }

    /// The one that is meant, when it can be no other.
    pub fn one(&self) -> Option<(&'static str, DeliveryKey)> {
        let subscription = self.subscription.as_deref()?.into();
        let key = DeliveryKey { subscription, source: self.source?, position: self.position? };
        Some((self.context?, key))
    }

    /// All that are meant, by context, subscription and position.
    ///
    /// # Errors
    ///
    /// When a store cannot be read.
    pub fn find(&self, front: &Front) -> Result<Vec<Found>, Failure> {
        let runtime = &front.rest.runtime;
        let now = runtime.now().0;
        let is_meant = |it: &Delivery| {
            let DeliveryKey { subscription, source, position } = &it.key;
            let says = |text: &str| {
                it.reason.as_ref().is_some_and(|reason| {
                    let sides = [&reason.ko, &reason.en];
                    sides.iter().any(|it| it.to_lowercase().contains(text))
                })
            };
            self.subscription.as_ref().is_none_or(|name| **name == **subscription)
                && self.source.is_none_or(|name| name == *source)
                && self.position.is_none_or(|at| at == *position)
                && self.case.is_none_or(|case| case == it.case)
                && self.cause.as_ref().is_none_or(|text| says(text))
                && self.older_ms.is_none_or(|ms| it.since.0 <= now.saturating_sub(ms))
        };
        let mut all = Vec::new();
        let contexts = front.system().contexts.iter().map(|it| it.name);
        for context in contexts.filter(|name| self.context.is_none_or(|only| only == *name)) {
            let found = runtime.deliveries(context, self.stage.as_deref(), usize::MAX)?;
            all.extend(found.into_iter().filter(is_meant).map(|it| (context, it)));
        }
        Ok(all)
    }
}

/// What one delivery is called: `service:ServiceRequested -> OpenJob:request:7`.
pub fn id(context: &str, key: &DeliveryKey) -> String {
    format!("{context}:{}:{}:{}", key.subscription, key.source, key.position)
}

/// The delivery that is called so.
///
/// # Errors
///
/// When nothing is ever called so.
pub fn by_id(
    front: &Front,
    place: Place,
    id: &str,
) -> Result<(&'static str, DeliveryKey), Problem> {
    let parts = || {
        let (context, rest) = id.split_once(':')?;
        let (rest, position) = rest.rsplit_once(':')?;
        let (subscription, source) = rest.rsplit_once(':')?;
        let systems = [front.system(), front.rest.runtime.away()];
        let name = |name: &str| systems.iter().find_map(|it| it.context(name)).map(|it| it.name);
        let (source, position) = (name(source)?, position.parse().ok()?);
        Some((name(context)?, DeliveryKey { subscription: subscription.into(), source, position }))
    };
    let away = &front.rest.runtime.away();
    if let Some(other) = id.split(':').next().and_then(|name| away.context(name)) {
        return Err(Failure::unavailable(other.name, "another process serves it").into());
    }
    parts().ok_or_else(|| {
        let ko = "`컨텍스트:구독:출처:번호`여야 해요.";
        let en = "must be `context:subscription:source:position`.";
        Violation::new(place, "id", "format", (ko, en)).into()
    })
}

fn context(
    front: &Front,
    (place, field): (Place, &str),
    name: &str,
    wrong: &mut Vec<Violation>,
) -> Option<&'static str> {
    let (here, away) = (front.system(), front.rest.runtime.away());
    // What is told here may have happened elsewhere.
    let away = (field == "source").then_some(away);
    let known = || [Some(here), away].into_iter().flatten().flat_map(|it| &it.contexts);
    let found = known().map(|it| it.name).find(|it| *it == name);
    if found.is_none() {
        let names: Vec<_> = known().map(|it| it.name).collect();
        wrong.push(Violation::one_of(place, field, &names));
    }
    found
}

/// So many milliseconds.
fn span(text: &str) -> Option<i64> {
    let unit = text.chars().last()?;
    let each = match unit {
        's' => 1_000,
        'm' => 60_000,
        'h' => 3_600_000,
        'd' => 86_400_000,
        _ => return None,
    };
    let count: u32 = text.strip_suffix(unit)?.parse().ok()?;
    Some(i64::from(count) * each)
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn a_span_has_a_unit() {
        assert_eq!(
            ["30s", "10m", "36h", "7d"].map(span),
            [Some(30_000), Some(600_000), Some(129_600_000), Some(604_800_000)]
        );
        assert_eq!(["", "10", "m", "-1m", "1.5h", "10분"].map(span), [None; 6]);
    }
}
