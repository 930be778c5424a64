//! A small business: orders are placed, packed from the shelf, and shipped.

use std::time::Duration;

use kernel::{
    Aggregate, Context, Either, Evolve, Id, Message, Question, Recorded, Refuse, Role, Sentence,
    Shape, System, Text, Time, To, Token, View, Whole, Wish, Word,
};
use serde::{Deserialize, Serialize};

use crate::words::{Phone, WareCode};

pub enum Order {}
pub type OrderId = Id<Order>;

pub const BUYER: Role = Role::new("buyer", "손님");
pub const CLERK: Role = Role::new("clerk", "점원");
pub const KEEPER: Role = Role::new("keeper", "창고지기");

pub fn system() -> System {
    let title = Sentence::new("작은 가게", "A small shop");
    System { name: "shop", folder: "small-shop", title, contexts: vec![front(), shelf()] }
}

fn front() -> Context {
    Context::named("front")
        .policy(bill_every_order)
        .policy_after(Duration::from_millis(100), arrive_after_a_while)
        .effect(charge_the_bill, note_the_charge)
        .aggregate(
            Aggregate::<OrderState, OrderId>::named("order")
                .at("orders")
                .decide(place)
                .by(&[BUYER, CLERK])
                .post()
                .decide_knowing(shelf_has, pack)
                .by(&[CLERK])
                .put("pack")
                .decide(ship)
                .by(&[CLERK])
                .put("ship")
                .settled_by::<Delivered>()
                .refused_by::<Lost>()
                .decide(arrive),
        )
        .aggregate(
            Aggregate::<Bill, OrderId>::named("bill").at("bills").decide(bill).post().decide(pay),
        )
        .view(
            View::<OrderRow>::named("orders")
                .shows::<Placed>()
                .shows::<Packed>()
                .shows::<Shipped>()
                .shows::<Delivered>()
                .shows::<Lost>()
                .indexed("what", |row| row.what.as_deref().into())
                .indexed("count", |row| i64::from(row.count).into())
                .indexed("status", |row| row.status.word().into())
                .indexed("placed", |row| row.placed.map(|it| it.0).into())
                .searched("findByWhat", "what")
                .found("of", "what"),
        )
        .view(View::<BillRow>::named("bills").shows::<Billed>().shows::<Paid>())
}

fn shelf() -> Context {
    Context::named("shelf")
        .aggregate(
            Aggregate::<Ware, WareCode>::named("ware")
                .at("wares")
                .decide(receive)
                .by(&[KEEPER])
                .post_to(|it: &ReceiveWare| it.code.clone())
                .answers(|ware: &Ware, _: ShelfHas| ware.left),
        )
        .view(
            View::<WareRow>::named("wares")
                .shows::<WareReceived>()
                .indexed("left", |row| i64::from(row.left).into()),
        )
        .view(
            View::<TrackRow>::named("tracks")
                .shows::<Placed>()
                .shows::<Shipped>()
                .shows::<Delivered>()
                .indexed("status", |row| row.status.word().into())
                .opened_by("token"),
        )
}

/// Order something.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[of(OrderId)]
pub struct PlaceOrder {
    /// What is wanted.
    #[serde(alias = "wat")]
    pub what: Text<1, 20>,
    pub count: Whole<1, 9>,
    #[serde(default)]
    pub remark: Option<Text<1, 30>>,
    #[serde(default)]
    pub by: Option<Time>,
    #[serde(default)]
    pub phone: Option<Phone>,
    #[serde(default)]
    pub gift: bool,
    #[given]
    #[serde(skip)]
    pub token: Token,
}

/// Take it from the shelf.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[serde(deny_unknown_fields)]
#[of(OrderId)]
pub struct PackOrder {}

/// Send it on its way.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[serde(deny_unknown_fields)]
#[of(OrderId)]
pub struct ShipOrder {}

/// It should be there by now.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(OrderId)]
pub struct Arrive {}

/// Write a bill.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(OrderId)]
pub struct WriteBill {
    pub amount: u32,
}

/// Note that it is paid.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(OrderId)]
pub struct NotePaid {}

/// Put wares on the shelf.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[serde(deny_unknown_fields)]
#[of(WareCode)]
pub struct ReceiveWare {
    pub code: WareCode,
    pub count: Whole<0, 100>,
}

/// How many are left on the shelf?
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[of(WareCode)]
pub struct ShelfHas {}

/// Take this much money.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[of(OrderId)]
pub struct Charge {
    pub amount: u32,
}

impl Question for ShelfHas {
    type Answer = u32;
    const OF: &'static str = "shelf";
}

impl Wish for Charge {
    type Answer = bool;
    const TO: &'static str = "bank";
}

/// An order was placed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[of(OrderId)]
pub struct Placed {
    pub what: Text<1, 20>,
    pub count: Whole<1, 9>,
    pub token: Token,
}

/// It is in its box.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[of(OrderId)]
pub struct Packed {}

/// It is on its way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[of(OrderId)]
pub struct Shipped {}

/// It is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[of(OrderId)]
pub struct Delivered {}

/// It never arrived.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message, thiserror::Error)]
#[of(OrderId)]
#[error("the parcel was lost")]
pub struct Lost {}

/// A bill was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[of(OrderId)]
pub struct Billed {
    pub amount: u32,
}

/// A bill was paid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[of(OrderId)]
pub struct Paid {}

/// Wares came in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[of(WareCode)]
pub struct WareReceived {
    pub code: WareCode,
    pub count: u32,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    #[default]
    Placed,
    Packed,
    Shipped,
    Delivered,
    Lost,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub struct OrderState {
    what: Option<Text<1, 20>>,
    status: Status,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Bill(bool);

#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Ware {
    left: u32,
}

/// One order.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Message)]
#[of(OrderId)]
pub struct OrderRow {
    pub what: Option<Text<1, 20>>,
    pub count: u32,
    pub status: Status,
    /// When it was placed.
    pub placed: Option<Time>,
    pub token: Option<Token>,
}

/// One bill.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Message)]
#[of(OrderId)]
pub struct BillRow {
    pub amount: u32,
    pub paid: bool,
}

/// One kind of ware.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Message)]
#[of(WareCode)]
pub struct WareRow {
    pub code: Option<WareCode>,
    pub left: u32,
}

/// Where an order is.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Message)]
#[of(OrderId)]
pub struct TrackRow {
    pub what: Option<Text<1, 20>>,
    pub status: Status,
    pub token: Option<Token>,
}

#[derive(Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("this was placed already")]
    Twice,
    #[error("the shelf is empty")]
    Empty,
    #[error("this order is not packed")]
    NotPacked,
    #[error("this order is packed already")]
    PackedAlready,
}

fn place(order: &OrderState, it: PlaceOrder) -> Result<Placed, Refusal> {
    let PlaceOrder { what, count, token, .. } = it;
    order.what.is_none().then_some(Placed { what, count, token }).ok_or(Refusal::Twice)
}

fn shelf_has(order: &OrderState, _: &PackOrder) -> Result<To<ShelfHas>, Refusal> {
    match order.status {
        Status::Placed => {
            let code = order.what.as_deref().unwrap_or("nothing");
            Ok(To(WareCode(Text::new(code).unwrap()), ShelfHas {}))
        }
        _ => Err(Refusal::PackedAlready),
    }
}

fn pack(_: &OrderState, _: PackOrder, left: u32) -> Result<Packed, Refusal> {
    if left > 0 { Ok(Packed {}) } else { Err(Refusal::Empty) }
}

fn ship(order: &OrderState, _: ShipOrder) -> Result<Shipped, Refusal> {
    if order.status == Status::Packed { Ok(Shipped {}) } else { Err(Refusal::NotPacked) }
}

fn arrive(order: &OrderState, _: Arrive) -> Either<Option<Delivered>, Lost> {
    match (order.status, order.what.as_deref()) {
        (Status::Shipped, Some("ghost")) => Either::That(Lost {}),
        (Status::Shipped, _) => Either::This(Some(Delivered {})),
        _ => Either::This(None),
    }
}

fn bill(bill: &Bill, WriteBill { amount }: WriteBill) -> Option<Billed> {
    (!bill.0).then_some(Billed { amount })
}

fn pay(_: &Bill, _: NotePaid) -> Paid {
    Paid {}
}

fn receive(ware: &Ware, it: ReceiveWare) -> Result<WareReceived, Refusal> {
    let count = u32::try_from(it.count.get()).unwrap_or(0);
    let room = ware.left.saturating_add(count) <= 1_000;
    room.then_some(WareReceived { code: it.code, count }).ok_or(Refusal::Twice)
}

fn bill_every_order(placed: &Recorded<Placed>) -> To<WriteBill> {
    To(placed.of, WriteBill { amount: 1000 * u32::try_from(placed.count.get()).unwrap_or(0) })
}

fn arrive_after_a_while(shipped: &Recorded<Shipped>) -> To<Arrive> {
    To(shipped.of, Arrive {})
}

fn charge_the_bill(billed: &Recorded<Billed>) -> Charge {
    Charge { amount: billed.amount }
}

fn note_the_charge(billed: &Recorded<Billed>, _: bool) -> To<NotePaid> {
    To(billed.of, NotePaid {})
}

impl Evolve<Placed> for OrderState {
    fn evolve(&mut self, event: &Recorded<Placed>) {
        self.what = Some(event.what.clone());
    }
}

impl Evolve<Placed> for OrderRow {
    fn evolve(&mut self, event: &Recorded<Placed>) {
        self.what = Some(event.what.clone());
        self.count = u32::try_from(event.count.get()).unwrap_or(0);
        self.placed = Some(event.at);
        self.token = Some(event.token.clone());
    }
}

impl Evolve<Placed> for TrackRow {
    fn evolve(&mut self, event: &Recorded<Placed>) {
        self.what = Some(event.what.clone());
        self.token = Some(event.token.clone());
    }
}

macro_rules! comes_to {
    ($($event:ident: $($state:ident)*;)*) => {$($(
        impl Evolve<$event> for $state {
            fn evolve(&mut self, _: &Recorded<$event>) {
                self.status = Status::$event;
            }
        }
    )*)*};
}

comes_to! {
    Packed: OrderState OrderRow;
    Shipped: OrderState OrderRow TrackRow;
    Delivered: OrderState OrderRow TrackRow;
    Lost: OrderState OrderRow;
}

impl Evolve<Billed> for Bill {
    fn evolve(&mut self, _: &Recorded<Billed>) {
        self.0 = true;
    }
}

impl Evolve<Paid> for Bill {
    fn evolve(&mut self, _: &Recorded<Paid>) {}
}

impl Evolve<Billed> for BillRow {
    fn evolve(&mut self, event: &Recorded<Billed>) {
        self.amount = event.amount;
    }
}

impl Evolve<Paid> for BillRow {
    fn evolve(&mut self, _: &Recorded<Paid>) {
        self.paid = true;
    }
}

impl Evolve<WareReceived> for Ware {
    fn evolve(&mut self, event: &Recorded<WareReceived>) {
        self.left += event.count;
    }
}

impl Evolve<WareReceived> for WareRow {
    fn evolve(&mut self, event: &Recorded<WareReceived>) {
        self.code = Some(event.code.clone());
        self.left += event.count;
    }
}

impl Refuse for Refusal {
    fn in_korean(&self) -> String {
        match self {
            Self::Twice => "이미 있어요.",
            Self::Empty => "선반이 비었어요.",
            Self::NotPacked => "아직 포장하지 않았어요.",
            Self::PackedAlready => "이미 포장했어요.",
        }
        .into()
    }
}

impl Refuse for Lost {
    fn in_korean(&self) -> String {
        "소포를 잃어버렸어요.".into()
    }
}

impl Status {
    pub fn word(self) -> &'static str {
        match self {
            Self::Placed => "PLACED",
            Self::Packed => "PACKED",
            Self::Shipped => "SHIPPED",
            Self::Delivered => "DELIVERED",
            Self::Lost => "LOST",
        }
    }
}

impl Word for Status {
    const SHAPE: Shape = Shape::OneOf(&["PLACED", "PACKED", "SHIPPED", "DELIVERED", "LOST"]);
}
