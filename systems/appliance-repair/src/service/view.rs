//! The service list: what engineers and the desk see.

use kernel::{Evolve, Message, Recorded, Time};
use serde::{Deserialize, Serialize};

use super::contract::{
    AsAccepted, AsCanceled, BecameReceivable, JobOpened, JobPaid, JobPaymentDeclined, PartsShort,
    Repaired,
};
use crate::{
    phone::PhoneNumber,
    status::{JobStatus, PayStatus},
    words::{PersonName, ProductCode, RequestId, Symptom, Won},
};

/// One job on the service list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[of(RequestId)]
pub struct ServiceRow {
    pub request_id: Option<RequestId>,
    pub symptom: Option<Symptom>,
    /// The same, as older clients spell it.
    pub symtom: Option<Symptom>,
    pub product_id: Option<ProductCode>,
    pub customer_name: Option<PersonName>,
    pub phone_number: Option<PhoneNumber>,
    pub engineer_name: Option<String>,
    pub price: Option<Won>,
    pub status: JobStatus,
    /// When it came to this status.
    pub date: Option<Time>,
    pub pay_status: Option<PayStatus>,
    /// Repaired more than a week ago, and still not paid.
    pub receivable: bool,
}

impl ServiceRow {
    fn now(&mut self, status: JobStatus, date: Time) {
        self.status = status;
        self.date = Some(date);
    }
}

impl Evolve<JobOpened> for ServiceRow {
    fn evolve(&mut self, opened: &Recorded<JobOpened>) {
        let JobOpened { status, symptom, product_id, customer_name, phone_number } =
            JobOpened::clone(opened);
        *self = Self {
            request_id: Some(opened.of),
            symtom: Some(symptom.clone()),
            symptom: Some(symptom),
            product_id: Some(product_id),
            customer_name: Some(customer_name),
            phone_number,
            ..Self::default()
        };
        self.now(status, opened.at);
    }
}

impl Evolve<PartsShort> for ServiceRow {
    fn evolve(&mut self, short: &Recorded<PartsShort>) {
        self.now(short.status, short.at);
    }
}

impl Evolve<AsAccepted> for ServiceRow {
    fn evolve(&mut self, accepted: &Recorded<AsAccepted>) {
        self.now(accepted.status, accepted.at);
        self.engineer_name = Some(accepted.engineer_name.clone());
        self.price = Some(accepted.price);
    }
}

/// Whole, because a job may be canceled that was never opened.
impl Evolve<AsCanceled> for ServiceRow {
    fn evolve(&mut self, canceled: &Recorded<AsCanceled>) {
        let event = AsCanceled::clone(canceled);
        *self = Self {
            request_id: Some(canceled.of),
            symtom: Some(event.symptom.clone()),
            symptom: Some(event.symptom),
            product_id: Some(event.product_id),
            customer_name: Some(event.customer_name),
            phone_number: event.phone_number,
            engineer_name: event.engineer_name,
            price: event.price,
            ..Self::default()
        };
        self.now(event.status, canceled.at);
    }
}

impl Evolve<Repaired> for ServiceRow {
    fn evolve(&mut self, repaired: &Recorded<Repaired>) {
        self.now(repaired.status, repaired.at);
        self.pay_status = Some(PayStatus::Pending);
    }
}

impl Evolve<JobPaymentDeclined> for ServiceRow {
    fn evolve(&mut self, _: &Recorded<JobPaymentDeclined>) {
        self.pay_status = Some(PayStatus::Declined);
    }
}

impl Evolve<BecameReceivable> for ServiceRow {
    fn evolve(&mut self, _: &Recorded<BecameReceivable>) {
        self.receivable = true;
    }
}

impl Evolve<JobPaid> for ServiceRow {
    fn evolve(&mut self, paid: &Recorded<JobPaid>) {
        self.now(paid.status, paid.at);
        self.pay_status = Some(PayStatus::Paid);
        self.receivable = false;
    }
}
