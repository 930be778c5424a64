//! What the parts keeper sees.

use kernel::{Evolve, Message, Recorded};
use serde::{Deserialize, Serialize};

use super::contract::{PartsConsumed, PartsReceived, PartsReleased, PartsReserved};
use crate::words::{ProductCode, Won};

/// One kind of part.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[of(ProductCode)]
pub struct StockRow {
    pub related_product_id: Option<ProductCode>,
    /// On hand: reserved and available together.
    pub stock: u32,
    pub reserved: u32,
    pub available: u32,
    pub unit_price: Won,
}

impl Evolve<PartsReceived> for StockRow {
    fn evolve(&mut self, received: &Recorded<PartsReceived>) {
        self.related_product_id = Some(received.of.clone());
        self.stock += received.stock;
        self.available += received.stock;
        self.unit_price = received.unit_price;
    }
}

impl Evolve<PartsReserved> for StockRow {
    fn evolve(&mut self, _: &Recorded<PartsReserved>) {
        self.reserved += 1;
        self.available -= 1;
    }
}

impl Evolve<PartsConsumed> for StockRow {
    fn evolve(&mut self, _: &Recorded<PartsConsumed>) {
        self.stock -= 1;
        self.reserved -= 1;
    }
}

impl Evolve<PartsReleased> for StockRow {
    fn evolve(&mut self, _: &Recorded<PartsReleased>) {
        self.reserved -= 1;
        self.available += 1;
    }
}
