//! One request of one customer.

use kernel::{Evolve, Message, Recorded, Refuse, Sentence, Token};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::contract::{CancelAsked, CancelDenied, ServiceCanceled, ServiceRequested};
use crate::{
    phone::PhoneNumber,
    status::RequestStatus,
    words::{PersonName, ProductCode, RequestId, Symptom},
};

/// Ask for a repair.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[of(RequestId)]
pub struct RequestService {
    #[serde(alias = "symtom")]
    pub symptom: Symptom,
    pub product_id: ProductCode,
    pub customer_name: PersonName,
    #[serde(default)]
    pub phone_number: Option<PhoneNumber>,
    #[given]
    #[serde(skip)]
    pub token: Token,
}

/// Never mind.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[of(RequestId)]
pub struct CancelService {}

/// The job is off: cancel the request.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[of(RequestId)]
pub struct ConfirmCancel {}

/// The job is done: let the request stand.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[of(RequestId)]
pub struct DenyCancel {
    pub reason: Sentence,
}

/// Not asked for, until something was asked.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    asked: Option<ServiceRequested>,
    status: RequestStatus,
}

#[derive(Debug, PartialEq, Error)]
pub enum Refusal {
    #[error("this request has already been made")]
    AlreadyMade,
    #[error("there is no such request")]
    NotMade,
    #[error("this request is already canceled")]
    AlreadyCanceled,
}

pub fn submit(request: &Request, asked: RequestService) -> Result<ServiceRequested, Refusal> {
    let RequestService { symptom, product_id, customer_name, phone_number, token } = asked;
    match request.asked {
        Some(_) => Err(Refusal::AlreadyMade),
        None => Ok(ServiceRequested { symptom, product_id, customer_name, phone_number, token }),
    }
}

/// Asked twice while the answer is awaited, it is still one cancel.
pub fn cancel(request: &Request, _: CancelService) -> Result<Option<CancelAsked>, Refusal> {
    let asked = request.asked.clone().ok_or(Refusal::NotMade)?;
    let ServiceRequested { symptom, product_id, customer_name, phone_number, .. } = asked;
    match request.status {
        RequestStatus::Canceled => Err(Refusal::AlreadyCanceled),
        RequestStatus::Canceling => Ok(None),
        RequestStatus::Requested => {
            Ok(Some(CancelAsked { symptom, product_id, customer_name, phone_number }))
        }
    }
}

pub fn confirm_cancel(request: &Request, _: ConfirmCancel) -> Option<ServiceCanceled> {
    let ServiceRequested { symptom, product_id, customer_name, phone_number, .. } =
        request.canceling()?;
    Some(ServiceCanceled { symptom, product_id, customer_name, phone_number })
}

pub fn deny_cancel(request: &Request, DenyCancel { reason }: DenyCancel) -> Option<CancelDenied> {
    request.canceling().map(|_| CancelDenied { reason })
}

impl Request {
    fn canceling(&self) -> Option<ServiceRequested> {
        self.asked.clone().filter(|_| self.status == RequestStatus::Canceling)
    }
}

impl Refuse for Refusal {
    fn in_korean(&self) -> String {
        match self {
            Self::AlreadyMade => "이미 접수한 요청이에요.",
            Self::NotMade => "접수 내역을 찾을 수 없어요.",
            Self::AlreadyCanceled => "이미 취소된 접수예요.",
        }
        .into()
    }
}

impl Evolve<ServiceRequested> for Request {
    fn evolve(&mut self, requested: &Recorded<ServiceRequested>) {
        self.asked = Some(ServiceRequested::clone(requested));
    }
}

impl Evolve<CancelAsked> for Request {
    fn evolve(&mut self, _: &Recorded<CancelAsked>) {
        self.status = RequestStatus::Canceling;
    }
}

impl Evolve<CancelDenied> for Request {
    fn evolve(&mut self, _: &Recorded<CancelDenied>) {
        self.status = RequestStatus::Requested;
    }
}

impl Evolve<ServiceCanceled> for Request {
    fn evolve(&mut self, _: &Recorded<ServiceCanceled>) {
        self.status = RequestStatus::Canceled;
    }
}
