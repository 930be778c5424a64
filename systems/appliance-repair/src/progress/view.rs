//! What a customer sees of their repair.
//!
//! Three journals tell of it, in no order among each other. Each field is
//! driven by one of them, so that the row is the same whoever comes first.

use kernel::{Evolve, Message, Recorded, Time, Token};
use serde::{Deserialize, Serialize};

use crate::{
    payment::contract::{Paid, PaymentAsked, PaymentDeclined},
    phone::PhoneNumber,
    request::contract::{CancelAsked, CancelDenied, ServiceCanceled, ServiceRequested},
    service::contract::{AsAccepted, AsCanceled, JobOpened, JobPaid, PartsShort, Repaired},
    status::{JobStatus, PayStatus},
    words::{PersonName, ProductCode, RequestId, Symptom, Won},
};

/// How far one repair has come.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[of(RequestId)]
pub struct ProgressRow {
    pub symptom: Option<Symptom>,
    /// The same, as older clients spell it.
    pub symtom: Option<Symptom>,
    pub product_id: Option<ProductCode>,
    pub customer_name: Option<PersonName>,
    pub phone_number: Option<PhoneNumber>,
    pub request_date: Option<Time>,
    /// How far the job has come; REQUESTED before there is one.
    pub status: JobStatus,
    /// A cancel was asked for and is not decided yet.
    pub canceling: bool,
    /// When the job came to this status.
    pub service_date: Option<Time>,
    pub engineer_name: Option<String>,
    pub price: Option<Won>,
    pub pay_status: Option<PayStatus>,
    pub pay_date: Option<Time>,
    pub token: Option<Token>,
}

impl ProgressRow {
    fn now(&mut self, status: JobStatus, date: Time) {
        self.status = status;
        self.service_date = Some(date);
    }
}

// From request: what was asked for, and whether a cancel is under way.

impl Evolve<ServiceRequested> for ProgressRow {
    fn evolve(&mut self, requested: &Recorded<ServiceRequested>) {
        let event = ServiceRequested::clone(requested);
        self.symtom = Some(event.symptom.clone());
        self.symptom = Some(event.symptom);
        self.product_id = Some(event.product_id);
        self.customer_name = Some(event.customer_name);
        self.phone_number = event.phone_number;
        self.request_date = Some(requested.at);
        self.token = Some(event.token);
    }
}

impl Evolve<CancelAsked> for ProgressRow {
    fn evolve(&mut self, _: &Recorded<CancelAsked>) {
        self.canceling = true;
    }
}

impl Evolve<CancelDenied> for ProgressRow {
    fn evolve(&mut self, _: &Recorded<CancelDenied>) {
        self.canceling = false;
    }
}

impl Evolve<ServiceCanceled> for ProgressRow {
    fn evolve(&mut self, _: &Recorded<ServiceCanceled>) {
        self.canceling = false;
    }
}

// From service: how far the work is, who does it and for how much.

impl Evolve<JobOpened> for ProgressRow {
    fn evolve(&mut self, opened: &Recorded<JobOpened>) {
        self.now(opened.status, opened.at);
    }
}

impl Evolve<PartsShort> for ProgressRow {
    fn evolve(&mut self, short: &Recorded<PartsShort>) {
        self.now(short.status, short.at);
    }
}

impl Evolve<AsAccepted> for ProgressRow {
    fn evolve(&mut self, accepted: &Recorded<AsAccepted>) {
        self.now(accepted.status, accepted.at);
        self.engineer_name = Some(accepted.engineer_name.clone());
        self.price = Some(accepted.price);
    }
}

impl Evolve<AsCanceled> for ProgressRow {
    fn evolve(&mut self, canceled: &Recorded<AsCanceled>) {
        self.now(canceled.status, canceled.at);
    }
}

impl Evolve<Repaired> for ProgressRow {
    fn evolve(&mut self, repaired: &Recorded<Repaired>) {
        self.now(repaired.status, repaired.at);
    }
}

impl Evolve<JobPaid> for ProgressRow {
    fn evolve(&mut self, paid: &Recorded<JobPaid>) {
        self.now(paid.status, paid.at);
    }
}

// From payment: the money.

impl Evolve<PaymentAsked> for ProgressRow {
    fn evolve(&mut self, _: &Recorded<PaymentAsked>) {
        self.pay_status = Some(PayStatus::Pending);
    }
}

impl Evolve<PaymentDeclined> for ProgressRow {
    fn evolve(&mut self, _: &Recorded<PaymentDeclined>) {
        self.pay_status = Some(PayStatus::Declined);
    }
}

impl Evolve<Paid> for ProgressRow {
    fn evolve(&mut self, paid: &Recorded<Paid>) {
        self.pay_status = Some(PayStatus::Paid);
        self.pay_date = Some(paid.at);
    }
}
