//! Payment: what is owed is charged, and nothing counts as paid that was not.

pub mod contract;
mod payment;
mod policy;
pub mod port;
#[cfg(test)]
mod tests;
mod view;

use kernel::{Aggregate, Context, View};

use self::{
    contract::{Paid, PaymentAsked, PaymentDeclined},
    payment::Payment,
    view::PayRow,
};
use crate::words::{CUSTOMER, DESK, ENGINEER, RequestId, indexed};

/// The context as it runs, and as it is drawn.
#[must_use]
pub fn context() -> Context {
    Context::named("payment")
        .policy(policy::ask_for_the_money_when_the_repair_is_done)
        .effect(policy::charge_what_is_owed, policy::record_what_came_of_the_charge)
        .aggregate(
            Aggregate::<Payment, RequestId>::named("payment")
                .at("pays")
                .decide(payment::ask)
                .post()
                .decide(payment::record_charge)
                .decide(payment::retry)
                .by(&[CUSTOMER, DESK, ENGINEER])
                .put("retry")
                .settled_by::<Paid>()
                .refused_by::<PaymentDeclined>(),
        )
        .view(
            View::<PayRow>::named("pays")
                .shows::<PaymentAsked>()
                .shows::<Paid>()
                .shows::<PaymentDeclined>()
                .indexed("status", |row| row.status.into())
                .indexed("requestId", |row| indexed(row.request_id))
                .searched("findByRequestId", "requestId"),
        )
}
