//! How far a customer can still go back.

use kernel::{
    Either::{self, That, This},
    Message, Sentence,
};
use serde::{Deserialize, Serialize};

use super::{
    contract::{AsCancelDenied, AsCanceled, CancelNoted},
    job::{Job, Order},
};
use crate::{
    status::JobStatus,
    words::{RequestId, Won},
};

/// Take the job off the list, if that is still possible.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[of(RequestId)]
pub struct CancelJob {
    /// Needed when the cancel arrives before the request itself.
    pub order: Order,
}

/// While stock is being asked for a part, the cancel waits for the answer: a
/// part must not be given back before it is reserved.
///
/// A job that was never opened is canceled all the same, so that its request,
/// arriving late, does not open it.
pub fn cancel(
    job: &Job,
    CancelJob { order }: CancelJob,
) -> Either<Option<AsCanceled>, Either<CancelNoted, AsCancelDenied>> {
    match job {
        Job::Unknown | Job::Waiting { pending: None, .. } => {
            This(Some(canceled(order, None, None)))
        }
        Job::Accepted { engineer_name, price, .. } => {
            This(Some(canceled(order, Some(engineer_name.clone()), Some(*price))))
        }
        Job::Waiting { pending: Some(acceptance), .. } if !acceptance.canceled_meanwhile => {
            That(This(CancelNoted {}))
        }
        Job::Waiting { .. } | Job::Canceled => This(None),
        Job::Repaired { .. } => That(That(AsCancelDenied { reason: repaired() })),
        Job::Paid { .. } => That(That(AsCancelDenied { reason: paid() })),
    }
}

pub fn canceled(order: Order, engineer_name: Option<String>, price: Option<Won>) -> AsCanceled {
    let Order { symptom, product_id, customer_name, phone_number } = order;
    AsCanceled {
        status: JobStatus::Canceled,
        engineer_name,
        price,
        symptom,
        product_id,
        customer_name,
        phone_number,
    }
}

fn repaired() -> Sentence {
    Sentence::new(
        "이미 수리가 끝나서 취소할 수 없어요.",
        "the appliance is already repaired; this can no longer be canceled",
    )
}

fn paid() -> Sentence {
    Sentence::new(
        "이미 결제까지 끝나서 취소할 수 없어요. 환불은 센터에 문의해 주세요.",
        "the repair is already paid; please ask the centre for a refund",
    )
}
