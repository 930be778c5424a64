//! What operators see and do.

pub mod case;
pub mod deliveries;
mod events;
mod journal;
mod lab;
mod ledger;
mod views;

use std::sync::Arc;

use axum::{body::Body, response::Response};
use runtime::store::Deed;

use crate::{
    body,
    call::Call,
    front::Front,
    problem::{Place, Problem, Violation},
    rows::Members,
    table::Operation,
};

/// Does what an operator wants.
///
/// # Errors
///
/// When the request is not right, or not from an operator.
pub async fn operate(
    front: &Arc<Front>,
    call: &Call,
    sent: Body,
    operation: Operation,
) -> Result<Response, Problem> {
    let by = call.caller.who.operating()?;
    if operation.changes() {
        let sent = body::receive(&call.headers, sent).await?;
        return match operation {
            Operation::Feel => lab::feel(front, call, &sent),
            Operation::Replay => deliveries::act(front, call, (Deed::Replay, &by), &sent).await,
            Operation::Rebuild | Operation::Switch | Operation::Cancel => {
                views::change(front, call, &by, (&sent, operation)).await
            }
            _ => deliveries::act(front, call, (Deed::Abandon, &by), &sent).await,
        };
    }
    match operation {
        Operation::Deliveries => deliveries::list(front, call),
        Operation::Delivery => deliveries::whole(front, call).await,
        Operation::Case => case::show(front, call).await,
        Operation::Events => events::show(front, call),
        Operation::Lab => lab::show(front, call),
        Operation::Views => views::list(front, call),
        Operation::View => views::show(front, call),
        _ => ledger::show(front, call).await,
    }
}

/// A text that must be there.
fn text(members: &Members<'_>, name: &str, wrong: &mut Vec<Violation>) -> String {
    let is_there = members.0.iter().any(|(it, _)| it == name);
    match members.text(name).map(|text| text.trim().to_owned()).filter(|it| !it.is_empty()) {
        Some(text) => text,
        None if is_there => {
            let sentences =
                ("비어 있지 않은 텍스트여야 해요.", "must be a text that is not empty.");
            wrong.push(Violation::new(Place::Body, name, "type", sentences));
            String::new()
        }
        None => {
            let sentences = ("꼭 있어야 해요.", "is missing.");
            wrong.push(Violation::new(Place::Body, name, "required", sentences));
            String::new()
        }
    }
}
