//! What request does of its own accord.

use kernel::{Recorded, To};

use super::request::{ConfirmCancel, DenyCancel};
use crate::service::contract::{AsCancelDenied, AsCanceled};

pub fn confirm_the_cancel_when_the_job_is_off(job: &Recorded<AsCanceled>) -> To<ConfirmCancel> {
    To(job.of, ConfirmCancel {})
}

pub fn deny_the_cancel_when_the_job_is_done(job: &Recorded<AsCancelDenied>) -> To<DenyCancel> {
    To(job.of, DenyCancel { reason: job.reason.clone() })
}
