//! One job, from the service list to the workbench and back to the customer.

use kernel::{Evolve, Recorded, Shape, Word};
use serde::{Deserialize, Serialize};

use super::contract::{
    AcceptanceAsked, AsAccepted, AsCancelDenied, AsCanceled, BecameReceivable, CancelNoted,
    JobOpened, JobPaid, JobPaymentDeclined, PartsShort, Repaired,
};
use crate::{
    phone::PhoneNumber,
    words::{PersonName, ProductCode, Symptom, Won},
};

/// What the customer asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    pub symptom: Symptom,
    pub product_id: ProductCode,
    pub customer_name: PersonName,
    pub phone_number: Option<PhoneNumber>,
}

/// Waiting covers both REQUESTED and OUTOFSTOCK: an engineer may accept from either.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub enum Job {
    #[default]
    Unknown,
    Waiting {
        order: Order,
        /// How often somebody wanted to accept it.
        attempts: u32,
        pending: Option<Acceptance>,
    },
    Accepted {
        order: Order,
        engineer_name: String,
        price: Won,
    },
    Repaired {
        engineer_name: String,
        /// The last attempt to pay that was declined; 0 before any was.
        declined: u32,
        receivable: bool,
    },
    Paid {
        engineer_name: String,
    },
    Canceled,
}

/// An acceptance that stock has not answered yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Acceptance {
    pub engineer_name: String,
    pub canceled_meanwhile: bool,
}

impl Word for Order {
    const SHAPE: Shape = Shape::Thing;
}

impl Evolve<JobOpened> for Job {
    fn evolve(&mut self, opened: &Recorded<JobOpened>) {
        let JobOpened { symptom, product_id, customer_name, phone_number, .. } =
            JobOpened::clone(opened);
        let order = Order { symptom, product_id, customer_name, phone_number };
        *self = Self::Waiting { order, attempts: 0, pending: None };
    }
}

impl Evolve<AcceptanceAsked> for Job {
    fn evolve(&mut self, asked: &Recorded<AcceptanceAsked>) {
        if let Self::Waiting { attempts, pending, .. } = self {
            let engineer_name = asked.engineer_name.clone();
            *attempts = asked.attempt;
            *pending = Some(Acceptance { engineer_name, canceled_meanwhile: false });
        }
    }
}

impl Evolve<PartsShort> for Job {
    fn evolve(&mut self, _: &Recorded<PartsShort>) {
        if let Self::Waiting { pending, .. } = self {
            *pending = None;
        }
    }
}

impl Evolve<AsAccepted> for Job {
    fn evolve(&mut self, accepted: &Recorded<AsAccepted>) {
        let accepted = AsAccepted::clone(accepted);
        let AsAccepted { symptom, product_id, customer_name, phone_number, .. } = accepted;
        let AsAccepted { engineer_name, price, .. } = accepted;
        let order = Order { symptom, product_id, customer_name, phone_number };
        *self = Self::Accepted { order, engineer_name, price };
    }
}

impl Evolve<CancelNoted> for Job {
    fn evolve(&mut self, _: &Recorded<CancelNoted>) {
        if let Self::Waiting { pending: Some(acceptance), .. } = self {
            acceptance.canceled_meanwhile = true;
        }
    }
}

impl Evolve<AsCanceled> for Job {
    fn evolve(&mut self, _: &Recorded<AsCanceled>) {
        *self = Self::Canceled;
    }
}

impl Evolve<AsCancelDenied> for Job {
    fn evolve(&mut self, _: &Recorded<AsCancelDenied>) {}
}

impl Evolve<Repaired> for Job {
    fn evolve(&mut self, repaired: &Recorded<Repaired>) {
        let engineer_name = repaired.engineer_name.clone();
        *self = Self::Repaired { engineer_name, declined: 0, receivable: false };
    }
}

impl Evolve<JobPaymentDeclined> for Job {
    fn evolve(&mut self, it: &Recorded<JobPaymentDeclined>) {
        if let Self::Repaired { declined, .. } = self {
            *declined = it.attempt;
        }
    }
}

impl Evolve<BecameReceivable> for Job {
    fn evolve(&mut self, _: &Recorded<BecameReceivable>) {
        if let Self::Repaired { receivable, .. } = self {
            *receivable = true;
        }
    }
}

impl Evolve<JobPaid> for Job {
    fn evolve(&mut self, _: &Recorded<JobPaid>) {
        if let Self::Repaired { engineer_name, .. } = self {
            *self = Self::Paid { engineer_name: std::mem::take(engineer_name) };
        }
    }
}
