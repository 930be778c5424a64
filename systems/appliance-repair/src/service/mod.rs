//! Service: engineers accept jobs, repair, and hand back.
//!
//! A job has the number of the request it answers. An acceptance first
//! reserves the part; only then is the job the engineer's.

mod acceptance;
mod cancel;
mod completion;
pub mod contract;
mod job;
mod policy;
pub mod port;
mod refusal;
#[cfg(test)]
mod tests;
mod view;

use std::time::Duration;

use kernel::{Aggregate, Context, View};

use self::{
    contract::{
        AsAccepted, AsCanceled, BecameReceivable, JobOpened, JobPaid, JobPaymentDeclined,
        PartsShort, Repaired,
    },
    job::Job,
    view::ServiceRow,
};
use crate::words::{ENGINEER, RequestId, indexed};

/// The context as it runs, and as it is drawn.
#[must_use]
pub fn context() -> Context {
    Context::named("service")
        .policy(policy::open_a_job_for_every_request)
        .policy(policy::accept_the_job_when_its_part_is_reserved)
        .policy(policy::let_the_job_wait_when_its_part_is_gone)
        .policy(policy::cancel_the_job_with_its_request)
        .policy(policy::close_the_job_when_it_is_paid)
        .policy(policy::note_that_the_payment_was_declined)
        .policy_after(Duration::from_hours(7 * 24), policy::call_it_receivable_after_a_week)
        .aggregate(jobs())
        .view(services())
}

fn jobs() -> Aggregate<Job, RequestId> {
    Aggregate::<Job, RequestId>::named("job")
        .at("services")
        .decide(acceptance::open)
        .decide_knowing(acceptance::part_on_hand, acceptance::accept)
        .by(&[ENGINEER])
        .put("accept")
        .settled_by::<AsAccepted>()
        .refused_by::<PartsShort>()
        .refused_by::<AsCanceled>()
        .decide(acceptance::confirm)
        .decide(acceptance::record_shortage)
        .decide(cancel::cancel)
        .decide(completion::complete)
        .by(&[ENGINEER])
        .put("product-repair")
        .settled_by::<JobPaid>()
        .settled_by::<JobPaymentDeclined>()
        .decide(completion::record_payment)
        .decide(completion::record_decline)
        .decide(completion::mark_receivable)
}

fn services() -> View<ServiceRow> {
    View::<ServiceRow>::named("services")
        .shows::<JobOpened>()
        .shows::<PartsShort>()
        .shows::<AsAccepted>()
        .shows::<AsCanceled>()
        .shows::<Repaired>()
        .shows::<JobPaymentDeclined>()
        .shows::<BecameReceivable>()
        .shows::<JobPaid>()
        .indexed("status", |row| row.status.into())
        .indexed("requestId", |row| indexed(row.request_id))
        .indexed("engineerName", |row| row.engineer_name.as_deref().into())
        .searched("findByRequestId", "requestId")
}
