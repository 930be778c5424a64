//! One kind of part on its shelf.

use std::collections::BTreeSet;

use kernel::{
    Either::{self, That, This},
    Evolve, Message, Recorded, Refuse, Whole,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::contract::{
    PartsConsumed, PartsReceived, PartsReleased, PartsReserved, ReservationRefused,
};
use crate::{
    service::port::{PartOnHand, Quote},
    words::{ProductCode, RequestId, Won},
};

/// Put parts on the shelf, or register one that is not there yet.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[of(ProductCode)]
pub struct ReceiveParts {
    pub related_product_id: ProductCode,
    pub stock: Whole<0, 100_000>,
    pub unit_price: Won,
}

/// Hold a part for this request.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[of(ProductCode)]
pub struct ReserveParts {
    pub request: RequestId,
    pub attempt: u32,
}

/// The part held for this request is built in.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[of(ProductCode)]
pub struct ConsumeParts {
    pub request: RequestId,
}

/// The part held for this request is not needed.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[of(ProductCode)]
pub struct ReleaseParts {
    pub request: RequestId,
}

/// **Invariant:** `received = available + held + consumed`. A part is either
/// available or held, so what is on hand is the two together, and `available`
/// is only ever taken from while it is above 0.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    available: u32,
    /// One part each.
    held: BTreeSet<RequestId>,
    unit_price: Won,
}

#[derive(Debug, PartialEq, Error)]
pub enum Refusal {
    #[error("there is no room for more than {} of one part", MOST)]
    NoRoom,
}

/// What fits on one shelf.
const MOST: u32 = 1_000_000;

pub fn receive(
    part: &Part,
    ReceiveParts { stock, unit_price, .. }: ReceiveParts,
) -> Result<PartsReceived, Refusal> {
    let stock = u32::try_from(stock.get()).unwrap_or(u32::MAX);
    match part.on_hand().saturating_add(stock) {
        0..=MOST => Ok(PartsReceived { stock, unit_price }),
        _ => Err(Refusal::NoRoom),
    }
}

/// The last part goes to whoever comes first.
pub fn reserve(
    part: &Part,
    ReserveParts { request, attempt }: ReserveParts,
) -> Either<Option<PartsReserved>, ReservationRefused> {
    match part.available {
        _ if part.held.contains(&request) => This(None),
        0 => That(ReservationRefused { request, attempt }),
        _ => This(Some(PartsReserved { request, unit_price: part.unit_price })),
    }
}

pub fn consume(part: &Part, ConsumeParts { request }: ConsumeParts) -> Option<PartsConsumed> {
    part.held.contains(&request).then_some(PartsConsumed { request })
}

pub fn release(part: &Part, ReleaseParts { request }: ReleaseParts) -> Option<PartsReleased> {
    part.held.contains(&request).then_some(PartsReleased { request })
}

pub fn on_hand(part: &Part, _: PartOnHand) -> Quote {
    Quote { available: part.available, unit_price: part.unit_price }
}

impl Part {
    pub fn on_hand(&self) -> u32 {
        let held = u32::try_from(self.held.len()).unwrap_or(u32::MAX);
        self.available.saturating_add(held)
    }
}

impl Refuse for Refusal {
    fn in_korean(&self) -> String {
        match self {
            Self::NoRoom => "부품 하나는 1,000,000개까지만 둘 수 있어요.".into(),
        }
    }
}

impl Evolve<PartsReceived> for Part {
    fn evolve(&mut self, received: &Recorded<PartsReceived>) {
        self.available += received.stock;
        self.unit_price = received.unit_price;
    }
}

impl Evolve<PartsReserved> for Part {
    fn evolve(&mut self, reserved: &Recorded<PartsReserved>) {
        self.available -= 1;
        self.held.insert(reserved.request);
    }
}

impl Evolve<ReservationRefused> for Part {
    fn evolve(&mut self, _: &Recorded<ReservationRefused>) {}
}

impl Evolve<PartsConsumed> for Part {
    fn evolve(&mut self, consumed: &Recorded<PartsConsumed>) {
        self.held.remove(&consumed.request);
    }
}

impl Evolve<PartsReleased> for Part {
    fn evolve(&mut self, released: &Recorded<PartsReleased>) {
        self.held.remove(&released.request);
        self.available += 1;
    }
}
