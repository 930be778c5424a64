//! The payment provider: it charges once for every key, and its answers get lost.

use std::{collections::BTreeMap, future::pending, sync::Arc, time::Duration};

use parking_lot::Mutex;
use runtime::{
    Failure, Standing,
    ports::{Outside, Pending},
};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    dice::Dice,
    laws::{U8, U10},
    life::Life,
    options::Business,
    world::{PROVIDER, World},
};

/// What the provider has written down; it outlives the process.
#[derive(Default)]
pub struct Record {
    /// Every charge, by its key.
    pub charges: BTreeMap<String, Charge>,
}

/// One charge.
#[derive(Debug, Clone)]
pub struct Charge {
    /// What it was for.
    pub order: String,
    /// How much.
    pub amount: u64,
    /// Whether the money came.
    pub captured: bool,
    /// How often it was asked for.
    pub asked: u32,
}

/// The way to the provider.
pub struct Provider {
    world: Arc<World>,
    life: Arc<Life>,
    dice: Mutex<Dice>,
}

impl Provider {
    /// The way to the provider from this process.
    #[must_use]
    pub fn of(world: &Arc<World>, life: &Arc<Life>) -> Self {
        let dice = Dice::of(world.options.seed, &format!("way of life {life}"));
        Self { world: Arc::clone(world), life: Arc::clone(life), dice: Mutex::new(dice) }
    }

    async fn charge(&self, body: &[u8], key: &str) -> Result<Vec<u8>, Failure> {
        let faults = &self.world.faults;
        self.looks_at_the_breaker();
        if self.life.ends(&self.world, "crash before an outside call is done") {
            return pending().await;
        }
        if faults.strike("the way to the provider panics") {
            std::panic::panic_any(crate::PANIC);
        }
        if faults.strike("a charge cannot be delivered") {
            return Err(Failure::unavailable(PROVIDER, "nobody listens"));
        }
        if faults.strike("a charge is refused as wrong") {
            return Err(Failure::fault("the provider cannot read the charge"));
        }
        let late = faults.strike("a charge is late");
        let (before, after) = {
            let mut dice = self.dice.lock();
            (dice.wait(0, 30), dice.wait(0, 30))
        };
        let lasts = || if late { faults.lasts("a charge is late") } else { Duration::ZERO };
        sleep(before + lasts()).await;
        if self.life.is_over() {
            return pending().await;
        }
        let answer = self.write_down(body, key)?;
        if self.life.ends(&self.world, "crash after an outside call is done") {
            return pending().await;
        }
        sleep(after + lasts()).await;
        if faults.strike("a charge is made, and its answer lost") {
            return Err(Failure::unavailable(PROVIDER, "its answer was lost"));
        }
        Ok(answer.to_string().into_bytes())
    }

    fn looks_at_the_breaker(&self) {
        let mut own = self.world.processes().into_iter();
        let Some(process) = own.find(|it| Arc::ptr_eq(&it.life, &self.life)) else { return };
        let traffic = process.runtime.traffic();
        if traffic.iter().any(|it| it.to == PROVIDER && it.breaker == Standing::HalfOpen) {
            self.world.faults.saw("a breaker lets a call try");
        }
    }

    fn write_down(&self, body: &[u8], key: &str) -> Result<Value, Failure> {
        let wish: Value = serde_json::from_slice(body)
            .map_err(|error| Failure::fault(format!("a charge: {error}")))?;
        let order = wish["orderId"].as_str().unwrap_or_default().to_owned();
        let amount = wish["amount"].as_u64().unwrap_or_default();
        let mut record = self.world.record.lock();
        let declined = self.world.faults.strike("a charge is declined");
        let charge = record.charges.entry(key.to_owned()).or_insert_with(|| {
            self.world.trace(None, format!("the provider charges {amount} for {order} ({key})"));
            Charge { order: order.clone(), amount, captured: !declined, asked: 0 }
        });
        charge.asked += 1;
        if charge.asked > 1 {
            self.world.faults.saw("a charge is asked for again");
        }
        if (&charge.order, charge.amount) != (&order, amount) {
            self.world.breaks(&U10, None, format!("the key {key} is used for two charges"));
        }
        self.world.looks(&U10);
        let request = |order: &str| order.rsplit_once('-').map(|(own, _)| own.to_owned());
        let of_the_same = |it: &&Charge| it.captured && request(&it.order) == request(&order);
        let captured = charge.captured;
        let times = record.charges.values().filter(of_the_same).count();
        if self.world.options.business == Business::Repair && times > 1 {
            self.world.breaks(&U8, None, format!("{order} is captured {times} times"));
        }
        if !captured {
            return Ok(json!({ "outcome": "declined", "reason": "한도 초과" }));
        }
        Ok(json!({ "outcome": "captured", "paymentKey": format!("pay-{order}") }))
    }
}

impl Outside for Provider {
    fn name(&self) -> &'static str {
        PROVIDER
    }

    fn fulfil<'a>(
        &'a self,
        _wish: &'a str,
        body: &'a [u8],
        key: &'a str,
    ) -> Pending<'a, Result<Vec<u8>, Failure>> {
        Box::pin(self.charge(body, key))
    }
}
