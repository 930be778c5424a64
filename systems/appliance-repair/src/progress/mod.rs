//! Progress: one page on which customers follow their repair.

#[cfg(test)]
mod tests;
mod view;

use kernel::{Context, View};

use self::view::ProgressRow;
use crate::{
    payment::contract::{Paid, PaymentAsked, PaymentDeclined},
    request::contract::{CancelAsked, CancelDenied, ServiceCanceled, ServiceRequested},
    service::contract::{AsAccepted, AsCanceled, JobOpened, JobPaid, PartsShort, Repaired},
};

/// The context as it runs, and as it is drawn.
#[must_use]
pub fn context() -> Context {
    Context::named("progress").view(
        View::<ProgressRow>::named("progressViews")
            .shows::<ServiceRequested>()
            .shows::<CancelAsked>()
            .shows::<CancelDenied>()
            .shows::<ServiceCanceled>()
            .shows::<JobOpened>()
            .shows::<PartsShort>()
            .shows::<AsAccepted>()
            .shows::<AsCanceled>()
            .shows::<Repaired>()
            .shows::<JobPaid>()
            .shows::<PaymentAsked>()
            .shows::<PaymentDeclined>()
            .shows::<Paid>()
            .indexed("status", |row| row.status.into())
            .indexed("customerName", |row| row.customer_name.as_deref().into())
            .opened_by("token"),
    )
}
