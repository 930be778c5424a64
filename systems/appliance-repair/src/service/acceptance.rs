//! How a job gets on the list, and into the hands of one engineer.

use kernel::{
    Actor,
    Either::{self, That, This},
    Message, To,
};
use serde::{Deserialize, Serialize};

use super::{
    cancel::canceled,
    contract::{AcceptanceAsked, AsAccepted, AsCanceled, JobOpened, PartsShort},
    job::{Acceptance, Job, Order},
    port::{PartOnHand, Quote},
    refusal::Refusal,
};
use crate::{
    status::JobStatus,
    words::{RequestId, Won},
};

/// Put a request on the service list.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[of(RequestId)]
pub struct OpenJob {
    pub order: Order,
}

/// Take the job, if there is a part for it.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[of(RequestId)]
pub struct AcceptJob {
    #[given]
    #[serde(skip)]
    pub engineer: Actor,
}

/// The part is reserved: the job is the engineer's.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[of(RequestId)]
pub struct ConfirmAcceptance {
    pub price: Won,
}

/// The part went to somebody else: the job waits.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[of(RequestId)]
pub struct RecordShortage {
    pub attempt: u32,
}

/// A request delivered twice is one job; one that was canceled before is none.
pub fn open(job: &Job, OpenJob { order }: OpenJob) -> Option<JobOpened> {
    let Order { symptom, product_id, customer_name, phone_number } = order;
    let status = JobStatus::Requested;
    match job {
        Job::Unknown => {
            Some(JobOpened { status, symptom, product_id, customer_name, phone_number })
        }
        _ => None,
    }
}

pub fn part_on_hand(job: &Job, _: &AcceptJob) -> Result<To<PartOnHand>, Refusal> {
    free(job).map(|(order, _)| To(order.product_id.clone(), PartOnHand {}))
}

/// Nobody promises a part that is not there. That it is there now does not hold
/// it: only the reservation does.
pub fn accept(
    job: &Job,
    AcceptJob { engineer }: AcceptJob,
    Quote { available, .. }: Quote,
) -> Result<Either<AcceptanceAsked, PartsShort>, Refusal> {
    let (order, attempts) = free(job)?;
    let (engineer_name, product_id) = (engineer.name.to_string(), order.product_id.clone());
    Ok(match available {
        0 => That(PartsShort { status: JobStatus::OutOfStock, product_id }),
        _ => This(AcceptanceAsked { engineer_name, product_id, attempt: attempts + 1 }),
    })
}

pub fn confirm(
    job: &Job,
    ConfirmAcceptance { price }: ConfirmAcceptance,
) -> Either<Option<AsAccepted>, AsCanceled> {
    match pending(job) {
        None => This(None),
        Some((order, Acceptance { engineer_name, canceled_meanwhile: true })) => {
            That(canceled(order.clone(), Some(engineer_name.clone()), Some(price)))
        }
        Some((order, Acceptance { engineer_name, .. })) => {
            This(Some(accepted(order.clone(), engineer_name.clone(), price)))
        }
    }
}

/// A shortage told twice must not end the attempt after it.
pub fn record_shortage(
    job: &Job,
    RecordShortage { attempt }: RecordShortage,
) -> Either<Option<PartsShort>, AsCanceled> {
    let current = matches!(job, Job::Waiting { attempts, .. } if *attempts == attempt);
    match pending(job).filter(|_| current) {
        None => This(None),
        Some((order, Acceptance { engineer_name, canceled_meanwhile: true })) => {
            That(canceled(order.clone(), Some(engineer_name.clone()), None))
        }
        Some((order, _)) => {
            let (status, product_id) = (JobStatus::OutOfStock, order.product_id.clone());
            This(Some(PartsShort { status, product_id }))
        }
    }
}

/// What a job is about that an engineer may accept now, and how often one has tried.
fn free(job: &Job) -> Result<(&Order, u32), Refusal> {
    Err(match job {
        Job::Waiting { order, attempts, pending: None } => return Ok((order, *attempts)),
        Job::Waiting { pending: Some(acceptance), .. } if acceptance.canceled_meanwhile => {
            Refusal::BeingCanceled
        }
        Job::Waiting { pending: Some(acceptance), .. } => {
            Refusal::BeingAccepted(acceptance.engineer_name.clone())
        }
        Job::Accepted { engineer_name, .. } => Refusal::AlreadyAccepted(engineer_name.clone()),
        Job::Repaired { engineer_name, .. } | Job::Paid { engineer_name } => {
            Refusal::AlreadyRepaired(engineer_name.clone())
        }
        Job::Canceled => Refusal::Canceled,
        Job::Unknown => Refusal::NotListed,
    })
}

fn pending(job: &Job) -> Option<(&Order, &Acceptance)> {
    match job {
        Job::Waiting { order, pending, .. } => pending.as_ref().map(|it| (order, it)),
        _ => None,
    }
}

fn accepted(order: Order, engineer_name: String, price: Won) -> AsAccepted {
    let Order { symptom, product_id, customer_name, phone_number } = order;
    AsAccepted {
        status: JobStatus::Accepted,
        engineer_name,
        price,
        symptom,
        product_id,
        customer_name,
        phone_number,
    }
}
