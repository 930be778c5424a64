//! Request: customers ask for repairs, around the clock, whatever else is down.
//!
//! A cancel is asked here and decided where the work is.

pub mod contract;
mod policy;
mod request;
#[cfg(test)]
mod tests;
mod view;

use kernel::{Aggregate, Context, View};

use self::{
    contract::{CancelAsked, CancelDenied, ServiceCanceled, ServiceRequested},
    request::Request,
    view::RequestRow,
};
use crate::words::{CUSTOMER, DESK, RequestId};

/// The context as it runs, and as it is drawn.
#[must_use]
pub fn context() -> Context {
    Context::named("request")
        .policy(policy::confirm_the_cancel_when_the_job_is_off)
        .policy(policy::deny_the_cancel_when_the_job_is_done)
        .aggregate(
            Aggregate::<Request, RequestId>::named("request")
                .at("requests")
                .decide(request::submit)
                .by(&[CUSTOMER, DESK])
                .post()
                .decide(request::cancel)
                .by(&[CUSTOMER, DESK])
                .put("servicecancel")
                .settled_by::<ServiceCanceled>()
                .refused_by::<CancelDenied>()
                .decide(request::confirm_cancel)
                .decide(request::deny_cancel),
        )
        .view(
            View::<RequestRow>::named("requests")
                .shows::<ServiceRequested>()
                .shows::<CancelAsked>()
                .shows::<CancelDenied>()
                .shows::<ServiceCanceled>()
                .indexed("status", |row| row.status.into())
                .indexed("date", |row| row.date.map(|it| it.0).into())
                .indexed("customerName", |row| row.customer_name.as_deref().into()),
        )
}
