//! A business to store: a shop with orders and named parts, and its billing.

use std::sync::Arc;

use kernel::{
    Actor, Aggregate, Case, Cause, Context, Event, Evolve, Id, Indexed, Message, Record, Recorded,
    Subject, System, Time, View,
};
use runtime::store::{Batch, Changes, Layout, Row, Store, Thing};
use serde::{Deserialize, Serialize};

/// Whose number an order has.
pub enum Orders {}

/// Someone orders.
#[derive(Clone, Serialize, Deserialize, Message)]
#[of(Id<Orders>)]
pub struct PlaceOrder {}

/// Someone pays.
#[derive(Clone, Serialize, Deserialize, Message)]
#[of(Id<Orders>)]
pub struct PayOrder {}

/// Something was ordered.
#[derive(Clone, Serialize, Deserialize, Message)]
#[of(Id<Orders>)]
pub struct OrderPlaced {}

/// An order was paid.
#[derive(Clone, Serialize, Deserialize, Message)]
#[of(Id<Orders>)]
pub struct OrderPaid {}

/// An order.
#[derive(Clone, Default, Serialize, Deserialize, Message)]
#[of(Id<Orders>)]
pub struct Order {}

impl Evolve<OrderPlaced> for Order {
    fn evolve(&mut self, _: &Recorded<OrderPlaced>) {}
}

impl Evolve<OrderPaid> for Order {
    fn evolve(&mut self, _: &Recorded<OrderPaid>) {}
}

/// The shop, and who sends its bills.
#[must_use]
pub fn layout() -> Layout {
    let orders = Aggregate::named("Order")
        .decide(|_: &Order, _: PlaceOrder| OrderPlaced {})
        .decide(|_: &Order, _: PayOrder| OrderPaid {});
    of(orders, true)
}

/// A later shop that has forgotten how orders are paid, but not that they were.
#[must_use]
pub fn layout_without_paying() -> Layout {
    let orders = Aggregate::named("Order")
        .decide(|_: &Order, _: PlaceOrder| OrderPlaced {})
        .remember::<OrderPaid>();
    of(orders, true)
}

/// A later shop that shows nothing about the customer.
#[must_use]
pub fn layout_without_customers() -> Layout {
    let orders = Aggregate::named("Order")
        .decide(|_: &Order, _: PlaceOrder| OrderPlaced {})
        .decide(|_: &Order, _: PayOrder| OrderPaid {});
    of(orders, false)
}

fn of(orders: Aggregate<Order, Id<Orders>>, shows_customers: bool) -> Layout {
    let parts = Aggregate::<Order, Id<Orders>>::named("Part");
    let bills = Aggregate::<Order, Id<Orders>>::named("Bill").remember::<OrderPaid>();
    let mut list = View::<Order>::named("orders")
        .shows::<OrderPlaced>()
        .indexed("status", |_| Indexed::Nothing);
    if shows_customers {
        list = list.indexed("customer", |_| Indexed::Nothing);
    }
    let shop = Context::named("shop").aggregate(orders).aggregate(parts).view(list);
    let log = View::<Order>::named("log").shows::<OrderPlaced>();
    let billing = Context::named("billing").aggregate(bills).view(log);
    let contexts = vec![shop, billing];
    let title = kernel::Sentence::new("가게", "a shop");
    let system = System { name: "shop", folder: "shop", title, contexts };
    Layout::of(&system, &["shop", "billing"])
}

/// The first event of an order.
#[must_use]
pub fn placed(position: u64, number: u64) -> Event {
    event("OrderPlaced", position, ("Order", number), 1, "PlaceOrder")
}

/// The event after the first one.
#[must_use]
pub fn paid(position: u64, number: u64, version: u64) -> Event {
    event("OrderPaid", position, ("Order", number), version, "PayOrder")
}

/// Any event.
#[must_use]
pub fn event(
    name: &'static str,
    position: u64,
    (kind, number): (&'static str, u64),
    version: u64,
    command: &'static str,
) -> Event {
    let record = Record {
        context: "shop",
        position,
        of: Subject { kind, number, name: None },
        version,
        at: Time(1_700_000_000_000),
        by: Actor::new("kim", "customer"),
        case: Case { kind, number },
        cause: Cause { command, event: None },
        trace: None,
    };
    Event::stored(name, 1, br#"{"what":"it"}"#.as_slice().into(), record)
}

/// An order after that many events, the last of them there.
#[must_use]
pub fn order(number: u64, version: u64, last: u64) -> Thing {
    let state = format!(r#"{{"version":{version}}}"#);
    let case = Case { kind: "Order", number };
    Thing { kind: "Order", number, name: None, version, last, case, state: bytes(&state) }
}

/// A row of the list of orders.
#[must_use]
pub fn row(number: u64, version: u64, status: impl Into<Indexed>) -> Row {
    let indexed = vec![status.into(), Indexed::Nothing];
    let row = bytes(&format!(r#"{{"version":{version}}}"#));
    Row { view: "orders", number, version, row, indexed }
}

/// A text as it is stored.
#[must_use]
pub fn bytes(text: &str) -> Arc<[u8]> {
    text.as_bytes().into()
}

/// One commit in the shop alone.
#[must_use]
pub fn batch(fill: impl FnOnce(&mut Changes)) -> Batch {
    let mut changes = Changes::of("shop");
    fill(&mut changes);
    Batch { changes: vec![changes] }
}

/// The `number`th order, and the `number`th event.
#[must_use]
pub fn placing(number: u64) -> Batch {
    batch(|it| {
        it.events.push(placed(number, number));
        it.tallies.push(("OrderPlaced", number));
        it.things.push(order(number, 1, number));
        it.rows.push(row(number, 1, "placed"));
    })
}

/// Several orders, each in a commit of its own.
pub fn place(store: &dyn Store, numbers: std::ops::RangeInclusive<u64>) {
    for number in numbers {
        store.commit(&placing(number)).unwrap();
    }
}

/// All that is known of some events.
#[must_use]
pub fn told(events: &[Event]) -> Vec<(&'static str, u32, Arc<[u8]>, Record)> {
    events.iter().map(|it| (it.name, it.schema, Arc::clone(&it.body), Record::clone(it))).collect()
}

/// Where they stand in the journal.
#[must_use]
pub fn positions(events: &[Event]) -> Vec<u64> {
    events.iter().map(|event| event.position).collect()
}
