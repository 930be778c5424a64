//! How a job ends well: repaired, and then paid.

use kernel::Message;
use serde::{Deserialize, Serialize};

use super::{
    contract::{BecameReceivable, JobPaid, JobPaymentDeclined, Repaired},
    job::{Job, Order},
    refusal::Refusal,
};
use crate::{status::JobStatus, words::RequestId};

/// Hand the appliance back.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[of(RequestId)]
pub struct CompleteRepair {}

/// The money is there: close the job.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[of(RequestId)]
pub struct RecordPayment {}

/// The money is not there: keep the job open.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[of(RequestId)]
pub struct RecordDecline {
    pub attempt: u32,
    pub reason: String,
}

/// Put the job among the receivables, unless it is paid by now.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[of(RequestId)]
pub struct MarkReceivable {}

/// What is owed is what was promised.
pub fn complete(job: &Job, _: CompleteRepair) -> Result<Repaired, Refusal> {
    match job {
        Job::Accepted { order, engineer_name, price } => {
            let Order { symptom, product_id, customer_name, phone_number } = order.clone();
            Ok(Repaired {
                status: JobStatus::Repaired,
                engineer_name: engineer_name.clone(),
                price: *price,
                symptom,
                product_id,
                customer_name,
                phone_number,
            })
        }
        Job::Repaired { engineer_name, .. } | Job::Paid { engineer_name } => {
            Err(Refusal::AlreadyRepaired(engineer_name.clone()))
        }
        Job::Waiting { .. } => Err(Refusal::NotAccepted),
        Job::Canceled => Err(Refusal::Canceled),
        Job::Unknown => Err(Refusal::NotListed),
    }
}

pub fn record_payment(job: &Job, _: RecordPayment) -> Option<JobPaid> {
    match job {
        Job::Repaired { .. } => Some(JobPaid { status: JobStatus::Paid }),
        _ => None,
    }
}

/// A payment may have gone through before the decline of an earlier attempt
/// arrives: then it does not matter any more.
pub fn record_decline(
    job: &Job,
    RecordDecline { attempt, reason }: RecordDecline,
) -> Option<JobPaymentDeclined> {
    match job {
        Job::Repaired { declined, .. } if attempt > *declined => {
            Some(JobPaymentDeclined { attempt, reason })
        }
        _ => None,
    }
}

pub fn mark_receivable(job: &Job, _: MarkReceivable) -> Option<BecameReceivable> {
    match job {
        Job::Repaired { receivable: false, .. } => Some(BecameReceivable {}),
        _ => None,
    }
}
