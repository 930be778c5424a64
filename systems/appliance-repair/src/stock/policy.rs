//! What stock does of its own accord.

use kernel::{Recorded, To};

use super::part::{ConsumeParts, ReleaseParts, ReserveParts};
use crate::service::contract::{AcceptanceAsked, AsCanceled, Repaired};

pub fn reserve_a_part_for_an_acceptance(job: &Recorded<AcceptanceAsked>) -> To<ReserveParts> {
    To(job.product_id.clone(), ReserveParts { request: job.of, attempt: job.attempt })
}

pub fn use_the_part_up_when_the_repair_is_done(job: &Recorded<Repaired>) -> To<ConsumeParts> {
    To(job.product_id.clone(), ConsumeParts { request: job.of })
}

pub fn free_the_part_when_the_job_is_canceled(job: &Recorded<AsCanceled>) -> To<ReleaseParts> {
    To(job.product_id.clone(), ReleaseParts { request: job.of })
}
