//! The rules of stock, by example, and its invariant in every history.

use std::collections::BTreeSet;

use kernel::{
    Either::{That, This},
    Evolve, Message, Recorded, To, Whole,
    spec::given,
};

use super::{
    contract::{PartsConsumed, PartsReceived, PartsReleased, PartsReserved, ReservationRefused},
    part::{
        ConsumeParts, Part, ReceiveParts, Refusal, ReleaseParts, ReserveParts, consume, on_hand,
        receive, release, reserve,
    },
    policy,
    view::StockRow,
};
use crate::{
    examples::{product, request, won},
    service::{
        contract::AcceptanceAsked,
        port::{PartOnHand, Quote},
    },
};

#[test]
fn parts_that_come_in_are_there() {
    given::<Part>().when(|part| receive(part, five(5_000))).then(Ok(received(5, 5_000)));
    given::<Part>().event(received(5, 5_000)).when(asked).then(quote(5, 5_000));
}

#[test]
fn more_of_a_part_is_added_to_what_is_there_and_changes_its_price() {
    given::<Part>()
        .event(received(5, 5_000))
        .event(received(2, 6_000))
        .when(asked)
        .then(quote(7, 6_000));
}

#[test]
fn a_part_may_be_registered_before_there_is_one() {
    let none = ReceiveParts { stock: Whole::new(0).unwrap(), ..five(5_000) };
    given::<Part>().when(|part| receive(part, none)).then(Ok(received(0, 5_000)));
}

#[test]
fn a_part_nobody_knows_is_not_there() {
    given::<Part>().when(asked).then(quote(0, 0));
}

#[test]
fn a_shelf_has_an_end() {
    given::<Part>()
        .event(received(999_995, 5_000))
        .when(|part| receive(part, five(5_000)))
        .then(Ok(received(5, 5_000)));
    given::<Part>()
        .event(received(999_996, 5_000))
        .event(reserved(1, 5_000))
        .when(|part| receive(part, five(5_000)))
        .then(Err(Refusal::NoRoom));
    let sentence = "there is no room for more than 1000000 of one part";
    assert_eq!(Refusal::NoRoom.to_string(), sentence);
}

#[test]
fn a_reserved_part_is_not_available_to_others() {
    given::<Part>()
        .event(received(1, 5_000))
        .when(|part| reserve(part, ReserveParts { request: request(1), attempt: 1 }))
        .then(This(Some(reserved(1, 5_000))));
    given::<Part>()
        .event(received(1, 5_000))
        .event(reserved(1, 5_000))
        .when(asked)
        .then(quote(0, 5_000));
}

#[test]
fn the_last_part_goes_to_whoever_comes_first() {
    given::<Part>()
        .event(received(1, 5_000))
        .event(reserved(1, 5_000))
        .when(|part| reserve(part, ReserveParts { request: request(2), attempt: 1 }))
        .then(That(ReservationRefused { request: request(2), attempt: 1 }));
}

#[test]
fn a_reservation_delivered_twice_holds_one_part() {
    given::<Part>()
        .event(received(1, 5_000))
        .event(reserved(1, 5_000))
        .when(|part| reserve(part, ReserveParts { request: request(1), attempt: 1 }))
        .then(This(None));
}

#[test]
fn a_new_price_holds_for_later_reservations() {
    given::<Part>()
        .event(received(2, 5_000))
        .event(reserved(1, 5_000))
        .event(received(0, 6_000))
        .when(|part| reserve(part, ReserveParts { request: request(2), attempt: 1 }))
        .then(This(Some(reserved(2, 6_000))));
}

#[test]
fn what_is_held_is_used_up_once() {
    given::<Part>()
        .event(received(2, 5_000))
        .event(reserved(1, 5_000))
        .when(|part| consume(part, ConsumeParts { request: request(1) }))
        .then(Some(consumed(1)));
    given::<Part>()
        .event(received(2, 5_000))
        .event(reserved(1, 5_000))
        .event(consumed(1))
        .when(|part| consume(part, ConsumeParts { request: request(1) }))
        .then(None);
}

#[test]
fn what_is_held_is_freed_once() {
    given::<Part>()
        .event(received(1, 5_000))
        .event(reserved(1, 5_000))
        .when(|part| release(part, ReleaseParts { request: request(1) }))
        .then(Some(released(1)));
    given::<Part>()
        .event(received(1, 5_000))
        .event(reserved(1, 5_000))
        .event(released(1))
        .when(|part| release(part, ReleaseParts { request: request(1) }))
        .then(None);
    given::<Part>()
        .event(received(1, 5_000))
        .event(reserved(1, 5_000))
        .event(released(1))
        .when(asked)
        .then(quote(1, 5_000));
}

#[test]
fn a_request_frees_and_uses_only_its_own() {
    let part = || given::<Part>().event(received(2, 5_000)).event(reserved(1, 5_000));
    part().when(|it| release(it, ReleaseParts { request: request(2) })).then(None);
    part().when(|it| consume(it, ConsumeParts { request: request(2) })).then(None);
}

#[test]
fn an_acceptance_reserves_the_part_of_its_product() {
    let asked =
        AcceptanceAsked { engineer_name: "김도현".into(), product_id: product(), attempt: 3 };
    let asked = Recorded { of: request(7), ..Recorded::example(asked) };
    let To(of, command) = policy::reserve_a_part_for_an_acceptance(&asked);
    assert_eq!((of, command.request, command.attempt), (product(), request(7), 3));
}

/// Seven steps, each of them anything that can be asked of a part, in every
/// order: nothing is lost, nothing is promised twice, and the row tells the truth.
#[test]
fn in_every_history_what_came_in_is_available_held_or_used_up() {
    let mut histories = 0;
    walk(&Shelf::default(), 7, &mut histories);
    assert_eq!(histories, 7_usize.pow(7));
}

fn walk(shelf: &Shelf, steps: u32, histories: &mut usize) {
    shelf.check();
    if steps == 0 {
        *histories += 1;
        return;
    }
    for choice in 0..7 {
        let mut next = shelf.clone();
        next.step(choice);
        walk(&next, steps - 1, histories);
    }
}

/// A part and its row, and beside them the same kept in the simplest way.
#[derive(Clone, Default)]
struct Shelf {
    part: Part,
    row: StockRow,
    came_in: u32,
    used_up: u32,
    holders: BTreeSet<u64>,
}

impl Shelf {
    fn step(&mut self, choice: u64) {
        let of = choice % 2 + 1;
        let request = request(of);
        match choice {
            0 | 1 => match reserve(&self.part, ReserveParts { request, attempt: 1 }) {
                This(Some(event)) => {
                    assert!(self.holders.insert(of));
                    self.happened(event);
                }
                This(None) => assert!(self.holders.contains(&of)),
                That(_) => assert_eq!(on_hand(&self.part, PartOnHand {}).available, 0),
            },
            2 | 3 => {
                if let Some(event) = consume(&self.part, ConsumeParts { request }) {
                    assert!(self.holders.remove(&of));
                    self.used_up += 1;
                    self.happened(event);
                }
            }
            4 | 5 => {
                if let Some(event) = release(&self.part, ReleaseParts { request }) {
                    assert!(self.holders.remove(&of));
                    self.happened(event);
                }
            }
            _ => {
                self.came_in += 1;
                self.happened(received(1, 5_000));
            }
        }
    }

    fn happened<E: Message>(&mut self, event: E)
    where
        Part: Evolve<E>,
        StockRow: Evolve<E>,
    {
        let event = Recorded::example(event);
        self.part.evolve(&event);
        self.row.evolve(&event);
    }

    fn check(&self) {
        let held = u32::try_from(self.holders.len()).unwrap();
        let available = on_hand(&self.part, PartOnHand {}).available;
        assert_eq!(self.came_in, available + held + self.used_up);
        assert_eq!(self.part.on_hand(), available + held);
        let StockRow { stock, reserved, available: shown, .. } = self.row;
        assert_eq!((stock, reserved, shown), (available + held, held, available));
    }
}

fn asked(part: &Part) -> Quote {
    on_hand(part, PartOnHand {})
}

fn five(price: u64) -> ReceiveParts {
    ReceiveParts {
        related_product_id: product(),
        stock: Whole::new(5).unwrap(),
        unit_price: won(price),
    }
}

fn quote(available: u32, price: u64) -> Quote {
    Quote { available, unit_price: won(price) }
}

fn received(stock: u32, price: u64) -> PartsReceived {
    PartsReceived { stock, unit_price: won(price) }
}

fn reserved(number: u64, price: u64) -> PartsReserved {
    PartsReserved { request: request(number), unit_price: won(price) }
}

fn consumed(number: u64) -> PartsConsumed {
    PartsConsumed { request: request(number) }
}

fn released(number: u64) -> PartsReleased {
    PartsReleased { request: request(number) }
}
