//! What service tells the others.
//!
//! A status on an event is what the service list says from then on.

use kernel::{Message, Refuse, Sentence};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    phone::PhoneNumber,
    status::JobStatus,
    words::{PersonName, ProductCode, RequestId, Symptom, Won},
};

/// A request reached the service list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[of(RequestId)]
pub struct JobOpened {
    pub status: JobStatus,
    pub symptom: Symptom,
    pub product_id: ProductCode,
    pub customer_name: PersonName,
    pub phone_number: Option<PhoneNumber>,
}

/// An engineer wants the job; it is theirs as soon as the part is reserved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[of(RequestId)]
pub struct AcceptanceAsked {
    pub engineer_name: String,
    pub product_id: ProductCode,
    /// The how-manieth time the job is to be accepted, from 1.
    pub attempt: u32,
}

/// There is no part for the job; it waits until there is one.
#[derive(Debug, Clone, PartialEq, Error, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[of(RequestId)]
#[error("there is no part for product {product_id}; the job now waits for parts")]
pub struct PartsShort {
    pub status: JobStatus,
    pub product_id: ProductCode,
}

/// The job is the engineer's, its part is reserved, and the price holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[of(RequestId)]
pub struct AsAccepted {
    pub status: JobStatus,
    pub engineer_name: String,
    pub price: Won,
    pub symptom: Symptom,
    pub product_id: ProductCode,
    pub customer_name: PersonName,
    pub phone_number: Option<PhoneNumber>,
}

/// The request is to be canceled as soon as stock has answered the acceptance under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[of(RequestId)]
pub struct CancelNoted {}

/// Nobody will work on the job; a part reserved for it is free again.
#[derive(Debug, Clone, PartialEq, Error, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[of(RequestId)]
#[error("the customer has canceled this job")]
pub struct AsCanceled {
    pub status: JobStatus,
    /// Who had accepted it, or was about to.
    pub engineer_name: Option<String>,
    /// What it would have cost, had it been accepted.
    pub price: Option<Won>,
    pub symptom: Symptom,
    pub product_id: ProductCode,
    pub customer_name: PersonName,
    pub phone_number: Option<PhoneNumber>,
}

/// It is too late to cancel: the appliance is already repaired.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[of(RequestId)]
pub struct AsCancelDenied {
    pub reason: Sentence,
}

/// The appliance works again, its part is used up, and the price is to be paid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[of(RequestId)]
pub struct Repaired {
    pub status: JobStatus,
    pub engineer_name: String,
    pub price: Won,
    pub symptom: Symptom,
    pub product_id: ProductCode,
    pub customer_name: PersonName,
    pub phone_number: Option<PhoneNumber>,
}

/// The repair was not paid at this attempt; the money is still open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[of(RequestId)]
pub struct JobPaymentDeclined {
    pub attempt: u32,
    pub reason: String,
}

/// A week has passed since the repair, and the money is still open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[of(RequestId)]
pub struct BecameReceivable {}

/// The repair is paid, and the job is over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[of(RequestId)]
pub struct JobPaid {
    pub status: JobStatus,
}

impl Refuse for PartsShort {
    fn in_korean(&self) -> String {
        format!("부품 재고가 없어서 부품 대기로 바꿨어요. (제품 {})", self.product_id)
    }
}

impl Refuse for AsCanceled {
    fn in_korean(&self) -> String {
        "고객이 방금 취소했어요.".into()
    }
}
