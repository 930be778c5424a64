//! The row a customer sees is the same in whatever order the journals are read.

use kernel::{Evolve, Message, Recorded, Sentence, Time};

use super::view::ProgressRow;
use crate::{
    examples::{customer, phone, product, symptom, token, won},
    payment::contract::{Paid, PaymentAsked, PaymentDeclined},
    request::contract::{CancelAsked, CancelDenied, ServiceCanceled, ServiceRequested},
    service::contract::{AsAccepted, AsCanceled, JobOpened, JobPaid, PartsShort, Repaired},
    status::{JobStatus, PayStatus},
};

type Step = Box<dyn Fn(&mut ProgressRow)>;

#[test]
fn a_repair_ends_in_the_same_row_in_every_interleaving() {
    let request = [at(1, requested()), at(8, cancel_asked()), at(10, cancel_denied())];
    let service = [
        at(2, opened()),
        at(3, short()),
        at(4, accepted()),
        at(5, repaired()),
        at(12, JobPaid { status: JobStatus::Paid }),
    ];
    let payment = [at(6, asked(1)), at(7, declined()), at(9, asked(2)), at(11, paid())];
    let rows = interleavings(&[&request, &service, &payment]);
    assert_eq!(rows.len(), 27_720, "12! / (3! · 5! · 4!)");
    for row in &rows {
        assert_eq!(row, &rows[0]);
    }
    let row = &rows[0];
    assert_eq!((row.status, row.service_date), (JobStatus::Paid, Some(Time(12))));
    assert_eq!((row.pay_status, row.pay_date), (Some(PayStatus::Paid), Some(Time(11))));
    assert_eq!((row.canceling, row.request_date), (false, Some(Time(1))));
    assert_eq!((row.price, row.engineer_name.as_deref()), (Some(won(5_000)), Some("김도현")));
    assert_eq!((&row.symptom, &row.symtom), (&Some(symptom()), &Some(symptom())));
    assert_eq!(row.token, Some(token()));
}

#[test]
fn a_cancel_ends_in_the_same_row_in_every_interleaving() {
    let request = [at(1, requested()), at(3, cancel_asked()), at(5, service_canceled())];
    let service = [at(2, opened()), at(4, as_canceled())];
    let rows = interleavings(&[&request, &service]);
    assert_eq!(rows.len(), 10);
    for row in &rows {
        assert_eq!(row, &rows[0]);
    }
    assert_eq!((rows[0].status, rows[0].canceling), (JobStatus::Canceled, false));
    assert_eq!(rows[0].service_date, Some(Time(4)));
}

#[test]
fn before_there_is_a_job_the_request_is_shown_as_requested() {
    let row = fold(&[&at(1, requested())]);
    assert_eq!((row.status, row.service_date), (JobStatus::Requested, None));
}

#[test]
fn a_cancel_under_way_is_shown() {
    assert!(fold(&[&at(1, requested()), &at(2, cancel_asked())]).canceling);
}

/// Every row that comes of reading these journals, each in its own order.
fn interleavings(journals: &[&[Step]]) -> Vec<ProgressRow> {
    let mut rows = Vec::new();
    read_on(&ProgressRow::default(), journals, &mut rows);
    rows
}

fn read_on(row: &ProgressRow, journals: &[&[Step]], rows: &mut Vec<ProgressRow>) {
    if journals.iter().all(|journal| journal.is_empty()) {
        rows.push(row.clone());
    }
    for (which, journal) in journals.iter().enumerate() {
        if let Some((next, rest)) = journal.split_first() {
            let (mut row, mut journals) = (row.clone(), journals.to_vec());
            next(&mut row);
            journals[which] = rest;
            read_on(&row, &journals, rows);
        }
    }
}

fn fold(steps: &[&Step]) -> ProgressRow {
    let mut row = ProgressRow::default();
    for step in steps {
        step(&mut row);
    }
    row
}

fn at<E: Message>(moment: i64, event: E) -> Step
where
    ProgressRow: Evolve<E>,
{
    let event = Recorded { at: Time(moment), ..Recorded::example(event) };
    Box::new(move |row| row.evolve(&event))
}

fn requested() -> ServiceRequested {
    ServiceRequested {
        symptom: symptom(),
        product_id: product(),
        customer_name: customer(),
        phone_number: Some(phone()),
        token: token(),
    }
}

fn cancel_asked() -> CancelAsked {
    CancelAsked {
        symptom: symptom(),
        product_id: product(),
        customer_name: customer(),
        phone_number: Some(phone()),
    }
}

fn service_canceled() -> ServiceCanceled {
    ServiceCanceled {
        symptom: symptom(),
        product_id: product(),
        customer_name: customer(),
        phone_number: Some(phone()),
    }
}

fn cancel_denied() -> CancelDenied {
    CancelDenied { reason: Sentence::new("너무 늦었어요.", "it is too late") }
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

fn as_canceled() -> AsCanceled {
    AsCanceled {
        status: JobStatus::Canceled,
        engineer_name: None,
        price: None,
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

fn asked(attempt: u32) -> PaymentAsked {
    PaymentAsked { amount: won(5_000), attempt, order_id: format!("AS-1-{attempt}") }
}

fn declined() -> PaymentDeclined {
    PaymentDeclined { attempt: 1, reason: "한도 초과".into() }
}

fn paid() -> Paid {
    Paid { price: won(5_000), payment_key: Some("key".into()) }
}
