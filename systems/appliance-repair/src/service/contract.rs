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
#[korean("접수가 서비스 목록에 올라왔어요.")]
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
#[korean("기사가 수락을 요청했어요. 부품이 예약되면 그 기사의 일이 돼요.")]
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
#[korean("부품이 없어서 부품을 기다려요.")]
#[of(RequestId)]
#[error("there is no part for product {product_id}; the job now waits for parts")]
pub struct PartsShort {
    pub status: JobStatus,
    pub product_id: ProductCode,
}

/// The job is the engineer's, its part is reserved, and the price holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[korean("기사가 수락했어요. 부품이 예약됐고 가격이 정해졌어요.")]
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
#[korean("진행 중인 수락에 재고가 답하는 대로 취소하기로 했어요.")]
#[of(RequestId)]
pub struct CancelNoted {}

/// Nobody will work on the job; a part reserved for it is free again.
#[derive(Debug, Clone, PartialEq, Error, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[korean("수리가 취소됐어요. 예약한 부품은 다시 쓸 수 있어요.")]
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
#[korean("이미 수리가 끝나서 취소할 수 없어요.")]
#[of(RequestId)]
pub struct AsCancelDenied {
    pub reason: Sentence,
}

/// The appliance works again, its part is used up, and the price is to be paid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[korean("수리가 끝났어요. 부품을 썼고, 결제만 남았어요.")]
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
#[korean("이번 결제는 되지 않았어요. 아직 받을 돈이 남아 있어요.")]
#[of(RequestId)]
pub struct JobPaymentDeclined {
    pub attempt: u32,
    pub reason: String,
}

/// A week has passed since the repair, and the money is still open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[korean("수리한 지 한 주가 지났는데 아직 결제되지 않았어요. 미수금이 됐어요.")]
#[of(RequestId)]
pub struct BecameReceivable {}

/// The repair is paid, and the job is over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[korean("수리비를 받았고, 수리 건이 끝났어요.")]
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
