//! The rules of service, by example.

mod acceptance;
mod cancel;
mod completion;
mod view;

use super::{
    contract::{
        AcceptanceAsked, AsAccepted, AsCanceled, CancelNoted, JobOpened, JobPaid,
        JobPaymentDeclined, PartsShort, Repaired,
    },
    job::Order,
};
use crate::{
    examples::{customer, phone, product, symptom, won},
    status::JobStatus,
    words::Won,
};

fn order() -> Order {
    Order {
        symptom: symptom(),
        product_id: product(),
        customer_name: customer(),
        phone_number: Some(phone()),
    }
}

fn opened() -> JobOpened {
    JobOpened {
        status: JobStatus::Requested,
        symptom: symptom(),
        product_id: product(),
        customer_name: customer(),
        phone_number: Some(phone()),
    }
}

fn asked(attempt: u32) -> AcceptanceAsked {
    AcceptanceAsked { engineer_name: "김도현".into(), product_id: product(), attempt }
}

fn short() -> PartsShort {
    PartsShort { status: JobStatus::OutOfStock, product_id: product() }
}

fn accepted() -> AsAccepted {
    AsAccepted {
        status: JobStatus::Accepted,
        engineer_name: "김도현".into(),
        price: won(5_000),
        symptom: symptom(),
        product_id: product(),
        customer_name: customer(),
        phone_number: Some(phone()),
    }
}

fn noted() -> CancelNoted {
    CancelNoted {}
}

fn canceled(engineer_name: Option<&str>, price: Option<Won>) -> AsCanceled {
    AsCanceled {
        status: JobStatus::Canceled,
        engineer_name: engineer_name.map(Into::into),
        price,
        symptom: symptom(),
        product_id: product(),
        customer_name: customer(),
        phone_number: Some(phone()),
    }
}

fn repaired() -> Repaired {
    Repaired {
        status: JobStatus::Repaired,
        engineer_name: "김도현".into(),
        price: won(5_000),
        symptom: symptom(),
        product_id: product(),
        customer_name: customer(),
        phone_number: Some(phone()),
    }
}

fn declined(attempt: u32) -> JobPaymentDeclined {
    JobPaymentDeclined { attempt, reason: "한도 초과".into() }
}

fn paid() -> JobPaid {
    JobPaid { status: JobStatus::Paid }
}
