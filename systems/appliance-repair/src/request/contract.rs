//! What request tells the others.

use kernel::{Message, Refuse, Sentence, Token};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    phone::PhoneNumber,
    words::{PersonName, ProductCode, RequestId, Symptom},
};

/// A customer asked for a repair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[korean("고객이 수리를 접수했어요.")]
#[of(RequestId)]
pub struct ServiceRequested {
    pub symptom: Symptom,
    pub product_id: ProductCode,
    pub customer_name: PersonName,
    pub phone_number: Option<PhoneNumber>,
    /// Opens the progress of this request to whoever has it.
    pub token: Token,
}

/// The customer no longer wants the repair; whether that is still possible is not known yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[korean("고객이 취소를 요청했어요. 아직 취소할 수 있는지 알아보고 있어요.")]
#[of(RequestId)]
pub struct CancelAsked {
    pub symptom: Symptom,
    pub product_id: ProductCode,
    pub customer_name: PersonName,
    pub phone_number: Option<PhoneNumber>,
}

/// The request is canceled, and nobody will work on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[korean("접수가 취소됐어요. 아무도 수리하지 않아요.")]
#[of(RequestId)]
pub struct ServiceCanceled {
    pub symptom: Symptom,
    pub product_id: ProductCode,
    pub customer_name: PersonName,
    pub phone_number: Option<PhoneNumber>,
}

/// It was too late to cancel; the request stands.
#[derive(Debug, Clone, PartialEq, Error, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[korean("취소하기에는 늦었어요. 접수는 그대로예요.")]
#[of(RequestId)]
#[error("{reason}")]
pub struct CancelDenied {
    pub reason: Sentence,
}

impl Refuse for CancelDenied {
    fn in_korean(&self) -> String {
        self.reason.ko.clone()
    }
}
