//! What the desk sees of the requests, and the customer of theirs.

use kernel::{Evolve, Message, Recorded, Time, Token};
use serde::{Deserialize, Serialize};

use super::contract::{CancelAsked, CancelDenied, ServiceCanceled, ServiceRequested};
use crate::{
    phone::PhoneNumber,
    status::RequestStatus,
    words::{PersonName, ProductCode, RequestId, Symptom},
};

/// One request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[of(RequestId)]
pub struct RequestRow {
    pub symptom: Option<Symptom>,
    /// The same, as older clients spell it.
    pub symtom: Option<Symptom>,
    pub product_id: Option<ProductCode>,
    pub customer_name: Option<PersonName>,
    pub phone_number: Option<PhoneNumber>,
    pub status: RequestStatus,
    /// When it was asked for, or canceled.
    pub date: Option<Time>,
    /// Opens the progress to whoever has it.
    pub token: Option<Token>,
}

impl Evolve<ServiceRequested> for RequestRow {
    fn evolve(&mut self, requested: &Recorded<ServiceRequested>) {
        let ServiceRequested { symptom, product_id, customer_name, phone_number, token } =
            ServiceRequested::clone(requested);
        *self = Self {
            symtom: Some(symptom.clone()),
            symptom: Some(symptom),
            product_id: Some(product_id),
            customer_name: Some(customer_name),
            phone_number,
            status: RequestStatus::Requested,
            date: Some(requested.at),
            token: Some(token),
        };
    }
}

impl Evolve<CancelAsked> for RequestRow {
    fn evolve(&mut self, _: &Recorded<CancelAsked>) {
        self.status = RequestStatus::Canceling;
    }
}

impl Evolve<CancelDenied> for RequestRow {
    fn evolve(&mut self, _: &Recorded<CancelDenied>) {
        self.status = RequestStatus::Requested;
    }
}

impl Evolve<ServiceCanceled> for RequestRow {
    fn evolve(&mut self, canceled: &Recorded<ServiceCanceled>) {
        self.status = RequestStatus::Canceled;
        self.date = Some(canceled.at);
    }
}
