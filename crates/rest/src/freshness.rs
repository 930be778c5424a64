//! What a caller has seen, and what a view has.

use std::time::Duration;

use kernel::{Context, Projection};
use runtime::Runtime;

use crate::{
    call::Call,
    front::Front,
    problem::{Kind, Place, Problem, Violation},
};

/// Of every command: what a view must have seen to show what came of it.
pub const TOKEN: &str = "freshness-token";
/// Of every read: what the view has seen.
pub const FRESHNESS: &str = "freshness";

/// Positions in journals: `request:17,service:23`.
pub type Positions = Vec<(String, u64)>;

/// Waits until the view has seen what the caller has.
///
/// # Errors
///
/// When it takes too long, or the caller speaks in riddles.
pub async fn caught_up(
    front: &Front,
    call: &Call,
    context: &Context,
    view: &Projection,
) -> Result<(), Problem> {
    let catch_up = front.rest.catch_up;
    let catch_up = call.time_left().map_or(catch_up, |left| catch_up.min(left));
    let until = tokio::time::Instant::now() + catch_up;
    for value in call.headers.get_all(TOKEN) {
        let text = value.to_str().unwrap_or_default();
        for (source, position) in read(&front.rest.runtime, "Freshness-Token", text)? {
            let left = until.saturating_duration_since(tokio::time::Instant::now());
            let left = left.max(Duration::from_millis(1));
            let seen = (source.as_str(), position);
            if !front.rest.runtime.has_seen(context.name, view, seen, left).await? {
                return Err(not_yet(view.name));
            }
        }
    }
    Ok(())
}

/// What a view has seen, as text.
///
/// # Errors
///
/// When nobody serves the context here.
pub fn of(front: &Front, context: &Context, view: &Projection) -> Result<Vec<String>, Problem> {
    let seen = front.rest.runtime.seen(context.name, view)?;
    Ok(seen.iter().map(|(source, position)| format!("{source}:{position}")).collect())
}

/// Reads positions, wherever they stand.
///
/// # Errors
///
/// When it is something else.
pub fn read(runtime: &Runtime, field: &str, text: &str) -> Result<Positions, Problem> {
    let one = |text: &str| {
        let (source, position) = text.trim().split_once(':')?;
        let known = runtime.system().context(source).or_else(|| runtime.away().context(source))?;
        let digits = position.bytes().all(|it| it.is_ascii_digit());
        Some((known.name.to_owned(), position.parse().ok().filter(|_| digits)?))
    };
    text.split(',').map(one).collect::<Option<Vec<_>>>().ok_or_else(|| {
        let sentences = (
            "`컨텍스트:위치`를 쉼표로 이어 써야 해요.",
            "must be `context:position`, several joined by commas.",
        );
        let place = if field == "after" { Place::Query } else { Place::Header };
        Violation::new(place, field, "format", sentences).into()
    })
}

fn not_yet(view: &str) -> Problem {
    Problem::new(
        Kind::NotYet,
        format!("{view}에는 아직 반영되지 않았어요. 잠시 뒤 다시 해 주세요."),
        format!("{view} has not seen this yet; please try again soon."),
    )
    .retry_after(1)
}
