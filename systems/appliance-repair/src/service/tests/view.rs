//! The service list.

use kernel::{Evolve, Message, Recorded, Time};

use super::{accepted, canceled, declined, opened, paid, repaired, short};
use crate::{
    examples::{request, symptom, won},
    service::{contract::BecameReceivable, view::ServiceRow},
    status::{JobStatus, PayStatus},
};

#[test]
fn the_list_shows_what_is_wrong_from_the_first_moment() {
    let row = row(1, opened());
    assert_eq!((&row.symptom, &row.symtom), (&Some(symptom()), &Some(symptom())));
    assert_eq!((row.request_id, row.status), (Some(request(1)), JobStatus::Requested));
    assert_eq!((row.date, row.price, row.pay_status), (Some(Time(1)), None, None));
}

#[test]
fn the_list_follows_a_job_to_the_money() {
    let mut row = row(1, opened());
    row.evolve(&at(2, short()));
    assert_eq!((row.status, row.date), (JobStatus::OutOfStock, Some(Time(2))));
    row.evolve(&at(3, accepted()));
    assert_eq!((row.status, row.price), (JobStatus::Accepted, Some(won(5_000))));
    assert_eq!(row.engineer_name.as_deref(), Some("김도현"));
    row.evolve(&at(4, repaired()));
    assert_eq!((row.status, row.pay_status), (JobStatus::Repaired, Some(PayStatus::Pending)));
    row.evolve(&at(5, declined(1)));
    assert_eq!((row.status, row.pay_status), (JobStatus::Repaired, Some(PayStatus::Declined)));
    row.evolve(&at(6, BecameReceivable {}));
    assert!(row.receivable);
    row.evolve(&at(7, paid()));
    assert_eq!((row.status, row.pay_status), (JobStatus::Paid, Some(PayStatus::Paid)));
    assert_eq!((row.receivable, row.date), (false, Some(Time(7))));
}

#[test]
fn a_job_that_was_never_opened_is_listed_as_canceled_in_full() {
    let mut opened_first = row(1, opened());
    opened_first.evolve(&at(2, canceled(None, None)));
    assert_eq!(row(2, canceled(None, None)), opened_first);
    assert_eq!(opened_first.status, JobStatus::Canceled);
}

fn row<E: Message>(moment: i64, event: E) -> ServiceRow
where
    ServiceRow: Evolve<E>,
{
    let mut row = ServiceRow::default();
    row.evolve(&at(moment, event));
    row
}

fn at<E: Message>(moment: i64, event: E) -> Recorded<E> {
    Recorded { at: Time(moment), ..Recorded::example(event) }
}
